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
from solbench.gui.models.common.words import alternatives, ntr, term, tr
from solbench.protocols.kinds import SEGMENT_KINDS
from solbench.protocols.kinds.series import values_in_words
from solbench.protocols.segments import ConstantCurrent

Level = Literal["info", "warning", "alarm"]
DOUBTS: dict[GapCause, str] = {
    "stuck": tr("the readings did not change at all"),
    "jumped": tr("the current had changed at once, although nothing was switched"),
    "scale": tr("the current was not the one expected from the resistance of the cell"),
    "foreign": tr("somebody else asked the instruments, and readings may be older ones"),
    "unread": tr("no reading showed the current that was set"),
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
    return term(kind.words if kind is not None else segment)


def _source(body: Body) -> str:
    match body:
        case SegmentStart():
            return body.step.name
        case Alarm():
            return tr("engine")
        case Note():
            return tr("note")
        case _:
            return tr("run")


def _described(body: Body) -> tuple[Level, str]:
    """Return how grave an event is, and its text; "" for one that is not for people."""
    match body:
        case Header():
            where = tr("SIMULATED bench") if body.simulated else body.bench.name
            if body.replays:
                where = tr("{bench}, REPLAY of {recording}", bench=where, recording=body.replays)
            return "info", tr(
                "{protocol} on {cell} ({build}), {where}",
                protocol=body.protocol.name,
                cell=body.cell.name,
                build=body.cell.build,
                where=where,
            )
        case SessionStart():
            return _session(body)
        case StartCheck():
            return _start_check(body)
        case SegmentStart():
            where = f" ({shown})" if (shown := values_in_words(body.step.passes)) else ""
            begins = (
                tr(
                    "{segment} begins, attempt {attempt}",
                    segment=segment_word(body.name),
                    attempt=body.attempt,
                )
                if body.attempt > 1
                else tr("{segment} begins", segment=segment_word(body.name))
            )
            return "info", f"{begins}{where}"
        case SegmentEnd():
            return _segment_end(body)
        case SpectrumQuality():
            level: Level = "info" if body.verdict == "good" else "warning"
            return level, tr(
                "spectrum {number}: {verdict}, {reason}",
                number=body.spectrum,
                verdict=term(VERDICT_WORDS[body.verdict]),
                reason=body.reason,
            )
        case Edge():
            return "info", tr("cell on") if body.connected else tr("cell off")
        case RunEnd():
            return (
                ("info", tr("completed: {reason}", reason=body.reason))
                if body.completed
                else ("warning", tr("not completed: {reason}", reason=body.reason))
            )
        case Alarm():
            return "alarm", body.text
        case Note():
            return "info", body.text
        case Paused():
            return "warning", tr("paused, the cell is off: {reason}", reason=body.reason)
        case Resumed():
            return "info", tr("resumed")
        case Reconnected():
            return "info", tr("the instruments answer again")
        case Gap() if doubt := DOUBTS.get(body.cause):
            seconds, charge = f"{body.unwatched_s:.2g} s", f"{body.uncertainty_C:.3g} C"
            return "warning", tr(
                "for {seconds} {doubt}; up to {charge} are uncertain",
                seconds=seconds,
                doubt=doubt,
                charge=charge,
            )
        case Gap():
            seconds, charge = f"{body.unwatched_s:.0f} s", f"{body.charge_C:.3g} C"
            return "warning", tr(
                "nobody watched the cell for {seconds}; {charge} are assumed to have flowed",
                seconds=seconds,
                charge=charge,
            )
        case CurrentLimited():
            shown = tr(
                "{current_A:.4g} A is held as a constant current until {voltage_V:g} V is reached",
                current_A=body.current_A,
                voltage_V=body.voltage_V,
            )
            return "info", tr("the current limit: {shown}", shown=shown)
        case Compared():
            return "warning", tr(
                "not as expected from the record of the cell: {finding}", finding=in_words(body)
            )
        case Rejected():
            shown = f"{body.voltage_V:.4f} V, {body.current_A:.4g} A"
            return "warning", tr(
                "a reading was not confirmed by the next and does not count: {shown}", shown=shown
            )
        case SpectrumAsked():
            return "info", tr("spectrum requested by {by}", by=body.by)
        case HoldAsked():
            return "info", tr("set by hand by {by}: {held}", by=body.by, held=_held(body))
        case GaugeRead(value=None):
            return "warning", tr("{problem}; the run goes on without it", problem=body.problem.rstrip("."))
        case LoopEnded():
            return "info", body.text
        case ProtocolChanged():
            return "info", tr("changed by {by}: {change}", by=body.by, change=body.words)
        case StepSkipped():
            return "warning", tr("step {step} skipped: {reason}", step=body.step, reason=body.reason)
        case _:
            return "info", ""


def _held(body: HoldAsked) -> str:
    held = body.segment
    value = f"{held.current_A:.4g} A" if isinstance(held, ConstantCurrent) else f"{held.voltage_V:.4g} V"
    return tr("{value} until {ends}", value=value, ends=alternatives([end.text for end in held.ends]))


def _session(body: SessionStart) -> tuple[Level, str]:
    identities = ", ".join(instrument.identity for instrument in body.instruments.values())
    if body.session == 1:
        return "info", tr("instruments ready: {identities}", identities=identities)
    return "warning", tr(
        "session {session}: the run continues; {identities}", session=body.session, identities=identities
    )


def _start_check(body: StartCheck) -> tuple[Level, str]:
    wrong = [line for line in body.findings if not line.passed]
    level: Level = "alarm" if wrong else "info"
    lines = "; ".join(f"{line.name} {line.text}" for line in wrong or body.findings)
    return level, tr("start check: {findings}", findings=lines)


def _segment_end(body: SegmentEnd) -> tuple[Level, str]:
    level: Level = "info" if body.outcome in ("segment", "step", "done", "aside") else "warning"
    ended = f"{segment_word(body.segment)}: {body.text}"
    if body.missed_readings > 100:
        late = body.missed_readings
        ended = ntr("{end}, {count} reading late", "{end}, {count} readings late", late, end=ended)
    return level, ended
