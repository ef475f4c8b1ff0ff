"""Closing the window while runs go on: what is asked, and what each answer does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from solbench.acquisition.control.registry import Entry
from solbench.gui.models.live.control import Control
from solbench.gui.models.sources.feed import live_entries


@dataclass(frozen=True)
class ExitQuestion:
    """What is asked before the window closes, and the words of the answer that stops."""

    text: str
    stop: str


class ExitGuard:
    """Whether the window may close. `decision` is "" until somebody has answered, then "leave" or "stop"."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self.decision = ""

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

    def stopped(self, alarmed: bool) -> bool:
        """Say whether the window is to close now, after a stop; an alarm keeps it open until it is closed again."""
        if self.decision != "stop" or self.waiting:
            return False
        if alarmed:
            self.decision = ""
        return not alarmed

    def leave(self) -> None:
        """Let every run go on."""
        self.decision = "leave"

    def stop(self) -> None:
        """End every run safely; the window closes when the last one has ended."""
        self.decision = "stop"
        self._control.stop_all()


def question_about(entries: Sequence[Entry]) -> ExitQuestion | None:
    """Say which runs go on, and what closing the window means for them; None where there are none."""
    if not entries:
        return None
    names = [f"{entry.protocol} on {entry.cell}" for entry in entries]
    if len(names) == 1:
        text = f"{names[0]} goes on. Closing the window does not disturb it; solbench gui finds it again."
        return ExitQuestion(text, "Stop the run and close")
    text = (
        f"{len(names)} runs go on: {', '.join(names)}. Closing the window does not disturb them; solbench gui finds "
        "them again."
    )
    return ExitQuestion(text, "Stop all and close")
