"""Peaks of processes that end at a time constant: what the inversion shows of them is a peak with a skirt.

The distribution of Cole and Davidson's process rises to its time constant and is zero beyond; that of Gerischer's does
likewise. Nothing smooth does, so that the inversion makes one peak of the steep end, and of the rise a row of small
maxima, each smaller than the one before it, or more of the peak that is there. Whether a peak and what lies before it
are such a process, their impedance tells.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from solbench.fitting.drt.inversion import SERIES, Inversion, Level
from solbench.fitting.drt.peaks import Peak, area, maxima
from solbench.fitting.elements import Array, Complex

_FALLS = 0.5  # of the maximum before it, below which one is the next of a skirt
_CHANCE = 2.0  # of the sum of squares of all points, by which a part may differ from the processes
_LIKELY = 6.0  # in chi square, by which an arc is the more likely
_STEPS, _LONGEST, _GAIN = 12, 0.5, 0.999
_SURE_STEPS, _HOPELESS = (
    3,
    30.0,
)  # after so many, a sum of squares so many times too large never is small enough
_FIRST_STEEP, _FIRST_ARC, _LATER = (
    0.65,
    0.85,
    0.25,
)  # exponents; in ln(tau), by which one ends after its maximum
_EXPONENTS = (0.3, 0.99)


@dataclass(frozen=True)
class Skirt:
    """A peak whose process ends at its time constant.

    `maxima`: where those of its skirt begin on the grid; none of them is a process. `resistance_ohm`, by where named
    peaks begin (s): of the process, and of the arc before it, if what lies between them is the process's.
    """

    maxima: frozenset[int]
    resistance_ohm: dict[float, float]


def skirts(problem: Inversion, lam: float, peaks: Sequence[Peak]) -> list[Skirt]:
    """Find the named peaks that have a skirt."""
    level = problem.solve(lam)
    gamma = problem.gamma_ohm(level.coefficients)
    # What lies before the window is a resistance in series, or nothing.
    places = [place for place in maxima(gamma) if problem.tau_s[place[0]] >= problem.window_s[0]]
    sizes = [float(area(gamma, problem.step, begin, end)) for _, begin, end in places]
    named = {peak.from_s for peak in peaks if peak.named}
    found = list[Skirt]()
    for k in sorted(range(len(places)), key=lambda k: -sizes[k]):
        top, begin, end = places[k]
        from_s = float(problem.tau_s[begin])
        if from_s not in named or any(begin in skirt.maxima for skirt in found):
            continue
        first = _falls_until(sizes, k)
        before = places[first - 1] if first > 0 else None
        choices = [([top], places[first][1])] if first < k else []
        froms = [from_s]
        if before is not None and float(problem.tau_s[before[1]]) in named:
            choices.append(([top, before[0]], places[_falls_until(sizes, first - 1)][1]))
            froms.append(float(problem.tau_s[before[1]]))
        for tops, start in choices:
            ohm = _explained(problem, level, tops, slice(start, end + 1))
            if ohm is not None:
                own = frozenset(places[at][1] for at in range(first, k))
                found.append(Skirt(own, dict(zip(froms, ohm, strict=False))))
                break
    return found


def _falls_until(sizes: Sequence[float], k: int) -> int:
    """Return the first of the maxima before one of which each is much smaller than that behind it."""
    while k > 0 and sizes[k - 1] < _FALLS * sizes[k]:
        k -= 1
    return k


def _explained(problem: Inversion, level: Level, tops: Sequence[int], inside: slice) -> list[float] | None:
    """Return the resistances (ohm) of a steep process, and of an arc where there is a second top, that make a part.

    None where what the part contributes to the spectrum is not theirs within noise, or more likely that of an arc in
    the place of the process.
    """
    square, ohm = _fitted(problem, level, tops, inside, steep=True)
    if square > _CHANCE * level.square:
        return None
    other, _ = _fitted(problem, level, tops, inside, steep=False)
    return ohm if square - other < _LIKELY * level.square / len(problem.target) else None


def _fitted(
    problem: Inversion, level: Level, tops: Sequence[int], inside: slice, *, steep: bool
) -> tuple[float, list[float]]:
    """Fit a process at each top to what a part contributes to the spectrum, of which the first may be steep.

    Returns the sum of squares and their resistances (ohm). What of them is faster than the part is a resistance in
    series.
    """
    part = np.zeros_like(level.coefficients)
    part[SERIES:][inside] = level.coefficients[SERIES:][inside]
    weight = 1.0 / np.abs(problem.impedance_ohm)
    series = np.concatenate([weight, np.zeros_like(weight)])
    wanted = problem.design[:, SERIES:][:, inside] @ part[SERIES:][inside]
    share_ohm = problem.step * float(problem.gamma_ohm(part).sum()) / len(tops)
    known = np.array(
        [
            [math.log(share_ohm), exponent, math.log(problem.tau_s[top]) + later]
            for top, exponent, later in zip(tops, (_FIRST_STEEP, _FIRST_ARC), (_LATER, 0.0), strict=False)
        ]
    )
    ohm, least = 0.0, math.inf
    for count in range(_STEPS):
        made = [_process(problem.omega, *one, steep=steep and k == 0) for k, one in enumerate(known)]
        z = sum(z for z, _ in made) * weight
        rest = wanted - np.concatenate([z.real, z.imag]) - series * ohm
        square = float(rest @ rest)
        if _GAIN * least < square <= least or (count >= _SURE_STEPS and square > _HOPELESS * level.square):
            break
        least = min(least, square)
        by = np.concatenate([by for _, by in made]) * weight
        rows = np.vstack([np.concatenate([by.real, by.imag], axis=1), series])
        *step, more = np.linalg.lstsq(rows.T, rest, rcond=None)[0]
        known += np.clip(step, -_LONGEST, _LONGEST).reshape(known.shape)
        known[:, 1] = np.clip(known[:, 1], *_EXPONENTS)
        ohm += more
    return least, np.exp(known[:, 0]).tolist()


def _process(omega: Array, ln_ohm: float, n: float, ln_tau: float, *, steep: bool) -> tuple[Complex, Complex]:
    """Return an impedance (ohm), R/(1 + j omega tau)^n or R/(1 + (j omega tau)^n), and its derivatives, one a row.

    The former: Davidson and Cole, J. Chem. Phys. 19, 1484 (1951).
    """
    turned: Complex = 1j * omega * np.exp(ln_tau)
    powered = turned if steep else turned**n
    z = np.exp(ln_ohm) / ((1.0 + powered) ** n if steep else 1.0 + powered)
    share = powered / (1.0 + powered)
    by_n = -z * (np.log1p(powered) if steep else share * np.log(turned))
    return z, np.stack([z, by_n, -n * z * share])
