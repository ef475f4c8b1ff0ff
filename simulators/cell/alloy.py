"""The common base of cells with tin electrodes: how charge, tail and held voltages change them.

V = EMF + I (ohmic resistances) + charge transfer + tail. The state inside the electrodes changes with the
charge alone, the tail with time, so that a constant current is exact for any length of step.
"""

import math
import warnings
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from solbench.simulators.cell import butler_volmer
from solbench.simulators.cell.cell import Cell
from solbench.simulators.cell.electrolyte import Separator
from solbench.simulators.cell.elements import inductor
from solbench.simulators.cell.runge_kutta import ORDER, Course, Method, Rate, dormand_prince, heun
from solbench.simulators.cell.tail import Tail

InnerState = tuple[Any, ...]  # the electrodes and layers of a cell, each a NamedTuple of floats
_Circuit = tuple[float, float, float, tuple[float, ...]]
"""What drives and what resists a current: EMF and tail (V), ohmic resistance and charge transfers (ohm)."""


@dataclass(slots=True)
class _Way:
    """A step at a held voltage that is under way, and where on it the cell is.

    `inside` is the state at its start; `here` that of now, by which the cell knows that nothing else has changed it.
    """

    course: Course
    voltage_V: float
    inside: InnerState
    step_s: float
    next_s: float
    here: tuple[InnerState, tuple[float, ...]]
    passed_s: float = 0.0
    charge_C: float = 0.0


class AlloyCell(Cell):
    """A cell whose electrodes take up charge. Charge transfer and faster arcs are resistances in the time domain.

    A subclass defines its inner state, how a charge changes it, and its EMF and resistances.
    """

    CHARGE_TOLERANCE = 1e-7
    CHARGE_FLOOR_C = 1e-13
    TAIL_TOLERANCE_V = 1e-8
    LEAST_S = 1e-9  # a shorter step at a held voltage is taken as it is: 1e-5 s are needed where a cell is most lively
    TINY_S, MOST_TINY = (
        1e-3,
        5000,
    )  # so many steps as short as that in one stretch, and the rest is followed coarsely
    COARSE_S, ROUNDS = 0.01, 40  # a step then, and how often its current is bisected
    SHORT_S = 0.05  # up to so long a simpler step at a held voltage is tried first
    _ages = False  # whether something in it changes with time alone

    def __init__(
        self,
        inside: InnerState,
        separator: Separator,
        tail: Tail,
        *,
        area_m2: float,
        inductance_H: float,
        temperature_K: float,
        temperature_drift_K_s: float = 0.0,
    ) -> None:
        super().__init__(temperature_K, temperature_drift_K_s)
        self._inside = inside
        self._separator, self._tail = separator, tail
        self._area_m2 = area_m2
        self._inductance_H = inductance_H
        self._tail_V: tuple[float, ...] = (0.0,) * len(tail.elements)  # and other modes behind
        self._volts = tail.volts if tail.volts < len(tail.elements) else None
        self._known: tuple[InnerState, tuple[float, ...], _Circuit] | None = None  # that of a state
        self._asked: tuple[float, _Circuit] | None = None  # what `_answer_A` belongs to
        self._answer_A = 0.0
        self._way: _Way | None = None  # the step that is under way at a held voltage
        self._temperature_changed()

    @abstractmethod
    def _after(self, charge_C: float) -> InnerState:
        """Return the inner state after a charge (C, positive: charging) passed in one direction."""

    @abstractmethod
    def _emf_V(self, inside: InnerState) -> float:
        """Return the voltage (V) to which the cell would relax."""

    @abstractmethod
    def _layers_ohm(self, inside: InnerState) -> float:
        """Return the resistance (ohm) of everything ohmic except the separator."""

    def _aged(self, before: InnerState, inside: InnerState, dt_s: float) -> InnerState:
        """Return the inner state with what time alone changed in `dt_s`, while a charge changed it from `before`.

        Asked where `_ages` says so.
        """
        return inside

    def _at_surface(self, inside: InnerState, ahead: float) -> InnerState:
        """Return the inner state as the interfaces see it, where other modes of the tail add up to `ahead`."""
        return inside

    @abstractmethod
    def _transfers_ohm(self, inside: InnerState) -> tuple[float, ...]:
        """Return the charge-transfer resistance (ohm) at zero current of each tin electrode."""

    @abstractmethod
    def _electrodes_impedance(self, frequency_Hz: float) -> complex:
        """Return the impedance (ohm) of electrodes and layers in their present state."""

    @property
    def is_steady(self) -> bool:
        """Whether a held voltage is followed over long steps: where something ages or diffuses inside an electrode.

        Any other cell repeats, to the last bit, what it did when each message cut its steps.
        """
        return self._ages or self._volts is not None

    @property
    def electrolyte_resistance_ohm(self) -> float:
        """Resistance of the separator at the present temperature, in ohm."""
        return self._separator_ohm

    @property
    def grain_boundary_resistance_ohm(self) -> float:
        """What of that the grain boundaries have, in ohm."""
        return self._boundary_ohm

    @property
    def equilibrium_voltage_V(self) -> float:
        """Voltage to which the cell would relax at open circuit, in V."""
        return self._emf_V(self._inside)

    def advance_current(self, dt_s: float, current_A: float) -> None:
        """Let `dt_s` pass at a constant current (A); exact for any length of step."""
        before = self._inside
        if current_A:
            charge_C = current_A * dt_s
            self._inside = self._after(charge_C)
            self._count(charge_C)
        self._tail_V = self._tail.driven(self._tail_V, dt_s, current_A)
        if self._ages:
            self._inside = self._aged(before, self._inside, dt_s)
        if self._temperature_drift_K_s:
            self._warm(dt_s)

    def advance_voltage(self, dt_s: float, voltage_V: float) -> float:
        """Hold the cell at `voltage_V` for `dt_s`; returns the charge (C), within 1 ppm.

        The step size is adaptive, and a step ends where the current changes sign, because charge passed back
        and forth is not the same as no charge passed. It ends whatever the cell does: after `MOST_TINY` tiny steps the
        rest is followed coarsely, and a `RuntimeWarning` says so.
        """
        before_C = self.charge_C
        left_s = step_s = dt_s
        tiny = 0
        while left_s > 0:
            if self.is_steady:
                done_s = self._along(left_s, voltage_V)
            else:
                done_s, step_s = self._held_step(min(step_s, left_s), voltage_V)
            left_s -= done_s
            tiny += done_s < self.TINY_S
            if tiny > self.MOST_TINY and left_s > 0:
                warnings.warn(
                    f"a simulated cell held at {voltage_V:g} V changes too fast to be followed: the charge of "
                    f"{left_s:.3g} s is that of steps of {self.COARSE_S:g} s, and may be off",
                    RuntimeWarning,
                    stacklevel=2,
                )
                for _ in range(math.ceil(left_s / self.COARSE_S)):
                    self._coarse_step(min(self.COARSE_S, left_s), voltage_V)
                    left_s -= self.COARSE_S
        self._warm(dt_s)
        return self.charge_C - before_C

    def voltage(self, current_A: float) -> float:
        """Terminal voltage now, in V, at a current (A)."""
        emf_V, tail_V, ohm, transfers_ohm = self._present()
        voltage_V = emf_V + tail_V + current_A * ohm
        for transfer_ohm in transfers_ohm:
            voltage_V += butler_volmer.overpotential(transfer_ohm, current_A, self._temperature_K)
        return voltage_V

    def current(self, voltage_V: float) -> float:
        """Current now, in A, at a held voltage (V)."""
        return self._through_A(voltage_V)

    def _through_A(self, voltage_V: float) -> float:
        """Return what passes through the electrodes at a held voltage (V), without what flows beside them."""
        # Asked again of the same state: by the limit of the current, and by the step that comes next.
        circuit, asked = self._present(), self._asked
        if asked is None or asked[0] != voltage_V or asked[1] is not circuit:
            self._answer_A = self._drawn_A(voltage_V, circuit)
            self._asked = voltage_V, circuit
        return self._answer_A

    def impedance(self, frequency_Hz: float) -> complex:
        """Small-signal impedance of the present state, in ohm."""
        return (
            inductor(self._inductance_H, frequency_Hz)
            + self._separator.impedance(self._separator_ohm, frequency_Hz, self._boundary_ohm)
            + self._electrodes_impedance(frequency_Hz)
            + self._tail.impedance(frequency_Hz)
        )

    def state(self) -> tuple[float, ...]:
        """Everything that changes."""
        inside = chain.from_iterable(self._inside)
        return (*inside, *self._tail_V, self._temperature_K, self.charged_C, self.discharged_C)

    def restore(self, state: Sequence[float]) -> None:
        """Go back to what `state` returned."""
        self._check_length(state, len(self.state()))
        left = list(state)
        parts = []
        for part in self._inside:
            parts.append(type(part)(*left[: len(part)]))
            del left[: len(part)]
        self._inside = tuple(parts)
        self._tail_V = tuple(left[:-3])
        self._temperature_K, self.charged_C, self.discharged_C = left[-3:]
        self._temperature_changed()

    def _temperature_changed(self) -> None:
        self._known = self._way = None
        self._separator_ohm = self._separator.resistance_ohm(self._temperature_K)
        self._boundary_ohm = self._separator.boundary_ohm(self._temperature_K)
        self._tail.at(self._temperature_K)

    def _ohmic(self, inside: InnerState) -> float:
        return self._separator_ohm + self._layers_ohm(inside) + self._tail.fast_ohm

    def _seen(self, inside: InnerState, values: Sequence[float]) -> tuple[InnerState, float]:
        """Return the inner state as the interfaces see it, and the voltage of the tail (V)."""
        if self._volts is None:
            return inside, sum(values)
        return self._at_surface(inside, sum(values[self._volts :])), sum(values[: self._volts])

    def _present(self) -> _Circuit:
        """Return the circuit of the present state."""
        # States are replaced, never changed, so the same objects are the same state.
        inside, tail_V, known = self._inside, self._tail_V, self._known
        if known is None or known[0] is not inside or known[1] is not tail_V:
            known = self._known = inside, tail_V, self._circuit(inside, tail_V)
        return known[2]

    def _circuit(self, inside: InnerState, values: Sequence[float]) -> _Circuit:
        if self._volts is None:
            tail_V: float = sum(values)
        else:
            inside, tail_V = self._seen(inside, values)
        return self._emf_V(inside), tail_V, self._ohmic(inside), self._transfers_ohm(inside)

    def _drawn_A(self, voltage_V: float, circuit: _Circuit) -> float:
        emf_V, tail_V, ohm, transfers_ohm = circuit
        return butler_volmer.current(voltage_V - emf_V - tail_V, ohm, transfers_ohm, self._temperature_K)

    def _held_step(self, step_s: float, voltage_V: float) -> tuple[float, float]:
        """Take one accurate step of at most `step_s` at a held voltage; returns its length and the next."""
        # Between two messages on the bus hardly anything changes: two rates do there, not seven.
        method = heun if step_s <= self.SHORT_S else dormand_prince
        step_s, values, next_s = self._accurate(method, step_s, voltage_V)
        if values[0]:
            self._inside = self._after(values[0])
            self._count(values[0])
        self._tail_V = tuple(values[1:])
        return step_s, next_s

    def _along(self, left_s: float, voltage_V: float) -> float:
        """Go at most `left_s` along a step at a held voltage; returns how far (s).

        The step may be longer: whoever looks at the cell does not cut it.
        """
        way = self._way
        if (
            way is None
            or way.voltage_V != voltage_V
            or way.here[0] is not self._inside
            or way.here[1] is not self._tail_V
        ):
            way = self._way = self._begun(left_s, voltage_V)
        elif way.passed_s == way.step_s:
            way = self._way = self._begun(way.next_s, voltage_V)
        done_s = min(left_s, way.step_s - way.passed_s)
        way.passed_s = way.step_s if done_s < left_s else min(way.passed_s + done_s, way.step_s)
        values = way.course.at(way.passed_s)
        charge_C = values[0]
        self._inside = inside = way.inside
        if charge_C:
            inside = self._after(charge_C)
        if self._ages:
            inside = self._aged(way.inside, inside, way.passed_s)
        self._count(charge_C - way.charge_C)
        way.charge_C = charge_C
        self._inside, self._tail_V = way.here = inside, tuple(values[1:-1] if self._ages else values[1:])
        return done_s

    def _begun(self, step_s: float, voltage_V: float) -> _Way:
        """Return the way of an accurate step of at most `step_s` from here on."""
        course = Course()
        step_s, _, next_s = self._accurate(course.take, step_s, voltage_V)
        return _Way(course, voltage_V, self._inside, step_s, next_s, (self._inside, self._tail_V))

    def _accurate(self, method: Method, step_s: float, voltage_V: float) -> tuple[float, list[float], float]:
        """Try steps of at most `step_s` from here until one is accurate.

        Returns its length, the values at its end (charge, tail, and the time where something ages), and the length of
        the next.
        """
        rate = self._held_rate(voltage_V)
        start = (0.0, *self._tail_V, 0.0) if self._ages else (0.0, *self._tail_V)
        # A state is what it is after no charge but for the last digit of some, on which nothing steady depends.
        if self.is_steady or self._after(0.0) == self._inside:
            first_A = self._through_A(voltage_V)
            first = [first_A, *self._tail.rates(self._tail_V, first_A), *([1.0] if self._ages else [])]
        else:
            first = rate(start)
        while True:
            values, last, errors = method(rate, start, first, step_s)
            excess = self._excess(values[0], errors)
            if step_s < self.LEAST_S:
                break
            if excess > 1 and method is heun:
                method = dormand_prince
            elif excess > 1:
                step_s *= max(0.1, 0.9 * excess ** (-1 / ORDER))
            elif self._current_reverses(first[0], last[0], step_s):
                step_s *= first[0] / (first[0] - last[0])
            else:
                break
        return step_s, values, step_s * min(5.0, 0.9 * max(excess, 1e-6) ** (-1 / ORDER))

    def _coarse_step(self, step_s: float, voltage_V: float) -> None:
        """Take a step with the current that flows at its end, which is stable however fast the cell changes."""

        def drawn_A(current_A: float) -> float:
            inside, values = (
                self._after(current_A * step_s),
                self._tail.driven(self._tail_V, step_s, current_A),
            )
            return self._drawn_A(voltage_V, self._circuit(inside, values))

        low_A, high_A = 0.0, drawn_A(0.0)
        for _ in range(self.ROUNDS):
            middle_A = 0.5 * (low_A + high_A)
            if (drawn_A(middle_A) - middle_A) * (high_A - low_A) > 0.0:
                low_A = middle_A
            else:
                high_A = middle_A
        before, charge_C = self._inside, low_A * step_s
        self._tail_V = self._tail.driven(self._tail_V, step_s, low_A)
        self._inside = self._after(charge_C)
        self._count(charge_C)
        if self._ages:
            self._inside = self._aged(before, self._inside, step_s)

    def _held_rate(self, voltage_V: float) -> Rate:
        """Rates of charge (A) and tail voltages (V/s), starting from the present state, at a held voltage.

        Where something ages the time that has passed is the last of them.
        """

        def rate(values: Sequence[float]) -> list[float]:
            current_A = self._drawn_A(voltage_V, self._circuit(self._after(values[0]), values[1:]))
            return [current_A, *self._tail.rates(values[1:], current_A)]

        def ageing_rate(values: Sequence[float]) -> list[float]:
            tail = values[1:-1]
            inside = self._aged(self._inside, self._after(values[0]), values[-1])
            current_A = self._drawn_A(voltage_V, self._circuit(inside, tail))
            return [current_A, *self._tail.rates(tail, current_A), 1.0]

        return ageing_rate if self._ages else rate

    def _excess(self, charge_C: float, errors: Sequence[float]) -> float:
        """Estimated error of a step, relative to the tolerance; 1 is just good enough."""
        allowed_C = self.CHARGE_TOLERANCE * abs(charge_C) + self.CHARGE_FLOOR_C
        of_tail_V = max(map(abs, errors[1:]), default=0.0)
        return max(abs(errors[0]) / allowed_C, of_tail_V / self.TAIL_TOLERANCE_V)

    def _current_reverses(self, first_A: float, last_A: float, step_s: float) -> bool:
        """Whether the current changes sign within a step by more than can be left to the next."""
        if first_A * last_A >= 0 or abs(last_A) <= 1e-3 * abs(first_A):
            return False
        return abs(first_A) * step_s > self.CHARGE_FLOOR_C
