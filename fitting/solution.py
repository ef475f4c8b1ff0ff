"""A minimum of a least-squares problem with its statistics: errors, correlations, AICc, intervals."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from solbench.fitting.elements import Array
from solbench.fitting.least_squares import minimise
from solbench.fitting.problem import Problem

_AT_BOUND = 1e-6  # in ln p


@dataclass(frozen=True)
class Solution:
    """Free parameters theta = ln p at the minimum, and the sum of squares there."""

    problem: Problem
    theta: Array
    cost: float
    converged: bool

    @property
    def names(self) -> tuple[str, ...]:
        """Get the names of the free parameters."""
        return self.problem.names

    @property
    def degrees_of_freedom(self) -> int:
        """Get the number of real data minus that of the free parameters."""
        return self.problem.data_count - len(self.theta)

    @property
    def chi2_nu(self) -> float:
        """Get the sum of squares per degree of freedom: the squared relative rms for modulus weights."""
        return self.cost / self.degrees_of_freedom

    @property
    def aicc(self) -> float:
        """Get Akaike's criterion for unknown noise, corrected for small samples.

        A parameter of which something is known beforehand counts by what the data say of it beyond that.
        """
        return self.aicc_with(0.0)

    def aicc_with(self, least: float) -> float:
        """Compute the same where each datum deviates by `least` more (rms), so that less is not worth a parameter."""
        n, k = self.problem.measured_count, self.effective_parameters + 1.0
        variance = max(self.cost, 1e-300) / n + least**2
        return n * math.log(variance) + 2 * k + 2 * k * (k + 1) / max(n - k - 1, 1.0)

    @property
    def effective_parameters(self) -> float:
        """Get the number of parameters, those known beforehand by the part that the data determine (Moody 1992)."""
        return float(np.sum(self.determined))

    @cached_property
    def determined(self) -> Array:
        """Get for each parameter how much of it the data determine: 1 where nothing is known beforehand."""
        shares = np.ones(len(self.theta))
        known = self.problem.known
        if len(known):
            before = np.diag(self.covariance)[known] / max(self.chi2_nu, 1e-300) * self.problem.noise
            shares[known] -= np.clip(np.nan_to_num(before, nan=0.0), 0.0, 1.0)
        return shares

    @cached_property
    def at_bound(self) -> np.ndarray:
        """Mark the parameters that ended at a bound; they have no standard error."""
        low, high = self.problem.lower + _AT_BOUND, self.problem.upper - _AT_BOUND
        return np.asarray((self.theta <= low) | (self.theta >= high))

    @cached_property
    def covariance(self) -> Array:
        """Get the covariance of ln p, scaled by chi2_nu; not a number for parameters at a bound."""
        normal = self.problem(self.theta[None, :]).normal[0]
        inside = ~self.at_bound
        covariance = np.full(normal.shape, np.nan)
        part = normal[np.ix_(inside, inside)]
        scale = np.sqrt(np.maximum(np.diag(part), 1e-300))
        inverse = np.linalg.pinv(part / np.outer(scale, scale), rcond=1e-14, hermitian=True)
        covariance[np.ix_(inside, inside)] = inverse / np.outer(scale, scale) * self.chi2_nu
        return covariance

    @cached_property
    def stderr_log(self) -> Array:
        """Get the standard error of ln p, which is the relative error of p where it is small.

        Not a number at a bound, and where so little is known that rounding makes the variance negative.
        """
        variance = np.diag(self.covariance)
        return np.sqrt(np.where(variance >= 0.0, variance, np.nan))

    @cached_property
    def correlation(self) -> Array:
        """Get the correlation matrix of ln p."""
        return self.covariance / np.outer(self.stderr_log, self.stderr_log)

    def flags(self, largest_error: float = 0.3, largest_correlation: float = 0.98) -> tuple[str, ...]:
        """List doubts about single parameters as text; of those known beforehand there are none."""
        found = [] if self.converged else ["the fit did not converge"]
        asked = np.ones(len(self.theta), bool)
        asked[self.problem.known] = False
        own = np.flatnonzero(asked)
        names = [self.names[k] for k in own]
        found += [f"{n} ended at a bound" for n, at in zip(names, self.at_bound[own], strict=True) if at]
        wide = zip(names, self.stderr_log[own], strict=True)
        found += [f"{n}: standard error {_share(e)} of the value" for n, e in wide if e > largest_error]
        correlation = self.correlation[np.ix_(own, own)]
        pairs = np.argwhere(np.triu(np.abs(correlation) > largest_correlation, 1))
        found += [f"{names[a]} and {names[b]} are correlated (r = {correlation[a, b]:.3f})" for a, b in pairs]
        return tuple(found)

    @cached_property
    def usual_flags(self) -> tuple[str, ...]:
        """Get the doubts about single parameters with the usual limits."""
        return self.flags()


def _share(relative: float) -> str:
    return f"{relative:.0%}" if relative < 1.0 else "over 100%"


def profile_interval(solution: Solution, name: str, level: float = 0.95) -> tuple[float, float]:
    """Compute the profile-likelihood interval of one parameter, in its own unit.

    The parameter is stepped away from its best value while all others are refitted; the interval ends where
    the sum of squares has risen by the factor 1 + t^2/nu (Bates and Watts, Nonlinear Regression, 1988). An
    end not found within the parameter's bounds is 0 or infinite. Raises ValueError for a name that is not a
    free parameter.
    """
    from scipy.stats import t as student

    if name not in solution.names:
        raise ValueError(f"{name!r} is not a free parameter; free are {', '.join(solution.names)}")
    target = float(student.ppf(0.5 + level / 2, solution.degrees_of_freedom))
    k = solution.names.index(name)
    low, high = (_profile_end(solution, k, side, target) for side in (-1.0, 1.0))
    value = solution.theta[k]
    return (
        0.0 if low is None else math.exp(value + low),
        math.inf if high is None else math.exp(value + high),
    )


def _profile_end(solution: Solution, k: int, side: float, target: float) -> float | None:
    """Find the distance in ln p at which the profile's t value reaches `target`; None if it never does."""
    width = solution.stderr_log[k]
    if not width > 0:
        width = 0.1
    steps = side * min(width, 1.0) * target * np.array([0.5, 0.8, 1.0, 1.25, 1.6, 2.5, 4.0, 8.0])
    reached = _profile_t(solution, k, steps)
    above = np.flatnonzero(reached >= target)
    if above.size == 0:
        return None
    last = int(above[0])
    known_t = np.concatenate([[0.0], reached[: last + 1]])
    known_steps = np.concatenate([[0.0], steps[: last + 1]])
    near = float(np.interp(target, known_t, known_steps))
    around = near * np.array([0.97, 1.0, 1.03])
    return float(np.interp(target, np.maximum.accumulate(_profile_t(solution, k, around)), around))


def _profile_t(solution: Solution, k: int, steps: Array) -> Array:
    """Refit all other parameters with parameter k held at each step, and give the t value of the rise."""
    problem = solution.problem
    covariance = np.nan_to_num(solution.covariance)
    along = covariance[:, k] / covariance[k, k] if covariance[k, k] > 0 else np.zeros(len(covariance))
    along[k] = 1.0
    start = solution.theta + steps[:, None] * along
    lower = np.repeat(problem.lower[None, :], len(steps), axis=0)
    upper = np.repeat(problem.upper[None, :], len(steps), axis=0)
    held = solution.theta[k] + steps
    beyond = (held < problem.lower[k]) | (held > problem.upper[k])
    lower[:, k] = upper[:, k] = held
    cost = minimise(problem, start, lower, upper, iterations=60, tolerance=1e-8).cost
    rise = np.maximum(cost - solution.cost, 0.0) / solution.chi2_nu
    return np.where(beyond, 0.0, np.sqrt(rise))
