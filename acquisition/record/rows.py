"""Records sorted into the rows of samples and points, and the rest."""

from collections.abc import Iterable, Iterator
from itertools import islice
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
    """Sorts records in order; keeps the cycle of the present step, which samples do not carry."""

    def __init__(self) -> None:
        self._cycle = 0

    def see(self, event: Event) -> None:
        """Take notice of the cycle of a segment that begins."""
        if isinstance(event.body, SegmentStart):
            self._cycle = event.body.step.cycle or 0

    def sorted(self, events: Iterable[Event], block: Block | None = None) -> Block:
        """Sort `events` into a new block, or into one that has some already."""
        block = block or Block()
        for event in events:
            body = event.body
            if isinstance(body, Sample):
                block.samples.append(self._sample(event, body))
            elif isinstance(body, Point):
                block.points.append((event.seq, event.time_s, *_OF_POINT(body)))
            else:
                self.see(event)
                block.events.append(event)
        return block

    def _sample(self, event: Event, sample: Sample) -> Row:
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


def batches(events: Iterable[Event], size: int = 4096) -> Iterator[list[Event]]:
    """Yield the events in lists of at most `size`, so that a run of any length fits into memory."""
    source = iter(events)
    while chunk := list(islice(source, size)):
        yield chunk
