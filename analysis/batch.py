"""Fitting many spectra: here, in processes, or on a Dask cluster.

A job is plain arrays and a result plain values, so that a job can be carried out anywhere where this package
is installed; nothing reads a file there.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from solbench.acquisition.record.beside.packed import PACKED, is_kept
from solbench.acquisition.record.folds import SpectrumRecord
from solbench.acquisition.record.journal import journal_path
from solbench.acquisition.record.reader import Run, open_run
from solbench.analysis.cycling import areal_capacity_mAh_cm2
from solbench.analysis.fit_settings import USUAL, FitSettings
from solbench.analysis.fitted import JobResult, JointResult, fitted_spectrum, fitted_state, known
from solbench.analysis.imports.files import SUFFIXES, read_spectra
from solbench.analysis.listing.line import lone_journals
from solbench.analysis.scales import Scale, with_scales
from solbench.analysis.states_of_run import (
    behind_short,
    contradicted,
    has_interphase,
    in_order_of_growth,
    is_pellet,
    left_out,
    may_be_fresh,
    rules_of,
    trusted,
)
from solbench.analysis.temperature import are_measured, of_spectra, own_stderrs_K, told_growth
from solbench.analysis.uncertain_chain import chains_of, scales_of
from solbench.analysis.views.distributions import plain_distribution
from solbench.analysis.withheld import all_withheld
from solbench.fitting.circuit import MeasuringChain
from solbench.fitting.circuit_fit import FitResult, fit
from solbench.fitting.elements import Array, Complex
from solbench.fitting.joint_fit import fit_pellets, fit_states
from solbench.fitting.spectra.automatic import fit_automatic
from solbench.fitting.spectra.slow_end import SLOWEST_Hz
from solbench.fitting.state_fit import StateRules
from solbench.protocols.errors import BadInput
from solbench.protocols.files import require_file

_RUN_SUFFIXES = (".h5", ".journal")
_NO_SPECTRA = (
    "_samples.csv",
    "_gauges.csv",
    ".bdf.csv",
    "_losses.txt",
)  # exports of a run that lie beside its spectra


@dataclass(frozen=True, eq=False)
class Job:
    """What is fitted together: the spectra (frequencies in Hz, impedances in ohm) of one source.

    `joint` fits them as the states of one half cell (`fit_states`). `numbers` are those of the spectra within
    the source; `temperatures_K` go with them, None where unknown; `measured`: all of them by a sensor, with
    `temperature_stderrs_K` as `fit_states` takes them. `rules`: the limits of a joint fit.
    `interphase`: the cell has electrodes on which one can grow; `pellet`: it tells a conductivity.
    `contradicted`: the numbers of those that are not spectra of the cell in the record. `not_commissioned`: the bench
    is not known well enough for conclusions. `chains`: what of each spectrum is uncertain by the commissioning record
    of its bench; a joint fit includes it. `notes`: what the reader of a file left out or missed. `unit`: which specimen
    a simulated bench was, "" where nothing says so. `scales`: how accurately the ohms of each spectrum are known.
    `left_out_Hz`: the frequencies of each spectrum that were left out of it.
    `is_damaged`: the journal of the run is, and spectra behind the damage are missing.
    `capacities_mAh_cm2` and `times_s` say where in the run each was taken, None where that is not known.
    `fresh` and `slowest_Hz` as `fit_states` takes them.
    """

    source: str
    spectra: tuple[tuple[Array, Complex], ...]
    numbers: tuple[int, ...]
    joint: bool = False
    simulated: bool = False
    temperatures_K: tuple[float | None, ...] | None = None
    interphase: bool = True
    contradicted: tuple[int, ...] = ()
    not_commissioned: bool = False
    chains: tuple[MeasuringChain | None, ...] | None = None
    notes: tuple[str, ...] = ()
    measured: bool = False
    temperature_stderrs_K: tuple[float, ...] | None = None
    rules: StateRules = field(default_factory=StateRules)
    pellet: bool = False
    unit: str = ""
    scales: tuple[Scale, ...] | None = None
    capacities_mAh_cm2: tuple[float, ...] | None = None
    times_s: tuple[float, ...] | None = None
    left_out_Hz: tuple[tuple[float, ...], ...] | None = None
    is_damaged: bool = False
    fresh: bool | None = None
    slowest_Hz: float = SLOWEST_Hz


Work = Callable[[Job], JobResult]


def find_files(paths: Sequence[Path]) -> list[Path]:
    """List files as they are, and of folders what can be read in them; raises BadInput, FileNotFoundError."""
    found: list[Path] = []
    for path in map(_as_written, paths):
        if _is_journal_alone(path):
            found.append(journal_path(path))
            continue
        if not path.exists():
            raise BadInput("there is no such file or folder", "Check the name", file=str(path))
        inside = sorted(path.iterdir()) if path.is_dir() else [path]
        readable = [file for file in inside if file.is_file() and _is_readable(file, path.is_dir())]
        readable += lone_journals(path) if path.is_dir() else []
        if not readable:
            raise BadInput(
                "there is nothing to fit in this folder"
                if path.is_dir()
                else "this is not a file but a pipe or a device",
                f"Name a folder with run files (.h5) or spectra ({', '.join(SUFFIXES)})",
                file=str(path),
            )
        found += readable
    return list(dict.fromkeys(found))


def _as_written(path: Path) -> Path:
    """Return a packed journal under the name that it had before, and anything else as it is."""
    name = path.name.removesuffix(PACKED)
    return path.with_name(name) if name.endswith(".journal") and name != path.name else path


def _is_journal_alone(path: Path) -> bool:
    """Say whether this is a run of which there is a journal, as it was written or packed, but not this file."""
    return path.suffix in _RUN_SUFFIXES and not path.exists() and is_kept(journal_path(path))


def _is_readable(file: Path, within_folder: bool) -> bool:
    if not within_folder:
        return True
    exported = file.name.endswith(_NO_SPECTRA)
    return file.suffix.lower() in (".h5", *SUFFIXES) and not exported


def read_job(path: Path, circuit: str | None = None) -> Job:
    """Read one file as a job; run files are fitted jointly if no circuit is named.

    Raises BadInput, RunFileError, OSError.
    """
    if not _is_journal_alone(path):
        require_file(path, str(path))
    if path.suffix.lower() in _RUN_SUFFIXES:
        return job_of_run(open_run(path), path, circuit is None)
    spectra = read_spectra(path)
    pairs = tuple((spectrum.frequency_Hz, spectrum.impedance_ohm) for spectrum in spectra)
    return Job(
        str(path),
        pairs,
        tuple(range(1, len(pairs) + 1)),
        simulated=any("SIMULATED" in s.meta for s in spectra),
        notes=tuple(dict.fromkeys(note for s in spectra for note in s.notes)),
    )


def job_of_run(run: Run, path: Path, joint: bool) -> Job:
    """Make a job of the whole spectra of a run; raises BadInput where there is none.

    Those behind a short circuit are left out of a `joint` one, which is of one cell; a note says so.
    """
    if not run.spectra:
        raise BadInput("this run has no complete spectrum", "Leave it out", file=str(path))
    records = [record for record in in_order_of_growth(run) if not _is_left_out(run, record)]
    if not records:
        raise BadInput(
            "every spectrum of this run is left out by a correction", "Leave it out", file=str(path)
        )
    shorted = behind_short(run) if joint else []
    numbers_shorted = {record.spectrum for record in shorted}
    records = [record for record in records if record.spectrum not in numbers_shorted]
    if not records:
        raise BadInput(
            "every spectrum of this run was taken after a short circuit: they are not those of its cell",
            "Name a circuit (--circuit), which is fitted to each of them, or leave the run out",
            file=str(path),
        )
    whole = [run.points_of(record) for record in records]
    tables = [trusted(points) for points in whole]
    pairs = tuple((t["frequency_Hz"], t["real_ohm"] + 1j * t["imaginary_ohm"]) for t in tables)
    temperatures = of_spectra(run, records)
    stderrs_K = own_stderrs_K(temperatures)
    numbers = tuple(record.spectrum for record in records)
    return Job(
        str(path),
        pairs,
        numbers,
        joint,
        run.simulated,
        tuple(None if one is None else one.value_K for one in temperatures),
        has_interphase(run),
        contradicted(run),
        run.not_commissioned,
        chains_of(run, tuple(zip(records, tables, strict=True))) if joint else None,
        measured=are_measured(temperatures),
        temperature_stderrs_K=None if stderrs_K is None else tuple(stderrs_K),
        rules=rules_of(run),
        pellet=is_pellet(run),
        unit=run.unit,
        scales=scales_of(run, tuple(zip(records, tables, strict=True))) if joint else None,
        capacities_mAh_cm2=_capacities(run, records) if has_interphase(run) else None,
        times_s=tuple(record.time_s for record in records),
        left_out_Hz=tuple(tuple(left_out(points)["frequency_Hz"].tolist()) for points in whole),
        notes=(*([] if run.damage is None else [run.damage.words]), *_words_of_short(shorted)),
        is_damaged=run.damage is not None,
        fresh=may_be_fresh(run),
    )


def _words_of_short(shorted: Sequence[SpectrumRecord]) -> Iterator[str]:
    if shorted:
        more = f" and the {len(shorted) - 1} after it" if len(shorted) > 1 else ""
        left_out = "are left out: they were taken" if more else "is left out: it was taken"
        yield (
            f"spectrum {shorted[0].spectrum}{more} {left_out} after a short circuit; a circuit that is named "
            "(--circuit) is fitted to each spectrum by itself"
        )


def _is_left_out(run: Run, record: SpectrumRecord) -> bool:
    points = run.points_of(record)
    return 0 < len(points) == len(left_out(points))


def _capacities(run: Run, records: Sequence[SpectrumRecord]) -> tuple[float, ...] | None:
    area_m2 = run.header.cell.number("area_m2")
    if not area_m2:
        return None
    return tuple(areal_capacity_mAh_cm2(record.start.step_charge_C, area_m2) for record in records)


def measured(jobs: Sequence[Job]) -> Iterator[tuple[str, int, Array]]:
    """Yield file, number and frequencies (Hz) of each spectrum, with those that were left out of it."""
    for job in jobs:
        kept = job.left_out_Hz or ((),) * len(job.numbers)
        for number, (f, _), out in zip(job.numbers, job.spectra, kept, strict=True):
            yield job.source, number, np.append(f, out)


def fit_job(
    job: Job, circuit: str | None = None, settings: FitSettings = USUAL, *, drt: bool = False
) -> JobResult:
    """Fit one job; where there is no fit the result says why in `error` and has no spectra.

    `circuit` None finds one (`fit_automatic`); the start values, held values and weights of the settings are then
    without effect, their window is not. `drt` adds the distribution of relaxation times of each spectrum.
    """
    job = _windowed(job, settings)
    try:
        result = _told(job, _joint(job) if job.joint else _single(job, circuit, settings))
        return _with_distributions(job, result) if drt else result
    except (ValueError, np.linalg.LinAlgError) as error:
        window = f"{settings.window_words}: " if settings.has_window else ""
        return JobResult(
            job.source, job.simulated, job.joint, f"{window}{error}", (), notes=job.notes, unit=job.unit
        )


def _told(job: Job, result: JobResult) -> JobResult:
    """Return a result that says which points were left out."""
    of = dict(zip(job.numbers, job.left_out_Hz or (), strict=True))
    spectra = tuple(replace(one, left_out_Hz=of[one.index]) for one in result.spectra)
    return replace(result, spectra=spectra)


def _with_distributions(job: Job, result: JobResult) -> JobResult:
    of = dict(zip(job.numbers, job.spectra, strict=True))
    spectra = tuple(replace(one, drt=plain_distribution(*of[one.index])) for one in result.spectra)
    return replace(result, spectra=spectra)


def _windowed(job: Job, settings: FitSettings) -> Job:
    """Return a job with what is to be fitted alone, and the frequencies that a mask leaves out noted."""
    own = [settings.of(job.source, number) for number in job.numbers]
    chains = job.chains
    if chains is not None:
        triples = zip(own, chains, job.spectra, strict=True)
        chains = tuple(chain and chain.within(one.inside(f)) for one, chain, (f, _) in triples)
    pairs = list(zip(own, job.spectra, strict=True))
    before = job.left_out_Hz or ((),) * len(own)
    left_out = tuple(
        (*kept, *f[one.masked(f)].tolist()) for kept, (one, (f, _)) in zip(before, pairs, strict=True)
    )
    spectra = tuple(one.within(*pair) for one, pair in pairs)
    # Who says from where on to fit is obeyed.
    slowest_Hz = min(job.slowest_Hz, settings.from_Hz) if settings.from_Hz > 0.0 else job.slowest_Hz
    return replace(job, spectra=spectra, chains=chains, left_out_Hz=left_out, slowest_Hz=slowest_Hz)


def fit_jobs(
    jobs: Sequence[Job],
    circuit: str | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    settings: FitSettings = USUAL,
    *,
    drt: bool = False,
) -> Iterator[JobResult]:
    """Fit jobs in the order given, in `workers` processes or on the Dask cluster at `scheduler`.

    Raises BadInput where the cluster cannot be reached or its library is not installed.
    """
    work = partial(fit_job, circuit=circuit, settings=settings, drt=drt)
    if scheduler is not None:
        yield from _on_cluster(work, jobs, scheduler)
    elif workers <= 1 or len(jobs) <= 1:
        yield from map(work, jobs)
    else:
        yield from _in_processes(work, jobs, min(workers, len(jobs)))


def _in_processes(work: Work, jobs: Sequence[Job], workers: int) -> Iterator[JobResult]:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    # Not by fork: the threads of a numerical library do not survive one.
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(work, jobs)


def _on_cluster(work: Work, jobs: Sequence[Job], scheduler: str) -> Iterator[JobResult]:
    try:
        from distributed import Client  # pyright: ignore[reportMissingImports] - the extra 'cluster'
    except ImportError:
        raise BadInput(
            "a cluster needs the library dask.distributed, which is not installed",
            "Install it with: pip install 'solbench[cluster]'; or use --workers",
            field="--scheduler",
        ) from None
    try:
        client = Client(scheduler, timeout="10s")
    except (OSError, ValueError) as error:
        raise BadInput(
            f"no Dask scheduler answers at {scheduler} ({error or type(error).__name__})",
            "Start one with 'dask scheduler', and name the address that it prints, such as tcp://127.0.0.1:8786",
            field="--scheduler",
        ) from None
    with client:
        yield from client.gather(client.map(work, list(jobs), pure=False))


def _single(job: Job, circuit: str | None, settings: FitSettings) -> JobResult:
    spectra = tuple(
        fitted_spectrum(number, _fitted(f, z, circuit, settings), f, z)
        for number, (f, z) in zip(job.numbers, job.spectra, strict=True)
    )
    return JobResult(job.source, job.simulated, job.joint, None, spectra, notes=job.notes, unit=job.unit)


def _fitted(f: Array, z: Complex, circuit: str | None, settings: FitSettings) -> FitResult:
    if circuit is not None:
        return fit(f, z, circuit, guess=settings.start, fixed=settings.fixed, weight=settings.weight)
    return fit_automatic(f, z)


def _joint(job: Job) -> JointResult:
    if job.pellet:
        result = fit_pellets(job.spectra, rules=job.rules, chains=job.chains)
    else:
        result = fit_states(
            job.spectra,
            temperatures_K=job.temperatures_K,
            temperature_stderrs_K=job.temperature_stderrs_K,
            fresh=job.fresh,
            rules=job.rules,
            chains=job.chains,
            slowest_Hz=job.slowest_Hz,
        )
    if job.scales is not None:
        result = with_scales(result, job.scales)
    withheld = all_withheld(
        result,
        job.numbers,
        job.contradicted,
        interphase=job.interphase,
        pellet=job.pellet,
        not_commissioned=job.not_commissioned,
    )
    spectra = tuple(
        fitted_state(fitted_spectrum(number, state.fit, *pair), state, job.interphase and not withheld)
        for number, pair, state in zip(job.numbers, job.spectra, result.states, strict=True)
    )
    growth = told_growth(result, measured=job.measured) if job.interphase and not withheld else None
    return JointResult(
        source=job.source,
        simulated=job.simulated,
        joint=job.joint,
        error=None,
        spectra=spectra,
        r_interface_growth_ohm=known(growth.value_ohm) if growth else None,
        r_interface_growth_stderr_ohm=known(growth.stderr_ohm) if growth else None,
        verdict=result.verdict,
        reason=result.reason,
        withheld=withheld,
        notes=job.notes,
        unit=job.unit,
    )
