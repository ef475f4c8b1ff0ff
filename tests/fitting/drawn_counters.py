"""Spectra of the simulated half cells at five states, with charge transfers and a counter electrode drawn at random."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

from solbench.protocols.cells import load_cell
from solbench.simulators.cell import build_cell
from solbench.simulators.cell.half import HalfCell
from tests.analysis.cells import noisy
from tests.analysis.halfcells import AREA_CM2, FREQUENCY_HZ

CURRENT_A = 0.16e-3 * AREA_CM2
QUARTER_S = 1.4 * 3.6 * AREA_CM2 / CURRENT_A / 4
REST_S = 1800.0


@dataclass(frozen=True)
class Counted:
    """Spectra (Hz, ohm) of one cell, and the resistance (ohm) of the interphases of both electrodes in each state."""

    spectra: list[tuple[np.ndarray, np.ndarray]]
    interphases_ohm: list[float]

    @property
    def growth_ohm(self) -> float:
        return self.interphases_ohm[-1] - self.interphases_ohm[0]


def shipped(name: str) -> dict[str, Any]:
    """What the simulator is told of a half cell that ships, in SI."""
    found: dict[str, Any] = copy.deepcopy(load_cell(name).build("half").simulated_cell())
    return found


def drawn(name: str, seed: int) -> dict[str, Any]:
    """The same with another charge transfer and another counter electrode."""
    rng = np.random.default_rng([7, seed])
    whole = shipped(name)

    def between(low: float, high: float) -> float:
        return float(np.exp(rng.uniform(np.log(low), np.log(high))))

    counter = whole["simulation"]["counter"]
    counter["charge_transfer_resistance"] = between(0.5, 20.0)
    counter["charge_transfer_capacitance"] = between(0.01, 0.2)
    counter["charge_transfer_exponent"] = float(rng.uniform(0.78, 0.95))
    counter["layer_capacitance"] = between(3e-4, 2e-3)
    counter["layer_exponent"] = float(rng.uniform(0.75, 0.9))
    if "ageing" in counter:
        counter["ageing"] |= {"resistance": between(1.0, 20.0), "exponent": float(rng.choice([0.5, 1.0]))}
    whole["simulation"]["tin"]["charge_transfer_resistance"] *= between(0.5, 2.0)
    return whole


def measured(description: dict[str, Any], noise: float, seed: int) -> Counted:
    """Rest before each spectrum, sodiate by a quarter of 1.4 mAh/cm2 behind it."""
    cell = build_cell(description)
    assert isinstance(cell, HalfCell)
    found = Counted([], [])
    for k in range(5):
        cell.advance_current(REST_S, 0.0)
        z = np.array([cell.impedance(float(f)) for f in FREQUENCY_HZ])
        found.spectra.append((FREQUENCY_HZ, noisy(z, noise, 1000 * seed + k)))
        found.interphases_ohm.append(cell.interfacial_resistance_ohm)
        cell.advance_current(QUARTER_S, -CURRENT_A)
    return found
