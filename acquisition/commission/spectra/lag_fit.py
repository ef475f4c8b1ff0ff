"""The lags of the current ranges, from spectra of resistors on each: fitted together, for only so are they told apart.

What is seen of a part p on a range n is

    Z = (jwL + Zp / (1 + Zp (G + jwC))) / (ratio_n H_n),     Zp = jw l_p + R_p / (1 + jw c_p R_p)

with H_n a delay and a pole in turn. A lag looks like an inductance R t: two resistors a range, and ranges that share
one L, tell them apart. What the parts are besides their names has priors.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solbench.acquisition.commission.parts import Part
from solbench.acquisition.commission.workbench import Spectrum
from solbench.drivers.solartron.corrections import DROP_NOISE_V, READING_NOISE
from solbench.drivers.solartron.ranges import current_range

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
RESISTOR_H, RESISTOR_SPREAD_H, RESISTOR_EACH_H = 5e-9, 3e-9, 1.5e-9  # metal film: below 10 nH, and alike
RESISTOR_F, RESISTOR_SPREAD_F, RESISTOR_EACH_F = 0.3e-12, 0.2e-12, 0.1e-12
LEAK_S = 1e-9  # open leads are below this
RATIO_UNIT = 1e-3
MEDIAN_OF_MODULUS = 1.1774  # of a complex number with two normal parts of deviation 1
OUTLIER = 6.0  # of a spectrum's scatter
FIRST_LAG_S = (20e-9, 20e-9, 20e-9, 40e-9, 40e-9, 2e-6, 5e-6, 10e-6)
FIRST_L_H, FIRST_C_F = 2e-6, 40e-12
SHAPE, SHARE_SHAPE = 1e-3, 0.02  # no range is a delay and a pole exactly: of the lag, and of the share
TOLERANCE_SHARE = 1.0 / np.sqrt(3.0)  # a part lies anywhere within its tolerance


@dataclass(frozen=True)
class Estimate:
    """A value and its standard uncertainty."""

    value: float
    stderr: float


@dataclass(frozen=True)
class RangeLag:
    """One range: lag (s), share of a pole, ratio of its standard resistor; covariance of lag and L (s H).

    `residual`: largest smoothed misfit (relative, complex) by frequency (Hz), over all parts.
    """

    lag_s: Estimate
    pole_share: Estimate
    ratio: Estimate
    covariance_s_H: float
    residual: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class LagFit:
    """All ranges, and what the leads add."""

    ranges: Mapping[int, RangeLag]
    inductance_H: Estimate
    capacitance_F: Estimate


@dataclass(frozen=True)
class OfPart:
    """A spectrum, of which part it is, and the standard resistor of its range (ohm, None: as a 1287 has it)."""

    part: Part
    spectrum: Spectrum
    resistor_ohm: float | None = None


class _Model:
    """The parameters in one vector of about ones, and the residuals of all points and priors.

    The vector: L, C, G, and l and c that the parts share; lag, square of the share, and ratio by range; R, l and c by
    part. It is the square of the share that shows, in the modulus: near no pole at all its first power shows nothing.
    """

    def __init__(self, measured: Sequence[OfPart]) -> None:
        self.ranges = sorted({one.spectrum.range_index for one in measured})
        self.parts = list(dict.fromkeys(one.part for one in measured))
        lengths = [len(one.spectrum.frequencies_Hz) for one in measured]
        self._range = np.repeat([self.ranges.index(one.spectrum.range_index) for one in measured], lengths)
        self._part = np.repeat([self.parts.index(one.part) for one in measured], lengths)
        self.spectrum = np.repeat(np.arange(len(measured)), lengths)
        self.frequencies_Hz = np.concatenate([one.spectrum.frequencies_Hz for one in measured])
        self._measured_ohm = np.concatenate([one.spectrum.impedances_ohm for one in measured])
        self._jw = 2j * np.pi * self.frequencies_Hz
        self.sigma = np.concatenate([_sigma(one) for one in measured])
        self.kept = np.ones(len(self.sigma), dtype=bool)
        self._lag_unit_s = np.array([FIRST_LAG_S[index - 1] for index in self.ranges])
        self._nominal_ohm = np.array([one.ohm for one in self.parts])
        self._tolerance = np.array([one.tolerance * TOLERANCE_SHARE for one in self.parts])
        count, parts = len(self.ranges), len(self.parts)
        edges = np.cumsum([5, count, count, count, parts, parts, parts])
        names = ("lag", "share", "ratio", "R", "l", "c")
        self.place = {
            name: slice(int(low), int(high)) for name, low, high in zip(names, edges, edges[1:], strict=False)
        }
        self._length = int(edges[-1])

    def first(self) -> Array:
        """Get where to begin."""
        begin = np.zeros(self._length)
        begin[:2], begin[self.place["lag"]], begin[self.place["share"]] = 1.0, 1.0, 0.5
        return begin

    def bounds(self) -> tuple[Array, Array]:
        """Get the bounds: a share lies between 0 and 1."""
        low, high = np.full(self._length, -np.inf), np.full(self._length, np.inf)
        low[self.place["share"]], high[self.place["share"]] = 0.0, 1.0
        return low, high

    def units(self) -> Array:
        """Get what one of each parameter is in SI."""
        units = np.ones(self._length)
        units[:3] = FIRST_L_H, FIRST_C_F, LEAK_S
        units[self.place["lag"]] = self._lag_unit_s
        units[self.place["ratio"]] = RATIO_UNIT
        return units

    def misfit(self, vector: Array) -> Complex:
        """Return the relative differences between what is seen and the model."""
        jw, part, index = self._jw, self._part, self._range
        ohm = (self._nominal_ohm * (1.0 + self._tolerance * vector[self.place["R"]]))[part]
        own_H = RESISTOR_H + RESISTOR_SPREAD_H * vector[3] + RESISTOR_EACH_H * vector[self.place["l"]][part]
        own_F = RESISTOR_F + RESISTOR_SPREAD_F * vector[4] + RESISTOR_EACH_F * vector[self.place["c"]][part]
        part_ohm = jw * own_H + ohm / (1.0 + jw * own_F * ohm)
        across_S = LEAK_S * vector[2] + jw * FIRST_C_F * vector[1]
        there_ohm = jw * FIRST_L_H * vector[0] + part_ohm / (1.0 + part_ohm * across_S)
        lag_s = (self._lag_unit_s * vector[self.place["lag"]])[index]
        pole_s = lag_s * np.sqrt(vector[self.place["share"]])[index]
        ratio = 1.0 + RATIO_UNIT * vector[self.place["ratio"]][index]
        # in this form the share does not divide what is measured
        found: Complex = (
            self._measured_ohm * ratio * np.exp(-jw * (lag_s - pole_s)) / (1.0 + jw * pole_s) / there_ohm
            - 1.0
        )
        return found

    def residuals(self, vector: Array) -> Array:
        """Return all residuals, each in its standard deviation."""
        off = (self.misfit(vector) / self.sigma)[self.kept]
        # what leads have is known to its own size: only so one resistor alone leaves lag and L uncertain, not unknown
        leads = vector[:2] - 1.0
        return np.concatenate([off.real, off.imag, leads, vector[2:5], vector[self.place["R"].start :]])

    def reweigh(self, vector: Array) -> None:
        """Leave outliers out, and let spectra that scatter more than expected count less."""
        off = np.abs(self.misfit(vector) / self.sigma)
        for one in range(int(self.spectrum[-1]) + 1):
            of_it = self.spectrum == one
            typical = float(np.median(off[of_it])) / MEDIAN_OF_MODULUS
            self.kept[of_it] = off[of_it] < OUTLIER * max(typical, 1.0)
            kept = off[of_it & self.kept]
            self.sigma[of_it] *= max(float(np.sqrt(0.5 * np.mean(kept**2))), 1.0)

    def residual(self, vector: Array, index: int) -> tuple[tuple[float, float], ...]:
        """Return the largest misfit of a range by frequency (Hz), each the mean of three neighbours against noise."""
        off, largest = self.misfit(vector), dict[float, float]()
        for one in np.unique(self.spectrum[self._range == self.ranges.index(index)]):
            of_it = (self.spectrum == one) & self.kept
            smooth = np.abs(
                np.convolve(np.pad(off[of_it], 1, mode="edge"), np.full(3, 1.0 / 3.0), mode="valid")
            )
            for frequency_Hz, size in zip(self.frequencies_Hz[of_it], smooth, strict=True):
                largest[float(frequency_Hz)] = max(largest.get(float(frequency_Hz), 0.0), float(size))
        return tuple(sorted(largest.items()))


def fit_lags(measured: Sequence[OfPart], look: Callable[[], None] = lambda: None) -> LagFit:
    """Fit all spectra together; raises ValueError where there are none, and what `look` raises.

    It takes longer than a guardian waits for a sign of life: `look`, which gives one, is called all the time.
    """
    from scipy.optimize import least_squares  # takes a moment to load, and most commands do without

    if not measured:
        raise ValueError("there are no spectra")
    model = _Model(measured)
    vector = model.first()

    def residuals(vector: Array) -> Array:
        look()
        return model.residuals(vector)

    for last in (False, True):
        solved = least_squares(
            residuals, vector, bounds=model.bounds(), x_scale="jac", method="trf", max_nfev=200
        )
        vector = np.asarray(solved.x, dtype=float)
        if not last:
            model.reweigh(vector)
    units = model.units()
    covariance = np.linalg.pinv(solved.jac.T @ solved.jac) * np.outer(units, units)
    deviation = np.sqrt(np.clip(np.diag(covariance), 0.0, None))

    def estimate(place: int, offset: float = 0.0) -> Estimate:
        return Estimate(offset + float(vector[place] * units[place]), float(deviation[place]))

    ranges: dict[int, RangeLag] = {}
    for place, index in enumerate(model.ranges):
        lag = model.place["lag"].start + place
        found = estimate(lag)
        ranges[index] = RangeLag(
            Estimate(found.value, float(np.hypot(found.stderr, SHAPE * found.value))),
            _root(estimate(model.place["share"].start + place)),
            estimate(model.place["ratio"].start + place, 1.0),
            float(covariance[lag, 0]),
            model.residual(vector, index),
        )
    return LagFit(ranges, estimate(0), estimate(1))


def _root(square: Estimate) -> Estimate:
    """Return a share by its square, also where that is hardly more than its uncertainty."""
    value = float(np.sqrt(square.value))
    stderr = square.stderr / (value + float(np.sqrt(square.value + square.stderr))) if square.stderr else 0.0
    return Estimate(value, min(float(np.hypot(stderr, SHARE_SHAPE)), 1.0))


def _sigma(one: OfPart) -> Array:
    """Return the noise that is expected of each point, relative; spectra that scatter more count less."""
    spectrum = one.spectrum
    resistor_ohm = one.resistor_ohm or current_range(spectrum.range_index).resistor_ohm
    share = resistor_ohm / np.abs(spectrum.impedances_ohm)
    drop_V = spectrum.amplitude_V * share
    found: Array = np.hypot(READING_NOISE, DROP_NOISE_V / np.sqrt(spectrum.integration_s) / drop_V)
    return found
