"""The arcs behind the peaks of a distribution: what the inversion cuts off, broadens or gives to a neighbour.

The area between two minima is not the resistance of the arc that makes the peak: the feet of a flat arc reach below
its neighbours and beyond the measured window, where they are taken for a resistance in series, and the regularization
broadens what is sharp. How much of it, the inversion itself tells: it is given the spectrum of known arcs, and those
are changed until it shows of them what it shows of the measurement (indirect inference: Gourieroux, Monfort and
Renault, J. Appl. Econom. 8, S85, 1993).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from solbench.fitting.drt.inversion import SERIES, Inversion
from solbench.fitting.drt.peaks import Peak, area, centre, maxima
from solbench.fitting.drt.skirts import skirts
from solbench.fitting.elements import Array, Complex

_STEPS, _ENOUGH = 15, 2e-3  # the latter of an area or a height
_GAIN, _PATIENCE = 0.9, 4  # what is left of the misses by a step that gains, and how many may gain nothing
_NEAR = 0.05  # of an area or a height, within which an arc is the one that is shown
_SHARES = (0.5, 3.0)  # of an area, between which the resistance of the arc behind it may be
_SHARPEST = 100.0  # height over area; an exponent of 0.999
_FOOT_DECADES, _FOOT_SHARE = 3.0, 0.15  # so near, and so little of its area, may a foot of a peak be
_FLANK, _LEAST_SLOPE = 8, 0.4  # points at an end of the rest that tell its slope; that of a diffusion is 0.5
_UNSURE = 0.22  # of what lies on the wrong side of a minimum: not every process is such an arc
_UNSURE_OF_MANY = 0.3  # from three arcs on, between which more can be exchanged
_UNSURE_OF_SMALL = 0.45  # of small maxima beside a peak
_CHANCE, _HIDDEN = (
    1.5,
    3.0,
)  # of what noise changes in a shape, above which the rest is of another arc, so much larger
_BESIDE = math.log(10.0)  # in ln(tau), within which sharp arcs share points of the grid
_SURE = 2.0  # standard uncertainties, than which a named resistance is larger

Place = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Arcs:
    """Arcs R/(1 + (j omega tau)^n): resistances (ohm), ln(tau/s), and the heights of their distributions over R.

    Their distribution: Cole and Cole, J. Chem. Phys. 9, 341 (1941).
    """

    resistance_ohm: Array
    ln_tau: Array
    sharpness: Array

    @property
    def exponent(self) -> Array:
        """Get n, one an arc."""
        n: Array = 1.0 - 2.0 / np.pi * np.arctan(0.5 / (np.pi * self.sharpness))
        return n

    def impedance_ohm(self, omega: Array) -> Complex:
        """Return the sum of the arcs at angular frequencies (rad/s)."""
        turned = (1j * omega[:, None] * np.exp(self.ln_tau)) ** self.exponent
        total: Complex = (self.resistance_ohm / (1.0 + turned)).sum(axis=1)
        return total

    def below(self, ln_tau: Array) -> Array:
        """Return what of each arc (a row) lies below time constants (a column), in ohm."""
        n = self.exponent[:, None]
        reach = np.tanh(0.5 * n * (ln_tau - self.ln_tau[:, None])) / np.tan(0.5 * np.pi * (1.0 - n))
        share: Array = 0.5 + np.arctan(reach) / (np.pi * n)
        return self.resistance_ohm[:, None] * share


@dataclass(frozen=True, eq=False)
class _Behind:
    """Arcs, the distribution (ohm) that the inversion shows of them, and that of the rest (ohm).

    `miss`: by how much what is shown of each arc is off, in ln of its area or height.
    """

    arcs: Arcs
    shown_ohm: Array
    rest_ohm: Array
    miss: Array


def with_arcs(problem: Inversion, lam: float, peaks: Sequence[Peak], drawn_ohm: Array) -> tuple[Peak, ...]:
    """Give the named peaks the resistance, the time constant and the capacitance of the arcs behind them.

    To the standard uncertainty comes a part of what lies on the wrong side of the minima: of the arc's own beyond
    them, of others' between them, and of the small maxima beside it that no arc explains; more of it beside a
    tail. And what the other shape of a maximum tells of a second arc in it, where it is beyond what noise changes in
    the distributions `drawn_ohm` (one a row). Where no such arc was found, a peak keeps its area, with the difference
    in its uncertainty, and its name only if that is less than half of it. Where a process that is no arc (`skirts`)
    may be behind it or behind one beside it, its resistance lies halfway; no maximum of a skirt is named.
    """
    named = [peak for peak in peaks if peak.named]
    if not named:
        return tuple(peaks)
    gamma = problem.gamma_ohm(problem.solve(lam).coefficients)
    steep = skirts(problem, lam, peaks)
    of_skirts = frozenset[int]().union(*(skirt.maxima for skirt in steep))
    among_s = {float(problem.tau_s[begin]) for begin in of_skirts}
    peaks = [
        replace(peak, unnamed="beside") if peak.named and peak.from_s in among_s else peak for peak in peaks
    ]
    named = [peak for peak in peaks if peak.named]
    places, feet, kept = _parts(problem, gamma, named, of_skirts)
    behind = _behind(problem, lam, places, kept)
    arcs = behind.arcs
    ln_tau = np.log(problem.tau_s)
    ends = np.array([(begin, end) for _, begin, end in places])
    inside = arcs.below(ln_tau[ends[:, 1]]) - arcs.below(ln_tau[ends[:, 0]])
    whole, own = arcs.resistance_ohm, np.diag(inside)
    astray = np.maximum(
        whole - own + inside.sum(axis=0) - own, np.abs(whole - _areas(problem, gamma, places))
    )
    astray = astray + _areas(problem, behind.rest_ohm, places)
    shape = _areas(problem, np.abs(gamma - behind.shown_ohm), places)
    chance = np.mean([_areas(problem, np.abs(drawn - gamma), places) for drawn in drawn_ohm], axis=0)
    hidden = _HIDDEN * np.sqrt(np.maximum(shape**2 - (_CHANCE * chance) ** 2, 0.0))
    hidden[arcs.sharpness >= _SHARPEST] = 0.0  # of a few points of the grid, and too narrow for two
    hidden = np.maximum(hidden, _shared(problem, arcs))
    left = np.maximum(_areas(problem, gamma - behind.shown_ohm, feet), 0.0)
    unsure = _UNSURE if len(places) < 3 else _UNSURE_OF_MANY
    tails = [_rest_beside(problem, behind.rest_ohm, kept, place) for place in places]
    row = {float(problem.tau_s[begin]): k for k, (_, begin, _) in enumerate(places)}
    found = list[Peak]()
    for peak in peaks:
        if peak.named:
            k = row[peak.from_s]
            own_skirt = frozenset[int]().union(
                *(one.maxima for one in steep if peak.from_s in one.resistance_ohm)
            )
            beside = sum(
                float(size)
                for size, (top, begin, _) in zip(left, feet, strict=True)
                if begin not in own_skirt and _is_near(problem, top, peak)
            )
            wrong = float(astray[k])
            # How a tail goes on beneath an arc is not known.
            doubt_ohm = min(wrong, unsure * wrong + tails[k]) + _UNSURE_OF_SMALL * beside
            instead_ohm = [
                one.resistance_ohm[peak.from_s] for one in steep if peak.from_s in one.resistance_ohm
            ]
            peak = _with_arc(problem, peak, behind, k, math.hypot(doubt_ohm, hidden[k]), instead_ohm)
        found.append(peak)
    return tuple(found)


def _is_near(problem: Inversion, top: int, peak: Peak) -> bool:
    return abs(math.log10(problem.tau_s[top] / peak.tau_s)) < _FOOT_DECADES


def _shared(problem: Inversion, arcs: Arcs) -> Array:
    """Return what a sharp arc and another less than a decade away may have of each other (ohm), one an arc.

    One between two points of the grid is shown as two at these, wider than it is by up to the square of a step; by the
    same width, over the square of the distance, resistance of the one looks like that of the other.
    """
    apart = np.abs(arcs.ln_tau[:, None] - arcs.ln_tau)
    np.fill_diagonal(apart, math.inf)
    larger = np.maximum(arcs.resistance_ohm[:, None], arcs.resistance_ohm)
    sharp = arcs.sharpness >= _SHARPEST
    share = np.where(
        (apart < _BESIDE) & (sharp[:, None] | sharp), problem.step / np.maximum(apart, problem.step), 0.0
    )
    found: Array = (larger * share**2).sum(axis=1)
    return found


def _with_arc(
    problem: Inversion,
    peak: Peak,
    behind: _Behind,
    k: int,
    doubt_ohm: float,
    instead_ohm: Sequence[tuple[float, float]],
) -> Peak:
    """Return a peak with arc `k`; `instead_ohm` are resistances that it has if it, or one beside it, is no arc."""
    found_ohm, tau_s = float(behind.arcs.resistance_ohm[k]), math.exp(behind.arcs.ln_tau[k])
    miss, widest_ohm = float(behind.miss[k]), float(problem.impedance_ohm.real.max())
    area_ohm, noise = peak.resistance_ohm, peak.resistance_stderr_ohm / peak.resistance_ohm
    is_found = (
        miss < _NEAR
        and _SHARES[0] < found_ohm / area_ohm < _SHARES[1]
        and found_ohm < widest_ohm
        and peak.from_s < tau_s < peak.to_s
    )
    size, tau_s = (found_ohm, tau_s) if is_found else (area_ohm, peak.tau_s)
    stderr = math.hypot(noise * size, miss * size, doubt_ohm, found_ohm - size)
    if instead_ohm:  # each may be true
        every = [size, *(ohm for ohm, _ in instead_ohm)]
        half_ohm = 0.5 * (max(every) - min(every))
        size = min(every) + half_ohm
        stderr = math.hypot(max(stderr, *(error for _, error in instead_ohm)), half_ohm)
    if size < _SURE * stderr:
        return replace(peak, unnamed="beside")
    if size - _SURE * stderr > widest_ohm:  # only its beginning was measured
        return replace(peak, unnamed="edge")
    return replace(
        peak,
        tau_s=tau_s,
        resistance_ohm=size,
        resistance_stderr_ohm=stderr,
        capacitance_F=tau_s / size,
    )


def _parts(
    problem: Inversion, gamma: Array, named: Sequence[Peak], of_skirts: Collection[int]
) -> tuple[list[Place], list[Place], NDArray[np.bool_]]:
    """Return the maxima that are arcs, those that may be feet, and the time constants of the rest, such as a tail.

    Feet are small maxima close to a named peak, and those of skirts (by where they begin); an arc is each other one
    inside the window.
    """
    begins = {float(peak.from_s) for peak in named}
    arcs, feet, kept = list[Place](), list[Place](), np.ones(len(gamma), bool)
    for place in maxima(gamma):
        top, begin, end = place
        size = float(area(gamma, problem.step, begin, end))
        is_foot = begin in of_skirts or (
            float(problem.tau_s[begin]) not in begins
            and any(
                _is_near(problem, top, peak) and size < _FOOT_SHARE * peak.resistance_ohm for peak in named
            )
        )
        if is_foot:
            feet.append(place)
        elif problem.window_s[0] <= problem.tau_s[top] <= problem.window_s[1]:
            arcs.append(place)
    for _, begin, end in (*arcs, *feet):
        kept[begin : end + 1] = False
    return arcs, feet, kept


def _behind(problem: Inversion, lam: float, places: Sequence[Place], kept: NDArray[np.bool_]) -> _Behind:
    """Find the arcs of which the inversion shows what it shows of the measurement: areas, heights, centres.

    The rest, and what lies in series, is changed along with them. Of all steps the nearest is returned, and none is
    tried after several that came no nearer.
    """
    measured = problem.solve(lam).coefficients
    free = np.concatenate([np.ones(SERIES, bool), kept])
    rest = np.where(free, measured, 0.0)
    size, height, at = wanted = _shown(problem, measured, places)
    arcs = Arcs(size, at, np.exp(height))
    last = slope = np.full(len(size), 0.7)  # of the logarithms of height over area, shown against true
    former: tuple[Array, Array] | None = None
    shown = measured
    weight = 1.0 / np.abs(problem.impedance_ohm)
    best: _Behind | None = None
    waited = 0
    for _ in range(_STEPS):
        made = arcs.impedance_ohm(problem.omega) * weight
        target = problem.design @ rest + np.concatenate([made.real, made.imag])
        shown = problem.solved(lam, target, shown > 0.0)
        size, height, at = _shown(problem, shown, places)
        # Of the sharpest arc the height may be too low: there is no sharper one.
        off = np.where(
            arcs.sharpness < _SHARPEST, np.abs(wanted[1] - height), np.maximum(height - wanted[1], 0.0)
        )
        miss = np.maximum(np.abs(np.log(wanted[0] / size)), off)
        waited = 0 if best is None or miss.sum() < _GAIN * best.miss.sum() else waited + 1
        if best is None or miss.sum() < best.miss.sum():
            best = _Behind(arcs, problem.gamma_ohm(shown), problem.gamma_ohm(rest), miss)
        if best.miss.max() < _ENOUGH or waited == _PATIENCE:
            break
        true = np.log(arcs.sharpness)
        if former is not None:
            moved = true - former[0]
            has_moved = np.abs(moved) > 1e-3
            slope = np.where(has_moved, (height - former[1]) / np.where(has_moved, moved, 1.0), last)
            slope = np.clip(slope, 0.15, 1.2)
        last, former = slope, (true, height)
        arcs = Arcs(
            arcs.resistance_ohm * np.clip(wanted[0] / size, 0.5, 2.0),
            arcs.ln_tau + np.clip(wanted[2] - at, -1.0, 1.0),
            np.minimum(arcs.sharpness * np.exp(np.clip((wanted[1] - height) / slope, -1.0, 1.0)), _SHARPEST),
        )
        rest = np.where(free, np.maximum(rest + measured - shown, 0.0), 0.0)
        rest[SERIES:] += _flanks(problem, rest[SERIES:] * problem.scale_ohm, kept) / problem.scale_ohm
    assert best is not None
    return best


def _rest_beside(problem: Inversion, rest_ohm: Array, kept: NDArray[np.bool_], place: Place) -> float:
    """Return the resistance (ohm) of the rest next to a part, on both sides as far as it reaches."""
    _, begin, end = place
    left = rest_ohm[:begin][np.logical_and.accumulate(kept[:begin][::-1])[::-1]]
    right = rest_ohm[end + 1 :][np.logical_and.accumulate(kept[end + 1 :])]
    return problem.step * float(left.sum() + right.sum())


def _flanks(problem: Inversion, rest_ohm: Array, kept: NDArray[np.bool_]) -> Array:
    """Return how the rest goes on beneath the arcs beside it (ohm): as steeply as it comes up to them."""
    ln_tau = np.log(problem.tau_s)
    flanks = np.zeros(len(kept))
    for end in np.flatnonzero(kept[1:] != kept[:-1]):
        edge, way = (int(end) + 1, 1) if kept[end + 1] else (int(end), -1)
        part = edge + way * np.arange(_FLANK)
        part = part[(part >= 0) & (part < len(kept))]
        if len(part) < _FLANK or not (kept[part] & (rest_ohm[part] > 0.0)).all():
            continue
        along = ln_tau[part] - ln_tau[part].mean()
        slope = way * float(along @ np.log(rest_ohm[part]) / (along @ along))
        beneath = np.arange(edge - 1, -1, -1) if way > 0 else np.arange(edge + 1, len(kept))
        beneath = beneath[: int(np.argmax(np.append(kept[beneath], True)))]
        flanks[beneath] += rest_ohm[edge] * np.exp(
            -max(slope, _LEAST_SLOPE) * np.abs(ln_tau[beneath] - ln_tau[edge])
        )
    return flanks


def _areas(problem: Inversion, gamma: Array, places: Sequence[Place]) -> Array:
    return np.array([float(area(gamma, problem.step, begin, end)) for _, begin, end in places])


def _shown(problem: Inversion, coefficients: Array, places: Sequence[Place]) -> tuple[Array, Array, Array]:
    """Return areas (ohm), ln of height over area, and ln(tau/s) of the tops of what coefficients show in places."""
    gamma = problem.gamma_ohm(coefficients)
    tops = [begin + int(np.argmax(gamma[begin : end + 1])) for _, begin, end in places]
    least = max(1e-9 * float(gamma.max()), 1e-300)
    areas, heights = np.maximum(_areas(problem, gamma, places), least), np.maximum(gamma[tops], least)
    return areas, np.log(heights / areas), np.log([centre(problem.tau_s, gamma, top) for top in tops])
