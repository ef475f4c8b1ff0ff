"""Resistances of a joint fit with their standard errors, from the covariance of all parameters.

A state without an interphase arc gets a linear estimate instead: one Gauss-Newton step for a resistance added
in series, including the errors of all other parameters. It may be below zero, so it is unbiased, unlike a
parameter that must be positive.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from solbench.fitting.elements import Array
from solbench.fitting.problem import Term
from solbench.fitting.solution import Solution
from solbench.fitting.structure import Structure

IDEAL = 5e-4
"""Relative deviation from ideal arcs that no electrode is free of: less noise than that does not make a fit surer."""


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
        problem, theta = self.solution.problem, self.solution.theta
        here = problem(theta[None, :])
        size, extra = len(theta), len(self.added)
        whole, right = np.zeros((size + extra, size + extra)), np.zeros(size + extra)
        whole[:size, :size], right[:size] = here.normal[0], here.gradient[0]
        for place, state in enumerate(self.added, start=size):
            cross, square, slope = _added_resistance(problem.terms[state], theta, size)
            whole[place, :size] = whole[:size, place] = cross
            whole[place, place], right[place] = square, slope
        inside = np.concatenate([~self.solution.at_bound & free, np.ones(extra, bool)])
        covariance = np.zeros_like(whole)
        part = whole[np.ix_(inside, inside)]
        scale = np.sqrt(np.maximum(np.diag(part), 1e-300))
        inverse = np.linalg.pinv(part / np.outer(scale, scale), rcond=1e-13, hermitian=True)
        inverse = inverse / np.outer(scale, scale)
        covariance[np.ix_(inside, inside)] = inverse * max(self.solution.chi2_nu, IDEAL**2)
        step = np.zeros(size + extra)
        step[inside] = -inverse @ right[inside]
        return covariance, step

    def electrolyte(self, state: int) -> tuple[float, float]:
        """Get R_SSE of a state, bulk and grain boundaries, with its standard error (ohm)."""
        parts = ("R0", "R1", "R6") if self.structure.blocking else ("R0", "R1")
        value, gradient = self._sum(state, parts)
        # What an added resistance takes over is not the electrolyte's.
        moved = float(gradient @ self._system[1]) if self.added else 0.0
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
            place = len(self.solution.theta) + self.added.index(state)
            gradient[place] = 1.0
            value += float(self._system[1][place])
        return value, gradient

    def _sum(self, state: int, names: tuple[str, ...]) -> tuple[float, Array]:
        """Add up resistances of a state's circuit, with the gradient of the sum."""
        term = self.solution.problem.terms[state]
        values = np.exp(term.local(self.solution.theta[None, :])[0])
        gradient = np.zeros(len(self._system[0]))
        total = 0.0
        for local, name in enumerate(term.circuit.names):
            if name in names:
                total += float(values[local])
                gradient[term.used] += values[local] * term.spread[:, local]
        return total, gradient


def resistances(structure: Structure, solution: Solution, skew: Skew = SYMMETRIC) -> Resistances:
    """Get the resistances of a joint fit of this structure."""
    return Resistances(structure, solution, skew)


def _added_resistance(term: Term, theta: Array, size: int) -> tuple[Array, float, float]:
    """Get the entries of the normal matrix for a resistance (ohm) in series with one state."""
    z, derivatives = term.circuit.evaluate(term.grid, np.exp(term.local(theta[None, :])))
    square_weight = term.weight**2
    cross = np.zeros(size)
    cross[term.used] = term.spread @ (derivatives[0].real @ square_weight)
    slope = float((z[0] - term.impedance_ohm).real @ square_weight)
    return cross, float(np.sum(square_weight)), slope
