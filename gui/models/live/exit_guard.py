"""Closing the window while runs are live: what is asked, and what each answer does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from solbench.acquisition.control.registry import Entry
from solbench.gui.models.live.control import Control
from solbench.gui.models.sources.feed import live_entries

Decision = Literal["", "leave", "stop"]
AfterStop = Literal["wait", "close", "stay"]


@dataclass(frozen=True)
class ExitQuestion:
    """What is asked before the window closes, and the words of the answer that stops."""

    text: str
    stop: str


class ExitGuard:
    """Whether the window may close. `decision` is "" until the user has answered, then "leave" or "stop"."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self.decision: Decision = ""

    @property
    def question(self) -> ExitQuestion | None:
        """Get what has to be answered first, None where nothing does."""
        if self.decision:
            return None
        return question_about(live_entries())

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
        """Leave every run running."""
        self.decision = "leave"

    def stop(self) -> None:
        """End every run safely; the window closes when the last one has ended."""
        self.decision = "stop"
        self._control.stop_all()


def question_about(entries: Sequence[Entry]) -> ExitQuestion | None:
    """Say which runs are live, and what closing the window means for them; None where there are none."""
    if not entries:
        return None
    names = [f"{entry.protocol} on {entry.cell}" for entry in entries]
    if len(names) == 1:
        text = f"{names[0]} is running. Closing the window does not disturb it; solbench gui finds it again."
        return ExitQuestion(text, "Stop the run and close")
    text = (
        f"{len(names)} runs are running: {', '.join(names)}. Closing the window does not disturb them; "
        "solbench gui finds them again."
    )
    return ExitQuestion(text, "Stop all and close")
