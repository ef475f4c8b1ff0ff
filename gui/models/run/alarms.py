"""Alarms: what happened, what the program did, what to do; they stay until the user has acknowledged them."""

from dataclasses import dataclass, replace
from pathlib import Path

from solbench.gui.models.common.observed import Observers


@dataclass(frozen=True)
class Alarm:
    """The text of an alarm; `key` is by what it is known, its text where nothing else was given."""

    text: str
    key: str = ""


def gone_key(path: Path) -> str:
    """Return by what the alarm is known that the engine of the run in `path` has gone."""
    return f"gone:{path}"


class Alarms:
    """The alarms that are not acknowledged yet, oldest first; `changed` is called with nothing."""

    def __init__(self) -> None:
        self.changed = Observers()
        self.raised = Observers()
        self._open: list[Alarm] = []
        self._seen: set[str] = set()

    @property
    def open(self) -> list[Alarm]:
        """Get those not acknowledged."""
        return list(self._open)

    def raise_alarm(self, text: str, key: str | None = None) -> None:
        """Show an alarm; one with the same key (default: its text) is shown once."""
        key = key or text
        if key in self._seen:
            return
        self._seen.add(key)
        alarm = Alarm(text, key)
        self._open.append(alarm)
        self.raised(alarm)
        self.changed()

    def clear(self, key: str) -> None:
        """Let an alarm with this key be shown again."""
        self._seen.discard(key)

    def append_to(self, text: str, more: str) -> None:
        """Add what became of it to an alarm with this text that is not acknowledged yet."""
        self._open = [
            replace(alarm, text=f"{alarm.text} {more}") if alarm.text == text else alarm
            for alarm in self._open
        ]
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
        """Take note of the oldest alarm."""
        if self._open:
            self._open.pop(0)
            self.changed()
