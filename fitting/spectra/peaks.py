"""Where the processes of a spectrum lie: a rough distribution of relaxation times, for starts only.

No conclusion takes a number from it: it says at which time constants a circuit's arcs are to be tried.
"""

import numpy as np

from solbench.fitting.elements import Array, Complex

_PER_DECADE = 8
_BEYOND_DECADES = 0.7
_SMOOTH_DECADES = 0.25
_LEAST_AREA = 1e-3  # of the largest peak


def peaks(frequency_Hz: Array, impedance_ohm: Complex, most: int = 6) -> list[float]:
    """Get the time constants (s) of the largest peaks, the fastest first.

    Non-negative least squares with weights 1/|Z|: series resistance, inductance and capacitance beside RC elements.

    >>> f = np.geomspace(1e6, 1, 61)
    >>> z = 10 + 100 / (1 + 2j * np.pi * f * 1e-5) + 50 / (1 + 2j * np.pi * f * 1e-2)
    >>> [f"{tau:.0e}" for tau in peaks(f, z, most=2)]
    ['1e-05', '1e-02']
    """
    from scipy.optimize import nnls

    omega, weight = 2 * np.pi * frequency_Hz, 1 / np.abs(impedance_ohm)
    low, high = np.log10(1 / omega.max()) - _BEYOND_DECADES, np.log10(1 / omega.min()) + _BEYOND_DECADES
    tau = np.logspace(low, high, int((high - low) * _PER_DECADE) + 1)
    others = [np.ones(len(omega)) + 0j, 1j * omega / omega.max(), omega.min() / (1j * omega)]
    columns = np.vstack([*others, 1 / (1 + 1j * np.outer(tau, omega))]) * weight
    size = np.linalg.norm(columns, axis=1)
    target = impedance_ohm * weight
    level, _ = nnls((columns / size[:, None]).view(float).T, target.view(float), maxiter=20 * len(columns))
    area = (level / size)[len(others) :]
    return _maxima(np.log10(tau), area, most)


def _maxima(log_tau: Array, area: Array, most: int) -> list[float]:
    """Find the largest maxima of the smoothed distribution."""
    distance = (log_tau[:, None] - log_tau[None, :]) / _SMOOTH_DECADES
    smooth = np.exp(-(distance**2)) @ area
    inner = np.concatenate([[-1.0], smooth, [-1.0]])
    tops = np.flatnonzero((inner[1:-1] > inner[:-2]) & (inner[1:-1] >= inner[2:]))
    tops = tops[smooth[tops] > _LEAST_AREA * max(float(smooth.max()), 1e-300)]
    largest = tops[np.argsort(-smooth[tops])][:most]
    return [float(10 ** log_tau[k]) for k in np.sort(largest)]
