"""A voltage that runs from vertex to vertex: the instrument's own ramp, small steps along a line, or a staircase.

A ramp is what the instrument runs by itself, without steps, where it can: over two vertices and back. It prepares
itself for some seconds, and when it has begun is seen from where the voltage is. Steps are the program's own: each is
set to where the line is by the clock, so that the rate holds whatever a reading takes. Readings follow each other
without a gap where the rate asks for it, in the shorter conversion once a whole one would make more than a millivolt.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate, pairwise
from statistics import NormalDist, median

from solbench.acquisition.engine.actions import (
    Actions,
    Finish,
    MoreCharge,
    Off,
    On,
    StartRamp,
    Step,
    Turned,
)
from solbench.acquisition.engine.attention import AttentionNeeded
from solbench.acquisition.engine.limits import Ending
from solbench.acquisition.engine.schedule import EAGER
from solbench.acquisition.engine.set_points import LimitCheck, not_held
from solbench.acquisition.engine.station import Station
from solbench.acquisition.engine.techniques.holds import approach, connected_at
from solbench.acquisition.engine.techniques.probes import ZERO_READINGS, read_zero
from solbench.acquisition.record.events import Alarm
from solbench.drivers.errors import OutOfRange
from solbench.drivers.roles import Reading
from solbench.protocols.segments import ConstantVoltage, CyclicScan, LinearScan, Scan

FINE_V = 2e-4  # no finer steps are set, if the time between two readings allows
COARSE_V = 1e-3  # from larger steps on readings are taken in the shorter conversion
LONGEST_RAMP_S, SHORTEST_RAMP_S = 100_000.0, 1e-2  # of a segment (1287 manual p. 55)
SOON_S = 0.5  # before and behind a turn the current is read as often as can be
SLOWEST_RAMP_V_s = 1e-5  # slower, and when a ramp begins is not seen within some minutes
SEEN_V = 1.5e-3  # so far from where it stood the voltage has begun to move
STILL_READINGS, KEPT_READINGS, BEGUN_READINGS = 40, 200, 40
LATE, LATE_V = 3.0, 5e-3
BESIDE = 3  # readings to either side of a turn, through which the current is led to it
END_READINGS = 1.2  # so much of a reading must fit in before a ramp ends
LINE_S = 0.1  # how well it is known where a ramp is
OFF_LINE_V, OFF_LINE_SHARE, OFF_LINE_READINGS = 0.01, 0.02, 5
NORMAL_MEDIAN = NormalDist().inv_cdf(0.75)  # of a normal distribution's magnitudes, in standard deviations
SCATTERS = 1e-3  # so much of the charge may the readings' scatter leave open and not be told
FEWEST_SCATTERING = 30  # from fewer readings the shape of a peak and scatter cannot be told apart
UNRESOLVED = 6.0  # times the scatter: by so much no three readings in turn fall behind the largest one
RANGE_SCATTER = 5e-4  # of full scale; by more none of the benches scatters, also in its short conversion
RANGE_ROOM = 1.1  # so much of a limit has a range that is chosen for it
DIGIT = 5e-5  # of full scale, in the short conversion
HIDES = 10.0  # standard deviations: a current that is no larger than so much has no shape that can be seen


def scan(station: Station, segment: LinearScan | CyclicScan) -> Actions:
    """Come to the first level below the current limit, then run from level to level."""
    first_V = segment.levels_V[0]
    station.prepare_open_circuit()
    open_circuit = station.measure(sure=True)
    yield open_circuit
    station.bench.prepare_voltage(open_circuit.voltage_V, segment.current_limit_A)
    yield from read_zero(station, ZERO_READINGS)
    yield On(0.0)
    farthest_V = max(abs(level_V - first_V) for level_V in segment.levels_V)
    is_unseen = farthest_V < 2.0 * SEEN_V  # it would be over before
    by_steps = segment.step_V is not None or segment.rate_V_s < SLOWEST_RAMP_V_s or is_unseen
    ramp = None if by_steps or station.equipment.ramp is None else ramp_over(segment)
    if ramp is not None:
        station.ramp.prepare_ramp(ramp.levels_V, ramp.times_s, ramp.segments)
    there = ConstantVoltage(segment.step, first_V, (), segment.current_limit_A)
    connected, first = yield from connected_at(station, open_circuit.voltage_V)
    stuck = yield from approach(station, there, connected, first)
    if stuck is not None:
        if not stuck.at_limit:  # nothing shows that it was the current
            raise not_held(stuck.reading, stuck.set_V)
        yield Off()
        text = (
            f"on the way from {open_circuit.voltage_V:.4f} V at open circuit to {first_V:g} V, where the sweep begins, "
            f"the current came to its limit of {segment.current_limit_A:.3g} A; nothing was swept"
        )
        limit_A, found_A = segment.current_limit_A, abs(stuck.reading.current_A)
        yield Finish(Ending("step", text, "current_above", limit_A, found_A))
        return
    limit = LimitCheck(segment.current_limit_A, station.bench.full_scale_A)
    held, scatter = _OnLine(), _Scatter()
    steps: Actions
    set_V: float | None = first_V
    if ramp is not None:
        steps, set_V = _ramp(station, segment, held), None
    elif segment.step_V is None:
        steps = _line(station, segment)
    else:
        steps = _staircase(station, segment, segment.step_V)
    for action in steps:
        yield action
        if isinstance(action, Step):
            set_V = action.voltage_V
        if not isinstance(action, Reading):
            continue
        if limit.is_passed(action):
            yield Off()
            yield Finish(_limited(segment, action))
            return
        scatter.add(action)
        if set_V is not None:
            held.look(action, set_V)
    while held.is_off:  # what the last reading showed, others must show or not
        reading = station.measure()
        yield reading
        held.look(reading, segment.levels_V[-1], LINE_S * segment.rate_V_s)
    passed_V = sum(abs(after - before) for before, after in pairwise(segment.levels_V))
    told = ""
    if segment.step_V is None:  # behind each step of a staircase the current has a course of its own
        told = scatter.in_words(segment.current_limit_A, station.bench.full_scale_A, _finer_ranges(station))
    text = f"swept {passed_V:g} V to {segment.levels_V[-1]:g} V{told}"
    yield Finish(Ending("done", text, "time", segment.duration_s, segment.duration_s))


@dataclass(frozen=True, slots=True)
class RampOver:
    """A ramp over four levels (V), the times (s) from each to the next, and how many segments it has."""

    levels_V: tuple[float, float, float, float]
    times_s: tuple[float, float, float, float]
    segments: int


def ramp_over(segment: Scan) -> RampOver | None:
    """Return the four levels that are gone over again and again; None where a sweep is no such ramp.

    That is a way of up to three parts, and one over two vertices again and again whose first level lies between them:
    a level between the vertices makes four of them. The last part goes on beyond the last level to the next vertex,
    for the sweep is ended on the way.
    """
    levels_V, rate_V_s = segment.levels_V, segment.rate_V_s
    if len(levels_V) <= 4:
        four = (*levels_V, *[*levels_V][-1:] * (4 - len(levels_V)))
        segments = len(levels_V) - 1
    else:
        first_V, *vertices_V, last_V = levels_V
        one_V, other_V = vertices_V[:2]
        repeated = all(level_V == vertices_V[number % 2] for number, level_V in enumerate(vertices_V))
        low_V, high_V = sorted((one_V, other_V))
        towards_V = vertices_V[-2]  # where the last part would go on to
        ends_between = min(vertices_V[-1], towards_V) <= last_V <= max(vertices_V[-1], towards_V)
        if not (repeated and low_V < first_V < high_V and ends_between):
            return None
        four = (first_V, one_V, 0.5 * (one_V + other_V), other_V)
        segments = 2 * len(vertices_V) + 2
    ways_V = (abs(four[(number + 1) % 4] - four[number]) for number in range(4))
    times_s = tuple(way_V / rate_V_s for way_V in ways_V)
    if max(times_s) > LONGEST_RAMP_S or any(0.0 < time_s < SHORTEST_RAMP_S for time_s in times_s):
        return None
    return RampOver(
        (four[0], four[1], four[2], four[3]), (times_s[0], times_s[1], times_s[2], times_s[3]), segments
    )


def _ramp(station: Station, segment: Scan, held: _OnLine) -> Actions:
    """Read along the instrument's own ramp, often where the current jumps: where it begins, and where it turns.

    The voltage must be on the line, and until its beginning is known between the first level and where it could be.
    """
    rate_V_s, levels_V = segment.rate_V_s, segment.levels_V
    fast = rate_V_s * station.bench.conversion_s > COARSE_V
    every_s = min(FINE_V / rate_V_s, station.watch.max_unwatched_s)
    yield StartRamp()
    started_s, begin_s = station.now_s(), math.nan
    setup_s = station.ramp.ramp_setup_s
    begins, turns = _Beginning(rate_V_s, abs(levels_V[1] - levels_V[0])), list[float]()
    last, curve = deque[Reading](maxlen=2), _Curve()
    took_s, told = station.bench.conversion_s, False
    while True:
        now_s = station.now_s()
        waits = math.isnan(begin_s)
        end_s = math.inf if waits else begin_s + segment.duration_s
        expected_s = started_s + 0.7 * setup_s if waits else turns[0] if turns else math.inf
        is_soon = (waits and now_s > expected_s) or abs(now_s - expected_s) < SOON_S or end_s - now_s < SOON_S
        due_s = now_s if not last or is_soon else last[-1].time_s + every_s
        due_s = max(now_s, min(due_s, expected_s - SOON_S) if now_s < expected_s - SOON_S else due_s)
        if end_s - due_s < END_READINGS * took_s:
            break
        station.sleep_until(due_s)
        begun_s = station.now_s()
        if turns and not told and begun_s > turns[0]:
            told = True
            yield Turned()
        reading = station.measure(fast=fast)
        took_s = station.now_s() - begun_s
        yield reading
        if waits:
            gone_V = rate_V_s * max(0.0, reading.time_s - started_s)
            towards_V = math.copysign(min(gone_V, abs(levels_V[1] - levels_V[0])), levels_V[1] - levels_V[0])
            low_V, high_V = sorted((levels_V[0], levels_V[0] + towards_V))
            held.look(reading, min(max(reading.voltage_V, low_V), high_V), LINE_S * rate_V_s)
            if not held.is_off:
                begins.add(reading)
            if begins.found_s is not None:
                begin_s = begins.found_s
                turns = [begin_s + time_s for time_s in _turning_s(segment)]
                yield from begins.kink(begin_s)
                last.clear()
            elif not begins.seen and reading.time_s > started_s + LATE * setup_s + LATE_V / rate_V_s:
                raise _not_begun(reading, setup_s)
        else:
            held.look(reading, level_V(segment, reading.time_s - begin_s), LINE_S * rate_V_s)
        last.append(reading)
        if not waits:
            left = len(turns)
            curve.add(reading, turns, soonest_s=took_s)
            told = told and len(turns) == left
    yield MoreCharge(curve.more_C)
    if len(last) > 1:
        before, newest = list(last)[-2:]
        slope_A_s = (newest.current_A - before.current_A) / (newest.time_s - before.time_s)
        yield MoreCharge(0.5 * slope_A_s * (end_s - newest.time_s) ** 2)
    station.sleep_until(end_s - station.switch_off_latency_s)


def level_V(segment: Scan, after_s: float) -> float:
    """Return where on its way (V) a sweep is so long (s) after its beginning."""
    left_s = max(after_s, 0.0)
    for before_V, after_V in pairwise(segment.levels_V):
        part_s = abs(after_V - before_V) / segment.rate_V_s
        if left_s < part_s:
            return before_V + (after_V - before_V) * left_s / part_s
        left_s -= part_s
    return segment.levels_V[-1]


def _turning_s(segment: Scan) -> list[float]:
    """Return when a ramp turns (s from its beginning)."""
    parts_s = [abs(after - before) / segment.rate_V_s for before, after in pairwise(segment.levels_V)]
    return list(accumulate(parts_s))[:-1]


class _Curve:
    """What the charge (`more_C`, C) is more than that of straight lines between readings: curvature, kinks at turns."""

    def __init__(self) -> None:
        self.more_C = 0.0
        self._way: list[Reading] = []  # the last readings on this way
        self._next: list[Reading] = []  # those behind the turn at its end

    def add(self, reading: Reading, turns: list[float], *, soonest_s: float) -> None:
        """Take one reading; a turn (s) that it lies behind is taken from `turns` as soon as it can be told.

        `soonest_s`: how long (s) the next reading takes at least.
        """
        if not turns or reading.time_s <= turns[0]:
            self._go_on(reading)
            return
        self._next.append(reading)
        is_short = len(turns) > 1 and reading.time_s + soonest_s > turns[1]
        if len(self._next) < BESIDE and not is_short:
            return
        if len(self._way) > 1 and len(self._next) > 1:
            self.more_C += kink_C(turns[0], self._way, self._next)
        turns.pop(0)
        behind, self._way, self._next = self._next, [], []
        for one in behind:
            self._go_on(one)

    def _go_on(self, reading: Reading) -> None:
        is_first = len(self._way) == BESIDE - 1
        self._way = [*self._way, reading][-BESIDE:]
        if len(self._way) == BESIDE:
            intervals = list(pairwise(self._way))
            for before, after in intervals if is_first else intervals[-1:]:
                straight_C = 0.5 * (before.current_A + after.current_A) * (after.time_s - before.time_s)
                self.more_C += _led_C(self._way, before.time_s, after.time_s) - straight_C


class _Beginning:
    """Finds when a ramp has begun, from the first millivolts of it and from no more than half of its first part."""

    def __init__(self, rate_V_s: float, part_V: float) -> None:
        self._rate_V_s, self._part_V = rate_V_s, part_V
        self._still: list[float] = []
        self._readings: deque[Reading] = deque(maxlen=KEPT_READINGS)
        self._begun_s: list[float] = []
        self.seen = False
        self.found_s: float | None = None

    def add(self, reading: Reading) -> None:
        """Take one reading; what the voltage was before is that of the first ones."""
        self._readings.append(reading)
        still_V = sum(self._still) / len(self._still) if self._still else reading.voltage_V
        moved_V = abs(reading.voltage_V - still_V)
        if moved_V < SEEN_V and not self.seen:
            if len(self._still) < STILL_READINGS:  # later ones may have moved already
                self._still.append(reading.voltage_V)
            return
        self.seen = True
        self._begun_s.append(reading.time_s - moved_V / self._rate_V_s)
        if len(self._begun_s) >= BEGUN_READINGS or moved_V >= 0.5 * self._part_V:
            self.found_s = sum(self._begun_s) / len(self._begun_s)

    def kink(self, at_s: float) -> Iterator[MoreCharge]:
        """Yield the charge of the kink at which it began, between the readings around it."""
        readings = list(self._readings)
        for first, before, after, last in zip(
            readings, readings[1:], readings[2:], readings[3:], strict=False
        ):
            if before.time_s <= at_s < after.time_s:
                yield MoreCharge(kink_C(at_s, (first, before), (after, last)))


def kink_C(at_s: float, before: Sequence[Reading], after: Sequence[Reading]) -> float:
    """Return what the charge (C) is more than that of a straight line where the current jumped at `at_s` (s).

    It goes on along the curve through the readings before, two or three, and comes along that through those behind.
    """
    last, first = before[-1], after[0]
    jumped_C = _led_C(before, last.time_s, at_s) + _led_C(after, at_s, first.time_s)
    return jumped_C - 0.5 * (last.current_A + first.current_A) * (first.time_s - last.time_s)


def _led_C(readings: Sequence[Reading], begin_s: float, end_s: float) -> float:
    """Return the charge (C) between two times (s) along the curve through some readings (Simpson; exact for three)."""
    ends_A = _led_A(readings, begin_s) + _led_A(readings, end_s)
    return (end_s - begin_s) * (ends_A + 4.0 * _led_A(readings, 0.5 * (begin_s + end_s))) / 6.0


def _led_A(readings: Sequence[Reading], at_s: float) -> float:
    """Return the current (A) to which the curve through some readings leads (Lagrange)."""
    led_A = 0.0
    for one in readings:
        others = [other.time_s for other in readings if other is not one]
        led_A += one.current_A * math.prod((at_s - t) / (one.time_s - t) for t in others)
    return led_A


def _not_begun(reading: Reading, setup_s: float) -> AttentionNeeded:
    text = (
        f"the ramp has not begun {LATE:g} times the {setup_s:g} s that it prepares itself: the cell is still at "
        f"{reading.voltage_V:.4f} V. Look at what the potentiostat displays, and at ramp_setup_s in the bench file"
    )
    return AttentionNeeded(
        Alarm(text=text, code="voltage_not_reached", parameters={"measured_V": reading.voltage_V})
    )


def _line(station: Station, segment: Scan) -> Actions:
    """Follow the line; its vertices are set when they are due, and each is read before the voltage turns."""
    rate_V_s, levels_V = segment.rate_V_s, segment.levels_V
    whole_s = max(station.bench.conversion_s, 0.05)
    fast = rate_V_s * whole_s > COARSE_V
    at_least_s = min(FINE_V / rate_V_s, station.watch.max_unwatched_s)
    begin_s = station.now_s()
    for before_V, after_V in pairwise(levels_V):
        end_s = begin_s + abs(after_V - before_V) / rate_V_s
        way = math.copysign(rate_V_s, after_V - before_V)
        took_s = 0.0
        due_s = station.now_s()
        while due_s < end_s - 0.5 * took_s:
            station.sleep_until(due_s)
            now_s = station.now_s()
            middle_s = min(
                now_s + 0.5 * max(took_s, at_least_s), end_s
            )  # of the time for which this step stands
            yield Step(before_V + way * (middle_s - begin_s), turns=False)
            yield station.measure(fast=fast)
            took_s = station.now_s() - now_s
            due_s = max(now_s + at_least_s, station.now_s())
        station.sleep_until(end_s)
        yield Step(after_V, turns=True)
        begin_s = end_s
    yield station.measure()


def _staircase(station: Station, segment: Scan, step_V: float) -> Actions:
    """Stand on each step as long as the rate says; the current is read the more often the shorter ago it was set."""
    stands_s = step_V / segment.rate_V_s
    set_s = station.now_s()
    for voltage_V in _stairs(segment.levels_V, step_V):
        yield Step(voltage_V, turns=True)
        end_s, passed_s = set_s + stands_s, 0.0
        while True:
            yield station.measure()
            passed_s = station.now_s() - set_s
            due_s = set_s + min((1.0 + EAGER) * passed_s + 0.05, passed_s + station.watch.max_unwatched_s)
            if due_s + station.bench.conversion_s >= end_s:
                break
            station.sleep_until(due_s)
        station.sleep_until(end_s - 1.5 * station.bench.conversion_s)
        yield station.measure()
        station.sleep_until(end_s)
        set_s = end_s


def _stairs(levels_V: tuple[float, ...], step_V: float) -> Iterator[float]:
    """Yield the voltages of a staircase; each level is one of them, and the step before it may be a smaller one."""
    yield levels_V[0]
    for before_V, after_V in pairwise(levels_V):
        count = math.ceil(abs(after_V - before_V) / step_V - 1e-9)
        by_V = math.copysign(step_V, after_V - before_V)
        yield from (before_V + by_V * place for place in range(1, count))
        yield after_V


def _limited(segment: Scan, reading: Reading) -> Ending:
    limit_A = segment.current_limit_A
    text = f"the current came to its limit of {limit_A:.3g} A at {reading.voltage_V:.4f} V"
    return Ending("step", text, "current_above", limit_A, abs(reading.current_A))


class _Scatter:
    """What the scatter of a sweep's readings leaves open of its charge: much, on a range for far larger currents.

    A reading scatters by the third difference of the four around it, in which a curve counts little; a median, so that
    kinks and jumps do not count. What is more than any range scatters by is the cell's own, or the current's shape. Of
    a peak that is over within two readings nobody knows how large it was, or whether it was one: all is judged without
    it, for a bad reading must not hide what the others show, and no limit is said to suit it.
    """

    def __init__(self) -> None:
        self._last: deque[Reading] = deque(maxlen=5)
        self._off_A: deque[float] = deque(maxlen=KEPT_READINGS)
        self._lasted_s = self._passed_C = self._largest_A = 0.0
        self._held_A = self._held_C = 0.0  # what three readings in turn came to, and their charge
        self._count = 1

    def add(self, reading: Reading) -> None:
        """Take one reading."""
        if self._last:
            last = self._last[-1]
            self._lasted_s += reading.time_s - last.time_s
            self._passed_C += abs(reading.current_A + last.current_A) * (reading.time_s - last.time_s) / 2.0
            self._count += 1
        self._largest_A = max(self._largest_A, abs(reading.current_A))
        self._last.append(reading)
        if len(self._last) == 5:
            five = list(self._last)
            self._held_A = max(self._held_A, min(abs(one.current_A) for one in five[2:]))
            middle_A = median(one.current_A for one in five)
            self._held_C += abs(middle_A) * (five[3].time_s - five[1].time_s) / 2.0
            self._off_A.append(_third_difference(five[1:]))

    def in_words(self, limit_A: float, full_scale_A: float, finer_A: Sequence[float]) -> str:
        """Return what to tell behind the end of the sweep, "" where the charge is known well or no range knows better.

        `finer_A`: the full scales of the more sensitive ranges.
        """
        if len(self._off_A) < FEWEST_SCATTERING:
            return ""
        off_A = min(median(self._off_A) / NORMAL_MEDIAN, RANGE_SCATTER * full_scale_A)
        off_A = max(off_A, DIGIT * full_scale_A / math.sqrt(12.0))  # within a digit nothing seems to scatter
        is_brief = self._largest_A - self._held_A > 0.5 * self._largest_A + UNRESOLVED * off_A
        reached_A, passed_C = (self._held_A, self._held_C) if is_brief else (self._largest_A, self._passed_C)
        better_A = float(f"{max(2.0 * reached_A, 0.5 * min(finer_A, default=0.0)):.1g}")
        is_finer = better_A < limit_A and any(RANGE_ROOM * better_A <= one_A for one_A in finer_A)
        if not is_finer or reached_A == 0.0:
            return ""
        unsure_C = off_A * self._lasted_s / math.sqrt(self._count)
        if unsure_C <= SCATTERS * passed_C:
            return ""
        is_hidden = reached_A < HIDES * off_A
        leaves = "hides it" if is_hidden else f"leaves {100.0 * unsure_C / passed_C:.2g} % of the charge open"
        brief = f" (in one or two readings {self._largest_A:.2g} A)" if is_brief else ""
        cure = "" if is_brief else f": a current_limit of {better_A:.1g} A measures it better"
        return (
            f"; the current reached {reached_A:.2g} A{brief}, {100.0 * reached_A / full_scale_A:.2g} % of the range "
            f"for its limit of {limit_A:.3g} A, whose scatter {leaves}{cure}"
        )


def _third_difference(four: Sequence[Reading]) -> float:
    """Return that of four readings' currents (A) at whatever times, of the same scatter as that of one reading."""
    times_s = [one.time_s for one in four]
    if any(after_s <= before_s for before_s, after_s in pairwise(times_s)):
        return 0.0
    lasts_s = times_s[-1] - times_s[0]
    weights = [
        1.0 / math.prod((this_s - other_s) / lasts_s for other_s in times_s if other_s != this_s)
        for this_s in times_s
    ]
    weighted_A = (weight * one.current_A for weight, one in zip(weights, four, strict=True))
    return abs(math.fsum(weighted_A)) / math.hypot(*weights)


def _finer_ranges(station: Station) -> list[float]:
    """Return the full scales (A) of the ranges more sensitive than the present one."""
    bench = station.equipment.polarization
    scales_A = list[float]()
    with suppress(OutOfRange):
        while bench is not None:
            scales_A.append(bench.full_scale_of(len(scales_A) + 1))
    return [one_A for one_A in scales_A if one_A < station.bench.full_scale_A]


class _OnLine:
    """The voltage must be where it was set, or the instrument has cut out."""

    def __init__(self) -> None:
        self._wrong = 0

    @property
    def is_off(self) -> bool:
        """Get whether the last reading was elsewhere."""
        return self._wrong > 0

    def look(self, reading: Reading, set_V: float, more_V: float = 0.0) -> None:
        """Look at one reading; raises AttentionNeeded at the last of too many in turn that are elsewhere.

        It may be `more_V` further off than one that is set.
        """
        is_off = abs(reading.voltage_V - set_V) > OFF_LINE_V + more_V + OFF_LINE_SHARE * abs(set_V)
        self._wrong = self._wrong + 1 if is_off else 0
        if self._wrong >= OFF_LINE_READINGS:
            text = (
                f"the cell is at {reading.voltage_V:.4f} V instead of {set_V:.4f} V: the instrument has cut out, or a "
                "lead has come off. Look for a short circuit, a current beyond the range, and at the leads"
            )
            found = {"set_V": set_V, "measured_V": reading.voltage_V, "measured_A": reading.current_A}
            raise AttentionNeeded(Alarm(text=text, code="voltage_not_reached", parameters=found))
