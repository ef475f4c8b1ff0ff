"""A pellet between blocking plungers: the cell for ionic conductivity and for DC polarization.

Ions charge the double layer of the plungers through R_SSE. Electrons leak through in parallel, and their
profile settles by diffusion: I/I_ss = 1 + a (8/pi^2) sum exp(-(2k+1)^2 t/tau)/(2k+1)^2 after a step.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from solbench.simulators.cell.branches import Branches
from solbench.simulators.cell.cell import Cell
from solbench.simulators.cell.description import quantity
from solbench.simulators.cell.electrolyte import Separator
from solbench.simulators.cell.elements import inductor

DIFFUSION_MODES = 6  # the next one is below 1 % of the first, and decays within 3 s


@dataclass(frozen=True)
class ElectronicParameters:
    """How the current settles after a voltage step; all are assumptions.

    `transient_amplitude` is the initial electronic excess over the steady current.
    """

    transient_amplitude: float = quantity("transient_amplitude", "1.5", above=0)
    time_constant_s: float = quantity("time_constant", "400 s", above=0)
    double_layer_F_m2: float = quantity("double_layer_capacitance", "20 uF/cm2", above=0)


class BlockingCell(Cell):
    """Solid electrolyte between two blocking plungers; it has no EMF."""

    def __init__(
        self,
        separator: Separator,
        electronic: ElectronicParameters,
        *,
        electronic_resistance_ohm: float,
        area_m2: float,
        inductance_H: float,
        temperature_K: float,
        temperature_drift_K_s: float = 0.0,
    ) -> None:
        super().__init__(temperature_K, temperature_drift_K_s)
        self._separator = separator
        self._electronic = electronic
        self._double_layer_F = electronic.double_layer_F_m2 * area_m2
        self._inductance_H = inductance_H
        self.electronic_resistance_ohm = electronic_resistance_ohm
        self._temperature_changed()
        self._capacitors_V: tuple[float, ...] = (0.0,) * (1 + DIFFUSION_MODES)

    @property
    def electrolyte_resistance_ohm(self) -> float:
        """Ionic resistance at the present temperature, in ohm."""
        return self._ionic_ohm

    def advance_current(self, dt_s: float, current_A: float) -> None:
        """Let `dt_s` pass at a constant current (A); exact for any length of step."""
        self._capacitors_V = self._branches.driven(self._capacitors_V, dt_s, current_A)
        self._count(current_A * dt_s)
        self._warm(dt_s)

    def advance_voltage(self, dt_s: float, voltage_V: float) -> float:
        """Hold the cell at `voltage_V` for `dt_s`; returns the charge (C), exact for any length of step."""
        before_A = self.current(voltage_V)
        before_V = self._capacitors_V
        self._capacitors_V, charge_C = self._branches.held(before_V, dt_s, voltage_V)
        if before_A * self.current(voltage_V) < 0:
            turn_s = self._turning_point(before_V, dt_s, voltage_V, before_A)
            first_C = self._branches.held(before_V, turn_s, voltage_V)[1]
            self._count(first_C)
            self._count(charge_C - first_C)
        else:
            self._count(charge_C)
        self._warm(dt_s)
        return charge_C

    def voltage(self, current_A: float) -> float:
        """Terminal voltage now, in V, at a current (A)."""
        return self._branches.voltage(self._capacitors_V, current_A)

    def current(self, voltage_V: float) -> float:
        """Current now, in A, at a held voltage (V)."""
        return self._branches.current(self._capacitors_V, voltage_V)

    def impedance(self, frequency_Hz: float) -> complex:
        """Impedance, in ohm."""
        ionic = self._separator.impedance(self._ionic_ohm, frequency_Hz)
        return inductor(self._inductance_H, frequency_Hz) + 1 / self._branches.admittance(frequency_Hz, ionic)

    def state(self) -> tuple[float, ...]:
        """Everything that changes."""
        return (*self._capacitors_V, self._temperature_K, self.charged_C, self.discharged_C)

    def restore(self, state: Sequence[float]) -> None:
        """Go back to what `state` returned."""
        self._check_length(state, len(self.state()))
        self._capacitors_V = tuple(state[:-3])
        self._temperature_K, self.charged_C, self.discharged_C = state[-3:]
        self._temperature_changed()

    def _temperature_changed(self) -> None:
        self._ionic_ohm = self._separator.resistance_ohm(self._temperature_K)
        ionic = (1 / self._ionic_ohm, self._ionic_ohm * self._double_layer_F)
        self._branches = Branches(1 / self.electronic_resistance_ohm, (ionic, *self._diffusion()))

    def _diffusion(self) -> list[tuple[float, float]]:
        """Branches whose currents after a step add up to the modes of diffusion: (S, s) each."""
        scale_S = self._electronic.transient_amplitude * 8 / math.pi**2 / self.electronic_resistance_ohm
        odd = [(2 * k + 1) ** 2 for k in range(DIFFUSION_MODES)]
        return [(scale_S / square, self._electronic.time_constant_s / square) for square in odd]

    def _turning_point(
        self, capacitors_V: Sequence[float], dt_s: float, voltage_V: float, before_A: float
    ) -> float:
        """Find when the current changes sign, in s, by bisection."""
        early_s, late_s = 0.0, dt_s
        while late_s - early_s > 1e-12 * dt_s:
            middle_s = (early_s + late_s) / 2
            after_V, _ = self._branches.held(capacitors_V, middle_s, voltage_V)
            if self._branches.current(after_V, voltage_V) * before_A > 0:
                early_s = middle_s
            else:
                late_s = middle_s
        return early_s
