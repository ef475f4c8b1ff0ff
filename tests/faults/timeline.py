"""The experiment time of a simulated bench, with things that happen at given moments of it."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable

from solbench.simulators.clock import VirtualClock

Deed = Callable[[], None]


class Timeline(VirtualClock):
    """Virtual time that stops on its way at each moment for which something was ordered."""

    __slots__ = ("_due", "_number")

    def __init__(self, speed: float | None = None, start_s: float = 0.0) -> None:
        super().__init__(speed, start_s)
        self._due: list[tuple[float, int, Deed]] = []
        self._number = itertools.count()

    def at(self, time_s: float, deed: Deed) -> None:
        """Do something at `time_s` (s), or at once where that has passed."""
        if time_s <= self.now():
            deed()
        else:
            heapq.heappush(self._due, (time_s, next(self._number), deed))

    def advance_to(self, time_s: float) -> float:
        """Move to `time_s` (s); what is due on the way happens at its own moment."""
        while self._due and self._due[0][0] <= time_s:
            due_s, _, deed = heapq.heappop(self._due)
            super().advance_to(due_s)
            deed()
        return super().advance_to(time_s)
