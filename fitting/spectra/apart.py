"""Several spectra fitted each by itself, at once: most of the time that one takes is the overhead of numpy's calls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from solbench.fitting.circuit import SeenCircuit
from solbench.fitting.elements import Array
from solbench.fitting.least_squares import minimise
from solbench.fitting.problem import Problem
from solbench.fitting.solution import Solution

_ITERATIONS = 300


def solve_apart(
    problems: Sequence[Problem], starts: Sequence[Array], tolerance: float
) -> tuple[Solution, ...]:
    """Solve problems of one spectrum each, from one start each (unknowns,); in their order.

    `tolerance`: the relative change of a sum of squares in a step by which it counts as ended.
    """
    groups: dict[tuple[bytes, ...], list[int]] = {}
    for k, problem in enumerate(problems):
        groups.setdefault(_shape(problem), []).append(k)
    found: dict[int, Solution] = {}
    for places in groups.values():
        own = [problems[k] for k in places]
        numbers = np.arange(len(own), dtype=float)[:, None]
        theta, lower, upper = (
            np.hstack([np.stack(rows), numbers])
            for rows in ([starts[k] for k in places], [p.lower for p in own], [p.upper for p in own])
        )
        ended = minimise(_Apart(own), theta, lower, upper, _ITERATIONS, tolerance)
        for row, k in enumerate(places):
            found[k] = Solution(
                problems[k], ended.theta[row, :-1], float(ended.cost[row]), bool(ended.converged[row])
            )
    return tuple(found[k] for k in range(len(problems)))


def _shape(problem: Problem) -> tuple[bytes, ...]:
    """Return what must be equal for two problems to be evaluated together."""
    (term,) = problem.terms
    chain = term.circuit.chain.key if isinstance(term.circuit, SeenCircuit) else b""
    arrays = (term.grid.frequency_Hz, term.used, term.spread, term.fixed_log, problem.known)
    return (term.circuit.text.encode(), chain, *(one.tobytes() for one in arrays))


class _Apart:
    """Problems of one shape; the last column of what is evaluated is the number of the problem, which is held."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        terms = [problem.terms[0] for problem in problems]
        self._term, self._known = terms[0], problems[0].known
        self._impedance_ohm = np.stack([term.impedance_ohm for term in terms])
        self._weight = np.stack([term.weight for term in terms])
        self._noise = np.array([problem.noise for problem in problems])

    def __call__(self, theta: Array) -> tuple[Array, Array, Array]:
        """Compute cost (rows,), half its gradient and the normal matrix of each row's problem."""
        own = theta[:, -1].astype(int)
        rows, size = theta.shape
        term, weight = self._term, self._weight[own]
        z, derivatives = term.circuit.evaluate(term.grid, np.exp(term.local(theta)))
        deviation = ((z - self._impedance_ohm[own]) * weight).view(float)
        jacobian = (derivatives * weight[:, None]).view(float)
        gradient, normal = np.zeros((rows, size)), np.zeros((rows, size, size))
        gradient[:, term.used] = np.matmul(jacobian, deviation[..., None])[..., 0] @ term.spread.T
        inner = np.matmul(jacobian, jacobian.transpose(0, 2, 1))
        normal[:, term.used[:, None], term.used] = term.spread @ inner @ term.spread.T
        cost = np.einsum("rn,rn->r", deviation, deviation)
        u, noise = theta[:, self._known], self._noise[own]
        cost += noise * np.einsum("rk,rk->r", u, u)
        gradient[:, self._known] += noise[:, None] * u
        normal[:, self._known, self._known] += noise[:, None]
        return cost, gradient, normal
