"""The electronic conductivity of a DC polarization, from the readings of a run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solbench.acquisition.bench.commissioning.record import parse_record
from solbench.acquisition.record.bodies.measured import AFTER_RANGE_CHANGE_S
from solbench.acquisition.record.events import Phase, RangeChange, SegmentEnd, SegmentStart, ZeroRead
from solbench.acquisition.record.folds import StepRecord
from solbench.acquisition.record.reader import Run
from solbench.fitting.dc_polarization import (
    LEAST_READINGS,
    Baseline,
    DcResult,
    Leakage,
    Transient,
    electronic_conductivity,
)
from solbench.fitting.geometry import Geometry
from solbench.protocols.segments import Polarization

OFF, SURELY = 3e-3, 4.0  # of a voltage, both of whose meters may be 0.15 % off; and so many standard errors
NOTHING = 0.1  # of the voltage that was set: what is read where none stands, offsets of the meter
NONE_STOOD = "0 V stood where a voltage was to be set"


@dataclass(frozen=True)
class _Part:
    """A part of a DC polarization: its voltage, its samples, and when (s of the run) which range was taken."""

    voltage_V: float
    start_s: float
    stop_s: float
    samples: NDArray[Any]
    changes: list[tuple[float, int]]

    @property
    def use(self) -> NDArray[np.bool_]:
        """Get which samples show the current of the cell: those of a range that held it, once it had settled.

        A larger range (a smaller number) is taken only after a cut-out, and since when the cell had been off is not
        known: the current that such a range shows is none.
        """
        times_s = self.samples["time_s"]
        use = np.ones(len(times_s), bool)
        for (change_s, own), (next_s, later) in pairwise([*self.changes, (np.inf, np.inf)]):
            until_s = next_s if later < own else change_s + AFTER_RANGE_CHANGE_S
            use &= ~((times_s >= change_s) & (times_s < until_s))
        return use


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
    """Return the result of all finished DC polarizations of a run, as one series; its transients are in their order.

    None where there is none, or where no transient has enough readings for a fit. Where a person has set other
    temperatures in between, it is that of the last one.
    """
    found = conductivities(run)
    return found[-1][1] if found else None


def conductivities(run: Run) -> list[tuple[StepRecord, DcResult]]:
    """Return the result at each temperature that a person has set, with the first step of it, in order."""
    steps = {step.index: step for step in run.steps}
    groups: dict[int, list[_Polarized]] = {}
    for one in _series(run):
        groups.setdefault(steps[one.step].conditions.times_set[0], []).append(one)
    found = ((steps[group[0].step], _result(run, group)) for group in groups.values())
    return [(step, result) for step, result in found if result is not None]


def _result(run: Run, series: list[_Polarized]) -> DcResult | None:
    measured = [transient for one in series for transient in one.transients]
    transients = [transient for transient in measured if transient.can_be_fitted]
    if not transients:
        return None
    result = electronic_conductivity(
        transients,
        run_geometry(run),
        [one.baseline for one in series],
        offset_scatter_A=_zero_scatter(run, {one.ordinal for one in series}),
        leakage=leakage_of(run),
    )
    if none := sum(one.voltage_V == 0.0 for one in measured):
        left_out = f"{none} of {len(measured)} transients left out: {NONE_STOOD}"
        return replace(result, verdict=f"{result.verdict}; {left_out}")
    return result


def leakage_of(run: Run) -> Leakage | None:
    """Return what the open leads let flow by the run's commissioning record; None without one."""
    found = run.commissioning
    if found is None:
        return None
    known = parse_record(found.text, found.name).values.pair_leads.conductance_S
    return Leakage(known.value, known.stderr)


def run_transients(run: Run) -> list[Transient]:
    """Return the transients of all finished DC polarizations of a run that can be fitted; none where there is none."""
    return [one for series in _series(run) for one in series.transients if one.can_be_fitted]


def why_no_conductivity(run: Run) -> str | None:
    """Return why the DC polarizations of a run tell no conductivity; None where they do, and where there is none."""
    transients = [one for series in _series(run) for one in series.transients]
    if not transients or any(one.can_be_fitted for one in transients):
        return None
    held = [one for one in transients if one.voltage_V != 0.0]
    if not held:
        return f"not given: {NONE_STOOD}; write one that the instrument can set"
    most = max(len(one.time_s) for one in held)
    return (
        f"not given: {most} stored readings of a transient, at least {LEAST_READINGS} are needed; "
        "store them more often (record.every)"
    )


@dataclass(frozen=True)
class _Polarized:
    """One finished polarization: its baseline, and the transient of each sign; `step` is the index of its step."""

    ordinal: int
    step: int
    baseline: Baseline
    transients: list[Transient]


def _series(run: Run) -> list[_Polarized]:
    """Return the finished polarizations of a run in order; of each its last attempt."""
    found: dict[int, _Polarized] = {}
    for time_s, end in run.bodies(SegmentEnd):
        if end.segment == Polarization.__name__ and end.outcome == "done":
            found[end.ordinal] = _polarized(run, time_s, end)
    return list(found.values())


def _polarized(run: Run, end_s: float, end: SegmentEnd) -> _Polarized:
    begun_s, start = max(
        (
            (at_s, one)
            for at_s, one in run.bodies(SegmentStart)
            if one.ordinal == end.ordinal and at_s <= end_s
        ),
        key=lambda pair: pair[0],
    )
    baseline, *steps = _parts(run, begun_s, end_s, end.step, end.ordinal)
    samples = baseline.samples[baseline.use]
    samples = samples[samples["range"] == samples["range"].max(initial=0)]
    planned = start.segment if isinstance(start.segment, Polarization) else None
    return _Polarized(
        end.ordinal,
        end.step,
        Baseline(samples["time_s"] - baseline.start_s, samples["current_A"]),
        [_transient(part, _was_steady(part, end, planned), baseline) for part in steps],
    )


def _was_steady(part: _Part, end: SegmentEnd, planned: Polarization | None) -> bool | None:
    """Say whether a part ended as steady, by the rule of the step alone; None where that was not recorded."""
    if end.quantity != "steady":
        return None
    if end.value == 1.0:
        return True
    if planned is None or planned.at_most_s <= 0.0:
        return False
    return part.stop_s - part.start_s < planned.at_most_s  # it ended before its time was over


def _parts(run: Run, start_s: float, end_s: float, step: int, ordinal: int) -> list[_Part]:
    """Return the parts of an attempt, the baseline first."""
    phases = [(time_s, phase) for time_s, phase in run.bodies(Phase) if start_s <= time_s <= end_s]
    changes = [(time_s, one.range) for time_s, one in run.bodies(RangeChange)]
    begins_s = [time_s for time_s, _ in phases]
    # The range on which a part begins is taken just before it.
    opened_s = [begin_s - 1.0 for begin_s in begins_s] + [end_s]
    samples = run.samples_of(step)
    samples = samples[samples["segment"] == ordinal]
    parts = []
    for (begin_s, phase), stop_s, (from_s, to_s) in zip(
        phases, [*begins_s[1:], end_s], pairwise(opened_s), strict=True
    ):
        inside = (samples["time_s"] >= begin_s) & (samples["time_s"] < stop_s)
        within = [change for change in changes if from_s <= change[0] < to_s]
        parts.append(_Part(phase.voltage_V, begin_s, stop_s, samples[inside], within))
    return parts


def _transient(part: _Part, steady: bool | None, baseline: _Part) -> Transient:
    samples, voltage_V = part.samples, _stood_V(part, baseline)
    return Transient(voltage_V, samples["time_s"] - part.start_s, samples["current_A"], part.use, steady)


def _stood_V(part: _Part, baseline: _Part) -> float:
    """Return the voltage (V) of a part: the one that was set, unless another one was surely read, beside the baseline.

    As where an instrument sets whole millivolts; 0 where none of it was left.
    """
    with_V, without_V = (each.samples["voltage_V"][each.use] for each in (part, baseline))
    if part.voltage_V == 0.0 or min(len(with_V), len(without_V)) < LEAST_READINGS:
        return part.voltage_V
    stood_V = float(np.mean(with_V) - np.mean(without_V))
    stderr_V = float(np.hypot(np.std(with_V) / len(with_V) ** 0.5, np.std(without_V) / len(without_V) ** 0.5))
    is_another = abs(stood_V - part.voltage_V) > OFF * abs(part.voltage_V) + SURELY * stderr_V
    if not is_another:
        return part.voltage_V
    return stood_V if abs(stood_V) > NOTHING * abs(part.voltage_V) else 0.0


def _zero_scatter(run: Run, ordinals: set[int]) -> float:
    """Return the standard error (A) of the zero on the smallest range used, the largest of the series."""
    last = {zero.segment: zero.stderr_A for _, zero in run.bodies(ZeroRead) if zero.segment in ordinals}
    return max(last.values(), default=0.0)
