"""The event log: what happened, when, how grave, in words."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, Literal

from solbench.acquisition.record.journal import Event
from solbench.gui.models.common.verdict import verdict_word
from solbench.protocols.kinds import SEGMENT_KINDS

Level = Literal["info", "warning", "alarm"]
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
        described = _DESCRIBED.get(event.kind)
        if described is None or self._is_no_change(event):
            return
        level, text = described(event.data)
        if text:
            self.add(LogLine(event.time_s, level, _source(event), text))

    def _is_no_change(self, event: Event) -> bool:
        """Say whether this is another edge of a cell that is on (a new current), or off, already."""
        if event.kind != "edge":
            return False
        before, self._connected = self._connected, event.data["connected"]
        return before == self._connected


def _source(event: Event) -> str:
    step = event.data.get("step")
    if isinstance(step, dict):
        return str(step["name"])
    return {"alarm": "engine", "note": "note"}.get(event.kind, "run")


def _header(data: dict[str, Any]) -> tuple[Level, str]:
    where = "SIMULATED bench" if data["simulated"] else data["bench"]["name"]
    return "info", f"{data['protocol']['name']} on {data['cell']['name']} ({data['cell']['build']}), {where}"


def _session(data: dict[str, Any]) -> tuple[Level, str]:
    identities = ", ".join(item["identity"] for item in data["instruments"].values())
    if data["session"] == 1:
        return "info", f"instruments ready: {identities}"
    return "warning", f"session {data['session']}: the run goes on; {identities}"


def _start_check(data: dict[str, Any]) -> tuple[Level, str]:
    wrong = [item for item in data["findings"] if not item["passed"]]
    level: Level = "alarm" if wrong else "info"
    items = wrong or data["findings"]
    return level, "start check: " + "; ".join(f"{item['name']} {item['text']}" for item in items)


def segment_word(segment: str) -> str:
    """Return what people call a kind of segment."""
    kind = SEGMENT_KINDS.get(segment)
    return kind.words if kind is not None else segment


def _segment(data: dict[str, Any]) -> tuple[Level, str]:
    again = f", attempt {data['attempt']}" if data["attempt"] > 1 else ""
    return "info", f"{segment_word(data['segment'])} begins{again}"


def _segment_end(data: dict[str, Any]) -> tuple[Level, str]:
    level: Level = "info" if data["outcome"] in ("segment", "step", "done", "aside") else "warning"
    missed = f", {data['missed_readings']} readings late" if data["missed_readings"] > 100 else ""
    return level, f"{segment_word(data['segment'])}: {data['text']}{missed}"


def _quality(data: dict[str, Any]) -> tuple[Level, str]:
    good = data["verdict"] == "good"
    return (
        "info" if good else "warning",
        f"spectrum {data['spectrum']}: {verdict_word(data['verdict'])}, {data['reason']}",
    )


def _edge(data: dict[str, Any]) -> tuple[Level, str]:
    return "info", "cell on" if data["connected"] else "cell off"


def _end(data: dict[str, Any]) -> tuple[Level, str]:
    if data["completed"]:
        return "info", f"completed: {data['reason']}"
    return "warning", f"not completed: {data['reason']}"


_DESCRIBED: dict[str, Any] = {
    "header": _header,
    "session": _session,
    "start_check": _start_check,
    "segment": _segment,
    "segment_end": _segment_end,
    "quality": _quality,
    "edge": _edge,
    "end": _end,
    "alarm": lambda data: ("alarm", data["text"]),
    "note": lambda data: ("info", data["text"]),
    "paused": lambda data: ("warning", f"paused, the cell is off: {data['reason']}"),
    "resumed": lambda data: ("info", "resumed"),
    "reconnected": lambda data: ("info", "the instruments answer again"),
    "asked": lambda data: ("info", f"spectrum asked for by {data['by']}"),
    "skip": lambda data: ("warning", f"step {data['step']} skipped: {data['reason']}"),
}
