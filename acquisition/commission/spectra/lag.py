"""Step F: how much later than the voltage the current of each range is, by two resistors a range."""

import math

import numpy as np

from solbench.acquisition.bench.commissioning.record import Measured, RangeRecord, Values
from solbench.acquisition.commission.operator import NotAtHand
from solbench.acquisition.commission.parts import R1K, R1M, R10, R10K, R100, R100K, Part
from solbench.acquisition.commission.spectra.lag_fit import Estimate, LagFit, OfPart, RangeLag, fit_lags
from solbench.acquisition.commission.workbench import Found, Spectrum, Workbench, require_like
from solbench.drivers.solartron.corrections import RangeCorrection

COST = "no spectra count then: the lag of the ranges is not known, and above 100 kHz nothing can be said"
PLAN: tuple[tuple[Part, tuple[int, ...]], ...] = (
    (R10, (2, 3)),
    (R100, (3, 4)),
    (R1K, (4, 5)),
    (R10K, (5, 6)),
    (R100K, (6, 7)),
    (R1M, (7, 8)),
)
NEEDED = (R10, R100, R1K, R10K)  # two resistors on each of the ranges that spectra use
LOWEST_Hz, HIGHEST_Hz, A_DECADE = 100.0, 1e6, 5
INTEGRATION_S = 0.5
DROP_V, LARGEST_V = (
    0.05,
    0.1,
)  # rms, of the standard resistor and of the part: both outputs x 10, as with cells
STRAY_F = 100e-12  # may lie across the part, and takes current
OF_RANGE = 0.8  # the peak
PASSES = 3e-3  # misfit: 0.3 %, 0.2 degrees
HOLDS, HOLDS_DEG = 0.01, 1.0
LEFT_OF_SIGNAL = 0.1  # what a pole leaves
CERTAIN = 2.0  # standard uncertainties that must stay within what is to hold
LONGEST_LAG_S = 200e-9  # of the ranges 2 to 5


def lag(on: Workbench) -> Found:
    """Measure each resistor on the ranges that it fits."""
    measured: list[OfPart] = []
    remarks: list[str] = []
    for part, indices in PLAN:
        try:
            on.mount(
                "F", part, COST if part in NEEDED else f"the lag of range {indices[-1]} is then not known"
            )
        except NotAtHand as missing:
            if part in NEEDED:
                raise
            remarks.append(str(missing))
            continue
        for index in (one + on.shift for one in indices):
            if index in on.ranges:
                spectrum = _spectrum(on, part, index)
                measured.append(OfPart(part, spectrum, on.ranges[index].resistor_ohm))
    fit = fit_lags(measured, lambda: on.wait(0.0))
    problems = _problems(fit, on.shift)
    return Found(values_with(on.values, fit), tuple(problems), tuple(remarks))


def _spectrum(on: Workbench, part: Part, index: int) -> Spectrum:
    amplitude_V = min(DROP_V * part.ohm / on.ranges[index].resistor_ohm, LARGEST_V)
    peak_A = OF_RANGE * on.full_scale_A(index)
    stray_Hz = peak_A / (math.sqrt(2.0) * amplitude_V * 2.0 * math.pi * STRAY_F)
    highest_Hz = min(HIGHEST_Hz, stray_Hz)
    count = round(A_DECADE * math.log10(highest_Hz / LOWEST_Hz)) + 1
    frequencies_Hz = [float(one) for one in np.geomspace(highest_Hz, LOWEST_Hz, count)]
    spectrum = on.spectrum(index, amplitude_V, frequencies_Hz, INTEGRATION_S)
    require_like(spectrum, part.ohm, part.name)
    return spectrum


def _problems(fit: LagFit, shift: int = 0) -> list[str]:
    problems: list[str] = []
    for index, one in fit.ranges.items():
        worst = max(
            (size for frequency_Hz, size in one.residual if frequency_Hz <= highest_Hz(one)), default=1.0
        )
        if worst > PASSES and index - shift in (3, 4, 5):
            problems.append(
                f"range {index} is not described by a lag: {100 * worst:.2f} % are left; look for a loose lead, "
                "and for parts that are wound"
            )
        if index - shift <= 5 and not 0.0 - 3.0 * one.lag_s.stderr <= one.lag_s.value <= LONGEST_LAG_S:
            problems.append(
                f"range {index} seems to lag by {one.lag_s.value * 1e9:.0f} ns: look at the cables"
            )
    return problems


def highest_Hz(one: RangeLag) -> float:
    """Return up to which measured frequency (Hz) the corrected impedance of a range holds 1 % and 1 degree."""
    correction = RangeCorrection(0, one.lag_s.value, pole_share=one.pole_share.value)
    reached_Hz = one.residual[0][0]
    for frequency_Hz, size in one.residual:
        uncertain = math.hypot(
            abs(correction.by_lag(frequency_Hz)) * one.lag_s.stderr,
            abs(correction.by_share(frequency_Hz)) * one.pole_share.stderr,
        )
        off = size + CERTAIN * uncertain
        is_left = abs(correction.transfer(frequency_Hz)) > LEFT_OF_SIGNAL
        if off > min(HOLDS, math.radians(HOLDS_DEG)) or not is_left:
            break
        reached_Hz = frequency_Hz
    return reached_Hz


def values_with(values: Values, fit: LagFit) -> Values:
    """Return the values with the lags of the ranges, and with what the leads add."""
    ranges = dict(values.ranges)
    for index, one in fit.ranges.items():
        ranges[index] = ranges.get(index, RangeRecord()).model_copy(
            update={
                "lag_s": _measured(one.lag_s),
                "pole_share": _measured(one.pole_share),
                "ratio": _measured(one.ratio),
                "covariance_s_H": one.covariance_s_H,
                "highest_Hz": highest_Hz(one),
            }
        )
    leads = {"inductance_H": _measured(fit.inductance_H), "capacitance_F": _measured(fit.capacitance_F)}
    return values.model_copy(
        update={"ranges": ranges, "pair_leads": values.pair_leads.model_copy(update=leads)}
    )


def _measured(one: Estimate) -> Measured:
    return Measured(value=one.value, stderr=one.stderr)
