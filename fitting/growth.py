"""Resistances of a joint fit with their standard errors, from the covariance of all parameters.

A state without an interphase arc gets a linear estimate instead: one Gauss-Newton step for an arc added in series,
including the errors of all other parameters. It may be below zero, so it is unbiased, unlike a parameter that must be
positive. Nobody knows the time constant of an arc that was not found: one far above the window is a resistance, which
the spectra tell from a warmer electrolyte; that of a thin interphase lies at the edge of the window, and looks much
like the electrolyte. So the estimate is the mean over all that the time constant may be, and its error holds their
scatter.

An arc that was found, but with its apex above the window, may be two: those of both electrodes, of which the faster
one looks like the electrolyte. There the error holds what a second one may have that grows with the first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from solbench.fitting.elements import Array
from solbench.fitting.least_squares import Squares
from solbench.fitting.problem import Term
from solbench.fitting.solution import Solution
from solbench.fitting.structure import Structure

IDEAL = 5e-4
"""Relative deviation from ideal arcs that no electrode is free of: less noise than that does not make a fit surer."""

# Time constants (s) and exponents of an arc that was not found; two layers together look like one of a small exponent.
_ADDED_TAU_S = tuple(np.geomspace(1e-10, 1e-5, 41).tolist())
_ADDED_N = (0.7, 0.8, 0.9)
_RESISTANCE = (0.0, 1.0)
_NEGATIVE = 1e-3  # a resistance that is certainly below zero is a contact's, which the spectra must tell by themselves
_NEGLIGIBLE = 1e-3  # of the weight of the likeliest arc
_LIKELY = 2.0  # standard errors
_ROUNDING = 1.5e-8  # of what is left in a difference of squares of numbers: the root of their precision
_SECOND = 0.5  # of an arc whose apex is not seen, what a second one beside it may have: a standard deviation


@dataclass(frozen=True)
class Skew:
    """How the likelihood of the growth from the first state to the last differs from that which is normal at the best
    fit.

    Its mean is `shift` standard errors above the best fit, and its standard deviation `width` of them.
    """

    shift: float = 0.0
    width: float = 1.0


SYMMETRIC = Skew()


@dataclass(frozen=True)
class Resistances:
    """Values and gradients of resistances over all parameters: theta = ln p, then the added resistances.

    By the `skew` of the growth all are moved and widened as far as they are correlated with it.
    """

    structure: Structure
    solution: Solution
    skew: Skew = SYMMETRIC

    @cached_property
    def added(self) -> tuple[int, ...]:
        """Get the states with an added resistance: those without an arc, except the first one.

        The first state is the reference: its series resistance belongs to the electrolyte. From a change of R_SSE an
        added resistance is told by what is known of the temperature, and by nothing else.
        """
        return tuple(range(1, min(self.structure.first_arc, self.structure.states)))

    @cached_property
    def _system(self) -> tuple[Array, Array]:
        """Get the covariance of theta and the added resistances (ohm), and the step to their estimates."""
        return self._solved(np.ones(len(self.solution.theta), bool))

    @cached_property
    def _at_known_temperature(self) -> Array:
        """Get the covariance if the temperatures, and what they do to the electrolyte, were known."""
        names = self.solution.names
        return self._solved(np.array([name != "E_a" and not name.startswith("T[") for name in names]))[0]

    def _solved(self, free: NDArray[np.bool_]) -> tuple[Array, Array]:
        alone = self._alone(free)
        if not self._columns:
            return alone * self._variance, np.zeros(len(alone))
        found = [(weight, self._with_added(alone, shape)) for shape, weight in self._shapes.items()]
        step = np.asarray(sum(weight * one.step for weight, one in found))
        covariance = np.zeros((len(step), len(step)))
        for weight, one in found:
            apart = one.step - step
            covariance += weight * (self._variance * one.inverse(alone) + np.outer(apart, apart))
        return covariance, step

    @cached_property
    def _variance(self) -> float:
        return max(self.solution.chi2_nu, IDEAL**2)

    @cached_property
    def _here(self) -> Squares:
        return self.solution.problem(self.solution.theta[None, :])

    def _alone(self, free: NDArray[np.bool_]) -> Array:
        """Return the inverse of the normal matrix of theta, 0 for what is not free or at a bound."""
        inside = np.flatnonzero(~self.solution.at_bound & free)
        alone = np.zeros((len(free), len(free)))
        alone[np.ix_(inside, inside)] = _inverse(self._here.normal[0][np.ix_(inside, inside)])
        return alone

    @cached_property
    def is_at_edge(self) -> bool:
        """Whether the arc of the last interphase has its apex above the window, so that only its slow flank is seen."""
        last = self.structure.states - 1
        if last < 1 or self.structure.blocking or not self.structure.has_arcs:
            return False
        term = self.solution.problem.terms[last]
        local = term.local(self.solution.theta[None, :])[0].tolist()
        log_p = dict(zip(term.circuit.names, local, strict=True))
        log_tau = (log_p["R2"] + log_p["CPE2_0"]) / math.exp(log_p["CPE2_1"])
        return math.exp(log_tau) * float(np.max(np.abs(term.grid.jw))) < 1.0

    @cached_property
    def _columns(self) -> list[_Column]:
        """Get the arcs that are added: to each state without one, and beside those whose apex is not seen.

        Both electrodes have an interphase, and what is seen of two arcs at the edge of the window looks like the flank
        of one. The share of the second is the same in all states; beforehand it may be half as large as the first.
        """
        terms, theta = self.solution.problem.terms, self.solution.theta
        columns = [_Column(((_Seen(terms[state], theta), 1.0),)) for state in self.added]
        if self.is_at_edge:
            states = range(self.structure.first_arc, self.structure.states)
            parts = tuple((_Seen(terms[state], theta), self._beside(state)) for state in states)
            largest_ohm = _SECOND * self._sum(states[-1], ("R2",))[0]
            columns.append(_Column(parts, self._variance / largest_ohm**2))
        return columns

    def _beside(self, state: int) -> float:
        """Return how large the arc of a state is beside that of the last one."""
        return self._sum(state, ("R2",))[0] / self._sum(self.structure.states - 1, ("R2",))[0]

    @cached_property
    def _shapes(self) -> dict[tuple[float, float], float]:
        """Get the time constants (s) and exponents of the arcs that are added, each with its weight.

        Each counts by how likely it makes the spectra, by how likely its resistance is not below zero, which that of
        an interphase is not, and by the variance that it leaves: what the spectra do not tell is not told.
        """
        alone = self._alone(np.ones(len(self.solution.theta), bool))
        found = {_RESISTANCE: self._with_added(alone, _RESISTANCE)}
        for exponent in _ADDED_N:
            for tau_s in _ADDED_TAU_S:
                one = self._with_added(alone, (tau_s, exponent))
                if not tau_s <= self.structure.interphase_F * one.most_ohm(self._variance):
                    break  # that slow it would have more capacitance than an interphase has
                found[tau_s, exponent] = one
        best = max(one.gain for one in found.values())
        weights = {
            shape: math.exp(0.5 * (one.gain - best) / self._variance)
            * one.not_negative(self._variance)
            * one.room
            for shape, one in found.items()
        }
        least = _NEGLIGIBLE * max(weights.values())
        total = sum(weight for weight in weights.values() if weight > least)
        return {shape: weight / total for shape, weight in weights.items() if weight > least}

    def _with_added(self, alone: Array, shape: tuple[float, float]) -> _Added:
        """Add an arc to each state without one; `alone` is the inverse of the normal matrix without them."""
        return _with_added(self._columns, *shape, alone, self._here.gradient[0])

    def electrolyte(self, state: int) -> tuple[float, float]:
        """Get R_SSE of a state, bulk and grain boundaries, with its standard error (ohm)."""
        parts = ("R0", "R1", "R6") if self.structure.blocking else ("R0", "R1")
        value, gradient = self._sum(state, parts)
        # What an added resistance takes over is not the electrolyte's.
        moved = float(gradient @ self._system[1])
        return self._with_error((max(value + moved, 0.5 * value), gradient))

    def interface(self, state: int) -> tuple[float, float]:
        """Get the interphase resistance of a state with its standard error (ohm).

        Of the counter electrode's interphase it contains what that has grown by since the first state.

        Not a number if there is no arc and no other state. 0 without an error is the reference, see
        `solbench.fitting.verdicts`.
        """
        return self._with_error(self._interface(state))

    def arcs(self, state: int) -> tuple[float, float]:
        """Get the sum of the arcs of both electrodes and the interphase in a state with its standard error (ohm).

        An electrode without sodium blocks: its arc does not count.
        """
        if self.structure.blocking:
            return 0.0, 0.0
        value, gradient = self._sum(state, ("R3", "R6"))
        layer, by_layer = self._sum(0, ("R7",))
        value, gradient = value + layer, gradient + by_layer
        more, by_more = self._interface(state)
        if not math.isnan(more):
            value, gradient = value + more, gradient + by_more
        return self._with_error((value, gradient))

    def total(self, state: int) -> tuple[float, float]:
        """Get the sum of R_SSE and all arcs that do not block in a state with its standard error (ohm)."""
        return self._with_error(self._sum(state, ("R0", "R1", "R2", "R3", "R6", "R7")))

    def growth(self, first: int, last: int) -> tuple[float, float]:
        """Get the growth of the interphase resistance between two states with its standard error (ohm)."""
        (a, by_a), (b, by_b) = self._interface(first), self._interface(last)
        return self._with_error((b - a, by_b - by_a))

    def growth_temperature_stderr(self, first: int, last: int) -> float:
        """Get the part of the growth's standard error (ohm) that is due to the temperature alone."""
        (_, by_a), (_, by_b) = self._interface(first), self._interface(last)
        gradient = by_b - by_a
        both = [float(gradient @ c @ gradient) for c in (self._system[0], self._at_known_temperature)]
        # No more than the whole, which the profile may have found to be less than its parabola.
        return math.sqrt(max(0.0, both[0] - both[1])) * min(1.0, self.skew.width)

    def charge_transfer(self, state: int) -> tuple[float, float]:
        """Get the charge-transfer resistance of a state with its standard error (ohm); 0 if there is none."""
        return self._with_error(self._sum(state, ("R3",)))

    def _with_error(self, value: tuple[float, Array]) -> tuple[float, float]:
        covariance = self._system[0]
        variance = float(value[1] @ covariance @ value[1])
        if math.isnan(variance):
            return value[0], math.nan
        if self.skew == SYMMETRIC:
            return value[0], math.sqrt(max(0.0, variance))
        along = float(value[1] @ covariance @ self._by_growth)  # the part (ohm) that goes with the growth
        widened = variance + along**2 * (self.skew.width**2 - 1.0)
        return value[0] + along * self.skew.shift, math.sqrt(max(0.0, widened))

    @cached_property
    def _by_growth(self) -> Array:
        """Get the gradient of the growth from the first state to the last, in its standard errors."""
        gradient = self._interface(self.structure.states - 1)[1] - self._interface(0)[1]
        return np.asarray(gradient / math.sqrt(float(gradient @ self._system[0] @ gradient)))

    def _interface(self, state: int) -> tuple[float, Array]:
        if self.structure.states == 1 and not self.structure.has_arcs:
            return math.nan, np.full(len(self._system[0]), math.nan)
        value, gradient = self._sum(state, ("R2",))
        if self.structure.counter_layer and state > 0:
            (now, by_now), (first, by_first) = self._sum(state, ("R7",)), self._sum(0, ("R7",))
            value, gradient = value + now - first, gradient + by_now - by_first
        if state in self.added:
            gradient[len(self.solution.theta) + self.added.index(state)] = 1.0
        elif self.is_at_edge and state >= self.structure.first_arc:
            gradient[-1] = self._beside(state)
        return value + float(gradient @ self._system[1]), gradient

    def _sum(self, state: int, names: tuple[str, ...]) -> tuple[float, Array]:
        """Add up resistances of a state's circuit, with the gradient of the sum."""
        term = self.solution.problem.terms[state]
        values = np.exp(term.local(self.solution.theta[None, :])[0])
        gradient = np.zeros(len(self.solution.theta) + len(self.added) + self.is_at_edge)
        total = 0.0
        for local, name in enumerate(term.circuit.names):
            if name in names:
                total += float(values[local])
                gradient[term.used] += values[local] * term.spread[:, local]
        return total, gradient


def resistances(structure: Structure, solution: Solution, skew: Skew = SYMMETRIC) -> Resistances:
    """Get the resistances of a joint fit of this structure."""
    return Resistances(structure, solution, skew)


class _Seen:
    """What one state shows of an arc in series: its parameters' derivatives and its deviations, weighted."""

    def __init__(self, term: Term, theta: Array) -> None:
        z, derivatives = term.circuit.evaluate(term.grid, np.exp(term.local(theta[None, :])))
        self.used = term.used
        self.jw = term.grid.jw
        self.weight = term.weight
        self.derivatives = term.spread @ (derivatives[0] * term.weight)
        self.deviation = (z[0] - term.impedance_ohm) * term.weight


@dataclass(frozen=True)
class _Column:
    """What one ohm adds to some states: arcs of so many ohm each; `sure`: how certain it is beforehand to be none."""

    parts: tuple[tuple[_Seen, float], ...]
    sure: float = 0.0


@dataclass(frozen=True)
class _Added:
    """Arcs of one shape, added to some states.

    `step`: to the estimates of theta and of their resistances (ohm), and `gain`: by how much that lowers the sum of
    squares. `own`: the inverse of the resistances' normal matrix; `reach`: how much of theta goes with them.
    """

    step: Array
    gain: float
    own: Array
    reach: Array

    def most_ohm(self, variance: float) -> float:
        """Return the largest resistance (ohm) that one of them may have; `variance` is that of a datum."""
        stderrs_ohm = np.sqrt(variance * np.diag(self.own))
        return float(np.max(np.abs(self.step[-len(self.own) :]) + _LIKELY * stderrs_ohm))

    @property
    def room(self) -> float:
        """Get the variance of the last resistance (ohm2), where that of a datum is 1."""
        return float(self.own[-1, -1])

    def not_negative(self, variance: float) -> float:
        """Return how likely the last resistance is not below zero; never nothing, for a contact may have less."""
        stderr_ohm = math.sqrt(variance * self.room)
        return max(0.5 * math.erfc(-float(self.step[-1]) / stderr_ohm / math.sqrt(2.0)), _NEGATIVE)

    def inverse(self, alone: Array) -> Array:
        """Return the inverse of the normal matrix of theta and the resistances; `alone`: of theta without these."""
        across = -self.reach @ self.own
        return np.block([[alone - across @ self.reach.T, across], [across.T, self.own]])


def _with_added(
    columns: Sequence[_Column], tau_s: float, exponent: float, alone: Array, gradient: Array
) -> _Added:
    """Add arcs of this shape; `alone` is the inverse of the normal matrix without them."""
    cross, squares, slopes = (
        np.zeros((len(alone), len(columns))),
        np.zeros(len(columns)),
        np.zeros(len(columns)),
    )
    for place, column in enumerate(columns):
        squares[place] = column.sure
        for one, beside in column.parts:
            shape = beside * one.weight / (1.0 + (one.jw * tau_s) ** exponent)
            cross[one.used, place] += (one.derivatives @ shape.conj()).real
            squares[place] += float(np.sum(np.abs(shape) ** 2))
            slopes[place] += float((one.deviation @ shape.conj()).real)
    reach = alone @ cross
    own = _told_inverse(np.diag(squares) - cross.T @ reach, squares)
    pull = slopes - reach.T @ gradient
    ohm = -own @ pull
    step = np.concatenate([-alone @ gradient - reach @ ohm, ohm])
    return _Added(step, float(-pull @ ohm), own, reach)


def _told_inverse(left: Array, squares: Array) -> Array:
    """Invert what the spectra tell of added resistances beside all else, of what each tells by itself: `squares`.

    A difference of nearly equal numbers; what is left of an arc far above the window is less than their rounding, and
    may be below zero. It counts as that.
    """
    scale = np.sqrt(np.maximum(squares, 1e-300))
    shares, axes = np.linalg.eigh(left / np.outer(scale, scale))
    inverse = axes / np.maximum(shares, _ROUNDING) @ axes.T
    return np.asarray(inverse / np.outer(scale, scale))


def _inverse(normal: Array) -> Array:
    """Invert a normal matrix whose parameters have different units."""
    scale = np.sqrt(np.maximum(np.diag(normal), 1e-300))
    inverse = np.linalg.pinv(normal / np.outer(scale, scale), rcond=1e-13, hermitian=True)
    return np.asarray(inverse / np.outer(scale, scale))
