"""What is wrong with a sweep although its Kramers-Kronig residual is small: drift, a gain step, a point that is off.

A flexible description that obeys the Kramers-Kronig relations absorbs most of a defect. What it cannot absorb has a
pattern: neighbours deviate alike, a step or a drift explains what is left, one point stands apart, or |Z| does not
follow from the phase (Z-HIT). All tests compare with the scatter of the spectrum itself.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from solbench.fitting.linear_kk import (
    EXACT,
    LEAST_POINTS,
    Array,
    Complex,
    KramersKronig,
    checked_spectrum,
    design_matrix,
    kramers_kronig,
)

DefectCode = Literal["outlier", "step", "drift", "pattern", "z_hit"]

LEAST_SIGMA = 6.0
"""Of a step, a drift or a point that is off: the largest of some hundred is below that in sound spectra."""
LEAST_PATTERN = 4.5
"""Lag-1 autocorrelation of the residuals, in standard deviations of that of white noise."""
LEAST_SIZE = 0.003
"""Relative size below which a step, a drift or a point is of no consequence."""
LEAST_Z_HIT = 0.01
_Z_HIT_SIGMA = 6.0
_LEAST_LEFT = 0.2  # of a point's own weight in its description: with less it is told by no other
_LEAST_ELEMENTS = 4
_EDGE = 4  # points at either end between which no step is told from the circuit itself


@dataclass(frozen=True)
class Defect:
    """One thing that is wrong with a sweep.

    `size`: relative to |Z| (pattern: lag-1 autocorrelation); `at_Hz`: where, None where everywhere; for a step the
    frequency (Hz) after which the gain is another, in the order of measurement.
    """

    code: DefectCode
    size: float
    at_Hz: float | None = None


def autocorrelation(residuals: Complex) -> float:
    """Get the lag-1 autocorrelation of residuals in order of frequency: near 0 where they are noise.

    >>> autocorrelation(np.array([1, -1, 1, -1]) + 0j)
    -0.75
    """
    square = float(np.sum(np.abs(residuals) ** 2))
    return float(np.sum((residuals[1:] * np.conj(residuals[:-1])).real)) / square if square else 0.0


def is_patterned(residuals: Complex) -> bool:
    """Tell whether neighbours deviate alike by more than chance."""
    return autocorrelation(residuals) * math.sqrt(2 * len(residuals)) > LEAST_PATTERN


def scatter(residuals: Complex) -> float:
    """Get the relative rms of one component from second differences, to which a smooth misfit adds nothing."""
    second = residuals[2:] - 2 * residuals[1:-1] + residuals[:-2]
    return math.sqrt(float(np.mean(np.abs(second) ** 2)) / 12)


def defects(
    frequency_Hz: object, impedance_ohm: object, quality: KramersKronig | None = None
) -> tuple[Defect, ...]:
    """Look for what is wrong with a sweep (Hz, ohm), in the order of measurement; empty where it is sound.

    `quality` is its `kramers_kronig` where that is known. Raises ValueError as `checked_spectrum` does.

    >>> f = np.geomspace(1e6, 1, 61)
    >>> z = 100 + 200 / (1 + 2j * np.pi * f * 1e-4)
    >>> z *= 1 + 1e-3 * np.random.default_rng(1).normal(size=61)
    >>> defects(f, z), [d.code for d in defects(f, np.where(f < 1e3, 1.02 * z, z))]
    ((), ['step'])
    """
    f, z = checked_spectrum(frequency_Hz, impedance_ohm)
    quality = quality or kramers_kronig(f, z)
    order = np.argsort(-f)
    residuals = quality.residuals[order]
    found = _explained(f, z, quality)
    if (
        not found and quality.residual > EXACT and is_patterned(residuals)
    ):  # what is rounded has patterns, too
        found = (Defect("pattern", autocorrelation(residuals)),)
    if not found:
        found = _z_hit_defect(f[order], z[order], residuals)
    return found


def points_apart(
    frequency_Hz: Array, impedance_ohm: Complex, above: float, only: int | None = None
) -> dict[int, float]:
    """Find points that stand apart: by how much each (relative) is from what all the others say, by its place.

    Those that are further than `above`, the worst first, each without those before it; with `only` that point alone.
    The first and the last point are told by no other. Empty where there are too few points (Hz, ohm) to tell.

    >>> f = np.geomspace(1e6, 1, 61)
    >>> z = 100 + 200 / (1 + 2j * np.pi * f * 1e-4)
    >>> z[30] *= 1.05
    >>> {place: round(off, 3) for place, off in points_apart(f, z, 0.01).items()}
    {30: 0.047}
    """
    kept, found = list(range(len(frequency_Hz))), dict[int, float]()
    while len(kept) >= LEAST_POINTS:
        f, z = frequency_Hz[kept], impedance_ohm[kept]
        if not np.all(z):
            break
        deviations, gains = _from_the_others(f, z)
        place = int(np.argmax(gains)) if only is None else kept.index(only)
        if deviations[place] <= above:
            break
        found[kept.pop(place)] = float(deviations[place])
        if only is not None:
            break
    return found


def _from_the_others(f: Array, z: Complex) -> tuple[Array, Array]:
    """Get by how much (relative) each point is off what a description by the others says (deletion residuals).

    And by how much the sum of squares falls without it: at the ends a sound point beside a wrong one is off by more.
    Of descriptions the one is taken whose median deviation is the least: the sum of squares would follow a wrong point.
    """
    n = len(f)
    weight = 1 / np.abs(z)
    unit = z * weight
    target = np.concatenate([unit.real, unit.imag])
    best, found = math.inf, (np.zeros(n), np.zeros(n))
    for elements in range(_LEAST_ELEMENTS, min(n - 4, 42) + 1, 2):
        basis, _ = np.linalg.qr(design_matrix(f, weight, elements))
        left = target - basis @ (basis.T @ target)
        own = np.stack([basis[:n], basis[n:]], axis=1)  # the two rows of each point
        values, vectors = np.linalg.eigh(np.eye(2) - own @ own.transpose(0, 2, 1))
        values = np.maximum(values, _LEAST_LEFT)
        along = np.einsum("nij,ni->nj", vectors, np.stack([left[:n], left[n:]], axis=1))
        deviations = np.sqrt(np.sum((along / values) ** 2, axis=1))
        median = float(np.median(deviations))
        if median < best:
            best, found = median, (deviations, np.sum(along**2 / values, axis=1))
    return found


def _explained(f: Array, z: Complex, quality: KramersKronig) -> tuple[Defect, ...]:
    """Find the one step, drift or point that explains most of the residual, if it is more than chance."""
    weight = 1 / np.abs(z)
    basis, _ = np.linalg.qr(design_matrix(f, weight, quality.elements))
    unit = z * weight
    n = len(f)
    after = np.arange(n)[None, :] >= np.arange(_EDGE, n - _EDGE + 1)[:, None]
    ramp = np.linspace(-0.5, 0.5, n)[None, :]
    single = np.eye(n)
    rest = np.concatenate([quality.residuals.real, quality.residuals.imag])
    freedom = len(rest) - quality.parameters - 1
    found: list[tuple[float, Defect]] = []
    shapes: list[tuple[DefectCode, Complex]] = [
        ("step", after * unit),
        ("drift", ramp * unit),
        ("outlier", single * unit),
        ("outlier", 1j * single * unit),
    ]
    for code, columns in shapes:
        whole = np.concatenate([columns.real, columns.imag], axis=1)
        whole = whole - (whole @ basis) @ basis.T
        square = np.einsum("kn,kn->k", whole, whole)
        along = whole @ rest
        gain = np.where(square > 1e-6, along**2 / np.maximum(square, 1e-6), 0.0)
        k = int(np.argmax(gain))
        left = max(float(rest @ rest) - float(gain[k]), 1e-30) / max(freedom, 1)
        size = float(along[k] / max(float(square[k]), 1e-6))
        if gain[k] > LEAST_SIGMA**2 * left and abs(size) > LEAST_SIZE:
            place = {"step": k + _EDGE, "drift": None, "outlier": k}[code]
            found.append((float(gain[k]), Defect(code, size, None if place is None else float(f[place]))))
    return (max(found, key=lambda one: one[0])[1],) if found else ()


def z_hit(frequency_Hz: Array, modulus: Array, phase_rad: Array) -> Array:
    """Get by how much ln of the modulus deviates from what the phase says, one value per point, median 0.

    ln|Z(w)| = const + 2/pi int phase dln w - pi/6 dphase/dln w (Ehm et al., ACH Models Chem. 137, 145, 2000). In order
    of frequency, either way.

    >>> f = np.geomspace(1e3, 1, 40)
    >>> deviation = z_hit(f, f**-0.5, np.full(40, -np.pi / 4))
    >>> float(np.abs(deviation).max()) < 1e-12
    True
    """
    x = np.log(frequency_Hz)
    steps = 0.5 * (phase_rad[1:] + phase_rad[:-1]) * np.diff(x)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    predicted = 2 / np.pi * along - np.pi / 6 * np.gradient(phase_rad, x)
    deviation: Array = np.log(modulus) - predicted
    return deviation - float(np.median(deviation))


def _z_hit_defect(f: Array, z: Complex, residuals: Complex) -> tuple[Defect, ...]:
    """Compare modulus and phase beyond those of the Kramers-Kronig description: the method's own error cancels."""
    if len(np.unique(f)) < len(f):
        return ()
    described = z - residuals * np.abs(z)
    off: Complex = np.log(z / described)
    deviation = z_hit(f, np.exp(off.real), off.imag)
    smooth = np.convolve(deviation, np.full(5, 0.2), "valid")
    noise = scatter(residuals)
    span = abs(math.log(f[0] / f[-1]))
    expected = noise * (0.5 + 2 / math.pi * span / math.sqrt(len(f)))
    worst = int(np.argmax(np.abs(smooth)))
    if abs(smooth[worst]) > max(_Z_HIT_SIGMA * expected, LEAST_Z_HIT):
        return (Defect("z_hit", float(smooth[worst]), float(f[worst + 2])),)
    return ()
