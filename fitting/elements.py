"""Circuit elements: impedance and its derivatives with respect to the logarithm of each parameter.

Names, parameters and formulae are those of impedance.py, so that a circuit string means the same in both;
the one exception is La, see `modified_inductor`. Parameters come as arrays that broadcast against the
frequencies.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Value = tuple[NDArray[Any], tuple[NDArray[Any], ...]]

Kind = Literal["impedance", "admittance", "exponent", "time"]


class Grid:
    """The frequencies of a spectrum (Hz) and the values derived from them that all elements need."""

    def __init__(self, frequency_Hz: Array) -> None:
        self.frequency_Hz = np.asarray(frequency_Hz, float)
        self.omega = 2 * np.pi * self.frequency_Hz
        self.jw: NDArray[Any] = 1j * self.omega
        self.inverse_jw: NDArray[Any] = 1 / self.jw
        self.log_jw: NDArray[Any] = np.log(self.omega) + 0.5j * np.pi
        self.root_jw: NDArray[Any] = np.exp(0.5 * self.log_jw)
        self._log_omega = np.log(self.omega)

    def power(self, exponent: NDArray[Any]) -> NDArray[Any]:
        """Compute (j omega)^exponent for a column of exponents: its turn is the same at all frequencies."""
        turn = np.exp(0.5j * np.pi * exponent)
        found: NDArray[Any] = np.exp(exponent * self._log_omega) * turn
        return found


@dataclass(frozen=True)
class Parameter:
    """One parameter: its change when the impedance level rises, its unit and its customary bounds (SI).

    `impedance` grows with it, `admittance` falls with it, `exponent` and `time` stay constant.
    """

    kind: Kind
    unit: str
    low: float
    high: float


@dataclass(frozen=True)
class Element:
    """One kind of element; `evaluate(grid, *parameters)` gives Z and dZ/dln(p) of each parameter."""

    symbol: str
    parameters: tuple[Parameter, ...]
    evaluate: Callable[..., Value]


def resistor(grid: Grid, R: NDArray[Any]) -> Value:
    """Compute Z = R."""
    z = R + np.zeros(len(grid.omega), complex)
    return z, (z,)


def capacitor(grid: Grid, C: NDArray[Any]) -> Value:
    """Compute Z = 1/(j omega C)."""
    z = grid.inverse_jw / C
    return z, (-z,)


def inductor(grid: Grid, L: NDArray[Any]) -> Value:
    """Compute Z = j omega L."""
    z = grid.jw * L
    return z, (z,)


def constant_phase(grid: Grid, Q: NDArray[Any], alpha: NDArray[Any]) -> Value:
    """Compute Z = 1/(Q (j omega)^alpha)."""
    z = grid.power(-alpha) / Q
    return z, (-z, -alpha * grid.log_jw * z)


def warburg(grid: Grid, A: NDArray[Any]) -> Value:
    """Compute the semi-infinite Warburg impedance Z = A (1 - j)/sqrt(omega)."""
    z = np.sqrt(2) * A / grid.root_jw
    return z, (z,)


def open_warburg(grid: Grid, Z0: NDArray[Any], tau: NDArray[Any]) -> Value:
    """Compute the finite-space Warburg impedance Z = Z0 coth(x)/x with x = sqrt(j omega tau)."""
    x = grid.root_jw * np.sqrt(tau)
    z = Z0 / (x * np.tanh(x))
    return z, (z, -z / 2 * (1 + _twice_over_sinh_twice(x)))


def short_warburg(grid: Grid, Z0: NDArray[Any], tau: NDArray[Any]) -> Value:
    """Compute the finite-length Warburg impedance Z = Z0 tanh(x)/x with x = sqrt(j omega tau)."""
    x = grid.root_jw * np.sqrt(tau)
    z = Z0 * np.tanh(x) / x
    return z, (z, z / 2 * (_twice_over_sinh_twice(x) - 1))


def modified_inductor(grid: Grid, L: NDArray[Any], alpha: NDArray[Any]) -> Value:
    """Compute Z = L (j omega)^alpha (EC-Lab application note 42).

    impedance.py 1.7.1 documents this formula, but computes (L j omega)^alpha.
    """
    slope = alpha * grid.log_jw
    z = L * np.exp(slope)
    return z, (z, slope * z)


def gerischer(grid: Grid, R: NDArray[Any], tau: NDArray[Any]) -> Value:
    """Compute Z = R/sqrt(1 + j omega tau)."""
    x = grid.jw * tau
    z = R / np.sqrt(1 + x)
    return z, (z, -z / 2 * x / (1 + x))


def _twice_over_sinh_twice(x: NDArray[Any]) -> NDArray[Any]:
    """Compute 2x/sinh(2x) without overflow for large x."""
    small = np.exp(-2 * x)
    ratio: NDArray[Any] = 4 * x * small / (1 - small**2)
    return ratio


_R = Parameter("impedance", "ohm", 1e-6, 1e12)
_ALPHA = Parameter("exponent", "1", 0.3, 1.0)
_TAU = Parameter("time", "s", 1e-12, 1e7)

ELEMENTS: dict[str, Element] = {
    e.symbol: e
    for e in (
        Element("R", (_R,), resistor),
        Element("C", (Parameter("admittance", "F", 1e-15, 1e5),), capacitor),
        Element("L", (Parameter("impedance", "H", 1e-12, 1e-4),), inductor),
        Element("CPE", (Parameter("admittance", "S s^alpha", 1e-15, 1e5), _ALPHA), constant_phase),
        Element("W", (Parameter("impedance", "ohm s^-0.5", 1e-6, 1e12),), warburg),
        Element("Wo", (_R, _TAU), open_warburg),
        Element("Ws", (_R, _TAU), short_warburg),
        Element("La", (Parameter("impedance", "ohm s^alpha", 1e-12, 1e4), _ALPHA), modified_inductor),
        Element("G", (_R, _TAU), gerischer),
    )
}
