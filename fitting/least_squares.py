"""Levenberg-Marquardt for many starts at once.

All starts of a fit are one array, so numpy's overhead per call is paid once for all of them. Parameters are
logarithms within bounds; a parameter pushed against its bound is frozen for the step (projection).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Evaluate = Callable[[Array], tuple[Array, Array, Array]]

_LONGEST_STEP = 2.0  # in ln p: a factor of 7 per step keeps a bad quadratic model from throwing a start away
_GIVE_UP = 1e12


@dataclass(frozen=True)
class Minima:
    """Where each start ended: parameters (starts, parameters), sums of squares, and whether it converged."""

    theta: Array
    cost: Array
    converged: NDArray[np.bool_]


def minimise(
    evaluate: Evaluate,
    theta: Array,
    lower: Array,
    upper: Array,
    iterations: int = 100,
    tolerance: float = 1e-9,
) -> Minima:
    """Minimise sums of squares from each row of `theta` (starts, parameters), all within the bounds.

    The bounds have the shape (parameters,) or (starts, parameters); equal bounds fix a parameter.

    `evaluate(theta)` gives the cost (starts,), half its gradient (starts, parameters) and the normal matrix
    J^T J (starts, parameters, parameters). A start has converged when a step lowers its cost by less than the
    relative `tolerance`, or when no step lowers it.
    """
    lower, upper = np.broadcast_to(lower, theta.shape), np.broadcast_to(upper, theta.shape)
    theta = np.clip(np.asarray(theta, float), lower, upper)
    cost, gradient, normal = evaluate(theta)
    damping = np.full(len(theta), 1e-2)
    done = np.zeros(len(theta), bool)
    for _ in range(iterations):
        active = np.flatnonzero(~done)
        if active.size == 0:
            break
        low, high = lower[active], upper[active]
        trial = _step(theta[active], gradient[active], normal[active], damping[active], low, high)
        new_cost, new_gradient, new_normal = evaluate(trial)
        better = new_cost < cost[active]
        gain = np.where(better, (cost[active] - new_cost) / np.maximum(cost[active], 1e-300), 0.0)
        done[active] = (better & (gain < tolerance)) | (damping[active] > _GIVE_UP)
        moved = active[better]
        theta[moved], cost[moved] = trial[better], new_cost[better]
        gradient[moved], normal[moved] = new_gradient[better], new_normal[better]
        damping[active] *= np.where(better, 0.2, 8.0)
        np.maximum(damping, 1e-12, out=damping)
    return Minima(theta, cost, done)


def _step(theta: Array, gradient: Array, normal: Array, damping: Array, lower: Array, upper: Array) -> Array:
    """Solve the damped normal equations of each start, without the parameters pushed against a bound."""
    stuck = ((theta <= lower) & (gradient > 0)) | ((theta >= upper) & (gradient < 0))
    diagonal = np.einsum("...ii->...i", normal)
    scale = np.sqrt(np.maximum(diagonal, 1e-12 * diagonal.max(axis=1, keepdims=True) + 1e-300))
    matrix = normal / scale[:, :, None] / scale[:, None, :]
    matrix[stuck[:, :, None] | stuck[:, None, :]] = 0.0
    index = np.arange(theta.shape[1])
    matrix[:, index, index] = np.where(stuck, 1.0, matrix[:, index, index]) + damping[:, None]
    right = np.where(stuck, 0.0, -gradient / scale)
    step = np.linalg.solve(matrix, right[:, :, None])[:, :, 0] / scale
    # Clipped one by one: a parameter that the data do not determine must not shorten the steps of the others.
    moved: Array = np.clip(theta + np.clip(step, -_LONGEST_STEP, _LONGEST_STEP), lower, upper)
    return moved
