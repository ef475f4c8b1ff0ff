"""The growth of an interphase where its likelihood is not a parabola: mean and standard deviation along its profile.

Under the arc of a thick interphase the charge transfer is hardly seen. Whatever of it the interphase takes can be no
more than all of it, but the other way there is no such limit: the likelihood of the growth falls steeply upwards and
slowly downwards. Its highest point lies above its middle, and its curvature there makes the growth too certain, the
more so the more the fit has taken. So the growth is moved along its profile, all other parameters fitted again at each
place (Bates and Watts, Nonlinear Regression, 1988), and is told by its mean and standard deviation there.
"""

import math
from collections.abc import Sequence

import numpy as np

from solbench.fitting.circuit_fit import solve
from solbench.fitting.elements import Array
from solbench.fitting.growth import IDEAL, SYMMETRIC, Skew, resistances
from solbench.fitting.least_squares import Squares, minimise
from solbench.fitting.problem import Problem
from solbench.fitting.solution import Solution
from solbench.fitting.structure import Structure

_PLACES = np.array([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0])  # standard errors
_PULLED = 2.0  # of the way to where it is pulled to, with the pull of one standard error, it goes halfway
_FURTHEST = 4.0  # standard deviations: of the likelihood less than 1e-3 is beyond
_STEPS = 161
_ITERATIONS, _TOLERANCE = 60, 1e-6
_LOWER, _RESTARTS = (
    0.3,
    2,
)  # of -2 ln likelihood below that of the best fit: another minimum, or a slow valley


def along_profile(structure: Structure, solution: Solution) -> tuple[Solution, Skew]:
    """Follow the growth from the first state to the last along its profile; returns the best fit, and the skew.

    Where the profile leads to a better fit than the `solution`, that one is taken, and followed in turn. `SYMMETRIC`
    where the last state has no interphase, and where nothing is found.
    """
    skew, lower = _profile(structure, solution)
    for _ in range(_RESTARTS):
        if lower is None:
            break
        solution = solve(solution.problem, lower[None, :], kept=1, tolerance=_TOLERANCE)
        skew, lower = _profile(structure, solution)
    return solution, skew


def _profile(structure: Structure, solution: Solution) -> tuple[Skew, Array | None]:
    """Return the skew, and a place of the profile that is better than the solution, None where there is none."""
    last = structure.states - 1
    if last < 1 or structure.blocking or structure.first_arc > last:
        return SYMMETRIC, None
    at_best = resistances(structure, solution)
    growth_ohm, stderr_ohm = at_best.growth(0, last)
    variance = max(solution.chi2_nu, IDEAL**2)
    if not (math.isfinite(stderr_ohm) and stderr_ohm > 0.0):
        return SYMMETRIC, None
    pulled = _Pulled(solution.problem, last, variance / stderr_ohm**2)
    lower, upper = solution.problem.lower, solution.problem.upper
    slope = pulled.growth(solution.theta[None, :])[1][0]
    along = np.nan_to_num(solution.covariance) @ slope
    along /= max(float(along @ slope), 1e-300)
    places_ohm = growth_ohm + _PULLED * _PLACES * stderr_ohm
    starts = np.clip(solution.theta + stderr_ohm * _PLACES[:, None] * along, lower, upper)
    held = places_ohm[:, None]
    rows = (np.full((len(held), 1), 1.0) * bound for bound in (lower, upper))
    low, high = (np.hstack([row, held]) for row in rows)
    found = minimise(pulled, np.hstack([starts, held]), low, high, _ITERATIONS, _TOLERANCE)
    ohm = pulled.growth(found.theta[:, :-1])[0]
    rise = (found.cost - pulled.strength * (ohm - places_ohm) ** 2 - solution.cost) / variance
    mean, deviation = _moments((np.append(ohm, growth_ohm) - growth_ohm) / stderr_ohm, np.append(rise, 0.0))
    # The error of an arc whose apex is not seen is that of what may be beside it, which has no profile.
    is_skewed = math.isfinite(mean) and deviation > 0.0 and not at_best.is_at_edge
    skew = Skew(mean, deviation) if is_skewed else SYMMETRIC
    best = int(np.argmin(rise))
    return skew, found.theta[best, :-1] if rise[best] < -_LOWER else None


class _Pulled:
    """A problem with one more datum: the growth of the interphase (ohm), the last column of what is evaluated.

    What minimises it minimises the problem for the growth that it has: the datum knows nothing but that.
    """

    def __init__(self, problem: Problem, last: int, strength: float) -> None:
        self._problem, self._last, self.strength = problem, last, strength

    def growth(self, theta: Array) -> tuple[Array, Array]:
        """Return the growth (ohm) of each row of theta, and its gradient."""
        ohm, gradient = np.zeros(len(theta)), np.zeros(theta.shape)
        for state, sign in ((self._last, 1.0), (0, -1.0)):
            term = self._problem.terms[state]
            for own in (k for k, name in enumerate(term.circuit.names) if name in ("R2", "R7")):
                part = sign * np.exp(term.local(theta)[:, own])
                ohm += part
                gradient[:, term.used] += part[:, None] * term.spread[:, own]
        return ohm, gradient

    def __call__(self, theta: Array) -> Squares:
        rows, size = theta.shape
        own = self._problem(theta[:, :-1])
        ohm, by = self.growth(theta[:, :-1])
        off = ohm - theta[:, -1]
        gradient, normal = np.zeros((rows, size)), np.zeros((rows, size, size))
        gradient[:, :-1] = own.gradient + self.strength * off[:, None] * by
        normal[:, :-1, :-1] = own.normal + self.strength * by[:, :, None] * by[:, None, :]
        return Squares(own.cost + self.strength * off**2, gradient, normal, (*own.jacobian, by))

    def pull(self, jacobian: Sequence[Array], theta: Array) -> Array:
        gradient = np.zeros(theta.shape)
        off = self.growth(theta[:, :-1])[0] - theta[:, -1]
        *own, by = jacobian
        gradient[:, :-1] = self._problem.pull(own, theta[:, :-1]) + self.strength * off[:, None] * by
        return gradient


def _moments(places: Array, rise: Array) -> tuple[float, float]:
    """Return mean and standard deviation of a value of which -2 ln likelihood rises by so much at some places.

    The signed root of the rise is normal, whatever the parameters are (Bates and Watts 1988); it is nearly a
    straight line, and continues as one.
    """
    order = np.argsort(places)
    places, rise = places[order], rise[order] - np.min(rise)
    side = np.where(np.arange(len(rise)) < int(np.argmin(rise)), -1.0, 1.0)
    root = side * np.sqrt(rise)
    rising = np.concatenate([[True], np.diff(np.maximum.accumulate(root)) > 1e-3])
    root, places = root[rising], places[rising]
    if len(root) < 3:
        return 0.0, 1.0
    u = np.linspace(-_FURTHEST, _FURTHEST, _STEPS)
    x = monotone(root, places, np.clip(u, root[0], root[-1]))
    for beyond, end, inner in ((u < root[0], 0, 1), (u > root[-1], -1, -2)):
        slope = (places[end] - places[inner]) / (root[end] - root[inner])
        x[beyond] = places[end] + (u[beyond] - root[end]) * slope
    weight = np.exp(-0.5 * u**2)
    weight /= np.sum(weight)
    mean = float(weight @ x)
    return mean, math.sqrt(float(weight @ (x - mean) ** 2))


def monotone(x: Array, y: Array, at: Array) -> Array:
    """Interpolate y(x) at places between the first and the last x without overshoot; x rises, three points or more.

    Cubic Hermite with the slopes of Fritsch and Butland (SIAM J. Sci. Stat. Comput. 5 (1984) 300), as
    `scipy.interpolate.PchipInterpolator` has them: that takes longer to load than a half cell takes to be concluded.
    """
    width = np.diff(x)
    secant = np.diff(y) / width
    before, after = secant[:-1], secant[1:]
    first, second = 2 * width[1:] + width[:-1], width[1:] + 2 * width[:-1]
    same = before * after > 0
    mean = np.divide(1.0, first * after + second * before, out=np.zeros(len(before)), where=same)
    slope = np.concatenate(
        [
            [_end_slope(width[0], width[1], secant[0], secant[1])],
            (first + second) * before * after * mean,
            [_end_slope(width[-1], width[-2], secant[-1], secant[-2])],
        ]
    )
    k = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(width) - 1)
    t, h = (at - x[k]) / width[k], width[k]
    rest = 1 - t
    start = rest**2 * ((1 + 2 * t) * y[k] + t * h * slope[k])
    return np.asarray(start + t**2 * ((1 + 2 * rest) * y[k + 1] - rest * h * slope[k + 1]))


def _end_slope(own: float, next_width: float, secant: float, next_secant: float) -> float:
    """Return the slope at an end by the parabola through three points, bent so that it does not overshoot."""
    slope = ((2 * own + next_width) * secant - own * next_secant) / (own + next_width)
    if slope * secant <= 0:
        return 0.0
    return 3 * secant if secant * next_secant <= 0 and abs(slope) > 3 * abs(secant) else slope
