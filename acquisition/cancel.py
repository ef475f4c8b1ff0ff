"""Asking a run to end, pause or skip: one flag, looked at by the clock alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from drivers.clock import Interrupted


class Cancel:
    """Holds at most one request; the first one counts. Safe to call from a signal handler."""

    def __init__(self) -> None:
        self._reason: str | None = None
        self._shields = 0

    def request(self, reason: str) -> None:
        """Ask for the interruption; `reason` is a few words for the journal."""
        if self._reason is None:
            self._reason = reason

    @property
    def requested(self) -> str | None:
        """Get the reason of the pending request."""
        return self._reason

    def check(self) -> None:
        """Raise Interrupted if a request is pending and nothing is shielded."""
        if self._reason is not None and self._shields == 0:
            raise Interrupted(self._reason)

    @contextmanager
    def shield(self) -> Iterator[None]:
        """Let nothing interrupt what must be carried through, such as switching off."""
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1
