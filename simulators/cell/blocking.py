"""A pellet between blocking plungers: the cell for ionic conductivity and for DC polarization.

Ions charge the double layer of the plungers through R_SSE. Electrons leak through in parallel, and their
profile settles by diffusion: I/I_ss = 1 + a (8/pi^2) sum exp(-(2k+1)^2 t/tau)/(2k+1)^2 after a step.

Plungers of metal do not block like a capacitor: their double layer is a constant-phase element, 1/(Q (j omega)^n), and
there is a contact resistance before it. In series with the electrolyte's R that is Y = (1/R) s/(1 + s), s = (j omega
tau)^n with tau = (R Q)^(1/n): the sum over branches of R and C in series whose weights are those of Cole and Cole
(J. Chem. Phys. 9 (1941) 341), G(ln t/tau) = sin(n pi)/(2 pi (cosh(n ln t/tau) + cos(n pi))). A few of them carry
the time domain; the impedance has the element itself.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from solbench.simulators.cell.branches import Branches
from solbench.simulators.cell.cell import Cell
from solbench.simulators.cell.description import quantity
from solbench.simulators.cell.electrolyte import Separator
from solbench.simulators.cell.elements import inductor, slower

DIFFUSION_MODES = 6  # the next one is below 1 % of the first, and decays within 3 s


@dataclass(frozen=True)
class ElectronicParameters:
    """How the current settles after a voltage step; all are assumptions.

    `transient_amplitude` is the initial electronic excess over the steady current.
    """

    transient_amplitude: float = quantity("transient_amplitude", "1.5", above=0)
    time_constant_s: float = quantity("time_constant", "400 s", above=0)
    double_layer_F_m2: float = quantity("double_layer_capacitance", "20 uF/cm2", above=0)
    activation_J: float = quantity("activation_energy", "0.5 eV", at_least=0, default=0.0)


@dataclass(frozen=True)
class PlungerParameters:
    """Contacts of the plungers: a resistance in the ions' path, and the exponent of their double layer.

    The capacitance of the double layer is that of `electronic`, as the effective one, so that it blocks with the same
    time constant R C for any exponent. Contacts of 0.1 to 0.5 ohm are usual; all are assumptions.
    """

    contact_ohm: float = quantity("contact_resistance", "0.3 ohm", at_least=0, default=0.0)
    exponent: float = quantity("exponent", "0.92", above=0.5, at_most=1, default=1.0)


IDEAL_PLUNGERS = PlungerParameters()
_DECADES, _EACH = 3, 2  # of the branches around tau, to either side and in a decade


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
        plungers: PlungerParameters = IDEAL_PLUNGERS,
        reference_K: float = 298.15,
    ) -> None:
        super().__init__(temperature_K, temperature_drift_K_s)
        self._separator = separator
        self._electronic = electronic
        self.plungers = plungers
        self._electronic_reference_ohm = electronic_resistance_ohm
        self._reference_K = reference_K
        self._double_layer_F = electronic.double_layer_F_m2 * area_m2
        self._inductance_H = inductance_H
        self._temperature_changed()
        self._capacitors_V: tuple[float, ...] = (0.0,) * (self._ionic_branches + DIFFUSION_MODES)

    @property
    def electrolyte_resistance_ohm(self) -> float:
        """Ionic resistance at the present temperature, in ohm."""
        return self._ionic_ohm

    @property
    def grain_boundary_resistance_ohm(self) -> float:
        """What of that the grain boundaries have, in ohm."""
        return self._boundary_ohm

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
        plungers = self.plungers
        pellet = self._separator.impedance(self._ionic_ohm, frequency_Hz, self._boundary_ohm)
        omega = 2j * math.pi * frequency_Hz
        resistance_ohm = self._ionic_ohm + plungers.contact_ohm
        if plungers.exponent == 1.0:
            blocking_S = omega * (1 / resistance_ohm) * (resistance_ohm * self._double_layer_F)
        else:
            turn = (omega * resistance_ohm * self._double_layer_F) ** plungers.exponent
            blocking_S = turn / resistance_ohm
        ions_ohm = pellet + plungers.contact_ohm + 1 / blocking_S
        whole_S = self._branches.admittance(frequency_Hz, ions_ohm, self._ionic_branches)
        return inductor(self._inductance_H, frequency_Hz) + 1 / whole_S

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
        self._boundary_ohm = self._separator.boundary_ohm(self._temperature_K)
        factor = slower(self._electronic.activation_J, self._temperature_K, self._reference_K)
        self.electronic_resistance_ohm = self._electronic_reference_ohm * factor
        ionic = self._ionic()
        self._ionic_branches = len(ionic)
        self._branches = Branches(1 / self.electronic_resistance_ohm, (*ionic, *self._diffusion()))

    def _ionic(self) -> list[tuple[float, float]]:
        """Branches of the ions' path: (S, s) each; one where the plungers block ideally."""
        resistance_ohm = self._ionic_ohm + self.plungers.contact_ohm
        tau_s, n = resistance_ohm * self._double_layer_F, self.plungers.exponent
        if n == 1.0:
            return [(1 / resistance_ohm, tau_s)]
        edges = [(k + 0.5) / _EACH * math.log(10) for k in range(-_DECADES * _EACH, _DECADES * _EACH)]
        below = [0.0, *(_share_below(edge, n) for edge in edges), 1.0]
        shares = [late - early for early, late in pairwise(below)]
        places = [k / _EACH * math.log(10) for k in range(-_DECADES * _EACH, _DECADES * _EACH + 1)]
        return [
            (share / resistance_ohm, tau_s * math.exp(place))
            for place, share in zip(places, shares, strict=True)
        ]

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


def _share_below(place: float, exponent: float) -> float:
    """Share of the relaxations whose time constant is below e^`place` times the middle one (Cole and Cole, 1941)."""
    half = math.tan(exponent * math.pi / 2) * math.tanh(exponent * place / 2)
    return 0.5 + math.atan(half) / (exponent * math.pi)
