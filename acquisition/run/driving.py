"""Who drives a bench, in its history: noted before anything is switched on, and how it ended afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from solbench.acquisition.bench.bench import Bench
from solbench.acquisition.bench.bench_file import BenchFile
from solbench.acquisition.bench.guarded import key_if_any, read_guard_file
from solbench.acquisition.control.bench_history import (
    BenchHistory,
    history_key,
    known_off_s,
    mounted_last,
)
from solbench.acquisition.record.events import Header
from solbench.acquisition.run.session import Result
from solbench.protocols.errors import BadInput


def history_of(bench: Bench, published: bool) -> BenchHistory | None:
    """Return the history of a bench, None of one in this process that nobody else can know of."""
    key = bench.guarding.key if bench.guarding is not None else ""
    return BenchHistory(history_key(key, bench.name)) if key or published else None


def note_beginning(history: BenchHistory | None, header: Header, run: Path) -> None:
    """Write which cell is driven from now on; raises Fault where that cannot be kept."""
    if history is not None:
        history.began(header.run, run, header.conditions.cell_id or "", header.cell.name)


def drive(history: BenchHistory | None, run_id: str, carry_out: Callable[[], Result]) -> Result:
    """Carry out a session and write how it ended."""
    completed, how = False, "the program failed"
    try:
        result = carry_out()
        completed, how = result.completed, "completed" if result.completed else result.reason
        return result
    finally:
        if history is not None:
            history.ended(run_id, completed=completed, how=how)


def require_mounted(header: Header, bench: Bench, before: BenchFile, mounted: str | None) -> None:
    """Raise BadInput unless the cell of a run that is continued is known to be mounted, or a user says so.

    It is where that run, or one on the same cell by its id, was the last that drove the bench. `before` is the bench on
    which the run was before: where its adapter has changed, the history goes on under another key. `mounted` is the
    user's word. A cell that is simulated in the run's own process is always there.
    """
    cell_id = header.conditions.cell_id or ""
    shown = header.cell_words
    if mounted is not None and mounted not in (cell_id, header.cell.name):
        raise BadInput(
            f"the cell of this run is {shown}, not {mounted}",
            "Mount it, or name another run",
            field="--mounted",
        )
    if mounted is not None or bench.guarding is None:
        return
    last = mounted_last(BenchHistory(bench.guarding.key).events())
    if last is None and key_if_any(before) != bench.guarding.key:
        last = mounted_last(BenchHistory(key_if_any(before)).events())
    if last is not None and (last.run == header.run or last.is_cell(cell_id)):
        return
    found = last.as_words() if last is not None else "which cell was mounted last is not known"
    raise BadInput(
        f"this run is on the cell {shown}, and on {bench.name} {found}",
        f"Nothing was switched on. Look which cell is mounted; if it is {shown}, say so: --mounted {shown}",
        field="--mounted",
    )


def off_from_outside(run: Path, run_id: str, history: BenchHistory | None) -> float | None:
    """Return the host time (s) since when the cell of a run whose program died is known to be off, None if none is."""
    off_s = read_guard_file(run)
    if off_s is not None or history is None:
        return off_s
    return known_off_s(history.events(), run_id)
