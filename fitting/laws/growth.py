"""By which law a resistance grows at rest: parabolic, linear, neither, or none that can be told.

R = R0 + k (t - t0)^n is fitted with R0 and k free and t0 (the beginning of the contact) anywhere between two times, for
every exponent n from 0 (a logarithm) to 1.6. A law is told where the 95 % interval of the exponent lies within 0.15 of
the law's, "neither" where it holds no exponent so near to one of them. Else no law is told, but by what the better of
the two is the likelier: with little growth, or few points, the better one is the right one three times in four at
most. Their chi2 counts against the scatter that no smooth growth explains.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from solbench.fitting.elements import Array

GrowthLaw = Literal["parabolic", "linear", "neither", "cannot be told", "no growth"]
LEAST_POINTS = 6
_REJECTED = 3.84  # chi2 more than that of the best exponent: outside the 95 % interval
_GROWS = 3.0  # standard errors
_BEGINNINGS = 25
_LOGARITHM_OVER = 1e3  # R ~ ln(1 + t/t1), t1 = duration over this
_STEP = 0.05  # of exponents
_EXPONENTS = tuple(np.round(np.arange(_STEP, 1.601, _STEP), 2).tolist())
_LAWS: tuple[tuple[float, GrowthLaw], ...] = ((0.5, "parabolic"), (1.0, "linear"))
WITHIN = (
    0.15  # of a law's exponent: the other electrode may grow by another law, and none is told at 0.65 or 0.85
)


@dataclass(frozen=True)
class Rate:
    """R = R0 + k f(t): k in ohm per h^n, with the standard uncertainty that the scatter gives it, and the chi2."""

    k: float
    stderr: float
    r0_ohm: float
    begins_s: float
    chi2: float


@dataclass(frozen=True)
class Growth:
    """What points tell: the law, and the rates by the parabolic and the linear one whichever is told.

    `grown_ohm`: from the first point to the last, by the law that describes them best, with its standard uncertainty.
    `exponent`: that of time, with the ends of its 95 % interval; 0 stands for a logarithm. `straighter`: by how much
    chi2 of the straight line exceeds that of the parabola.
    """

    law: GrowthLaw
    parabolic: Rate
    linear: Rate
    grown_ohm: float
    grown_stderr_ohm: float
    freedom: int
    exponent: tuple[float, float, float]
    straighter: float


def growth_law(
    time_s: Sequence[float] | Array,
    resistance_ohm: Sequence[float] | Array,
    stderr_ohm: Sequence[float] | Array,
    contact_s: tuple[float, float],
) -> Growth:
    """Tell the law by which resistances (ohm) grow with time (s); the contact began between the two times `contact_s`.

    `stderr_ohm` weighs the points against each other. Raises ValueError for fewer than six points.

    >>> t = np.linspace(1, 25, 25) * 3600.0
    >>> noise = np.random.default_rng(1).normal(size=25) * 0.05
    >>> growth_law(t, 10 + 6 * np.sqrt(t / 86400) + noise, np.full(25, 0.05), (0.0, 0.0)).law
    'parabolic'
    """
    at, ohm = np.asarray(time_s, float), np.asarray(resistance_ohm, float)
    weights = 1.0 / np.asarray(stderr_ohm, float)
    if len(at) < LEAST_POINTS:
        raise ValueError(f"a law of growth needs {LEAST_POINTS} points")
    latest = min(contact_s[1], float(at[0]))
    earliest = min(contact_s[0], latest)
    shifts = np.linspace(earliest, latest, _BEGINNINGS if latest > earliest else 1)
    span_h = float(at[-1] - earliest) / 3600.0

    def shape(power: float, hours: Array) -> Array:
        return np.asarray(hours**power if power else np.log1p(_LOGARITHM_OVER * hours / span_h))

    def best_of(powers: Sequence[float]) -> dict[float, Rate]:
        return {power: _best(partial(shape, power), at, ohm, weights, shifts) for power in powers}

    found = best_of((0.0, *_EXPONENTS))
    found |= best_of(_between(min(found, key=lambda power: found[power].chi2)))
    least = min(found, key=lambda power: found[power].chi2)
    free = max(1, len(at) - 3 - (latest > earliest))
    # A cubic in time follows any smooth growth: what it leaves is the scatter, whatever the points' own errors are.
    rest = ohm - np.polyval(np.polyfit((at - at[0]) / 3600.0, ohm, 3, w=weights), (at - at[0]) / 3600.0)
    smooth = float(np.sum((weights * rest) ** 2)) / max(1, len(at) - 4)
    own = found[least].chi2 / free
    scatter = max(min(own, smooth) if len(at) > LEAST_POINTS else own, 1e-12)
    from scipy import stats  # takes a moment to load, and most commands do without

    wider = float(stats.t.ppf(0.975, free)) / 1.96  # a scatter from few points is itself uncertain
    chi2 = {power: rate.chi2 / scatter / wider**2 for power, rate in sorted(found.items())}
    # A law that describes the points only nearly has a rate that is known only nearly.
    told = {
        power: _scaled(rate, math.sqrt(scatter * max(1.0, chi2[power] / free)) * wider)
        for power, rate in found.items()
    }
    grown, grown_stderr = _grown(partial(shape, least), told[least], at)
    parabolic, linear = told[0.5], told[1.0]
    exponent = _interval(np.array(list(chi2)), np.array(list(chi2.values())))
    if max(abs(parabolic.k) / parabolic.stderr, abs(linear.k) / linear.stderr) < _GROWS:
        law: GrowthLaw = "no growth"
    else:
        law = _told(exponent[1], exponent[2])
    return Growth(law, parabolic, linear, grown, grown_stderr, free, exponent, chi2[1.0] - chi2[0.5])


def _between(power: float) -> Sequence[float]:
    """Return finer exponents about one."""
    fine = np.round(power + np.linspace(-_STEP, _STEP, 21), 4)
    return [float(one) for one in fine if one > 0.0 and one not in _EXPONENTS]


def _interval(powers: Array, chi2: Array) -> tuple[float, float, float]:
    """Return the best exponent and the ends of its interval of 95 %; sqrt(chi2) is nearly straight to both sides."""
    best = int(np.argmin(chi2))
    away = np.sqrt(chi2 - chi2[best])
    ends = []
    for side in (slice(best, None, -1), slice(best, None)):
        beyond = away[side] > _REJECTED**0.5
        stop = int(np.argmax(beyond)) + 1 if beyond.any() else len(beyond)
        ends.append(float(np.interp(_REJECTED**0.5, away[side][:stop], powers[side][:stop])))
    return float(powers[best]), ends[0], ends[1]


def _told(low: float, high: float) -> GrowthLaw:
    """Return the only law that exponents between these allow."""
    for power, law in _LAWS:
        if power - WITHIN < low and high < power + WITHIN:
            return law
    touched = any(low < power + WITHIN and high > power - WITHIN for power, _ in _LAWS)
    return "cannot be told" if touched else "neither"


def _best(shape: Callable[[Array], Array], at: Array, ohm: Array, weights: Array, shifts: Array) -> Rate:
    """Fit for each beginning; the best, with the middle of the profile's interval of the rate over all of them."""
    w, mean = weights**2, float(np.average(ohm, weights=weights**2))
    f = np.stack([shape((at - one) / 3600.0) for one in shifts])
    f_mean = f @ w / np.sum(w)
    apart = f - f_mean[:, None]
    square = np.maximum(apart**2 @ w, 1e-300)
    ks = apart @ (w * (ohm - mean)) / square
    chi2 = np.sum((weights * (ohm - mean - ks[:, None] * apart)) ** 2, axis=1)
    own = 1.0 / np.sqrt(square)
    best = int(np.argmin(chi2))
    r0_ohm, begins_s, least = mean - float(ks[best] * f_mean[best]), float(shifts[best]), float(chi2[best])
    if len(shifts) == 1:
        return Rate(float(ks[0]), float(own[0]), r0_ohm, begins_s, least)
    scatter = max(least / (len(at) - 2), 1e-12)
    reach = own * np.sqrt(np.maximum(_REJECTED * scatter - (chi2 - least), 0.0))
    likely = chi2 - least <= _REJECTED * scatter
    low, high = float(np.min((ks - reach)[likely])), float(np.max((ks + reach)[likely]))
    k, stderr = 0.5 * (low + high), 0.5 * (high - low) / math.sqrt(_REJECTED * scatter)
    return Rate(k, stderr, r0_ohm, begins_s, least)


def _scaled(rate: Rate, factor: float) -> Rate:
    return Rate(rate.k, rate.stderr * factor, rate.r0_ohm, rate.begins_s, rate.chi2)


def _grown(shape: Callable[[Array], Array], rate: Rate, at: Array) -> tuple[float, float]:
    first, last = shape((at[[0, -1]] - rate.begins_s) / 3600.0)
    return rate.k * float(last - first), rate.stderr * abs(float(last - first))
