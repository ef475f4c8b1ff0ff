"""Circuit fit: share of global minima and time, beside impedance.py. Run: python -m benchmarks.fit [seeds [theirs]].

61 points, 1 MHz to 1 Hz, 1 % noise on both parts; "global" means a sum of squares within 1 % of that of the
fit started at the truth. impedance.py starts at random, each parameter off by up to 1.5 decades, with its
`weight_by_modulus`; it runs on fewer seeds, since single fits take up to half a minute.
"""

import os
import sys
import time
import warnings

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from tests.analysis.cells import FREQUENCY_HZ, SCENARIOS, arc, cpe, noisy, spectrum, truth

from solbench.fitting.circuit_fit import fit, solve

CIRCUIT = "R0-p(R1,CPE1)-p(R2,CPE2)-CPE3"
NOISE = 0.01


def random_truth(seed: int) -> np.ndarray:
    """Parameters over several decades, both arcs at least in part inside the window."""
    draw = np.random.default_rng(seed)
    R0, R1, R2 = 10 ** draw.uniform(1, 4, 3)
    taus = np.sort(10 ** draw.uniform(-6.5, -1.0, 2))
    n1, n2 = draw.uniform(0.7, 1.0, 2)
    tail = 10 ** draw.uniform(-4, -2)
    return np.array(
        [R0, R1, taus[0] ** n1 / R1, n1, R2, taus[1] ** n2 / R2, n2, tail, draw.uniform(0.5, 0.95)]
    )


def impedance_of(p: np.ndarray) -> np.ndarray:
    """Impedance of the benchmark's circuit, written out apart from the fit's own elements."""
    f = FREQUENCY_HZ
    first = arc(f, p[1], (p[1] * p[2]) ** (1 / p[3]), p[3])
    second = arc(f, p[4], (p[4] * p[5]) ** (1 / p[6]), p[6])
    return p[0] + first + second + cpe(f, p[7], p[8])


def ceiling(z: np.ndarray, true: np.ndarray) -> float:
    """Sum of squares of the fit that starts at the truth."""
    problem = fit(FREQUENCY_HZ, z, CIRCUIT).solution.problem
    return solve(problem, np.log(true)[None, :]).cost


def own(z: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Values, sum of squares and CPU seconds of our fit."""
    begun = time.process_time()
    result = fit(FREQUENCY_HZ, z, CIRCUIT)
    took = time.process_time() - begun
    return np.array(list(result.values.values())), result.solution.cost, took


def theirs(z: np.ndarray, true: np.ndarray, seed: int) -> tuple[np.ndarray, float, float]:
    """Values, sum of squares and CPU seconds of impedance.py's fit from a random start."""
    from impedance.models.circuits import CustomCircuit

    draw = np.random.default_rng(seed)
    guess = true * 10 ** draw.uniform(-1.5, 1.5, len(true))
    guess[[3, 6, 8]] = draw.uniform(0.5, 1.0, 3)
    circuit = CustomCircuit(CIRCUIT, initial_guess=list(guess))
    begun = time.process_time()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            circuit.fit(FREQUENCY_HZ, z, weight_by_modulus=True)
    except (RuntimeError, ValueError):
        return guess, np.inf, time.process_time() - begun
    took = time.process_time() - begun
    cost = float(np.sum(np.abs((circuit.predict(FREQUENCY_HZ) - z) / np.abs(z)) ** 2))
    return np.asarray(circuit.parameters_), cost, took


def close(found: np.ndarray, true: np.ndarray) -> bool:
    """R0, R1 and R2 all within 5 %, whichever way the arcs are numbered."""
    swapped = found[[0, 4, 5, 6, 1, 2, 3, 7, 8]]
    wanted = [0, 1, 4]
    return any(bool(np.all(np.abs(p[wanted] / true[wanted] - 1) < 0.05)) for p in (found, swapped))


def row(label: str, outcomes: list[tuple[bool, bool, float]]) -> None:
    near, minimum = (100 * np.mean([o[k] for o in outcomes]) for k in (0, 1))
    ms = 1e3 * np.array([o[2] for o in outcomes])
    print(
        f"{label:28} n={len(outcomes):4d}  within 5 %: {near:5.1f} %  global: {minimum:5.1f} %  "
        f"ms {np.median(ms):7.1f} / {np.percentile(ms, 95):8.1f} / {ms.max():8.1f}",
        flush=True,
    )


def scenario(label: str, truths: list[np.ndarray], peer_seeds: int) -> None:
    ours, peer = [], []
    for seed, true in enumerate(truths):
        z = noisy(impedance_of(true), NOISE, seed)
        best = ceiling(z, true)
        found, cost, took = own(z)
        ours.append((close(found, true), cost < 1.01 * best, took))
        if seed < peer_seeds:
            found, cost, took = theirs(z, true, seed)
            peer.append((close(found, true), cost < 1.01 * best, took))
    row(f"{label}, own", ours)
    if peer:
        row(f"{label}, impedance.py", peer)


def main() -> None:
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    peer_seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    print("CPU time: median / 95 % / most")
    for name in SCENARIOS:
        assert np.allclose(impedance_of(truth(name)), spectrum(name))
        scenario(name, [truth(name)] * seeds, peer_seeds)
    scenario("random", [random_truth(seed) for seed in range(seeds)], peer_seeds)


if __name__ == "__main__":
    main()
