"""What was read and believed, and is yet in doubt: its charge is counted with an uncertainty of its own.

Several readings in turn that agree are believed, for a cell can change. But an ammeter that is wrong by a power of ten
agrees with itself as well. So from a current that has become another one at once, until it comes back, until the cell
is switched off or the segment ends, nobody knows which of the two flows. Neither do they while a line is only repeated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, log10

from solbench.acquisition.engine.confirm import AGREE_OF_RANGE, Jump
from solbench.acquisition.engine.continuity import JUMP_TIMES
from solbench.acquisition.engine.set_points import CURRENT_OF_RANGE
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


class _SetCurrent:
    """A current (A) that was set, 0 where none is: since when no reading has shown it, and what may have flowed.

    A reading that shows another one may be wrong, and nobody sees when one current becomes the other. So between two
    readings what was set may have flowed, or what either of them shows. Only a reading of nothing, and with it the time
    up to the next one of nothing, is what an instrument shows that has switched off. Two readings that were not
    confirmed and agree are no accident of the line: what they show may have flowed as well.
    """

    def __init__(self, set_A: float = 0.0, full_scale_A: float = 0.0, at: Moment = Moment()) -> None:
        nothing_A = AGREE_OF_RANGE * full_scale_A
        self._set_A, self._nothing_A = set_A, nothing_A
        self._allowed_A = min(
            BACK * abs(set_A) + nothing_A,
            TOLD_OF_CURRENT * abs(set_A) + CURRENT_OF_RANGE * full_scale_A,
        )
        self._newest, self._newest_A = at, set_A
        self._since = at
        self._until_s: float | None = None  # until when something is in doubt, None where nothing is
        self._uncertainty_C = 0.0
        self._unconfirmed_A: list[float] = []
        self._others_A: tuple[float, ...] = ()  # that may have flowed since the newest reading

    def is_other(self, current_A: float) -> bool:
        """Say whether a current is not the one that was set."""
        return self._set_A != 0.0 and abs(current_A - self._set_A) > self._allowed_A

    def unconfirmed(self, current_A: float) -> None:
        """Take a reading that the others did not confirm."""
        if self.is_other(current_A):
            if any(abs(one_A - current_A) <= self._allowed_A for one_A in self._unconfirmed_A):
                self.found(current_A)
            self._unconfirmed_A.append(current_A)

    def found(self, current_A: float) -> None:
        """Take a current that may have flowed since the newest reading."""
        self._others_A = (*self._others_A, current_A)

    def look(self, reading: Reading, charge_C: float) -> Doubt | None:
        """Look at a reading, and the net charge (C) at it; return what was in doubt where the current has come."""
        current_A = reading.current_A
        if self._set_A == 0.0 or reading.time_s < self._newest.time_s:
            return None
        is_other = self.is_other(current_A)
        if is_other or self._is_doubtful:
            self._count(reading.time_s, current_A, charge_C)
        self._unconfirmed_A, self._others_A = [], ()
        self._newest, self._newest_A = Moment(reading.time_s, charge_C), current_A
        if is_other:
            return None
        doubt = self._doubt()
        self._since, self._until_s, self._uncertainty_C = self._newest, None, 0.0
        return doubt

    def end(self, time_s: float) -> Doubt | None:
        """Return what is in doubt where the cell was switched off, or another current was set (s)."""
        if self._is_doubtful:
            passed_s = max(time_s - self._newest.time_s, 0.0)
            self._count(time_s, self._newest_A, self._newest.charge_C + self._newest_A * passed_s)
        return self._doubt()

    @property
    def _is_doubtful(self) -> bool:
        return self._until_s is not None or bool(self._others_A)

    def _count(self, time_s: float, current_A: float, charge_C: float) -> None:
        """Count the time until a reading: the charge (C) at it may be off by what another current makes of it."""
        before, shown_A = self._newest, (self._newest_A, current_A, *self._others_A)
        if all(abs(one_A) <= self._nothing_A for one_A in shown_A):
            return
        passed_s, counted_C = time_s - before.time_s, charge_C - before.charge_C
        self._uncertainty_C += max(abs(one_A * passed_s - counted_C) for one_A in (self._set_A, *shown_A))
        self._until_s = time_s

    def _doubt(self) -> Doubt | None:
        if self._until_s is None:
            return None
        since = self._since
        return Doubt("jumped", since.time_s, self._until_s, since.charge_C, self._uncertainty_C)


class JumpedCurrent:
    """Follows the current of a driven cell from where it became another one at once, or is not the one that was set."""

    def __init__(self) -> None:
        self._stretch: _Stretch | None = None
        self._set = _SetCurrent()

    def set_current(self, current_A: float, full_scale_A: float, at: Moment) -> Doubt | None:
        """Take a current (A) that was set, 0 where none is; return what is in doubt of the one before."""
        doubt, self._set = self._set.end(at.time_s), _SetCurrent(current_A, full_scale_A, at)
        return doubt

    def begin(self, jump: Jump, full_scale_A: float, charge_C: float, switched: Moment) -> None:
        """Take a jump; `charge_C` is the net charge at the reading before it, `switched` when the cell was switched."""
        was_A, is_A = jump.before.current_A, jump.found.current_A
        is_other = _moved_A(jump) > TOLD_OF_CURRENT * abs(was_A) + _least_A(jump, full_scale_A)
        if is_other and self._set.is_other(is_A):
            self._set.found(is_A)
        elif self._stretch is None and is_other:
            is_early = jump.before.time_s < switched.time_s + EARLY_S
            since = switched if is_early else Moment(jump.before.time_s, charge_C)
            either = _is_decade(was_A, is_A) and switched.time_s > -inf
            self._stretch = _Stretch(since, switched if either else since, was_A, is_A, since.time_s)

    def unconfirmed(self, reading: Reading) -> None:
        """Take a reading that the others did not confirm, and that counts nowhere."""
        self._set.unconfirmed(reading.current_A)

    def look(self, reading: Reading, charge_C: float) -> Doubt | None:
        """Look at a reading, and the net charge (C) at it; return what was in doubt where that is over."""
        doubt, stretch = self._set.look(reading, charge_C), self._stretch
        if stretch is None:
            return doubt
        stretch.add(reading.time_s, reading.current_A)
        return _both(doubt, self._over()) if stretch.has_come_back(reading.current_A) else doubt

    def end(self, time_s: float) -> Doubt | None:
        """Return what is in doubt where the cell was switched off (s)."""
        doubt, self._set = self._set.end(time_s), _SetCurrent()
        if self._stretch is None:
            return doubt
        self._stretch.add(time_s, self._stretch.is_A)
        self._stretch.reach_back()
        return _both(doubt, self._over())

    def _over(self) -> Doubt | None:
        stretch, self._stretch = self._stretch, None
        return None if stretch is None else stretch.ended()


def _both(one: Doubt | None, other: Doubt | None) -> Doubt | None:
    """Return two doubts that are told at the same moment as one."""
    if one is None or other is None:
        return one or other
    first = min(one, other, key=lambda doubt: doubt.since_s)
    until_s, uncertainty_C = max(one.until_s, other.until_s), one.uncertainty_C + other.uncertainty_C
    return replace(first, until_s=until_s, uncertainty_C=uncertainty_C)


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
