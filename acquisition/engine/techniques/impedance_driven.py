"""A spectrum of a cell that is driven: what is set besides the AC, before the first point and between the points."""

from collections.abc import Generator
from typing import Protocol

from solbench.acquisition.engine.actions import Action, SetCurrent, Stepped
from solbench.acquisition.engine.attention import AttentionNeeded
from solbench.acquisition.engine.set_points import Connected, CurrentCheck, LimitCheck, VoltageCheck
from solbench.acquisition.engine.station import Station
from solbench.acquisition.engine.techniques.holds import DirectionCheck, approach, connected_at
from solbench.acquisition.record.events import Alarm
from solbench.drivers.roles import Reading
from solbench.protocols.segments import ConstantVoltage, Direct, Sweep


class Check(Protocol):
    """Looks at every reading of what is set."""

    def look(self, reading: Reading) -> None:
        """Look at one reading; raises AttentionNeeded."""
        ...


class VoltageHeld:
    """The voltage must be what was set, and the current below its limit."""

    def __init__(self, station: Station, voltage_V: float, limit_A: float, connected: Connected) -> None:
        self._held = VoltageCheck(voltage_V, station.now_s(), connected)
        self._limit = LimitCheck(limit_A, station.bench.full_scale_A)
        self._voltage_V, self._limit_A = voltage_V, limit_A

    def look(self, reading: Reading) -> None:
        """Look at one reading; raises AttentionNeeded."""
        self._held.look(reading)
        if self._limit.is_passed(reading):
            raise _limited(self._voltage_V, self._limit_A, reading)


class CurrentFlows:
    """The current must be what was set, and the voltage go the way it says."""

    def __init__(self, station: Station, rests: tuple[Reading, Reading], current_A: float) -> None:
        now_s = station.now_s()
        until_s = now_s + station.direction_check_s
        self._direction = DirectionCheck(rests, current_A, until_s, station.electrolyte_ohm)
        self._flows = CurrentCheck(current_A, station.bench.full_scale_A, now_s)

    def look(self, reading: Reading) -> None:
        """Look at one reading; raises AttentionNeeded."""
        self._direction.look(reading)
        self._flows.look(reading)


def hold_voltage(
    station: Station, segment: Sweep, direct: Direct, open_V: float
) -> Generator[Action, float | None, tuple[Reading, Check]]:
    """Bring a cell that is held at its open circuit (V) to the voltage of a sweep, and hold it for as long as asked.

    Return the last reading, and what is to look at those that follow.
    """
    assert direct.voltage_V is not None
    target = ConstantVoltage(segment.step, direct.voltage_V, (), direct.limit_A)
    connected, first = yield from connected_at(station, open_V)
    stuck = yield from approach(station, target, connected, first)
    if stuck is not None:
        raise _limited(direct.voltage_V, direct.limit_A, stuck.reading)
    check = VoltageHeld(station, station.settable(direct.voltage_V), direct.limit_A, connected)
    return (yield from _held(station, direct.hold_s, check)), check


def drive_current(
    station: Station, direct: Direct, rests: tuple[Reading, Reading]
) -> Generator[Action, float | None, tuple[Reading, Check]]:
    """Set the direct current of a sweep on a cell that is connected without one, and let it flow as long as asked.

    `rests`: readings at open circuit, and connected. Return as `hold_voltage` does.
    """
    yield SetCurrent(direct.current_A)
    check = CurrentFlows(station, rests, direct.current_A)
    driven = station.measure()
    yield driven
    yield Stepped(rests, driven)
    check.look(driven)
    return (yield from _held(station, direct.hold_s, check)), check


def _held(station: Station, hold_s: float, check: Check) -> Generator[Action, float | None, Reading]:
    """Read what is held until the time is over, at least until it has settled; return the last reading."""
    until_s = station.now_s() + max(hold_s, station.settle_s)
    while True:
        reading = station.measure()
        yield reading
        check.look(reading)
        now_s = station.now_s()
        if now_s >= until_s:
            return reading
        station.sleep_until(min(until_s, now_s + station.watch.max_unwatched_s))


def _limited(voltage_V: float, limit_A: float, reading: Reading) -> AttentionNeeded:
    text = (
        f"at {reading.voltage_V:.4f} V {reading.current_A:.4g} A flow, and {limit_A:.4g} A is the 'current_limit' of a "
        f"spectrum at {voltage_V:.4f} V: hold the cell there in a step before until less flows, or raise the limit"
    )
    found = {
        "set_V": voltage_V,
        "measured_V": reading.voltage_V,
        "measured_A": reading.current_A,
        "limit_A": limit_A,
    }
    return AttentionNeeded(Alarm(text=text, code="voltage_not_reached", parameters=found))
