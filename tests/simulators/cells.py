"""Small cells whose behaviour is known in closed form."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any


class SourceAndResistor:
    """An EMF behind a resistor, with a capacitor in parallel to the resistor where one is given."""

    def __init__(self, description: Mapping[str, Any], seed: int = 0) -> None:
        self.resistance_ohm = float(description.get("resistance_ohm", 100.0))
        self.emf_V = float(description.get("emf_V", 1.0))
        self.ramp_V_s = float(description.get("ramp_V_s", 0.0))
        self.capacitance_F = float(description.get("capacitance_F", 0.0))
        self.charged_C = self.discharged_C = 0.0

    @property
    def charge_C(self) -> float:
        return self.charged_C - self.discharged_C

    def advance_current(self, dt_s: float, current_A: float) -> None:
        if current_A > 0.0:
            self.charged_C += current_A * dt_s
        else:
            self.discharged_C -= current_A * dt_s
        self.emf_V += self.ramp_V_s * dt_s

    def advance_voltage(self, dt_s: float, voltage_V: float) -> float:
        current_A = self.current(voltage_V)
        self.advance_current(dt_s, current_A)
        return current_A * dt_s

    def voltage(self, current_A: float) -> float:
        return self.emf_V + current_A * self.resistance_ohm

    def current(self, voltage_V: float) -> float:
        return (voltage_V - self.emf_V) / self.resistance_ohm

    def impedance(self, frequency_Hz: float) -> complex:
        admittance = 1.0 / self.resistance_ohm + 2j * math.pi * frequency_Hz * self.capacitance_F
        return 1.0 / admittance

    def state(self) -> tuple[float, ...]:
        return (self.emf_V, self.charged_C, self.discharged_C)

    def restore(self, state: Sequence[float]) -> None:
        self.emf_V, self.charged_C, self.discharged_C = state
