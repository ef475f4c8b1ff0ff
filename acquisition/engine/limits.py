"""Two kinds of limits: end conditions of a step, and safety limits of the whole run.

A safety limit acts whichever way the current flows, once the voltage has been on its inner side (a fresh full cell
starts below its window): a short circuit while the cell is charged leaves the window by its lower end.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from solbench.acquisition.engine.set_points import Connected
from solbench.acquisition.record.events import EndQuantity, RunOutcome, SegmentOutcome
from solbench.drivers.roles import Reading
from solbench.protocols.limits import SafetyLimits
from solbench.protocols.segments import End


@dataclass(frozen=True)
class Violation:
    """A safety limit that tripped, as text, with the limit and the deciding value in SI."""

    text: str
    limit: float | None = None
    value: float | None = None


class SafetyWatch:
    """Holds every reading of a run against the safety limits."""

    def __init__(self, limits: SafetyLimits) -> None:
        self.move(limits)
        self._been_above_min = self._been_below_max = False
        self._been_inside = False  # of both

    def move(self, limits: SafetyLimits) -> None:
        """Hold readings against other limits from now on; a cell that was inside its window stays watched."""
        self.voltage_min_V = limits.voltage_min_V
        self.voltage_max_V = limits.voltage_max_V
        self.current_max_A = limits.current_max_A

    def check(self, reading: Reading) -> Violation | None:
        """Return what `reading` violates, and remember that the voltage has been inside the window."""
        violation = self.violation(reading)
        if not self._been_inside and not reading.overload:
            self._been_above_min |= reading.voltage_V > self.voltage_min_V
            self._been_below_max |= reading.voltage_V < self.voltage_max_V
            self._been_inside = self._been_above_min and self._been_below_max
        return violation

    def violation(self, reading: Reading) -> Violation | None:
        """Return what `reading` violates."""
        if reading.overload:
            return Violation(f"overload: {reading.overload}")
        voltage = reading.voltage_V
        if voltage <= self.voltage_min_V and self._been_above_min:
            return self._violation("voltage", voltage, "below the lower", self.voltage_min_V, "V")
        if voltage >= self.voltage_max_V and self._been_below_max:
            return self._violation("voltage", voltage, "above the upper", self.voltage_max_V, "V")
        if abs(reading.current_A) > self.current_max_A:
            return self._violation("current", reading.current_A, "beyond the", self.current_max_A, "A")
        return None

    def _violation(self, what: str, value: float, side: str, limit: float, unit: str) -> Violation:
        shown, passed = f"{value:.5g}", f"{limit:.5g}"
        if shown == passed:
            shown = f"{value:.9g}"  # by how little it is beyond
        return Violation(f"{what} {shown} {unit} is {side} safety limit {passed} {unit}", limit, value)


@dataclass(frozen=True)
class Ending:
    """How a segment ended: the condition that fired and the reading that decided.

    `outcome` is that of the End (`segment`, `step`, `cut_short`), `done` (a rest, sweep or polarization that
    finished), or `interrupted`; `limit` and `value` in SI of `quantity`.
    """

    outcome: SegmentOutcome
    text: str
    quantity: EndQuantity = ""
    limit: float | None = None
    value: float | None = None


@dataclass(frozen=True)
class RunEnding:
    """How a run, or a program's part of one, ended; `quantity`, `limit` and `value` where a reading decided."""

    outcome: RunOutcome
    text: str
    quantity: EndQuantity = ""
    limit: float | None = None
    value: float | None = None


HELD_V, HELD_OF_SET = 5e-3, 1e-3  # an end by current counts only so near the voltage that is held


class EndWatch:
    """Looks for the first of a segment's end conditions that fires.

    `reaching` says what is not reached yet, "" once it is: until then no end by current counts, nor where the voltage
    is not `held_V` (V; None where no voltage is held). `note` says how it was reached, and
    `connected` where it began. `voltages_V`: those of the ends; `is_timed`: whether one of them is a time.
    """

    def __init__(self, ends: Sequence[End], held_V: float | None = None) -> None:
        self._held_V = held_V
        self.reaching = ""
        self.note = ""
        self.connected: Connected | None = None
        self.move(ends)

    def move(self, ends: Sequence[End]) -> None:
        """Look for other ends from now on."""
        self._ends = tuple(ends)
        self._before_reached = tuple(end for end in ends if end.quantity != "current_below")
        self.voltages_V = tuple(end.value for end in ends if end.quantity.startswith("voltage"))
        self._time_s = min((end.value for end in ends if end.quantity == "time"), default=math.inf)
        self.is_timed = self._time_s < math.inf
        self.charge_C = min((end.value for end in ends if end.quantity == "charge"), default=None)

    def check(self, reading: Reading, step_charge_C: float, step_active_s: float) -> Ending | None:
        """Return the ending that this reading decides."""
        for end in self._counting(reading):
            if (value := _met(end, reading, step_charge_C, step_active_s)) is not None:
                return self.ending(end, value)
        return None

    def decided_by(self, reading: Reading) -> bool:
        """Say whether an end by voltage or current fires at this reading."""
        for end in self._counting(reading):
            if end.quantity not in _BETWEEN_READINGS and _met(end, reading, 0.0, 0.0) is not None:
                return True
        return False

    def _counting(self, reading: Reading) -> Sequence[End]:
        """Return the ends that count: where a voltage is to be held and is not, the current may be small for that."""
        held_V = self._held_V
        if self.reaching:
            return self._before_reached
        if held_V is None:
            return self._ends
        is_near = abs(reading.voltage_V - held_V) <= HELD_V + HELD_OF_SET * abs(held_V)
        began = self.connected
        if is_near and (began is None or began.has_gone(reading.voltage_V, held_V)):
            return self._ends
        return self._before_reached

    def ending(self, end: End, value: float) -> Ending:
        """Return the ending by `end` with the value that it met."""
        text = _WORDS[end.quantity] + end.text
        if self.reaching or self.note:
            text += f"; {self.reaching or self.note}"
        return Ending(end.outcome, text, end.quantity, end.value, value)

    def charge_ending(self, step_charge_C: float) -> Ending:
        """Return the ending by charge, reached between two readings."""
        end = next(end for end in self._ends if end.quantity == "charge" and end.value == self.charge_C)
        return self.ending(end, abs(step_charge_C))

    def time_ending(self) -> Ending:
        """Return the ending by time."""
        end = min((end for end in self._ends if end.quantity == "time"), key=lambda end: end.value)
        return self.ending(end, end.value)

    def exact_ending(self, *, by_charge: bool) -> Ending:
        """Return the ending by charge or by time on its exact moment."""
        return (
            self.charge_ending(self.charge_C)
            if by_charge and self.charge_C is not None
            else self.time_ending()
        )

    def time_left_s(self, step_active_s: float) -> float:
        """Return the time until the earliest time end, in s."""
        return self._time_s - step_active_s


_BETWEEN_READINGS = ("charge", "time")  # these ends fall on their moment
_WORDS = {
    "charge": "charge reached ",
    "voltage_below": "voltage fell to ",
    "voltage_above": "voltage rose to ",
    "current_below": "current fell to ",
    "time": "time reached ",
}


def _met(end: End, reading: Reading, step_charge_C: float, step_active_s: float) -> float | None:
    """Return the value at which an end fires; None where it does not."""
    quantity, limit = end.quantity, end.value
    if quantity == "voltage_below":
        value = reading.voltage_V
        return value if value <= limit else None
    if quantity == "current_below":
        value = abs(reading.current_A)
        return value if value <= limit else None
    if quantity == "voltage_above":
        value = reading.voltage_V
    else:
        value = abs(step_charge_C) if quantity == "charge" else step_active_s
    return value if value >= limit else None
