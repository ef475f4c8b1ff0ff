"""The half cell Na9Sn4 | solid electrolyte | Sn.

V = E_Sn(x) - 0.16 V + I (R_SSE + R_interphase) + charge transfer + tail. Sodiation of tin discharges this
cell: the current is negative, and so is the voltage for most of the time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from simulators.cell import butler_volmer
from simulators.cell.cell import Cell
from simulators.cell.electrolyte import Separator
from simulators.cell.elements import inductor
from simulators.cell.interphase import Interphase, LayerState
from simulators.cell.runge_kutta import ORDER, Rate, dormand_prince
from simulators.cell.tail import Tail
from simulators.cell.tin import TinElectrode, TinState

# Na9Sn4 that gives off or takes up sodium sits on the plateau NaSn/Na9Sn4; it is in excess.
COUNTER_V = 0.16


class HalfCell(Cell):
    """Tin against Na9Sn4. Charge transfer and faster arcs are resistances in the time domain."""

    CHARGE_TOLERANCE = 1e-7
    CHARGE_FLOOR_C = 1e-13
    TAIL_TOLERANCE_V = 1e-8

    def __init__(
        self,
        tin: TinElectrode,
        interphase: Interphase,
        separator: Separator,
        tail: Tail,
        *,
        area_m2: float,
        inductance_H: float,
        temperature_K: float,
        temperature_drift_K_s: float = 0.0,
    ) -> None:
        super().__init__(temperature_K, temperature_drift_K_s)
        self._tin, self._interphase = tin, interphase
        self._separator, self._tail = separator, tail
        self._area_m2 = area_m2
        self._inductance_H = inductance_H
        self._tin_state = TinState()
        self._layer = LayerState()
        self._tail_V: tuple[float, ...] = (0.0,) * len(tail.elements)
        self._temperature_changed()

    @property
    def fresh(self) -> bool:
        """Whether the tin holds no sodium yet: at a mixed potential and nearly blocking."""
        return self._tin.fresh(self._tin_state)

    @property
    def sodium_x(self) -> float:
        """Sodium per tin, trapped sodium included."""
        return self._tin_state.x

    @property
    def trapped_x(self) -> float:
        """Sodium per tin that no desodiation brings back."""
        return self._tin_state.trapped_x

    @property
    def layer_m(self) -> float:
        """Thickness of the interphase, in m."""
        return self._interphase.thickness_m(self._layer)

    @property
    def reduced_C(self) -> float:
        """Charge that has reduced electrolyte, in C."""
        return self._layer.reduced_C_m2 * self._area_m2

    @property
    def interface_resistance_ohm(self) -> float:
        """Resistance of the interphase, in ohm, without what desodiation adds to a thick one."""
        return self._interphase.resistance_ohm(self._layer)

    @property
    def choke_resistance_ohm(self) -> float:
        """Resistance that desodiation has added to a thick interphase, in ohm."""
        return self._interphase.choke_ohm(self._layer)

    @property
    def charge_transfer_resistance_ohm(self) -> float:
        """Charge-transfer resistance of the tin at zero current, in ohm."""
        return self._tin.resistance_ohm(self._tin_state)

    @property
    def electrolyte_resistance_ohm(self) -> float:
        """Resistance of the separator at the present temperature, in ohm."""
        return self._separator_ohm

    @property
    def equilibrium_voltage_V(self) -> float:
        """Voltage to which the cell would relax at open circuit, in V."""
        return self._tin.potential_V(self._tin_state) - COUNTER_V

    def advance_current(self, dt_s: float, current_A: float) -> None:
        """Let `dt_s` pass at a constant current (A); exact for any length of step."""
        if current_A:
            charge_C = current_A * dt_s
            self._tin_state, self._layer = self._after(charge_C)
            self._count(charge_C)
        self._tail_V = self._tail.driven(self._tail_V, dt_s, current_A)
        self._warm(dt_s)

    def advance_voltage(self, dt_s: float, voltage_V: float) -> float:
        """Hold the cell at `voltage_V` for `dt_s`; returns the charge (C), within 1 ppm of what flows.

        The steps adapt themselves, and end where the current changes its sign, because charge passed back
        and forth is not charge not passed.
        """
        before_C = self.charge_C
        left_s = step_s = dt_s
        while left_s > 0:
            done_s, step_s = self._held_step(min(step_s, left_s), voltage_V)
            left_s -= done_s
        self._warm(dt_s)
        return self.charge_C - before_C

    def voltage(self, current_A: float) -> float:
        """Terminal voltage now, in V, at a current (A)."""
        tin, layer = self._tin_state, self._layer
        charge_transfer_ohm = self._tin.resistance_ohm(tin)
        return (
            self._tin.potential_V(tin)
            - COUNTER_V
            + sum(self._tail_V)
            + current_A * self._ohmic(layer)
            + butler_volmer.overpotential(charge_transfer_ohm, current_A, self._temperature_K)
        )

    def current(self, voltage_V: float) -> float:
        """Current now, in A, at a held voltage (V)."""
        return self._current(voltage_V, self._tin_state, self._layer, sum(self._tail_V))

    def impedance(self, frequency_Hz: float) -> complex:
        """Small-signal impedance of the present state, in ohm."""
        return (
            inductor(self._inductance_H, frequency_Hz)
            + self._separator.impedance(self._separator_ohm, frequency_Hz)
            + self._interphase.impedance(self._layer, frequency_Hz)
            + self._tin.impedance(self._tin_state, frequency_Hz)
            + self._tail.impedance(frequency_Hz)
            + self._storage_impedance(frequency_Hz)
        )

    def state(self) -> tuple[float, ...]:
        """Everything that changes."""
        ledger = (self._temperature_K, self.charged_C, self.discharged_C)
        return (*self._tin_state, *self._layer, *self._tail_V, *ledger)

    def restore(self, state: Sequence[float]) -> None:
        """Go back to what `state` returned."""
        self._check_length(state, len(self.state()))
        tin, layer = len(self._tin_state), len(self._tin_state) + len(self._layer)
        self._tin_state = TinState(*state[:tin])
        self._layer = LayerState(*state[tin:layer])
        self._tail_V = tuple(state[layer:-3])
        self._temperature_K, self.charged_C, self.discharged_C = state[-3:]
        self._temperature_changed()

    def _temperature_changed(self) -> None:
        self._separator_ohm = self._separator.resistance_ohm(self._temperature_K)

    def _ohmic(self, layer: LayerState) -> float:
        interphase = self._interphase
        return self._separator_ohm + interphase.resistance_ohm(layer) + interphase.choke_ohm(layer)

    def _storage_impedance(self, frequency_Hz: float) -> complex:
        """Impedance of the sloping equilibrium potential, the tin as a capacitor, in ohm.

        In the sodiation half of a swing a part of the current reduces electrolyte and does not reach the
        tin; half of that share is missing in the fundamental.
        """
        tin_C = self._tin.charge_C_m2 * self._area_m2
        share = 1 - self._interphase.reducing_share(self._layer) / 2
        return -self._tin.slope_V(self._tin_state) * share / (2j * math.pi * frequency_Hz * tin_C)

    def _after(self, charge_C: float) -> tuple[TinState, LayerState]:
        """Return electrode and layer after a charge (C, positive: desodiation) passed in one direction."""
        passed_C_m2 = abs(charge_C) / self._area_m2
        if charge_C > 0:
            layer = self._interphase.desodiated(self._layer, passed_C_m2)
            return self._tin.desodiated(self._tin_state, passed_C_m2), layer
        layer = self._interphase.sodiated(self._layer, passed_C_m2)
        alloyed_C_m2 = passed_C_m2 - (layer.reduced_C_m2 - self._layer.reduced_C_m2)
        return self._tin.sodiated(self._tin_state, alloyed_C_m2, passed_C_m2), layer

    def _current(self, voltage_V: float, tin: TinState, layer: LayerState, tail_V: float) -> float:
        drive_V = voltage_V - (self._tin.potential_V(tin) - COUNTER_V) - tail_V
        charge_transfer_ohm = self._tin.resistance_ohm(tin)
        return butler_volmer.current(drive_V, self._ohmic(layer), charge_transfer_ohm, self._temperature_K)

    def _held_step(self, step_s: float, voltage_V: float) -> tuple[float, float]:
        """Take one accurate step of at most `step_s` at a held voltage; returns its length and the next."""
        rate = self._held_rate(voltage_V)
        start = (0.0, *self._tail_V)
        first = rate(start)
        while True:
            values, last, errors = dormand_prince(rate, start, first, step_s)
            excess = self._excess(values[0], errors)
            if excess > 1:
                step_s *= max(0.1, 0.9 * excess ** (-1 / ORDER))
            elif self._turns(first[0], last[0], step_s):
                step_s *= first[0] / (first[0] - last[0])
            else:
                break
        if values[0]:
            self._tin_state, self._layer = self._after(values[0])
            self._count(values[0])
        self._tail_V = tuple(values[1:])
        return step_s, step_s * min(5.0, 0.9 * max(excess, 1e-6) ** (-1 / ORDER))

    def _held_rate(self, voltage_V: float) -> Rate:
        """Rates of charge (A) and tail voltages (V/s), from the present state on, at a held voltage."""

        def rate(values: Sequence[float]) -> list[float]:
            tin, layer = self._after(values[0])
            current_A = self._current(voltage_V, tin, layer, sum(values[1:]))
            return [current_A, *self._tail.rates(values[1:], current_A)]

        return rate

    def _excess(self, charge_C: float, errors: Sequence[float]) -> float:
        """Estimated error of a step over what is allowed; 1 is just good enough."""
        allowed_C = self.CHARGE_TOLERANCE * abs(charge_C) + self.CHARGE_FLOOR_C
        return max(
            [abs(errors[0]) / allowed_C, *(abs(error) / self.TAIL_TOLERANCE_V for error in errors[1:])]
        )

    def _turns(self, first_A: float, last_A: float, step_s: float) -> bool:
        """Whether the current changes its sign inside a step by more than can be left to the next."""
        if first_A * last_A >= 0 or abs(last_A) <= 1e-3 * abs(first_A):
            return False
        return abs(first_A) * step_s > self.CHARGE_FLOOR_C
