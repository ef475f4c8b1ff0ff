"""The summary of a run as lines for people."""

import math
from collections.abc import Iterator, Sequence

from solbench.acquisition.bench.commissioning.record import IDEAL
from solbench.acquisition.record.beside.pressure import CellPressure
from solbench.acquisition.record.beside.pressure import in_words as pressure_in_words
from solbench.acquisition.record.beside.temperature import CellTemperature
from solbench.acquisition.record.events import Compared
from solbench.acquisition.record.events import in_words as comparison_in_words
from solbench.analysis.cycling import has_efficiency
from solbench.analysis.experiments.experiment import in_words as verdict_in_words
from solbench.analysis.null_result import null_words
from solbench.analysis.report.numbers import in_ascii
from solbench.analysis.summary import (
    ChangeSummary,
    ComparisonSummary,
    GaugeSummary,
    PolarizationSummary,
    SpectrumSummary,
    StepSummary,
    Summary,
)
from solbench.analysis.temperature import in_words
from solbench.analysis.withheld import words as withheld_words
from solbench.fitting.verdicts import BY_DEFINITION, VERDICT_WORDS, is_reference, remark_lines
from solbench.protocols.cells import FILLED_KINDS, SYMMETRIC_KINDS
from solbench.protocols.corrections.field_change import FieldChange
from solbench.protocols.kinds.series import in_words as row_in_words
from solbench.protocols.quantities.durations import format_duration
from solbench.protocols.quantities.units import ZERO_DEGC_K

MOST_LINES = 24  # of steps, spectra and efficiencies: with what stands around them they fit on a screen
BEYOND_ARCS = 1.05  # what is more is slower than the lowest frequency
MORE_CAME_BACK = 1.02  # an efficiency above is no efficiency, however well its charges are known
SURELY_MORE = 2.0  # standard errors above 1: what is less may be one all the same
LAST_LINES = 6  # of each where there are more
_BRUGGEMAN = 1.5
_MORE_CAME_BACK = (
    ", WRONG: more came back than went in: the electrode was not empty before, "
    "or something beside the current empties it"
)


def as_text(summary: Summary, whole: bool = True) -> str:
    """Return a summary as lines for people; unless it is to be `whole`, a long one keeps what fits on a screen."""
    mark = ", SIMULATED" if summary.simulated else ""
    mark += f", REPLAY of {summary.replays}" if summary.replays else ""
    mark += f", unit {summary.unit}" if summary.unit else ""
    efficiencies = summary.coulombic_efficiency if has_efficiency(summary.cell_kind) else ()
    lists = summary.steps, summary.spectra, efficiencies
    last = None if whole or sum(map(len, lists)) <= MOST_LINES else LAST_LINES
    lines = [
        f"{summary.protocol} on {summary.cell} ({summary.build}){mark}",
        _end_line(summary),
        *_wrong_lines(summary),
        *_damage_lines(summary),
        f"{summary.samples} samples in {summary.run}",
        *([f"tags: {', '.join(summary.tags)}"] if summary.tags else []),
        *_bench_lines(summary),
        *(f"CORRECTED: {correction.words}" for correction in summary.corrections),
        *(_change_line(change) for change in summary.changes),
        *(_comparison_line(comparison) for comparison in summary.comparisons),
        *_beginning_lines(summary),
        *_last("steps", [_step_line(step) for step in summary.steps], last),
        *_last(
            "spectra", [_spectrum_line(spectrum, _has_states(summary)) for spectrum in summary.spectra], last
        ),
        *(f"  {line}" for line in remark_lines([(one.index, one.remarks) for one in summary.spectra])),
        *(_efficiency_lines(summary, last) if has_efficiency(summary.cell_kind) else ()),
        *_uncertainty_lines(summary),
        *_material_lines(summary),
        *_experiment_lines(summary),
        *_temperature_lines(summary),
        *_pressure_lines(summary),
        *(_gauge_line(gauge) for gauge in summary.gauges),
    ]
    return "\n".join(lines)


def _change_line(change: ChangeSummary) -> str:
    what = FieldChange(change.path, change.before, change.after).words
    when = change.wall[:16].replace("T", " ")
    return f"CHANGED after {format_duration(change.time_s)} ({when}) by {change.by}: {what}"


def _beginning_lines(summary: Summary) -> Iterator[str]:
    if summary.begun_areal_capacity_mAh_cm2:
        held = summary.begun_areal_capacity_mAh_cm2
        yield f"the cell began with {held:.4f} mAh/cm2 in it; spectra and efficiencies count from there"


def _last(what: str, lines: Sequence[str], last: int | None) -> Iterator[str]:
    """Yield the last lines of a list, and how many more there are."""
    if last is not None and len(lines) > last:
        yield f"  ({len(lines) - last} {what} before these: --all)"
        lines = lines[-last:]
    yield from lines


def _efficiency_lines(summary: Summary, last: int | None) -> Iterator[str]:
    efficiencies = list(zip(summary.coulombic_efficiency, summary.coulombic_efficiency_stderr, strict=True))
    shown = [
        f"Coulombic efficiency {number}: "
        + (
            f"{efficiency:.4f} +- {_small(stderr)}{_MORE_CAME_BACK if _has_gained(efficiency, stderr) else ''}"
            if efficiency is not None and stderr is not None
            else "not determined"
        )
        for number, (efficiency, stderr) in enumerate(efficiencies, 1)
    ]
    if last is None or len(shown) <= last:
        yield from shown
    else:
        yield from _course(summary)
        yield from shown[-last:]


def _has_gained(efficiency: float, stderr: float) -> bool:
    return efficiency > MORE_CAME_BACK and efficiency - 1.0 > SURELY_MORE * stderr


def _uncertainty_lines(summary: Summary) -> Iterator[str]:
    if summary.uncertainty_source is not None:
        what = "charges and efficiencies" if has_efficiency(summary.cell_kind) else "charges"
        yield f"+- of {what}, one standard uncertainty: {summary.uncertainty_source}"


def _has_states(summary: Summary) -> bool:
    """Say whether the charge at which a spectrum was taken is a state of the cell: some has passed, and it stays."""
    passed = summary.begun_areal_capacity_mAh_cm2 or any(
        step.areal_capacity_mAh_cm2 for step in summary.steps
    )
    return bool(passed) and summary.cell_kind in FILLED_KINDS + SYMMETRIC_KINDS


def _course(summary: Summary) -> Iterator[str]:
    """Yield one line for all cycles: first, last and worst efficiency; and what is left of the capacity."""
    known = [
        (value, number) for number, value in enumerate(summary.coulombic_efficiency, 1) if value is not None
    ]
    if known:
        first, last, worst = known[0], known[-1], min(known)
        shown = [
            f"{word} {value:.4f} (cycle {number})"
            for word, (value, number) in zip(("first", "last", "lowest"), (first, last, worst), strict=True)
        ]
        yield f"Coulombic efficiency of {len(summary.coulombic_efficiency)} cycles: {', '.join(shown)}"
    retained = zip(summary.capacity_retention, summary.capacity_retention_stderr, strict=True)
    left = [
        (number, value, stderr) for number, (value, stderr) in enumerate(retained, 1) if value is not None
    ]
    if left:
        number, value, stderr = left[-1]
        percent = in_ascii(100.0 * value, 100.0 * stderr if stderr is not None else None, "%")
        least = min(left, key=lambda one: one[1])
        lowest = f"; least in cycle {least[0]}: {100.0 * least[1]:.4g} %" if least[0] != number else ""
        yield f"capacity of cycle {number}: {percent} of that of cycle {left[0][0]}{lowest}"


def _material_lines(summary: Summary) -> Iterator[str]:
    growth, stderr = summary.r_interface_growth_ohm, summary.r_interface_growth_stderr_ohm
    if growth is not None:
        yield f"growth of the interfacial resistance {in_ascii(growth, stderr, 'ohm')}"
        yield from null_words(growth, stderr, *_not_returned(summary))
    yield from (withheld_words(found) for found in summary.withheld)
    yield from _not_reached(summary)
    ionic, stderr = summary.ionic_conductivity_S_cm, summary.ionic_conductivity_stderr_S_cm
    if ionic is not None:
        yield f"ionic conductivity {in_ascii(ionic, stderr, 'S/cm')}{_by_temperature(summary, ionic)}"
        yield density_words(summary.relative_density, ionic)
    sigma, stderr = summary.electronic_conductivity_S_cm, summary.electronic_conductivity_stderr_S_cm
    if sigma is not None:
        sign = "< " if summary.electronic_conductivity_is_bound else ""
        yield from (
            _polarization_line(one) for one in summary.polarizations if len(summary.polarizations) > 1
        )
        steady = "steady" if summary.steady_state else "not steady"
        verdict = summary.electronic_conductivity_verdict
        words = verdict if verdict and summary.electronic_conductivity_is_bound else steady
        yield f"electronic conductivity {sign}{in_ascii(sigma, stderr, 'S/cm')} ({words})"
    elif summary.electronic_conductivity_verdict is not None:
        yield f"electronic conductivity {summary.electronic_conductivity_verdict}"


def _polarization_line(one: PolarizationSummary) -> str:
    """Return a voltage and its current; what has not settled is a bound."""
    state = "steady" if one.steady else "not steady"
    if one.current_A is None:
        return f"  {1e3 * one.voltage_V:+g} mV: not given, an earlier polarization has not settled ({state})"
    if one.is_bound:
        return f"  {1e3 * one.voltage_V:+g} mV: < {1e9 * one.current_A:.3g} nA, not settled ({state})"
    stderr_A = one.current_stderr_A
    current = in_ascii(1e9 * one.current_A, 1e9 * stderr_A if stderr_A is not None else None, "nA")
    return f"  {1e3 * one.voltage_V:+g} mV: {current} ({state})"


def _not_returned(summary: Summary) -> tuple[float | None, float | None]:
    """Return what the first whole cycle has not given back: areal capacity (mAh/cm2), and its share."""
    pairs = zip(summary.irreversible_areal_capacity_mAh_cm2, summary.coulombic_efficiency, strict=True)
    for lost, efficiency in pairs:
        if lost is not None and efficiency is not None:
            return lost, 1.0 - efficiency
    return None, None


def density_words(relative_density: float | None, ionic_S_cm: float) -> str:
    """Return what the density of a pellet makes of its conductivity (S/cm); pores carry nothing.

    Bruggeman's relation: the conductivity of a medium with a part of it left out falls as the power 3/2 of the rest.

    >>> density_words(0.81, 1.0e-4)
    '  as pressed, to a relative density of 81 %; the dense electrolyte may have 1.4e-04 S/cm (Bruggeman)'
    """
    if relative_density is None:
        return "  of the pellet as pressed; its relative density is unknown (relative_density of the build)"
    dense_S_cm = ionic_S_cm / relative_density**_BRUGGEMAN
    return (
        f"  as pressed, to a relative density of {100.0 * relative_density:.3g} %; the dense electrolyte may have "
        f"{dense_S_cm:.1e} S/cm (Bruggeman)"
    )


def _by_temperature(summary: Summary, ionic: float) -> str:
    """Return what the uncertainty of the temperature adds to that of a conductivity."""
    stderr = summary.ionic_conductivity_temperature_stderr_S_cm
    return f", and {100.0 * stderr / ionic:.2g} % by the temperature" if stderr is not None else ""


def _experiment_lines(summary: Summary) -> Iterator[str]:
    """Yield what the run tells of each experiment that is in it, with 95 % intervals."""
    for found in summary.experiments:
        yield f"{found.title}: {verdict_in_words(found.verdict)}" if found.verdict else f"{found.title}:"
        for number in found.numbers:
            if number.value is None:
                continue
            span = ""
            if number.low is not None and number.high is not None:
                span = f" (95 %: {number.low:.4g} to {number.high:.4g})"
            yield f"  {number.title} {in_ascii(number.value, number.stderr, number.unit)}{span}"
        yield from (f"  {note}" for note in found.notes)


def _temperature_lines(summary: Summary) -> Iterator[str]:
    """Yield the temperature of the cell, and whether it was measured."""
    kelvin, stderr, source = summary.temperature_K, summary.temperature_stderr_K, summary.temperature_source
    if kelvin is not None and stderr is not None and source is not None:
        yield f"temperature {in_words(CellTemperature(kelvin, stderr, 0.0, source))}"


def _pressure_lines(summary: Summary) -> Iterator[str]:
    """Yield the stack pressure where it was measured, and what was told of it."""
    pascal, stderr = summary.stack_pressure_Pa, summary.stack_pressure_stderr_Pa
    if pascal is not None and stderr is not None:
        yield f"stack pressure {pressure_in_words(CellPressure(pascal, 'measured', stderr))}"
    yield from summary.stack_pressure_notes


def _gauge_line(gauge: GaugeSummary) -> str:
    lost = f", {gauge.lost} {'gap' if gauge.lost == 1 else 'gaps'}" if gauge.lost else ""
    if gauge.mean is None:
        return f"{gauge.name}: not read{lost}"
    if gauge.unit == "K" and gauge.lowest is not None and gauge.highest is not None:
        lowest, mean, highest = (kelvin - ZERO_DEGC_K for kelvin in (gauge.lowest, gauge.mean, gauge.highest))
        sure = f", +- {gauge.stderr:.2g} K" if gauge.stderr is not None else ""
        span = f"{lowest:.2f} to {highest:.2f}"
        return f"{gauge.name}: {mean:.2f} degC ({span}, {gauge.readings} readings{sure}{lost})"
    span = f"{gauge.lowest:.6g} to {gauge.highest:.6g}"
    return f"{gauge.name}: {gauge.mean:.6g} {gauge.unit} ({span}, {gauge.readings} readings{lost})"


def _end_line(summary: Summary) -> str:
    if summary.running:
        return f"NOT YET ENDED: {summary.end_reason}"
    return f"{'completed' if summary.completed else 'NOT COMPLETED'}: {summary.end_reason}"


def _wrong_lines(summary: Summary) -> Iterator[str]:
    """Say at once that there are spectra from which nothing is to be read: a run completes with them all the same."""
    if wrong := summary.wrong_spectra:
        said = "; ".join(f"spectrum {number} ({why})" for number, why in wrong.items())
        yield f"WRONG: {len(wrong)} of {len(summary.spectra)} spectra: {said}"


def _damage_lines(summary: Summary) -> Iterator[str]:
    if summary.damage is not None:
        without = ", or continue the run with solbench resume" if summary.damage.can_go_on else ""
        yield (
            "DAMAGED: all that follows is of what was recorded before the damage. Put the journal back from a copy, "
            f"and run solbench recover{without}"
        )


def _bench_lines(summary: Summary) -> Iterator[str]:
    """Yield what is known of the bench, where there is anything to say of it."""
    unit = f"unit {summary.unit}" if summary.unit not in ("", IDEAL) else ""
    found = summary.commissioning
    if found is not None:
        lacking = f", without {', '.join(found.not_passed)}" if found.not_passed else ""
        known = f"commissioned {found.made[:10]} by {found.by}{lacking} ({found.name})"
        yield f"bench: {unit}, {known}" if unit else f"bench: {known}"
    elif unit:
        yield f"bench: {unit}, not commissioned"


def _comparison_line(found: ComparisonSummary) -> str:
    """Return what did not agree with the record of the cell; it comes before every number that follows from it."""
    first = Compared(
        code=found.code,
        grade=found.grade,
        seen=found.seen,
        low=found.low,
        high=found.high,
        unit=found.unit,
        causes=found.causes,
    )
    times = f" ({found.count} times)" if found.count > 1 else ""
    return f"{'DOUBT' if found.grade == 'doubt' else 'STOPPED'}: {comparison_in_words(first)}{times}"


def _step_line(step: StepSummary) -> str:
    capacity, stderr = step.areal_capacity_mAh_cm2, step.areal_capacity_stderr_mAh_cm2
    shown = " " * 26
    if capacity is not None:
        known = f"+- {_small(stderr)}" if stderr is not None else " " * 9
        shown = f"{capacity:8.4f} {known} mAh/cm2"
    gaps = f", {_gaps(step)}" if step.interruptions else ""
    if step.doubtful_s:
        doubtful = f"{step.doubtful_areal_capacity_mAh_cm2:.2g} mAh/cm2 uncertain"
        gaps += f", readings in doubt for {step.doubtful_s / 60.0:.2g} min, {doubtful}"
    values = f" ({row_in_words(step.values)})" if step.values else ""
    name = f"{step.name}{values}"
    return (
        f"  {name:<16} {shown}  {step.duration_s / 3600.0:7.3f} h  {step.end_reason or 'in progress'}{gaps}"
    )


def _gaps(step: StepSummary) -> str:
    """Return how often nobody watched the cell, and what is assumed to have flowed meanwhile."""
    times = "once" if step.interruptions == 1 else f"{step.interruptions} times"
    minutes = f"{step.unwatched_s / 60.0:.3g} min unwatched"
    return f"interrupted {times}, {minutes}, {step.unwatched_areal_capacity_mAh_cm2:.2g} mAh/cm2 assumed"


def _small(stderr: float) -> str:
    """Return an uncertainty with four decimals, with one digit where these would say that there is none."""
    return f"{stderr:.4f}" if stderr >= 5e-5 else f"{stderr:.0e}"


def _spectrum_line(spectrum: SpectrumSummary, has_states: bool) -> str:
    quality = f", KK {100.0 * spectrum.kk_residual:.2f} %" if spectrum.kk_residual is not None else ""
    fitted = ""
    if spectrum.r_sse_ohm is not None:
        fitted = f", R_SSE {in_ascii(spectrum.r_sse_ohm, spectrum.r_sse_stderr_ohm, 'ohm')}"
    value, stderr = spectrum.r_interface_ohm, spectrum.r_interface_stderr_ohm
    if is_reference(value, stderr):
        fitted += f", R_int {BY_DEFINITION}"
    elif value is not None:
        fitted += f", R_int {in_ascii(value, stderr, 'ohm')}"
    if spectrum.alone is not None and value is not None:
        total, total_stderr = spectrum.alone.r_total_ohm, spectrum.alone.r_total_stderr_ohm
        if total is not None and not math.isclose(total, spectrum.alone.r_sse_ohm or 0.0):
            fitted += f", fitted alone R_total {in_ascii(total, total_stderr, 'ohm')}"
    if spectrum.r_dc_ohm is not None:
        fitted += f", R_dc {spectrum.r_dc_ohm:.4g} ohm"
    if spectrum.behind_short_circuit:
        fitted += ", after a short circuit"
    if spectrum.verdict not in (None, "good"):
        fitted += f", {VERDICT_WORDS[spectrum.verdict].upper()}"
    state = f"{spectrum.areal_capacity_mAh_cm2:.4f} mAh/cm2, " if has_states else ""
    return (
        f"  spectrum {spectrum.index}{' (on demand)' if spectrum.asked else ''}: {spectrum.points} points"
        f"{f', {spectrum.points_left_out} left out,' if spectrum.points_left_out else ''} at "
        f"{state}{spectrum.dc_voltage_V:.4f} V{quality}{fitted}"
    )


def _not_reached(summary: Summary) -> Iterator[str]:
    """Say that the last spectrum has not shown all that a direct current meets, where that is so."""
    found = [one for one in summary.spectra if one.r_dc_ohm is not None and one.alone is not None]
    total = found[-1].alone.r_total_ohm if found and found[-1].alone is not None else None
    if total is None or found[-1].r_dc_ohm is None or found[-1].r_dc_ohm < BEYOND_ARCS * total:
        return
    yield (
        f"a direct current meets {found[-1].r_dc_ohm - total:.3g} ohm more than spectrum {found[-1].index} shows: "
        "slower than its lowest frequency; measure to 10 mHz"
    )
