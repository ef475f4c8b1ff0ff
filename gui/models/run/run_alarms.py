"""Which events of a run on show are alarms, each raised once."""

from pathlib import Path

from solbench.acquisition.control.messages import Status
from solbench.acquisition.record.events import (
    Alarm,
    Body,
    Header,
    Paused,
    Reconnected,
    RunEnd,
    SessionStart,
    StartCheck,
)
from solbench.gui.models.run.alarms import Alarms, gone_key
from solbench.gui.models.sources.source import Link

LOST = ("connection_lost", "")  # 0.1.0 wrote no codes


class RunAlarms:
    """Raises the alarms of one run; `awaited`: the user waits for its end, which is an alarm if it is a fault."""

    def __init__(self, path: Path, alarms: Alarms, awaited: bool) -> None:
        self._path, self._alarms, self._awaited = path, alarms, awaited
        self._run: str | None = None
        self._failed_checks: list[str] = []
        self._lost = ""
        self._told = False  # whether the record before was an alarm that tells of the pause behind it

    def take_event(self, body: Body, over: bool) -> None:
        """Take an event of a run that is live or, `over`, has been."""
        match body:
            case Header(run=run):
                self._run = run
            case SessionStart():
                self._failed_checks = []
            case StartCheck(findings=findings):
                self._failed_checks = [f"{line.name}: {line.text}" for line in findings if not line.passed]
            case Alarm(text=text, code=code):
                self._lost = text if code in LOST else self._lost
                if not over:
                    self._alarms.raise_alarm(text, f"{self._run}:{text}")
            case Paused(by="program", reason=reason) if not (over or self._told):
                self._alarms.raise_alarm(f"The run has paused, the cell is off: {reason}.")
            case Reconnected():
                self._alarms.append_to(self._lost, "The instruments answer again, and the run continues.")
                self._lost = ""
            case RunEnd() if self._lost:  # nothing looks for the instruments any more
                self._alarms.withdraw(f"{self._run}:{self._lost}")
            case _:
                pass
        self._told = isinstance(body, Alarm) and not body.code

    def take_status(self, status: Status) -> None:
        """Raise the alarms of the engine's status."""
        for text in status.alarms:
            self._alarms.raise_alarm(text, f"{status.run}:{text}")

    def take_link(self, link: Link, before: Link, end: RunEnd | None) -> None:
        """Raise that the engine has gone; and why a run that was awaited could not begin, or broke off."""
        if link.over and not before.over and end is None:
            self._alarms.raise_alarm(
                f"The engine of {self._path.name} has exited unexpectedly. Its guardian switches the cell off; look "
                f"at the instrument, and continue with: solbench resume {self._path.name}",
                gone_key(self._path),
            )
        if link.over and self._awaited and end is not None and end.outcome == "fault":
            self._awaited = False
            checks = "; ".join(self._failed_checks)
            text = f"The start check failed, nothing was switched on: {checks}"
            self._alarms.raise_alarm(
                f"{self._path.name}: {text if checks else f'The run has ended: {end.reason}'}"
            )
