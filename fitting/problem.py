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
from solbench.fitting.least_squares import Squares

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

    def __call__(self, theta: Array) -> Squares:
        """Compute the sum of squares at each row of theta."""
        rows, size = theta.shape
        cost, gradient, normal = np.zeros(rows), np.zeros(theta.shape), np.zeros((rows, size, size))
        jacobians = []
        for group in self._groups:
            deviation, jacobian = group.evaluated(theta)
            cost += np.einsum("stn,stn->s", deviation, deviation)
            group.add_gradient(gradient, jacobian, deviation)
            group.add_normal(normal, jacobian)
            jacobians.append(jacobian)
        if len(self.known):
            u = theta[:, self.known]
            cost += self.noise * np.einsum("sk,sk->s", u, u)
            gradient[:, self.known] += self.noise * u
            normal[:, self.known, self.known] += self.noise
        return Squares(cost, gradient, normal, tuple(jacobians))

    def pull(self, jacobian: Sequence[Array], theta: Array) -> Array:
        """Compute J^T r of each row: J as `Squares` of another place has it, r the deviations at theta."""
        gradient = np.zeros(theta.shape)
        for group, own in zip(self._groups, jacobian, strict=True):
            group.add_gradient(gradient, own, group.deviations(theta))
        gradient[:, self.known] += self.noise * theta[:, self.known]
        return gradient


class _Group:
    """Terms with the same circuit and frequencies, evaluated together: numpy's overhead is per call.

    Arrays have the axes (starts, terms) before their own; `_spread` (terms, places used, parameters).
    """

    def __init__(self, terms: Sequence[Term], places: Sequence[int]) -> None:
        own = [terms[k] for k in places]
        self._circuit, self._grid = own[0].circuit, own[0].grid
        self._impedance_ohm = np.stack([term.impedance_ohm for term in own])
        self._weight = np.stack([term.weight for term in own])
        self._used = np.stack([term.used for term in own])
        self._spread = np.stack([term.spread for term in own])
        self._fixed_log = np.stack([term.fixed_log for term in own])

    def _values(self, theta: Array) -> Array:
        """Get the parameters of each term: (starts * terms, parameters)."""
        log_p = np.matmul(theta[:, self._used][:, :, None, :], self._spread)[:, :, 0] + self._fixed_log
        return np.asarray(np.exp(log_p).reshape(-1, log_p.shape[-1]))

    def evaluated(self, theta: Array) -> tuple[Array, Array]:
        """Compute deviations, and their derivatives with respect to the parameters of each term's circuit."""
        z, derivatives = self._circuit.evaluate(self._grid, self._values(theta))
        points = z.shape[-1]
        jacobian = derivatives.reshape(len(theta), len(self._weight), -1, points)
        jacobian *= self._weight[:, None]
        return self._off(z.reshape(len(theta), -1, points)), jacobian.view(float)

    def deviations(self, theta: Array) -> Array:
        """Compute the deviations alone."""
        z = self._circuit.impedances(self._grid, self._values(theta))
        return self._off(z.reshape(len(theta), -1, z.shape[-1]))

    def _off(self, z: Complex) -> Array:
        rest: Complex = (z - self._impedance_ohm) * self._weight
        return rest.view(float)

    def add_gradient(self, gradient: Array, jacobian: Array, deviation: Array) -> None:
        """Add J^T r of these terms."""
        own = np.matmul(jacobian, deviation[..., None])
        part = np.matmul(self._spread, own)[..., 0]
        for k, used in enumerate(self._used):
            gradient[:, used] += part[:, k]

    def add_normal(self, normal: Array, jacobian: Array) -> None:
        """Add J^T J of these terms: two products for all starts of a term."""
        own = np.matmul(jacobian, jacobian.transpose(0, 1, 3, 2))
        rows, size = len(own), own.shape[-1]
        for k, (used, spread) in enumerate(zip(self._used, self._spread, strict=True)):
            half = (own[:, k].reshape(-1, size) @ spread.T).reshape(rows, size, -1)
            whole = half.transpose(0, 2, 1).reshape(-1, size) @ spread.T  # J^T J is symmetric
            normal[:, used[:, None], used] += whole.reshape(rows, len(used), len(used))


def _alike(terms: Sequence[Term]) -> list[list[int]]:
    """Group the indices of terms with equal circuits and frequencies, which use as many places of theta."""
    groups: dict[tuple[str, bytes, bytes, int], list[int]] = {}
    for k, term in enumerate(terms):
        chain = term.circuit.chain.key if isinstance(term.circuit, SeenCircuit) else b""
        groups.setdefault(
            (term.circuit.text, term.grid.frequency_Hz.tobytes(), chain, len(term.used)), []
        ).append(k)
    return list(groups.values())
