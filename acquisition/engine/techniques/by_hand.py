"""The cell rests until a person sets something by hand, which the engine inserts as a segment of its own."""

from solbench.acquisition.engine.actions import Actions, Finish
from solbench.acquisition.engine.limits import Ending
from solbench.acquisition.engine.schedule import even_interval_s
from solbench.acquisition.engine.station import Station
from solbench.protocols.kinds.manual import ByHand


def by_hand(station: Station, segment: ByHand) -> Actions:
    """Leave the cell open and read it; end where nothing was set for as long as the step waits.

    The engine suspends it for what is set, and ends it where a person says so: both at a reading.
    """
    station.prepare_open_circuit()
    start_s = station.now_s()
    until_s = start_s + segment.at_most_s
    interval_s = even_interval_s(segment.record.every_s, station.watch.max_unwatched_s)
    due_s = start_s
    while True:
        yield station.measure()
        now_s = station.now_s()
        if now_s >= until_s:
            waited_s = now_s - start_s
            text = f"nothing was set by hand for {segment.at_most_s:g} s"
            yield Finish(Ending("done", text, "time", segment.at_most_s, waited_s))
        due_s = max(due_s + interval_s, now_s)
        station.sleep_until_requested(min(due_s, until_s))
