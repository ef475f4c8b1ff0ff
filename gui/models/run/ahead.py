"""What comes next in a run, and when: the next spectrum and the next step, by the plan and how far the run is."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from solbench.gui.models.common.words import day_and_month, tr
from solbench.protocols import Build, format_duration
from solbench.protocols.costs import Costs, SoFar
from solbench.protocols.kinds import kind_of_segment
from solbench.protocols.segments import Segment, Sweep

LOOKED_AT = 500  # segments: what is further away nobody waits for


@dataclass(frozen=True)
class Coming:
    """Something that comes, in words, and in how many seconds of the run it is expected."""

    words: str
    in_s: float


def in_words(coming: Coming, clock: datetime | None = None) -> str:
    """Return what comes and when, as the clock will show it, too: "spectrum in about 19 min, at 14:05"."""
    words = tr("{coming} in about {duration}", coming=coming.words, duration=format_duration(coming.in_s))
    if clock is None:
        return words
    at = clock + timedelta(seconds=coming.in_s)
    return f"{words}, {f'{at:%H:%M}' if at.date() == clock.date() else f'{day_and_month(at)} {at:%H:%M}'}"


class Ahead:
    """Follows the plan of a run, of which `segments` are all, as far as somebody asks."""

    def __init__(self, segments: Iterator[Segment], build: Build) -> None:
        self._segments, self._build = enumerate(segments), build
        self._kept: deque[tuple[int, Segment]] = deque()

    def coming(
        self, ordinal: int, present: Segment, spent_s: float, step_C: float, balance_C: float
    ) -> list[Coming]:
        """Return the next spectrum and the next step.

        The segment at `ordinal` began `spent_s` (s) ago; its step has a charge of `step_C` (C) so far, the steps before
        it `balance_C` (C, positive charged the cell). What ends by its voltage takes as long as the estimate says.
        """
        self._go_to(ordinal)
        current_A = kind_of_segment(present).current_A(present)
        driven_s = abs(step_C / current_A) if current_A else 0.0
        in_s, found = 0.0, dict[str, Coming]()
        step = present.step.index
        for place, segment in self._kept:
            so_far = SoFar(Costs(), driven_s, balance_C, self._build.capacity_C)
            cost = kind_of_segment(segment).cost(segment, so_far)
            if place == ordinal:
                in_s = max(cost.duration_s - (0.0 if current_A else spent_s), 0.0)
                driven_s += cost.driven_s
                continue
            if isinstance(segment, Sweep):
                found.setdefault("spectrum", Coming(tr("spectrum"), in_s))
            if segment.step.index != step:
                step, driven_s = segment.step.index, 0.0
                found.setdefault("step", Coming(segment.step.name, in_s))
            if len(found) == 2:
                break
            in_s += cost.duration_s
            driven_s += cost.driven_s
            balance_C += cost.driven_s * cost.current_A
        return sorted(found.values(), key=lambda each: each.in_s)

    def _go_to(self, ordinal: int) -> None:
        """Keep what comes from a place on: a run only goes forward."""
        while self._kept and self._kept[0][0] < ordinal:
            self._kept.popleft()
        while len(self._kept) < LOOKED_AT and (item := next(self._segments, None)) is not None:
            if item[0] >= ordinal:
                self._kept.append(item)
