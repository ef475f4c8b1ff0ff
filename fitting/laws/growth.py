"""By which law a resistance grows at rest: parabolic, linear, neither, or none that can be told.

A law is told only where it describes the points and the others do not: with little growth, or few points, several do,
and the best of them is right three times in four at most. So each is fitted, R = R0 + k f(t - t0), with R0 and k free
and t0 (the beginning of the contact) anywhere between two times, and they are told apart by their chi2 against the
scatter that no smooth growth explains.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from solbench.fitting.elements import Array

GrowthLaw = Literal["parabolic", "linear", "neither", "cannot be told", "no growth"]
LEAST_POINTS = 6
_REJECTED = 5.0  # chi2 more than that of another law
_NEITHER = 9.0  # chi2 more than that of the best shape of all
_DESCRIBES = 4.0
_GROWS = 3.0  # standard errors
_BEGINNINGS = 25
_LOGARITHM_OVER = 1e3  # R ~ ln(1 + t/t1), t1 = duration over this
_OTHERS = (0.25, 0.75, 1.5)


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
    """

    law: GrowthLaw
    parabolic: Rate
    linear: Rate
    grown_ohm: float
    grown_stderr_ohm: float
    freedom: int


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
    shapes: Mapping[str, Callable[[Array], Array]] = {
        "parabolic": np.sqrt,
        "linear": lambda h: h,
        "logarithmic": lambda h: np.asarray(np.log1p(_LOGARITHM_OVER * h / span_h)),
        **{f"{power}": _power(power) for power in _OTHERS},
    }
    free = len(at) - 2
    found = {name: _best(shape, at, ohm, weights, shifts) for name, shape in shapes.items()}
    best = min(rate.chi2 for rate in found.values())
    # A cubic in time follows any smooth growth: what it leaves is the scatter, whatever the points' own errors are.
    rest = ohm - np.polyval(np.polyfit((at - at[0]) / 3600.0, ohm, 3, w=weights), (at - at[0]) / 3600.0)
    smooth = float(np.sum((weights * rest) ** 2)) / max(1, len(at) - 4)
    scatter = max(min(best / free, smooth) if len(at) > LEAST_POINTS else best / free, 1e-12)
    from scipy import stats  # takes a moment to load, and most commands do without

    wider = float(stats.t.ppf(0.975, free)) / 1.96  # a scatter from few points is itself uncertain
    chi2 = {name: rate.chi2 / scatter / wider**2 for name, rate in found.items()}
    told = {name: _scaled(rate, math.sqrt(scatter) * wider) for name, rate in found.items()}
    least = min(chi2, key=lambda name: chi2[name])
    grown, grown_stderr = _grown(shapes[least], told[least], at)
    parabolic, linear = told["parabolic"], told["linear"]
    if max(abs(parabolic.k) / parabolic.stderr, abs(linear.k) / linear.stderr) < _GROWS:
        law: GrowthLaw = "no growth"
    else:
        law = _told(chi2)
    return Growth(law, parabolic, linear, grown, grown_stderr, free)


def _power(power: float) -> Callable[[Array], Array]:
    return lambda h: np.asarray(h**power)


def _told(chi2: Mapping[str, float]) -> GrowthLaw:
    """Return the only law that the points allow."""
    best = min(chi2.values())
    square, line, logarithm = chi2["parabolic"], chi2["linear"], chi2["logarithmic"]
    if min(square, line) - best > _NEITHER:
        return "neither"
    if square - best < _DESCRIBES and min(line, logarithm) - square > _REJECTED:
        return "parabolic"
    if line - best < _DESCRIBES and square - line > _REJECTED:
        return "linear"
    return "cannot be told"


def _best(shape: Callable[[Array], Array], at: Array, ohm: Array, weights: Array, shifts: Array) -> Rate:
    """Fit for each beginning; the best, with a rate averaged over all by their likelihoods, and its wider error."""
    fits = [_fit(shape, at, ohm, weights, float(one)) for one in shifts]
    best = min(fits, key=lambda rate: rate.chi2)
    if len(fits) == 1:
        return best
    scatter = max(best.chi2 / (len(at) - 2), 1e-12)
    likely = np.exp([-0.5 * (one.chi2 - best.chi2) / scatter for one in fits])
    likely = likely / np.sum(likely)
    k, own = np.array([one.k for one in fits]), np.array([one.stderr for one in fits])
    mean = float(likely @ k)
    stderr = math.sqrt(float(likely @ (own**2 + (k - mean) ** 2 / scatter)))
    return Rate(mean, stderr, best.r0_ohm, best.begins_s, best.chi2)


def _fit(shape: Callable[[Array], Array], at: Array, ohm: Array, weights: Array, begins_s: float) -> Rate:
    design = np.stack([np.ones_like(at), shape((at - begins_s) / 3600.0)], axis=1) * weights[:, None]
    covariance = np.linalg.pinv(design.T @ design)
    found = covariance @ (design.T @ (ohm * weights))
    chi2 = float(np.sum((ohm * weights - design @ found) ** 2))
    return Rate(float(found[1]), math.sqrt(covariance[1, 1]), float(found[0]), begins_s, chi2)


def _scaled(rate: Rate, factor: float) -> Rate:
    return Rate(rate.k, rate.stderr * factor, rate.r0_ohm, rate.begins_s, rate.chi2)


def _grown(shape: Callable[[Array], Array], rate: Rate, at: Array) -> tuple[float, float]:
    first, last = shape((at[[0, -1]] - rate.begins_s) / 3600.0)
    return rate.k * float(last - first), rate.stderr * abs(float(last - first))
