"""What was read and believed, and is yet in doubt: its charge is counted with an uncertainty of its own.

Several readings in turn that agree are believed, for a cell can change. But an ammeter that is wrong by a power of ten
agrees with itself as well. So from a current that has become another one at once, until it comes back, until the cell
is switched off or the segment ends, nobody knows which of the two flows. Neither do they while a line is only repeated.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log10

from solbench.acquisition.engine.confirm import AGREE_OF_RANGE, Jump
from solbench.acquisition.engine.continuity import JUMP_TIMES
from solbench.acquisition.record.events import Alarm, GapCause
from solbench.drivers.roles import Reading

TOLD_OF_CURRENT, TOLD_TIMES = (
    0.02,
    2.0,
)  # less, or less than so many times noise and slope, is no other current
GROSS_OF_RANGE, GROSS = 5e-3, 2.0  # what holds a voltage does not change by such a factor at once
DECADE = 0.1  # so near a whole power of ten
BACK = 0.5  # of the change: nearer to what it was
EARLY_S = (
    180.0  # so soon after a switching the readings before the jump are no better known than those behind it
)
YOUNG_S = 600.0  # so long what may flow instead is as far away as it was at first
STUCK_READINGS = 60  # sound ones were the same to the last digit six times in turn at most
STUCK_TOLD = 12
FLOWS_OF_RANGE = 1e-3


@dataclass(frozen=True, slots=True)
class Doubt:
    """A time (s) whose charge is known to `uncertainty_C` only, and why."""

    cause: GapCause
    since_s: float
    until_s: float
    since_C: float
    uncertainty_C: float


@dataclass(frozen=True, slots=True)
class Moment:
    """A time (s), and the net charge (C) that had flowed."""

    time_s: float = -inf
    charge_C: float = 0.0


@dataclass(slots=True)
class _Stretch:
    """A current (A) that was `was_A` and became another one, `change_A` away, at once."""

    since: Moment
    earliest: Moment  # since when the current may have been the wrong one, if it does not come back
    was_A: float
    is_A: float
    time_s: float
    uncertainty_C: float = 0.0

    @property
    def change_A(self) -> float:
        return abs(self.is_A - self.was_A)

    def add(self, time_s: float, current_A: float) -> None:
        """Count the time until a reading: what may flow instead becomes smaller as the current does, in the end."""
        is_young = self.is_A == 0.0 or time_s < self.since.time_s + YOUNG_S
        share = 1.0 if is_young else min(1.0, abs(current_A / self.is_A))
        self.uncertainty_C += share * self.change_A * max(time_s - self.time_s, 0.0)
        self.time_s = max(time_s, self.time_s)

    def reach_back(self) -> None:
        """Count the time before, too: which of the two was wrong has not been seen."""
        self.uncertainty_C += self.change_A * (self.since.time_s - self.earliest.time_s)
        self.since = self.earliest

    def has_come_back(self, current_A: float) -> bool:
        """Say whether a current is what it was before."""
        return abs(current_A - self.was_A) < BACK * self.change_A

    def ended(self) -> Doubt:
        """Return what is to be told of it."""
        return Doubt("jumped", self.since.time_s, self.time_s, self.since.charge_C, self.uncertainty_C)


class JumpedCurrent:
    """Follows the current of a driven cell from where it became another one at once."""

    def __init__(self) -> None:
        self._stretch: _Stretch | None = None
        self._set: tuple[float, float, Moment] | None = None
        self._ended: Doubt | None = None

    def set_current(self, current_A: float, full_scale_A: float, at: Moment) -> None:
        """Take a current (A) that was set, 0 where none is: it flows until readings show another one."""
        allowed_A = BACK * abs(current_A) + AGREE_OF_RANGE * full_scale_A
        self._set, self._ended = (current_A, allowed_A, at) if current_A else None, None

    def begin(self, jump: Jump, full_scale_A: float, charge_C: float, switched: Moment) -> None:
        """Take a jump; `charge_C` is the net charge at the reading before it, `switched` when the cell was switched."""
        was_A, is_A = jump.before.current_A, jump.found.current_A
        is_other = _moved_A(jump) > TOLD_OF_CURRENT * abs(was_A) + _least_A(jump, full_scale_A)
        if self._stretch is None and is_other:
            is_early = jump.before.time_s < switched.time_s + EARLY_S
            since = switched if is_early else Moment(jump.before.time_s, charge_C)
            either = _is_decade(was_A, is_A) and switched.time_s > -inf
            self._stretch = _Stretch(since, switched if either else since, was_A, is_A, since.time_s)

    def look(self, reading: Reading, charge_C: float) -> Doubt | None:
        """Look at a reading, and the net charge (C) at it; return what was in doubt where that is over."""
        self._look_for_set(reading, charge_C)
        stretch = self._stretch
        if stretch is None:
            return None
        stretch.add(reading.time_s, reading.current_A)
        return self._over() if stretch.has_come_back(reading.current_A) else None

    def _look_for_set(self, reading: Reading, charge_C: float) -> None:
        """Look for the current that was set; from the first reading that does not show it, it has ended.

        It may have done so at any moment behind the last reading that showed it, or behind its setting: the ledger's
        straight line lies in the middle between at once and at last.
        """
        if self._set is None:
            return
        set_A, allowed_A, seen = self._set
        missing_A = abs(reading.current_A - set_A)
        if missing_A <= allowed_A:
            self._set, self._ended = (set_A, allowed_A, Moment(reading.time_s, charge_C)), None
        elif self._ended is None:
            unseen_C = 0.5 * missing_A * max(reading.time_s - seen.time_s, 0.0)
            self._ended = Doubt("jumped", seen.time_s, reading.time_s, seen.charge_C, unseen_C)

    def end(self, time_s: float) -> Doubt | None:
        """Return what is in doubt where the cell was switched off (s)."""
        ended, self._set, self._ended = self._ended, None, None
        if self._stretch is None:
            return ended
        self._stretch.add(time_s, self._stretch.is_A)
        self._stretch.reach_back()
        return self._over()

    def _over(self) -> Doubt | None:
        stretch, self._stretch = self._stretch, None
        return None if stretch is None else stretch.ended()


def _is_decade(was_A: float, is_A: float) -> bool:
    """Say whether one is a power of ten of the other: then either may be the wrong one."""
    if was_A * is_A <= 0.0:
        return False
    decades = log10(is_A / was_A)
    return round(decades) != 0 and abs(decades - round(decades)) < DECADE


def overloaded(before: Moment, before_A: float, reading: Reading, off_s: float) -> Doubt | None:
    """Return what is in doubt where an overload ended a current of `before_A` (A) and the cell was off at `off_s` (s).

    Nobody saw when it came: the ledger's straight line lies in the middle between at once and at last. Behind it the
    ammeter shows the end of its range, and not what flows.
    """
    change_A = abs(reading.current_A - before_A)
    if change_A <= TOLD_OF_CURRENT * abs(before_A):
        return None
    unseen_s, clipped_s = reading.time_s - before.time_s, max(off_s - reading.time_s, 0.0)
    uncertainty_C = change_A * (0.5 * unseen_s + clipped_s)
    return Doubt("jumped", before.time_s, off_s, before.charge_C, uncertainty_C)


def gross_jump(jump: Jump, full_scale_A: float) -> Alarm | None:
    """Return what to say of a current that nobody has set and that has become a quite different one at once.

    A small one may do so unless it ends the segment: a cell whose lead has come off would look full.
    """
    was_A, is_A = jump.before.current_A, jump.found.current_A
    small_A, large_A = sorted((abs(was_A), abs(is_A)))
    is_like = was_A * is_A > 0.0 and large_A < GROSS * small_A
    least_A = GROSS_OF_RANGE * full_scale_A + JUMP_TIMES * jump.explained_A
    if is_like or _moved_A(jump) <= (_least_A(jump, full_scale_A) if jump.decides == "end" else least_A):
        return None
    text = (
        "look for a short circuit, a lead that has come off, an instrument that has cut out, and at its current range: "
        f"the current went from {was_A:.4g} A to {is_A:.4g} A at once while the voltage was held"
    )
    found = {"before_A": was_A, "measured_A": is_A, "voltage_V": jump.found.voltage_V}
    return Alarm(text=text, code="current_jumped", parameters=found)


def _moved_A(jump: Jump) -> float:
    return abs(jump.found.current_A - jump.before.current_A)


def _least_A(jump: Jump, full_scale_A: float) -> float:
    return AGREE_OF_RANGE * full_scale_A + TOLD_TIMES * jump.explained_A


class StuckReadings:
    """A cell through which a current flows never shows the same line for long: what does not change is not measured."""

    def __init__(self) -> None:
        self._first: Reading | None = None
        self._first_C = 0.0
        self._last_s = 0.0
        self._count = 0

    def look(self, reading: Reading, full_scale_A: float, charge_C: float) -> Doubt | None:
        """Look at a reading of a driven cell, with its net charge; return what was in doubt where that is over."""
        first = self._first
        if first is not None and reading.text and reading.text == first.text:
            self._count += 1
            self._last_s = reading.time_s
            return None
        doubt = self._told(reading.time_s)
        flows = abs(reading.current_A) > FLOWS_OF_RANGE * full_scale_A
        self._first, self._first_C, self._count = reading if flows else None, charge_C, 1
        return doubt

    @property
    def alarm(self) -> Alarm | None:
        """Get what to say where nothing has changed for too long."""
        first = self._first
        if first is None or self._count < STUCK_READINGS:
            return None
        text = (
            f"look at the instrument that drives the cell, and at its adapter: {STUCK_READINGS} readings in a row are "
            f"the same to the last digit ({first.voltage_V:.5g} V, {first.current_A:.5g} A), so that "
            "nobody knows what the cell does"
        )
        found = {"voltage_V": first.voltage_V, "current_A": first.current_A}
        return Alarm(text=text, code="readings_stuck", parameters=found)

    def end(self, time_s: float) -> Doubt | None:
        """Return what is in doubt where the cell was switched off (s)."""
        doubt = self._told(time_s)
        self._first, self._count = None, 0
        return doubt

    def _told(self, until_s: float) -> Doubt | None:
        first = self._first
        if first is None or self._count < STUCK_TOLD:
            return None
        uncertainty_C = abs(first.current_A) * (until_s - first.time_s)
        return Doubt("stuck", first.time_s, until_s, self._first_C, uncertainty_C)
