"""DC polarization: a small voltage, the current over hours, range by range down to the smallest.

It starts on a range that takes the inrush (V/R_ion) and goes to a smaller one whenever the current fits; each
change switches the cell off for a moment and is marked, so that the seconds after it can be left out.
"""

from __future__ import annotations

from collections.abc import Generator

from acquisition.actions import Action, Actions, Finish, Off, On, Remark
from acquisition.impedance import read_zero
from acquisition.limits import Ending
from acquisition.station import Station
from acquisition.steady import SteadyState
from protocols.segments import Polarization

ZERO_READINGS = 40
AFTER_RANGE_CHANGE_S = 10.0


def polarization(station: Station, segment: Polarization) -> Actions:
    """Zero of each range, baseline at 0 V, then the voltage until steady; the other sign after it if wanted."""
    yield from _zeros(station)
    yield from _phase(station, segment, "baseline", 0.0, segment.baseline_s, None)
    signs = (1.0, -1.0) if segment.both_signs else (1.0,)
    steady: list[bool] = []
    for sign in signs:
        name = "polarization" if sign > 0 else "polarization, other sign"
        criterion = SteadyState(segment.slope_fraction, segment.slope_span_s)
        steady.append(
            (
                yield from _phase(
                    station, segment, name, sign * segment.voltage_V, segment.at_most_s, criterion
                )
            )
        )
    text = "steady state reached" if all(steady) else f"not steady after {segment.at_most_s:g} s"
    yield Finish(Ending("done", text, "steady", segment.slope_fraction, 1.0 if all(steady) else 0.0))


def _zeros(station: Station) -> Actions:
    """Read the zero of the ammeter on every range that may be used, with the cell off."""
    for range_index in station.pair.polarization_ranges:
        station.pair.prepare_polarization(0.0, range_index)
        yield from read_zero(station, ZERO_READINGS)


def _phase(
    station: Station,
    segment: Polarization,
    name: str,
    voltage_V: float,
    at_most_s: float,
    criterion: SteadyState | None,
) -> Generator[Action, None, bool]:
    """Hold one voltage; return whether the current became steady."""
    ranges = list(station.pair.polarization_ranges)
    range_index = ranges.pop(0)
    yield from _switch_to(station, voltage_V, range_index)
    yield Remark("phase", {"name": name, "voltage_V": voltage_V})
    start_s = changed_s = station.now_s()
    while station.now_s() - start_s < at_most_s:
        due_s = station.now_s() - station.pair.conversion_s + segment.record.every_s
        reading = station.measure()
        yield reading
        if ranges and abs(reading.current_A) < 0.5 * station.pair.full_scale_of(ranges[0]):
            range_index = ranges.pop(0)
            yield from _switch_to(station, voltage_V, range_index)
            changed_s = station.now_s()
        elif criterion is not None and reading.time_s - changed_s > AFTER_RANGE_CHANGE_S:
            if criterion.add(reading.time_s, reading.current_A):
                yield Off()
                return True
        station.sleep_until(due_s)
    yield Off()
    return False


def _switch_to(station: Station, voltage_V: float, range_index: int) -> Actions:
    yield Off()
    station.pair.prepare_polarization(voltage_V, range_index)
    yield Remark("range", {"range": range_index})
    yield On(0.0)
