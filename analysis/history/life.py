"""The life of a cell put together: cycles with capacity and efficiency, resistances, in the order of time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from solbench.acquisition.control.outcome import end_words
from solbench.acquisition.errors import AcquisitionError
from solbench.acquisition.record.beside.packed import is_kept
from solbench.acquisition.record.correcting.corrections import corrections_path
from solbench.acquisition.record.folds import StepRecord
from solbench.acquisition.record.journal import journal_path, run_file
from solbench.acquisition.record.reader import Run, open_run, outline_of
from solbench.analysis.cycling import GAIN_RELATIVE, MAH_CM2_IN_C_M2, Half, halves_of, has_efficiency
from solbench.analysis.fitted import known
from solbench.analysis.history.added import Added, added_to, cells_with_files, sha256_of
from solbench.analysis.imports.cycling.files import read_other
from solbench.analysis.imports.cycling.record import Array, CyclerRecord, net_charge_C, sections
from solbench.analysis.imports.spectrum import Spectrum
from solbench.analysis.listing.line import lone_journals
from solbench.analysis.report.cycles import cycles_of
from solbench.analysis.run_spectra import RunSpectra
from solbench.fitting.circuit_fit import FitResult
from solbench.fitting.joint_fit import StateFit
from solbench.fitting.spectra.automatic import fit_automatic
from solbench.fitting.spectra.judgement import judge
from solbench.protocols import parse_cell
from solbench.protocols.cells import CellKind
from solbench.protocols.errors import BadInput
from solbench.protocols.files import is_meant_as_path
from solbench.protocols.model import meant

_C_IN_MAH = 3.6
_SLIGHT = 1e-3  # of the largest charge in a file: less is none
_GAIN_OTHERS = 0.002  # of another cycler, assumed as for the 1287: nothing in its file says it


@dataclass(frozen=True)
class Part:
    """One run, or one file of another cycler, in the life of a cell."""

    number: int
    program: str
    file: str
    started: str
    what: str
    ended: str
    simulated: bool
    corrected: bool
    notes: tuple[str, ...]
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class LifeCycle:
    """One cycle: charges in mAh as magnitudes, in mAh/cm2 and mAh/g where area and mass are known.

    `number` counts through the life, `part` and `second_part` say where its halves are. The efficiency is that of the
    second half over the first; None where a half is missing or was cut short.
    """

    number: int
    part: int
    second_part: int | None
    started: str
    first_mAh: float
    second_mAh: float | None
    first_mAh_cm2: float | None
    second_mAh_cm2: float | None
    first_mAh_g: float | None
    second_mAh_g: float | None
    efficiency: float | None
    efficiency_stderr: float | None


@dataclass(frozen=True)
class LifeResistance:
    """One spectrum: the electrolyte's resistance, and the sum of the arcs beside it (ohm).

    Of another program's spectrum nobody knows which arc is the electrolyte's: `r_sse_ohm` is the resistance in series,
    None where the spectrum shows none, `r_sse_stderr_ohm` None where that is not determined.

    `after_cycle`: how many cycles had begun in the life before it.
    """

    part: int
    spectrum: int
    time: str
    after_cycle: int
    dc_voltage_V: float | None
    r_sse_ohm: float | None
    r_sse_stderr_ohm: float | None
    r_int_ohm: float | None
    r_int_ohm_cm2: float | None
    verdict: str


@dataclass(frozen=True)
class Life:
    """The life of a cell: its parts, cycles and resistances, each in the order of time."""

    cell: str
    kind: str
    area_cm2: float | None
    active_mass_mg: float | None
    simulated: bool
    parts: tuple[Part, ...]
    cycles: tuple[LifeCycle, ...]
    resistances: tuple[LifeResistance, ...]


@dataclass(frozen=True)
class Given:
    """What a user says of a cell of which no run says it: kind, area (m2), mass of the active material (kg)."""

    kind: CellKind | None = None
    area_m2: float | None = None
    mass_kg: float | None = None


@dataclass
class _Cycle:
    """A cycle before it is numbered: charges (C) with their signs and uncertainties; `began_s` since 1970.

    `goes_on`: its run says that its first half had begun before.
    """

    part: int
    began_s: float
    first_C: float
    first_stderr_C: float
    second_C: float | None = None
    second_stderr_C: float = 0.0
    second_part: int | None = None
    whole: bool = True
    efficiency: tuple[float, float] | None = None
    goes_on: bool = False


@dataclass
class _Source:
    """A part of the life with what was read of it."""

    began_s: float | None
    part: Part
    run: Run | None = None
    record: CyclerRecord | None = None
    spectra: list[Spectrum] = field(default_factory=list)
    cycles: list[_Cycle] = field(default_factory=list)


def life_of(cell: str, folder: Path, given: Given | None = None) -> Life:
    """Return the life of a cell (by its id, else the name of its record) of the runs in a folder and below it.

    Raises BadInput where there is no such cell, or where a file that belongs to it is missing or another one now.
    """
    given = given or Given()
    runs = _runs_of(cell, folder)
    files = added_to(folder, cell)
    if not runs and not files:
        known = cells_in(folder)
        _refuse_file(cell, "Name the cell by its id, as `solbench cell` lists them")
        raise BadInput(
            f"no run in {folder} is of a cell '{cell}', and no file was added to it",
            f"{meant(cell, known)}. Choose another folder with --folder, or add a file with --add",
        )
    newest = max(runs, key=lambda run: run.header.unix_s, default=None)
    kind = given.kind or (newest.header.cell.kind if newest is not None else "")
    area_m2 = given.area_m2 or (newest.header.cell.number("area_m2") if newest is not None else None)
    mass_kg = given.mass_kg or (_mass_kg(newest) if newest is not None else None)
    sources = [_of_run(run, folder) for run in runs]
    sources += [_of_file(one, folder, area_m2) for one in files]
    sources = _in_order(sources)
    for number, source in enumerate(sources, 1):
        source.part = replace(source.part, number=number)
        source.cycles = list(_cycles(source, number, kind))
    cycles = _numbered(_joined([one for source in sources for one in source.cycles], kind), area_m2, mass_kg)
    return Life(
        cell,
        kind,
        None if area_m2 is None else area_m2 * 1e4,
        None if mass_kg is None else mass_kg * 1e6,
        any(source.part.simulated for source in sources),
        tuple(source.part for source in sources),
        cycles,
        tuple(_resistances(sources, cycles, area_m2)),
    )


def passed_in(cell: str, folder: Path) -> list[tuple[Run | None, list[float]]]:
    """Return the parts of a cell's life in order: the run, None of another cycler's file, and its half-cycles (C).

    Raises BadInput where there is no such cell, or where a file that belongs to it is missing or another one now.
    """
    runs = _runs_of(cell, folder)
    if not runs:
        _refuse_file(cell, "Correct the name of the run file, or name the cell by its id", "--continues")
        known = cells_in(folder)
        raise BadInput(
            f"no run in {folder} is of a cell '{cell}'",
            f"{meant(cell, known)}. Name a run file, or go to the folder of its runs",
            field="--continues",
        )
    area_m2 = max(runs, key=lambda run: run.header.unix_s).header.cell.number("area_m2")
    sources = [_of_run(run, folder) for run in runs]
    sources += [_of_file(one, folder, area_m2) for one in added_to(folder, cell)]
    return [(source.run, _halves_C(source)) for source in _in_order(sources)]


def _refuse_file(cell: str, cure: str, field: str = "ID") -> None:
    """Raise BadInput where what is the id of no cell was meant as a file; a run may be named without its ending."""
    path = run_file(Path(cell))
    if path.is_file() or is_kept(journal_path(path)):
        run = open_run(path)
        raise BadInput(
            f"'{cell}' is the name of a run and not the id of a cell",
            f"Write '{path}'" if field != "ID" else f"Its cell is '{run.header.cell_words}'",
            field=field,
        )
    if is_meant_as_path(cell):
        what = "this is a folder and no run file" if Path(cell).is_dir() else "there is no such file"
        raise BadInput(what, cure, file=cell, field=field)


def _knows_what_passed(run: Run) -> bool:
    """Say whether a run says what had passed through the cell before."""
    return bool(run.header.conditions.history) or run.header.conditions.state_of_charge is not None


def _halves_C(source: _Source) -> list[float]:
    if source.run is not None:
        steps = source.run.steps
    elif source.record is not None:
        steps = list(_steps(source.record, net_charge_C(source.record)[0]))
    else:
        return []
    return [half.charge_C for half in halves_of(steps) if half.charge_C]


def cells_in(folder: Path) -> set[str]:
    """Return the cells of the runs in a folder and below it, and those to which files were added."""
    return {run.header.cell_words for run in _outlines(folder)} | cells_with_files(folder)


def _runs_of(cell: str, folder: Path) -> list[Run]:
    found: dict[str, Run] = {}
    for run in _outlines(folder):
        if run.header.cell_words == cell:
            found.setdefault(run.header.run, run)  # a copy of a run is the same run
    return [open_run(run.path) for run in found.values()]


def _outlines(folder: Path) -> Iterator[Run]:
    """Yield the runs in a folder and below it; what is none is left out.

    Raises RunFileError where the corrections of one cannot be read, PermissionError for a file that may not be read.
    """
    files = [path for path in sorted(folder.rglob("*.h5")) if path.is_file()]
    for path in (*files, *lone_journals(folder, below=True)):
        try:
            if path.suffix == ".journal" or journal_path(path).exists() or path.stat().st_size:
                yield outline_of(path)
        except PermissionError:  # it may be of this cell
            raise
        except (AcquisitionError, OSError):
            if corrections_path(path).exists():  # a run of ours: it may be of this cell
                raise


def _mass_kg(run: Run) -> float | None:
    cell = run.header.cell
    return parse_cell(cell.text, f"cell in {run.path.name}").build(cell.build).active_mass_kg


def _of_run(run: Run, folder: Path) -> _Source:
    header = run.header
    notes = tuple(f"corrected: {one.words}" for one in run.corrections)
    part = Part(
        0,
        "solbench",
        _shown(run.path, folder),
        header.started,
        f"{header.protocol.name}, {header.cell.build}",
        "completed" if run.completed else f"not completed: {end_words(run)}",
        run.simulated,
        bool(run.corrections),
        notes,
        run.tags,
    )
    return _Source(header.unix_s, part, run=run)


def _of_file(one: Added, folder: Path, area_m2: float | None) -> _Source:
    """Read a file of another cycler; raises BadInput where it is not there or not what was added."""
    path = folder / one.file
    if not path.exists():
        cure = "Put it back, or take it out of the life with --remove"
        raise BadInput("this file was added to the cell and is gone", cure, file=str(path))
    if sha256_of(path) != one.sha256:
        raise BadInput(
            "this file is not the one that was added to the cell: its content has changed",
            "Add it again with --add",
            file=str(path),
        )
    record, spectra = read_other(path)
    if record is None:
        return _of_spectra(one, path, folder, spectra)
    if record.per_area:
        if area_m2 is None:
            raise BadInput(
                "its currents are per area, and no area is known",
                "Write --area, for example '0.785 cm2'",
                file=str(path),
            )
        record = replace(record, current_A=record.current_A * area_m2, per_area=False)
    began_s = datetime.fromisoformat(one.started).timestamp() if one.started else record.started_unix_s
    notes = record.notes if began_s is not None else (*record.notes, "the file does not say when it began")
    hours = record.time_s[-1] / 3600.0
    what = f"{len(record.time_s)} readings, {hours:.4g} h"
    started = _iso(began_s) if began_s is not None else ""
    part = Part(
        0,
        record.program,
        _shown(path, folder),
        started,
        what,
        "",
        simulated=record.simulated,
        corrected=False,
        notes=notes,
    )
    return _Source(began_s, part, record=record, spectra=spectra)


def _of_spectra(one: Added, path: Path, folder: Path, spectra: list[Spectrum]) -> _Source:
    """Return a file that holds spectra alone."""
    began_s = datetime.fromisoformat(one.started).timestamp() if one.started else None
    notes = tuple(dict.fromkeys(note for spectrum in spectra for note in spectrum.notes))
    if began_s is None:
        notes = (*notes, "the file does not say when it began")
    what = f"{len(spectra)} {'spectrum' if len(spectra) == 1 else 'spectra'}"
    started = _iso(began_s) if began_s is not None else ""
    program = spectra[0].meta.get("format", "a table")
    part = Part(
        0, program, _shown(path, folder), started, what, "", simulated=False, corrected=False, notes=notes
    )
    return _Source(began_s, part, spectra=spectra)


def _shown(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


def _iso(unix_s: float) -> str:
    """Return a time as local time, "" where it is none of a calendar: the clock was wrong.

    >>> [_iso(unix_s) for unix_s in (1e300, -1e18, float("nan"))], len(_iso(1.8e9))
    (['', '', ''], 25)
    """
    try:
        return datetime.fromtimestamp(unix_s, UTC).astimezone().isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):
        return ""


def _in_order(sources: Sequence[_Source]) -> list[_Source]:
    """Return the parts in the order of time; those that do not say when they began stand behind all others."""
    return sorted(sources, key=lambda source: math.inf if source.began_s is None else source.began_s)


def _cycles(source: _Source, part: int, kind: str) -> Iterator[_Cycle]:
    began_s = source.began_s or 0.0
    if source.run is not None:
        for one in cycles_of(source.run):
            second = one.second_charge
            yield _Cycle(
                part,
                began_s + one.first.steps[0].start_s,
                one.first_charge.charge_C,
                one.first_charge.stderr_C(),
                second.charge_C if second is not None else None,
                second.stderr_C() if second is not None else 0.0,
                part if second is not None else None,
                one.first.finished and (one.second is None or one.second.finished),
                (one.efficiency.value, one.efficiency.stderr) if one.efficiency is not None else None,
                one.number == 1 and _knows_what_passed(source.run),
            )
    elif source.record is not None:
        record = source.record
        charge_C, gaps = net_charge_C(record)
        if gaps:
            note = f"{gaps} gaps under current left out of the charge"
            source.part = replace(source.part, notes=(*source.part.notes, note))
        halves = halves_of(list(_steps(record, charge_C)))
        cut_short = sections(record.current_A)[-1][2] != 0
        goes_in = {"half": False, "full": True}.get(kind, halves[0].is_positive if halves else True)
        at = 0
        while at < len(halves):
            paired = halves[at].is_positive == goes_in and at + 1 < len(halves)
            last = at + (2 if paired else 1)
            yield _of_halves(halves[at:last], part, began_s, whole=not (cut_short and last == len(halves)))
            at = last


def _steps(record: CyclerRecord, charge_C: Array) -> Iterator[StepRecord]:
    """Yield what flowed in one direction as steps."""
    parts = [(first, last, sign) for first, last, sign in sections(record.current_A) if sign != 0]
    flows_C = [float(charge_C[last - 1] - charge_C[max(first - 1, 0)]) for first, last, _ in parts]
    least_C = _SLIGHT * max(map(abs, flows_C), default=0.0)
    for number, ((first, last, sign), flowed_C) in enumerate(zip(parts, flows_C, strict=True)):
        if abs(flowed_C) < least_C or flowed_C * sign <= 0.0:  # the rest of a spectrum, noise at rest
            continue
        start_s, end_s = float(record.time_s[max(first - 1, 0)]), float(record.time_s[last - 1])
        current_A = float(record.current_A[first:last].mean())
        yield StepRecord(
            number,
            "",
            "",
            "",
            None,
            start_s,
            end_s,
            flowed_C,
            current_A,
            holds=True,
        )


def _of_halves(halves: Sequence[Half], part: int, began_s: float, *, whole: bool) -> _Cycle:
    first, second = halves[0], halves[1] if len(halves) > 1 else None
    return _Cycle(
        part,
        began_s + first.steps[0].start_s,
        first.charge_C,
        GAIN_RELATIVE * abs(first.charge_C),
        second.charge_C if second is not None else None,
        _GAIN_OTHERS * abs(second.charge_C) if second is not None else 0.0,
        part if second is not None else None,
        whole,
        None if second is None or not whole or not first.charge_C else _one_instrument(first, second),
    )


def _one_instrument(first: Half, second: Half) -> tuple[float, float]:
    """Return an efficiency of another cycler; whether its gain cancels is not known, since its ranges are not."""
    value = abs(second.charge_C / first.charge_C)
    return value, value * _GAIN_OTHERS


def _joined(cycles: Sequence[_Cycle], kind: str) -> list[_Cycle]:
    """Return the cycles with those made one whose halves lie in two parts of the life."""
    joined: list[_Cycle] = []
    goes_in = {"half": -1.0, "full": 1.0}.get(kind, math.copysign(1.0, cycles[0].first_C) if cycles else 1.0)
    for one in cycles:
        last = joined[-1] if joined else None
        if last is not None and one.goes_on and last.second_C is None and last.first_C * one.first_C > 0.0:
            joined[-1] = replace(
                one,
                part=last.part,
                began_s=last.began_s,
                first_C=last.first_C + one.first_C,
                first_stderr_C=math.hypot(last.first_stderr_C, one.first_stderr_C),
                goes_on=last.goes_on,
            )
        elif (
            last is not None
            and last.second_C is None
            and one.second_C is None
            and last.part != one.part
            and last.first_C * goes_in > 0.0 > one.first_C * goes_in
        ):
            value = abs(one.first_C / last.first_C)
            relative = math.hypot(last.first_stderr_C / last.first_C, one.first_stderr_C / one.first_C)
            whole = last.whole and one.whole
            joined[-1] = replace(
                last,
                second_C=one.first_C,
                second_stderr_C=one.first_stderr_C,
                second_part=one.part,
                whole=whole,
                efficiency=(value, value * relative) if whole and has_efficiency(kind) else None,
            )
        else:
            joined.append(one)
    return joined


def _numbered(
    cycles: Sequence[_Cycle], area_m2: float | None, mass_kg: float | None
) -> tuple[LifeCycle, ...]:
    def of(charge_C: float | None, unit: float | None) -> float | None:
        return None if charge_C is None or not unit else abs(charge_C) / unit

    per_cm2 = None if area_m2 is None else area_m2 * MAH_CM2_IN_C_M2
    per_g = None if mass_kg is None else mass_kg * 1e3 * _C_IN_MAH
    return tuple(
        LifeCycle(
            number,
            one.part,
            one.second_part,
            _iso(one.began_s) if one.began_s else "",
            abs(one.first_C) / _C_IN_MAH,
            of(one.second_C, _C_IN_MAH),
            of(one.first_C, per_cm2),
            of(one.second_C, per_cm2),
            of(one.first_C, per_g),
            of(one.second_C, per_g),
            one.efficiency[0] if one.efficiency is not None else None,
            one.efficiency[1] if one.efficiency is not None else None,
        )
        for number, one in enumerate(cycles, 1)
    )


def _resistances(
    sources: Sequence[_Source], cycles: Sequence[LifeCycle], area_m2: float | None
) -> Iterator[LifeResistance]:
    for source in sources:
        yield from _of_others(source, cycles, area_m2)
        if source.run is None or source.began_s is None:
            continue
        spectra = RunSpectra(source.run)
        for record in source.run.spectra:
            state = spectra.state_of(record)
            if state is None:
                continue
            time_s = source.began_s + record.time_s
            verdict = spectra.verdict(record) or state.verdict
            arcs = _arcs_ohm(state) if verdict != "wrong" and spectra.has_interphase else None
            begun = [one for one in cycles if _has_begun(one, source.part.number, time_s)]
            yield LifeResistance(
                source.part.number,
                record.spectrum,
                _iso(time_s),
                len(begun),
                record.start.dc_voltage_V,
                state.r_sse_ohm,
                known(state.r_sse_stderr_ohm),
                arcs,
                None if arcs is None or area_m2 is None else arcs * area_m2 * 1e4,
                verdict,
            )


def _of_others(
    source: _Source, cycles: Sequence[LifeCycle], area_m2: float | None
) -> Iterator[LifeResistance]:
    """Yield the resistances of spectra of other programs: of each the series resistance, and the sum of the arcs."""
    for number, spectrum in enumerate(source.spectra, 1):
        try:
            fit = fit_automatic(spectrum.frequency_Hz, spectrum.impedance_ohm)
        except ValueError:  # too few points, or none that is a spectrum
            continue
        verdict = judge(fit).verdict
        series_ohm, series_stderr_ohm = fit.values.get("R0"), fit.stderr.get("R0")
        arcs = _sum_ohm(fit) - (series_ohm or 0.0) if verdict != "wrong" else None
        time_s = source.began_s
        if time_s is not None and spectrum.time_s is not None and len(spectrum.time_s):
            time_s += float(spectrum.time_s[0])
        begun = [one for one in cycles if _has_begun(one, source.part.number, time_s or math.inf)]
        yield LifeResistance(
            source.part.number,
            number,
            _iso(time_s) if time_s is not None else "",
            len(begun),
            None,
            series_ohm,
            known(series_stderr_ohm),
            arcs,
            None if arcs is None or area_m2 is None else arcs * area_m2 * 1e4,
            verdict,
        )


def _sum_ohm(fit: FitResult) -> float:
    """Return the sum of all resistances of a circuit."""
    units = dict(zip(fit.circuit.names, fit.circuit.units, strict=True))
    return sum(value for name, value in fit.values.items() if units.get(name) == "ohm")


def _has_begun(one: LifeCycle, part: int, time_s: float) -> bool:
    """Say whether a cycle had begun at a moment (s since 1970) of a part."""
    if one.part != part:
        return one.part < part
    return not one.started or datetime.fromisoformat(one.started).timestamp() <= time_s


def _arcs_ohm(state: StateFit) -> float | None:
    """Return the sum of the resistances of the arcs beside the electrolyte; None where the cell is nearly blocking."""
    if state.fresh:
        return None
    return max(0.0, _sum_ohm(state.fit) - state.r_sse_ohm)
