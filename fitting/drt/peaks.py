"""Peaks of a distribution of relaxation times, and which of them may be named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from solbench.fitting.elements import Array

Unnamed = Literal["edge", "regularization", "noise", "unsound", "beside"]
UNNAMED_WORDS: dict[Unnamed, str] = {
    "edge": "reaches beyond the measured window",
    "regularization": "depends on the regularization",
    "noise": "no larger than its own uncertainty",
    "unsound": "the spectrum is not described, or not sound",
    "beside": "cannot be told apart from what lies beside it",
}
_SAME_DECADES = 0.1  # between the maxima of one peak at two regularizations
_LEAST_SHARE = 2e-3  # of the largest: what is below is rounding
_CUT = 0.5  # of its height, above which a peak at the end of the window is cut
_RISE = 1.2  # of a maximum over the minima beside it
_CHANCE = 0.05
_SURE = 2.0  # standard deviations of the area above none


@dataclass(frozen=True)
class Peak:
    """One maximum: its time constant (s), its resistance (ohm) and the capacitance tau/R (F).

    Of a peak that is not named, the resistance is the area between the minima beside it, and its standard uncertainty
    what noise leaves open. Of a named one it is that of the arc behind it, the area where no arc was found; and the
    uncertainty holds a part of what the inversion had put on the wrong side of those minima, and what the shape tells
    of a second arc, too. Where this or one beside it may as well be a process that is no arc, one that ends at its time
    constant or a bounded diffusion, it is halfway between the resistances that it may have, with the half in the
    uncertainty; its time constant is that of the maximum, up to half below the end. `unnamed` says why it may be an
    artefact, None where it may be named.
    """

    tau_s: float
    resistance_ohm: float
    resistance_stderr_ohm: float
    capacitance_F: float
    from_s: float
    to_s: float
    unnamed: Unnamed | None = None

    @property
    def named(self) -> bool:
        """Get whether it may be named: inside the window, beyond doubt and noise, there at all regularizations."""
        return self.unnamed is None


def maxima(gamma: Array) -> list[tuple[int, int, int]]:
    """Find the maxima of a curve, each with the places of the minima beside it, from left to right.

    Where a minimum is flat, as between peaks with nothing between them, its middle counts.

    >>> maxima(np.array([0.0, 1.0, 3.0, 1.0, 0.0, 0.0, 2.0, 0.0]))
    [(2, 0, 4), (6, 4, 7)]
    """
    around = np.concatenate([[-1.0], gamma, [-1.0]])
    tops = np.flatnonzero((around[1:-1] > around[:-2]) & (around[1:-1] >= around[2:]))
    tops = tops[gamma[tops] > _LEAST_SHARE * max(float(gamma.max()), 1e-300)]
    cuts = [0]
    for left, right in pairwise(tops):
        between = gamma[left : right + 1]
        lowest = np.flatnonzero(between == between.min())
        cuts.append(int(left) + int(lowest[(len(lowest) - 1) // 2] + lowest[len(lowest) // 2]) // 2)
    cuts.append(len(gamma) - 1)
    return [(int(top), cuts[k], cuts[k + 1]) for k, top in enumerate(tops)]


def area(gamma: Array, step: float, begin: int, end: int) -> Array:
    """Integrate over ln tau between two minima, whose own values count half; along the last axis."""
    part = gamma[..., begin : end + 1]
    whole: Array = step * (part.sum(axis=-1) - 0.5 * (part[..., 0] + part[..., -1]))
    return whole


def find_peaks(
    tau_s: Array,
    gamma_ohm: Array,
    drawn_ohm: Array,
    others_ohm: Sequence[Array],
    window_s: tuple[float, float],
    *,
    sound: bool = True,
) -> tuple[Peak, ...]:
    """Find the peaks with their maximum inside the window (s).

    `drawn_ohm` are distributions that the noise leaves open (one a row), `others_ohm` those at a tenth and at ten times
    the regularization. Where the spectrum is not `sound` no peak may be named.
    """
    step = float(np.log(tau_s[1] / tau_s[0]))
    other_tops = [tau_s[[top for top, _, _ in maxima(other)]] for other in others_ohm]
    found = list[Peak]()
    for top, begin, end in maxima(gamma_ohm):
        if not window_s[0] <= tau_s[top] <= window_s[1]:
            continue
        size = float(area(gamma_ohm, step, begin, end))
        stderr = float(np.std(area(drawn_ohm, step, begin, end)))
        unnamed: Unnamed | None = None
        if not sound:
            unnamed = "unsound"
        elif _is_cut(tau_s, gamma_ohm, top, (begin, end), window_s):
            unnamed = "edge"
        elif not all(_is_among(float(tau_s[top]), tops) for tops in other_tops):
            unnamed = "regularization"
        elif size < _SURE * stderr or not _stands_out(drawn_ohm, top, (begin, end)):
            unnamed = "noise"
        tau = centre(tau_s, gamma_ohm, top)
        found.append(Peak(tau, size, stderr, tau / size, float(tau_s[begin]), float(tau_s[end]), unnamed))
    return tuple(found)


def _is_cut(
    tau_s: Array, gamma: Array, top: int, ends: tuple[int, int], window_s: tuple[float, float]
) -> bool:
    """Tell whether a peak is still high at an end of the window that it crosses."""
    for end, edge in zip(ends, window_s, strict=True):
        crosses = tau_s[end] < edge if end < top else tau_s[end] > edge
        if crosses and np.interp(np.log(edge), np.log(tau_s), gamma) > _CUT * gamma[top]:
            return True
    return False


def _stands_out(drawn: Array, top: int, ends: tuple[int, int]) -> bool:
    """Tell whether a maximum is above the minima beside it in nearly all distributions that noise leaves open."""
    heights = drawn[:, max(top - 1, 0) : top + 2].max(axis=1)
    low = min(float(np.quantile(heights - drawn[:, end] * _RISE, _CHANCE)) for end in ends)
    return low > 0.0


def _is_among(tau: float, tops: Array) -> bool:
    return bool(len(tops) and np.min(np.abs(np.log10(tops / tau))) <= _SAME_DECADES)


def centre(tau_s: Array, gamma: Array, top: int) -> float:
    """Place a maximum (s) between the points of the grid: that of the parabola through three of them."""
    if not 0 < top < len(gamma) - 1:
        return float(tau_s[top])
    left, middle, right = gamma[top - 1 : top + 2]
    bend = left - 2.0 * middle + right
    # That of a maximum lies within half a step; the largest of a part may be at its end, and none.
    shift = min(max(0.5 * (left - right) / bend, -0.5), 0.5) if bend < 0.0 else 0.0
    return float(tau_s[top] * (tau_s[1] / tau_s[0]) ** shift)
