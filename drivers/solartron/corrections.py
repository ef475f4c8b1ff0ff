"""What commissioning has found of a bench, taken off what is measured with it, point by point.

The current that the analyzer sees lags behind the voltage, by a delay or a pole of each standard resistor (chosen by
the current range). The leads add a resistance and an inductance in series with the cell, and a capacitance and a
conductance across it. What is corrected is

    Z = (Z' - Zs) / (1 - (Z' - Zs) Yo)   with   Z' = raw * ratio * H(f)

where H is the transfer of the current's path, Zs what shorted leads and Yo what open leads show. Everything here is
plain data, so that it can be handed to a guardian.
"""

import cmath
import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

EVERYWHERE_Hz = 1e9
READING_NOISE, DROP_NOISE_V = 1.5e-4, 1.2e-6
"""Noise of a point of the pair: of the reading, and of the drop on the standard resistor (V, at 1 s); two repeats of
spectra that others measured with a 1287 on dummy cells (B)."""
CERTAIN_WITHIN = 0.01
"""What the leads of the 1260 alone may leave uncertain of a point that counts."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RangeCorrection:
    """One current range (`RR` 1 to 8).

    `lag_s`: of the current behind the voltage; `pole_share` of it is a pole, the rest a delay (0 to 1). `ratio`: the
    standard resistor to its nominal value. `covariance_s_H`: of lag and lead inductance. `zero_A`: what the ammeter
    shows without a current, positive from CE to WE. `highest_Hz`: up to here the corrected impedance holds 1 % and 1
    degree.
    """

    index: int
    lag_s: float = 0.0
    lag_stderr_s: float = 0.0
    pole_share: float = 0.0
    pole_share_stderr: float = 0.0
    covariance_s_H: float = 0.0
    ratio: float = 1.0
    ratio_stderr: float = 0.0
    zero_A: float = 0.0
    highest_Hz: float = EVERYWHERE_Hz

    def transfer(self, frequency_Hz: float) -> complex:
        """Return H of the current's path, a pole and a delay in turn."""
        jw = 2j * math.pi * frequency_Hz
        pole_s = self.pole_share * self.lag_s
        return cmath.exp(-jw * (self.lag_s - pole_s)) / (1.0 + jw * pole_s)

    def by_lag(self, frequency_Hz: float) -> complex:
        """Return d ln H / d lag, in 1/s."""
        jw, share = 2j * math.pi * frequency_Hz, self.pole_share
        return -jw * (1.0 - share) - jw * share / (1.0 + jw * share * self.lag_s)

    def by_share(self, frequency_Hz: float) -> complex:
        """Return d ln H / d pole_share."""
        jwt = 2j * math.pi * frequency_Hz * self.lag_s
        return jwt - jwt / (1.0 + jwt * self.pole_share)


@dataclass(frozen=True, slots=True)
class Null:
    """What leads show at one frequency: shorted an impedance (ohm), or open an admittance (S).

    `stderr`: standard uncertainty of its modulus, in the same unit.
    """

    frequency_Hz: float
    real: float
    imaginary: float
    stderr: float = 0.0


@dataclass(frozen=True, slots=True)
class Leads:
    """What the leads add: in series R and L, across the cell C and G, or what was measured at each frequency.

    `short` and `open` replace R, L and C, G where there are any; between their frequencies they are interpolated over
    ln f, below and above the nearest L and C are kept. Open leads are what they show with the short's part taken off.
    """

    resistance_ohm: float = 0.0
    inductance_H: float = 0.0
    inductance_stderr_H: float = 0.0
    capacitance_F: float = 0.0
    capacitance_stderr_F: float = 0.0
    conductance_S: float = 0.0
    short: tuple[Null, ...] = ()
    open: tuple[Null, ...] = ()

    def series_ohm(self, frequency_Hz: float) -> complex:
        """Return what the leads have in series with the cell."""
        if self.short:
            return _between(self.short, frequency_Hz)
        return self.resistance_ohm + 2j * math.pi * frequency_Hz * self.inductance_H

    def across_S(self, frequency_Hz: float) -> complex:
        """Return what the leads have in parallel to the cell."""
        if self.open:
            return _between(self.open, frequency_Hz)
        return self.conductance_S + 2j * math.pi * frequency_Hz * self.capacitance_F

    def series_stderr_ohm(self, frequency_Hz: float) -> float:
        """Return the standard uncertainty of what is in series."""
        if self.short:
            return _stderr_between(self.short, frequency_Hz)
        return 2.0 * math.pi * frequency_Hz * self.inductance_stderr_H

    def across_stderr_S(self, frequency_Hz: float) -> float:
        """Return the standard uncertainty of what is in parallel."""
        if self.open:
            return _stderr_between(self.open, frequency_Hz)
        return 2.0 * math.pi * frequency_Hz * self.capacitance_stderr_F

    def without(self, impedance_ohm: complex, frequency_Hz: float) -> complex:
        """Return the impedance of the cell alone (ohm)."""
        rest_ohm = impedance_ohm - self.series_ohm(frequency_Hz)
        return rest_ohm / (1.0 - rest_ohm * self.across_S(frequency_Hz))


@dataclass(frozen=True, slots=True)
class Bound:
    """The accuracy contour at one frequency: between these |Z| (ohm) a measurement means something."""

    frequency_Hz: float
    smallest_ohm: float
    largest_ohm: float


@dataclass(frozen=True, slots=True)
class Corrected:
    """An impedance (ohm) after its correction, and the standard uncertainty that the correction leaves in it.

    `trusted`: within the frequencies and impedances for which the bench is known.
    """

    impedance_ohm: complex
    stderr_ohm: float = 0.0
    trusted: bool = True


@dataclass(frozen=True, slots=True)
class Corrections:
    """All of a bench; by default nothing is corrected and everything trusted.

    `pair` and `alone`: the leads of the 1287, and those of the 1260 on a sample of its own. `zero_V`: what the
    voltmeter shows across RE1 and RE2 when they are shorted. `fine_gain`, `gain_V`,
    `gain_I`: POL x 0.01 and the outputs x 10, to their nominal values. `highest_Hz`: of ranges without an own limit.
    """

    ranges: tuple[RangeCorrection, ...] = ()
    pair: Leads = field(default_factory=Leads)
    alone: Leads = field(default_factory=Leads)
    zero_V: float = 0.0
    fine_gain: float = 1.0
    gain_V: float = 1.0
    gain_I: float = 1.0
    contour: tuple[Bound, ...] = ()
    highest_Hz: float = EVERYWHERE_Hz
    highest_alone_Hz: float = EVERYWHERE_Hz

    def of_range(self, index: int) -> RangeCorrection:
        """Return the correction of a range, one that changes nothing where none is known."""
        for one in self.ranges:
            if one.index == index:
                return one
        return RangeCorrection(index, highest_Hz=self.highest_Hz)

    def of_pair(self, raw_ohm: complex, frequency_Hz: float, range_index: int) -> Corrected:
        """Correct an impedance (ohm) that the pair measured at a frequency (Hz) on a current range."""
        own, leads = self.of_range(range_index), self.pair
        seen_ohm = raw_ohm * own.ratio * own.transfer(frequency_Hz)
        found_ohm = leads.without(seen_ohm, frequency_Hz)
        return Corrected(
            found_ohm,
            _stderr_ohm(seen_ohm, found_ohm, frequency_Hz, own, leads),
            self._is_trusted(frequency_Hz, abs(found_ohm), own.highest_Hz),
        )

    def of_alone(self, raw_ohm: complex, frequency_Hz: float) -> Corrected:
        """Correct an impedance (ohm) that the 1260 measured by itself; it counts where its leads are known so well."""
        found_ohm, none = self.alone.without(raw_ohm, frequency_Hz), RangeCorrection(0)
        stderr_ohm = _stderr_ohm(raw_ohm, found_ohm, frequency_Hz, none, self.alone)
        is_certain = stderr_ohm <= CERTAIN_WITHIN * abs(found_ohm)
        return Corrected(found_ohm, stderr_ohm, is_certain and frequency_Hz <= self.highest_alone_Hz)

    def _is_trusted(self, frequency_Hz: float, size_ohm: float, highest_Hz: float) -> bool:
        if frequency_Hz > highest_Hz:
            return False
        if not self.contour:
            return True
        smallest_ohm, largest_ohm = self.bounds_ohm(frequency_Hz)
        return smallest_ohm <= size_ohm <= largest_ohm

    def bounds_ohm(self, frequency_Hz: float) -> tuple[float, float]:
        """Return the smallest and the largest |Z| (ohm) that can be measured at a frequency; 0 and inf if unknown."""
        if not self.contour:
            return 0.0, math.inf
        places = [bound.frequency_Hz for bound in self.contour]
        low = _interpolated(places, [bound.smallest_ohm for bound in self.contour], frequency_Hz)
        return low, _interpolated(places, [bound.largest_ohm for bound in self.contour], frequency_Hz)


def point_noise(drop_V: float, integration_s: float) -> float:
    """Return the relative noise that is expected of a point by the drop on the standard resistor (V rms)."""
    return math.hypot(READING_NOISE, DROP_NOISE_V / math.sqrt(integration_s) / drop_V)


def _stderr_ohm(
    seen_ohm: complex, found_ohm: complex, frequency_Hz: float, own: RangeCorrection, leads: Leads
) -> float:
    """Return the standard uncertainty (ohm, of the modulus of the error) that is left after a correction."""
    jw = 2j * math.pi * frequency_Hz
    by_lag = seen_ohm * own.by_lag(frequency_Hz)
    variance = abs(by_lag * own.lag_stderr_s) ** 2 + leads.series_stderr_ohm(frequency_Hz) ** 2
    variance -= 2.0 * (by_lag * jw.conjugate()).real * own.covariance_s_H
    variance += abs(seen_ohm * own.by_share(frequency_Hz) * own.pole_share_stderr) ** 2
    variance += abs(seen_ohm * own.ratio_stderr / own.ratio) ** 2
    variance += (abs(found_ohm) ** 2 * leads.across_stderr_S(frequency_Hz)) ** 2
    return math.sqrt(max(variance, 0.0))


def _between(nulls: Sequence[Null], frequency_Hz: float) -> complex:
    """Interpolate over ln f; outside, the reactive part goes on in proportion to the frequency."""
    places = [null.frequency_Hz for null in nulls]
    real = _interpolated(places, [null.real for null in nulls], frequency_Hz)
    slopes = [null.imaginary / null.frequency_Hz for null in nulls]
    return complex(real, _interpolated(places, slopes, frequency_Hz) * frequency_Hz)


def _stderr_between(nulls: Sequence[Null], frequency_Hz: float) -> float:
    """Interpolate the uncertainty over ln f; above it grows with the frequency."""
    places, last = [null.frequency_Hz for null in nulls], nulls[-1]
    stderr = _interpolated(places, [null.stderr for null in nulls], frequency_Hz)
    return stderr * max(frequency_Hz / last.frequency_Hz, 1.0)


def _interpolated(places_Hz: Sequence[float], values: Sequence[float], frequency_Hz: float) -> float:
    """Interpolate over ln f between `places_Hz`, which rise; outside, the nearest value."""
    upper = bisect_right(places_Hz, frequency_Hz)
    if upper == 0 or upper == len(places_Hz):
        return values[min(upper, len(values) - 1)]
    low_Hz, high_Hz = places_Hz[upper - 1], places_Hz[upper]
    share = math.log(frequency_Hz / low_Hz) / math.log(high_Hz / low_Hz)
    return values[upper - 1] + share * (values[upper] - values[upper - 1])


def corrections_from(plain: Mapping[str, Any]) -> Corrections:
    """Make corrections of plain data, as `dataclasses.asdict` gives them; raises TypeError for unknown names."""
    given = dict(plain)
    for name, kind in (("ranges", RangeCorrection), ("contour", Bound)):
        if name in given:
            given[name] = _all_of(kind, given[name])
    for name in ("pair", "alone"):
        if name in given:
            leads = dict(given[name])
            short, opened = (_all_of(Null, leads.pop(key, ())) for key in ("short", "open"))
            given[name] = Leads(**leads, short=short, open=opened)
    return Corrections(**given)


def _all_of(kind: type[T], plain: Sequence[Any]) -> tuple[T, ...]:
    return tuple(kind(**one) for one in plain)
