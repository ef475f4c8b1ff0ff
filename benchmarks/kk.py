"""Lin-KK: noise found against noise put in, and time a spectrum. Run: python -m benchmarks.kk."""

import os
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from tests.analysis.cells import FREQUENCY_HZ, SCENARIOS, noisy, spectrum

from solbench.fitting.linear_kk import kramers_kronig


def measure(name: str, noise: float, seeds: int = 50) -> tuple[float, float, float]:
    """Mean and standard deviation of found/true noise, and median milliseconds a spectrum."""
    found, took = [], []
    for seed in range(seeds):
        z = noisy(spectrum(name), noise, seed)
        begun = time.perf_counter()
        found.append(kramers_kronig(FREQUENCY_HZ, z).residual / noise)
        took.append(time.perf_counter() - begun)
    return float(np.mean(found)), float(np.std(found)), 1e3 * float(np.median(took))


def main() -> None:
    print(f"{'spectrum':10} {'noise':>6} {'found/true':>10} {'spread':>7} {'ms':>6}")
    for name in SCENARIOS:
        for noise in (0.001, 0.003, 0.01):
            mean, spread, ms = measure(name, noise)
            print(f"{name:10} {noise:6.1%} {mean:10.3f} {spread:7.3f} {ms:6.2f}")


if __name__ == "__main__":
    main()
