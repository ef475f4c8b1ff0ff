"""Distributions of relaxation times of several spectra: as plain values, and each peak followed over the states.

A view beside the fits. No conclusion uses its numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from solbench.fitting.drt.distribution import distribution
from solbench.fitting.drt.peaks import UNNAMED_WORDS, Peak, Unnamed
from solbench.fitting.elements import Array, Complex
from solbench.fitting.linear_kk import LEAST_POINTS
from solbench.protocols.quantities.units import ZERO_DEGC_K

ONE_PROCESS_DECADES = 0.7
"""Between the time constants of one process in two states next to each other."""
_LEAST_CAPACITY_MAH_CM2 = 1e-3
_LEAST_CHANGE_K = 1.0
VIEW = "a view beside the fit: no conclusion uses its numbers"


@dataclass(frozen=True)
class PlainDistribution:
    """A `solbench.fitting.drt.distribution.Distribution` as plain values: the keys of `drt` in `solbench fit --json`.

    `capacitance_F` in series, None without one. Where there is no distribution, `reason` says why and all is empty.
    """

    tau_s: tuple[float, ...]
    gamma_ohm: tuple[float, ...]
    low_ohm: tuple[float, ...]
    high_ohm: tuple[float, ...]
    window_s: tuple[float, float]
    resistance_ohm: float
    inductance_H: float
    capacitance_F: float | None
    regularization: float
    residual: float
    peaks: tuple[Peak, ...]
    reason: str

    @classmethod
    def none(cls, reason: str) -> PlainDistribution:
        """Make what stands in the place of a distribution where there is none, with the reason."""
        return cls((), (), (), (), (0.0, 0.0), 0.0, 0.0, None, 0.0, 0.0, (), reason)

    @property
    def named(self) -> tuple[Peak, ...]:
        """Get the peaks that may be named, the fastest first."""
        return tuple(peak for peak in self.peaks if peak.named)

    @property
    def unnamed_words(self) -> str:
        """Get in words how many peaks are not named, and why; "" where all are."""
        if self.reason:
            return f"no peak is named: {self.reason}"
        whys: list[Unnamed] = [peak.unnamed for peak in self.peaks if peak.unnamed is not None]
        parts = [f"{whys.count(why)} {UNNAMED_WORDS[why]}" for why in dict.fromkeys(whys)]
        return f"not named: {', '.join(parts)}" if parts else ""


def plain_distribution(frequency_Hz: Array, impedance_ohm: Complex) -> PlainDistribution:
    """Compute the distribution of a spectrum (Hz, ohm); one without any says why."""
    if len(frequency_Hz) < LEAST_POINTS:
        return PlainDistribution.none(f"{len(frequency_Hz)} points are too few: {LEAST_POINTS} are needed")
    try:
        found = distribution(frequency_Hz, impedance_ohm)
    except (ValueError, RuntimeError, np.linalg.LinAlgError) as error:
        return PlainDistribution.none(str(error))
    inverse = found.inverse_capacitance_1_F
    return PlainDistribution(
        _plain(found.tau_s),
        _plain(found.gamma_ohm),
        _plain(found.low_ohm),
        _plain(found.high_ohm),
        found.window_s,
        float(found.resistance_ohm),
        float(found.inductance_H),
        1.0 / inverse if inverse > 0.0 else None,
        found.regularization,
        found.residual,
        tuple(_rounded(peak) for peak in found.peaks),
        found.reason,
    )


def _plain(values: Array) -> tuple[float, ...]:
    """Return numbers with seven digits: more say nothing, and make a file twice as long."""
    return tuple(float(f"{value:.7g}") for value in values)


def _rounded(peak: Peak) -> Peak:
    stderr = peak.resistance_stderr_ohm
    return peak if math.isfinite(stderr) else replace(peak, resistance_stderr_ohm=0.0)


@dataclass(frozen=True)
class State:
    """One spectrum among several: its distribution, and where it stands; None where that is not known.

    `label` names it; areal capacity (mAh/cm2), temperature (K), time (s).
    """

    label: str
    drt: PlainDistribution
    capacity_mAh_cm2: float | None = None
    temperature_K: float | None = None
    time_s: float | None = None


def axis_of(states: Sequence[State]) -> tuple[str, list[float]]:
    """Return what tells the states apart, as the name of an axis, and its value for each.

    Capacity, where charge flowed; else temperature, where it differs by more than a kelvin; else time, or the number.
    """
    capacities = [state.capacity_mAh_cm2 for state in states]
    temperatures = [state.temperature_K for state in states]
    times = [state.time_s for state in states]
    if _differ(capacities, _LEAST_CAPACITY_MAH_CM2):
        return "areal capacity / mAh cm⁻²", [float(value or 0.0) for value in capacities]
    if _differ(temperatures, _LEAST_CHANGE_K):
        return "temperature / °C", [float(value or 0.0) - ZERO_DEGC_K for value in temperatures]
    if _differ(times, 1.0):
        first = min(float(value or 0.0) for value in times)
        return "time / h", [(float(value or 0.0) - first) / 3600.0 for value in times]
    return "spectrum", [float(number) for number in range(1, len(states) + 1)]


def _differ(values: Sequence[float | None], least: float) -> bool:
    known = [value for value in values if value is not None and math.isfinite(value)]
    return len(known) == len(values) > 1 and max(known) - min(known) > least


def followed(states: Sequence[State]) -> list[list[tuple[int, Peak]]]:
    """Return the named peaks, each process followed over the states by its time constant, the fastest first.

    A peak goes on where the next one within 0.7 decades of it is; each belongs to one process.
    """
    tracks: list[list[tuple[int, Peak]]] = []
    for place, state in enumerate(states):
        pairs = sorted(
            (abs(math.log10(peak.tau_s / track[-1][1].tau_s)), k, n)
            for k, track in enumerate(tracks)
            for n, peak in enumerate(state.drt.named)
        )
        taken: set[int] = set()
        continued: set[int] = set()
        for distance, k, n in pairs:
            if distance <= ONE_PROCESS_DECADES and k not in continued and n not in taken:
                tracks[k].append((place, state.drt.named[n]))
                continued.add(k)
                taken.add(n)
        tracks += [[(place, peak)] for n, peak in enumerate(state.drt.named) if n not in taken]
    return sorted(tracks, key=lambda track: track[-1][1].tau_s)
