"""The summary of a run: one object with the numbers that the experiments are for; null where they do not apply."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from solbench.acquisition.control.outcome import end_words, goes_on
from solbench.acquisition.record.folds import SpectrumRecord, StepRecord
from solbench.acquisition.record.reader import Run
from solbench.analysis.cycling import GAIN_SOURCE, areal_capacity_mAh_cm2
from solbench.analysis.polarization import run_conductivity
from solbench.analysis.report.cycles import Cycle, cycles_of
from solbench.analysis.run_spectra import RunSpectra
from solbench.fitting.dc import DcResult
from solbench.fitting.reference import BY_DEFINITION, is_reference

S_CM_IN_S_M = 100.0


def summarise(run: Run) -> dict[str, Any]:
    """Return the summary of a run as plain values; keys carry their units."""
    area_m2 = run.header["cell"]["quantities"]["area_m2"][0]
    spectra = RunSpectra(run)
    cycles = cycles_of(run)
    stderr_C = _charge_errors(cycles)
    return {
        "run": str(run.path),
        "simulated": run.simulated,
        "completed": run.completed,
        "end_reason": end_words(run),
        "running": run.end is None and goes_on(str(run.header["run"])) is not None,
        "protocol": run.header["protocol"]["name"],
        "cell": run.header["cell"]["name"],
        "build": run.header["cell"]["build"],
        "samples": len(run.samples),
        "simulated_s": run.events[-1].time_s if run.simulated else None,
        "wall_s": None,
        "steps": [_step(step, area_m2, stderr_C.get(step.index)) for step in run.steps],
        "coulombic_efficiency": [_value(cycle) for cycle in cycles],
        "coulombic_efficiency_stderr": [_stderr(cycle) for cycle in cycles],
        "uncertainty_source": GAIN_SOURCE if cycles else None,
        "spectra": [_spectrum(spectra, record, area_m2) for record in run.spectra],
        **spectra.growth(),
        **spectra.ionic_conductivity(),
        **_electronic(run_conductivity(run)),
    }


def _charge_errors(cycles: Sequence[Cycle]) -> dict[int, float]:
    """Return the standard uncertainty of the charge (C) of each constant-current step by its index."""
    found = {cycle.first.index: cycle.first_charge.stderr_C() for cycle in cycles}
    for cycle in cycles:
        if cycle.second is not None and cycle.second_charge is not None:
            found[cycle.second.index] = cycle.second_charge.stderr_C()
    return found


def _value(cycle: Cycle) -> float | None:
    return cycle.efficiency.value if cycle.efficiency is not None else None


def _stderr(cycle: Cycle) -> float | None:
    return cycle.efficiency.stderr if cycle.efficiency is not None else None


def _step(step: StepRecord, area_m2: float, stderr_C: float | None) -> dict[str, Any]:
    ending = step.ending
    by_charge = ending.get("quantity") == "charge" and step.finished
    return {
        "index": step.index,
        "name": step.name,
        "kind": step.kind,
        "cycle": step.cycle,
        "end_reason": ending.get("text"),
        "duration_s": step.end_s - step.start_s,
        "areal_capacity_mAh_cm2": areal_capacity_mAh_cm2(step.charge_C, area_m2) if step.current_A else None,
        "areal_capacity_stderr_mAh_cm2": areal_capacity_mAh_cm2(stderr_C, area_m2) if stderr_C else None,
        "overshoot_ppm": (ending["value"] / ending["limit"] - 1.0) * 1e6 if by_charge else None,
        "worst_gap_s": step.worst_gap_s,
        "missed_readings": step.missed_readings,
    }


def _spectrum(spectra: RunSpectra, record: SpectrumRecord, area_m2: float) -> dict[str, Any]:
    quality = spectra.quality(record)
    results = spectra.of(record)
    return {
        "index": record.spectrum,
        "asked": record.conditions.get("role") == "asked",
        "areal_capacity_mAh_cm2": areal_capacity_mAh_cm2(record.conditions["step_charge_C"], area_m2),
        "points": len(spectra.run.points_of(record)),
        "dc_voltage_V": record.conditions["dc_voltage_V"],
        "r_sse_ohm": results["r_sse_ohm"],
        "r_interface_ohm": results["r_interface_ohm"],
        "r_interface_stderr_ohm": results["r_interface_stderr_ohm"],
        "kk_residual": quality.residual if quality is not None else None,
        "fit_over_kk": results["fit_over_kk"],
        "verdict": results["verdict"],
    }


def _electronic(result: DcResult | None) -> dict[str, Any]:
    if result is None:
        names = (
            "electronic_conductivity_S_cm",
            "electronic_conductivity_stderr_S_cm",
            "electronic_conductivity_is_bound",
        )
        return dict.fromkeys((*names, "steady_state"))
    stderr = result.sigma_stderr_S_m / S_CM_IN_S_M
    return {
        "electronic_conductivity_S_cm": result.sigma_S_m / S_CM_IN_S_M,
        "electronic_conductivity_stderr_S_cm": stderr if math.isfinite(stderr) else None,
        "electronic_conductivity_is_bound": result.is_bound,
        "steady_state": result.steady,
    }


def as_text(summary: dict[str, Any]) -> str:
    """Return a summary as lines for people."""
    lines = [
        f"{summary['protocol']} on {summary['cell']} ({summary['build']})"
        + (", SIMULATED" if summary["simulated"] else ""),
        _end_line(summary),
        f"{summary['samples']} samples in {summary['run']}",
    ]
    lines += [_step_line(step) for step in summary["steps"]]
    lines += [_spectrum_line(spectrum) for spectrum in summary["spectra"]]
    efficiencies = zip(summary["coulombic_efficiency"], summary["coulombic_efficiency_stderr"], strict=True)
    for number, (efficiency, stderr) in enumerate(efficiencies, 1):
        shown = f"{efficiency:.4f} +- {stderr:.4f}" if efficiency is not None else "not determined"
        lines.append(f"Coulombic efficiency {number}: {shown}")
    if summary["uncertainty_source"] is not None:
        lines.append(
            f"+- of charges and efficiencies, one standard uncertainty: {summary['uncertainty_source']}"
        )
    if summary["r_interface_growth_ohm"] is not None:
        growth, stderr = summary["r_interface_growth_ohm"], summary["r_interface_growth_stderr_ohm"]
        lines.append(f"growth of the interfacial resistance {growth:.5g} +- {stderr:.2g} ohm")
    if summary["ionic_conductivity_S_cm"] is not None:
        ionic, stderr = summary["ionic_conductivity_S_cm"], summary["ionic_conductivity_stderr_S_cm"]
        lines.append(f"ionic conductivity {ionic:.4g} +- {stderr:.2g} S/cm")
    sigma = summary["electronic_conductivity_S_cm"]
    if sigma is not None:
        sign = "< " if summary["electronic_conductivity_is_bound"] else ""
        stderr = summary["electronic_conductivity_stderr_S_cm"]
        error = f" +- {stderr:.2g}" if stderr is not None else ""
        steady = "steady" if summary["steady_state"] else "not steady"
        lines.append(f"electronic conductivity {sign}{sigma:.3g}{error} S/cm ({steady})")
    return "\n".join(lines)


def _end_line(summary: dict[str, Any]) -> str:
    if summary["running"]:
        return f"NOT YET ENDED: {summary['end_reason']}"
    return f"{'completed' if summary['completed'] else 'NOT COMPLETED'}: {summary['end_reason']}"


def _step_line(step: dict[str, Any]) -> str:
    capacity = step["areal_capacity_mAh_cm2"]
    shown = " " * 26
    if capacity is not None:
        stderr = step["areal_capacity_stderr_mAh_cm2"]
        known = f"+- {_small(stderr)}" if stderr is not None else " " * 9
        shown = f"{capacity:8.4f} {known} mAh/cm2"
    return f"  {step['name']:<16} {shown}  {step['duration_s'] / 3600.0:7.3f} h  {step['end_reason']}"


def _small(stderr: float) -> str:
    """Return an uncertainty with four decimals, with one digit where these would say that there is none."""
    return f"{stderr:.4f}" if stderr >= 5e-5 else f"{stderr:.0e}"


def _spectrum_line(spectrum: dict[str, Any]) -> str:
    quality = f"KK {100.0 * spectrum['kk_residual']:.2f} %" if spectrum["kk_residual"] is not None else ""
    fitted = ""
    if spectrum["r_sse_ohm"] is not None:
        fitted = f", R_SSE {spectrum['r_sse_ohm']:.4g} ohm"
    value, stderr = spectrum["r_interface_ohm"], spectrum["r_interface_stderr_ohm"]
    if is_reference(value, stderr):
        fitted += f", R_int {BY_DEFINITION}"
    elif value is not None:
        fitted += f", R_int {value:.4g}" + (f" +- {stderr:.1g}" if stderr is not None else "") + " ohm"
    return (
        f"  spectrum {spectrum['index']}{' (asked for)' if spectrum['asked'] else ''}: {spectrum['points']} points at "
        f"{spectrum['areal_capacity_mAh_cm2']:.4f} mAh/cm2, {spectrum['dc_voltage_V']:.4f} V {quality}{fitted}"
    )
