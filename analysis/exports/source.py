"""A run as a source of exports: small things at once, samples in blocks, so that its length does not matter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from solbench.acquisition.errors import RunFileError
from solbench.acquisition.record.events import Event, Header, decode
from solbench.acquisition.record.folds import SpectrumRecord, spectra_of
from solbench.acquisition.record.journal import journal_path, read_journal
from solbench.acquisition.record.reader import Run
from solbench.acquisition.record.rows import POINT, SAMPLE, Block, Rows, batches, sort_into
from solbench.protocols import Build, Protocol, parse_cell, parse_protocol

Array = np.ndarray[Any, Any]
_BLOCK = 65536

_SAMPLES = {
    "record_index": "seq",
    "test_time_second": "time_s",
    "voltage_volt": "voltage_V",
    "current_ampere": "current_A",
    "net_charge_coulomb": "charge_C",
    "step_count": "step",
    "segment_count": "segment",
    "cycle_count": "cycle",
    "current_range": "range",
    "status_flags": "flags",
}
_POINTS = {
    "record_index": "seq",
    "test_time_second": "time_s",
    "frequency_hertz": "frequency_Hz",
    "real_impedance_ohm": "real_ohm",
    "imaginary_impedance_ohm": "imaginary_ohm",
    "amplitude_volt_rms": "amplitude_V",
    "current_range": "range",
    "error_code": "error",
    "measurements": "attempts",
}


class Source:
    """A run file, or the journal of a run that has no final file yet.

    `outline` is the run without its samples. Raises RunFileError where neither can be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._final = _is_final(path)
        self._journal = path if path.suffix == ".journal" else journal_path(path)
        if not self._final and not self._journal.exists():
            raise RunFileError(f"{path} is not a finished run file, and there is no journal beside it")

    @property
    def stem(self) -> str:
        """Get the beginning of the names of exported files, with the mark of a simulated run."""
        return self.path.stem + ("_SIMULATED" if self.simulated else "")

    @property
    def mark(self) -> str:
        """Get what the title of an exported text says of a simulated run, empty for others."""
        return ", SIMULATED: the run was made on the simulated bench" if self.simulated else ""

    @property
    def simulated(self) -> bool:
        """Get whether the bench was a simulated one."""
        return self.outline.simulated

    @property
    def header(self) -> Header:
        """Get what the run's first record says."""
        return self.outline.header

    @cached_property
    def outline(self) -> Run:
        """Get the run with its events and points, and with no sample."""
        events, points = self._from_final() if self._final else self._from_journal()
        if not events:
            raise RunFileError(f"{self.path}: no whole record in it; this is not a run")
        return Run(self.path, events, np.empty(0, SAMPLE), points)

    @cached_property
    def attempts(self) -> list[SpectrumRecord]:
        """Get all attempts at spectra that have points, interrupted ones too."""
        found = spectra_of(self.outline.events)
        return [record for record in found if len(self.outline.points_of(record))]

    @cached_property
    def protocol(self) -> Protocol:
        """Get the protocol as it was run."""
        return parse_protocol(self.header["protocol"]["text"], f"protocol in {self.path.name}")

    @cached_property
    def build(self) -> Build:
        """Get the build of the cell."""
        cell = self.header["cell"]
        return parse_cell(cell["text"], f"cell in {self.path.name}").build(cell["build"])

    def blocks(self) -> Iterator[Array]:
        """Yield the samples as arrays of `tables.SAMPLE`, in order."""
        if not self._final:
            rows = Rows()
            for chunk in batches(read_journal(self._journal)):
                yield sort_into(Block(), chunk, rows).sample_array()
            return
        with h5py.File(self.path, "r") as file:
            group = file["entry/samples"]
            for start in range(0, len(group["record_index"]), _BLOCK):
                yield _table(group, _SAMPLES, SAMPLE, slice(start, start + _BLOCK))

    def _from_final(self) -> tuple[list[Event], Array]:
        with h5py.File(self.path, "r") as file:
            events = [decode(text) for text in file["entry/events/json"][:]]
            tables = [_points(group) for group in file["entry/spectra"].values()]
        return events, _in_order(tables)

    def _from_journal(self) -> tuple[list[Event], Array]:
        events: list[Event] = []
        tables = []
        rows = Rows()
        for chunk in batches(read_journal(self._journal)):
            block = sort_into(Block(), chunk, rows)
            events += [event for event in block.events if event.kind != "point"]
            tables.append(block.point_array())
        return events, _in_order(tables)


def _is_final(path: Path) -> bool:
    if path.suffix == ".journal" or not path.exists():
        return False
    with _opened(path) as file:
        return file is not None and "entry/events/json" in file


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a file; None where HDF5 cannot (held by a running program, or flagged by one that died)."""
    try:
        file = h5py.File(path, "r")
    except OSError:
        yield None
        return
    with file:
        yield file


def _table(group: Any, columns: dict[str, str], dtype: Any, rows: slice) -> Array:
    first, *others = (group[name][rows] for name in columns)
    table = np.zeros(len(first), dtype)
    for column, values in zip(columns.values(), (first, *others), strict=True):
        table[column] = values
    return table


def _points(group: Any) -> Array:
    table = _table(group, _POINTS, POINT, slice(None))
    for name in ("spectrum", "segment", "attempt", "step"):
        table[name] = group.attrs[name]
    return table


def _in_order(tables: list[Array]) -> Array:
    points = np.concatenate([np.empty(0, POINT), *tables])
    return points[np.argsort(points["seq"], kind="stable")]
