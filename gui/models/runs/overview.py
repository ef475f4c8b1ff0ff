"""A run in one line, without its samples: a folder of a year's runs is listed in seconds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from solbench.acquisition.errors import AcquisitionError
from solbench.gui.models.common.words import tr

if TYPE_CHECKING:
    from solbench.acquisition.record.events import Header
    from solbench.acquisition.record.reader import Run

RUNNING = "▶ " + tr("running")
DAMAGED = "! " + tr("damaged")
UNREAD = "… " + tr("being read")


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
    corrected: bool = False


def find_runs(folder: Path) -> list[Path]:
    """List the runs in a folder, the newest first: run files, and journals that have no run file beside them."""
    files = [path for path in folder.glob("*.h5") if path.is_file()]
    lone = [path for path in folder.glob("*.journal") if not path.with_suffix(".h5").exists()]
    return sorted([*files, *lone], key=_changed_s, reverse=True)


def overview(path: Path, running: bool = False) -> Overview:
    """Read the overview of one run; what cannot be read has a reason, and is never raised."""
    from solbench.acquisition.record.reader import damage_beside, outline, outline_of

    try:
        run = None if running else outline(path)
        if run is not None:
            return _of_final(run)
        header = outline_of(path).header
        damage = None if running else damage_beside(path)
    except (OSError, AcquisitionError, ValueError, KeyError) as error:
        return Overview(path, "✗ " + tr("cannot be read"), reason=str(error))
    if damage is not None:
        return replace(_of_header(path, header, DAMAGED), reason=damage.words)
    reason = (
        "" if running else tr("no end is recorded; continue with: solbench resume {path}", path=path.name)
    )
    return replace(_of_header(path, header, RUNNING if running else "! " + tr("interrupted")), reason=reason)


def _of_final(run: Run) -> Overview:
    from solbench.acquisition.control.outcome import words_of
    from solbench.analysis.cycling import areal_capacity_mAh_cm2, pairs_of

    header, end = run.header, run.end
    state = (
        "✓ " + tr("completed")
        if run.completed
        else DAMAGED
        if run.damage is not None
        else "! " + tr("ended early")
        if end
        else "! " + tr("interrupted")
    )
    area_m2 = header.cell.number("area_m2")
    charges = [step.charge_C for step in run.steps if step.current_A and step.finished]
    return replace(
        _of_header(run.path, header, state),
        length_s=run.events[-1].time_s,
        cycles=len(pairs_of(run.steps, header.cell.kind)),
        spectra=len(run.spectra),
        capacity_mAh_cm2=areal_capacity_mAh_cm2(charges[-1], area_m2) if charges and area_m2 else None,
        reason=words_of(header.run, end, run.damage),
        corrected=bool(run.corrections),
    )


def _of_header(path: Path, header: Header, state: str) -> Overview:
    return Overview(
        path,
        state,
        started=datetime.fromisoformat(header.started).astimezone().strftime("%Y-%m-%d %H:%M"),
        cell=header.cell.name,
        cell_id=header.conditions.cell_id or "",
        protocol=header.protocol.name,
        simulated=header.simulated,
    )


def _changed_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
