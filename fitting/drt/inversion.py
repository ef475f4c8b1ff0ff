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

from solbench.fitting.elements import Array, Complex

PER_DECADE = 16
BEYOND_DECADES = 1.0
"""The distribution extends so far beyond the time constants that the window shows: what lies there has flanks in it."""
SERIES = 3  # columns before the distribution: R, L, 1/C
LAMBDAS: Array = np.logspace(-11.0, 1.0, 25)
"""The regularizations that are tried, two a decade."""
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
        for row in range(count - 2):
            rough[row, SERIES + row : SERIES + row + 3] = (1.0, -2.0, 1.0)
        scaled: Array = rough / self.step**1.5
        return scaled

    def triangle(self, lam: float) -> tuple[Array, Array]:
        """Return the small problem that is the same: R and Q of the stacked columns."""
        q, r = np.linalg.qr(np.concatenate([self.design, math.sqrt(lam) * self.roughness]))
        return np.asarray(q, float), np.asarray(r, float)

    def solve(self, lam: float) -> Level:
        """Return the solution at a regularization."""
        if lam not in self._solved:
            q, r = self.triangle(lam)
            x = non_negative(r, q[: len(self.target)].T @ self.target)
            rest = self.target - self.design @ x
            self._solved[lam] = Level(x, float(rest @ rest))
        return self._solved[lam]

    def smoothest(self, noise: float) -> float:
        """Return the largest regularization that leaves no more than the noise (relative, one component).

        The discrepancy principle (Morozov, Soviet Math. Dokl. 7, 414, 1966). Where none does: the largest whose misfit
        is about the least.
        """
        most = max(_SLACK * len(self.target) * noise**2, _SLACK * self.solve(float(LAMBDAS[0])).square)
        low, high = 0, len(LAMBDAS)  # the misfit rises with the regularization
        while high - low > 1:
            middle = (low + high) // 2
            if self.solve(float(LAMBDAS[middle])).square <= most:
                low = middle
            else:
                high = middle
        return float(LAMBDAS[low])

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
        q, r = self.triangle(lam)
        random = np.random.default_rng(seed)
        stacked = np.concatenate([self.target, np.zeros(len(self.roughness))])
        return np.array(
            [non_negative(r, q.T @ (stacked + random.normal(0.0, noise, len(stacked)))) for _ in range(count)]
        )


def non_negative(matrix: Array, target: Array) -> Array:
    """Solve least squares with coefficients of zero or above (Lawson and Hanson, through scipy)."""
    from scipy.optimize import nnls

    found: Array = nnls(matrix, target, maxiter=30 * matrix.shape[1])[0]
    return found
