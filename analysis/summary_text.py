"""The summary of a run as lines for people."""

from collections.abc import Iterator

from solbench.acquisition.record.events import Compared, in_words
from solbench.analysis.summary import ComparisonSummary, GaugeSummary, SpectrumSummary, StepSummary, Summary
from solbench.fitting.reference_state import BY_DEFINITION, is_reference


def as_text(summary: Summary) -> str:
    """Return a summary as lines for people."""
    mark = ", SIMULATED" if summary.simulated else ""
    lines = [
        f"{summary.protocol} on {summary.cell} ({summary.build}){mark}",
        _end_line(summary),
        f"{summary.samples} samples in {summary.run}",
        *(_comparison_line(comparison) for comparison in summary.comparisons),
        *(_step_line(step) for step in summary.steps),
        *(_spectrum_line(spectrum) for spectrum in summary.spectra),
        *_efficiency_lines(summary),
        *_material_lines(summary),
        *(_gauge_line(gauge) for gauge in summary.gauges),
    ]
    return "\n".join(lines)


def _efficiency_lines(summary: Summary) -> Iterator[str]:
    efficiencies = zip(summary.coulombic_efficiency, summary.coulombic_efficiency_stderr, strict=True)
    for number, (efficiency, stderr) in enumerate(efficiencies, 1):
        shown = f"{efficiency:.4f} +- {stderr:.4f}" if efficiency is not None else "not determined"
        yield f"Coulombic efficiency {number}: {shown}"
    if summary.uncertainty_source is not None:
        yield f"+- of charges and efficiencies, one standard uncertainty: {summary.uncertainty_source}"


def _material_lines(summary: Summary) -> Iterator[str]:
    growth, stderr = summary.r_interface_growth_ohm, summary.r_interface_growth_stderr_ohm
    if growth is not None:
        yield f"growth of the interfacial resistance {growth:.5g} +- {stderr:.2g} ohm"
    ionic, stderr = summary.ionic_conductivity_S_cm, summary.ionic_conductivity_stderr_S_cm
    if ionic is not None:
        yield f"ionic conductivity {ionic:.4g} +- {stderr:.2g} S/cm"
    sigma, stderr = summary.electronic_conductivity_S_cm, summary.electronic_conductivity_stderr_S_cm
    if sigma is not None:
        sign = "< " if summary.electronic_conductivity_is_bound else ""
        error = f" +- {stderr:.2g}" if stderr is not None else ""
        steady = "steady" if summary.steady_state else "not steady"
        yield f"electronic conductivity {sign}{sigma:.3g}{error} S/cm ({steady})"


def _gauge_line(gauge: GaugeSummary) -> str:
    lost = f", stopped answering {gauge.lost} times" if gauge.lost else ""
    if gauge.mean is None:
        return f"{gauge.name}: not read{lost}"
    span = f"{gauge.lowest:.6g} to {gauge.highest:.6g}"
    return f"{gauge.name}: {gauge.mean:.6g} {gauge.unit} ({span}, {gauge.readings} readings{lost})"


def _end_line(summary: Summary) -> str:
    if summary.running:
        return f"NOT YET ENDED: {summary.end_reason}"
    return f"{'completed' if summary.completed else 'NOT COMPLETED'}: {summary.end_reason}"


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
    return f"{'DOUBT' if found.grade == 'doubt' else 'STOPPED'}: {in_words(first)}{times}"


def _step_line(step: StepSummary) -> str:
    capacity, stderr = step.areal_capacity_mAh_cm2, step.areal_capacity_stderr_mAh_cm2
    shown = " " * 26
    if capacity is not None:
        known = f"+- {_small(stderr)}" if stderr is not None else " " * 9
        shown = f"{capacity:8.4f} {known} mAh/cm2"
    gaps = f", {_gaps(step)}" if step.interruptions else ""
    return f"  {step.name:<16} {shown}  {step.duration_s / 3600.0:7.3f} h  {step.end_reason}{gaps}"


def _gaps(step: StepSummary) -> str:
    """Return how often nobody watched the cell, and what is assumed to have flowed meanwhile."""
    times = "once" if step.interruptions == 1 else f"{step.interruptions} times"
    minutes = f"{step.unwatched_s / 60.0:.3g} min unwatched"
    return f"interrupted {times}, {minutes}, {step.unwatched_areal_capacity_mAh_cm2:.2g} mAh/cm2 assumed"


def _small(stderr: float) -> str:
    """Return an uncertainty with four decimals, with one digit where these would say that there is none."""
    return f"{stderr:.4f}" if stderr >= 5e-5 else f"{stderr:.0e}"


def _spectrum_line(spectrum: SpectrumSummary) -> str:
    quality = f"KK {100.0 * spectrum.kk_residual:.2f} %" if spectrum.kk_residual is not None else ""
    fitted = f", R_SSE {spectrum.r_sse_ohm:.4g} ohm" if spectrum.r_sse_ohm is not None else ""
    value, stderr = spectrum.r_interface_ohm, spectrum.r_interface_stderr_ohm
    if is_reference(value, stderr):
        fitted += f", R_int {BY_DEFINITION}"
    elif value is not None:
        fitted += f", R_int {value:.4g}" + (f" +- {stderr:.1g}" if stderr is not None else "") + " ohm"
    return (
        f"  spectrum {spectrum.index}{' (on demand)' if spectrum.asked else ''}: {spectrum.points} points at "
        f"{spectrum.areal_capacity_mAh_cm2:.4f} mAh/cm2, {spectrum.dc_voltage_V:.4f} V {quality}{fitted}"
    )
