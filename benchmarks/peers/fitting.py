"""What a circuit fit costs, run by a Python that has the peer: `fitting.py WAY FILE.json` prints its processor time.

The file holds `frequency_Hz`, `real_ohm`, `imaginary_ohm` and the `truth`. impedance.py starts at three times and a
third of the truth, by turns; Solbench is told nothing. Prints too how many fits have a resistance off by 5 %.
"""

from __future__ import annotations

import json
import math
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

CIRCUIT = "R0-p(R1,CPE1)-p(R2,CPE2)-CPE3"
RESISTANCES = (0, 1, 4)


def impedance_py(f: Any, z: Any, truth: Any) -> Any:
    """impedance.py's fit, weighted by the modulus."""
    from impedance.models.circuits import CustomCircuit

    factors = np.where(np.arange(len(truth)) % 2, 1 / 3, 3.0)
    factors[[3, 6, 8]] = 1.0  # exponents
    circuit = CustomCircuit(CIRCUIT, initial_guess=list(truth * factors))
    begun_s = time.process_time()
    circuit.fit(f, z, weight_by_modulus=True)
    return time.process_time() - begun_s, circuit.parameters_


def solbench(f: Any, z: Any, _truth: Any) -> Any:
    """Solbench's fit, without start values."""
    from solbench.fitting.circuit_fit import fit

    begun_s = time.process_time()
    found = fit(f, z, CIRCUIT)
    return time.process_time() - begun_s, np.array(list(found.values.values()))


def fasteis(f: Any, z: Any, _truth: Any) -> Any:
    """fasteis's fit from its own start values; its networks know this circuit not, and it says so."""
    import warnings

    import fasteis as peer

    warnings.simplefilter("ignore")
    circuit = peer.Circuit("R0-(R1,CPE1)-(R2,CPE2)-CPE3")
    begun_s = time.process_time()
    found = circuit.fit(f, z).params
    took_s = time.process_time() - begun_s
    arcs = sorted(
        ((found[f"R{k}.r"], found[f"CPE{k}.q"], found[f"CPE{k}.alpha"]) for k in (1, 2)),
        key=lambda arc: math.log(max(arc[0] * arc[1], 1e-300)) / max(arc[2], 0.1),  # of its time constant
    )
    return took_s, np.array([found["R0.r"], *arcs[0], *arcs[1], found["CPE3.q"], found["CPE3.alpha"]])


def main() -> None:
    """Fit each spectrum once; the first fit warms up what is loaded late."""
    way = {"impedance_py": impedance_py, "fasteis": fasteis, "solbench": solbench}[sys.argv[1]]
    spectra = json.loads(Path(sys.argv[2]).read_text())
    took, wrong = [], 0
    for number, one in enumerate([spectra[0], *spectra]):
        f, truth = np.array(one["frequency_Hz"]), np.array(one["truth"])
        z = np.array(one["real_ohm"]) + 1j * np.array(one["imaginary_ohm"])
        try:
            seconds, values = way(f, z, truth)
        except RuntimeError:  # it gave up
            seconds, values = float("nan"), np.full(len(truth), np.nan)
        if number:
            took.append(seconds)
            wrong += not bool(np.all(np.abs(values[list(RESISTANCES)] / truth[list(RESISTANCES)] - 1) < 0.05))
    print(json.dumps({"ms": 1e3 * float(np.nanmedian(took)), "wrong": wrong, "of": len(spectra)}))


if __name__ == "__main__":
    main()
