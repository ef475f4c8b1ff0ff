"""The electronic conductivity of a DC polarization, from the readings of a run."""

from __future__ import annotations

from typing import Any

import numpy as np

from solbench.acquisition.record.reader import Run
from solbench.fitting.dc_polarization import DcResult, Transient, electronic_conductivity
from solbench.fitting.geometry import Geometry

AFTER_RANGE_CHANGE_S = 10.0  # the readings that a change of range spoils


def run_geometry(run: Run) -> Geometry:
    """Return the geometry of the run's cell; the diameter's uncertainty counts twice in the area's."""
    quantities = run.header["cell"]["quantities"]
    area_m2 = quantities["area_m2"][0]
    diameter_m = 2.0 * (area_m2 / np.pi) ** 0.5
    return Geometry(
        area_m2,
        quantities["thickness_m"][0],
        2.0 * area_m2 * quantities["diameter_uncertainty_m"][0] / diameter_m,
        quantities["thickness_uncertainty_m"][0],
    )


def run_conductivity(run: Run) -> DcResult | None:
    """Return the result of the last finished DC polarization of a run, None where there is none."""
    found = _last_polarization(run)
    if found is None:
        return None
    ordinal, phases = found
    baseline = phases[0]
    smallest = baseline["samples"]["range"].max()
    quiet = baseline["samples"]["range"] == smallest
    return electronic_conductivity(
        run_transients(run),
        run_geometry(run),
        baseline["samples"]["current_A"][quiet],
        offset_scatter_A=_zero_scatter(run, ordinal),
    )


def run_transients(run: Run) -> list[Transient]:
    """Return the transients of the last finished DC polarization of a run; none where there is none."""
    found = _last_polarization(run)
    return [_transient(phase) for phase in found[1][1:]] if found is not None else []


def _last_polarization(run: Run) -> tuple[int, list[dict[str, Any]]] | None:
    """Return the segment and its phases, the baseline first."""
    ends = [event for event in run.of_kind("segment_end") if event.data["segment"] == "Polarization"]
    if not ends or ends[-1].data["outcome"] != "done":
        return None
    ordinal = ends[-1].data["ordinal"]
    return ordinal, _phases(run, ordinal, ends[-1].time_s)


def _phases(run: Run, ordinal: int, end_s: float) -> list[dict[str, Any]]:
    """Return the phases of the last attempt with their samples and the times of range changes."""
    start_s = max(event.time_s for event in run.of_kind("segment") if event.data["ordinal"] == ordinal)
    marks = [event for event in run.of_kind("phase") if event.time_s >= start_s]
    changes = [event.time_s for event in run.of_kind("range") if event.time_s >= start_s]
    ends = [event.time_s for event in marks[1:]] + [end_s]
    samples = run.samples[run.samples["segment"] == ordinal]
    phases = []
    for mark, stop_s in zip(marks, ends, strict=True):
        inside = (samples["time_s"] >= mark.time_s) & (samples["time_s"] < stop_s)
        within = [change for change in changes if mark.time_s - 1.0 <= change < stop_s]
        phases.append({"mark": mark, "samples": samples[inside], "changes": within})
    return phases


def _transient(phase: dict[str, Any]) -> Transient:
    samples = phase["samples"]
    use = np.ones(len(samples), bool)
    for change_s in phase["changes"]:
        use &= ~((samples["time_s"] >= change_s) & (samples["time_s"] < change_s + AFTER_RANGE_CHANGE_S))
    mark = phase["mark"]
    return Transient(mark.data["voltage_V"], samples["time_s"] - mark.time_s, samples["current_A"], use)


def _zero_scatter(run: Run, ordinal: int) -> float:
    """Return the standard error (A) of the zero on the smallest range used."""
    zeros = [event.data for event in run.of_kind("zero") if event.data["segment"] == ordinal]
    return zeros[-1]["stderr_A"] if zeros else 0.0
