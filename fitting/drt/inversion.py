"""From a spectrum to a distribution of relaxation times: regularized least squares that are nowhere negative.

Model: Z = R + j omega L + 1/(j omega C) + integral of gamma/(1 + j omega tau) over ln tau, all parts zero or above,
deviations relative to |Z|. What is asked to be smooth is gamma over the modulus at its own frequency, so that a
blocking tail of kiloohms does not decide how smooth an arc of some ohms has to be.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from solbench.fitting.elements import Array, Complex

PER_DECADE = 16
BEYOND_DECADES = 1.0
"""The distribution extends so far beyond the time constants that the window shows: what lies there has flanks in it."""
SERIES = 3  # columns before the distribution: R, L, 1/C
LAMBDAS: Array = np.logspace(-11.0, 1.0, 25)
"""The regularizations that are tried, two a decade."""
_DECADE, _MIDDLE = 2, 12  # rungs; of a tenth of a percent of noise it is about the middle one
_PATIENCE = 10  # pivots that leave no fewer coefficients on the wrong side
_ROUNDING = 1e-13  # of the largest slope
_SLACK = 1.2  # of the noise, whose estimate is not exact either


@dataclass(frozen=True, eq=False)
class Level:
    """The solution at one regularization: coefficients, and the sum of squares of the relative deviations."""

    coefficients: Array
    square: float


class Inversion:
    """The linear problem of one spectrum (Hz, ohm); `solve` knows the answer for each regularization."""

    def __init__(self, frequency_Hz: Array, impedance_ohm: Complex) -> None:
        self.omega = 2.0 * np.pi * frequency_Hz
        self.impedance_ohm = impedance_ohm
        low, high = 1.0 / self.omega.max(), 1.0 / self.omega.min()
        self.window_s = (float(low), float(high))
        ends = math.log10(low) - BEYOND_DECADES, math.log10(high) + BEYOND_DECADES
        self.tau_s: Array = np.logspace(*ends, int((ends[1] - ends[0]) * PER_DECADE) + 2)
        self.step = float(np.log(self.tau_s[1] / self.tau_s[0]))
        order = np.argsort(self.omega)
        modulus = np.log(np.abs(impedance_ohm[order]))
        self.scale_ohm: Array = np.exp(np.interp(-np.log(self.tau_s), np.log(self.omega[order]), modulus))
        self._solved: dict[float, Level] = {}
        self._about: dict[float, NonNegative] = {}

    @cached_property
    def design(self) -> Array:
        """Get the columns (2 x points, real parts first), each of about the size of one."""
        omega, weight = self.omega, 1.0 / np.abs(self.impedance_ohm)
        kernel: Complex = self.step * self.scale_ohm / (1.0 + 1j * np.outer(omega, self.tau_s))
        columns: Complex = np.column_stack([self._series, kernel]) * weight[:, None]
        return np.concatenate([columns.real, columns.imag])

    @cached_property
    def _series(self) -> Complex:
        """Get R, L and 1/C of a size that goes with the spectrum's smallest modulus, and with that at either end."""
        omega, size = self.omega, np.abs(self.impedance_ohm)
        first, last = int(np.argmax(omega)), int(np.argmin(omega))
        inductive = 1j * omega / omega[first] * size[first]
        capacitive = omega[last] / (1j * omega) * size[last]
        return np.column_stack([np.full(len(omega), size.min(), complex), inductive, capacitive])

    @cached_property
    def target(self) -> Array:
        """Get Z/|Z|, real parts first."""
        unit = self.impedance_ohm / np.abs(self.impedance_ohm)
        return np.concatenate([unit.real, unit.imag])

    @cached_property
    def roughness(self) -> Array:
        """Get the operator whose squares are the integral of the squared second derivative over ln tau."""
        count = len(self.tau_s)
        rough: Array = np.zeros((count - 2, SERIES + count))
        row = np.arange(count - 2)
        for column, bend in enumerate((1.0, -2.0, 1.0)):
            rough[row, SERIES + row + column] = bend
        scaled: Array = rough / self.step**1.5
        return scaled

    @cached_property
    def _small(self) -> Array:
        """Get R of the design with the target as its last column: all that a solution needs of the data."""
        return np.asarray(np.linalg.qr(np.column_stack([self.design, self.target]), mode="r"), float)

    def triangle(self, lam: float) -> tuple[Array, Array]:
        """Return a small problem that is the same: R of the stacked columns, and Q^T of the target."""
        size = self.roughness.shape[1]
        rough = np.column_stack([math.sqrt(lam) * self.roughness, np.zeros(len(self.roughness))])
        whole: Array = np.asarray(np.linalg.qr(np.concatenate([self._small, rough]), mode="r"), float)
        return whole[:size, :size], whole[:size, size]

    def solve(self, lam: float) -> Level:
        """Return the solution at a regularization."""
        if lam not in self._solved:
            near = min(self._solved, key=lambda other: abs(math.log(other / lam)), default=None)
            likely = np.ones(self.roughness.shape[1], bool) if near is None else self._above(near)
            x = NonNegative(self._gram(lam)).near((self.design.T @ self.target)[None], likely)[0]
            rest = self.target - self.design @ x
            self._solved[lam] = Level(x, float(rest @ rest))
        return self._solved[lam]

    def solved(self, lam: float, target: Array, likely: NDArray[np.bool_]) -> Array:
        """Return the coefficients of another target of the same size, of which about the `likely` are above zero."""
        found: Array = self._near(lam).near((self.design.T @ target)[None], likely)[0]
        return found

    def _near(self, lam: float) -> NonNegative:
        """Return the problem of targets whose solutions are about that of the spectrum."""
        if lam not in self._about:
            self.solve(lam)
            self._about[lam] = NonNegative(self._gram(lam), self._above(lam))
        return self._about[lam]

    def _above(self, lam: float) -> NDArray[np.bool_]:
        above: NDArray[np.bool_] = self._solved[lam].coefficients > 0.0
        return above

    @cached_property
    def _grams(self) -> tuple[Array, Array]:
        """Get the products of the columns of the design and of the roughness with each other."""
        return self.design.T @ self.design, self.roughness.T @ self.roughness

    def _gram(self, lam: float) -> Array:
        data, rough = self._grams
        return data + lam * rough

    def smoothest(self, noise: float) -> float:
        """Return the largest regularization that leaves no more than the noise (relative, one component).

        The discrepancy principle (Morozov, Soviet Math. Dokl. 7, 414, 1966). Where none does: the largest whose misfit
        is about the least.
        """
        most = _SLACK * len(self.target) * noise**2
        rung = self._largest(most, _MIDDLE)
        lowest = rung
        while _SLACK * self._square(lowest) > most and lowest > 0:
            lowest = max(lowest - _DECADE, 0)
        if lowest == 0:
            rung = self._largest(max(most, _SLACK * self._square(0)), rung)
        return float(LAMBDAS[rung])

    def _square(self, rung: int) -> float:
        return self.solve(float(LAMBDAS[rung])).square

    def _largest(self, most: float, rung: int) -> int:
        """Return the highest rung whose sum of squares is no more than that, beginning at one; 0 where there is none.

        The misfit rises with the regularization. It goes by decades, for those beside the last are wanted, too.
        """
        while rung > 0 and self._square(rung) > most:
            rung = max(rung - _DECADE, 0)
        while rung + _DECADE < len(LAMBDAS) and self._square(rung + _DECADE) <= most:
            rung += _DECADE
        while rung + 1 < len(LAMBDAS) and self._square(rung + 1) <= most:
            rung += 1
        return rung

    def gamma_ohm(self, coefficients: Array) -> Array:
        """Return the distribution (ohm per unit of ln tau) of coefficients, one row or many."""
        gamma: Array = coefficients[..., SERIES:] * self.scale_ohm
        return gamma

    def series(self, coefficients: Array) -> tuple[float, float, float]:
        """Return resistance (ohm), inductance (H) and inverse capacitance (1/F) in series."""
        first, last = int(np.argmax(self.omega)), int(np.argmin(self.omega))
        resistance = coefficients[0] * float(np.abs(self.impedance_ohm).min())
        inductance = coefficients[1] * abs(self.impedance_ohm[first]) / self.omega[first]
        return (
            resistance,
            float(inductance),
            float(coefficients[2] * self.omega[last] * abs(self.impedance_ohm[last])),
        )

    def drawn(self, lam: float, noise: float, count: int, seed: int = 1) -> Array:
        """Draw coefficients from what noise (relative, one component) and smoothness leave open, one a row.

        Data and roughness are disturbed by as much as each is uncertain, and the problem is solved again, so that what
        cannot be negative is not (Bardsley and Hansen, SIAM J. Sci. Comput. 42, A1269, 2020).
        """
        r, target = self.triangle(lam)
        random = np.random.default_rng(seed)
        # Disturbances that are normal and equal for all rows are so in the small problem, too.
        targets = target + random.normal(0.0, noise, (count, len(target)))
        return self._near(lam).near(targets @ r, self._above(lam))


def non_negative(matrix: Array, target: Array) -> Array:
    """Solve least squares with coefficients of zero or above (Lawson and Hanson, through scipy)."""
    from scipy.optimize import nnls

    found: Array = nnls(matrix, target, maxiter=30 * matrix.shape[1])[0]
    return found


class NonNegative:
    """Least squares with coefficients of zero or above, from the products of the columns with each other.

    Block principal pivoting (Portugal, Judice and Vicente, Math. Comput. 63, 625, 1994): the coefficients that a guess
    leaves below zero, and those that would rise, change sides at once until there are none. Where their number falls no
    more, Lawson and Hanson's way is taken, which always ends. With the solutions `about` certain coefficients above
    zero an inverse for these is made once, and costs each target a system of those that change sides; all
    targets take each step together.
    """

    def __init__(self, gram: Array, about: NDArray[np.bool_] | None = None) -> None:
        self.gram = gram
        self._base = about

    def near(self, rights: Array, likely: NDArray[np.bool_]) -> Array:
        """Return the solutions, one a row, for the products of the columns with targets, one a row, too.

        `likely` are the coefficients that may be above zero, the same of all targets or a row of each.
        """
        found = np.empty_like(rights)
        above = np.broadcast_to(likely, rights.shape).copy()
        least = _ROUNDING * np.abs(rights).max(axis=1)
        fewest, waited = np.full(len(rights), rights.shape[1] + 1), np.zeros(len(rights), int)
        open_ = np.arange(len(rights))
        while len(open_):
            x = found[open_] = self._with(above[open_], rights[open_])
            slopes = rights[open_] - x @ self.gram
            wrong = np.where(above[open_], x < 0.0, slopes > least[open_, None])
            count = np.count_nonzero(wrong, axis=1)
            waited[open_] = np.where(count < fewest[open_], 0, waited[open_] + 1)
            fewest[open_] = np.minimum(fewest[open_], count)
            above[open_] ^= wrong
            open_ = open_[(count > 0) & (waited[open_] < _PATIENCE)]
        for k in np.flatnonzero(waited == _PATIENCE):
            rows, back = self._rows
            found[k] = non_negative(rows, np.asarray(back @ rights[k], float))
        return found

    def _with(self, above: NDArray[np.bool_], rights: Array) -> Array:
        """Solve with these coefficients of any sign, the others being zero; each row with its own."""
        x = np.zeros_like(rights)
        if self._base is None:
            for row, some, right in zip(x, above, rights, strict=True):
                row[some] = np.linalg.solve(self.gram[some][:, some], right[some])
            return x
        base, table = self._base, self._table
        has_moved = above != base
        # As many of each row as the most that have moved in one; the others' equations say that they are zero.
        counts = np.count_nonzero(has_moved, axis=1)
        most = int(counts.max())
        moved = np.argsort(~has_moved, axis=1, kind="stable")[:, :most]
        row, idle = np.arange(len(rights))[:, None], np.arange(most) >= counts[:, None]
        block = table[moved[:, :, None], moved[:, None, :]]
        if idle.any():
            block[idle] = 0.0
            block.transpose(0, 2, 1)[idle] = 0.0
            diagonal = np.arange(most)
            block[:, diagonal, diagonal] += idle
        left = rights
        for _ in range(2):  # an inverse is no more exact than its condition allows
            made = np.where(base, left, 0.0) @ table.T - np.where(base, 0.0, left)
            sought = made[row, moved]
            sought[idle] = 0.0
            change = np.zeros_like(made)
            change[row, moved] = np.linalg.solve(block, sought[:, :, None])[:, :, 0]
            made -= change @ table.T
            x += np.where(above, np.where(base, made, -change), 0.0)
            left = rights - x @ self.gram
        return x

    @cached_property
    def _table(self) -> Array:
        """Get what makes, of the slopes of the base and the values of the others, its values and their slopes.

        The principal pivot transform (Tucker, Proc. Symp. Appl. Math. 10, 129, 1960).
        """
        assert self._base is not None
        some, others = np.flatnonzero(self._base), np.flatnonzero(~self._base)
        across = self.gram[others[:, None], some]
        inverse = np.linalg.inv(self.gram[some[:, None], some])
        through = across @ inverse
        table = np.empty_like(self.gram)
        table[some[:, None], some] = inverse
        table[some[:, None], others] = -through.T
        table[others[:, None], some] = through
        table[others[:, None], others] = self.gram[others[:, None], others] - through @ across.T
        return table

    @cached_property
    def _rows(self) -> tuple[Array, Array]:
        """Get a matrix of the same products, and what makes its target of the products of the columns with theirs."""
        squares, axes = np.linalg.eigh(self.gram)
        sizes = np.sqrt(np.maximum(squares, np.finfo(float).eps * squares[-1]))
        return np.asarray(sizes[:, None] * axes.T, float), np.asarray(axes.T / sizes[:, None], float)
