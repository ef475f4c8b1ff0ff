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
from solbench.simulators.cell.branches import Branches
from solbench.simulators.cell.description import quantity
from solbench.simulators.cell.elements import FARADAY_C_mol, GAS_J_mol_K

_MOST_FOLDS = 30.0
_WRONG_V, _LEAST_S = 1e-5, 1e-6  # of a step: by how much it may be wrong, and that it is never shorter
_SLOPES = 8  # in a factor of two: so near to the slope of what the electrons carry is that of a network


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
        self._networks: dict[int, Branches] = {}
        super().__init__(**blocking)

    def electronic_conductivity_S_m(self, voltage_V: float) -> float:
        """Conductivity (S/m) of electrons and holes at a voltage (V), which is L/A dI/dV when steady."""
        return 1 / (self.electronic_resistance_ohm * self._per_S_m) + self._slope(voltage_V)

    def advance_current(self, dt_s: float, current_A: float) -> None:
        """Let `dt_s` pass at a constant current (A), in steps in which the electrons carry what a line says."""
        left_s = step_s = dt_s
        while left_s > 0.0:
            step_s = min(step_s, left_s)
            after_V, wrong_V = self._driven(step_s, current_A)
            shorter = min(5.0, 0.9 * (_WRONG_V / max(wrong_V, 1e-12)) ** 0.5)
            if wrong_V > _WRONG_V and step_s > _LEAST_S:
                step_s = max(step_s * max(shorter, 0.1), _LEAST_S)
                continue
            self._capacitors_V = after_V
            left_s -= step_s
            step_s *= max(shorter, 0.1)
        self._count(current_A * dt_s)
        self._warm(dt_s)

    def _driven(self, step_s: float, current_A: float) -> tuple[tuple[float, ...], float]:
        """Return the capacitors after a step at a constant current (A), and by how much their voltage may be wrong (V).

        What the electrons carry is a straight line about the present voltage; half of what it is beyond that line at
        the end is taken off throughout.
        """
        begin_V = self.voltage(current_A)
        slope_S, network = self._network(self._slope(begin_V) * self._per_S_m)
        source_A = current_A - self._carried_A(begin_V) + slope_S * begin_V
        after_V = network.driven(self._capacitors_V, step_s, source_A)
        end_V = network.voltage(after_V, source_A)
        beyond_A = self._carried_A(end_V) + source_A - slope_S * end_V - current_A
        after_V = network.driven(self._capacitors_V, step_s, source_A - 0.5 * beyond_A)
        return after_V, abs(beyond_A) * (1 / network.total_S + step_s / (3 * self._double_layer_F))

    def _network(self, slope_S: float) -> tuple[float, Branches]:
        """Return a network with a leak for the electrons beside it, and that leak, near to their `slope_S` (S)."""
        place = round(_SLOPES * math.log2(slope_S)) if slope_S else -_SLOPES * 100
        leak_S = 2.0 ** (place / _SLOPES)
        if place not in self._networks:
            self._networks[place] = self._branches.leaking(leak_S)
        return leak_S, self._networks[place]

    def advance_voltage(self, dt_s: float, voltage_V: float) -> float:
        """Hold the cell at `voltage_V` for `dt_s`; returns the charge (C)."""
        carried_C = self._carried_A(voltage_V) * dt_s
        charge_C = super().advance_voltage(dt_s, voltage_V)
        self._count(carried_C)
        return charge_C + carried_C

    def voltage(self, current_A: float) -> float:
        """Terminal voltage now, in V, at a current (A)."""
        total_S, without_V = self._branches.total_S, super().voltage(current_A)
        # What electrons and holes carry has the sign of the voltage, and takes it towards zero.
        low_V, high_V = min(0.0, without_V), max(0.0, without_V)
        voltage_V = without_V
        for _ in range(200):
            carried_A, carried_S = self._carried(voltage_V)
            excess_A = total_S * (voltage_V - without_V) + carried_A
            low_V, high_V = (low_V, voltage_V) if excess_A > 0.0 else (voltage_V, high_V)
            found_V = voltage_V - excess_A / (total_S + carried_S)
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

    def _temperature_changed(self) -> None:
        super()._temperature_changed()
        self._networks.clear()

        self._thermal_V = GAS_J_mol_K * self._temperature_K / FARADAY_C_mol
        electrons, holes = self._folds(0.0)
        self._at_zero_S_m = holes - electrons

    def _folds(self, voltage_V: float) -> tuple[float, float]:
        """Conductivities of electrons and of holes at a voltage, S/m each."""
        carriers, thermal_V = self._carriers, self._thermal_V
        electrons, holes = -voltage_V / thermal_V, (voltage_V - carriers.hole_V) / thermal_V
        return (
            carriers.electrons_S_m * math.exp(electrons if electrons < _MOST_FOLDS else _MOST_FOLDS),
            carriers.holes_S_m * math.exp(holes if holes < _MOST_FOLDS else _MOST_FOLDS),
        )

    def _slope(self, voltage_V: float) -> float:
        return sum(self._folds(voltage_V))

    def _carried(self, voltage_V: float) -> tuple[float, float]:
        """Current of electrons and holes beyond the constant part, in A, when steady, and its slope, in S."""
        electrons, holes = self._folds(voltage_V)
        current_A = self._per_S_m * self._thermal_V * (holes - electrons - self._at_zero_S_m)
        return current_A, self._per_S_m * (electrons + holes)

    def _carried_A(self, voltage_V: float) -> float:
        return self._carried(voltage_V)[0]
