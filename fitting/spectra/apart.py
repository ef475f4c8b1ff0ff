"""Several spectra fitted each by itself, at once: most of the time that one takes is the overhead of numpy's calls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from solbench.fitting.circuit import SeenCircuit
from solbench.fitting.elements import Array, Complex
from solbench.fitting.least_squares import Squares, minimise
from solbench.fitting.problem import Index, Problem
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

    def __call__(self, theta: Array) -> Squares:
        """Compute the sum of squares of each row's problem."""
        own = theta[:, -1].astype(int)
        rows, size = theta.shape
        term = self._term
        z, derivatives = term.circuit.evaluate(term.grid, np.exp(term.local(theta)))
        deviation = self._off(z, own)
        jacobian = (derivatives * self._weight[own][:, None]).view(float)
        normal = np.zeros((rows, size, size))
        inner = np.matmul(jacobian, jacobian.transpose(0, 2, 1))
        normal[:, term.used[:, None], term.used] = term.spread @ inner @ term.spread.T
        u, noise = theta[:, self._known], self._noise[own]
        cost = np.einsum("rn,rn->r", deviation, deviation) + noise * np.einsum("rk,rk->r", u, u)
        normal[:, self._known, self._known] += noise[:, None]
        return Squares(cost, self._gradient(jacobian, deviation, theta), normal, (jacobian,))

    def pull(self, jacobian: Sequence[Array], theta: Array) -> Array:
        """Compute J^T r of each row."""
        term = self._term
        z = term.circuit.impedances(term.grid, np.exp(term.local(theta)))
        return self._gradient(jacobian[0], self._off(z, theta[:, -1].astype(int)), theta)

    def _off(self, z: Complex, own: Index) -> Array:
        return np.asarray(((z - self._impedance_ohm[own]) * self._weight[own]).view(float))

    def _gradient(self, jacobian: Array, deviation: Array, theta: Array) -> Array:
        gradient = np.zeros(theta.shape)
        gradient[:, self._term.used] = np.matmul(jacobian, deviation[..., None])[..., 0] @ self._term.spread.T
        gradient[:, self._known] += self._noise[theta[:, -1].astype(int)][:, None] * theta[:, self._known]
        return gradient
