"""Spectra of half cells in windows of every kind: fresh, sodiated or run, with electrodes and noise drawn at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solbench.fitting.elements import Array, Complex
from solbench.simulators.cell import build_cell
from solbench.simulators.cell.half import HalfCell
from tests.analysis.cells import noisy
from tests.fitting.drawn_counters import CURRENT_A, QUARTER_S, REST_S, shipped

KINDS = {"fresh": 1, "sodiated": 1, "run": 5, "first ends early": 3, "run of a sodiated cell": 3}
"""Each with its number of spectra."""
_FEWEST = 8  # points


@dataclass(frozen=True)
class InWindow:
    """Spectra (Hz, ohm) of one cell, and what they are of: R_SSE (ohm)."""

    name: str
    kind: str
    spectra: list[tuple[Array, Complex]]
    sse_ohm: float


def in_window(seed: int) -> InWindow:
    """Draw a cell, electrodes, a window (0.1 Hz to 100 kHz, 100 kHz to 32 MHz), 3 to 20 points a decade, and noise."""
    rng = np.random.default_rng([4242, seed])

    def between(low: float, high: float) -> float:
        return float(np.exp(rng.uniform(np.log(low), np.log(high))))

    name, kind = ("nps", "nyzc", "nbh")[seed % 3], list(KINDS)[int(rng.integers(len(KINDS)))]
    whole = shipped(name)
    counter, tin = whole["simulation"]["counter"], whole["simulation"]["tin"]
    counter["charge_transfer_resistance"] = between(0.3, 30.0)
    counter["charge_transfer_capacitance"] = between(0.01, 0.2)
    counter["charge_transfer_exponent"] = float(rng.uniform(0.75, 0.95))
    counter["layer_capacitance"] = between(3e-4, 2e-3)
    if "ageing" in counter:
        counter["ageing"] |= {"resistance": between(0.3, 6.0)}
    tin["charge_transfer_resistance"] *= between(0.3, 10.0)
    tin["charge_transfer_capacitance"] = between(0.01, 0.1)
    sodiated = "sodiated" in kind
    if sodiated:
        whole["state_of_charge"] = float(rng.uniform(0.2, 0.95))
    cell = build_cell(whole)
    assert isinstance(cell, HalfCell)
    highest_Hz = between(1e5, 32e6) if rng.uniform() < 0.7 else float(rng.choice([1e5, 1e6]))
    first_Hz = between(0.1, 1e5) if rng.uniform() < 0.7 else 1.0
    later_Hz = between(0.1, 10.0) if kind == "first ends early" else first_Hz
    per_decade, noise = int(rng.integers(3, 21)), between(2e-4, 3e-3)
    cell.advance_current(between(60.0, 7200.0), 0.0)
    spectra = []
    for k in range(KINDS[kind]):
        if k:
            cell.advance_current(QUARTER_S, CURRENT_A * ((-1) ** k * 0.2 if sodiated else -1.0))
            cell.advance_current(REST_S, 0.0)
        lowest_Hz = min(later_Hz if k else first_Hz, highest_Hz / 30.0)
        points = max(round(np.log10(highest_Hz / lowest_Hz) * per_decade) + 1, _FEWEST)
        f = np.geomspace(highest_Hz, lowest_Hz, points)
        z = np.array([cell.impedance(float(hertz)) for hertz in f])
        spectra.append((f, noisy(z, noise, 1000 * seed + k)))
    return InWindow(name, kind, spectra, cell.electrolyte_resistance_ohm)
