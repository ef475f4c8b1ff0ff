"""The rows of a run: samples and impedance points as numpy records, made of events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from operator import attrgetter
from typing import Any

import numpy as np

from solbench.acquisition.record.events import Event, Point, Sample, SegmentStart

SAMPLE = np.dtype(
    [
        ("seq", "<u8"),
        ("time_s", "<f8"),
        ("voltage_V", "<f8"),
        ("current_A", "<f8"),
        ("charge_C", "<f8"),
        ("step", "<i4"),
        ("segment", "<i4"),
        ("cycle", "<i4"),
        ("range", "<i2"),
        ("flags", "<u2"),
    ]
)
POINT = np.dtype(
    [
        ("seq", "<u8"),
        ("time_s", "<f8"),
        ("frequency_Hz", "<f8"),
        ("real_ohm", "<f8"),
        ("imaginary_ohm", "<f8"),
        ("amplitude_V", "<f8"),
        ("spectrum", "<i4"),
        ("segment", "<i4"),
        ("attempt", "<i4"),
        ("step", "<i4"),
        ("range", "<i2"),
        ("error", "<i2"),
        ("attempts", "<i2"),
    ]
)
DECIDING, OVERLOAD = 1, 2  # bits of `flags`
_OF_POINT = attrgetter(*(POINT.names or ())[2:])


class Rows:
    """Turns events into rows; keeps the cycle of the present step, which samples do not carry."""

    def __init__(self) -> None:
        self._cycle = 0

    def sample(self, event: Event, sample: Sample) -> tuple[Any, ...]:
        """Return the row of a sample, the body of `event`."""
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
            (DECIDING if sample.deciding else 0) | (OVERLOAD if sample.overload else 0),
        )

    def point(self, event: Event, point: Point) -> tuple[Any, ...]:
        """Return the row of a point, the body of `event`."""
        return (event.seq, event.time_s, *_OF_POINT(point))

    def see(self, event: Event) -> None:
        """Take notice of the cycle of a segment that begins."""
        if isinstance(event.body, SegmentStart):
            self._cycle = event.body.step.cycle or 0


class Block:
    """Some events, sorted into rows and others."""

    def __init__(self) -> None:
        self.samples: list[tuple[Any, ...]] = []
        self.points: list[tuple[Any, ...]] = []
        self.events: list[Event] = []

    def sample_array(self) -> np.ndarray[Any, Any]:
        """Return the samples as an array of SAMPLE."""
        return np.array(self.samples, dtype=SAMPLE)

    def point_array(self) -> np.ndarray[Any, Any]:
        """Return the points as an array of POINT."""
        return np.array(self.points, dtype=POINT)


def sort_into(block: Block, events: Iterable[Event], rows: Rows) -> Block:
    """Sort `events` into `block`."""
    for event in events:
        body = event.body
        if isinstance(body, Sample):
            block.samples.append(rows.sample(event, body))
            continue
        if isinstance(body, Point):
            block.points.append(rows.point(event, body))
        else:
            rows.see(event)
        block.events.append(event)
    return block


def batches(events: Iterable[Event], size: int = 4096) -> Iterator[list[Event]]:
    """Yield the events in lists of at most `size`, so that a run of any length fits into memory."""
    source = iter(events)
    while chunk := list(islice(source, size)):
        yield chunk
