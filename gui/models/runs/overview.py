"""A run in one line, without its samples: a folder of a year's runs is listed in seconds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import h5py

from solbench.acquisition.control.outcome import words_of
from solbench.acquisition.errors import AcquisitionError
from solbench.acquisition.record.events import Event, Header, RunEnd, decode
from solbench.acquisition.record.folds import spectra_of, steps_of
from solbench.acquisition.record.journal import journal_path, read_header
from solbench.analysis.cycling import areal_capacity_mAh_cm2, pairs_of

RUNNING = "▶ running"
UNREAD = "… being read"


@dataclass(frozen=True)
class Overview:
    """What a list of runs says of one: capacities in mAh/cm2, lengths in s; None where it is not known."""

    path: Path
    state: str
    started: str = ""
    cell: str = ""
    cell_id: str = ""
    protocol: str = ""
    simulated: bool = False
    length_s: float | None = None
    cycles: int | None = None
    spectra: int | None = None
    capacity_mAh_cm2: float | None = None
    reason: str = ""


def find_runs(folder: Path) -> list[Path]:
    """List the runs in a folder, the newest first: run files, and journals that have no run file beside them."""
    files = [path for path in folder.glob("*.h5") if path.is_file()]
    lone = [path for path in folder.glob("*.journal") if not path.with_suffix(".h5").exists()]
    return sorted([*files, *lone], key=_changed_s, reverse=True)


def overview(path: Path, running: bool = False) -> Overview:
    """Read what is said of one run; what cannot be read is said in words, never raised."""
    try:
        events = [] if running or path.suffix == ".journal" else _final_events(path)
        if events:
            return _of_final(path, events)
        journal = path if path.suffix == ".journal" else journal_path(path)
        header = read_header(journal)
    except (OSError, AcquisitionError, ValueError, KeyError) as error:
        return Overview(path, "✗ cannot be read", reason=str(error))
    reason = "" if running else f"no end is recorded; go on with: solbench resume {path.name}"
    return _of_header(path, header, RUNNING if running else "! interrupted", reason=reason)


def _final_events(path: Path) -> list[Event]:
    """Return the events of a finished run file, nothing for a live one (which its engine may hold)."""
    try:
        with h5py.File(path, "r") as file:
            texts = file["entry/events/json"][:] if "entry/events/json" in file else []
    except OSError:
        return []
    return [decode(text) for text in texts]


def _of_final(path: Path, events: list[Event]) -> Overview:
    header, end = events[0].body, events[-1].body
    if not isinstance(header, Header):
        raise ValueError(f"its first record is no header but `{header.kind}`")
    ended = end if isinstance(end, RunEnd) else None
    completed = ended is not None and ended.completed
    state = "✓ completed" if completed else "! ended early" if ended else "! interrupted"
    area_m2 = header.cell.number("area_m2")
    steps = steps_of(events)
    charges = [step.charge_C for step in steps if step.current_A and step.finished]
    return _of_header(
        path,
        header,
        state,
        length_s=events[-1].time_s,
        cycles=len(pairs_of(steps)),
        spectra=_count_whole(events),
        capacity_mAh_cm2=areal_capacity_mAh_cm2(charges[-1], area_m2) if charges and area_m2 else None,
        reason=words_of(header.run, ended),
    )


def _of_header(path: Path, header: Header, state: str, **known: Any) -> Overview:
    return Overview(
        path,
        state,
        started=_local(header.started),
        cell=header.cell.name,
        cell_id=header.conditions.cell_id or "",
        protocol=header.protocol.name,
        simulated=header.simulated,
        **known,
    )


def _count_whole(events: Iterable[Event]) -> int:
    return sum(spectrum.whole for spectrum in spectra_of(events))


def _local(started: str) -> str:
    return datetime.fromisoformat(started).astimezone().strftime("%Y-%m-%d %H:%M")


def _changed_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
