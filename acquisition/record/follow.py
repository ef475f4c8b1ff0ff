"""Following a run: what is new in its live file, in its journal, or in the finished file.

From the live file as long as there is one that moves; else from the journal. Made for a thread of its own, because a
file may be slow to answer. A file that was made again is read from its beginning: `Deduplicator` sorts out what was
there before.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from solbench.acquisition.record.columns import LIVE_MARK, Array
from solbench.acquisition.record.events import Event
from solbench.acquisition.record.events import decode as decode_event
from solbench.acquisition.record.hdf5 import Group, read_live
from solbench.acquisition.record.journal import decode, journal_path
from solbench.acquisition.record.reader import BLOCK_ROWS, open_run
from solbench.acquisition.record.rows import Rows
from solbench.acquisition.record.slices import FileSlices

_TAIL_BYTES = 4 << 20


@dataclass
class News:
    """What is new: arrays of columns.SAMPLE and columns.POINT, and the events other than those."""

    samples: list[Array] = field(default_factory=list)
    points: list[Array] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Get whether there are no new rows."""
        return not (self.samples or self.points or self.events)

    def add(self, later: News) -> None:
        """Add rows that came later."""
        self.samples += later.samples
        self.points += later.points
        self.events += later.events


class Follower(Protocol):
    """Gives what is new since the last read."""

    def read(self) -> News:
        """Return the next rows, at most a block of each kind; raises OSError, RuntimeError, KeyError, ValueError."""
        ...

    def close(self) -> None:
        """Let go of the file."""


class LiveRows:
    """Follows a live file (HDF5, single writer, multiple readers)."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self._file: Group | None = None
        self._inode = 0
        self._have = {"samples": 0, "points": 0, "events": 0}
        self._journal_offset = 0

    def read(self) -> News:
        """Return the next rows; raises OSError, RuntimeError, KeyError when it cannot."""
        file = self._opened()
        news = News()
        for row in self._rows(file, "events"):
            news.events.append(self._event(int(row["seq"]), bytes(row["json"])))
        for name, place in (("samples", news.samples), ("points", news.points)):
            if len(rows := self._rows(file, name)):
                place.append(rows)
        return news

    def close(self) -> None:
        """Close the file, so that it can be replaced."""
        if self._file is not None:
            with suppress(OSError, RuntimeError):
                self._file.close()
            self._file = None

    def _opened(self) -> Group:
        """Return the open file; a rebuilt one is opened again."""
        inode = os.stat(self._run).st_ino
        if self._file is not None and inode == self._inode:
            return self._file
        self.close()
        file = read_live(self._run)
        if LIVE_MARK not in file.attrs:
            file.close()
            raise OSError(f"{self._run} is no longer a live file")
        self._file, self._inode = file, inode
        self._have = dict.fromkeys(self._have, 0)
        return file

    def _rows(self, file: Group, name: str) -> Array:
        dataset = file[name]
        dataset.refresh()
        start = self._have[name]
        rows: Array = dataset[start : start + BLOCK_ROWS]
        self._have[name] = start + len(rows)
        return rows

    def _event(self, seq: int, text: bytes) -> Event:
        try:
            return decode_event(text)
        except ValueError:  # longer than a row of the live file: whole in the journal
            return self._from_journal(seq)

    def _from_journal(self, seq: int) -> Event:
        """Find one record by its number, without reading those before it."""
        with _mapped(journal_path(self._run)) as view:
            place = view.find(b'{"seq":%d,' % seq, self._journal_offset)
            event = decode(view[place : view.find(b"\n", place) + 1], seq) if place >= 0 else None
        if event is None:
            raise OSError(f"record {seq} is not in the journal")
        self._journal_offset = place
        return event


class JournalRows:
    """Follows a journal: for runs whose live file was given up."""

    def __init__(self, journal: Path, after_seq: int, rows: Rows) -> None:
        self._path = journal
        self._rows = rows
        self.last_seq = after_seq
        self._offset = self._start(after_seq)

    def read(self) -> News:
        """Return the next whole records, at most some megabytes of them."""
        with self._path.open("rb") as file:
            file.seek(self._offset)
            data = file.read(_TAIL_BYTES)
        events = []
        for line in data[: data.rfind(b"\n") + 1].splitlines(keepends=True):
            event = decode(line, self.last_seq + 1)
            if event is None:
                break
            events.append(event)
            self.last_seq = event.seq
            self._offset += len(line)
        block = self._rows.sorted(events)
        samples, points = block.sample_array(), block.point_array()
        return News([samples] if len(samples) else [], [points] if len(points) else [], block.events)

    def close(self) -> None:
        """Nothing is open between reads."""

    def _start(self, after_seq: int) -> int:
        if after_seq < 0 or os.path.getsize(self._path) == 0:
            return 0
        with _mapped(self._path) as view:
            place = view.find(b'\n{"seq":%d,' % (after_seq + 1))
            return place + 1 if place >= 0 else len(view)


class FileRows:
    """Reads a finished file block by block, from one sample on; events and points come with the first block."""

    def __init__(self, run: Path, first: int = 0) -> None:
        self._run = run
        self._slices = FileSlices(run, whole=True)
        self._next = first
        self._begun = False

    def read(self) -> News:
        """Return the next rows; raises RunFileError, OSError, KeyError."""
        news = News()
        if not self._begun:
            whole = open_run(self._run)
            news.events = list(whole.events)
            news.points = [whole.points] if len(whole.points) else []
            self._begun = True
        [rows] = self._slices.read([(self._next, self._next + BLOCK_ROWS)])
        self._next += len(rows)
        news.samples = [rows] if len(rows) else []
        return news

    def close(self) -> None:
        """Nothing is open between reads."""


class Deduplicator:
    """Which records were given out already, for each kind of rows; lets every record through once."""

    def __init__(self) -> None:
        self.last = {"samples": -1, "points": -1, "events": -1}

    @property
    def all_below(self) -> int:
        """Get the number of the last record before which nothing is missing."""
        return min(self.last.values())

    def new(self, news: News) -> News:
        """Return what was not seen yet."""
        fresh = News(events=[event for event in news.events if event.seq > self.last["events"]])
        if fresh.events:
            self.last["events"] = fresh.events[-1].seq
        fresh.samples = self._new_rows("samples", news.samples)
        fresh.points = self._new_rows("points", news.points)
        return fresh

    def _new_rows(self, name: str, tables: list[Array]) -> list[Array]:
        found = []
        for table in tables:
            rows = table[table["seq"].astype(np.int64) > self.last[name]]
            if len(rows):
                self.last[name] = int(rows["seq"][-1])
                found.append(rows)
        return found


@contextmanager
def _mapped(path: Path) -> Iterator[mmap.mmap]:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        yield view
