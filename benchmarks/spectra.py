"""Lines of the table about spectra: a circuit fit, a Kramers-Kronig test, a distribution of relaxation times."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from benchmarks.figures import OWN, Figure, number, told

FITS = 5  # of impedance.py some take half a minute


def fitting(repeats: int) -> Iterator[Figure]:
    """A circuit with two arcs and a tail, 61 points, 0.1 % noise."""
    cost = Figure("fit of two arcs and a tail", "ms")
    wrong = Figure(f"fits of {FITS} with a resistance off by 5 %", "")
    with tempfile.TemporaryDirectory() as folder:
        for repeat in range(repeats):
            file = _spectra(Path(folder, f"{repeat}.json"), repeat)
            for program, way in ((OWN, "solbench"), ("impedance", "impedance_py"), ("fasteis", "fasteis")):
                text = told(program, "fitting.py", way, file)
                found = json.loads(text) if text else None
                cost.add(program, found["ms"] if found else None)
                wrong.add(program, found["wrong"] if found else None)
    yield cost
    yield wrong


def judging(repeats: int) -> Iterator[Figure]:
    """The same spectra tested, and inverted."""
    tested = Figure("Kramers-Kronig test of a spectrum", "ms")
    inverted = Figure("distribution of relaxation times", "ms")
    banded = Figure("the same with the band that the noise allows, of 100 draws", "ms")
    with tempfile.TemporaryDirectory() as folder:
        for repeat in range(repeats):
            file = _spectra(Path(folder, f"{repeat}.json"), repeat)
            for program, way in (
                (OWN, "solbench"),
                ("impedance", "impedance_py"),
                ("pyimpspec", "pyimpspec"),
            ):
                tested.add(program, number(program, "spectra.py", way, "kk", file))
            for program in (OWN, "pyimpspec"):
                inverted.add(program, number(program, "spectra.py", program, "drt", file))
            banded.add(OWN, number(OWN, "spectra.py", OWN, "band", file))
    yield tested
    yield inverted
    yield banded


def _spectra(file: Path, repeat: int) -> Path:
    file.write_text(json.dumps([_spectrum(100 * repeat + n) for n in range(FITS)]))
    return file


def _spectrum(seed: int) -> dict[str, list[float]]:
    """Draw a circuit and its spectrum from 1 MHz to 1 Hz."""
    draw = np.random.default_rng(seed)
    f = np.geomspace(1e6, 1.0, 61)
    ohm = 10 ** draw.uniform(1.5, 3.0, 3)
    tau_s = np.array([10 ** draw.uniform(-5.5, -4.5), 10 ** draw.uniform(-3.3, -2.3)])
    n, tail, slope = draw.uniform(0.8, 1.0, 2), 10 ** draw.uniform(-3.5, -2.5), draw.uniform(0.6, 0.95)
    omega = 2j * np.pi * f
    arcs = sum(r / (1 + (omega * t) ** k) for r, t, k in zip(ohm[1:], tau_s, n, strict=True))
    z = ohm[0] + arcs + 1 / (tail * omega**slope)
    z = z * (1 + 1e-3 * draw.standard_normal(61)) + 1e-3j * abs(z) * draw.standard_normal(61)
    cpe = tau_s**n / ohm[1:]
    truth = [ohm[0], ohm[1], cpe[0], n[0], ohm[2], cpe[1], n[1], tail, slope]
    return {
        "frequency_Hz": f.tolist(),
        "real_ohm": z.real.tolist(),
        "imaginary_ohm": z.imag.tolist(),
        "truth": [float(value) for value in truth],
    }
