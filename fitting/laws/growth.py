"""By which law a resistance grows at rest: parabolic, linear, neither, or none that can be told.

R = R0 + k (t - t0)^n is fitted with R0 and k free and t0 (the beginning of the contact) anywhere between two times, for
every exponent n from 0 (a logarithm) to 1.6. A law is told only where it describes the points and no exponent that is
nearer to another law does, half way to it included: with little growth, or few points, many do, and the best of the
laws would be the right one three times in four at most. Their chi2 counts against the scatter that no smooth growth
explains.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from solbench.fitting.elements import Array

GrowthLaw = Literal["parabolic", "linear", "neither", "cannot be told", "no growth"]
LEAST_POINTS = 6
_REJECTED = 3.84  # chi2 more than that of the law: the 95 % of one exponent
_NEITHER = 9.0  # chi2 more than that of the best shape of all
_DESCRIBES = 4.0
_GROWS = 3.0  # standard errors
_BEGINNINGS = 25
_LOGARITHM_OVER = 1e3  # R ~ ln(1 + t/t1), t1 = duration over this
_STEP, _NEAR = (
    0.05,
    0.1,
)  # of exponents, and so near to a law is one whose growth has something else in it besides
_EXPONENTS = tuple(np.round(np.arange(_STEP, 1.601, _STEP), 2).tolist())
_AWAY = {0.5: (0.25, 0.75), 1.0: (0.75, 1.5)}  # from here on an exponent is nearer to another law


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
    `exponent`: that of time, with the ends of its 95 % interval; 0 stands for a logarithm.
    """

    law: GrowthLaw
    parabolic: Rate
    linear: Rate
    grown_ohm: float
    grown_stderr_ohm: float
    freedom: int
    exponent: tuple[float, float, float]


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
    shapes: Mapping[float, Callable[[Array], Array]] = {
        0.0: lambda h: np.asarray(np.log1p(_LOGARITHM_OVER * h / span_h)),
        **{power: _power(power) for power in _EXPONENTS},
    }
    free = len(at) - 2
    found = {power: _best(shape, at, ohm, weights, shifts) for power, shape in shapes.items()}
    best = min(rate.chi2 for rate in found.values())
    # A cubic in time follows any smooth growth: what it leaves is the scatter, whatever the points' own errors are.
    rest = ohm - np.polyval(np.polyfit((at - at[0]) / 3600.0, ohm, 3, w=weights), (at - at[0]) / 3600.0)
    smooth = float(np.sum((weights * rest) ** 2)) / max(1, len(at) - 4)
    scatter = max(min(best / free, smooth) if len(at) > LEAST_POINTS else best / free, 1e-12)
    from scipy import stats  # takes a moment to load, and most commands do without

    wider = float(stats.t.ppf(0.975, free)) / 1.96  # a scatter from few points is itself uncertain
    chi2 = {power: rate.chi2 / scatter / wider**2 for power, rate in found.items()}
    # A law that describes the points only nearly has a rate that is known only nearly.
    told = {
        power: _scaled(rate, math.sqrt(scatter * max(1.0, chi2[power] / free)) * wider)
        for power, rate in found.items()
    }
    least = min(chi2, key=lambda power: chi2[power])
    grown, grown_stderr = _grown(shapes[least], told[least], at)
    parabolic, linear = told[0.5], told[1.0]
    likely = [power for power, one in chi2.items() if one - chi2[least] < _REJECTED]
    if max(abs(parabolic.k) / parabolic.stderr, abs(linear.k) / linear.stderr) < _GROWS:
        law: GrowthLaw = "no growth"
    else:
        law = _told(chi2)
    exponent = (least, max(0.0, min(likely) - 0.5 * _STEP), max(likely) + 0.5 * _STEP)
    return Growth(law, parabolic, linear, grown, grown_stderr, free, exponent)


def _power(power: float) -> Callable[[Array], Array]:
    return lambda h: np.asarray(h**power)


def _told(chi2: Mapping[float, float]) -> GrowthLaw:
    """Return the only law that the points allow; `chi2` by exponent."""
    least = min(chi2, key=lambda power: chi2[power])
    best = chi2[least]
    is_near = {law: abs(least - law) < _NEAR + 1e-9 for law in _AWAY}
    if min(chi2[0.5], chi2[1.0]) - best > _NEITHER and not any(is_near.values()):
        return "neither"
    names: tuple[tuple[float, GrowthLaw], ...] = ((0.5, "parabolic"), (1.0, "linear"))
    for law, name in names:
        low, high = _AWAY[law]
        away = min(one for power, one in chi2.items() if power <= low or power >= high)
        describes = is_near[law] or chi2[law] - best < _DESCRIBES
        if describes and away - chi2[law] > _REJECTED:
            return name
    return "cannot be told"


def _best(shape: Callable[[Array], Array], at: Array, ohm: Array, weights: Array, shifts: Array) -> Rate:
    """Fit for each beginning; the best, with a rate averaged over all by their likelihoods, and its wider error."""
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
    likely = np.exp(-0.5 * (chi2 - least) / scatter)
    likely = likely / np.sum(likely)
    k = float(likely @ ks)
    stderr = math.sqrt(float(likely @ (own**2 + (ks - k) ** 2 / scatter)))
    return Rate(k, stderr, r0_ohm, begins_s, least)


def _scaled(rate: Rate, factor: float) -> Rate:
    return Rate(rate.k, rate.stderr * factor, rate.r0_ohm, rate.begins_s, rate.chi2)


def _grown(shape: Callable[[Array], Array], rate: Rate, at: Array) -> tuple[float, float]:
    first, last = shape((at[[0, -1]] - rate.begins_s) / 3600.0)
    return rate.k * float(last - first), rate.stderr * abs(float(last - first))
