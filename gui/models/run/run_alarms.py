"""Which events of a run on show are alarms, each raised once."""

from pathlib import Path

from solbench.acquisition.bench.models import by_hand_of
from solbench.acquisition.control.messages import Status
from solbench.acquisition.record.events import (
    SEARCHING,
    Alarm,
    AlarmCode,
    Body,
    Header,
    Paused,
    Reconnected,
    RunEnd,
    SessionStart,
    StartCheck,
)
from solbench.gui.models.common.words import tr
from solbench.gui.models.run.alarms import Alarms, Severity, gone_key
from solbench.gui.models.sources.source import Link

LOST = (*SEARCHING, "")  # 0.1.0 wrote no codes
LOOK_FIRST: dict[AlarmCode, str] = {
    "connection_lost": tr(
        "Look at adapter and cable: the instruments do not answer, and nobody watches the cell."
    ),
    "measuring": tr(
        "Wait: an instrument is measuring and accepts no command until that is over; the cell is switched off."
    ),
    "reply_refused": tr(
        "Look at cables and adapter: no answer of an instrument makes sense, and nobody watches the cell."
    ),
    "command_refused": tr(
        "Look at the instrument: it does not accept a command, and nobody watches the cell."
    ),
    "not_verified_off": tr("Press STANDBY on the 1287: the cell is not verified off."),
}
SEVERITIES: dict[AlarmCode, Severity] = {
    "": Severity.NOTICE,
    "storage": Severity.NOTICE,
    **dict.fromkeys(SEARCHING, Severity.UNWATCHED),
}
"""What is not here waits for a user with the cell off."""


class RunAlarms:
    """Raises the alarms of one run; `awaited`: the user waits for its end, which is an alarm if it is a fault."""

    def __init__(self, path: Path, alarms: Alarms, awaited: bool) -> None:
        self._path, self._alarms, self._awaited = path, alarms, awaited
        self._run: str | None = None
        self._failed_checks: list[str] = []
        self._lost = self._by_hand = ""
        self._overtaken: set[str] = set()
        self._told = False  # whether the record before was an alarm that tells of the pause behind it

    def take_event(self, body: Body, over: bool) -> None:
        """Take an event of a run that is live or, `over`, has been."""
        match body:
            case Header(run=run):
                self._run = run
            case SessionStart(instruments=instruments):
                self._failed_checks = []
                self._by_hand = by_hand_of(instruments).partition(";")[0]
            case StartCheck(findings=findings):
                self._failed_checks = [f"{line.name}: {line.text}" for line in findings if not line.passed]
            case Alarm(text=text, code=code):
                self._lost = text if code in LOST else self._lost
                self._overtaken.discard(text)
                if not over:
                    self._raise(text, code)
            case Paused(by="program", reason=reason) if not (over or self._told):
                text = tr("The run has paused, the cell is off: {reason}.", reason=reason)
                self._alarms.raise_alarm(text, severity=Severity.WAITING)
            case Reconnected() if self._lost:
                self._alarms.overtake(f"{self._run}:{self._lost}")
                self._overtaken.add(self._lost)
                self._lost = ""
            case RunEnd(verified_safe=False) if not over:
                self._alarms.withdraw(f"{self._run}:{self._lost}")
                self._raise_unsafe(body)
            case RunEnd() if self._lost:  # nothing looks for the instruments any more
                self._alarms.withdraw(f"{self._run}:{self._lost}")
            case _:
                pass
        self._told = isinstance(body, Alarm) and body.code not in (*SEARCHING, "storage")

    def _raise(self, text: str, code: AlarmCode) -> None:
        """Raise an alarm of the run; the lost connection in one sentence, with what to do first."""
        severity = SEVERITIES.get(code, Severity.WAITING)
        shown = LOOK_FIRST.get(code)
        if code == "not_verified_off" and self._by_hand:
            shown = tr("{what}: the cell is not verified off.", what=self._by_hand)
        if shown is not None:
            self._alarms.raise_alarm(shown, f"{self._run}:{text}", severity, details=text)
        else:
            self._alarms.raise_alarm(text, f"{self._run}:{text}", severity)

    def _raise_unsafe(self, end: RunEnd) -> None:
        text = tr(
            "Switch the cell off at the instrument now: that of {path} was NOT VERIFIED SAFE and "
            "may still be driven.",
            path=self._path.name,
        )
        self._awaited = False
        self._alarms.raise_alarm(text, f"unsafe:{self._path}", Severity.UNSAFE, details=end.reason)

    def take_status(self, status: Status) -> None:
        """Raise the alarms of the engine's status."""
        for text in status.alarms:
            if text not in self._overtaken:
                self._alarms.raise_alarm(text, f"{status.run}:{text}")

    def take_link(self, link: Link, before: Link, end: RunEnd | None) -> None:
        """Raise that the engine has gone or the journal is damaged, and why an awaited run did not begin."""
        if link.over and not before.over and link.damage:
            self._alarms.raise_alarm(
                tr(
                    "{path}: {damage}. What is shown ends there; put the journal back from a copy, then: "
                    "solbench recover {path}",
                    path=self._path.name,
                    damage=link.damage,
                ),
                f"damaged:{self._path}",
            )
        elif link.over and not before.over and end is None:
            self._alarms.raise_alarm(
                tr(
                    "The engine of {path} has exited unexpectedly. Its guardian switches the cell off; "
                    "look at the instrument, and continue with: solbench resume {path}",
                    path=self._path.name,
                ),
                gone_key(self._path),
                Severity.UNSAFE,
            )
        if link.over and self._awaited and end is not None and end.outcome == "fault":
            self._awaited = False
            checks = "; ".join(self._failed_checks)
            text = tr("The start check failed, nothing was switched on: {checks}", checks=checks)
            self._alarms.raise_alarm(
                f"{self._path.name}: {text if checks else f'The run has ended: {end.reason}'}"
            )
