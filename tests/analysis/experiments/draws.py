"""Cells whose truth a test has drawn, and runs with them that are read seldom, to be fast."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from solbench.acquisition.record.reader import Run, open_run
from solbench.protocols import CellRecord, load_cell
from solbench.protocols.quantities.quantity import Quantity
from tests.acquisition.runs import quiet_bench, request, run_it


def drawn(section: str, record: str = "nps", **values: str | float) -> CellRecord:
    """Return a cell record whose simulated cell has other values in a section."""
    found = load_cell(record)
    simulation: dict[str, Any] = dict(found.simulation)
    simulation[section] = {**simulation[section], **values}
    return found.model_copy(update={"simulation": simulation})


def ran(
    path: Path, protocol: str, cell: CellRecord, *settings: str, seed: int = 0, every_s: float = 30.0
) -> Run:
    """Carry out a protocol on a bench that may leave the cell unwatched for `every_s`, and return the run."""
    watched = Quantity(f"{every_s:g} s", every_s, "time")
    bench = quiet_bench().model_copy(update={"max_unwatched": watched})
    run_it(request(path, protocol, cell, bench, settings, seed))
    return open_run(path)
