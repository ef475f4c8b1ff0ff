"""Dummy parts: what is clamped between the leads to learn what a bench does, in place of a cell.

-- inductance --+-- EMF -- series resistor -- (resistor beside capacitor) --+--
                +-- own capacitance ----------------------------------------+

A resistor, a short bar, an open holder, R-(R||C), a dry cell behind a resistor: all of them are this network. The
inductance and the own capacitance show in the impedance alone; their charges pass in nanoseconds.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from solbench.simulators.cell.cell import Cell
from solbench.simulators.cell.description import DescriptionError, quantity, read
from solbench.simulators.cell.elements import inductor
from solbench.simulators.unchecked import Block, Value


@dataclass(frozen=True)
class DummyParameters:
    """A part by its name; what it really is lies within `tolerance` of that, R and C alike."""

    series_ohm: float = quantity("resistance", "1000 ohm", above=0)
    parallel_ohm: float = quantity("parallel_resistance", "1000 ohm", at_least=0, default=0.0)
    capacitance_F: float = quantity("parallel_capacitance", "1 uF", at_least=0, default=0.0)
    emf_V: float = quantity("emf", "1.5 V", default=0.0)
    inductance_H: float = quantity("inductance", "8 nH", at_least=0, default=0.0)
    own_F: float = quantity("own_capacitance", "0.3 pF", at_least=0, default=0.0)
    tolerance: float = quantity("tolerance", "0.001", at_least=0, at_most=0.5, default=0.0)


def _resistor(ohm: float) -> Block:
    return {"resistance": ohm, "inductance": 8e-9, "own_capacitance": 0.3e-12, "tolerance": 1e-3}


_DRY_CELL: Block = {"emf": 1.55, "inductance": 30e-9, "tolerance": 1e-3}  # as new; inside it are some 0.4 ohm

PARTS: Mapping[str, Block] = MappingProxyType(
    {
        "10 ohm": _resistor(10.0),
        "100 ohm": _resistor(100.0),
        "1 kohm": _resistor(1e3),
        "10 kohm": _resistor(1e4),
        "100 kohm": _resistor(1e5),
        "1 Mohm": _resistor(1e6),
        "short bar": {"resistance": 0.5e-3, "inductance": 10e-9, "tolerance": 0.2},
        "open": {"resistance": 1e13, "own_capacitance": 0.2e-12},
        "R-(R||C)": {
            "resistance": 100.0,
            "parallel_resistance": 1e3,
            "parallel_capacitance": 1e-6,
            "inductance": 15e-9,
            "tolerance": 1e-3,
        },
        "dry cell and 10 kohm": {**_DRY_CELL, "resistance": 1e4},
        "dry cell and 100 ohm": {**_DRY_CELL, "resistance": 100.4},
        "dry cell": {**_DRY_CELL, "resistance": 0.4},
    }
)
"""The parts that a bench is commissioned with, SI: metal film of 0.1 %, a bar, a holder with nothing in it."""


class Dummy(Cell):
    """One dummy part. `true` is what it really is."""

    def __init__(self, true: DummyParameters, temperature_K: float = 298.15) -> None:
        super().__init__(temperature_K)
        self.true = true
        self._capacitor_V = 0.0

    @property
    def electrolyte_resistance_ohm(self) -> float:
        """Series resistance, in ohm."""
        return self.true.series_ohm

    def advance_current(self, dt_s: float, current_A: float) -> None:
        """Let `dt_s` pass at a constant current (A); exact for any length of step."""
        true = self.true
        steady_V = current_A * true.parallel_ohm
        tau_s = true.parallel_ohm * true.capacitance_F
        left = math.exp(-dt_s / tau_s) if tau_s else 0.0
        self._capacitor_V = steady_V + (self._capacitor_V - steady_V) * left
        self._count(current_A * dt_s)

    def advance_voltage(self, dt_s: float, voltage_V: float) -> float:
        """Hold the part at `voltage_V` for `dt_s`; returns the charge (C), exact for any length of step."""
        true, drive_V = self.true, voltage_V - self.true.emf_V
        first_A = self.current(voltage_V)
        steady_A = drive_V / (true.series_ohm + true.parallel_ohm)
        conductance_S = 1.0 / true.series_ohm + (1.0 / true.parallel_ohm if true.parallel_ohm else 0.0)
        tau_s = true.capacitance_F / conductance_S if true.parallel_ohm else 0.0
        left = math.exp(-dt_s / tau_s) if tau_s else 0.0
        self._capacitor_V = drive_V - true.series_ohm * (steady_A + (first_A - steady_A) * left)
        if steady_A * (steady_A + (first_A - steady_A) * left) >= 0.0 > first_A * steady_A:
            turned = -steady_A / (
                first_A - steady_A
            )  # what is left of the exponential when the current turns
            turn_s = -tau_s * math.log(turned)
            before_C = steady_A * turn_s + (first_A - steady_A) * tau_s * (1.0 - turned)
            self._count(before_C)
        else:
            before_C = 0.0
        charge_C = steady_A * dt_s + (first_A - steady_A) * tau_s * (1.0 - left)
        self._count(charge_C - before_C)
        return charge_C

    def voltage(self, current_A: float) -> float:
        """Terminal voltage now, in V, at a current (A)."""
        return self.true.emf_V + self._across_capacitor_V(current_A) + current_A * self.true.series_ohm

    def current(self, voltage_V: float) -> float:
        """Current now, in A, at a held voltage (V)."""
        true, drive_V = self.true, voltage_V - self.true.emf_V
        if not true.capacitance_F:
            return drive_V / (true.series_ohm + true.parallel_ohm)
        return (drive_V - self._capacitor_V) / true.series_ohm

    def impedance(self, frequency_Hz: float) -> complex:
        """Impedance, in ohm."""
        true, omega = self.true, 2j * math.pi * frequency_Hz
        parallel_ohm = true.parallel_ohm / (1.0 + omega * true.parallel_ohm * true.capacitance_F)
        inner_ohm = true.series_ohm + parallel_ohm
        return inductor(true.inductance_H, frequency_Hz) + inner_ohm / (1.0 + omega * true.own_F * inner_ohm)

    def state(self) -> tuple[float, ...]:
        """Everything that changes."""
        return (self._capacitor_V, self._temperature_K, self.charged_C, self.discharged_C)

    def restore(self, state: Sequence[float]) -> None:
        """Go back to what `state` returned."""
        self._check_length(state, len(self.state()))
        self._capacitor_V, self._temperature_K, self.charged_C, self.discharged_C = state

    def _across_capacitor_V(self, current_A: float) -> float:
        return self._capacitor_V if self.true.capacitance_F else current_A * self.true.parallel_ohm

    def _temperature_changed(self) -> None:
        """Do nothing: metal film does not care."""


def read_dummy(block: Value, path: str, seed: int) -> Dummy:
    """Make a part of its name in `PARTS`, or of a block of SI numbers; `seed` picks it from its tolerance.

    Raises `DescriptionError`.
    """
    if isinstance(block, str):
        if block not in PARTS:
            raise DescriptionError(path, f"is '{block}'", f"dummy parts are: {', '.join(PARTS)}")
        block = PARTS[block]
    named = read(DummyParameters, block, path)
    source = random.Random(f"{seed} {named}")

    def real(value: float) -> float:
        return value * (1.0 + source.uniform(-named.tolerance, named.tolerance))

    return Dummy(
        replace(
            named,
            series_ohm=real(named.series_ohm),
            parallel_ohm=real(named.parallel_ohm),
            capacitance_F=real(named.capacitance_F),
        )
    )
