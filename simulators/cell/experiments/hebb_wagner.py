"""Reversible | electrolyte | blocking, the cell of Hebb and Wagner: its steady current is that of electrons and holes.

Against the reversible electrode the blocking one sets the activity of sodium, so that both conductivities change with
the voltage: sigma(V) = sigma_0 + sigma_n exp(-V F/RT) + sigma_p exp((V - V_p) F/RT). The steady current is A/L times
its integral from 0 to V (Wagner, Z. Elektrochem. 60 (1956) 4), so that sigma = L/A dI/dV. Ions charge the double layer
of the blocking electrode, and the profile settles by diffusion, as between two blocking plungers.
"""

import math
from dataclasses import dataclass
from typing import Any

from solbench.simulators.cell.blocking import BlockingCell
from solbench.simulators.cell.description import quantity
from solbench.simulators.cell.elements import FARADAY_C_mol, GAS_J_mol_K

_MOST_FOLDS = 30.0
_STEP_S = 1.0


@dataclass(frozen=True)
class HebbWagnerParameters:
    """Conductivity of electrons at 0 V, that of holes at `hole_voltage`; all are assumptions.

    What does not change with the voltage is the record's electronic conductivity.
    """

    electrons_S_m: float = quantity("electron_conductivity", "1e-8 S/cm", at_least=0)
    holes_S_m: float = quantity("hole_conductivity", "1e-8 S/cm", at_least=0)
    hole_V: float = quantity("hole_voltage", "2.2 V", above=0)


class HebbWagnerCell(BlockingCell):
    """The blocking electrode on the positive terminal. It begins without voltage: nothing has polarized it."""

    def __init__(self, carriers: HebbWagnerParameters, *, per_S_m: float, **blocking: Any) -> None:
        self._carriers = carriers
        self._per_S_m = per_S_m  # A/L, m
        super().__init__(**blocking)

    def electronic_conductivity_S_m(self, voltage_V: float) -> float:
        """Conductivity (S/m) of electrons and holes at a voltage (V), which is L/A dI/dV when steady."""
        return 1 / (self.electronic_resistance_ohm * self._per_S_m) + self._slope(voltage_V)

    def advance_current(self, dt_s: float, current_A: float) -> None:
        """Let `dt_s` pass at a constant current (A), in steps of at most a second."""
        count = max(1, math.ceil(dt_s / _STEP_S))
        for _ in range(count if dt_s > 0.0 else 0):
            step_s = dt_s / count
            carried_A = self._carried_A(self.voltage(current_A))
            self._capacitors_V = self._branches.driven(self._capacitors_V, step_s, current_A - carried_A)
        self._count(current_A * dt_s)
        self._warm(dt_s)

    def advance_voltage(self, dt_s: float, voltage_V: float) -> float:
        """Hold the cell at `voltage_V` for `dt_s`; returns the charge (C)."""
        carried_C = self._carried_A(voltage_V) * dt_s
        charge_C = super().advance_voltage(dt_s, voltage_V)
        self._count(carried_C)
        return charge_C + carried_C

    def voltage(self, current_A: float) -> float:
        """Terminal voltage now, in V, at a current (A)."""
        low_V, high_V = -1.0, 1.0
        while self.current(low_V) > current_A:
            low_V *= 2.0
        while self.current(high_V) < current_A:
            high_V *= 2.0
        voltage_V = min(high_V, max(low_V, super().voltage(current_A)))
        for _ in range(200):
            excess_A = self.current(voltage_V) - current_A
            low_V, high_V = (low_V, voltage_V) if excess_A > 0.0 else (voltage_V, high_V)
            slope_S = self._branches.total_S + self._slope(voltage_V) * self._per_S_m
            found_V = voltage_V - excess_A / slope_S
            if not low_V < found_V < high_V:
                found_V = 0.5 * (low_V + high_V)
            if abs(found_V - voltage_V) <= 1e-14:
                break
            voltage_V = found_V
        return voltage_V

    def current(self, voltage_V: float) -> float:
        """Current now, in A, at a held voltage (V)."""
        return super().current(voltage_V) + self._carried_A(voltage_V)

    def impedance(self, frequency_Hz: float) -> complex:
        """Impedance, in ohm; the electrons' share is that at the present voltage."""
        slope_S = self._slope(self.voltage(0.0)) * self._per_S_m
        return 1 / (1 / super().impedance(frequency_Hz) + slope_S)

    @property
    def _thermal_V(self) -> float:
        return GAS_J_mol_K * self._temperature_K / FARADAY_C_mol

    def _folds(self, voltage_V: float) -> tuple[float, float]:
        """Conductivities of electrons and of holes at a voltage, S/m each."""
        carriers, thermal_V = self._carriers, self._thermal_V
        electrons = carriers.electrons_S_m * math.exp(min(-voltage_V / thermal_V, _MOST_FOLDS))
        holes = carriers.holes_S_m * math.exp(min((voltage_V - carriers.hole_V) / thermal_V, _MOST_FOLDS))
        return electrons, holes

    def _slope(self, voltage_V: float) -> float:
        return sum(self._folds(voltage_V))

    def _carried_A(self, voltage_V: float) -> float:
        """Current of electrons and holes beyond the constant part, in A, when steady."""
        electrons, holes = self._folds(voltage_V)
        at_electrons, at_holes = self._folds(0.0)
        return self._per_S_m * self._thermal_V * (at_electrons - electrons + holes - at_holes)
