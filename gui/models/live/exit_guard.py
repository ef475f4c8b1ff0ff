"""Closing the window while runs are live or something is not saved: what is asked, and what each answer does."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from solbench.acquisition.control.registry import Entry, live_entries
from solbench.gui.models.common.words import listed, ntr, tr
from solbench.gui.models.live.control import Control, words_of

Decision = Literal["", "leave", "stop"]
AfterStop = Literal["wait", "close", "stay"]


@dataclass(frozen=True)
class ExitQuestion:
    """What is asked before the window closes, and the words of the answers; `stop` is "" where no run is live.

    `loses`: closing loses changes, so that staying comes first.
    """

    text: str
    close: str
    stop: str
    loses: bool


class ExitGuard:
    """Whether the window may close. `decision` is "" until the user has answered, then "leave" or "stop"."""

    def __init__(self, control: Control, unsaved: Collection[str]) -> None:
        self._control = control
        self._unsaved = unsaved
        self.decision: Decision = ""

    @property
    def question(self) -> ExitQuestion | None:
        """Get what has to be answered first, None where nothing does."""
        if self.decision:
            return None
        return question_about(live_entries(), self._unsaved)

    @property
    def waiting(self) -> bool:
        """Get whether runs are to end before the window closes."""
        return self.decision == "stop" and bool(live_entries())

    def after_stop(self, alarmed: bool) -> AfterStop:
        """Return whether the window closes now that all has stopped; an alarm keeps it open until the next close."""
        if self.decision != "stop" or self.waiting:
            return "wait"
        if alarmed:
            self.decision = ""
        return "stay" if alarmed else "close"

    def leave(self) -> None:
        """Leave every run running, and what is not saved."""
        self.decision = "leave"

    def stop(self) -> None:
        """End every run safely; the window closes when the last one has ended."""
        self.decision = "stop"
        self._control.stop_all()


def question_about(entries: Sequence[Entry], unsaved: Collection[str]) -> ExitQuestion | None:
    """Say which runs are live, what is not saved, and what closing means for both; None where there is neither."""
    names = [words_of(entry) for entry in entries]
    lost = listed(sorted(unsaved)) if unsaved else ""
    parts = []
    if len(names) == 1:
        parts.append(
            tr(
                "{run} is running. Closing the window does not disturb it; solbench gui finds it again.",
                run=names[0],
            )
        )
    elif names:
        parts.append(
            tr(
                "{count} runs are running: {runs}. Closing the window does not disturb them; "
                "solbench gui finds them again.",
                count=len(names),
                runs=", ".join(names),
            )
        )
    if lost:
        parts.append(
            ntr(
                "{what} is not saved: closing the window loses the changes.",
                "{what} are not saved: closing the window loses the changes.",
                len(unsaved),
                what=lost[0].upper() + lost[1:],
            )
        )
    if not parts:
        return None
    close = tr("Close without saving") if lost else tr("Leave running")
    stop = "" if not names else tr("Stop the run and close") if len(names) == 1 else tr("Stop all and close")
    return ExitQuestion(" ".join(parts), close, stop, bool(lost))
