"""A finished run for a replay: its events and points at hand, its samples read ahead from the file."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from solbench.acquisition.record.reader import BLOCK_ROWS, Run, is_finished, open_run
from solbench.acquisition.record.slices import UNREADABLE, FileSlices, MemorySlices, Slices
from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.words import tr
from solbench.gui.models.sources.source import read_ahead

WAITING_BLOCKS = 6


@dataclass(frozen=True)
class Recording:
    """A run whose samples are either in `run`, or still in its file (`in_file`)."""

    run: Run
    in_file: bool = False

    @classmethod
    def open(cls, path: Path) -> Recording:
        """Read a run file or a journal; raises RunFileError, FileNotFoundError. Only a journal's samples are read."""
        in_file, run = is_finished(path), open_run(path)
        read_ahead(run.header)
        return cls(run, in_file)

    def slices(self, whole: bool = False) -> Slices:
        """Return what gives samples by their numbers; `whole`: with all their fields."""
        return FileSlices(self.run.path, whole=whole) if self.in_file else MemorySlices(self.run.samples)


class Ahead:
    """The samples of a recording in order; those of a file are read by a thread, some blocks ahead of their use."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._waiting: deque[Array] = deque()
        self._lock = threading.Condition()
        self._last_s = 0.0
        self._done = self._closing = False
        self.problem = ""
        self._thread: threading.Thread | None = None
        if recording.in_file:
            self._thread = threading.Thread(target=self._read, name="replay", daemon=True)
            self._thread.start()
        else:
            self._waiting.append(recording.run.samples)
            self._done = True

    @property
    def reach_s(self) -> float:
        """Get up to which time samples have been read; infinite when they all have."""
        with self._lock:
            return float("inf") if self._done else self._last_s

    @property
    def empty(self) -> bool:
        """Get whether all samples were given."""
        with self._lock:
            return self._done and not self._waiting

    def upto(self, time_s: float) -> list[Array]:
        """Return the next samples up to a time, as far as they have been read."""
        found = []
        with self._lock:
            while self._waiting:
                rows = self._waiting[0]
                count = int(np.searchsorted(rows["time_s"], time_s, "right"))
                if count:
                    found.append(rows[:count])
                if count < len(rows):
                    self._waiting[0] = rows[count:]
                    break
                self._waiting.popleft()
            self._lock.notify()
        return found

    def wait(self, timeout_s: float = 10.0) -> bool:
        """Wait until a good part has been read; say whether it has."""
        with self._lock:
            return self._lock.wait_for(lambda: self._done or len(self._waiting) >= WAITING_BLOCKS, timeout_s)

    def close(self) -> None:
        """End the thread."""
        with self._lock:
            self._closing = True
            self._lock.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=2.0)

    def _read(self) -> None:
        slices, first = self._recording.slices(whole=True), 0
        problem = tr("reading broke off")
        try:
            while rows := self._next(slices, first):
                first += rows
            problem = ""
        except UNREADABLE as error:
            problem = str(error)
        finally:
            with self._lock:
                self.problem, self._done = problem, True
                self._lock.notify_all()

    def _next(self, slices: Slices, first: int) -> int:
        """Read a block and put it into the queue when there is room; return its length, 0 at the end."""
        rows = slices.read([(first, first + BLOCK_ROWS)])[0]
        with self._lock:
            self._lock.wait_for(lambda: self._closing or len(self._waiting) < WAITING_BLOCKS)
            if len(rows) == 0 or self._closing:
                return 0
            self._waiting.append(rows)
            self._last_s = float(rows["time_s"][-1])
            self._lock.notify_all()
        return len(rows)
