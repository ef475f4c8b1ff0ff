"""The quality of a spectrum without any circuit: Kramers-Kronig residual and drift.

Everything here works on arrays alone, takes milliseconds, and may run during the measurement.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

LEAST_POINTS = 12  # fewer say nothing about a spectrum's quality, nor about its arcs
EXACT = 1e-5  # relative rms of a spectrum without noise: files hold six digits
_CHANCE = 1e-4
_MOST_ELEMENTS = 42
_EXTEND_DECADES = 0.5  # time constants extend this far beyond the measured window


@dataclass(frozen=True)
class KramersKronig:
    """The best description of a spectrum that obeys the Kramers-Kronig relations.

    `residual` is the relative rms of one component (real or imaginary), the square root of sum |dZ|^2/|Z|^2 /
    (2N - p): for a good spectrum it is the noise. `residuals` are (Z - Z_KK)/|Z|, complex, one per point;
    `elements` is the chosen number of RC elements.
    """

    residual: float
    residuals: Complex
    elements: int
    parameters: int

    @property
    def chi2_nu(self) -> float:
        """Get the square of the residual, with which F compares a circuit's chi2_nu."""
        return self.residual**2

    def f_by_chance(self, freedom: float) -> float:
        """Return the F that a circuit that describes the spectrum exceeds once in ten thousand fits.

        `freedom`: the circuit's, data less parameters. Of few points either describes some of the noise. Both are of
        the same data, so that F scatters by less than half as much as that of independent ones.
        """
        from scipy.special import fdtri

        own = 2 * len(self.residuals) - self.parameters
        return 1.0 + 0.5 * (float(fdtri(max(freedom, 1.0), max(own, 1.0), 1.0 - _CHANCE)) - 1.0)


def weighted(test: KramersKronig, weight: Array) -> KramersKronig:
    """Return a test whose residual counts each point by its weight, at most 1; its `residuals` stay as they are."""
    points = len(test.residuals)
    squares = float(np.sum(np.abs(weight * test.residuals) ** 2))
    return replace(test, residual=math.sqrt(squares / (2 * points - test.parameters)))


def checked_spectrum(frequency_Hz: object, impedance_ohm: object, at_least: int = 6) -> tuple[Array, Complex]:
    """Get a spectrum as two arrays; raises ValueError if it is invalid.

    Frequencies (Hz) above zero and impedances (ohm, complex, not zero) of the same length, all finite.
    """
    f = np.asarray(frequency_Hz, dtype=float)
    z = np.asarray(impedance_ohm, dtype=complex)
    if f.ndim != 1 or f.shape != z.shape:
        raise ValueError(f"frequencies and impedances differ in shape: {f.shape} and {z.shape}")
    if len(f) < at_least:
        raise ValueError(f"a spectrum of {len(f)} points is too short: {at_least} are needed")
    if not (np.all(np.isfinite(f)) and np.all(np.isfinite(z))):
        raise ValueError("a spectrum must not hold infinite values or values that are not a number")
    if np.any(f <= 0) or np.any(z == 0):
        raise ValueError("frequencies must be above zero and impedances not zero")
    return f, z


def kramers_kronig(frequency_Hz: object, impedance_ohm: object) -> KramersKronig:
    """Test a spectrum by the linear Kramers-Kronig method of Boukamp (J. Electrochem. Soc. 142, 1885, 1995).

    Model: R + j omega L + 1/(j omega C) + sum R_k/(1 + j omega tau_k), tau_k spaced evenly in the
    logarithm and half a decade beyond the window, all linear, weights 1/|Z|. The number of elements is the
    one with the least AICc.
    Raises ValueError as `checked_spectrum` does.

    >>> f = np.geomspace(1e6, 1, 61)
    >>> z = 100 + 200 / (1 + 2j * np.pi * f * 1e-4)
    >>> kramers_kronig(f, z).residual < 1e-5
    True
    """
    f, z = checked_spectrum(frequency_Hz, impedance_ohm)
    weight = 1 / np.abs(z)
    target = _stack(z * weight)
    elements = _choose(f, weight, target)
    design = design_matrix(f, weight, elements)
    solution, *_ = np.linalg.lstsq(design, target, rcond=1e-13)
    rest = target - design @ solution
    count = design.shape[1]
    residual = math.sqrt(float(rest @ rest) / (len(target) - count))
    return KramersKronig(residual, rest[: len(f)] + 1j * rest[len(f) :], elements, count)


def _stack(z: Complex) -> Array:
    return np.concatenate([z.real, z.imag])


def design_matrix(f: Array, weight: Array, elements: int) -> Array:
    """Build the real design matrix (2 x points, elements + 3): R, L, C and the RC elements, of similar size each.

    `f` in Hz; `weight` in 1/ohm, one per point. The first half of the rows is for real parts, the second for imaginary.
    """
    omega = 2 * np.pi * f
    low, high = math.log10(1 / omega.max()) - _EXTEND_DECADES, math.log10(1 / omega.min()) + _EXTEND_DECADES
    tau = np.logspace(low, high, elements)
    n = len(f)
    design = np.zeros((2 * n, elements + 3))
    design[:n, 0] = weight
    design[n:, 1] = weight * omega / omega.max()
    design[n:, 2] = -weight * omega.min() / omega
    product = np.outer(omega, tau)
    real = weight[:, None] / (1 + product**2)
    design[:n, 3:] = real
    design[n:, 3:] = -product * real
    return design


def _choose(f: Array, weight: Array, target: Array) -> int:
    """Find the number of elements with the least AICc: every third first, then the neighbours of the best.

    To the end: a sharp arc needs more than the number at which AICc has its first minimum.
    """
    most = min(len(f) - 4, _MOST_ELEMENTS)
    scores: dict[int, float] = {}

    def score(elements: int) -> float:
        if elements not in scores:
            scores[elements] = _aicc(design_matrix(f, weight, elements), target)
        return scores[elements]

    best = min([1, *range(min(4, most), most + 1, 3)], key=score)
    return min(range(max(1, best - 2), min(most, best + 2) + 1), key=score)


def _aicc(design: Array, target: Array) -> float:
    """Get AICc for unknown noise; the last diagonal element of R in QR is the norm of the residual."""
    n, p = design.shape
    k = p + 1
    triangle: Array = np.asarray(np.linalg.qr(np.column_stack([design, target]), mode="r"))
    left = float(triangle[p, p])
    return float(n * math.log(max(left**2, 1e-26) / n) + 2 * k + 2 * k * (k + 1) / (n - k - 1))


@dataclass(frozen=True)
class Drift:
    """Change of a cell between two sweeps of the same state.

    `per_sweep` is the relative change of |Z| from the first sweep to the second in its most affected decade,
    `per_hour` the same per hour; `noise` the relative rms with which the change is compared; `significant` if
    the change is more than three standard errors.
    """

    per_sweep: float
    per_hour: float
    noise: float
    significant: bool


def drift(
    frequency_Hz: object,
    first_ohm: object,
    first_time_s: Array,
    second_ohm: object,
    second_time_s: Array,
) -> Drift:
    """Measure the drift between two sweeps over the same frequencies (Hz).

    Impedances in ohm, times of each point in s. Kramers-Kronig does not detect a drift below about 10 % per
    sweep; a second sweep does. Raises ValueError as `checked_spectrum` does, or if the sweeps do not match.
    """
    f, first = checked_spectrum(frequency_Hz, first_ohm)
    _, second = checked_spectrum(frequency_Hz, second_ohm)
    change = (second - first) / np.abs(first)
    noise = math.hypot(kramers_kronig(f, first).residual, kramers_kronig(f, second).residual)
    along = np.real(change * np.conj(first) / np.abs(first))
    decade = np.floor(np.log10(f / f.min()) + 1e-9).astype(int)
    means = [(float(along[decade == d].mean()), int(np.sum(decade == d))) for d in np.unique(decade)]
    most, count = max(means, key=lambda mean: abs(mean[0]) * math.sqrt(mean[1]))
    hours = float(np.mean(np.asarray(second_time_s) - np.asarray(first_time_s))) / 3600
    # The largest of about six means is tested: 3 standard errors are then the 2 % level.
    return Drift(most, most / hours, noise, abs(most) > 3 * noise / math.sqrt(count))


def correct_drift(
    first_ohm: object,
    first_time_s: Array,
    second_ohm: object,
    second_time_s: Array,
    at_time_s: float,
) -> Complex:
    """Interpolate two sweeps to one time: Z1 + (Z2 - Z1)(t0 - t1)/(t2 - t1), point by point.

    Impedances in ohm, measured at the times given for each point (s); `at_time_s` is t0. Both sweeps may run
    in either direction, with points in the same order of frequency. Raises ValueError if a point has the same
    time in both.

    >>> z = correct_drift([10, 20], np.array([0.0, 1.0]), [12, 22], np.array([2.0, 3.0]), 1.0)
    >>> z.real.tolist()
    [11.0, 20.0]
    """
    first: Complex = np.asarray(first_ohm, np.complex128)
    second: Complex = np.asarray(second_ohm, np.complex128)
    t1, t2 = np.asarray(first_time_s, float), np.asarray(second_time_s, float)
    if not (first.shape == second.shape == t1.shape == t2.shape):
        raise ValueError("two sweeps need the same points to be interpolated")
    if np.any(t1 == t2):
        raise ValueError("a point measured twice at the same time cannot be interpolated")
    between: Complex = first + (second - first) * (at_time_s - t1) / (t2 - t1)
    return between
