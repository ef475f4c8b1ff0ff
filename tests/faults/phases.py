"""The phases of a segment in which a fault may begin, found in the events of a run without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from solbench.acquisition.record.events import Event

AROUND_S = 0.5  # so long before and after a switching is a part of it
Span = tuple[float, float]


@dataclass(frozen=True)
class Phase:
    """A part of a run: `of` returns when it begins and ends (s) in these events, in a run that a user pauses or not."""

    words: str
    paused: bool
    of: Callable[[Sequence[Event]], Span]


def _first(events: Sequence[Event], kind: str) -> float:
    return next(event.time_s for event in events if event.kind == kind)


def _last(events: Sequence[Event], kind: str) -> float:
    return [event.time_s for event in events if event.kind == kind][-1]


def _edges(events: Sequence[Event], connected: bool) -> list[float]:
    return [event.time_s for event in events if event.kind == "edge" and event.body.connected is connected]


def _beginning(events: Sequence[Event]) -> Span:
    return 0.0, _first(events, "segment")


def _switching_on(events: Sequence[Event]) -> Span:
    on_s = _edges(events, True)
    if not on_s:  # the cell stays off
        return _first(events, "segment"), _first(events, "sample")
    return _first(events, "switch") - AROUND_S, on_s[0] + AROUND_S


def _switching_off(events: Sequence[Event]) -> Span:
    off_s = _edges(events, False)
    ended_s = off_s[-1] if off_s else _last(events, "segment_end")
    return ended_s - AROUND_S, ended_s


def _holding(events: Sequence[Event]) -> Span:
    return _switching_on(events)[1], _switching_off(events)[0]


def _pause(events: Sequence[Event]) -> Span:
    return _first(events, "paused") - AROUND_S, _first(events, "resumed") - AROUND_S


def _resume(events: Sequence[Event]) -> Span:
    resumed_s = _first(events, "resumed")
    again = [event.time_s for event in events if event.kind in ("sample", "point", "edge")]
    ended_s = _last(events, "end")  # of what is not carried out again
    return resumed_s - AROUND_S, next((time_s for time_s in again if time_s > resumed_s), ended_s)


def _cleanup(events: Sequence[Event]) -> Span:
    return _last(events, "segment_end"), _last(events, "end")


PHASES: Mapping[str, Phase] = {
    "beginning": Phase("from the first command to the first segment", False, _beginning),
    "switching on": Phase("around the first switching on", False, _switching_on),
    "holding": Phase("while the segment goes on", False, _holding),
    "switching off": Phase("just before the last switching off", False, _switching_off),
    "pause": Phase("while a user's pause begins and lasts", True, _pause),
    "resume": Phase("when that pause ends, until it goes on", True, _resume),
    "cleanup": Phase("from the last segment's end to that of the run", False, _cleanup),
}
