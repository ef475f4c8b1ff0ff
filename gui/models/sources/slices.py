"""Samples of a run by their numbers, from wherever the run is kept: its file, live or finished, or its journal.

The first sample of a run has number 0. Nothing is kept open between two looks, so that a file can be replaced; a file
may be slow to answer, so that this is for a thread of its own.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import h5py
import numpy as np

from solbench.acquisition.record.journal import Event, decode, journal_path
from solbench.acquisition.record.reader import samples_between
from solbench.acquisition.record.rows import SAMPLE, Block, Rows, sort_into
from solbench.gui.models.common.blocks import BLOCK
from solbench.gui.models.common.trace import Detail

Array = np.ndarray[Any, Any]
_JOURNAL_BYTES = 1 << 20  # between two entries of a journal's index
_SAMPLE_MARK = b',"kind":"sample",'
_FIELDS = ("time_s", "voltage_V", "current_A")
UNREADABLE = (OSError, RuntimeError, KeyError, ValueError)


class Slices(Protocol):
    """Gives samples (tables.SAMPLE; times, voltages, currents) by their numbers; raises UNREADABLE where it cannot."""

    def read(self, ranges: list[tuple[int, int]]) -> list[Array]:
        """Return the samples of each range (first, behind the last)."""


class FileSlices:
    """Reads a run file: the finished one, or the one that its engine is writing; `whole`: all fields of a sample."""

    def __init__(self, path: Path, live: bool = False, whole: bool = False) -> None:
        self._path = path
        self._fields = tuple(SAMPLE.names or ()) if whole else _FIELDS
        self._options: dict[str, Any] = {"libver": ("v110", "v110"), "swmr": True} if live else {}

    def read(self, ranges: list[tuple[int, int]]) -> list[Array]:
        """Return the samples of each range."""
        with h5py.File(self._path, "r", **self._options) as file:
            if self._options:
                return [file["samples"][first:last] for first, last in ranges]
            return [
                samples_between(file["entry/samples"], first, last, self._fields) for first, last in ranges
            ]


class MemorySlices:
    """Gives samples of an array."""

    def __init__(self, samples: Array) -> None:
        self._samples = samples

    def read(self, ranges: list[tuple[int, int]]) -> list[Array]:
        """Return the samples of each range."""
        return [self._samples[first:last] for first, last in ranges]


class JournalSlices:
    """Reads a journal, with an index of how many samples lie before each megabyte of it."""

    def __init__(self, journal: Path) -> None:
        self._path = journal
        self._offsets, self._counts = [0], [0]

    def read(self, ranges: list[tuple[int, int]]) -> list[Array]:
        """Return the samples of each range."""
        with self._path.open("rb") as file:
            self._index(file)
            return [self._between(file, first, last) for first, last in ranges]

    def _index(self, file: Any) -> None:
        """Count the samples in what was written since the last look, whole lines at a time."""
        file.seek(self._offsets[-1])
        while data := file.read(_JOURNAL_BYTES):
            whole = data.rfind(b"\n") + 1
            if len(data) < _JOURNAL_BYTES or whole == 0:
                break
            self._counts.append(self._counts[-1] + data.count(_SAMPLE_MARK, 0, whole))
            self._offsets.append(self._offsets[-1] + whole)
            file.seek(self._offsets[-1])

    def _between(self, file: Any, first: int, last: int) -> Array:
        place = bisect_right(self._counts, first) - 1
        skipped = self._counts[place]
        file.seek(self._offsets[place])
        block, rows = Block(), Rows()
        for event in _samples(file):
            if skipped >= first:
                sort_into(block, [event], rows)
            skipped += 1
            if skipped == last:
                break
        return block.sample_array()


def _samples(file: Any) -> Iterator[Event]:
    for line in file:
        if _SAMPLE_MARK in line:
            event = decode(line, None)
            if event is None:
                return
            yield event


def finished(path: Path) -> Slices:
    """Return what reads the run at `path` (.h5 or .journal), whose engine has gone."""
    if path.suffix != ".journal" and path.exists() and h5py.is_hdf5(path):
        try:
            with h5py.File(path, "r") as file:
                if "entry/samples" in file:
                    return FileSlices(path)
        except UNREADABLE:
            pass
    return JournalSlices(path if path.suffix == ".journal" else journal_path(path))


class DetailReader:
    """Reads the samples of blocks in a thread that begins with the first request; the newest request counts."""

    def __init__(self, slices: Callable[[], Slices]) -> None:
        self._slices = slices
        self._request: Array | None = None
        self._answer: Detail | None = None
        self._changed = threading.Condition()
        self._closing = False
        self._thread: threading.Thread | None = None

    def want(self, blocks: Array) -> None:
        """Ask for the samples of these blocks."""
        with self._changed:
            self._request = blocks
            self._changed.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="detail", daemon=True)
            self._thread.start()

    def take(self) -> Detail | None:
        """Return what was read since the last call."""
        with self._changed:
            answer, self._answer = self._answer, None
        return answer

    def close(self) -> None:
        """End the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(timeout=2.0)

    def _serve(self) -> None:
        while True:
            with self._changed:
                while self._request is None and not self._closing:
                    self._changed.wait()
                blocks, self._request = self._request, None
                if self._closing or blocks is None:
                    return
            try:
                answer = detail_of(blocks, self._slices())
            except UNREADABLE:  # the blocks stay on show; the next view asks again
                continue
            with self._changed:
                self._answer = answer


def detail_of(blocks: Array, slices: Slices) -> Detail:
    """Read the samples of blocks; those that are not whole where they are read are left out."""
    starts = np.flatnonzero(np.diff(blocks, prepend=-2) > 1)
    groups = np.split(blocks, starts[1:])
    parts = slices.read([(int(group[0]) * BLOCK, (int(group[-1]) + 1) * BLOCK) for group in groups])
    whole = [
        (group, part) for group, part in zip(groups, parts, strict=True) if len(part) == len(group) * BLOCK
    ]
    rows = np.concatenate([part for _, part in whole]) if whole else np.empty(0, SAMPLE)
    found = np.concatenate([group for group, _ in whole]) if whole else blocks[:0]
    columns = tuple(rows[name].astype(np.float32) for name in ("voltage_V", "current_A"))
    return Detail(found, rows["time_s"].copy(), columns)
