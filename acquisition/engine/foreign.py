"""Answers to somebody else's questions: charge that was counted by them is in doubt.

Another controller that asks an instrument something and reads no answer leaves a line behind. The own question is then
answered by that line, the next one by the own answer, and so on: each current is that of a question before. It shows
only when one looks whether a line waits that nobody here asked for, which a slow bus cannot be asked at each reading.
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from typing import NamedTuple

from solbench.acquisition.engine.doubtful import Doubt
from solbench.drivers.links.incidents import Astray

KEPT = 1000
TOLD_OF_CURRENT = 1e-3  # what changes by less between the answers of a shift is the same charge
LEAST_A = 1e-12


class _Seen(NamedTuple):
    time_s: float
    current_A: float
    charge_C: float


class ForeignAnswers:
    """Keeps the newest readings, and says what is in doubt of them once it is found that a line had gone astray."""

    def __init__(self) -> None:
        self._seen: deque[_Seen] = deque(maxlen=KEPT)

    def add(self, time_s: float, current_A: float, charge_C: float) -> None:
        """Take one reading, and the net charge (C) at it."""
        self._seen.append(_Seen(time_s, current_A, charge_C))

    @property
    def has_seen(self) -> bool:
        """Get whether there are readings that may be those of questions before."""
        return bool(self._seen)

    def set_anew(self) -> None:
        """Begin anew where a current was set or ended: a reading of the one before is seen not to be of that."""
        self._seen.clear()

    def found(self, astray: Astray, offset_s: float) -> Doubt | None:
        """Return what is in doubt, None where it is nothing; `offset_s` (s) is the clock's time at the run's 0.

        By so many questions as lines were found each current may be an older one: each change may have come so many
        readings earlier than it was shown, and that of the newest ones was not shown at all.
        """
        since_s, until_s = astray.since_s - offset_s, astray.until_s - offset_s
        places = [place for place, one in enumerate(self._seen) if since_s <= one.time_s <= until_s]
        if not places:
            return None
        shown = list(self._seen)[max(places[0] - 1, 0) : places[-1] + 1]
        changes_A = [abs(after.current_A - before.current_A) for before, after in pairwise(shown)]
        if sum(changes_A) <= TOLD_OF_CURRENT * max(abs(one.current_A) for one in shown) + LEAST_A:
            return None
        times_s = [one.time_s for one in shown]
        slowest_s = max(after_s - before_s for before_s, after_s in pairwise(times_s))
        times_s += [times_s[-1] + slowest_s * (number + 1) for number in range(astray.lines)]
        changes_A += astray.lines * [changes_A[-1]]
        uncertainty_C = sum(
            change_A * (times_s[min(place + 1 + astray.lines, len(times_s) - 1)] - times_s[place])
            for place, change_A in enumerate(changes_A)
        )
        began = shown[0]
        return Doubt("foreign", began.time_s, until_s, began.charge_C, uncertainty_C)
