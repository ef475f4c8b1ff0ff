"""Rest, constant current and constant voltage, as in the lab book.

A technique is a generator: it yields readings and what the engine is to switch. The engine watches every
reading, so no technique looks at safety limits or at the conditions that end its segment by a reading.
"""

from collections import deque
from dataclasses import replace

from solbench.acquisition.engine.actions import Actions, Emit, Finish, On, RestSlope, SetCurrent
from solbench.acquisition.engine.attention import AttentionNeeded
from solbench.acquisition.engine.limits import Ending, EndWatch
from solbench.acquisition.engine.schedule import Schedule
from solbench.acquisition.engine.station import Station, ZeroMean, require_idle
from solbench.acquisition.errors import Fault
from solbench.acquisition.record.events import Alarm, ZeroRead
from solbench.drivers.roles import Reading
from solbench.protocols.segments import ConstantCurrent, ConstantVoltage, Record, Rest

FOLLOWS_V = 2e-4  # the voltage has followed the current when it moved by this much


def rest(station: Station, segment: Rest) -> Actions:
    """Leave the cell open; read its voltage, and the ammeter's zero on the range of the coming current."""
    station.prepare_open_circuit()
    rule = SlopeRule(segment.slope_window_s)
    zero = ZeroMean()
    start_s = station.now_s() - station.rested_s()
    yield RestSlope(None)
    while True:
        reading = station.measure()
        zero.add(station.uncorrected_A(reading))
        rule.add(reading.time_s, reading.voltage_V)
        if station.is_requested():
            yield RestSlope(rule.slope_V_s())
        yield reading
        ending = _rest_ending(segment, rule, reading.time_s - start_s)
        if ending is not None:
            break
        elapsed = station.now_s() - start_s
        station.sleep_until_requested(
            min(_next_beat(start_s, elapsed, segment.record), start_s + segment.at_most_s)
        )
    yield RestSlope(rule.slope_V_s())
    yield from _remember_zero(station, zero)
    yield Finish(ending)


def constant_current(station: Station, segment: ConstantCurrent) -> Actions:
    """Hold a current until a condition fires; the charge end falls on its moment, between two readings."""
    watch = EndWatch(segment.ends)
    target_C = watch.charge_C
    if target_C is not None and abs(station.step_charge_C()) >= target_C:
        yield Finish(watch.charge_ending(station.step_charge_C()))
        return
    station.bench.prepare_current(abs(segment.current_A))
    open_circuit = station.measure()
    yield open_circuit
    yield On(0.0)
    station.sleep(station.settle_s)
    connected = station.measure()
    yield connected
    require_idle(connected, open_circuit.voltage_V, station.bench.full_scale_A)
    took_s = yield SetCurrent(segment.current_A)
    check = DirectionCheck(
        open_circuit.voltage_V, segment.current_A, station.now_s() + station.direction_check_s
    )
    flows = FlowCheck(segment.current_A, station.bench.full_scale_A)
    for action in _hold(replace(station, switch_off_latency_s=took_s or 0.0), watch, segment.record):
        yield action
        if isinstance(action, Reading):
            check.look(action)
            flows.look(action)


def constant_voltage(station: Station, segment: ConstantVoltage) -> Actions:
    """Hold a voltage until a condition fires."""
    watch = EndWatch(segment.ends)
    station.bench.prepare_voltage(segment.voltage_V, segment.current_limit_A)
    yield station.measure()
    yield On(0.0)
    yield from _hold(station, watch, segment.record)


def _hold(station: Station, watch: EndWatch, record: Record) -> Actions:
    """Read as scheduled; finish by charge or time at the exact moment."""
    conversion_s = station.bench.conversion_s
    schedule = Schedule(record.every_s, record.voltage_change_V, station.watch, conversion_s)
    start_s = station.now_s() - record.every_s
    distances: list[float] = []
    stored_V = change_V = 0.0
    while True:
        due_s = schedule.next_start_s(station.now_s(), start_s, distances, change_V)
        stop_s, ending = _exact_stop(station, watch)
        if ending is not None and stop_s < due_s + 2.0 * conversion_s:
            station.sleep_until(stop_s - station.switch_off_latency_s)
            yield Finish(ending)
            return
        station.sleep_until(due_s)
        start_s = due_s
        reading = station.measure()
        schedule.cycle_s = station.now_s() - start_s
        yield reading
        schedule.slope.add(reading.time_s, reading.voltage_V)
        distances = watch.voltage_distance(reading.voltage_V)
        distances += [reading.voltage_V - limit for limit in station.voltage_limits_V]
        change_V = reading.voltage_V - stored_V
        if record.voltage_change_V is not None and abs(change_V) >= record.voltage_change_V:
            stored_V, change_V = reading.voltage_V, 0.0


def _exact_stop(station: Station, watch: EndWatch) -> tuple[float, Ending | None]:
    """Return the run's time of the earliest end that falls between readings, and that ending."""
    time_end_s = station.now_s() + watch.time_left_s(station.step_active_s())
    if watch.charge_C is not None and (charge_s := station.charge_reached_s(watch.charge_C)) <= time_end_s:
        return charge_s, watch.charge_ending(watch.charge_C)
    if time_end_s < float("inf"):
        return time_end_s, watch.time_ending()
    return float("inf"), None


class DirectionCheck:
    """The voltage must move the way the current says within a set time, else the cell is opened.

    It finds leads swapped in one of voltage and current, and a cell that is not there. It cannot see leads that
    are swapped in both: the sign of the open-circuit voltage shows those.
    """

    def __init__(self, open_circuit_V: float, current_A: float, until_s: float) -> None:
        self._open_circuit_V = open_circuit_V
        self._sign = 1.0 if current_A > 0.0 else -1.0
        self._until_s: float | None = until_s

    def look(self, reading: Reading) -> None:
        """Look at one reading; raises Fault when the time is over and the voltage went the wrong way."""
        if self._until_s is None:
            return
        moved_V = (reading.voltage_V - self._open_circuit_V) * self._sign
        if moved_V >= FOLLOWS_V:
            self._until_s = None
        elif reading.time_s > self._until_s:
            way = "rise" if self._sign > 0 else "fall"
            raise Fault(
                f"the voltage does not {way} as the current says it must ({self._open_circuit_V:.4f} V before, "
                f"{reading.voltage_V:.4f} V now); check that CE/WE and RE1/RE2 are not swapped and the cell is closed"
            )


class FlowCheck:
    """The current must be what was set, or a lead has come off and the charge would never be reached.

    Two readings in a row decide, so that one disturbed reading does not end a run of days.
    """

    def __init__(self, current_A: float, full_scale_A: float) -> None:
        self._current_A = current_A
        self._allowed_A = 0.05 * abs(current_A) + 0.005 * full_scale_A
        self._wrong = 0

    def look(self, reading: Reading) -> None:
        """Look at one reading; raises AttentionNeeded at the second one in a row that is wrong."""
        wrong = abs(reading.current_A - self._current_A) > self._allowed_A
        self._wrong = self._wrong + 1 if wrong else 0
        if self._wrong >= 2:
            text = (
                f"a current of {reading.current_A:.4g} A flows instead of {self._current_A:.4g} A; look for a lead "
                "that has come off CE or WE, or a cell that takes more than the compliance voltage of the instrument"
            )
            found = {"set_A": self._current_A, "measured_A": reading.current_A}
            raise AttentionNeeded(Alarm(text=text, code="current_not_reached", parameters=found))


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


def _next_beat(start_s: float, elapsed_s: float, record: Record) -> float:
    return start_s + (int(elapsed_s / record.every_s + 1e-9) + 1) * record.every_s


def _remember_zero(station: Station, zero: ZeroMean) -> Actions:
    range_index = station.bench.range_index
    known = zero.zero(station.progress.zeros.get(range_index))
    if known is not None:
        read = ZeroRead(
            range=range_index, mean_A=known.mean_A, stderr_A=known.stderr_A, readings=known.readings
        )
        yield Emit(read)
