"""Potentiostatic intermittent titration: the diffusion coefficient from the current behind small steps of the voltage.

A charge dQ flows into a layer of length L through a resistance (Montella, J. Electroanal. Chem. 518 (2002) 61):
I = dQ/T sum 2 B^2/(B^2 + B + b^2) exp(-b^2 t/T), b tan b = B, with T = L^2/D and B the resistance of diffusion over
that of all the rest. Where B is small the rest limits, and the step tells no diffusion.

Soon after the current has turned, a part of the voltage follows the charge of the whole electrode and not that of its
surface: hysteresis turns with it. There the electrode is full sooner than by diffusion alone, and D would be told too
high. So only a share of the slope dE/dQ is that of the surface, and the share is fitted as well: then b is found from
b^2/B = share b cot b + 1 - share.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

import numpy as np

from solbench.acquisition.record.columns import PAUSED
from solbench.acquisition.record.folds import StepRecord
from solbench.acquisition.record.reader import Run
from solbench.analysis.experiments.experiment import Experiment, Found
from solbench.analysis.experiments.titrations.titration import (
    FEW_READINGS,
    Titration,
    TitrationStep,
    found_in,
    paint,
    titration_of,
    told_by,
)
from solbench.analysis.run_spectra import RunSpectra
from solbench.fitting.elements import Array
from solbench.protocols.plausible import LEAST_STEP_READINGS, TITRATION_STEP_V

LEAST_STEP_V, LARGEST_STEP_V = TITRATION_STEP_V
FLAT = 3.0  # times the usual charge of a millivolt: a plateau, where two phases stand beside each other
RUN_OUT = 0.06  # of the first current of a step: more is left of the step before, or of itself
MISFIT = 0.03  # of the current at the first reading that is fitted
LEAST_SHARE = 0.05  # of the slope of the voltage, which the surface has
LEAST_RATIO, MOST_RATIO = 0.1, 1e3  # of the resistance of diffusion to all the rest: below, the rest limits
LIMITED = "the current limit kept it from its voltage"
_EARLY = (0.002, 0.02)  # of a step: from where it is fitted, and from where once more
_LEAST_STEPS, _MOST_READINGS = 3, 150
_MODES = np.arange(100.0)


@dataclass(frozen=True)
class _Readings:
    time_s: Array
    current_A: Array


def analyse(spectra: RunSpectra) -> Found[Titration] | None:
    """Find the diffusion in a run in which three small voltage steps or more follow one another."""
    run = spectra.run
    found = list(_steps(run)) if run.header.cell.kind == "half" else []
    if len(found) < _LEAST_STEPS:
        return None
    per_V = [abs(charge_C / (step.after_V - step.before_V)) for step, charge_C, _ in found]
    usual_C_V = median(per_V)
    told = [
        _told(step, readings, plateau=one_C_V > FLAT * usual_C_V)
        for (step, _, readings), one_C_V in zip(found, per_V, strict=True)
    ]
    return found_in(titration_of(run, told), "step")


def roots(ratio: float, share: float = 1.0) -> Array:
    """Return the roots b of b^2/B = share b cot b + 1 - share, one between each k pi and (k + 1) pi.

    >>> bool(np.allclose(roots(2.0) * np.tan(roots(2.0)), 2.0))
    True
    """
    low, high = _MODES * math.pi, (_MODES + 1.0) * math.pi
    for _ in range(60):
        middle = 0.5 * (low + high)
        below = middle**2 / ratio < share * middle / np.tan(middle) + 1.0 - share
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    found: Array = 0.5 * (low + high)
    return found


def decay_per_s(time_s: Array, diffusion_s: float, ratio: float, share: float = 1.0) -> Array:
    """Return the current behind a step over the charge (1/s) that it brings in the end.

    >>> time_s = np.geomspace(1e-4, 2e4, 20000)
    >>> [round(float(np.trapezoid(decay_per_s(time_s, 1000.0, 2.0, share), time_s)), 3) for share in (1.0, 0.3)]
    [1.0, 1.0]
    """
    found = roots(ratio, share)
    weights = 1.0 / (1.0 / ratio + 0.5 * share * (1.0 / np.sin(found) ** 2 - 1.0 / (found * np.tan(found))))
    decay: Array = np.exp(-np.outer(time_s / diffusion_s, found**2)) @ weights / diffusion_s
    return decay


def _steps(run: Run) -> Iterator[tuple[TitrationStep, float, _Readings]]:
    """Yield the voltage steps with their charge (C): each held voltage behind another."""
    for before, step in pairwise(run.steps):
        if step.kind != "constant_voltage" or before.kind != "constant_voltage":
            continue
        earlier, own = (
            samples[(samples["flags"] & PAUSED) == 0]
            for samples in (run.samples_of(before.index), run.samples_of(step.index))
        )
        if len(own) == 0 or len(earlier) == 0 or not step.charge_C:
            continue
        before_V, after_V = (float(np.median(part["voltage_V"][-5:])) for part in (earlier, own))
        if not LEAST_STEP_V <= abs(after_V - before_V) <= LARGEST_STEP_V:
            continue
        reached = own[np.abs(own["voltage_V"] - after_V) < 0.1 * abs(after_V - before_V)]
        begin_s = float(reached["time_s"][0])
        readings = _Readings(reached["time_s"] - begin_s, reached["current_A"])
        left_A = float(np.median(earlier["current_A"][-5:]))
        charge_C = float(own["charge_C"][0])
        is_late = bool(step.limited) and begin_s - step.start_s > _EARLY[0] * (step.end_s - step.start_s)
        why = LIMITED if is_late else _why(before, step, readings, left_A)
        if min(len(own), len(earlier)) < LEAST_STEP_READINGS:
            why = FEW_READINGS
        yield TitrationStep(charge_C, before_V, after_V, why=why), step.charge_C, readings


def _why(before: StepRecord, step: StepRecord, readings: _Readings, left_A: float) -> str:
    """Say why a step tells nothing whatever its current was; "" where it may tell something."""
    if not step.in_one_piece:
        return "the step was cut"
    if not before.finished or before.interruptions or before.gaps:
        return "the step before it was cut"
    first_A = float(np.max(np.abs(readings.current_A)))
    if abs(left_A) > RUN_OUT * first_A:
        return "the current of the step before had not run out"
    if abs(float(np.median(readings.current_A[-5:]))) > RUN_OUT * first_A:
        return "its current had not run out"
    return ""


def _told(step: TitrationStep, readings: _Readings, *, plateau: bool) -> TitrationStep:
    if step.why:
        return step
    if plateau:
        return replace(step, why="plateau: no D")
    fits = [
        _fit(readings, _EARLY[0]),
        _fit(readings, _EARLY[1]),
        _fit(readings, _EARLY[0], rest=1),
        _fit(readings, _EARLY[0], shared=False),
    ]
    return told_by(step, fits, "the step does not tell it")


def _fit(
    readings: _Readings, early: float, *, rest: int = 0, shared: bool = True
) -> tuple[float, float] | str:
    """Fit the time of diffusion (s) to a step from a share of its time on; the reason where that cannot be.

    `rest`: 1 with a current that stays beside it, which another reaction may draw. Not `shared`: all of the voltage
    follows the surface.
    """
    whole_s = float(readings.time_s[-1])
    chosen = np.flatnonzero(readings.time_s >= early * whole_s)
    if len(chosen) < LEAST_STEP_READINGS:
        return FEW_READINGS
    places = np.unique(np.geomspace(1, len(chosen), _MOST_READINGS).astype(int)) - 1
    time_s, current_A = readings.time_s[chosen][places], readings.current_A[chosen][places]
    scale_A = float(np.max(np.abs(current_A)))
    # each reading stands for the time around it, so that the many late ones do not outweigh the early ones

    def linear(parameters: Array) -> tuple[Array, Array]:
        share = float(parameters[2]) if shared else 1.0
        shape = decay_per_s(time_s, math.exp(parameters[0]), math.exp(parameters[1]), share)
        design = np.stack([shape / np.max(shape), np.ones_like(shape)][: 1 + rest], axis=1)
        found = np.asarray(np.linalg.lstsq(design, current_A / scale_A, rcond=None)[0], float)
        return design @ found, found

    count = 3 if shared else 2
    from scipy.optimize import least_squares

    fit = least_squares(
        lambda parameters: linear(parameters)[0] - current_A / scale_A,
        [math.log(0.3 * whole_s), math.log(2.0), 0.8][:count],
        bounds=(
            [math.log(1e-3 * whole_s), math.log(1e-3), LEAST_SHARE][:count],
            [math.log(1e3 * whole_s), math.log(1e4), 1.0][:count],
        ),
    )
    if float(np.sqrt(np.mean(fit.fun**2))) > MISFIT:
        return "the current does not follow diffusion"
    if not LEAST_RATIO < math.exp(float(fit.x[1])) < MOST_RATIO:
        return "what limits the current is not diffusion" if fit.x[1] < 0.0 else "the step does not tell it"
    normal = fit.jac.T @ fit.jac
    if np.linalg.cond(normal) > 1e14:
        return "the step does not tell it"
    variance = float(np.sum(fit.fun**2)) / max(1, len(time_s) - count - 1) * np.linalg.inv(normal)[0, 0]
    diffusion_s = math.exp(float(fit.x[0]))
    return diffusion_s, diffusion_s * math.sqrt(max(variance, 0.0))


EXPERIMENT = Experiment(
    name="pitt",
    title="Potentiostatic titration: diffusion in the electrode",
    protocols=("pitt",),
    analyse=analyse,
    caption=(
        "Above: voltage before each step. Below: what each step tells, by diffusion into a layer through a resistance; "
        "bars are one standard uncertainty. Dotted: steps that tell nothing (plateau, cut, a current that had not run "
        "out, or no diffusion)."
    ),
    size_in=(5.4, 5.4),
    paint=paint,
)
