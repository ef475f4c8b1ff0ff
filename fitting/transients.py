"""Least-squares descriptions of a transient: straight line, exponential, diffusion or power of time to a limit.

The decays are linear in limit and amplitude once their shape (time constant, exponent) is given, so the
shape is searched on a grid and refined, and the rest is solved (variable projection, Golub and Pereyra 1973).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_MODES = 8  # of a relaxing profile; the next one is below half a percent of the first
_MOST_POINTS = 720  # more readings than this are first averaged into this many blocks


@dataclass(frozen=True)
class Decay:
    """limit + amplitude x shape(t).

    `limit` and `limit_stderr` in the unit of the values, including the uncertainty of the shape; `tau_s` the
    time constant (exponential) or not a number; `exponent` that of the power law or not a number; `aicc` to
    compare descriptions of the same data; `significant` if the amplitude exceeds four standard errors.
    """

    limit: float
    limit_stderr: float
    amplitude: float
    tau_s: float
    exponent: float
    aicc: float
    significant: bool


def slope(time_s: Array, values: Array) -> tuple[float, float]:
    """Fit a straight line; returns its slope and the slope's standard error, per second.

    >>> slope(np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0]))
    (2.0, 0.0)
    """
    t = time_s - time_s.mean()
    v = values - values.mean()
    if len(t) < 3 or not (sum_tt := float(t @ t)) > 0:
        return 0.0, math.inf
    per_s = float(t @ v) / sum_tt
    rest = v - per_s * t
    return per_s, math.sqrt(float(rest @ rest) / (len(t) - 2) / sum_tt)


def constant(values: Array) -> Decay:
    """Describe constant values by their mean."""
    n = len(values)
    stderr = float(np.std(values, ddof=1) / math.sqrt(n))
    return Decay(float(np.mean(values)), stderr, 0.0, math.nan, math.nan, math.nan, significant=False)


def fit_exponential(time_s: Array, values: Array) -> Decay:
    """Fit limit + amplitude exp(-t/tau); tau between a fiftieth of the span and ten spans."""
    t, v, n = _blocks(time_s, values)
    span = t[-1] - t[0]
    log_tau = _search(lambda x: np.exp(-(t - t[0]) / np.exp(x)[:, None]), v, n, (span / 50, span * 10))
    tau = math.exp(log_tau)
    shape = np.exp(-(t - t[0]) / tau)
    return _finish(shape, shape * (t - t[0]) / tau, v, n, tau_s=tau)


def fit_diffusion(time_s: Array, values: Array) -> Decay:
    """Fit limit + amplitude sum exp(-(2k+1)^2 t/tau)/(2k+1)^2, the relaxation of a profile between two electrodes.

    `time_s` since the step, above zero; tau between a fiftieth of the span and ten spans. Yokota, J. Phys. Soc. Jpn. 16
    (1961) 2213.
    """
    t, v, n = _blocks(time_s, values)
    span = t[-1] - t[0]
    log_tau = _search(lambda x: _profile(t, np.exp(x)[:, None]), v, n, (span / 50, span * 10))
    tau = math.exp(log_tau)
    near = _profile(t, np.array([[tau * 1.001], [tau / 1.001]]))
    by_log = (near[0] - near[1]) / (2.0 * math.log(1.001))
    return _finish(_profile(t, np.array([[tau]]))[0], by_log, v, n, tau_s=tau)


def _profile(t: Array, tau_s: Array) -> Array:
    """Get the relaxation at times (s) for each time constant (a column)."""
    shape = np.zeros(np.broadcast_shapes(t.shape, tau_s.shape))
    for mode in range(_MODES):
        square = (2 * mode + 1) ** 2
        shape += np.exp(-square * t / tau_s) / square
    return shape


def fit_power_law(time_s: Array, values: Array) -> Decay:
    """Fit limit + amplitude t^-p with p between 0.1 and 1.5; `time_s` since the step, above zero."""
    t, v, n = _blocks(time_s, values)
    scaled = np.log(t / t[0])
    log_p = _search(lambda x: np.exp(-np.exp(x)[:, None] * scaled), v, n, (0.1, 1.5))
    p = math.exp(log_p)
    shape = np.exp(-p * scaled)
    return _finish(shape, -p * scaled * shape, v, n, exponent=p)


def _blocks(time_s: Array, values: Array) -> tuple[Array, Array, int]:
    """Average neighbouring readings, so that a long run costs no more than a short one."""
    size = max(1, math.ceil(len(time_s) / _MOST_POINTS))
    whole = len(time_s) // size * size
    t = time_s[-whole:].reshape(-1, size).mean(axis=1)
    v = values[-whole:].reshape(-1, size).mean(axis=1)
    return t, v, len(t)


def _search(shapes: Callable[[Array], Array], v: Array, n: int, between: tuple[float, float]) -> float:
    """Find the log of the shape parameter with the least sum of squares, on successively finer grids."""
    low, high = math.log(between[0]), math.log(between[1])
    grid = np.linspace(low, high, 41)
    found = low
    for _ in range(5):
        best = int(np.argmin(_rest_squares(shapes(grid), v)))
        step = grid[1] - grid[0]
        low_, high_ = max(low, grid[best] - step), min(high, grid[best] + step)
        found = float(grid[best])
        grid = np.linspace(low_, high_, 17)
    return found


def _rest_squares(shapes: Array, v: Array) -> Array:
    """Get the sum of squares left by limit + amplitude x shape, for each row of shapes."""
    s = shapes - shapes.mean(axis=1, keepdims=True)
    w = v - v.mean()
    ss = np.einsum("ij,ij->i", s, s)
    rest: Array = w @ w - (s @ w) ** 2 / np.maximum(ss, 1e-300)
    return rest


def _finish(
    shape: Array, by_log: Array, v: Array, n: int, tau_s: float = math.nan, exponent: float = math.nan
) -> Decay:
    design = np.stack([np.ones(n), shape], axis=1)
    (limit, amplitude), *_ = np.linalg.lstsq(design, v, rcond=None)
    rest = v - design @ np.array([limit, amplitude])
    # Rounding sets a floor below which two descriptions of noiseless data are equally good.
    squares = max(float(rest @ rest), n * (1e-9 * float(np.max(np.abs(v)))) ** 2, 1e-300)
    jacobian = np.column_stack([design, amplitude * by_log])
    covariance = np.linalg.pinv(jacobian.T @ jacobian) * squares / (n - 3)
    k = 4
    aicc = n * math.log(squares / n) + 2 * k + 2 * k * (k + 1) / (n - k - 1)
    noise = math.sqrt(squares / (n - 3)) / math.sqrt(max(float(np.var(shape)) * n, 1e-300))
    return Decay(
        limit=float(limit),
        limit_stderr=math.sqrt(max(0.0, float(covariance[0, 0]))),
        amplitude=float(amplitude),
        tau_s=tau_s,
        exponent=exponent,
        aicc=aicc,
        significant=abs(float(amplitude)) > 4 * noise,
    )
