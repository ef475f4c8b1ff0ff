"""Reading runs: from the final file, from the journal, or, while the run is on, from the live file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from solbench.acquisition.errors import RunFileError
from solbench.acquisition.record.events import Event, Header, RunEnd, decode
from solbench.acquisition.record.folds import SpectrumRecord, StepRecord, spectra_of, steps_of
from solbench.acquisition.record.journal import journal_path, read_journal
from solbench.acquisition.record.rows import POINT, SAMPLE, Block, Rows, batches, sort_into

Array = np.ndarray[Any, Any]


@dataclass
class Run:
    """A run as it was recorded.

    `events` are all but samples and points, the header first; `samples` is an array of `tables.SAMPLE`, `points`
    one of `tables.POINT`; SI units, positive current charges the cell.
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
            raise RunFileError(f"{self.path}: its first record is no header but `{body.kind}`")
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
    def spectra(self) -> list[SpectrumRecord]:
        """Get the spectra that are whole."""
        return [spectrum for spectrum in spectra_of(self.events) if spectrum.whole]

    def points_of(self, spectrum: SpectrumRecord) -> Array:
        """Return the points of one spectrum, in the order of measurement."""
        points = self.points
        return points[(points["segment"] == spectrum.segment) & (points["attempt"] == spectrum.attempt)]

    def of_kind(self, kind: str) -> list[Event]:
        """Return the events of one kind."""
        return [event for event in self.events if event.kind == kind]


def open_run(path: Path, samples: bool = True) -> Run:
    """Read the run file `path` (.h5) or a journal; raises RunFileError, FileNotFoundError.

    A live file, or one whose program died, is read through its journal, which holds more. Without `samples`, those
    of a finished file are left where they are (`samples_between` reads them in parts).
    """
    if path.suffix == ".journal":
        return from_journal(path)
    if not path.exists():
        raise FileNotFoundError(path)
    if not h5py.is_hdf5(path):
        return _through_journal(path, "is not an HDF5 file")
    try:
        with h5py.File(path, "r") as file:
            if "entry/events/json" in file:
                return _from_final(path, file, samples)
            reason = "is a live file" if "solbench_live" in file.attrs else "is not a run file of solbench"
    except OSError as error:  # held by a running program, or flagged by one that died
        reason = f"cannot be opened ({error})"
    return _through_journal(path, reason)


def from_journal(path: Path) -> Run:
    """Read a run from its journal, as far as it is whole; raises RunFileError when it has no beginning."""
    block, rows = Block(), Rows()
    for chunk in batches(read_journal(path)):
        sort_into(block, chunk, rows)
    if not block.events:
        raise RunFileError(f"{path}: no whole record in it; this is not a run's journal")
    events = [event for event in block.events if event.kind != "point"]
    return Run(path, events, block.sample_array(), block.point_array())


def _through_journal(path: Path, reason: str) -> Run:
    journal = journal_path(path)
    if journal.exists():
        return from_journal(journal)
    raise RunFileError(f"{path} {reason}, and there is no journal {journal.name} beside it")


def _from_final(path: Path, file: h5py.File, samples: bool) -> Run:
    entry = file["entry"]
    events = [decode(text) for text in entry["events/json"][:]]
    count = len(entry["samples/record_index"]) if samples else 0
    return Run(path, events, samples_between(entry["samples"], 0, count), _points(entry["spectra"]))


_SAMPLE_COLUMNS = {
    "seq": "record_index",
    "time_s": "test_time_second",
    "voltage_V": "voltage_volt",
    "current_A": "current_ampere",
    "charge_C": "net_charge_coulomb",
    "step": "step_count",
    "segment": "segment_count",
    "cycle": "cycle_count",
    "range": "current_range",
    "flags": "status_flags",
}


def samples_between(
    group: h5py.Group, first: int, last: int, fields: Iterable[str] = _SAMPLE_COLUMNS
) -> Array:
    """Return samples `first` to before `last` (from 0 on) of the group `entry/samples`; only `fields` are filled."""
    last = min(last, len(group["record_index"]))
    table = np.zeros(max(last - first, 0), SAMPLE)
    for field in fields if len(table) else ():
        table[field] = group[_SAMPLE_COLUMNS[field]][first:last]
    return table


def _points(group: h5py.Group) -> Array:
    tables = [_spectrum_points(data) for data in group.values()]
    table = np.concatenate(tables) if tables else np.empty(0, POINT)
    return table[np.argsort(table["time_s"], kind="stable")]


def _spectrum_points(data: h5py.Group) -> Array:
    table = np.zeros(len(data["frequency_hertz"]), POINT)
    table["frequency_Hz"] = data["frequency_hertz"][:]
    table["real_ohm"] = data["real_impedance_ohm"][:]
    table["imaginary_ohm"] = data["imaginary_impedance_ohm"][:]
    table["time_s"] = data["test_time_second"][:]
    table["amplitude_V"] = data["amplitude_volt_rms"][:]
    table["range"] = data["current_range"][:]
    table["error"] = data["error_code"][:]
    table["attempts"] = data["measurements"][:]
    table["seq"] = data["record_index"][:]
    for field in ("spectrum", "segment", "attempt", "step"):
        table[field] = data.attrs[field]
    return table
