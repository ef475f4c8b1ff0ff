"""The least-squares problem of one or several spectra with common parameters.

A problem has one vector of free parameters, theta = ln p; each spectrum takes its circuit's parameters from
it or from fixed values, so fixing and sharing are a matter of indices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from solbench.fitting.circuit import Circuit, SeenCircuit
from solbench.fitting.elements import Array, Complex, Grid

Index = NDArray[np.intp]


@dataclass(frozen=True)
class Term:
    """One spectrum with its circuit and weights.

    `columns` gives for each parameter of the circuit its place in theta, or -1 if it has none; `fixed_log` is
    ln p of a fixed parameter, and the offset added to ln p of a free one. `mixed` is a list of (parameter of the
    circuit, place in theta, coefficient): what is added to ln p besides.
    """

    circuit: Circuit
    grid: Grid
    impedance_ohm: Complex
    weight: Array
    columns: Index
    fixed_log: Array
    mixed: tuple[tuple[int, int, float], ...] = ()

    def local(self, theta: Array) -> Array:
        """Get ln p of this circuit for each row of theta: (starts, parameters of the circuit)."""
        if self.mixed:
            return np.asarray(self.fixed_log + theta[:, self.used] @ self.spread)
        free = self.columns >= 0
        log_p = np.repeat(self.fixed_log[None, :], len(theta), axis=0)
        log_p[:, free] += theta[:, self.columns[free]]
        return log_p

    @cached_property
    def used(self) -> Index:
        """Get the places in theta on which this circuit depends, in order."""
        places = [*self.columns[self.columns >= 0].tolist(), *(place for _, place, _ in self.mixed)]
        return np.unique(np.array(places, np.intp))

    @cached_property
    def spread(self) -> Array:
        """Get the derivatives of the circuit's ln p with respect to theta at `used`: (used, parameters)."""
        matrix = np.zeros((len(self.used), len(self.columns)))
        inside = np.flatnonzero(self.columns >= 0)
        matrix[np.searchsorted(self.used, self.columns[inside]), inside] = 1.0
        for own, place, coefficient in self.mixed:
            matrix[np.searchsorted(self.used, place), own] += coefficient
        return matrix


class Problem:
    """Sum of squares over all terms, with gradient and normal matrix.

    `known`: the places in theta of parameters that are known beforehand to be 0 with a standard uncertainty of 1, and
    `noise`: the variance of a weighted datum, by which that knowledge counts as one more of them.
    """

    def __init__(
        self,
        terms: Sequence[Term],
        names: Sequence[str],
        lower: Array,
        upper: Array,
        known: Sequence[int] = (),
        noise: float = 0.0,
    ) -> None:
        self.terms = tuple(terms)
        self.names = tuple(names)
        self.lower = lower
        self.upper = upper
        self.known = np.array(known, np.intp)
        self.noise = noise
        self._spread = [self._matrix(term) for term in self.terms]
        self._groups = [_Group(self.terms, places) for places in _alike(self.terms)]

    @property
    def measured_count(self) -> int:
        """Get the number of real data that were measured: two per point."""
        return 2 * sum(len(term.impedance_ohm) for term in self.terms)

    @property
    def data_count(self) -> int:
        """Get the number of real data: two per point, and what is known beforehand."""
        return self.measured_count + len(self.known)

    def part(self, places: Sequence[int]) -> tuple[Problem, Index]:
        """Return the problem of the terms at these places, and the places of its parameters in theta."""
        terms = [self.terms[k] for k in places]
        used = np.unique(np.concatenate([term.used for term in terms]))

        def renumbered(columns: Index) -> Index:
            return np.where(columns >= 0, np.searchsorted(used, columns), -1)

        fewer = [
            replace(
                term,
                columns=renumbered(term.columns),
                mixed=tuple((own, int(np.searchsorted(used, place)), c) for own, place, c in term.mixed),
            )
            for term in terms
        ]
        names = [self.names[k] for k in used]
        known = renumbered(np.intersect1d(self.known, used)).tolist()
        return Problem(fewer, names, self.lower[used], self.upper[used], known, self.noise), used

    def _matrix(self, term: Term) -> tuple[Index, Array] | None:
        """Get the places in theta that a term uses, and the matrix from its parameters to these.

        None where its parameters are theta. One of many states uses few places: its cost does not grow with their
        number.
        """
        if not term.mixed and np.array_equal(term.columns, np.arange(len(self.names))):
            return None
        return term.used, term.spread

    def __call__(self, theta: Array) -> tuple[Array, Array, Array]:
        """Compute cost (starts,), half its gradient and the normal matrix J^T J for each row of theta."""
        size = theta.shape[1]
        cost, gradient, normal = (
            np.zeros(len(theta)),
            np.zeros(theta.shape),
            np.zeros((len(theta), size, size)),
        )
        for group in self._groups:
            values = np.exp(np.stack([self.terms[k].local(theta) for k in group.places]))
            for place, c, g, n in zip(group.places, *group.squares(values), strict=True):
                cost += c
                spread = self._spread[place]
                if spread is None:
                    gradient += g
                    normal += n
                else:
                    used, matrix = spread
                    gradient[:, used] += g @ matrix.T
                    normal[:, used[:, None], used] += _both_sides(matrix, n)
        if len(self.known):
            u = theta[:, self.known]
            cost = cost + self.noise * np.einsum("sk,sk->s", u, u)
            gradient[:, self.known] += self.noise * u
            normal[:, self.known, self.known] += self.noise
        return cost, gradient, normal


class _Group:
    """Terms with the same circuit and frequencies, evaluated together: numpy's overhead is per call."""

    def __init__(self, terms: Sequence[Term], places: Sequence[int]) -> None:
        self.places = tuple(places)
        self._circuit, self._grid = terms[places[0]].circuit, terms[places[0]].grid
        self._impedance_ohm = np.stack([terms[k].impedance_ohm for k in places])
        self._weight = np.stack([terms[k].weight for k in places])

    def squares(self, values: Array) -> tuple[Array, Array, Array]:
        """Compute cost, half its gradient and normal matrix of each term and start.

        `values` has the shape (terms, starts, parameters); the results have the axes (terms, starts) before
        their own.
        """
        terms, starts, size = values.shape
        z, derivatives = self._circuit.evaluate(self._grid, values.reshape(-1, size))
        rest = (z.reshape(terms, starts, -1) - self._impedance_ohm[:, None]) * self._weight[:, None]
        weighted = derivatives.reshape(terms, starts, size, -1) * self._weight[:, None, None]
        jacobian, deviation = weighted.view(float), rest.view(float)
        return (
            np.einsum("tsn,tsn->ts", deviation, deviation),
            np.matmul(jacobian, deviation[..., None])[..., 0],
            np.matmul(jacobian, jacobian.transpose(0, 1, 3, 2)),
        )


def _both_sides(matrix: Array, normal: Array) -> Array:
    """Compute `matrix @ normal @ matrix.T` of each start: two products in all, for numpy's overhead is per product."""
    starts, size, _ = normal.shape
    half = (normal.reshape(starts * size, size) @ matrix.T).reshape(starts, size, -1)
    whole: Array = half.transpose(0, 2, 1).reshape(-1, size) @ matrix.T  # `normal` is symmetric
    return whole.reshape(starts, len(matrix), len(matrix))


def _alike(terms: Sequence[Term]) -> list[list[int]]:
    """Group the indices of terms with equal circuits and frequencies."""
    groups: dict[tuple[str, bytes, bytes], list[int]] = {}
    for k, term in enumerate(terms):
        chain = term.circuit.chain.key if isinstance(term.circuit, SeenCircuit) else b""
        groups.setdefault((term.circuit.text, term.grid.frequency_Hz.tobytes(), chain), []).append(k)
    return list(groups.values())
