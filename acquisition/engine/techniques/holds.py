"""Rest, constant current and constant voltage, as in the lab book.

A technique is a generator: it yields readings and what the engine is to switch. The engine watches every
reading, so no technique looks at safety limits or at the conditions that end its segment by a reading.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import NamedTuple

from solbench.acquisition.engine.actions import (
    Action,
    Actions,
    Emit,
    Finish,
    Off,
    On,
    Reaching,
    RestSlope,
    SetCurrent,
    SetVoltage,
    Stepped,
)
from solbench.acquisition.engine.attention import AttentionNeeded
from solbench.acquisition.engine.limits import Ending, EndWatch
from solbench.acquisition.engine.schedule import Schedule, even_interval_s
from solbench.acquisition.engine.set_points import (
    CURRENT_OF_SET,
    Connected,
    CurrentCheck,
    LimitCheck,
    VoltageCheck,
    is_held,
    not_held,
)
from solbench.acquisition.engine.station import Station, ZeroMean, require_idle
from solbench.acquisition.record.events import Alarm, CurrentLimited, ZeroRead
from solbench.drivers.roles import Reading
from solbench.protocols.segments import AT_LIMIT, ConstantCurrent, ConstantVoltage, Record, Rest

FOLLOWS_V = 2e-4  # the voltage has followed the current when it moved by this much
FIRST_STEP_V = 1e-3  # towards a voltage, as long as nothing is known of the cell's resistance
FIRST_SHARE = 0.1  # of the way, where that is less
LARGEST_STEP_V = 0.05
STEP_SHARE = 0.5  # of the current that is left: at first a cell takes more than a reading shows
GROWS = 4.0  # at most by this much the resistance is taken for larger than at the step before
DRIFT_V = 3e-4  # a smaller change between two readings at open circuit is noise
TOLD = 3.0  # so many times what counts as a move the current must drop in the electrolyte: a third of it may be missing
LAST_CYCLES = 2.0  # of a reading before the end by charge or time: so early begins the last one
LEAST_CHANGE = 1e-3  # of the range; a smaller change of a current is not read more often for
SETTLING_GROWS = 1.5  # the time from a change to a reading, from one to the next
WAIT_S, WAIT_SHARE = (
    0.2,
    0.05,
)  # between two looks at a current that is at its limit; and of the time since a step
LEAST_STEP = 1e-3  # of the way: smaller ones are not worth a command
AT_REST_BELOW = 0.98  # of the limit, to which a current goes back that was beyond it
FALLS_S = 60.0  # so long at least may the current fall to its limit behind the smallest step that can be set
MEAN_OF = 8  # readings, whose mean shows a third of the noise


def rest(station: Station, segment: Rest) -> Actions:
    """Leave the cell open; read its voltage, and the ammeter's zero on the range of the coming current."""
    station.prepare_open_circuit()
    rule = SlopeRule(segment.slope_window_s)
    zero = ZeroMean()
    start_s = station.now_s() - station.rested_s()
    interval_s = even_interval_s(segment.record.every_s, station.watch.max_unwatched_s)
    yield RestSlope(None)
    while True:
        reading = station.measure()
        zero.add(station.uncorrected_A(reading))
        rule.add(reading.time_s, reading.voltage_V)
        if station.is_requested():
            yield RestSlope(rule.slope_V_s())
        yield reading
        ending = _rest_ending(segment, rule, reading.time_s - start_s)
        if ending is not None and ending.quantity == "slope":  # not by one reading
            reading = station.measure()
            rule.add(reading.time_s, reading.voltage_V)
            yield reading
            ending = _rest_ending(segment, rule, reading.time_s - start_s)
        if ending is not None:
            break
        elapsed = station.now_s() - start_s
        station.sleep_until_requested(
            min(_next_beat(start_s, elapsed, interval_s), start_s + segment.at_most_s)
        )
    yield RestSlope(rule.slope_V_s())
    yield from _remember_zero(station, zero)
    yield Finish(ending)


def constant_current(station: Station, segment: ConstantCurrent) -> Actions:
    """Hold a current until a condition fires; the charge end falls on its moment, between two readings."""
    watch = station.watch_of(segment.ends)
    target_C = watch.charge_C
    if target_C is not None and abs(station.step_charge_C()) >= target_C:
        yield Finish(watch.charge_ending(station.step_charge_C()))
        return
    yield from _driven(station, segment.current_A, watch, segment.record)


def constant_voltage(station: Station, segment: ConstantVoltage) -> Actions:
    """Hold a voltage until a condition fires, approached so that the current stays below its limit.

    Where it would not, the limit is held as a constant current until the voltage is reached: the instrument cannot
    do that by itself. Then the voltage is held as far as the limit lets it, and the cell is not opened again.
    """
    watch = station.watch_of(segment.ends)
    watch.reaching = not_reached = f"{segment.voltage_V:g} V was not reached"
    yield Reaching(watch.reaching)
    limited_A = yield from _hold_below_limit(station, segment, watch)
    yield Off()
    if limited_A is None:
        return
    watch.reaching = f"{not_reached}: {abs(limited_A):.3g} A, the current limit, did not bring it there"
    yield Reaching(watch.reaching)
    yield Emit(CurrentLimited(current_A=limited_A, voltage_V=segment.voltage_V))
    near = replace(station, voltage_limits_V=(*station.voltage_limits_V, segment.voltage_V))
    began_s = station.now_s()
    yield from _driven(near, limited_A, watch, segment.record, HasCome(segment.voltage_V, limited_A))
    yield Off()
    watch.reaching = f"{not_reached}: the current came to its limit, {abs(limited_A):.3g} A"
    yield Reaching(watch.reaching)
    yield from _hold_at_limit(station, segment, watch, station.now_s() - began_s)
    yield Off()


def _hold_below_limit(
    station: Station, segment: ConstantVoltage, watch: EndWatch
) -> Generator[Action, float | None, float | None]:
    """Approach the voltage and hold it; return the current (A) to go on with where it comes to its limit."""
    limit_A, reaching = segment.current_limit_A, watch.reaching
    connected, first = yield from _connected(station, limit_A)
    if (yield from approach(station, segment, connected, first)) is not None:
        return math.copysign(limit_A, segment.voltage_V - connected.set_V)
    watch.reaching = ""
    yield Reaching("", connected=connected)
    changed_s = station.now_s()
    held = VoltageCheck(station.settable(segment.voltage_V), changed_s, connected)
    limit = LimitCheck(limit_A, station.bench.full_scale_A)
    for action in _hold(station, watch, segment.record, changed_s):
        yield action
        if isinstance(action, Reading):
            held.look(action)
            if limit.is_passed(action):
                watch.reaching = reaching
                yield Reaching(reaching)
                return math.copysign(limit_A, action.current_A)
    return None


def _connected(
    station: Station, limit_A: float
) -> Generator[Action, float | None, tuple[Connected, Reading]]:
    """Switch on a cell that is open, with the voltage that it has; return as `connected_at` does."""
    station.prepare_open_circuit()
    open_circuit = station.measure(sure=True)
    yield open_circuit
    station.bench.prepare_voltage(open_circuit.voltage_V, limit_A)
    yield On(0.0)
    return (yield from connected_at(station, open_circuit.voltage_V))


def connected_at(
    station: Station, open_V: float
) -> Generator[Action, float | None, tuple[Connected, Reading]]:
    """Read a cell that was just switched on at its open circuit (V).

    Return where a voltage begins from there, and the reading.
    """
    reading = station.measure()
    yield reading
    return Connected(station.settable(open_V), reading.voltage_V), reading


def _hold_at_limit(
    station: Station, segment: ConstantVoltage, watch: EndWatch, brought_s: float
) -> Generator[Action, float | None, None]:
    """Bring a cell to its voltage that a constant current has brought there in `brought_s` (s), and hold it.

    Its current may come up to the limit, where the voltage waits, and goes back where the current does not stay below.
    The cell is never opened for that: open, it loses what the current has built up in it.
    """
    limit_A, reaching = segment.current_limit_A, watch.reaching
    connected, first = yield from _connected(station, limit_A)
    climb = Climb(station, segment, (connected, first), max(brought_s, FALLS_S))
    while True:
        yield from climb.up()
        watch.reaching, watch.note = "", f"approached with a constant current of {limit_A:.4g} A"
        yield Reaching("", watch.note, connected)
        held = VoltageCheck(climb.held_V, climb.set_s, connected)
        is_passed = False
        for action in _hold(station, watch, segment.record, climb.set_s):
            yield action
            if isinstance(action, Reading):
                held.look(action)
                climb.reading = action
                if is_passed := climb.limit.is_passed(action):
                    break
        if not is_passed:
            return
        watch.reaching, watch.note = reaching, ""
        yield Reaching(reaching)
        yield from climb.back()


class Climb:
    """A voltage on its way to the one wanted, at a current that may come up to its limit but not stay beyond."""

    def __init__(
        self, station: Station, segment: ConstantVoltage, began: tuple[Connected, Reading], falls_s: float
    ) -> None:
        """Take where it begins, and for how long (s) the smallest step of an instrument may pass the limit."""
        self._station = station
        self._connected, self.reading = began
        self._limit_A, self._wanted_V = segment.current_limit_A, station.settable(segment.voltage_V)
        self._grid_V = station.bench.voltage_step_V
        self._falls_s = falls_s if self._grid_V else 0.0
        self.held_V = self._connected.set_V
        self._way_V = self._wanted_V - self.held_V
        self._towards = math.copysign(1.0, self._way_V)
        self._ohm = _first_ohm(self._way_V, self._limit_A)
        self._went_back = False
        self._begin()

    def _begin(self) -> None:
        """Watch the limit anew behind a step."""
        station = self._station
        self.set_s = station.now_s()
        self.limit = LimitCheck(self._limit_A, station.bench.full_scale_A, self.set_s + self._falls_s)

    def up(self) -> Actions:
        """Go on until what is wanted is set; the end of the segment may come before."""
        while self.held_V != self._wanted_V:
            if self.limit.is_passed(self.reading):
                yield from self.back()
            elif (step_V := self._step_V()) > 0.0:
                yield from self._move(step_V)
            else:
                station = self._station
                waited_s = station.now_s() - self.set_s
                station.sleep(min(max(WAIT_S, WAIT_SHARE * waited_s), station.watch.max_unwatched_s))
                self.reading = station.measure()
                yield self.reading

    def back(self) -> Actions:
        """Go back by what brings the current below its limit."""
        self._went_back = True
        flowing_A = self._towards * self.reading.current_A
        excess_A = abs(flowing_A) - AT_REST_BELOW * self._limit_A
        back_V = max(excess_A * self._ohm, LEAST_STEP * abs(self._way_V), self._grid_V)
        yield from self._move(-math.copysign(back_V, flowing_A))

    def _step_V(self) -> float:
        """Return the step (V) that the limit allows now, 0 for none."""
        flowing_A, most_A = self._towards * self.reading.current_A, self._limit_A * (1.0 + CURRENT_OF_SET)
        left_V = abs(self._wanted_V - self.held_V)
        if flowing_A + left_V / self._ohm <= most_A:
            return min(left_V, LARGEST_STEP_V)
        if flowing_A >= self._limit_A:
            return 0.0
        step_V = min(STEP_SHARE * (most_A - flowing_A) * self._ohm, LARGEST_STEP_V, left_V)
        if self._grid_V:
            is_too_much = self._went_back and flowing_A + self._grid_V / self._ohm > self._limit_A
            return 0.0 if is_too_much else max(step_V, self._grid_V)
        return step_V if step_V >= LEAST_STEP * abs(self._way_V) else 0.0

    def _move(self, step_V: float) -> Actions:
        """Set the voltage so much nearer (V), and learn of the resistance that it meets; raises AttentionNeeded."""
        before_A, before_V = self.reading.current_A, self.held_V
        to_V = self._station.settable(self.held_V + self._towards * step_V)
        is_there = self._towards * (self._wanted_V - to_V) <= 1e-9
        self.held_V = self._wanted_V if is_there else to_V
        yield SetVoltage(self.held_V)
        self._begin()
        self.reading = yield from held_reading(self._station, self.held_V, self._connected)
        if not is_held(self.reading.voltage_V, self.held_V, self._connected):
            raise not_held(self.reading, self.held_V)
        change_A, moved_V = self.reading.current_A - before_A, self.held_V - before_V
        met_ohm = moved_V / change_A if change_A * moved_V > 0.0 else math.inf
        self._ohm = min(met_ohm, GROWS * self._ohm)


def _first_ohm(way_V: float, limit_A: float) -> float:
    """Return the resistance (ohm) that a cell is taken to have before a step has shown it."""
    return min(FIRST_STEP_V, FIRST_SHARE * abs(way_V)) / (STEP_SHARE * limit_A)


def settled(station: Station) -> Generator[Action, float | None, Reading]:
    """Wait until what was just switched has settled, and read meanwhile: the charge of a transient counts.

    Return the last reading.
    """
    changed_s = station.now_s()
    while True:
        reading = station.measure()
        yield reading
        passed_s = station.now_s() - changed_s
        if passed_s >= station.settle_s:
            return reading
        station.sleep_until(changed_s + min(SETTLING_GROWS * passed_s, station.settle_s))


class HasCome:
    """Whether a current has brought the cell to a voltage; before it flows nothing has.

    What is within the noise of one reading is told by the mean of several.
    """

    def __init__(self, voltage_V: float, current_A: float) -> None:
        self._voltage_V, self._current_A = voltage_V, current_A
        self._beyond_V: deque[float] = deque(maxlen=MEAN_OF)

    def __call__(self, reading: Reading) -> bool:
        """Take one more reading; return whether the cell has come there."""
        if abs(reading.current_A) <= 0.5 * abs(self._current_A):
            return False
        beyond_V = math.copysign(1.0, self._current_A) * (reading.voltage_V - self._voltage_V)
        self._beyond_V.append(beyond_V)
        if beyond_V >= DRIFT_V:
            return True
        return len(self._beyond_V) == MEAN_OF and sum(self._beyond_V) >= 0.0


def _driven(
    station: Station,
    current_A: float,
    watch: EndWatch,
    record: Record,
    is_enough: Callable[[Reading], bool] = lambda _reading: False,
) -> Actions:
    """Switch on at zero current, set the current, and hold it until a condition of `watch` fires.

    It returns with the cell still on at the first reading that `is_enough`.
    """
    station.bench.prepare_current(abs(current_A))
    open_circuit = station.measure(sure=True)
    yield open_circuit
    yield On(0.0)
    connected = yield from settled(station)
    require_idle(connected, open_circuit.voltage_V, station.bench.full_scale_A)
    took_s = yield SetCurrent(current_A)
    now_s = station.now_s()
    rests = (open_circuit, connected)
    direction = DirectionCheck(rests, current_A, now_s + station.direction_check_s, station.electrolyte_ohm)
    flows = CurrentCheck(current_A, station.bench.full_scale_A, now_s)
    is_first = True
    for action in _hold(replace(station, switch_off_latency_s=took_s or 0.0), watch, record):
        yield action
        if isinstance(action, Reading):
            if is_first:
                is_first = False
                yield Stepped(rests, action)
            if is_enough(action):
                return
            direction.look(action)
            flows.look(action)


class Stuck(NamedTuple):
    """Where a voltage stuck on its way: the last reading, what was set then (V), and whether the current limited it."""

    reading: Reading
    set_V: float
    at_limit: bool


def approach(
    station: Station, segment: ConstantVoltage, connected: Connected, reading: Reading
) -> Generator[Action, float | None, Stuck | None]:
    """Bring the held voltage from that of the open circuit to the one wanted, in steps that the limit allows.

    `connected` and `reading` as of `connected_at`. Return None where it came there. A current near its limit on the way
    ends it, unless what is left fits below the limit by the resistance met so far; and a voltage that is not held.
    """
    limit_A, wanted_V = segment.current_limit_A, station.settable(segment.voltage_V)
    open_V = held_V = connected.set_V
    grid_V = station.bench.voltage_step_V
    towards = math.copysign(1.0, wanted_V - held_V)
    ohm = _first_ohm(wanted_V - held_V, limit_A)
    while held_V != wanted_V:
        flowing_A, left_V, most_A = towards * reading.current_A, abs(wanted_V - held_V), limit_A
        if flowing_A >= AT_LIMIT * limit_A:
            most_A *= 1.0 + CURRENT_OF_SET
            if held_V != open_V:  # all of the way has met more than a step meets at first
                ohm = min(ohm, abs(held_V - open_V) / flowing_A)
            if flowing_A + left_V / ohm > most_A:
                return Stuck(reading, held_V, at_limit=True)
        step_V = min(max(STEP_SHARE * (most_A - flowing_A) * ohm, grid_V), LARGEST_STEP_V, left_V)
        before_V = held_V
        held_V = station.settable(held_V + towards * step_V)
        if step_V == left_V or towards * (wanted_V - held_V) <= 1e-9:
            held_V = wanted_V
        yield SetVoltage(held_V)
        reading = yield from held_reading(station, held_V, connected)
        if not is_held(reading.voltage_V, held_V, connected):  # the step was too much for the range
            return Stuck(reading, held_V, at_limit=towards * reading.current_A >= AT_LIMIT * limit_A)
        change_A = towards * reading.current_A - flowing_A
        ohm = min(abs(held_V - before_V) / change_A, GROWS * ohm) if change_A > 0.0 else GROWS * ohm
    return None


def held_reading(
    station: Station, set_V: float, connected: Connected
) -> Generator[Action, float | None, Reading]:
    """Read a voltage that was just set; a second time where the first reading does not show it.

    More often where it is about right: noise may hide a way of a millivolt in two readings.
    """
    reading = station.measure()
    yield reading
    for taken in range(1, MEAN_OF - 1):
        if is_held(reading.voltage_V, set_V, connected):
            break
        if taken >= 2 and not is_held(reading.voltage_V, set_V):
            break
        reading = station.measure()
        yield reading
    return reading


def _hold(station: Station, watch: EndWatch, record: Record, changed_s: float | None = None) -> Actions:
    """Read as scheduled; finish by charge or time at the exact moment, behind a last reading.

    `changed_s`: when the voltage was set (s); the current that follows is read the more often.
    """
    conversion_s = station.bench.conversion_s
    schedule = Schedule(
        record.every_s,
        record.voltage_change_V,
        station.watch,
        conversion_s,
        changed_s=changed_s,
        least_A=LEAST_CHANGE * station.bench.full_scale_A,
    )
    start_s = station.now_s() - record.every_s
    distances: list[float] = []
    stored_V = change_V = 0.0
    while True:
        now_s = station.now_s()
        due_s = schedule.next_start_s(now_s, start_s, distances, change_V)
        stop_s, by_charge = _exact_stop(station, watch, now_s)
        last_s = stop_s - LAST_CYCLES * max(schedule.cycle_s, conversion_s)
        if last_s <= due_s:
            if start_s < last_s and station.now_s() <= last_s:
                station.sleep_until(last_s)
                yield station.measure()
                stop_s, by_charge = _exact_stop(station, watch, station.now_s())
            station.sleep_until(stop_s - station.switch_off_latency_s)
            yield Finish(watch.exact_ending(by_charge=by_charge))
            return
        station.sleep_until(due_s)
        start_s = due_s
        reading = station.measure()
        schedule.cycle_s = station.now_s() - start_s
        yield reading
        schedule.slope.add(reading.time_s, reading.voltage_V)
        if changed_s is not None:
            schedule.current.add(reading.time_s, reading.current_A)
        voltage_V = reading.voltage_V
        distances = [voltage_V - limit_V for limit_V in (*watch.voltages_V, *station.near_V)]
        change_V = voltage_V - stored_V
        if record.voltage_change_V is not None and abs(change_V) >= record.voltage_change_V:
            stored_V, change_V = voltage_V, 0.0


def _exact_stop(station: Station, watch: EndWatch, now_s: float) -> tuple[float, bool]:
    """Return the run's time of the earliest end that falls between readings (inf: none), and whether by charge."""
    time_end_s = now_s + watch.time_left_s(station.step_active_s(now_s)) if watch.is_timed else math.inf
    if watch.charge_C is not None and (charge_s := station.charge_reached_s(watch.charge_C)) <= time_end_s:
        return charge_s, True
    return time_end_s, False


class DirectionCheck:
    """The voltage must move the way the current says within a set time, else the cell is opened.

    It finds leads swapped in one of voltage and current, and a cell that is not there. It cannot see leads that
    are swapped in both: the sign of the open-circuit voltage shows those. Two readings in a row decide.
    """

    def __init__(
        self, rests: tuple[Reading, Reading], current_A: float, until_s: float, electrolyte_ohm: float
    ) -> None:
        """Take two readings (s, V) without current, the current (A), and the electrolyte's resistance, if known."""
        before, newest = rests
        self._sign = 1.0 if current_A > 0.0 else -1.0
        self._rest_V, self._rest_s = newest.voltage_V, newest.time_s
        drifted_V = newest.voltage_V - before.voltage_V
        passed_s = newest.time_s - before.time_s
        is_drift = abs(drifted_V) > DRIFT_V and passed_s > 0.0
        self._drift_V_s = drifted_V / passed_s if is_drift else 0.0
        is_told = electrolyte_ohm == 0.0 or abs(current_A) * electrolyte_ohm > TOLD * FOLLOWS_V
        self._until_s: float | None = until_s if is_told else None
        self._followed = 0
        self._not_followed = 0

    def look(self, reading: Reading) -> None:
        """Look at one reading; raises AttentionNeeded when the time is over and the voltage went the wrong way."""
        if self._until_s is None:
            return
        # Without current the voltage would be between here and where its drift leads: a relaxation becomes slower.
        still_V = self._rest_V + self._drift_V_s * (reading.time_s - self._rest_s)
        moved_V = max((reading.voltage_V - rest_V) * self._sign for rest_V in (self._rest_V, still_V))
        follows = moved_V >= FOLLOWS_V
        self._followed = self._followed + 1 if follows else 0
        late = not follows and reading.time_s > self._until_s
        self._not_followed = self._not_followed + 1 if late else 0
        if self._followed == 2:
            self._until_s = None
        elif self._not_followed == 2:
            way = "rise" if self._sign > 0 else "fall"
            text = (
                f"the voltage does not {way} as the current says it must ({self._rest_V:.4f} V before, "
                f"{reading.voltage_V:.4f} V now); check that CE/WE and RE1/RE2 are not swapped and the cell is closed"
            )
            found = {"open_circuit_V": self._rest_V, "measured_V": reading.voltage_V}
            raise AttentionNeeded(Alarm(text=text, code="direction_wrong", parameters=found))


class SlopeRule:
    """dV/dt by a straight line through the readings of the last `window_s` seconds."""

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._points: deque[tuple[float, float]] = deque()

    def add(self, time_s: float, voltage_V: float) -> None:
        """Take one reading."""
        points = self._points
        points.append((time_s, voltage_V))
        while time_s - points[0][0] > self._window_s:
            points.popleft()

    def slope_V_s(self) -> float | None:
        """Return the slope in V/s; None before the window is nearly full."""
        points = self._points
        if len(points) < 3 or points[-1][0] - points[0][0] < 0.9 * self._window_s:
            return None
        n = len(points)
        mean_t = sum(t for t, _ in points) / n
        mean_v = sum(v for _, v in points) / n
        covariance = sum((t - mean_t) * (v - mean_v) for t, v in points)
        return covariance / sum((t - mean_t) ** 2 for t, _ in points)


def _rest_ending(segment: Rest, rule: SlopeRule, elapsed_s: float) -> Ending | None:
    if elapsed_s >= segment.at_most_s:
        return Ending("done", f"rested {segment.at_most_s:g} s", "time", segment.at_most_s, elapsed_s)
    if segment.slope_V_s is None or elapsed_s < segment.at_least_s:
        return None
    slope = rule.slope_V_s()
    if slope is None or abs(slope) >= segment.slope_V_s:
        return None
    text = f"voltage steady: {slope * 6e4:+.2f} mV/min, below the required {segment.slope_V_s * 6e4:g} mV/min"
    return Ending("done", text, "slope", segment.slope_V_s, slope)


def _next_beat(start_s: float, elapsed_s: float, interval_s: float) -> float:
    return start_s + (int(elapsed_s / interval_s + 1e-9) + 1) * interval_s


def _remember_zero(station: Station, zero: ZeroMean) -> Actions:
    range_index = station.bench.range_index
    known = zero.zero(station.progress.zeros.get(range_index))
    if known is not None:
        read = ZeroRead(
            range=range_index, mean_A=known.mean_A, stderr_A=known.stderr_A, readings=known.readings
        )
        yield Emit(read)
