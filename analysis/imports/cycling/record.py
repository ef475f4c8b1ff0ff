"""What a cycler recorded, as its file holds it, and the cycles in it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from solbench.protocols.errors import BadInput

Array = np.ndarray[Any, Any]
LONGEST_GAP_S = 6 * 3600.0  # between two rows under current: longer ones are no measurement of a charge
FALLS_V = (
    0.05  # a voltage that falls by more under a positive current shows that currents have lost their sign
)


@dataclass(frozen=True, eq=False)
class CyclerRecord:
    """Readings of one cell by another program, in order of time.

    `time_s` since the beginning, `voltage_V`, `current_A` (positive charges the cell), arrays of equal length.
    `charge_C`: net charge since the beginning where the file has it, else None. `started_unix_s`: None where the file
    does not say when it began. `per_area`: the current is in A/m2, since the file gives no area. `notes`: what a user
    should know. `simulated`: the file says that a simulated bench made it.
    """

    path: Path
    program: str
    time_s: Array
    voltage_V: Array
    current_A: Array
    charge_C: Array | None = None
    started_unix_s: float | None = None
    per_area: bool = False
    notes: tuple[str, ...] = ()
    simulated: bool = False


def checked(record: CyclerRecord) -> CyclerRecord:
    """Return a record whose rows can be trusted; raises BadInput for what cannot be, or can be read in two ways."""
    where = str(record.path)
    if len(record.time_s) < 2:
        raise BadInput(
            "the table has fewer than two readings", "Check that the measurement was saved", file=where
        )
    for name, values in (
        ("time", record.time_s),
        ("voltage", record.voltage_V),
        ("current", record.current_A),
    ):
        if not np.all(np.isfinite(values)):
            place = int(np.argmin(np.isfinite(values))) + 1
            raise BadInput(f"reading {place} has no {name}", "Export the file again", file=where)
    if np.any(np.diff(record.time_s) < 0):
        place = int(np.argmax(np.diff(record.time_s) < 0)) + 2
        raise BadInput(
            f"the time of reading {place} is before that of the one above it",
            "Export each measurement into a file of its own, with the time since its beginning",
            file=where,
        )
    if _has_lost_its_sign(record):
        raise BadInput(
            "all currents are positive, and the voltage falls under some of them: they have lost their sign",
            "Export the table with signed currents, or with the column of the state (charge, discharge)",
            file=where,
        )
    return record


def _has_lost_its_sign(record: CyclerRecord) -> bool:
    """Say whether no current is negative although some discharge the cell."""
    current_A, voltage_V = record.current_A, record.voltage_V
    if np.any(current_A < 0) or not np.any(current_A > 0):
        return False
    return any(
        voltage_V[first] - voltage_V[last - 1] > FALLS_V and last - first > 2
        for first, last, sign in sections(current_A)
        if sign > 0
    )


def sections(current_A: Array) -> list[tuple[int, int, int]]:
    """Return the runs of readings with one direction of current: first, behind the last, and -1, 0 or 1.

    What is below a thousandth of the largest current is none: the zero of an ammeter.
    """
    largest = float(np.max(np.abs(current_A), initial=0.0))
    signs = np.where(np.abs(current_A) <= 1e-3 * largest, 0, np.sign(current_A)).astype(int)
    edges = [0, *(np.flatnonzero(np.diff(signs)) + 1).tolist(), len(signs)]
    return [(a, b, int(signs[a])) for a, b in pairwise(edges) if b > a]


def net_charge_C(record: CyclerRecord) -> tuple[Array, int]:
    """Return the net charge (C) at each reading, and how many gaps under current were left out.

    That of the file where it has one; else the current is integrated over time, by trapezoids within one direction of
    the current, and as the current of the later reading where it has just been set.
    """
    if record.charge_C is not None:
        return record.charge_C - record.charge_C[0], 0
    steps_s = np.diff(record.time_s)
    before, after = record.current_A[:-1], record.current_A[1:]
    mean = np.where(before * after > 0, (before + after) / 2.0, after)
    mean = np.where((after == 0.0) & (before != 0.0), 0.0, mean)
    gaps = (steps_s > LONGEST_GAP_S) & (mean != 0.0) & (steps_s > 20.0 * np.median(steps_s))
    flows = np.where(gaps, 0.0, mean * steps_s)
    return np.concatenate([[0.0], np.cumsum(flows)]), int(np.sum(gaps))
