"""A run in one line, in the window's words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from solbench.analysis.listing.columns import Fitted
from solbench.analysis.listing.line import RunLine, Standing
from solbench.analysis.listing.line import find_runs as find_runs
from solbench.gui.models.common.words import tr

_STATES: dict[Standing, str] = {
    "unread": "… " + tr("being read"),
    "running": "▶ " + tr("running"),
    "completed": "✓ " + tr("completed"),
    "ended_early": "! " + tr("ended early"),
    "interrupted": "! " + tr("interrupted"),
    "damaged": "! " + tr("damaged"),
    "cannot_be_read": "✗ " + tr("cannot be read"),
}
RUNNING, UNREAD = _STATES["running"], _STATES["unread"]


@dataclass(frozen=True)
class Overview(RunLine):
    """What the list of runs says of one."""

    @property
    def state(self) -> str:
        """Get the state with its sign in front."""
        return _STATES[self.standing]

    @cached_property
    def kept_cells(self) -> dict[tuple[Fitted | None, bool], tuple[str, ...]]:
        """Get the texts of the line by what fits have found (`columns.cells_of`); they go when the line goes."""
        return {}

    @cached_property
    def kept_words(self) -> list[str]:
        """Get the text in which words are looked for, empty until it is worked out (`columns.words_of`)."""
        return []


def overview(path: Path, running: bool = False) -> Overview:
    """Read the overview of one run; what cannot be read has a reason, and is never raised."""
    found = Overview.of(path, running)
    if found.standing != "interrupted" or found.length_s is not None:
        return found
    return replace(
        found, reason=tr("no end is recorded; continue with: solbench resume {path}", path=path.name)
    )
