"""Alarms: what happened, what the program did, what to do; they stay until the user has acknowledged them."""

from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path

from solbench.gui.models.common.observed import Observers


class Severity(IntEnum):
    """How bad an alarm is: something to know, a run that waits, a cell that nobody watches, one that is not safe."""

    NOTICE = 0
    WAITING = 1
    UNWATCHED = 2
    UNSAFE = 3


@dataclass(frozen=True)
class Alarm:
    """An alarm: one sentence that says first what to do, and what more there is to know.

    `key` is by what it is known, its text where nothing else was given.
    """

    text: str
    key: str = ""
    severity: Severity = Severity.NOTICE
    details: str = ""


def gone_key(path: Path) -> str:
    """Return by what the alarm is known that the engine of the run in `path` has gone."""
    return f"gone:{path}"


class Alarms:
    """The alarms that are not acknowledged yet, the worst first; `changed` is called with nothing."""

    def __init__(self) -> None:
        self.changed = Observers()
        self.raised = Observers()
        self._open: list[Alarm] = []
        self._seen: set[str] = set()

    @property
    def open(self) -> list[Alarm]:
        """Get those not acknowledged, the worst first, of equal ones the oldest."""
        return sorted(self._open, key=lambda alarm: -alarm.severity)

    def raise_alarm(
        self,
        text: str,
        key: str | None = None,
        severity: Severity = Severity.NOTICE,
        details: str = "",
    ) -> None:
        """Show an alarm; one with the same key (default: its text) is shown once, as the worst that it was called."""
        key = key or text
        alarm = Alarm(text, key, severity, details)
        if key in self._seen:
            milder = [known for known in self._open if known.key == key and known.severity < severity]
            if milder:
                self._open[self._open.index(milder[0])] = alarm
                self.changed()
            return
        self._seen.add(key)
        self._open.append(alarm)
        self.raised(alarm)
        self.changed()

    def clear(self, key: str) -> None:
        """Let an alarm with this key be shown again."""
        self._seen.discard(key)

    def overtake(self, key: str) -> None:
        """Take an alarm away that does not hold any more; should it happen again, it is raised again."""
        self._seen.discard(key)
        self._open = [alarm for alarm in self._open if alarm.key != key]
        self.changed()

    def withdraw(self, key: str) -> None:
        """Take an alarm away that something worse has overtaken; it is not raised again."""
        self._seen.add(key)
        self._open = [alarm for alarm in self._open if alarm.key != key]
        self.changed()

    def settle(self, key: str, text: str) -> None:
        """Say in place of an open alarm what became of it; should it happen again, it is raised again."""
        if key in self._seen:
            self._seen.discard(key)
            self._open = [
                replace(alarm, text=text, key="") if alarm.key == key else alarm for alarm in self._open
            ]
            self.changed()

    def acknowledge(self) -> None:
        """Take note of the alarm that is shown, the worst."""
        if self._open:
            self._open.remove(self.open[0])
            self.changed()
