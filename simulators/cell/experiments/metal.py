"""Sodium metal | electrolyte | sodium metal: stripping and plating, their critical current density, and short circuits.

V = I (R_SSE + both interphases) + both charge transfers + concentration polarization; no EMF. Positive current strips
the electrode on the positive terminal and plates the other. Above the critical current density sodium grows into the
electrolyte from the plated side; what has grown is stripped first when the current turns. Deep enough it is a soft
short, a resistance beside the electrolyte that goes away with it; through the electrolyte it is a hard one for good.
Stripped beyond what is in contact, an electrode loses area, and its charge transfer grows.

In an electrolyte whose transference number is below 1 a direct current builds up a concentration, whose resistance is
R_SSE (1/t - 1): what Bruce and Vincent (J. Electroanal. Chem. 225 (1987) 1) measure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from solbench.simulators.cell import butler_volmer
from solbench.simulators.cell.alloy import AlloyCell, InnerState
from solbench.simulators.cell.description import quantity
from solbench.simulators.cell.electrolyte import Separator
from solbench.simulators.cell.elements import arc, slower
from solbench.simulators.cell.interphase import AnyLayerState, Interphase
from solbench.simulators.cell.tail import Tail

_STEP_S = 1.0  # while sodium grows into the electrolyte, or beside a short
_LEAST_CONTACT = 0.02


@dataclass(frozen=True)
class MetalParameters:
    """Kinetics of each electrode, and when it shorts; all are assumptions.

    Above `critical_current_density` j_c a plated charge q grows through the share (j/j_c - 1) q/`short_charge` of the
    electrolyte. From `soft_from` on that is a soft short of `soft_short_resistance`, at 1 a hard one. `sodium` is the
    charge that can be stripped before contact is lost. `transference_number` is that of sodium, 1 for a single-ion
    conductor; its polarization settles within `concentration_time`.
    """

    charge_transfer_ohm: float = quantity("charge_transfer_resistance", "20 ohm", above=0)
    capacitance_F_m2: float = quantity("charge_transfer_capacitance", "1 uF/cm2", above=0)
    exponent: float = quantity("charge_transfer_exponent", "0.9", above=0, at_most=1)
    critical_A_m2: float = quantity("critical_current_density", "0.5 mA/cm2", above=0)
    short_C_m2: float = quantity("short_charge", "0.2 mAh/cm2", above=0)
    soft_ohm: float = quantity("soft_short_resistance", "300 ohm", above=0)
    hard_ohm: float = quantity("short_resistance", "5 ohm", above=0)
    sodium_C_m2: float = quantity("sodium", "10 mAh/cm2", above=0)
    soft_from: float = quantity("soft_from", "0.7", above=0, at_most=1, default=0.7)
    transference_number: float = quantity("transference_number", "1", above=0, at_most=1, default=1.0)
    concentration_s: float = quantity("concentration_time", "600 s", at_least=1, default=600.0)
    activation_J: float = quantity("activation_energy", "0.45 eV", at_least=0, default=0.0)


class MetalState(NamedTuple):
    """Areal charge plated, net, and how far sodium has grown from here into the electrolyte, as a share of it."""

    plated_C_m2: float = 0.0
    grown: float = 0.0


class MetalCell(AlloyCell):
    """Two equal electrodes of sodium metal."""

    _ages = True

    def __init__(
        self,
        parameters: MetalParameters,
        interphase: Interphase,
        separator: Separator,
        tail: Tail,
        *,
        area_m2: float,
        reference_K: float = 298.15,
        **common: float,
    ) -> None:
        self._parameters, self._interphase = parameters, interphase
        self._reference_K = reference_K
        self._capacitance_F = parameters.capacitance_F_m2 * area_m2
        layer = interphase.start()
        super().__init__(
            (MetalState(), layer, MetalState(), layer), separator, tail, area_m2=area_m2, **common
        )

    @property
    def short(self) -> str:
        """What is truly between the electrodes: `none`, `soft` or `hard`."""
        grown = self.grown
        return "hard" if grown >= 1.0 else "soft" if grown >= self._parameters.soft_from else "none"

    @property
    def grown(self) -> float:
        """How far sodium has grown into the electrolyte, from the side from which it is further, as a share of it."""
        one, _, other, _ = self._inside
        return float(max(one.grown, other.grown))

    @property
    def critical_A_m2(self) -> float:
        """Critical current density, in A/m2."""
        return self._parameters.critical_A_m2

    @property
    def transference_number(self) -> float:
        """Transference number of sodium."""
        return self._parameters.transference_number

    @property
    def plated_C(self) -> tuple[float, float]:
        """Net charge plated on the positive and on the negative electrode, in C."""
        return self._inside[0].plated_C_m2 * self._area_m2, self._inside[2].plated_C_m2 * self._area_m2

    @property
    def interface_resistance_ohm(self) -> float:
        """Resistance of both interphases, in ohm."""
        return self._layers_ohm(self._inside)

    def advance_current(self, dt_s: float, current_A: float) -> None:
        """Let `dt_s` pass at a constant current (A); in steps of a second where something grows or is shorted."""
        if not current_A or not self._is_lively(current_A):
            super().advance_current(dt_s, current_A)
            return
        while dt_s > 0.0:
            step_s = min(dt_s, _STEP_S)
            shunt_S = self._shunt_S()
            inner_A = self._inner_A(current_A, shunt_S) if shunt_S else current_A
            super().advance_current(step_s, inner_A)
            self._count((current_A - inner_A) * step_s)
            dt_s -= step_s

    def advance_voltage(self, dt_s: float, voltage_V: float) -> float:
        """Hold the cell at `voltage_V` for `dt_s`; returns the charge (C)."""
        before_C = self.charge_C
        while dt_s > 0.0:
            step_s = min(dt_s, _STEP_S) if self._is_lively(self.current(voltage_V)) else dt_s
            past_S = self._shunt_S()
            super().advance_voltage(step_s, voltage_V)
            self._count(past_S * voltage_V * step_s)
            dt_s -= step_s
        return self.charge_C - before_C

    def voltage(self, current_A: float) -> float:
        """Terminal voltage now, in V, at a current (A)."""
        shunt_S = self._shunt_S()
        if not shunt_S:
            return super().voltage(current_A)
        return (current_A - self._inner_A(current_A, shunt_S)) / shunt_S

    def current(self, voltage_V: float) -> float:
        """Current now, in A, at a held voltage (V)."""
        return super().current(voltage_V) + self._shunt_S() * voltage_V

    def impedance(self, frequency_Hz: float) -> complex:
        """Small-signal impedance of the present state, in ohm."""
        return 1 / (1 / super().impedance(frequency_Hz) + self._shunt_S())

    def _is_lively(self, current_A: float) -> bool:
        """Whether a current makes sodium grow or shrink in the electrolyte, or flows beside a short."""
        return self.grown > 0.0 or abs(current_A) > self._parameters.critical_A_m2 * self._area_m2

    def _shunt_S(self) -> float:
        grown = self.grown
        if grown >= 1.0:
            return 1 / self._parameters.hard_ohm
        return 1 / self._parameters.soft_ohm if grown >= self._parameters.soft_from else 0.0

    def _inner_A(self, current_A: float, shunt_S: float) -> float:
        """What of a current (A) passes through the electrolyte beside a short."""
        inside, tail_V = self._seen(self._inside, self._tail_V)
        drive_V, ohm = current_A / shunt_S - tail_V, self._ohmic(inside) + 1 / shunt_S
        return butler_volmer.current(drive_V, ohm, self._transfers_ohm(inside), self._temperature_K)

    def _after(self, charge_C: float) -> InnerState:
        one, layer, other, other_layer = self._inside
        passed_C_m2 = charge_C / self._area_m2
        return (
            one._replace(plated_C_m2=one.plated_C_m2 - passed_C_m2),
            layer,
            other._replace(plated_C_m2=other.plated_C_m2 + passed_C_m2),
            other_layer,
        )

    def _aged(self, before: InnerState, inside: InnerState, dt_s: float) -> InnerState:
        one, layer, other, other_layer = inside
        aged = self._interphase.aged
        return (
            self._grown(before[0], one, dt_s),
            aged(layer, dt_s),
            self._grown(before[2], other, dt_s),
            aged(other_layer, dt_s),
        )

    def _grown(self, before: MetalState, after: MetalState, dt_s: float) -> MetalState:
        plated_C_m2 = after.plated_C_m2 - before.plated_C_m2
        if plated_C_m2 == 0.0 or dt_s <= 0.0 or before.grown >= 1.0:
            return after
        parameters = self._parameters
        if plated_C_m2 < 0.0:
            return after._replace(grown=max(0.0, before.grown + plated_C_m2 / parameters.short_C_m2))
        beyond = plated_C_m2 / dt_s / parameters.critical_A_m2 - 1.0
        if beyond <= 0.0:
            return after
        return after._replace(grown=min(1.0, before.grown + beyond * plated_C_m2 / parameters.short_C_m2))

    def _emf_V(self, inside: InnerState) -> float:
        return 0.0

    def _layers_ohm(self, inside: InnerState) -> float:
        layers: Sequence[AnyLayerState] = (inside[1], inside[3])
        return sum(self._interphase.resistance_ohm(layer) for layer in layers)

    def _transfers_ohm(self, inside: InnerState) -> tuple[float, ...]:
        return self._transfer_ohm / self._contact(inside[0]), self._transfer_ohm / self._contact(inside[2])

    def _contact(self, metal: MetalState) -> float:
        """Contact area, as a fraction: it is lost as an electrode is stripped of what it has."""
        return min(1.0, max(_LEAST_CONTACT, 1.0 + metal.plated_C_m2 / self._parameters.sodium_C_m2))

    def _electrodes_impedance(self, frequency_Hz: float) -> complex:
        found = 0j
        for metal, layer in (self._inside[:2], self._inside[2:]):
            contact = self._contact(metal)
            found += self._interphase.impedance(layer, frequency_Hz)
            found += arc(
                self._transfer_ohm / contact,
                self._capacitance_F * contact,
                self._parameters.exponent,
                frequency_Hz,
            )
        return found

    def _temperature_changed(self) -> None:
        super()._temperature_changed()
        self._interphase.at(self._temperature_K)
        factor = slower(self._parameters.activation_J, self._temperature_K, self._reference_K)
        self._transfer_ohm = self._parameters.charge_transfer_ohm * factor
