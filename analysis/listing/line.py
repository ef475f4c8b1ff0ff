"""A run in one line, without its samples: a folder of a year's runs is listed in seconds."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from solbench.acquisition.errors import AcquisitionError
from solbench.acquisition.record.beside.packed import PACKED, packed_path

if TYPE_CHECKING:
    from solbench.acquisition.record.events import Header
    from solbench.acquisition.record.reader import Run

Standing = Literal[
    "unread", "running", "completed", "ended_early", "interrupted", "damaged", "cannot_be_read"
]
"""`ended_early`: by a limit, a stop or a fault; `interrupted`: no end is recorded."""


@dataclass(frozen=True)
class RunLine:
    """What a list of runs says of one; None, or "", where it is not known.

    `capacity_mAh_cm2` is that of the last step that carried a current, `efficiency` of the last cycle that has one.
    """

    path: Path
    standing: Standing
    run: str = ""
    started: str = ""
    unix_s: float | None = None
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
    tags: tuple[str, ...] = ()
    build: str = ""
    bench: str = ""
    operator: str = ""
    notes: str = ""
    temperature_K: float | None = None
    stack_pressure_Pa: float | None = None
    efficiency: float | None = None

    @classmethod
    def of(cls, path: Path, running: bool = False) -> Self:
        """Read the line of one run; what cannot be read has a reason, and is never raised."""
        from solbench.acquisition.record.events import RunEnd
        from solbench.acquisition.record.journal import journal_path, read_last
        from solbench.acquisition.record.reader import damage_beside, outline, outline_of

        try:
            run = None if running else outline(path)
            if run is not None:
                return cls._of_final(run)
            run = outline_of(path)
            damage = None if running else damage_beside(path)
            found = cls._of_header(run, "running" if running else "interrupted")
            last = read_last(journal_path(path)) if not running and damage is None else None
        except (OSError, AcquisitionError, ValueError, KeyError) as error:
            return cls(path, "cannot_be_read", reason=str(error))
        if damage is not None:
            return replace(found, standing="damaged", reason=damage.told)
        if last is not None and isinstance(last.body, RunEnd):  # its run file is gone, or was not finished
            end: Standing = "completed" if last.body.completed else "ended_early"
            return replace(found, standing=end, length_s=last.time_s, reason=last.body.reason)
        return found

    @classmethod
    def _of_final(cls, run: Run) -> Self:
        from solbench.acquisition.control.outcome import words_of
        from solbench.analysis.cycling import areal_capacity_mAh_cm2, pairs_of
        from solbench.analysis.report.cycles import cycles_of
        from solbench.analysis.temperature import of_run

        header, end = run.header, run.end
        area_m2 = header.cell.number("area_m2")
        charges = [step.charge_C for step in run.steps if step.current_A and step.finished]
        efficiencies = [cycle.efficiency for cycle in cycles_of(run) if cycle.efficiency is not None]
        temperature, pressure = of_run(run), run.stack_pressure
        return replace(
            cls._of_header(run, _standing(run)),
            length_s=run.events[-1].time_s,
            cycles=len(pairs_of(run.steps, header.cell.kind)),
            spectra=len(run.spectra),
            capacity_mAh_cm2=areal_capacity_mAh_cm2(charges[-1], area_m2) if charges and area_m2 else None,
            reason=words_of(header.run, end, run.damage),
            temperature_K=temperature.value_K if temperature is not None else None,
            stack_pressure_Pa=pressure.value_Pa if pressure is not None else None,
            efficiency=efficiencies[-1].value if efficiencies else None,
        )

    @classmethod
    def _of_header(cls, run: Run, standing: Standing) -> Self:
        header: Header = run.header
        return cls(
            run.path,
            standing,
            run=header.run,
            started=_local(header.started),
            unix_s=header.unix_s,
            cell=header.cell.name,
            cell_id=header.conditions.cell_id or "",
            protocol=header.protocol.name,
            simulated=header.simulated,
            corrected=bool(run.corrections),
            tags=run.tags,
            build=header.cell.build,
            bench=header.bench.name,
            operator=header.conditions.operator or "",
            notes=header.conditions.notes or "",
            temperature_K=header.temperature_K,
            stack_pressure_Pa=header.stack_pressure_Pa,
        )


def _local(started: str) -> str:
    """Return a time in ISO format as local time, as it is where a wrong clock has put it at an end of the calendar."""
    moment = datetime.fromisoformat(started)
    with suppress(OverflowError):
        moment = moment.astimezone()
    return moment.strftime("%Y-%m-%d %H:%M")


def _standing(run: Run) -> Standing:
    if run.completed:
        return "completed"
    if run.damage is not None:
        return "damaged"
    return "ended_early" if run.end else "interrupted"


def find_runs(folder: Path) -> list[Path]:
    """List the runs in a folder, the newest first: run files, and journals that have no run file beside them."""
    files = [path for path in folder.glob("*.h5") if path.is_file()]
    return sorted([*files, *lone_journals(folder)], key=changed_s, reverse=True)


def lone_journals(folder: Path, *, below: bool = False) -> list[Path]:
    """List the journals in a folder, and `below` it, that have no run file beside them.

    One that was packed has the name that it had before, by which all that reads journals finds it.
    """
    look = folder.rglob if below else folder.glob
    found = {
        path.with_name(path.name.removesuffix(PACKED))
        for ending in ("", PACKED)
        for path in look(f"*.journal{ending}")
    }
    return sorted(path for path in found if not path.with_suffix(".h5").exists())


def changed_s(path: Path) -> float:
    """Return when a run file or a journal, as it was written or packed, was changed (s since 1970), 0 for none."""
    for each in (path, packed_path(path)):
        with suppress(OSError):
            return each.stat().st_mtime
    return 0.0
