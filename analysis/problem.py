"""The least-squares problem of one or several spectra with common parameters.

A problem has one vector of free parameters, theta = ln p; each spectrum takes its circuit's parameters from
it or from fixed values, so fixing and sharing are a matter of indices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.circuit import Circuit
from analysis.elements import Array, Complex, Grid

Index = NDArray[np.intp]


@dataclass(frozen=True)
class Term:
    """One spectrum with its circuit and weights.

    `columns` holds for each parameter of the circuit its place in theta, or -1 where it is fixed at
    `fixed_log`.
    """

    circuit: Circuit
    grid: Grid
    impedance_ohm: Complex
    weight: Array
    columns: Index
    fixed_log: Array

    def local(self, theta: Array) -> Array:
        """Get ln p of this circuit for each row of theta: (starts, parameters of the circuit)."""
        free = self.columns >= 0
        log_p = np.repeat(self.fixed_log[None, :], len(theta), axis=0)
        log_p[:, free] = theta[:, self.columns[free]]
        return log_p


class Problem:
    """Sum of squares over all terms, with gradient and normal matrix."""

    def __init__(self, terms: Sequence[Term], names: Sequence[str], lower: Array, upper: Array) -> None:
        self.terms = tuple(terms)
        self.names = tuple(names)
        self.lower = lower
        self.upper = upper
        self._spread = [self._matrix(term.columns) for term in self.terms]

    @property
    def data_count(self) -> int:
        """Get the number of real data: two a point."""
        return 2 * sum(len(term.impedance_ohm) for term in self.terms)

    def _matrix(self, columns: Index) -> Array | None:
        """Get the 0/1 matrix from a circuit's parameters to theta; None where they are the same."""
        size = len(self.names)
        if len(columns) == size and np.array_equal(columns, np.arange(size)):
            return None
        matrix = np.zeros((size, len(columns)))
        free = columns >= 0
        matrix[columns[free], np.flatnonzero(free)] = 1.0
        return matrix

    def __call__(self, theta: Array) -> tuple[Array, Array, Array]:
        """Compute cost (starts,), half its gradient and the normal matrix J^T J for each row of theta."""
        size = theta.shape[1]
        cost, gradient, normal = (
            np.zeros(len(theta)),
            np.zeros(theta.shape),
            np.zeros((len(theta), size, size)),
        )
        for term, spread in zip(self.terms, self._spread, strict=True):
            c, g, n = _squares(term, np.exp(term.local(theta)))
            if spread is not None:
                g, n = g @ spread.T, spread @ n @ spread.T
            cost, gradient, normal = cost + c, gradient + g, normal + n
        return cost, gradient, normal


def _squares(term: Term, values: Array) -> tuple[Array, Array, Array]:
    z, derivatives = term.circuit.evaluate(term.grid, values)
    rest = ((z - term.impedance_ohm) * term.weight).view(float)
    derivatives *= term.weight
    jacobian = derivatives.view(float)
    gradient = np.matmul(jacobian, rest[:, :, None])[:, :, 0]
    return (
        np.einsum("ij,ij->i", rest, rest),
        gradient,
        np.matmul(jacobian, jacobian.transpose(0, 2, 1)),
    )
