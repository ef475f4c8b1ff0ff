"""Reading the rows of a run while its engine writes them.

From the live file as long as there is one that moves; else from the journal. Made for a thread of its own,
because a file may be slow to answer. A file that was made again is read from its beginning: `Deduplicator`
sorts out what was there before.
"""

from __future__ import annotations

import mmap
import os
from contextlib import suppress
from pathlib import Path

import h5py

from solbench.acquisition.record.events import Event
from solbench.acquisition.record.events import decode as decode_event
from solbench.acquisition.record.journal import decode, journal_path
from solbench.acquisition.record.reader import open_run, samples_between
from solbench.acquisition.record.rows import Rows
from solbench.gui.models.common.arrays import Array
from solbench.gui.models.sources.source import Batch

BLOCK_ROWS = 65_536  # of a read: 4 MB
_TAIL_BYTES = 4 << 20


class LiveRows:
    """Follows a live file (HDF5, single writer, multiple readers)."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self._file: h5py.File | None = None
        self._inode = 0
        self._have = {"samples": 0, "points": 0, "events": 0}
        self._journal_offset = 0

    def read(self) -> Batch:
        """Return the next rows, at most a block of each kind; raises OSError, RuntimeError, KeyError when it cannot."""
        file = self._opened()
        batch = Batch()
        if len(events := self._rows(file, "events")):
            batch.events = self._events(events)
        for name, place in (("samples", batch.samples), ("points", batch.points)):
            if len(rows := self._rows(file, name)):
                place.append(rows)
        return batch

    def close(self) -> None:
        """Close the file, so that it can be replaced."""
        if self._file is not None:
            with suppress(OSError, RuntimeError):
                self._file.close()
            self._file = None

    def _opened(self) -> h5py.File:
        """Return the open file; a rebuilt one is opened anew."""
        inode = os.stat(self._run).st_ino
        if self._file is not None and inode == self._inode:
            return self._file
        self.close()
        file = h5py.File(self._run, "r", libver=("v110", "v110"), swmr=True)
        if "solbench_live" not in file.attrs:
            file.close()
            raise OSError(f"{self._run} is no live file any more")
        self._file, self._inode = file, inode
        self._have = dict.fromkeys(self._have, 0)
        return file

    def _rows(self, file: h5py.File, name: str) -> Array:
        dataset = file[name]
        dataset.refresh()
        start = self._have[name]
        rows: Array = dataset[start : start + BLOCK_ROWS]
        self._have[name] = start + len(rows)
        return rows

    def _events(self, rows: Array) -> list[Event]:
        found = []
        for row in rows:
            text = bytes(row["json"])
            if b'"kind":"point"' not in text[:60]:
                found.append(self._event(int(row["seq"]), text))
        return found

    def _event(self, seq: int, text: bytes) -> Event:
        try:
            return decode_event(text)
        except ValueError:  # longer than a row of the live file: whole in the journal
            return self._from_journal(seq)

    def _from_journal(self, seq: int) -> Event:
        """Find one record by its number, without reading those before it."""
        with (
            journal_path(self._run).open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view,
        ):
            place = view.find(b'{"seq":%d,' % seq, self._journal_offset)
            if place < 0:
                raise OSError(f"record {seq} is not in the journal")
            self._journal_offset = place
            line = view[place : view.find(b"\n", place)]
        return decode_event(line.rpartition(b"\t")[0])


class JournalRows:
    """Follows a journal: for runs whose live file was given up."""

    def __init__(self, journal: Path, after_seq: int, rows: Rows) -> None:
        self._path = journal
        self._rows = rows
        self.last_seq = after_seq
        self._offset = self._start(after_seq)

    def read(self) -> Batch:
        """Return the next whole records, at most some megabytes of them."""
        with self._path.open("rb") as file:
            file.seek(self._offset)
            data = file.read(_TAIL_BYTES)
        lines = data[: data.rfind(b"\n") + 1].splitlines(keepends=True)
        events = []
        for line in lines:
            event = decode(line, self.last_seq + 1)
            if event is None:
                break
            events.append(event)
            self.last_seq = event.seq
            self._offset += len(line)
        return Batch.of_events(events, self._rows)

    def close(self) -> None:
        """Nothing is open between reads."""

    def _start(self, after_seq: int) -> int:
        if after_seq < 0 or os.path.getsize(self._path) == 0:
            return 0
        with (
            self._path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view,
        ):
            place = view.find(b'\n{"seq":%d,' % (after_seq + 1))
            return place + 1 if place >= 0 else len(view)


class FileRows:
    """Reads a finished file block by block, from one sample on; events and points come with the first block."""

    def __init__(self, run: Path, first: int = 0) -> None:
        self._run = run
        self._next = first
        self._begun = False

    def read(self) -> Batch:
        """Return the next rows; raises RunFileError, OSError, KeyError."""
        batch = Batch()
        if not self._begun:
            whole = open_run(self._run, samples=False)
            batch.events = whole.events
            batch.points = [whole.points] if len(whole.points) else []
            self._begun = True
        with h5py.File(self._run, "r") as file:
            rows = samples_between(file["entry/samples"], self._next, self._next + BLOCK_ROWS)
        self._next += len(rows)
        batch.samples = [rows] if len(rows) else []
        return batch

    def close(self) -> None:
        """Nothing is open between reads."""
