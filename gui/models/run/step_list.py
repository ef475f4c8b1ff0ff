"""The steps of a run as a list: planned, in progress, done, with estimates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from solbench.acquisition.record.folds import StepRecord
from solbench.gui.models.common.words import tr
from solbench.protocols import Build, Protocol, estimate, format_duration
from solbench.protocols.kinds.series import values_in_words

PRESENT = "▶"  # the mark of the step in progress


@dataclass(frozen=True)
class StepRow:
    """One row: `mark` is a symbol and `state` its word; `detail` how long it takes, or how it ended."""

    mark: str
    state: str
    name: str
    detail: str


class Left(NamedTuple):
    """How long the rest of a run is expected to take: the present step, which began at `since_s`, and what follows.

    All in s.
    """

    later_s: float
    present_s: float
    since_s: float

    def at(self, now_s: float) -> float:
        """Return how long it takes (s) from a time of the run (s) on."""
        return max(self.later_s + max(self.present_s - (now_s - self.since_s), 0.0), 0.0)


class StepList:
    """Puts executed steps beside the plan; loops are one row a step, with the present pass."""

    def __init__(self, protocol: Protocol, build: Build) -> None:
        self.total = estimate(protocol, build)

    def rows(self, done: Sequence[StepRecord], current: int | None) -> list[StepRow]:
        """Return the rows; `current` is the index of the step in progress, None when the run has ended."""
        latest = {record.path: record for record in done if not _is_by_hand(record)}
        rows = []
        for planned in self.total.steps:
            record = latest.get(planned.path)
            name = planned.path.removeprefix("steps.").replace(".steps.", " › ")
            if record is not None and planned.passes > 1:
                name += f"  {record.cycle}/{planned.passes}"
                if values := values_in_words(record.passes):
                    name += f", {values}"
            each_s = planned.each_s
            rows.append(_row(name, record, record is not None and record.index == current, each_s))
        by_hand = [record for record in done if _is_by_hand(record)]
        return rows + [_row(one.name, one, one.index == current) for one in by_hand]

    def left(self, done: Sequence[StepRecord], current: int | None) -> Left:
        """Return how long the rest is expected to take; `current` is the index of the step in progress."""
        passes: dict[str, int] = {}
        for record in done:
            passes[record.path] = passes.get(record.path, 0) + 1
        later_s, present = 0.0, (0.0, 0.0)
        for planned in self.total.steps:
            each_s = planned.each_s
            later_s += each_s * max(planned.expected - passes.get(planned.path, 0), 0)
            if done and done[-1].path == planned.path and done[-1].index == current:
                present = (each_s, done[-1].start_s)
        return Left(later_s, *present)


def _is_by_hand(record: StepRecord) -> bool:
    """Say whether a step was set by hand: it stands at the manual step, under a name of its own."""
    return record.path.rpartition(".")[2] != record.name


def _row(name: str, record: StepRecord | None, current: bool, each_s: float | None = None) -> StepRow:
    if record is None:
        return StepRow(
            "·", tr("waiting"), name, tr("about {duration}", duration=format_duration(each_s or 0.0))
        )
    if current:
        about = (
            tr("of about {duration}", duration=format_duration(each_s))
            if each_s is not None
            else tr("set by hand")
        )
        return StepRow(PRESENT, tr("in progress"), name, about)
    took = format_duration(record.end_s - record.start_s)
    if record.finished:
        return StepRow("✓", tr("done"), name, f"{took}, {record.end.text if record.end is not None else ''}")
    return StepRow(
        "✕", tr("not finished"), name, record.end.text if record.end is not None else tr("interrupted")
    )
