"""Levenberg-Marquardt with geodesic acceleration, for many starts at once.

All starts of a fit are one array, so numpy's overhead per call is paid once for all of them. Parameters are
logarithms within bounds; a step goes to the minimum of its quadratic model inside them.

Where arcs overlap, the minimum lies at the end of a long bent valley. A straight step leaves it, so that the damping
would allow only short ones. The second derivative along the step, for which the deviations a little ahead are enough,
bends the step as the valley is bent (Transtrum and Sethna, arXiv:1201.5885, 2012): what took hundreds of steps, and
often did not arrive, takes tens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_LONGEST_STEP = 2.0  # in ln p: a factor of 7 per step keeps a bad quadratic model from throwing a start away
_GIVE_UP = 1e12
_AHEAD = 0.1  # of the step, at which its bend is looked at
_MOST_BENT = 0.75  # of the step's length: beyond, the second derivative does not describe the valley either
_PASSES = 6  # in which the bounds that a step meets are found


@dataclass(frozen=True)
class Squares:
    """The sum of squares at each start, and its quadratic model.

    `cost` (starts,), half its gradient (starts, parameters), the normal matrix J^T J (starts, parameters, parameters);
    `jacobian`: the derivatives as the model itself keeps them, arrays with the starts first.
    """

    cost: Array
    gradient: Array
    normal: Array
    jacobian: tuple[Array, ...]

    def rows(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> "Squares":
        """Return those of some starts."""
        return Squares(
            self.cost[chosen],
            self.gradient[chosen],
            self.normal[chosen],
            tuple(part[chosen] for part in self.jacobian),
        )

    def put(self, places: NDArray[np.intp], others: "Squares") -> None:
        """Replace those of the starts at these places."""
        self.cost[places], self.gradient[places], self.normal[places] = (
            others.cost,
            others.gradient,
            others.normal,
        )
        for own, other in zip(self.jacobian, others.jacobian, strict=True):
            own[places] = other


class Model(Protocol):
    """What is minimised: deviations of data from what parameters let expect."""

    def __call__(self, theta: Array) -> Squares:
        """Compute the sum of squares at each row of `theta` (starts, parameters)."""
        ...

    def pull(self, jacobian: Sequence[Array], theta: Array) -> Array:
        """Compute J^T r (starts, parameters): J is the `jacobian` of other places, r the deviations at `theta`."""
        ...


@dataclass(frozen=True)
class Minima:
    """Where each start ended: parameters (starts, parameters), sums of squares, and whether it converged."""

    theta: Array
    cost: Array
    converged: NDArray[np.bool_]


def minimise(
    model: Model,
    theta: Array,
    lower: Array,
    upper: Array,
    iterations: int = 100,
    tolerance: float = 1e-9,
    *,
    searching: bool = False,
) -> Minima:
    """Minimise sums of squares from each row of `theta` (starts, parameters), all within the bounds.

    The bounds have the shape (parameters,) or (starts, parameters); equal bounds fix a parameter. A start has
    converged when a step lowers its cost by less than the relative `tolerance`, or when no step lowers it.
    `searching`: steps are straight, each parameter is cut at its bound by itself. Such steps are cheaper, and from far
    away they lead to more minima; they hardly arrive at one.
    """
    lower, upper = np.broadcast_to(lower, theta.shape), np.broadcast_to(upper, theta.shape)
    theta = np.clip(np.asarray(theta, float), lower, upper)
    here = model(theta)
    damping = np.full(len(theta), 1e-2)
    done = np.zeros(len(theta), bool)
    for _ in range(iterations):
        active = np.flatnonzero(~done)
        if active.size == 0:
            break
        all_go_on = active.size == len(theta)  # then nothing has to be copied: the matrices are large
        from_here = here if all_go_on else here.rows(active)
        low, high = lower[active], upper[active]
        trial = _step(None if searching else model, theta[active], from_here, damping[active], low, high)
        new = model(trial)
        cost = from_here.cost
        better = new.cost < cost
        gain = np.where(better, (cost - new.cost) / np.maximum(cost, 1e-300), 0.0)
        done[active] = (better & (gain < tolerance)) | (damping[active] > _GIVE_UP)
        if all_go_on and better.all():
            theta, here = trial, new
        elif better.any():
            moved = active[better]
            theta[moved] = trial[better]
            here.put(moved, new.rows(better))
        damping[active] *= np.where(better, 0.2, 8.0)
        np.maximum(damping, 1e-12, out=damping)
    return Minima(theta, here.cost, done)


def _step(
    model: Model | None, theta: Array, here: Squares, damping: Array, lower: Array, upper: Array
) -> Array:
    """Return where the damped quadratic model of each start has its minimum; with a `model`, bent as that is."""
    diagonal = np.diagonal(here.normal, axis1=1, axis2=2)
    scale = np.sqrt(np.maximum(diagonal, 1e-12 * diagonal.max(axis=1, keepdims=True) + 1e-300))
    matrix = here.normal / scale[:, :, None]
    matrix /= scale[:, None, :]
    index = np.arange(theta.shape[1])
    matrix[:, index, index] += damping[:, None]
    slope = here.gradient / scale
    low = scale * np.maximum(lower - theta, -_LONGEST_STEP)
    high = scale * np.minimum(upper - theta, _LONGEST_STEP)
    step, held = _inside(matrix, slope, low, high, _PASSES if model else 1)
    if model:
        straight = step / scale
        ahead = model.pull(here.jacobian, theta + _AHEAD * straight)
        along = np.matmul(here.normal, straight[:, :, None])[:, :, 0]
        bend = ((ahead - here.gradient) / _AHEAD - along) * (2.0 / _AHEAD) / scale
        turn = _solved(matrix, bend, held, np.zeros_like(step))
        is_short = 2.0 * np.linalg.norm(turn, axis=1) <= _MOST_BENT * np.linalg.norm(step, axis=1)
        step = np.where(is_short[:, None], np.clip(step + 0.5 * turn, low, high), step)
    moved: Array = np.clip(theta + step / scale, lower, upper)
    return moved


def _inside(
    matrix: Array, slope: Array, low: Array, high: Array, passes: int
) -> tuple[Array, NDArray[np.bool_]]:
    """Minimise quadratic models between bounds; returns steps, and which parameters a bound holds.

    A parameter that meets its bound stays there, and the others are solved again: one that the data do not determine
    must not shorten or turn the steps of the others.
    """
    held = ((low >= 0) & (slope > 0)) | ((high <= 0) & (slope < 0))
    step = np.zeros_like(slope)
    for _ in range(passes):
        step = _solved(matrix, slope, held, step)
        beyond = ~held & ((step < low) | (step > high))
        if not beyond.any():
            break
        step, held = np.clip(step, low, high), held | beyond
    return np.clip(step, low, high), held


def _solved(matrix: Array, slope: Array, held: NDArray[np.bool_], step: Array) -> Array:
    """Solve matrix @ x = -slope of each start for the parameters that are not held; these keep their `step`."""
    if not held.any():
        return np.linalg.solve(matrix, -slope[:, :, None])[:, :, 0].astype(np.float64, copy=False)
    own = np.where(held, step, 0.0)
    right = -slope - np.matmul(matrix, own[:, :, None])[:, :, 0]
    free = np.where(held[:, :, None] | held[:, None, :], 0.0, matrix)
    index = np.arange(matrix.shape[1])
    free[:, index, index] = np.where(held, 1.0, matrix[:, index, index])
    solved = np.linalg.solve(free, np.where(held, own, right)[:, :, None])[:, :, 0]
    return solved.astype(np.float64, copy=False)
