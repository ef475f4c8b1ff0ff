"""The states of a run and the verbs that people say to it: one table, and nothing else decides."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a run is."""

    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    ENDED = "ended"


class Verb(StrEnum):
    """What may be asked of a run. `stop` is also what Ctrl-C and SIGTERM mean."""

    PAUSE = "pause"
    RESUME = "resume"
    SKIP = "skip"
    STOP = "stop"
    SPECTRUM = "spectrum"
    MANUAL = "manual"
    CHANGE = "change"


@dataclass(frozen=True)
class Answer:
    """What follows: `interrupt` says whether the engine is to be interrupted; a refusal has its reason in `text`.

    `request` is the number under which what became of it is told later (`RunControl.outcomes`); 0: nothing will follow.
    """

    accepted: bool
    text: str
    interrupt: bool = False
    becomes: State | None = None
    request: int = 0


def _go(text: str, becomes: State | None = None, interrupt: bool = True) -> Answer:
    return Answer(accepted=True, text=text, interrupt=interrupt, becomes=becomes)


def _nothing(text: str) -> Answer:
    return Answer(accepted=True, text=text)


def _no(text: str) -> Answer:
    return Answer(accepted=False, text=text)


_STOP = _go("stopping: the cell is switched off, the file finished", State.STOPPING)
_TOO_LATE = _no("the run is stopping already")
_ENDED = _no("the run has ended")

TABLE: dict[tuple[State, Verb], Answer] = {
    (State.STARTING, Verb.PAUSE): _no("the run has not begun yet; stop it, or ask again in a moment"),
    (State.STARTING, Verb.RESUME): _nothing("the run is about to begin"),
    (State.STARTING, Verb.SKIP): _no("the run has not begun yet"),
    (State.STARTING, Verb.STOP): _STOP,
    (State.STARTING, Verb.SPECTRUM): _no("the run has not begun yet; ask again in a moment"),
    (State.STARTING, Verb.MANUAL): _no("the run has not begun yet; ask again in a moment"),
    (State.STARTING, Verb.CHANGE): _no("the run has not begun yet; ask again in a moment"),
    (State.RUNNING, Verb.PAUSE): _go("pausing: the cell is switched off"),
    (State.RUNNING, Verb.RESUME): _nothing("the run is not paused"),
    (State.RUNNING, Verb.SKIP): _go("the current step is skipped; the run no longer counts as completed"),
    (State.RUNNING, Verb.STOP): _STOP,
    (State.RUNNING, Verb.SPECTRUM): _nothing("a spectrum is measured next; then the step continues"),
    (State.RUNNING, Verb.MANUAL): _nothing("done at the next reading"),
    (State.RUNNING, Verb.CHANGE): _nothing("changed from the next reading on"),
    (State.PAUSED, Verb.PAUSE): _nothing("the run is paused already; the cell is off"),
    (State.PAUSED, Verb.RESUME): _go("resuming", State.RUNNING, interrupt=False),
    (State.PAUSED, Verb.SKIP): _no("the run is paused; resume it first"),
    (State.PAUSED, Verb.STOP): _STOP,
    (State.PAUSED, Verb.SPECTRUM): _no("the run is paused and the cell is off; resume it first"),
    (State.PAUSED, Verb.MANUAL): _no("the run is paused and the cell is off; resume it first"),
    (State.PAUSED, Verb.CHANGE): _nothing("changed for when the run is resumed"),
    (State.STOPPING, Verb.PAUSE): _TOO_LATE,
    (State.STOPPING, Verb.RESUME): _TOO_LATE,
    (State.STOPPING, Verb.SKIP): _TOO_LATE,
    (State.STOPPING, Verb.STOP): _nothing("the run is stopping already"),
    (State.STOPPING, Verb.SPECTRUM): _TOO_LATE,
    (State.STOPPING, Verb.MANUAL): _TOO_LATE,
    (State.STOPPING, Verb.CHANGE): _TOO_LATE,
    (State.ENDED, Verb.PAUSE): _ENDED,
    (State.ENDED, Verb.RESUME): _ENDED,
    (State.ENDED, Verb.SKIP): _ENDED,
    (State.ENDED, Verb.STOP): _nothing("the run has ended already"),
    (State.ENDED, Verb.SPECTRUM): _ENDED,
    (State.ENDED, Verb.MANUAL): _ENDED,
    (State.ENDED, Verb.CHANGE): _ENDED,
}

BEFORE_PAUSE: dict[Verb, Answer] = {
    Verb.PAUSE: _nothing("pausing: the cell is switched off"),
    Verb.RESUME: _nothing("the pause is taken back; the run continues"),
    Verb.SKIP: _no("the run is about to pause; resume it first"),
    Verb.STOP: _STOP,
    Verb.SPECTRUM: _no("the run is about to pause; resume it first"),
    Verb.MANUAL: _no("the run is about to pause; resume it first"),
    Verb.CHANGE: _nothing("changed for when the run is resumed"),
}
"""What follows while a pause is pending that the engine has not acted on yet."""

SKIPPED_ALREADY = _nothing("the step is being skipped already")
"""What follows while the same step is to be skipped and the engine has not acted on it yet."""
