"""The summary of a run: one object with the numbers that the experiments are for; None where they do not apply.

The names of the fields, and their order, are the keys of `solbench summary --json`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean

from solbench.acquisition.bench.commissioning.record import parse_record
from solbench.acquisition.control.outcome import end_words, goes_on
from solbench.acquisition.record.beside.gauges import GaugeGap, GaugeTrace
from solbench.acquisition.record.beside.temperature import Source
from solbench.acquisition.record.correcting.corrections import Correction
from solbench.acquisition.record.events import (
    Cause,
    Compared,
    ComparisonCode,
    GaugePlace,
    Grade,
    ProtocolChanged,
    SessionStart,
    Unit,
    WallClock,
    of_kinds,
)
from solbench.acquisition.record.folds import SpectrumRecord, StepRecord
from solbench.acquisition.record.journal import Damage
from solbench.acquisition.record.reader import Run
from solbench.analysis.compared import compared
from solbench.analysis.cycling import MAH_CM2_IN_C_M2, areal_capacity_mAh_cm2, sources
from solbench.analysis.experiments.registry import ExperimentSummary, experiments_of
from solbench.analysis.fitted import known
from solbench.analysis.interruptions import dc_resistance_ohm
from solbench.analysis.polarization import run_conductivity, why_no_conductivity
from solbench.analysis.report.cycles import charges_of, cycles_of
from solbench.analysis.run_spectra import RunSpectra
from solbench.analysis.states_of_run import left_out, relative_density
from solbench.analysis.temperature import of_run
from solbench.analysis.withheld import WithheldConclusion
from solbench.fitting.dc_polarization import DcResult, TransientResult
from solbench.fitting.spectra.arcs import Arc
from solbench.fitting.verdicts import Verdict

S_CM_IN_S_M = 100.0
CM2_IN_M2 = 1e4


@dataclass(frozen=True)
class StepSummary:
    """One executed step; `overshoot_ppm` is how far its charge passed the charge that ended it.

    `interruptions` counts the times in which nobody watched the cell, `unwatched_s` in all; their charge is assumed. It
    is part of the capacity, and of its uncertainty. For `doubtful_s` the readings were in doubt, and so was so much of
    the charge; that is part of the uncertainty, too. `values` are those of the series around it, by name, as texts.
    """

    index: int
    name: str
    kind: str
    cycle: int | None
    end_reason: str | None
    duration_s: float
    areal_capacity_mAh_cm2: float | None
    areal_capacity_stderr_mAh_cm2: float | None
    overshoot_ppm: float | None
    worst_gap_s: float
    missed_readings: int
    interruptions: int
    unwatched_s: float
    unwatched_areal_capacity_mAh_cm2: float
    doubtful_s: float
    doubtful_areal_capacity_mAh_cm2: float
    values: dict[str, str]


@dataclass(frozen=True)
class SpectrumSummary:
    """One whole spectrum with what the fit of all of them found; `asked` for one that was measured on demand.

    `temperature_source`: measured by a sensor at the cell, or typed; the drift is that from its beginning to its end.
    `r_arcs_ohm`: the sum of the arcs of interphase and electrodes. `alone`: what this spectrum tells without the
    others. `r_dc_ohm`: overpotential over current before the rest in which it was taken. `points_left_out`: of the
    points, by a correction. `behind_short_circuit`: nothing is fitted to it, as it is that of another cell.
    """

    index: int
    asked: bool
    areal_capacity_mAh_cm2: float
    points: int
    dc_voltage_V: float
    r_sse_ohm: float | None
    r_interface_ohm: float | None
    r_interface_stderr_ohm: float | None
    kk_residual: float | None
    fit_over_kk: float | None
    verdict: Verdict | None
    temperature_K: float | None
    temperature_stderr_K: float | None
    temperature_drift_K: float | None
    temperature_source: Source | None
    r_sse_stderr_ohm: float | None
    r_arcs_ohm: float | None
    r_arcs_stderr_ohm: float | None
    alone: AloneSummary | None
    arcs: tuple[Arc, ...]
    r_dc_ohm: float | None
    points_left_out: int = 0
    stack_pressure_Pa: float | None = None
    stack_pressure_stderr_Pa: float | None = None
    stack_pressure_source: Source | None = None
    behind_short_circuit: bool = False
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class AloneSummary:
    """One spectrum fitted by itself: ohm, and ohm cm2; None where it does not tell it by itself."""

    r_sse_ohm: float | None
    r_sse_stderr_ohm: float | None
    r_arcs_ohm: float | None
    r_arcs_stderr_ohm: float | None
    r_total_ohm: float | None
    r_total_stderr_ohm: float | None
    r_total_ohm_cm2: float | None


@dataclass(frozen=True)
class PolarizationSummary:
    """One voltage of a DC polarization, and the current that it tends to, as a magnitude without the ammeter's zero.

    `is_bound`: the current had not settled, and is below `current_A`, or nothing can be told (then None). `steady`: it
    ended as steady by the rule of its step. `counts`: whether the conductivity is made of it.
    """

    voltage_V: float
    current_A: float | None
    current_stderr_A: float | None
    is_bound: bool
    steady: bool
    counts: bool
    time_constant_s: float | None


@dataclass(frozen=True)
class GaugeSummary:
    """What one gauge beside the cell showed, in its unit; `lost` counts its gaps, whatever caused them.

    `stderr`: the standard uncertainty of what it stands for, by the bench file.
    """

    name: str
    unit: str
    readings: int
    mean: float | None
    lowest: float | None
    highest: float | None
    lost: int
    place: GaugePlace
    stderr: float | None
    gaps: tuple[GaugeGap, ...]


@dataclass(frozen=True)
class ComparisonSummary:
    """What did not agree with the record of the cell, `count` times; the numbers (in SI `unit`) are of the first time.

    `grade`: doubt, the run went on; stop, it paused. `low`, `high`: between which it was expected, None where there is
    no bound. `causes`: the likeliest first.
    """

    code: ComparisonCode
    grade: Grade
    count: int
    time_s: float
    seen: float
    low: float | None
    high: float | None
    unit: Unit
    causes: tuple[Cause, ...]


@dataclass(frozen=True)
class ChangeSummary:
    """A value of a step that was changed during the run: when (s of experiment time, ISO 8601), by whom, and to what.

    `path`: as a setting of the protocol; `before`, `after`: None where nothing was, or is, written.
    """

    time_s: float
    wall: str
    by: str
    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class CommissioningSummary:
    """The commissioning record of the run's bench: its file, when and by whom it was made, and what was not passed.

    `not_passed`: the letters of those steps. `concludes`: whether conclusions from spectra are permitted by it.
    """

    name: str
    made: str
    by: str
    not_passed: tuple[str, ...]
    concludes: bool


@dataclass(frozen=True)
class Summary:
    """A run in numbers; `wall_s` is known to the program that has just made the run, and to it alone.

    The temperature is that of the cell over the whole run: measured by a sensor at it, or typed. Its uncertainties of
    the growth and of the conductivity come on top of theirs. The stack pressure is measured or typed, too, None for a
    series of them; its drift is that from beginning to end, its notes what was told of it in the course of the run.
    `corrections` of what was typed before the run have been made in all that follows from it. `damage`: where the
    journal is damaged; all numbers are of what comes before that. `wrong_spectra`: why, by number.
    """

    run: str
    simulated: bool
    completed: bool
    end_reason: str
    running: bool
    protocol: str
    cell: str
    build: str
    samples: int
    simulated_s: float | None
    wall_s: float | None
    steps: tuple[StepSummary, ...]
    coulombic_efficiency: tuple[float | None, ...]
    coulombic_efficiency_stderr: tuple[float | None, ...]
    uncertainty_source: str | None
    spectra: tuple[SpectrumSummary, ...]
    wrong_spectra: dict[str, str]
    r_interface_growth_ohm: float | None
    r_interface_growth_stderr_ohm: float | None
    ionic_conductivity_S_cm: float | None
    ionic_conductivity_stderr_S_cm: float | None
    electronic_conductivity_S_cm: float | None
    electronic_conductivity_stderr_S_cm: float | None
    electronic_conductivity_is_bound: bool | None
    steady_state: bool | None
    gauges: tuple[GaugeSummary, ...]
    comparisons: tuple[ComparisonSummary, ...]
    capacity_retention: tuple[float | None, ...]
    capacity_retention_stderr: tuple[float | None, ...]
    withheld: tuple[WithheldConclusion, ...]
    temperature_K: float | None
    temperature_stderr_K: float | None
    temperature_source: Source | None
    r_interface_growth_temperature_stderr_ohm: float | None
    ionic_conductivity_temperature_stderr_S_cm: float | None
    unit: str
    commissioning: CommissioningSummary | None
    replays: str
    corrections: tuple[Correction, ...]
    polarizations: tuple[PolarizationSummary, ...]
    electronic_conductivity_verdict: str | None
    relative_permittivity: float | None
    irreversible_areal_capacity_mAh_cm2: tuple[float | None, ...]
    irreversible_areal_capacity_stderr_mAh_cm2: tuple[float | None, ...]
    experiments: tuple[ExperimentSummary, ...]
    relative_density: float | None
    changes: tuple[ChangeSummary, ...]
    stack_pressure_Pa: float | None
    stack_pressure_stderr_Pa: float | None
    stack_pressure_drift_Pa: float | None
    stack_pressure_source: Source | None
    stack_pressure_notes: tuple[str, ...]
    begun_areal_capacity_mAh_cm2: float
    cell_kind: str
    damage: Damage | None
    tags: tuple[str, ...]


def earlier_sessions_s(run: Run) -> float:
    """Return how long (s, time of day) the programs took that carried out a run before the last one did.

    Each from its beginning to the last time of day that it wrote down, at most an hour of the run before its end.
    """
    times: list[list[float]] = []
    for event in of_kinds(run.events, (SessionStart, WallClock)):
        if isinstance(event.body, SessionStart):
            times.append([datetime.fromisoformat(event.body.wall).timestamp()])
        elif isinstance(event.body, WallClock) and times:
            times[-1].append(event.body.unix_s)
    return sum(max(0.0, one[-1] - one[0]) for one in times[:-1])


def summarise(run: Run) -> Summary:
    """Return the summary of a run."""
    area_m2 = run.header.cell.required("area_m2")
    spectra = RunSpectra(run)
    cycles = cycles_of(run)
    stderr_C = {index: charge.stderr_C() for index, charge in charges_of(run).items()}
    temperature, pressure = of_run(run), run.stack_pressure
    instruments = {name for _, session in run.bodies(SessionStart) for name in session.instruments}
    growth, ionic, polarized = spectra.growth, spectra.ionic_conductivity, run_conductivity(run)
    electronic = None if run.header.cell.kind == "hebb_wagner" else polarized  # there it is no one number
    return Summary(
        run=str(run.path),
        simulated=run.simulated,
        completed=run.completed,
        end_reason=end_words(run),
        running=run.end is None and goes_on(run.header.run) is not None,
        protocol=run.header.protocol.name,
        cell=run.header.cell.name,
        build=run.header.cell.build,
        samples=run.sample_count,
        simulated_s=run.events[-1].time_s if run.simulated else None,
        wall_s=None,
        steps=tuple(_step(step, area_m2, stderr_C.get(step.index)) for step in run.steps),
        coulombic_efficiency=tuple(c.efficiency.value if c.efficiency else None for c in cycles),
        coulombic_efficiency_stderr=tuple(c.efficiency.stderr if c.efficiency else None for c in cycles),
        uncertainty_source=sources(instruments) if cycles else None,
        spectra=tuple(_spectrum(spectra, record, area_m2) for record in run.spectra),
        wrong_spectra={str(number): why for number, why in spectra.wrong.items()},
        r_interface_growth_ohm=known(growth.value_ohm if growth else None),
        r_interface_growth_stderr_ohm=known(growth.stderr_ohm if growth else None),
        ionic_conductivity_S_cm=ionic.value if ionic else None,
        ionic_conductivity_stderr_S_cm=ionic.stderr if ionic else None,
        electronic_conductivity_S_cm=electronic.sigma_S_m / S_CM_IN_S_M if electronic else None,
        electronic_conductivity_stderr_S_cm=known(
            electronic.sigma_stderr_S_m / S_CM_IN_S_M if electronic else None
        ),
        electronic_conductivity_is_bound=electronic.is_bound if electronic else None,
        steady_state=electronic.steady if electronic else None,
        gauges=tuple(gauge_summary(trace) for trace in run.gauges),
        comparisons=_comparisons(run),
        capacity_retention=tuple(c.retained.value if c.retained else None for c in cycles),
        capacity_retention_stderr=tuple(c.retained.stderr if c.retained else None for c in cycles),
        withheld=spectra.withheld,
        temperature_K=temperature.value_K if temperature else None,
        temperature_stderr_K=temperature.stderr_K if temperature else None,
        temperature_source=temperature.source if temperature else None,
        r_interface_growth_temperature_stderr_ohm=spectra.growth_temperature_stderr_ohm,
        ionic_conductivity_temperature_stderr_S_cm=spectra.conductivity_temperature_stderr,
        unit=run.unit,
        commissioning=commissioning_summary(run),
        replays=run.header.replays,
        corrections=run.corrections,
        polarizations=polarizations(polarized),
        electronic_conductivity_verdict=electronic.verdict if electronic else why_no_conductivity(run),
        relative_permittivity=spectra.relative_permittivity,
        irreversible_areal_capacity_mAh_cm2=tuple(
            _lost(c.lost.value if c.lost else None, area_m2) for c in cycles
        ),
        irreversible_areal_capacity_stderr_mAh_cm2=tuple(
            _lost(c.lost.stderr if c.lost else None, area_m2) for c in cycles
        ),
        experiments=experiments_of(spectra),
        relative_density=relative_density(run),
        changes=changes_of(run),
        stack_pressure_Pa=pressure.value_Pa if pressure else None,
        stack_pressure_stderr_Pa=pressure.stderr_Pa if pressure else None,
        stack_pressure_drift_Pa=pressure.drift_Pa if pressure else None,
        stack_pressure_source=pressure.source if pressure else None,
        stack_pressure_notes=run.pressure_notes,
        begun_areal_capacity_mAh_cm2=areal_capacity_mAh_cm2(run.header.conditions.begun_C, area_m2),
        cell_kind=run.header.cell.kind,
        damage=run.damage,
        tags=run.tags,
    )


def changes_of(run: Run) -> tuple[ChangeSummary, ...]:
    """Return what was changed of the steps during a run, in order."""
    return tuple(
        ChangeSummary(time_s, changed.wall, changed.by, each.path, each.before, each.after)
        for time_s, changed in run.bodies(ProtocolChanged)
        for each in changed.changes
    )


def polarizations(found: DcResult | None) -> tuple[PolarizationSummary, ...]:
    """Return each voltage of the DC polarizations of a run with its current, in order."""
    return tuple(_polarization(one, found) for one in found.transients) if found is not None else ()


def _polarization(one: TransientResult, found: DcResult) -> PolarizationSummary:
    is_bound = found.is_bound or not one.settled
    magnitude_A = one.limit_A if one.voltage_V > 0 else -one.limit_A
    upper_A = max(one.upper_A, found.floor_A)
    return PolarizationSummary(
        voltage_V=one.voltage_V,
        current_A=(upper_A if math.isfinite(upper_A) else None) if is_bound else magnitude_A,
        current_stderr_A=None if is_bound else math.hypot(one.limit_stderr_A, found.zero.stderr_A),
        is_bound=is_bound,
        steady=one.steady,
        counts=not is_bound,
        time_constant_s=known(one.tau_s),
    )


def _lost(charge_C: float | None, area_m2: float) -> float | None:
    return None if charge_C is None else charge_C / area_m2 / MAH_CM2_IN_C_M2


def _comparisons(run: Run) -> tuple[ComparisonSummary, ...]:
    """Return what did not agree with the record, each code and grade once, in the order of the first times."""
    found: dict[tuple[ComparisonCode, Grade], list[tuple[float, Compared]]] = {}
    for time_s, body in compared(run):
        found.setdefault((body.code, body.grade), []).append((time_s, body))
    return tuple(
        ComparisonSummary(
            code=code,
            grade=grade,
            count=len(those),
            time_s=those[0][0],
            seen=those[0][1].seen,
            low=those[0][1].low,
            high=those[0][1].high,
            unit=those[0][1].unit,
            causes=those[0][1].causes,
        )
        for (code, grade), those in found.items()
    )


def _step(step: StepRecord, area_m2: float, stderr_C: float | None) -> StepSummary:
    return StepSummary(
        index=step.index,
        name=step.name,
        kind=step.kind,
        cycle=step.cycle,
        end_reason=step.end.text if step.end is not None and not step.in_progress else None,
        duration_s=step.end_s - step.start_s,
        areal_capacity_mAh_cm2=areal_capacity_mAh_cm2(step.charge_C, area_m2) if step.current_A else None,
        areal_capacity_stderr_mAh_cm2=areal_capacity_mAh_cm2(stderr_C, area_m2)
        if stderr_C and step.current_A
        else None,
        overshoot_ppm=_overshoot_ppm(step),
        worst_gap_s=step.worst_gap_s,
        missed_readings=step.missed_readings,
        interruptions=len(step.unwatched),
        unwatched_s=step.unwatched_s,
        unwatched_areal_capacity_mAh_cm2=areal_capacity_mAh_cm2(step.unwatched_C, area_m2),
        doubtful_s=sum(gap.unwatched_s for gap in step.doubtful),
        doubtful_areal_capacity_mAh_cm2=areal_capacity_mAh_cm2(
            sum(gap.uncertainty_C for gap in step.doubtful), area_m2
        ),
        values={name: text for each in step.passes for name, text in each.values.items()},
    )


def commissioning_summary(run: Run) -> CommissioningSummary | None:
    """Return what there is to say of the commissioning record of a run's bench, None where it had none."""
    found = run.commissioning
    if found is None:
        return None
    record = parse_record(found.text, found.name)
    made, not_passed = record.made.isoformat(), record.not_passed
    return CommissioningSummary(found.name, made, record.by, not_passed, not run.not_commissioned)


def gauge_summary(trace: GaugeTrace) -> GaugeSummary:
    """Return what a gauge showed, in its unit."""
    values = trace.values
    return GaugeSummary(
        name=trace.name,
        unit=trace.unit,
        readings=len(values),
        mean=fmean(values) if values else None,
        lowest=min(values, default=None),
        highest=max(values, default=None),
        lost=trace.lost,
        place=trace.place,
        stderr=trace.stderr,
        gaps=tuple(trace.gaps),
    )


def _overshoot_ppm(step: StepRecord) -> float | None:
    end = step.end
    if end is None or end.quantity != "charge" or not step.finished or end.value is None or not end.limit:
        return None
    return (end.value / end.limit - 1.0) * 1e6


def _spectrum(spectra: RunSpectra, record: SpectrumRecord, area_m2: float) -> SpectrumSummary:
    quality, state = spectra.quality(record), spectra.state_of(record)
    interface = state if spectra.has_interphase and not spectra.withheld else None
    temperature, pressure = spectra.run.temperature_of(record), spectra.run.pressure_of(record)
    return SpectrumSummary(
        index=record.spectrum,
        asked=record.start.role == "asked",
        areal_capacity_mAh_cm2=areal_capacity_mAh_cm2(record.start.step_charge_C, area_m2),
        points=len(spectra.run.points_of(record)),
        points_left_out=len(left_out(spectra.run.points_of(record))),
        stack_pressure_Pa=pressure.value_Pa if pressure else None,
        stack_pressure_stderr_Pa=pressure.stderr_Pa if pressure else None,
        stack_pressure_source=pressure.source if pressure else None,
        dc_voltage_V=record.start.dc_voltage_V,
        r_sse_ohm=state.r_sse_ohm if state else None,
        r_interface_ohm=known(interface.r_interface_ohm if interface else None),
        r_interface_stderr_ohm=known(interface.r_interface_stderr_ohm if interface else None),
        kk_residual=quality.residual if quality else None,
        fit_over_kk=state.fit_over_kk if state else None,
        verdict=spectra.verdict(record),
        temperature_K=temperature.value_K if temperature else None,
        temperature_stderr_K=temperature.stderr_K if temperature else None,
        temperature_drift_K=temperature.drift_K if temperature else None,
        temperature_source=temperature.source if temperature else None,
        r_sse_stderr_ohm=known(state.r_sse_stderr_ohm if state else None),
        r_arcs_ohm=known(state.r_arcs_ohm if state and spectra.has_interphase else None),
        r_arcs_stderr_ohm=known(state.r_arcs_stderr_ohm if state and spectra.has_interphase else None),
        alone=_alone(spectra, record, area_m2),
        arcs=spectra.arcs(record),
        r_dc_ohm=dc_resistance_ohm(spectra.run, record) if spectra.has_interphase else None,
        behind_short_circuit=record.spectrum in spectra.shorted,
        remarks=state.remarks if state else (),
    )


def _alone(spectra: RunSpectra, record: SpectrumRecord, area_m2: float) -> AloneSummary | None:
    found = spectra.alone.get(record.spectrum)
    if found is None:
        return None
    values = {name: known(value) for name, value in vars(found).items()}
    if not spectra.has_interphase:
        values["r_arcs_ohm"] = values["r_arcs_stderr_ohm"] = None
    total = values["r_total_ohm"]
    return AloneSummary(**values, r_total_ohm_cm2=None if total is None else total * area_m2 * CM2_IN_M2)
