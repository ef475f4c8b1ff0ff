"""Peaks of processes that are no arcs: what the inversion shows of them is a peak with a skirt.

The distribution of Cole and Davidson's process rises to its time constant and is zero beyond; that of Gerischer's does
likewise. Nothing smooth does, so that the inversion makes one peak of the steep end, and of the rise a row of small
maxima, or more of the peaks of other processes. A bounded diffusion is a series of arcs, whose smaller ones are put to
others likewise. Whether a peak may be of such a process, and what is left for the others then, the spectrum tells.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from solbench.fitting.drt.inversion import SERIES, Inversion, Level
from solbench.fitting.drt.peaks import Peak, area, maxima
from solbench.fitting.elements import Array, Complex

Kind = Literal["arc", "steep", "bounded"]

_CHANCE = 1.3  # of the distribution's sum of squares, up to which processes describe a spectrum as well
_AKIN = 10.0  # up to which one may be a bounded diffusion instead
_LIKELY = 2.0  # in chi square, by which others are the more likely
_MOST = 4  # processes
_SEEN = 0.1  # of the largest maximum, above which another may be a process though it is not named
_PASSES = (1e-2, 20), (1e-4, 60)  # tolerance and steps: the second where the first brings hope
_HOPEFUL = 2.0
_EXPONENTS = (0.2, 1.2)
_FIRST_EXPONENT: dict[Kind, float] = {"steep": 0.65, "bounded": 0.5}
_LATER: dict[Kind, float] = {"arc": 0.0, "steep": 0.25, "bounded": math.log(math.pi**2 / 4.0)}
"""By how much ln(tau) is larger than that of the maximum."""
_SHARE: dict[Kind, float] = {"arc": 1.0, "steep": 1.0, "bounded": 8.0 / math.pi**2}
"""Of the resistance, that the arc is of which the maximum is."""
_TOLD = 0.5  # of a resistance, above which its uncertainty says that there need not be such a process
_DOWN, _UP = 5.0, 3.0  # from the first guess in ln(R) and ln(tau), beyond which nothing changes


@dataclass(frozen=True)
class Skirt:
    """A peak whose process may be no arc.

    `maxima`: where those of its skirt begin on the grid; none of them is a process. `resistance_ohm`, by where peaks
    begin (s): of this one and of the arcs beside it, each with its standard uncertainty.
    """

    maxima: frozenset[int]
    resistance_ohm: dict[float, tuple[float, float]]


@dataclass(frozen=True)
class _Top:
    """A maximum: where it lies on the grid, its time constants (s), its area (ohm), and the exponent of such an arc."""

    begin: int
    end: int
    from_s: float
    tau_s: float
    ohm: float
    exponent: float


@dataclass(frozen=True, eq=False)
class _Fit:
    """A sum of squares, and of each process what its maximum shows (ohm), with its standard uncertainty.

    `known`: ln R, n, and ln tau, one row each.
    """

    square: float
    ohm: tuple[tuple[float, float], ...]
    known: Array


def skirts(problem: Inversion, lam: float, peaks: Sequence[Peak]) -> list[Skirt]:
    """Find the peaks that may have a skirt."""
    level = problem.solve(lam)
    named = {peak.from_s for peak in peaks if peak.named}
    tops = _tops(problem, level, {peak.from_s for peak in peaks if peak.unnamed == "edge"})
    spectrum = _Spectrum(problem, level, tops)
    found = list[Skirt]()
    for top in tops:
        is_seen = top.from_s in named or top.ohm > _SEEN * tops[0].ohm
        if is_seen and not any(top.begin in skirt.maxima for skirt in found):
            found += _skirts_of(top, tops, named, spectrum)
    return found


def _tops(problem: Inversion, level: Level, without: set[float]) -> list[_Top]:
    """Return the maxima inside the window, the largest first; none of those that begin there (s)."""
    gamma, tau_s = problem.gamma_ohm(level.coefficients), problem.tau_s
    tops = list[_Top]()
    for top, begin, end in maxima(gamma):
        if problem.window_s[0] <= tau_s[top] <= problem.window_s[1] and tau_s[begin] not in without:
            ohm = float(area(gamma, problem.step, begin, end))
            exponent = 1.0 - 2.0 / math.pi * math.atan(0.5 * ohm / (math.pi * gamma[top]))
            tops.append(_Top(begin, end, float(tau_s[begin]), float(tau_s[top]), ohm, exponent))
    return sorted(tops, key=lambda top: -top.ohm)


def _skirts_of(top: _Top, tops: Sequence[_Top], named: set[float], spectrum: _Spectrum) -> list[Skirt]:
    """Return what a maximum and the fewest others may be that describe a spectrum as well as its distribution does."""
    others = [one for one in tops if one is not top]
    seen = [one for one in others if one.from_s in named or one.ohm > _SEEN * tops[0].ohm]
    # A skirt lies before its process and is smaller.
    surely = [one for one in seen if one.from_s in named and (one.ohm > top.ohm or one.tau_s > top.tau_s)]
    maybe = [one for one in seen if one not in surely]
    for count in range(min(len(maybe), _MOST - 1 - len(surely)) + 1):
        chosen = [top, *surely, *maybe[:count]]
        skirt = [one for one in others if one not in chosen and one.tau_s < top.tau_s]
        fits: dict[Kind, _Fit] = {"steep": spectrum.fitted(chosen, "steep", sum(one.ohm for one in skirt))}
        if fits["steep"].square < _AKIN * spectrum.square:
            fits["bounded"] = bounded = spectrum.fitted(chosen, "bounded")
            if bounded.square <= _CHANCE * spectrum.square < fits["steep"].square:
                fits["steep"] = spectrum.fitted(chosen, "steep", beside=bounded.known[1:])
        least = min(fit.square for fit in fits.values())
        if least > _CHANCE * spectrum.square:
            continue
        least = min(least, spectrum.fitted(chosen, "arc").square)
        return [
            Skirt(
                # The small maxima of a series of arcs are arcs.
                frozenset(one.begin for one in skirt if kind == "steep"),
                dict(zip((one.from_s for one in chosen), fit.ohm, strict=True)),
            )
            for kind, fit in fits.items()
            if fit.square - least < _LIKELY * spectrum.noise_square
        ]
    return []


class _Spectrum:
    """A spectrum without what is linear in it: what is in series, and what lies before and behind the maxima."""

    def __init__(self, problem: Inversion, level: Level, tops: Sequence[_Top]) -> None:
        self.square, self.noise_square = level.square, level.square / len(problem.target)
        weight = 1.0 / np.abs(problem.impedance_ohm)
        columns = [np.concatenate([weight, np.zeros_like(weight)])]
        columns += [problem.design[:, k] for k in range(1, SERIES) if level.coefficients[k] > 0.0]
        first = min((top.begin for top in tops), default=0)
        last = max((top.end for top in tops), default=0)
        for part in (slice(SERIES, SERIES + first), slice(SERIES + last + 1, None)):
            if level.coefficients[part].any():
                columns.append(problem.design[:, part] @ level.coefficients[part])
        self._weight = weight
        self._linear, _ = np.linalg.qr(np.column_stack(columns))
        self._target = problem.target - self._linear @ (self._linear.T @ problem.target)
        self._ln_omega = np.log(problem.omega) + 0.5j * np.pi

    def fitted(
        self, tops: Sequence[_Top], kind: Kind, skirt_ohm: float = 0.0, beside: Array | None = None
    ) -> _Fit:
        """Fit a process to each top: arcs, but for the first, which is of a kind, and whose skirt holds so much.

        `beside`: where to begin with the others.
        """
        from scipy.optimize import leastsq

        start = np.array([[math.log(top.ohm), top.exponent, math.log(top.tau_s)] for top in tops])
        start[0, 0] = math.log((tops[0].ohm + skirt_ohm) / _SHARE[kind])
        if kind != "arc":
            start[0, 1] = _FIRST_EXPONENT[kind]
        start[0, 2] += _LATER[kind]
        if beside is not None:
            start[1:] = beside
        low, high = start - _DOWN, start + _UP
        low[:, 1], high[:, 1] = _EXPONENTS
        last = dict[bytes, Array]()

        def rows(known: Array) -> Array:
            """Return the residuals and their derivatives; they are asked for in turn."""
            at = known.tobytes()
            if at not in last:
                z, by = _processes(self._ln_omega, np.clip(known.reshape(start.shape), low, high), kind)
                both = np.concatenate([z[None], by]) * self._weight
                made = np.concatenate([both.real, both.imag], axis=1)
                made -= (made @ self._linear) @ self._linear.T
                made[0] -= self._target
                last.clear()
                last[at] = made
            return last[at]

        known, square, covariance = start.ravel(), math.inf, None
        for enough, most in _PASSES:
            solved: Any = leastsq(
                lambda known: rows(known)[0],
                known,
                Dfun=lambda known: rows(known)[1:],
                col_deriv=True,
                full_output=True,
                ftol=enough,
                xtol=1e-6,
                factor=1,
                maxfev=most,
            )
            known, covariance, info = solved[:3]
            square = float(info["fvec"] @ info["fvec"])
            if square > _HOPEFUL * self.square:
                break
        if covariance is None:
            return _Fit(math.inf, (), start)
        found = np.clip(known.reshape(start.shape), low, high)
        ohm = np.exp(found[:, 0])
        ohm[0] *= _SHARE[kind]
        free = max(len(self._target) - len(known) - self._linear.shape[1], 1)
        stderr = ohm * np.sqrt(square / free * np.diag(covariance)[::3])
        if (stderr > _TOLD * ohm).any():
            return _Fit(math.inf, (), start)
        return _Fit(square, tuple(zip(ohm.tolist(), stderr.tolist(), strict=True)), found)


def _processes(ln_omega: Complex, known: Array, first: Kind) -> tuple[Complex, Complex]:
    """Return the impedance (ohm) of processes and its derivatives, one a row, from ln R, n and ln tau, one a row.

    All but the first are arcs R/(1 + s^n), s being j omega tau. A steep one is R/(1 + s)^n (Davidson and Cole, J. Chem.
    Phys. 19, 1484, 1951), a bounded diffusion R tanh(s^n)/s^n.
    """
    n = known[:, 1:2]
    ln_s = ln_omega + known[:, 2:]
    powered = np.exp(n * ln_s)
    z = np.exp(known[:, :1]) / (1.0 + powered)
    by = np.empty((len(known), 3, len(ln_omega)), complex)
    by_power = -z * powered / (1.0 + powered)  # by ln s^n
    by[:, 1], by[:, 2] = by_power * ln_s, n * by_power
    if first == "steep":
        s = np.exp(ln_s[0])
        ln_one = np.log(1.0 + s)
        z[0] = np.exp(known[0, 0] - n[0] * ln_one)
        by[0, 1], by[0, 2] = -z[0] * ln_one, -n[0] * z[0] * s / (1.0 + s)
    elif first == "bounded":
        ohm, share = np.exp(known[0, 0]), np.tanh(powered[0])
        z[0] = ohm * share / powered[0]
        by_first = ohm * (1.0 - share**2) - z[0]
        by[0, 1], by[0, 2] = by_first * ln_s[0], n[0] * by_first
    by[:, 0] = z
    return z.sum(axis=0), by.reshape(-1, len(ln_omega))
