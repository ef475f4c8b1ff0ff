"""A prompt: the open circuit is read, then the run waits for a person as in a pause, and is read once more."""

from solbench.acquisition.engine.actions import Actions, AskPerson, Finish
from solbench.acquisition.engine.limits import Ending
from solbench.acquisition.engine.station import Station
from solbench.protocols.quantities.durations import format_duration
from solbench.protocols.segments import Prompt


def prompt(station: Station, segment: Prompt) -> Actions:
    """Wait until a person has confirmed; the segment ends by that, or where nobody has and the run goes on."""
    station.prepare_open_circuit()
    yield station.measure(sure=True)
    began_s = station.now_s()
    confirmed = yield AskPerson(segment.text, segment.time_out_s, segment.goes_on)
    waited_s = station.now_s() - began_s
    station.prepare_open_circuit()
    yield station.measure(sure=True)
    after = format_duration(waited_s)
    text = f"confirmed after {after}" if confirmed else f"nobody confirmed within {after}; the run goes on"
    yield Finish(Ending("done", text, "time", segment.time_out_s, waited_s))
