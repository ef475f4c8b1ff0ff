"""Reading runs: from the finished file, from the journal, or, while the run is on, through the journal."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np

from solbench.acquisition.errors import RunFileError
from solbench.acquisition.record.columns import (
    EVENTS,
    LIVE_MARK,
    POINT,
    POINT_COLUMNS,
    SAMPLE,
    SAMPLE_COLUMNS,
    SAMPLES,
    SPECTRA,
    Array,
    Column,
    read_columns,
)
from solbench.acquisition.record.events import Event, GaugeRead, Header, Known, RunEnd, decode
from solbench.acquisition.record.folds import SpectrumRecord, StepRecord, spectra_of, steps_of
from solbench.acquisition.record.gauges import GaugeTrace, traces_of
from solbench.acquisition.record.hdf5 import Group, is_hdf5, read_file
from solbench.acquisition.record.journal import journal_path, read_journal
from solbench.acquisition.record.rows import Block, Rows, batches

BLOCK_ROWS = 65_536  # of a read: 4 MB
B = TypeVar("B", bound=Known)


@dataclass
class Run:
    """A run as it was recorded.

    `events` are all but samples and points, the header first; `samples` is an array of `columns.SAMPLE`, `points`
    one of `columns.POINT`; SI units, positive current charges the cell.
    """

    path: Path
    events: list[Event]
    samples: Array
    points: Array

    @property
    def header(self) -> Header:
        """Get what the run's first record says; raises RunFileError where that is no header."""
        body = self.events[0].body
        if not isinstance(body, Header):
            raise RunFileError(f"{self.path}: its first record is not a header but `{body.kind}`")
        return body

    @property
    def simulated(self) -> bool:
        """Get whether the bench was a simulated one."""
        return self.header.simulated

    @property
    def end(self) -> RunEnd | None:
        """Get how the run ended, None if it did not end in an orderly way."""
        last = self.events[-1].body
        return last if isinstance(last, RunEnd) else None

    @property
    def completed(self) -> bool:
        """Get whether the run ended by its own end conditions."""
        return self.end is not None and self.end.completed

    @cached_property
    def steps(self) -> list[StepRecord]:
        """Get the executed steps."""
        return steps_of(self.events)

    @cached_property
    def attempts(self) -> list[SpectrumRecord]:
        """Get all attempts at spectra, interrupted ones too."""
        return spectra_of(self.events)

    @cached_property
    def spectra(self) -> list[SpectrumRecord]:
        """Get the spectra that are whole."""
        return [spectrum for spectrum in self.attempts if spectrum.whole]

    @cached_property
    def gauges(self) -> list[GaugeTrace]:
        """Get what the gauges beside the cell showed."""
        return traces_of(self.bodies(GaugeRead))

    def points_of(self, spectrum: SpectrumRecord) -> Array:
        """Return the points of one spectrum, in the order of measurement."""
        points = self.points
        its: Array = points[(points["segment"] == spectrum.segment) & (points["attempt"] == spectrum.attempt)]
        return its

    def bodies(self, kind: type[B]) -> list[tuple[float, B]]:
        """Return the records of one kind with their times (s since the start of the run)."""
        return [(event.time_s, event.body) for event in self.events if isinstance(event.body, kind)]


def open_run(path: Path, samples: bool = True) -> Run:
    """Read the run file `path` (.h5) or a journal; raises RunFileError, FileNotFoundError.

    A live file, or one whose program died, is read through its journal, which holds more. Without `samples`, they
    are left where they are (`sample_blocks` and `slices` read them in parts).
    """
    if path.suffix == ".journal":
        return from_journal(path, samples)
    if not path.exists():
        raise FileNotFoundError(path)
    if not is_hdf5(path):
        return _through_journal(path, "is not an HDF5 file", samples)
    try:
        with read_file(path) as file:
            if EVENTS in file:
                return _from_final(path, file, samples)
            reason = "is a live file" if LIVE_MARK in file.attrs else "is not a run file of solbench"
    except OSError as error:  # held by a running program, or flagged by one that died
        reason = f"cannot be opened ({error})"
    return _through_journal(path, reason, samples)


def from_journal(path: Path, samples: bool = True) -> Run:
    """Read a run from its journal, as far as it is whole; raises RunFileError when it has no beginning."""
    block, rows = Block(), Rows()
    for chunk in batches(read_journal(path)):
        rows.sorted(chunk, block)
        if not samples:
            block.samples.clear()
    if not block.events:
        raise RunFileError(f"{path}: no complete record in it; this is not a run's journal")
    return Run(path, block.events, block.sample_array(), block.point_array())


def outline(path: Path) -> Run | None:
    """Read the events of a finished file alone, so that many are listed fast; None where there is no such file."""
    with opened(path) as file:
        if file is None:
            return None
        return Run(path, _events(file), np.empty(0, SAMPLE), np.empty(0, POINT))


def is_finished(path: Path) -> bool:
    """Say whether `path` is a run file that was finished."""
    with opened(path) as file:
        return file is not None


@contextmanager
def opened(path: Path) -> Iterator[Group | None]:
    """Open a finished run file; None where it is none, or HDF5 cannot (held by a running program, or flagged)."""
    file = None
    if path.suffix != ".journal" and path.exists():
        try:
            file = read_file(path)
        except OSError:
            file = None
    if file is None:
        yield None
        return
    with file:
        yield file if EVENTS in file else None


def sample_blocks(path: Path) -> Iterator[Array]:
    """Yield the samples of a run file, or of a journal, in order and in parts."""
    with opened(path) as file:
        if file is not None:
            count = len(file[SAMPLES][SAMPLE_COLUMNS[0].dataset])
            for first in range(0, count, BLOCK_ROWS):
                yield samples_between(file, first, first + BLOCK_ROWS)
            return
    rows = Rows()
    for chunk in batches(read_journal(path if path.suffix == ".journal" else journal_path(path))):
        yield rows.sorted(chunk).sample_array()


def samples_between(
    file: Group, first: int, last: int, columns: tuple[Column, ...] = SAMPLE_COLUMNS
) -> Array:
    """Return samples `first` to before `last` (from 0 on) of a finished file; only `columns` are filled."""
    group = file[SAMPLES]
    last = min(last, len(group[SAMPLE_COLUMNS[0].dataset]))
    table = np.zeros(max(last - first, 0), SAMPLE)
    return read_columns(group, columns, table, slice(first, last)) if len(table) else table


def _through_journal(path: Path, reason: str, samples: bool) -> Run:
    journal = journal_path(path)
    if journal.exists():
        return from_journal(journal, samples)
    raise RunFileError(f"{path} {reason}, and there is no journal {journal.name} beside it")


def _from_final(path: Path, file: Group, samples: bool) -> Run:
    count = len(file[SAMPLES][SAMPLE_COLUMNS[0].dataset]) if samples else 0
    return Run(path, _events(file), samples_between(file, 0, count), _points(file))


def _events(file: Group) -> list[Event]:
    return [decode(text) for text in file[EVENTS]["json"][:]]


def _points(file: Group) -> Array:
    tables = [np.empty(0, POINT)]
    for group in file[SPECTRA].values():
        count = len(group[POINT_COLUMNS[0].dataset])
        tables.append(read_columns(group, POINT_COLUMNS, np.zeros(count, POINT)))
    table = np.concatenate(tables)
    return table[np.argsort(table["seq"], kind="stable")]
