"""A condition: the chamber is ordered and awaited while the open circuit is read; without one a person is asked."""

from __future__ import annotations

from solbench.acquisition.engine.actions import Actions, Finish
from solbench.acquisition.engine.chamber import ChamberWatch
from solbench.acquisition.engine.limits import Ending
from solbench.acquisition.engine.schedule import even_interval_s
from solbench.acquisition.engine.station import Station
from solbench.acquisition.engine.techniques.prompt import prompt
from solbench.protocols.kinds.conditions import patience_s
from solbench.protocols.quantities.durations import format_duration
from solbench.protocols.segments import Condition


def condition(station: Station, segment: Condition) -> Actions:
    """Bring the cell to its temperature; the segment ends when it is steady, or where it is waited for no longer."""
    if station.chamber is None:
        yield from prompt(station, segment)
        return
    station.prepare_open_circuit()
    yield station.measure(sure=True)
    began_s = station.now_s()
    yield from _until_known(station, station.chamber, began_s)
    way_K = station.chamber.go_to(segment, station.now_s())
    longest_s = patience_s(segment, way_K)
    interval_s = even_interval_s(segment.record.every_s, station.watch.max_unwatched_s)
    while True:
        yield station.measure()
        waited_s = station.now_s() - began_s
        if station.chamber.is_steady(station.now_s()):
            text = f"steady, the chamber shows {station.chamber.shown()}"
            break
        if waited_s >= longest_s:
            if not segment.goes_on:
                raise station.chamber.not_steady(waited_s)
            text = f"not steady within {format_duration(waited_s)}; the run goes on"
            break
        station.sleep_until(station.now_s() + interval_s)
    yield Finish(Ending("done", text, "time", longest_s, waited_s))


def _until_known(station: Station, chamber: ChamberWatch, began_s: float) -> Actions:
    """Read the cell until the chamber's gauges have been read, which a line of their own does in its time."""
    while not chamber.is_known():
        chamber.require_known(station.now_s() - began_s)
        station.sleep_until(station.now_s() + station.watch.max_unwatched_s)
        yield station.measure()
