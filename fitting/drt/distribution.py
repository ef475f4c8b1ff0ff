"""The distribution of relaxation times of one spectrum with its credible band and its peaks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from solbench.fitting.drt.arcs import with_arcs
from solbench.fitting.drt.inversion import LAMBDAS, Inversion
from solbench.fitting.drt.peaks import Peak, find_peaks
from solbench.fitting.elements import Array, Complex
from solbench.fitting.linear_kk import LEAST_POINTS, checked_spectrum, kramers_kronig
from solbench.fitting.spectra.judgement import Doubt, in_words
from solbench.fitting.spectra.sweep_test import defects

BAND = (2.5, 97.5)
_DRAWS = 60
_MOST_F = 2.0
"""chi2_nu over that of Kramers-Kronig, beyond which the model misses the spectrum: a loop, a negative resistance."""
_LEAST_NOISE = 1e-4  # no analyser is more accurate, and the steps of the grid are no finer
_ACCURATE = 5e-4  # relative rms, below which a misfit is of no consequence


@dataclass(frozen=True, eq=False)
class Distribution:
    """gamma(ln tau) of a spectrum: its integral over ln tau is a resistance.

    `gamma_ohm` at `tau_s`, with the ends of its 95 % credible band: what noise leaves open among smooth distributions;
    a process that is sharper than the regularization allows lies outside it. In series `resistance_ohm`,
    `inductance_H` and `inverse_capacitance_1_F` (0 without one). `window_s` are the time constants that the measured
    frequencies show; what lies outside is extrapolated. `residuals` (Z - Z_model)/|Z|, one a point; `residual` is the
    relative rms of one component. `reason`: why no peak may be named, "" where they may.
    """

    tau_s: Array
    gamma_ohm: Array
    low_ohm: Array
    high_ohm: Array
    window_s: tuple[float, float]
    resistance_ohm: float
    inductance_H: float
    inverse_capacitance_1_F: float
    regularization: float
    residual: float
    residuals: Complex
    peaks: tuple[Peak, ...]
    reason: str = ""

    @property
    def named(self) -> tuple[Peak, ...]:
        """Get the peaks that may be named, the fastest first."""
        return tuple(peak for peak in self.peaks if peak.named)


def distribution(frequency_Hz: object, impedance_ohm: object, draws: int = _DRAWS) -> Distribution:
    """Compute the distribution of relaxation times of a spectrum (Hz, ohm).

    Tikhonov regularization of the second derivative with non-negativity; its strength by the discrepancy principle,
    with the noise that the spectrum's Kramers-Kronig description leaves. The band is made from so many `draws`. A peak
    may be named only if it is there at a tenth and at ten times that strength, too.
    Raises ValueError as `checked_spectrum` does, for fewer than twelve points as well.

    >>> f = np.geomspace(1e6, 1.0, 61)
    >>> found = distribution(f, 10.0 + 100.0 / (1.0 + 2j * np.pi * f * 1e-3))
    >>> [(f"{peak.tau_s:.0e} s", f"{peak.resistance_ohm:.0f} ohm") for peak in found.named]
    [('1e-03 s', '100 ohm')]
    """
    f, z = checked_spectrum(frequency_Hz, impedance_ohm, LEAST_POINTS)
    quality = kramers_kronig(f, z)
    problem = Inversion(f, z)
    lam = problem.smoothest(max(quality.residual, _LEAST_NOISE))
    level = problem.solve(lam)
    misfit = math.sqrt(level.square / len(problem.target))
    rest = problem.target - problem.design @ level.coefficients
    gamma = problem.gamma_ohm(level.coefficients)
    drawn = problem.gamma_ohm(problem.drawn(lam, max(quality.residual, misfit), draws))
    low, high = np.percentile(np.vstack([drawn, gamma]), BAND, axis=0)
    reasons = [in_words(Doubt(one.code, one.size, at_Hz=one.at_Hz)) for one in defects(f, z, quality)]
    if misfit > math.sqrt(_MOST_F) * max(quality.residual, _ACCURATE):
        reasons.append(
            f"no distribution of relaxation times describes the spectrum: it misses the points by {misfit:.2%}, "
            f"Kramers-Kronig by {quality.residual:.2%}"
        )
    others = [problem.gamma_ohm(problem.solve(other).coefficients) for other in _beside(lam)]
    peaks = find_peaks(problem.tau_s, gamma, drawn, others, problem.window_s, sound=not reasons)
    resistance, inductance, inverse_capacitance = problem.series(level.coefficients)
    return Distribution(
        problem.tau_s,
        gamma,
        np.minimum(low, gamma),
        np.maximum(high, gamma),
        problem.window_s,
        resistance,
        inductance,
        inverse_capacitance,
        lam,
        misfit,
        rest[: len(f)] + 1j * rest[len(f) :],
        with_arcs(problem, lam, peaks, drawn),
        "; ".join(reasons),
    )


def _beside(lam: float) -> tuple[float, float]:
    """Return a tenth and ten times a regularization, those on the ladder where it is one of its rungs."""
    place = int(np.argmin(np.abs(np.log(LAMBDAS / lam))))
    below, above = place - 2, place + 2
    return (
        float(LAMBDAS[below]) if below >= 0 else lam / 10.0,
        float(LAMBDAS[above]) if above < len(LAMBDAS) else lam * 10.0,
    )
