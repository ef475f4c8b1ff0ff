"""The electronic conductivity of a DC polarization, from the readings of a run."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solbench.acquisition.bench.commissioning.record import parse_record
from solbench.acquisition.record.bodies.measured import AFTER_RANGE_CHANGE_S
from solbench.acquisition.record.events import Phase, RangeChange, SegmentEnd, SegmentStart, ZeroRead
from solbench.acquisition.record.reader import Run
from solbench.fitting.dc_polarization import DcResult, Leakage, Transient, electronic_conductivity
from solbench.fitting.geometry import Geometry
from solbench.protocols.segments import Polarization


@dataclass(frozen=True)
class _Part:
    """A part of a DC polarization: its voltage, its samples, and when the ammeter's range changed (s of the run)."""

    voltage_V: float
    start_s: float
    samples: NDArray[Any]
    changes_s: list[float]


def run_geometry(run: Run) -> Geometry:
    """Return the geometry of the run's cell; the diameter's uncertainty counts twice in the area's."""
    cell = run.header.cell
    area_m2 = cell.required("area_m2")
    diameter_m = 2.0 * (area_m2 / np.pi) ** 0.5
    return Geometry(
        area_m2,
        cell.required("thickness_m"),
        2.0 * area_m2 * cell.required("diameter_uncertainty_m") / diameter_m,
        cell.required("thickness_uncertainty_m"),
    )


def run_conductivity(run: Run) -> DcResult | None:
    """Return the result of the last finished DC polarization of a run.

    None where there is none, or where a transient has too few readings for a fit.
    """
    end = _last_end(run)
    if end is None:
        return None
    baseline, *steps = _parts(run, *end)
    transients = [_transient(part) for part in steps]
    if not all(transient.can_be_fitted for transient in transients):
        return None
    quiet = baseline.samples["range"] == baseline.samples["range"].max(initial=0)
    return electronic_conductivity(
        transients,
        run_geometry(run),
        baseline.samples["current_A"][quiet],
        offset_scatter_A=_zero_scatter(run, end[1].ordinal),
        leakage=_leakage(run),
    )


def _leakage(run: Run) -> Leakage | None:
    """Return what the open leads let flow by the run's commissioning record; None without one."""
    found = run.commissioning
    if found is None:
        return None
    known = parse_record(found.text, found.name).values.pair_leads.conductance_S
    return Leakage(known.value, known.stderr)


def run_transients(run: Run) -> list[Transient]:
    """Return the transients of the last finished DC polarization of a run; none where there is none."""
    end = _last_end(run)
    return [_transient(part) for part in _parts(run, *end)[1:]] if end is not None else []


def _last_end(run: Run) -> tuple[float, SegmentEnd] | None:
    """Return the end of the last DC polarization, with its time; None where that was not finished."""
    ends = [(time_s, end) for time_s, end in run.bodies(SegmentEnd) if end.segment == Polarization.__name__]
    return ends[-1] if ends and ends[-1][1].outcome == "done" else None


def _parts(run: Run, end_s: float, end: SegmentEnd) -> list[_Part]:
    """Return the parts of the last attempt, the baseline first."""
    start_s = max(time_s for time_s, start in run.bodies(SegmentStart) if start.ordinal == end.ordinal)
    phases = [(time_s, phase) for time_s, phase in run.bodies(Phase) if time_s >= start_s]
    changes_s = [time_s for time_s, _ in run.bodies(RangeChange) if time_s >= start_s]
    stops_s = [time_s for time_s, _ in phases[1:]] + [end_s]
    samples = run.samples[run.samples["segment"] == end.ordinal]
    parts = []
    for (begin_s, phase), stop_s in zip(phases, stops_s, strict=True):
        inside = (samples["time_s"] >= begin_s) & (samples["time_s"] < stop_s)
        within = [change_s for change_s in changes_s if begin_s - 1.0 <= change_s < stop_s]
        parts.append(_Part(phase.voltage_V, begin_s, samples[inside], within))
    return parts


def _transient(part: _Part) -> Transient:
    samples = part.samples
    use = np.ones(len(samples), bool)
    for change_s in part.changes_s:
        use &= ~((samples["time_s"] >= change_s) & (samples["time_s"] < change_s + AFTER_RANGE_CHANGE_S))
    return Transient(part.voltage_V, samples["time_s"] - part.start_s, samples["current_A"], use)


def _zero_scatter(run: Run, ordinal: int) -> float:
    """Return the standard error (A) of the zero on the smallest range used."""
    zeros = [zero.stderr_A for _, zero in run.bodies(ZeroRead) if zero.segment == ordinal]
    return zeros[-1] if zeros else 0.0
