"""What a run on show is made of, wherever it comes from: a live engine, a file, a replay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from solbench.acquisition.control.messages import Status
from solbench.acquisition.record.journal import Event
from solbench.acquisition.record.rows import Block, Rows, sort_into
from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.trace import Detail


@dataclass(frozen=True)
class Link:
    """How the connection to the engine is: `silent_s` since it last said something, `text` for people.

    `over`: nothing will come any more; the engine has ended or died, or the file is read.
    """

    silent_s: float = 0.0
    text: str = "engine ok"
    over: bool = False

    @property
    def lost(self) -> bool:
        """Get whether the numbers on show may be old."""
        return not self.over and self.silent_s > 2.0


@dataclass
class Batch:
    """News: arrays of tables.SAMPLE and tables.POINT, events other than those, the newest status.

    `detail` are samples of blocks that were asked for.
    """

    samples: list[Array] = field(default_factory=list)
    points: list[Array] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    status: Status | None = None
    link: Link = Link()
    detail: Detail | None = None

    @property
    def empty(self) -> bool:
        """Get whether there are no new rows."""
        return not (self.samples or self.points or self.events)

    def add(self, later: Batch) -> None:
        """Add rows that came later."""
        self.samples += later.samples
        self.points += later.points
        self.events += later.events

    @classmethod
    def of_events(cls, events: Iterable[Event], rows: Rows) -> Batch:
        """Sort journal records into a batch."""
        block = sort_into(Block(), events, rows)
        batch = cls(events=[event for event in block.events if event.kind != "point"])
        if block.samples:
            batch.samples = [block.sample_array()]
        if block.points:
            batch.points = [block.point_array()]
        return batch


class Deduplicator:
    """Which records were shown already, for each kind of rows; lets every record through once."""

    def __init__(self) -> None:
        self.last = {"samples": -1, "points": -1, "events": -1}

    @property
    def all_below(self) -> int:
        """Get the number of the last record before which nothing is missing."""
        return min(self.last.values())

    def new(self, batch: Batch) -> Batch:
        """Return what of a batch was not seen yet."""
        fresh = Batch(status=batch.status, link=batch.link)
        fresh.events = [event for event in batch.events if event.seq > self.last["events"]]
        if fresh.events:
            self.last["events"] = fresh.events[-1].seq
        for name, place, tables in (
            ("samples", fresh.samples, batch.samples),
            ("points", fresh.points, batch.points),
        ):
            for table in tables:
                rows = table[table["seq"].astype(np.int64) > self.last[name]]
                if len(rows):
                    self.last[name] = int(rows["seq"][-1])
                    place.append(rows)
        return fresh


class Source(Protocol):
    """Gives the news of a run; `take` never blocks."""

    path: Path

    def take(self) -> Batch:
        """Return what is new since the last call."""
        ...

    def want(self, blocks: Array) -> None:
        """Ask for the samples of some blocks of the trace; they come as the `detail` of a later batch."""

    def close(self) -> None:
        """Let go of threads and files."""
