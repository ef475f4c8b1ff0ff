"""Records sorted into the rows of samples and points, and the rest."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice, pairwise
from operator import attrgetter
from typing import Any

import numpy as np

from solbench.acquisition.record.columns import (
    DECIDING,
    OVERLOAD,
    PAUSED,
    POINT,
    POINT_COLUMNS,
    SAMPLE,
    Array,
)
from solbench.acquisition.record.events import Event, Point, Sample, SegmentStart
from solbench.protocols.kinds.registry import holding

HELD = holding()
Row = tuple[Any, ...]
_OF_POINT = attrgetter(*(column.field for column in POINT_COLUMNS[2:]))


class Block:
    """Some records: samples and points as rows, the others as they are."""

    def __init__(self) -> None:
        self.samples: list[Row] = []
        self.points: list[Row] = []
        self.events: list[Event] = []

    def sample_array(self) -> Array:
        """Return the samples as an array of SAMPLE."""
        return np.array(self.samples, dtype=SAMPLE)

    def point_array(self) -> Array:
        """Return the points as an array of POINT."""
        return np.array(self.points, dtype=POINT)


class Rows:
    """Sorts records in order; keeps the cycle of the present step, which samples do not carry.

    `ranges` holds the current range of each step that holds a current or a voltage: that of the second sample of its
    first segment (the first one may have been read while the range was found), or of its only one. What is read in a
    pause is read on a range of its own, and does not count.
    """

    def __init__(self) -> None:
        self._cycle = 0
        self.ranges: dict[int, int] = {}
        self._held: set[int] = set()  # segments that hold a current or a voltage
        self._segment: int | None = None
        self._may_correct = False

    def see(self, event: Event) -> None:
        """Take notice of the cycle of a segment that begins."""
        body = event.body
        if isinstance(body, SegmentStart):
            self._cycle = body.step.cycle or 0
            if body.name in HELD:
                self._held.add(body.ordinal)

    def sorted(self, events: Iterable[Event], block: Block | None = None) -> Block:
        """Sort `events` into a new block, or into one that has some already."""
        block = block or Block()
        for event in events:
            body = event.body
            if isinstance(body, Sample):
                block.samples.append(self._sample(event, body))
            elif isinstance(body, Point):
                block.points.append((event.seq, event.time_s, *_OF_POINT(_with_raw(body))))
            else:
                self.see(event)
                block.events.append(event)
        return block

    def _sample(self, event: Event, sample: Sample) -> Row:
        if not sample.paused and (self._may_correct or sample.segment != self._segment):
            self._see_range(sample)
        return (
            event.seq,
            event.time_s,
            sample.voltage_V,
            sample.current_A,
            sample.charge_C,
            sample.step,
            sample.segment,
            self._cycle,
            sample.range,
            (DECIDING if sample.deciding else 0)
            | (OVERLOAD if sample.overload else 0)
            | (PAUSED if sample.paused else 0),
        )

    def _see_range(self, sample: Sample) -> None:
        """Take notice of the first two samples of a segment."""
        if sample.segment != self._segment:
            self._segment = sample.segment
            self._may_correct = sample.segment in self._held and sample.step not in self.ranges
        else:
            self.ranges[sample.step] = sample.range
            self._may_correct = False
        if self._may_correct:
            self.ranges[sample.step] = sample.range


def _with_raw(point: Point) -> Point:
    """Return a point that has a raw value; where nothing was taken off, that is the value itself."""
    if point.raw_real_ohm is not None:
        return point
    return replace(point, raw_real_ohm=point.real_ohm, raw_imaginary_ohm=point.imaginary_ohm)


def ranges_of(samples: Array, starts: Iterable[SegmentStart]) -> dict[int, int]:
    """Return the current range of each step that holds a current or a voltage from all samples, as `Rows` finds it."""
    found: dict[int, int] = {}
    driven = (samples["flags"] & PAUSED) == 0
    segments, steps, numbers = (samples[name][driven] for name in ("segment", "step", "range"))
    if not len(segments):
        return found
    held = {start.ordinal for start in starts if start.name in HELD}
    begins = [0, *((segments[1:] != segments[:-1]).nonzero()[0] + 1), len(segments)]
    for begin, end in pairwise(begins):
        if int(segments[begin]) in held:
            place = min(begin + 1, end - 1)
            found.setdefault(int(steps[place]), int(numbers[place]))
    return found


def batches(events: Iterable[Event], size: int = 4096) -> Iterator[list[Event]]:
    """Yield the events in lists of at most `size`, so that a run of any length fits into memory."""
    source = iter(events)
    while chunk := list(islice(source, size)):
        yield chunk
