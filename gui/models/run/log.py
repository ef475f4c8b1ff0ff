"""The event log: what happened, when, how grave, as text."""

from collections import deque
from dataclasses import dataclass
from typing import Literal

from solbench.acquisition.record.events import (
    Alarm,
    Body,
    Compared,
    CurrentLimited,
    Edge,
    Event,
    Gap,
    GapCause,
    GaugeRead,
    Header,
    HoldAsked,
    LoopEnded,
    Note,
    Paused,
    ProtocolChanged,
    Reconnected,
    Rejected,
    Resumed,
    RunEnd,
    SegmentEnd,
    SegmentStart,
    SessionStart,
    SpectrumAsked,
    SpectrumQuality,
    StartCheck,
    StepSkipped,
    in_words,
)
from solbench.fitting.verdicts import VERDICT_WORDS
from solbench.protocols.kinds import SEGMENT_KINDS
from solbench.protocols.kinds.series import values_in_words
from solbench.protocols.segments import ConstantCurrent

Level = Literal["info", "warning", "alarm"]
DOUBTS: dict[GapCause, str] = {
    "stuck": "the readings did not change at all",
    "jumped": "the current was another one than before, and nothing had switched it",
    "scale": "the current was not what the resistance of the cell lets expect",
    "unread": "no reading showed the current that was set",
}
KEPT_LINES = 5000


@dataclass(frozen=True)
class LogLine:
    """One line: run time in s, level, who says it, what."""

    time_s: float
    level: Level
    source: str
    text: str


class Log:
    """The newest lines of a run's log; `total` counts those that ever came."""

    def __init__(self) -> None:
        self.lines: deque[LogLine] = deque(maxlen=KEPT_LINES)
        self.total = 0
        self._connected = False

    def add(self, line: LogLine) -> None:
        """Take a line."""
        self.lines.append(line)
        self.total += 1

    def event(self, event: Event) -> None:
        """Take an event, if it is one for people."""
        if isinstance(event.body, Edge):
            before, self._connected = self._connected, event.body.connected
            if before == self._connected:  # another current through a cell that is on already, or still off
                return
        level, text = _described(event.body)
        if text:
            self.add(LogLine(event.time_s, level, _source(event.body), text))


def segment_word(segment: str) -> str:
    """Return what people call a kind of segment."""
    kind = SEGMENT_KINDS.get(segment)
    return kind.words if kind is not None else segment


def _source(body: Body) -> str:
    match body:
        case SegmentStart():
            return body.step.name
        case Alarm():
            return "engine"
        case Note():
            return "note"
        case _:
            return "run"


def _described(body: Body) -> tuple[Level, str]:
    """Return how grave an event is, and its text; "" for one that is not for people."""
    match body:
        case Header():
            where = "SIMULATED bench" if body.simulated else body.bench.name
            where += f", REPLAY of {body.replays}" if body.replays else ""
            return "info", f"{body.protocol.name} on {body.cell.name} ({body.cell.build}), {where}"
        case SessionStart():
            return _session(body)
        case StartCheck():
            return _start_check(body)
        case SegmentStart():
            again = f", attempt {body.attempt}" if body.attempt > 1 else ""
            where = f" ({shown})" if (shown := values_in_words(body.step.passes)) else ""
            return "info", f"{segment_word(body.name)} begins{again}{where}"
        case SegmentEnd():
            return _segment_end(body)
        case SpectrumQuality():
            level: Level = "info" if body.verdict == "good" else "warning"
            return level, f"spectrum {body.spectrum}: {VERDICT_WORDS[body.verdict]}, {body.reason}"
        case Edge():
            return "info", "cell on" if body.connected else "cell off"
        case RunEnd():
            return (
                ("info", f"completed: {body.reason}")
                if body.completed
                else ("warning", f"not completed: {body.reason}")
            )
        case Alarm():
            return "alarm", body.text
        case Note():
            return "info", body.text
        case Paused():
            return "warning", f"paused, the cell is off: {body.reason}"
        case Resumed():
            return "info", "resumed"
        case Reconnected():
            return "info", "the instruments answer again"
        case Gap() if doubt := DOUBTS.get(body.cause):
            seconds, charge = f"{body.unwatched_s:.2g} s", f"{body.uncertainty_C:.3g} C"
            return "warning", f"for {seconds} {doubt}; up to {charge} are uncertain"
        case Gap():
            seconds, charge = f"{body.unwatched_s:.0f} s", f"{body.charge_C:.3g} C"
            return "warning", f"nobody watched the cell for {seconds}; {charge} are assumed to have flowed"
        case CurrentLimited():
            shown = (
                f"{body.current_A:.4g} A is held as a constant current until {body.voltage_V:g} V is reached"
            )
            return "info", f"the current limit: {shown}"
        case Compared():
            return "warning", f"not as the record of the cell lets expect: {in_words(body)}"
        case Rejected():
            shown = f"{body.voltage_V:.4f} V, {body.current_A:.4g} A"
            return "warning", f"a reading was not confirmed by the next and does not count: {shown}"
        case SpectrumAsked():
            return "info", f"spectrum requested by {body.by}"
        case HoldAsked():
            return "info", f"set by hand by {body.by}: {_held(body)}"
        case GaugeRead(value=None):
            return "warning", f"{body.problem.rstrip('.')}; the run goes on without it"
        case LoopEnded():
            return "info", body.text
        case ProtocolChanged():
            return "info", f"changed by {body.by}: {body.words}"
        case StepSkipped():
            return "warning", f"step {body.step} skipped: {body.reason}"
        case _:
            return "info", ""


def _held(body: HoldAsked) -> str:
    held = body.segment
    value = f"{held.current_A:.4g} A" if isinstance(held, ConstantCurrent) else f"{held.voltage_V:.4g} V"
    return f"{value} until {' or '.join(end.text for end in held.ends)}"


def _session(body: SessionStart) -> tuple[Level, str]:
    identities = ", ".join(instrument.identity for instrument in body.instruments.values())
    if body.session == 1:
        return "info", f"instruments ready: {identities}"
    return "warning", f"session {body.session}: the run continues; {identities}"


def _start_check(body: StartCheck) -> tuple[Level, str]:
    wrong = [line for line in body.findings if not line.passed]
    level: Level = "alarm" if wrong else "info"
    return level, "start check: " + "; ".join(f"{line.name} {line.text}" for line in wrong or body.findings)


def _segment_end(body: SegmentEnd) -> tuple[Level, str]:
    level: Level = "info" if body.outcome in ("segment", "step", "done", "aside") else "warning"
    missed = f", {body.missed_readings} readings late" if body.missed_readings > 100 else ""
    return level, f"{segment_word(body.segment)}: {body.text}{missed}"
