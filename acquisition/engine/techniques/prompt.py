"""A prompt: the open circuit is read, then the run waits for a person as in a pause, and is read once more.

Where a gauge shows the pressure that is asked for, it has the last word: it ends the wait, and a confirmation before it
shows the pressure asks once more.
"""

from solbench.acquisition.engine.actions import Actions, AskPerson, Finish
from solbench.acquisition.engine.limits import Ending
from solbench.acquisition.engine.station import Station
from solbench.protocols.quantities.durations import format_duration
from solbench.protocols.segments import Prompt

LAST = 0.999  # of a time-out: what was confirmed came before it
LOOK_S = 5.0


def prompt(station: Station, segment: Prompt) -> Actions:
    """Wait until a person has confirmed; the segment ends by that, or where nobody has and the run goes on."""
    station.prepare_open_circuit()
    yield station.measure(sure=True)
    began_s, text, limit_s = station.now_s(), segment.text, segment.time_out_s
    while True:
        left_s = None if limit_s is None else max(limit_s - (station.now_s() - began_s), 0.0)
        confirmed = yield AskPerson(text, left_s, segment.goes_on, lambda: _is_met(station, segment))
        station.prepare_open_circuit()
        yield station.measure(sure=True)
        if not confirmed or segment.pressure_within_Pa is None or station.pressure is None:
            break
        until_s = station.now_s() + segment.pressure_steady_s + station.pressure.late_s
        while not _is_met(station, segment) and station.now_s() < until_s:
            station.sleep_until(station.now_s() + min(LOOK_S, station.watch.max_unwatched_s))
            yield station.measure()
        if _is_met(station, segment):
            break
        text = f"{segment.text}: the gauge shows {station.pressure.shown()}"
    waited_s = station.now_s() - began_s
    after = format_duration(waited_s)
    if not confirmed:
        told = f"nobody confirmed within {after}; the run goes on"
    elif segment.pressure_within_Pa is not None and station.pressure is not None:
        told = f"the gauge shows {station.pressure.shown()} after {after}"
    else:
        told = f"confirmed after {after}"
    if confirmed and limit_s is not None:
        waited_s = min(waited_s, LAST * limit_s)
    yield Finish(Ending("done", told, "time", limit_s, waited_s))


def _is_met(station: Station, segment: Prompt) -> bool:
    """Say whether the gauge shows the pressure that is asked for."""
    asked_Pa, within_Pa = segment.stack_pressure_Pa, segment.pressure_within_Pa
    if asked_Pa is None or within_Pa is None or station.pressure is None:
        return False
    return station.pressure.is_within(asked_Pa, within_Pa, segment.pressure_steady_s, station.now_s())
