"""Readings that decide are read again: one wrong character in one of them must not act.

A reading that goes on from those before it, and decides nothing, is believed at once. Any other is read again in the
shortest conversion until enough of them agree; what the others do not confirm is reported and counts nowhere.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from math import sqrt
from typing import Protocol

from solbench.acquisition.engine.attention import AttentionNeeded
from solbench.acquisition.engine.continuity import JUMP_TIMES, JUMP_V, Continuity, Last, loose
from solbench.acquisition.record.events import Alarm, Decides
from solbench.drivers.errors import DriverError
from solbench.drivers.roles import Reading

AGREE_V = 2e-3 + 1e-9  # two readings of a millivolt's resolution may be just so far apart
AGREE_OF_RANGE = 5e-4
NOISE_S = 60.0  # the noise is that of about so long
CHORD = 5  # the slope is that between the newest and the one so many before
LEAST_OF_CHANGE = (
    4  # so many must agree on a change that no switching explains: a disturbed line may last for three
)
TRANSIENT_TIMES = (
    10.0  # just after switching a reading is wrong only if it is so much further from the others
)
MOST_DISAGREEING = 5
MOST_READINGS = 9
IN_TURN = 3  # so many wrong ones in turn are no accident
UNCONFIRMED_LIMITS = 3  # so many in `UNCONFIRMED_S` are allowed
UNCONFIRMED_S = 3600.0


class Take(Protocol):
    """Takes one reading, in the run's time and corrected; `fast` in the shortest conversion."""

    def __call__(self, *, fast: bool) -> Reading:
        """Take it; raises DriverError, Interrupted."""
        ...


def _nothing(_reading: Reading) -> Decides:
    return ""


def _unheard(_reading: Reading, _decides: Decides) -> None:
    return


@dataclass(frozen=True, slots=True)
class Jump:
    """A driven cell shows something else at once, and no switching explains it.

    `before` is the last reading that was as expected, `found` the first of those that agree on another one;
    `explained_V` and `explained_A` are how much of a change noise and slope explain, `decides` is what the reading
    decides by itself.
    """

    before: Reading
    found: Reading
    explained_V: float
    explained_A: float
    decides: Decides


def _unmoved(_jump: Jump) -> None:
    return


@dataclass(slots=True)
class _Trend:
    """How one quantity goes on: its newest value, its slope, and three times its noise."""

    value: float
    slope: float = 0.0
    noise: float = 0.0
    _variance: float = 0.0

    def expects(self, value: float, agree: float, dt_s: float) -> bool:
        """Say whether a value is near the newest one, or near where the slope leads to."""
        moved, led = value - self.value, self.slope * dt_s
        near, way = agree + self.noise, abs(led)
        return abs(moved) <= near + way or abs(moved - led) <= near + 0.5 * way

    def add(self, value: float, slope: float, dt_s: float, share: float) -> None:
        """Take the next value, and the slope up to it; `share` is what it counts for in the noise."""
        residual = value - self.value - self.slope * dt_s
        variance = self._variance
        self._variance = variance = variance + share * (residual * residual - variance)
        self.noise = 3.0 * sqrt(variance)
        self.value, self.slope = value, slope


@dataclass
class Confirmation:
    """Takes readings and returns those that may be believed.

    `report` is told of each reading that was not confirmed and what it would have decided; `judge` says what a reading
    decides by itself. `jumped` is told that voltage or current of a driven cell have become others at once.
    `continuity` knows the cell across switchings.
    While a limit is to be confirmed the instruments are asked in the context of `hurry`. Voltages in V, currents in A,
    times in s.
    """

    report: Callable[[Reading, Decides], None] = _unheard
    judge: Callable[[Reading], Decides] = _nothing
    jumped: Callable[[Jump], None] = _unmoved
    continuity: Continuity = field(default_factory=Continuity)
    hurry: Callable[[], AbstractContextManager[None]] = nullcontext
    _driven: bool = False
    _newest_s: float = 0.0
    _readings: int = 1  # that the trends are of
    _voltage: _Trend | None = None
    _current: _Trend | None = None
    _chord: deque[Reading] = field(default_factory=lambda: deque(maxlen=CHORD))
    _unconfirmed_s: deque[float] = field(default_factory=lambda: deque(maxlen=UNCONFIRMED_LIMITS + 1))

    def forget(self, *, driven: bool) -> None:
        """Expect nothing of the next reading: the cell was switched, and is driven from now on or not."""
        if self._voltage is not None and self._chord:
            voltage = self._voltage
            self.continuity.leave(Last(self._chord[-1], self._driven, voltage.slope, voltage.noise))
        self._driven = driven
        self._voltage = self._current = None
        self._chord.clear()

    def read(self, take: Take, full_scale_A: float, *, fast: bool = False, sure: bool = False) -> Reading:
        """Return a reading that may be believed; `sure` trusts none alone.

        An overload is returned at once, and so is a reading beyond a limit that the instrument does not answer for
        a second time. Raises AttentionNeeded when the readings do not agree, and what `take` raises.
        """
        first = take(fast=fast)
        if first.overload:
            return first
        if not sure and self._goes_on(first, full_scale_A) and not self.judge(first):
            self._learn(first)
            return first
        return self._read_again(first, take, full_scale_A, sure=sure)

    def _read_again(self, first: Reading, take: Take, full_scale_A: float, *, sure: bool) -> Reading:
        readings = [first]
        while True:
            again = self._again(readings, take)
            if again is None or again.overload:
                return again or first
            readings.append(again)
            support = self._support(readings, full_scale_A, sure=sure)
            if support:
                break
            if len(readings) >= MOST_READINGS or (
                len(readings) >= MOST_DISAGREEING and not self._have_majority(readings, full_scale_A)
            ):
                self._reject(readings)
                raise self._disagreement(readings)
        found = support[0]
        sound = (*support, *self._line(readings, full_scale_A))
        rejected = [
            reading
            for reading in readings
            if reading not in sound and not self._agree(reading, found, full_scale_A)
        ]
        jump = self._jump(found, full_scale_A)
        driven_jump = self._driven_jump(found)
        if not self._goes_on(found, full_scale_A):
            self._begin(support)
        self._learn(found)
        self._reject(rejected)
        if jump:
            raise AttentionNeeded(Alarm(text=jump, code="readings_disagree"))
        if len(rejected) >= IN_TURN:
            raise self._disagreement(readings)
        if driven_jump is not None:
            self.jumped(driven_jump)
        return found

    def _driven_jump(self, found: Reading) -> Jump | None:
        """Return from what a driven cell has come to this reading, None while that is not known."""
        voltage, current = self._voltage, self._current
        if not self._driven or voltage is None or current is None or len(self._chord) < CHORD:
            return None
        dt_s = abs(found.time_s - self._newest_s)
        explained_V, explained_A = (abs(one.slope) * dt_s + one.noise for one in (voltage, current))
        return Jump(self._chord[-1], found, explained_V, explained_A, self.judge(found))

    def _jump(self, found: Reading, full_scale_A: float) -> str:
        """Return what to do about the voltage of a cell at rest that has become another one, "" where it has not."""
        voltage = self._voltage
        if self._driven:
            return ""
        if voltage is None:
            return self.continuity.broken_by(found, full_scale_A)
        if len(self._chord) < CHORD:
            return ""
        moved = abs(voltage.slope) * abs(found.time_s - self._newest_s) + voltage.noise
        if abs(found.voltage_V - voltage.value) <= JUMP_V + JUMP_TIMES * moved:
            return ""
        return loose(voltage.value, found.voltage_V)

    def _have_majority(self, readings: Sequence[Reading], full_scale_A: float) -> bool:
        """Say whether most of the readings agree with one of them, so that more of them may confirm it."""
        agreeing = (sum(self._agree(one, other, full_scale_A) for other in readings) for one in readings)
        return 2 * max(agreeing) > len(readings)

    def _again(self, readings: Sequence[Reading], take: Take) -> Reading | None:
        """Read again in the shortest conversion; None where a limit cannot be confirmed because nothing answers."""
        is_limit = any(self.judge(reading) == "limit" for reading in readings)
        try:
            with self.hurry() if is_limit else nullcontext():
                return take(fast=True)
        except DriverError:
            if is_limit:
                return None
            raise

    def _support(self, readings: Sequence[Reading], full_scale_A: float, *, sure: bool) -> Sequence[Reading]:
        """Return the readings that confirm each other, first the one to be believed; none if they are too few."""
        beyond = [reading for reading in readings if self.judge(reading) == "limit"]
        if beyond:  # two of three
            confirming = [
                reading
                for reading in readings
                if reading in beyond or self._agree(beyond[0], reading, full_scale_A)
            ]
            if len(confirming) >= 2:
                return beyond[:1] + [reading for reading in confirming if reading is not beyond[0]]
            if len(readings) < 3:
                return ()
        newest, needed = readings[-1], self._needed(readings, full_scale_A, sure=sure)
        agreeing = [reading for reading in readings if self._agree(reading, newest, full_scale_A)]
        if len(agreeing) >= needed:
            return agreeing
        if self._goes_on(newest, full_scale_A):
            return ()
        line = self._line(readings, full_scale_A)
        return [newest, *line] if len(line) >= needed else ()

    def _needed(self, readings: Sequence[Reading], full_scale_A: float, *, sure: bool) -> int:
        """Return how many readings must agree with the newest."""
        if self._voltage is None:  # just after a switching
            near = self._driven and not self.continuity.is_far_from_last(readings[-1], full_scale_A)
            return 2 if near else LEAST_OF_CHANGE
        if not self._goes_on(readings[-1], full_scale_A):
            return LEAST_OF_CHANGE
        alone = not sure and not self.judge(readings[-1]) and not self._goes_on(readings[0], full_scale_A)
        return 1 if alone else 2

    def _line(self, readings: Sequence[Reading], full_scale_A: float) -> Sequence[Reading]:
        """Return the newest readings that go one after the other, each near the one before or on its way."""
        count = 1
        while count < len(readings):
            older, newer = readings[-count - 1], readings[-count]
            before = readings[-count - 2 : -count - 1]
            after = readings[-count + 1 :][:1] if count > 1 else ()
            if not (
                self._agree(older, newer, full_scale_A)
                or any(_on_the_way(one, older, newer, full_scale_A) for one in before)
                or any(_on_the_way(one, newer, older, full_scale_A) for one in after)
            ):
                break
            count += 1
        return readings[len(readings) - count :]

    def _agree(self, one: Reading, other: Reading, full_scale_A: float) -> bool:
        dt_s = abs(other.time_s - one.time_s)
        times = TRANSIENT_TIMES if self._driven and self._voltage is None else 1.0
        allowed_V, allowed_A = times * AGREE_V, times * AGREE_OF_RANGE * full_scale_A
        if self._voltage is not None and self._current is not None:
            allowed_V += self._voltage.noise + abs(self._voltage.slope) * dt_s
            allowed_A += self._current.noise + abs(self._current.slope) * dt_s
        return (
            abs(other.voltage_V - one.voltage_V) <= allowed_V
            and abs(other.current_A - one.current_A) <= allowed_A
        )

    def _goes_on(self, reading: Reading, full_scale_A: float) -> bool:
        """Say whether a reading is what those before it let expect."""
        voltage, current = self._voltage, self._current
        if voltage is None or current is None:
            return False
        dt_s = reading.time_s - self._newest_s
        if dt_s < 0.0:
            dt_s = 0.0
        return voltage.expects(reading.voltage_V, AGREE_V, dt_s) and current.expects(
            reading.current_A, AGREE_OF_RANGE * full_scale_A, dt_s
        )

    def _learn(self, reading: Reading) -> None:
        chord, time_s, voltage, current = self._chord, reading.time_s, self._voltage, self._current
        voltage_V, current_A = reading.voltage_V, reading.current_A
        if voltage is None or current is None:
            self._voltage, self._current, self._readings = _Trend(voltage_V), _Trend(current_A), 1
        elif time_s > self._newest_s:
            oldest = chord[0]
            span_s, dt_s = time_s - oldest.time_s, time_s - self._newest_s
            self._readings += 1
            share, least = dt_s / NOISE_S, 1.0 / self._readings
            share = min(share, 1.0) if share > least else least
            voltage.add(voltage_V, (voltage_V - oldest.voltage_V) / span_s, dt_s, share)
            current.add(current_A, (current_A - oldest.current_A) / span_s, dt_s, share)
        else:
            return
        chord.append(reading)
        self._newest_s = time_s

    def _begin(self, support: Sequence[Reading]) -> None:
        """Expect from now on what goes on from readings that were found to confirm each other."""
        self.forget(driven=self._driven)
        found, other = support[0], max(support, key=lambda one: abs(one.time_s - support[0].time_s))
        span_s = other.time_s - found.time_s
        if span_s != 0.0:
            self._voltage = _Trend(found.voltage_V, (other.voltage_V - found.voltage_V) / span_s)
            self._current = _Trend(found.current_A, (other.current_A - found.current_A) / span_s)
            self._readings = 1
            self._chord.append(found)
            self._newest_s = found.time_s

    def _reject(self, readings: Sequence[Reading]) -> None:
        """Report readings that were not confirmed; raises AttentionNeeded when limits are among them too often."""
        for reading in readings:
            decides = self.judge(reading)
            self.report(reading, decides)
            if decides == "limit":
                self._unconfirmed_s.append(reading.time_s)
        times = self._unconfirmed_s
        if len(times) > UNCONFIRMED_LIMITS and times[-1] - times[0] <= UNCONFIRMED_S:
            times.clear()
            text = (
                f"{UNCONFIRMED_LIMITS + 1} readings beyond a safety limit within an hour were not confirmed by the "
                "next; look at the cabling of the instruments and at what disturbs it"
            )
            raise AttentionNeeded(Alarm(text=text, code="limit_unconfirmed"))

    def _disagreement(self, readings: Sequence[Reading]) -> AttentionNeeded:
        shown = ", ".join(f"{reading.voltage_V:.4f} V {reading.current_A:.4g} A" for reading in readings)
        text = (
            f"readings taken one after the other do not agree ({shown}); look for a loose lead, and at the cable and "
            "the adapter of the instruments"
        )
        return AttentionNeeded(Alarm(text=text, code="readings_disagree"))


def _on_the_way(before: Reading, older: Reading, newer: Reading, full_scale_A: float) -> bool:
    """Say whether a reading goes on as the two before it went, or slows down: a cell that was just switched."""
    first_s, second_s = older.time_s - before.time_s, newer.time_s - older.time_s
    if first_s == 0.0:
        return False
    part = second_s / first_s
    steps = (
        (older.voltage_V - before.voltage_V, newer.voltage_V - older.voltage_V, AGREE_V),
        (
            older.current_A - before.current_A,
            newer.current_A - older.current_A,
            AGREE_OF_RANGE * full_scale_A,
        ),
    )
    return all(
        abs(then) <= agree or -agree <= then / _sign(first) <= 1.5 * abs(first) * part + agree
        for first, then, agree in steps
    )


def _sign(value: float) -> float:
    return -1.0 if value < 0.0 else 1.0
