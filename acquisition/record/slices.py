"""Samples of a run by their numbers, from wherever the run is kept: its file, live or finished, or its journal.

The first sample of a run has number 0. Nothing is kept open between two reads, so that a file can be replaced; a file
may be slow to answer, so that this is for a thread of its own.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

from solbench.acquisition.record.beside.packed import opened_journal
from solbench.acquisition.record.columns import SAMPLE_COLUMNS, Array
from solbench.acquisition.record.events import Event
from solbench.acquisition.record.hdf5 import read_file, read_live
from solbench.acquisition.record.journal import decode, journal_path
from solbench.acquisition.record.reader import is_finished, samples_between
from solbench.acquisition.record.rows import Rows

Ranges = Sequence[tuple[int, int]]  # first, behind the last
_INDEXED_BYTES = 1 << 20  # between two entries of a journal's index
_SAMPLE_MARK = b',"kind":"sample",'
_SHOWN = tuple(column for column in SAMPLE_COLUMNS if column.field in ("time_s", "voltage_V", "current_A"))
UNREADABLE = (OSError, RuntimeError, KeyError, ValueError)


class Slices(Protocol):
    """Gives samples (columns.SAMPLE) by their numbers; raises UNREADABLE where it cannot."""

    def read(self, ranges: Ranges) -> list[Array]:
        """Return the samples of each range."""
        ...


class FileSlices:
    """Reads a finished run file: times, voltages, currents, or `whole` samples."""

    def __init__(self, path: Path, whole: bool = False) -> None:
        self._path = path
        self._columns = SAMPLE_COLUMNS if whole else _SHOWN

    def read(self, ranges: Ranges) -> list[Array]:
        """Return the samples of each range."""
        with read_file(self._path) as file:
            return [samples_between(file, first, last, self._columns) for first, last in ranges]


class LiveSlices:
    """Reads a run file that its engine is writing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, ranges: Ranges) -> list[Array]:
        """Return the samples of each range."""
        with read_live(self._path) as file:
            return [file["samples"][first:last] for first, last in ranges]


class MemorySlices:
    """Gives samples of an array."""

    def __init__(self, samples: Array) -> None:
        self._samples = samples

    def read(self, ranges: Ranges) -> list[Array]:
        """Return the samples of each range."""
        return [self._samples[first:last] for first, last in ranges]


class JournalSlices:
    """Reads a journal, with an index of how many samples lie before each megabyte of it."""

    def __init__(self, journal: Path) -> None:
        self._path = journal
        self._offsets, self._counts = [0], [0]

    def read(self, ranges: Ranges) -> list[Array]:
        """Return the samples of each range."""
        with opened_journal(self._path) as (file, _length):
            self._index(file)
            return [self._between(file, first, last) for first, last in ranges]

    def _index(self, file: BinaryIO) -> None:
        """Count the samples in what was written since the last look, whole lines at a time."""
        file.seek(self._offsets[-1])
        while data := file.read(_INDEXED_BYTES):
            whole = data.rfind(b"\n") + 1
            if len(data) < _INDEXED_BYTES or whole == 0:
                break
            self._counts.append(self._counts[-1] + data.count(_SAMPLE_MARK, 0, whole))
            self._offsets.append(self._offsets[-1] + whole)
            file.seek(self._offsets[-1])

    def _between(self, file: BinaryIO, first: int, last: int) -> Array:
        place = bisect_right(self._counts, first) - 1
        skipped = self._counts[place]
        file.seek(self._offsets[place])
        chosen = []
        for event in _samples(file):
            if skipped >= first:
                chosen.append(event)
            skipped += 1
            if skipped == last:
                break
        return Rows().sorted(chosen).sample_array()


def _samples(file: BinaryIO) -> Iterator[Event]:
    for line in file:
        if _SAMPLE_MARK in line:
            event = decode(line, None)
            if event is None:
                return
            yield event


def slices_of(path: Path) -> FileSlices | JournalSlices:
    """Return what reads the run at `path` (.h5 or .journal), whose engine has gone."""
    if is_finished(path):
        return FileSlices(path)
    return JournalSlices(path if path.suffix == ".journal" else journal_path(path))
