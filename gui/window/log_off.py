"""A log-off asks the window first: it is held up while a run drives a cell."""

from collections.abc import Sequence
from typing import Protocol

from solbench.acquisition.control.registry import Entry
from solbench.gui.models.common.words import listed, ntr
from solbench.gui.models.live.control import words_of


class SessionEnd(Protocol):
    """The end of the user's session, as Qt lets it be asked about (`QSessionManager`)."""

    def allowsInteraction(self) -> bool:
        """Say whether the user may be asked."""
        ...

    def cancel(self) -> None:
        """Let the session go on."""
        ...


def hold_up(end: SessionEnd, live: Sequence[Entry]) -> str:
    """Hold up a log-off or a shutdown because of runs on benches outside their program; return what to tell the user.

    "" where there are none, or where the system asks nobody: then a termination signal stops each run, or its guardian
    switches off.
    """
    driving = [words_of(entry) for entry in live if entry.bench_key]
    if not driving or not end.allowsInteraction():
        return ""
    end.cancel()
    return ntr(
        "{runs} is running: the log-off was delayed. Stop first, then log off again",
        "{runs} are running: the log-off was delayed. Stop first, then log off again",
        len(driving),
        runs=listed(driving),
    )
