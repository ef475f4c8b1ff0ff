"""Galvanostatic intermittent titration (Weppner, Huggins 1977): the diffusion coefficient of sodium in an electrode.

The rests tell the curve E(q) of the electrode. In a pulse the charge at the surface runs ahead of the mean by diffusion
into a layer of length L, I (t + (L^2/D) (1/3 - 2/pi^2 sum exp(-n^2 pi^2 D t/L^2)/n^2)), in its beginning the law of the
square root of time. It is fitted through E(q), so that a curve that bends within a pulse does no harm.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from solbench.acquisition.record.columns import PAUSED
from solbench.acquisition.record.folds import StepRecord
from solbench.acquisition.record.reader import Run
from solbench.analysis.experiments.experiment import Experiment, Found
from solbench.analysis.experiments.titrations.titration import (
    OWN,
    Titration,
    TitrationStep,
    found_in,
    paint,
    titration_of,
)
from solbench.analysis.run_spectra import RunSpectra
from solbench.fitting.elements import Array

if TYPE_CHECKING:
    from scipy.interpolate import PchipInterpolator

Samples = np.ndarray[Any, Any]

LEAST_CHANGE_V = 2e-3  # of the voltage at rest by a pulse
FLAT = 0.2  # of the usual change: less is a plateau, where two phases stand beside each other
LARGEST_CHANGE_V = 0.05  # more, and the curve between two rests is not known
STILL_V_s = 0.1e-3 / 3600.0  # a rest that moves faster is none
MISFIT = 0.05  # of the rise in a pulse: more, and it is not diffusion
_LEAST_PULSES = 3
_AT_REST_S = 300.0  # the mean of so long at the end of a rest is its voltage
_EARLY = (0.02, 0.1)  # of a pulse: from where it is fitted, and from where once more
_TERMS = 1 + np.arange(200.0)
_FLOWS = 0.5


@dataclass(frozen=True)
class _Readings:
    current_A: float
    time_s: Array
    voltage_V: Array


def analyse(spectra: RunSpectra) -> Found[Titration] | None:
    """Find the diffusion in a run with three pulses of one direction or more, each between two rests."""
    run = spectra.run
    found = list(_pulses(run)) if run.header.cell.kind == "half" else []
    if len(found) < _LEAST_PULSES:
        return None
    usual_V = median(abs(pulse.after_V - pulse.before_V) for pulse, _ in found)
    pulses = tuple(
        _told(pulse, readings, usual_V, _curve([each for each, _ in found], readings.current_A))
        for pulse, readings in found
    )
    return found_in(titration_of(run, pulses), "pulse")


def ahead_C(current_A: float, time_s: Array, diffusion_s: float) -> Array:
    """Return the charge (C) at the surface beyond that before a pulse, as a mean over the electrode would have it.

    >>> surface, mean = ahead_C(1e-3, np.array([900.0]), 100.0), 1e-3 * 900.0
    >>> round(float(surface[0] - mean), 4)  # in the end it is ahead by a third of the time of diffusion
    0.0333
    """
    decays = np.exp(-np.outer(time_s / diffusion_s, (math.pi * _TERMS) ** 2)) / _TERMS**2
    settled: Array = 1.0 / 3.0 - 2.0 / math.pi**2 * decays.sum(axis=1)
    whole: Array = current_A * (time_s + diffusion_s * settled)
    return whole


def _pulses(run: Run) -> Iterator[tuple[TitrationStep, _Readings]]:
    """Yield the pulses: each current between two rests."""
    for before, step, after in zip(run.steps, run.steps[1:], run.steps[2:], strict=False):
        if not step.current_A or before.kind != "rest" or after.kind != "rest" or after.end is None:
            continue
        parts = [run.samples_of(each.index) for each in (before, step, after)]
        own = parts[1][np.abs(parts[1]["current_A"]) > _FLOWS * abs(step.current_A)]
        own = own[(own["flags"] & PAUSED) == 0]
        if any(len(part) < 10 for part in (parts[0], own, parts[2])):
            continue
        before_V, after_V = (_at_rest_V(part) for part in (parts[0], parts[2]))
        pulse = TitrationStep(float(own["charge_C"][0]), before_V, after_V, why=_why(step, after, parts[2]))
        yield pulse, _Readings(step.current_A, own["time_s"] - step.start_s, own["voltage_V"])


def _at_rest_V(samples: Samples) -> float:
    last = samples["time_s"] >= samples["time_s"][-1] - _AT_REST_S
    return float(np.mean(samples["voltage_V"][last]))


def _why(step: StepRecord, rest: StepRecord, samples: Samples) -> str:
    """Say why a pulse tells nothing whatever its voltage was; "" where it may tell something."""
    if not step.in_one_piece:
        return "the pulse was cut"
    if not rest.finished or rest.interruptions or rest.gaps:
        return "the rest after it was cut short"
    half = samples[samples["time_s"] >= 0.5 * (samples["time_s"][0] + samples["time_s"][-1])]
    slope, covariance = np.polyfit(half["time_s"] - half["time_s"][0], half["voltage_V"], 1, cov=True)
    if abs(slope[0]) - 2.0 * math.sqrt(covariance[0, 0]) > STILL_V_s:
        return "the voltage in the rest after it still moves by more than 0.1 mV/h"
    return ""


def _curve(pulses: Sequence[TitrationStep], current_A: float) -> PchipInterpolator | None:
    """Return the voltage at rest against the charge (C), along the pulses of one direction."""
    charge_C = [pulse.charge_C for pulse in pulses]
    voltage_V = [pulse.before_V for pulse in pulses]
    if len(pulses) > 1:  # the last rest stands behind the last pulse
        charge_C.append(charge_C[-1] + (charge_C[-1] - charge_C[-2]))
        voltage_V.append(pulses[-1].after_V)
    along = np.array(charge_C) * np.sign(current_A)
    if not np.all(np.diff(along) > 0.0):
        return None
    from scipy.interpolate import PchipInterpolator  # takes a moment to load, and most commands do without

    return PchipInterpolator(along, voltage_V, extrapolate=False)


def _told(
    pulse: TitrationStep, readings: _Readings, usual_V: float, curve: PchipInterpolator | None
) -> TitrationStep:
    change_V = abs(pulse.after_V - pulse.before_V)
    if pulse.why:
        return pulse
    if change_V < max(LEAST_CHANGE_V, FLAT * usual_V):
        return replace(pulse, why="plateau: no D")
    if change_V > LARGEST_CHANGE_V:
        return replace(pulse, why="the voltage at rest changes too much in one pulse")
    if curve is None:
        return replace(pulse, why="the pulses go both ways")
    fits = [_fit(pulse, readings, curve, early) for early in _EARLY]
    if isinstance(fits[0], str) or isinstance(fits[1], str):
        return replace(pulse, why=next(fit for fit in fits if isinstance(fit, str)))
    time_s, stderr_s = fits[0]
    stderr_s = math.hypot(stderr_s, 0.5 * (fits[1][0] - time_s), OWN * time_s)
    if stderr_s > 0.5 * time_s:
        return replace(pulse, why="the pulse does not tell it")
    return replace(pulse, time_s=time_s, stderr_s=stderr_s)


def _fit(
    pulse: TitrationStep, readings: _Readings, curve: PchipInterpolator, early: float
) -> tuple[float, float] | str:
    """Fit the time of diffusion (s) to a pulse from a share of its time on; the reason where that cannot be."""
    whole_s = float(readings.time_s[-1])
    chosen = readings.time_s >= early * whole_s
    time_s, voltage_V = readings.time_s[chosen], readings.voltage_V[chosen]
    thin = max(1, len(time_s) // 150)
    time_s, voltage_V = time_s[::thin], voltage_V[::thin]
    sign, current_A = np.sign(readings.current_A), readings.current_A
    start_C = sign * pulse.charge_C
    last_C = float(curve.x[-1])

    def model(parameters: Array) -> Array:
        surface = start_C + sign * ahead_C(current_A, time_s, math.exp(parameters[0]))
        found: Array = curve(np.minimum(surface, last_C)) + current_A * parameters[1]
        return found

    from scipy.optimize import least_squares

    fit = least_squares(
        lambda parameters: 1e3 * (model(parameters) - voltage_V),
        [math.log(3.0 * whole_s), (voltage_V[0] - pulse.before_V) / current_A],
        x_scale=[1.0, 10.0],
    )
    diffusion_s = math.exp(float(fit.x[0]))
    if start_C + abs(ahead_C(current_A, time_s[-1:], diffusion_s)[0]) > last_C:
        return "the curve is not known as far as the surface went"
    left_V = 1e-3 * float(np.sqrt(np.mean(fit.fun**2)))
    rise_V = abs(voltage_V[-1] - voltage_V[0])
    if left_V > max(MISFIT * rise_V, 5e-5):
        return "the voltage in the pulse does not follow diffusion"
    normal = fit.jac.T @ fit.jac
    if np.linalg.cond(normal) > 1e14:
        return "the pulse does not tell it"
    variance = float(np.sum(fit.fun**2)) / max(1, len(time_s) - 2) * np.linalg.inv(normal)[0, 0]
    return diffusion_s, diffusion_s * math.sqrt(max(variance, 0.0))


EXPERIMENT = Experiment(
    name="gitt",
    title="Intermittent titration: diffusion in the electrode",
    protocols=("gitt",),
    analyse=analyse,
    caption=(
        "Above: voltage at the end of each rest. Below: what each pulse tells, by diffusion through the curve of the "
        "rests; bars are one standard uncertainty. Dotted: pulses that tell nothing (plateau, cut, a rest that still "
        "moves, or no diffusion)."
    ),
    size_in=(5.4, 5.4),
    paint=paint,
)
