"""Galvanostatic intermittent titration (Weppner, Huggins 1977): the diffusion coefficient of sodium in an electrode.

The rests tell the curve E(q) of the electrode. In a pulse the charge at the surface runs ahead of the mean by diffusion
into a layer of length L, I (t + (L^2/D) (1/3 - 2/pi^2 sum exp(-n^2 pi^2 D t/L^2)/n^2)), in its beginning the law of the
square root of time. It is fitted through E(q), so that a curve that bends within a pulse does no harm.

Soon after the current has turned, a part of the voltage follows the charge of the whole electrode and not that of its
surface: hysteresis turns with it. Only a share of E(q) then sees what runs ahead, and a pulse alone, in which that goes
with share sqrt(L^2/D), would tell D too high. How fast the rest after it settles tells L^2/D whatever the share.
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
from solbench.protocols.plausible import LARGEST_PULSE_V, LEAST_PULSE_READINGS

if TYPE_CHECKING:
    from scipy.interpolate import PchipInterpolator

Samples = np.ndarray[Any, Any]

LEAST_CHANGE_V = 2e-3  # of the voltage at rest by a pulse
FLAT = 0.2  # of the usual change: less is a plateau, where two phases stand beside each other
STILL_V_s = 0.1e-3 / 3600.0  # a rest that moves faster is none
MISFIT = 0.05  # of the rise in a pulse: more, and it is not diffusion
_LEAST_PULSES = 3
_AT_REST_S = 300.0  # the mean of so long at the end of a rest is its voltage
LEAST_SHARE = 0.05  # of the slope of E(q), which the surface has
_EARLY = (0.02, 0.1)  # of a pulse: from where it and the rest are fitted, and from where once more
_MOST_READINGS = 150
_TERMS = 1 + np.arange(200.0)
_FLOWS = 0.5


@dataclass(frozen=True)
class _Readings:
    """Those of a pulse, and of the rest after it; times (s) from the beginning of the pulse, which lasts `pulse_s`."""

    current_A: float
    time_s: Array
    voltage_V: Array
    pulse_s: float
    rest_s: Array
    rest_V: Array


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
        fewest = min(len(part) for part in (parts[0], own, parts[2]))
        if fewest == 0:
            continue
        before_V, after_V = (_at_rest_V(part) for part in (parts[0], parts[2]))
        why = _why(step, after, parts[2]) if fewest >= LEAST_PULSE_READINGS else FEW_READINGS
        pulse = TitrationStep(float(own["charge_C"][0]), before_V, after_V, why=why)
        still = parts[2][np.abs(parts[2]["current_A"]) < _FLOWS * abs(step.current_A)]
        still = still[(still["flags"] & PAUSED) == 0]
        yield (
            pulse,
            _Readings(
                step.current_A,
                own["time_s"] - step.start_s,
                own["voltage_V"],
                step.end_s - step.start_s,
                still["time_s"] - step.start_s,
                still["voltage_V"],
            ),
        )


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
    if change_V > LARGEST_PULSE_V:
        return replace(pulse, why="the voltage at rest changes too much in one pulse")
    if curve is None:
        return replace(pulse, why="the pulses go both ways")
    fits = [
        _fit(pulse, readings, curve, _EARLY[0]),
        _fit(pulse, readings, curve, _EARLY[1]),
        _fit(pulse, readings, curve, _EARLY[0], shared=False),
    ]
    return told_by(pulse, fits, "the pulse does not tell it")


def _fit(
    pulse: TitrationStep, readings: _Readings, curve: PchipInterpolator, early: float, *, shared: bool = True
) -> tuple[float, float] | str:
    """Fit the time of diffusion (s) to a pulse from a share of its time on; the reason where that cannot be.

    Not `shared`: all of the curve is that of the surface, and the pulse alone tells it, without the rest after it.
    """
    sign, current_A, pulse_s = np.sign(readings.current_A), readings.current_A, readings.pulse_s
    time_s, voltage_V = _thinned(readings.time_s, readings.voltage_V, early * pulse_s)
    rest_s, rest_V = _thinned(readings.rest_s, readings.rest_V, (1.0 + early) * pulse_s)
    if not shared:
        rest_s, rest_V = rest_s[:0], rest_V[:0]
    measured_V = np.concatenate([voltage_V, rest_V])
    start_C = sign * pulse.charge_C
    last_C = float(curve.x[-1])

    def surface_C(diffusion_s: float, share: float) -> Array:
        """The charge along the curve that the voltage follows in the pulse, and in the rest after it."""
        mean_C = current_A * np.concatenate([time_s, np.full_like(rest_s, pulse_s)])
        in_pulse_C = ahead_C(current_A, time_s, diffusion_s)
        in_rest_C = ahead_C(current_A, rest_s, diffusion_s) - ahead_C(
            current_A, rest_s - pulse_s, diffusion_s
        )
        whole_C = np.concatenate([in_pulse_C, in_rest_C])
        found: Array = start_C + sign * (mean_C + share * (whole_C - mean_C))
        return found

    def model(parameters: Array) -> Array:
        surface = surface_C(math.exp(parameters[0]), float(parameters[2]) if shared else 1.0)
        found: Array = curve(np.minimum(surface, last_C))
        found[: len(time_s)] += current_A * parameters[1]
        return found

    from scipy.optimize import least_squares

    count = 3 if shared else 2
    fit = least_squares(
        lambda parameters: 1e3 * (model(parameters) - measured_V),
        [math.log(3.0 * pulse_s), (voltage_V[0] - pulse.before_V) / current_A, 0.8][:count],
        x_scale=[1.0, 10.0, 1.0][:count],
        bounds=([-np.inf, -np.inf, LEAST_SHARE][:count], [np.inf, np.inf, 1.0][:count]),
    )
    diffusion_s = math.exp(float(fit.x[0]))
    if np.max(surface_C(diffusion_s, float(fit.x[2]) if shared else 1.0)) > last_C:
        return "the curve is not known as far as the surface went"
    left_V = 1e-3 * float(np.sqrt(np.mean(fit.fun**2)))
    rise_V = abs(voltage_V[-1] - voltage_V[0])
    if left_V > max(MISFIT * rise_V, 5e-5):
        return "the voltage in the pulse does not follow diffusion"
    normal = fit.jac.T @ fit.jac
    if np.linalg.cond(normal) > 1e14:
        return "the pulse does not tell it"
    variance = float(np.sum(fit.fun**2)) / max(1, len(measured_V) - count) * np.linalg.inv(normal)[0, 0]
    return diffusion_s, diffusion_s * math.sqrt(max(variance, 0.0))


def _thinned(time_s: Array, voltage_V: Array, from_s: float) -> tuple[Array, Array]:
    chosen = np.flatnonzero(time_s >= from_s)
    chosen = chosen[:: max(1, len(chosen) // _MOST_READINGS)]
    return time_s[chosen], voltage_V[chosen]


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
