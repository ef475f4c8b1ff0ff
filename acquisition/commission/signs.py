"""Step E: the polarity of the outputs, and the gains x 0.01 and x 10, on one resistor at low frequencies."""

import cmath
import math
from statistics import fmean, stdev

import numpy as np

from solbench.acquisition.bench.commissioning.record import Gains, Measured, Sign
from solbench.acquisition.commission.operator import Unusable
from solbench.acquisition.commission.parts import R1K
from solbench.acquisition.commission.workbench import Found, Workbench
from solbench.drivers.solartron.pair import FINE_GAIN, OUTPUT_GAIN
from solbench.drivers.solartron.ranges import current_range

COST = "no spectra count then: the polarity of V OUT and I OUT and the gains are not known"
RANGE = 5
AMPLITUDE_V = 0.05  # at the cell: 50 uA through 1 kohm on a range of 200 uA
GENERATOR_V = 0.1
FREQUENCIES_Hz = (100.0, 1000.0)
INTEGRATION_S = 0.5
TAKEN = 4  # of each
PHASE_DEG, WITHIN, GAIN_WITHIN, FINE_WITHIN = 0.5, 5e-3, 1e-2, 1.5e-2
NOTHING_OHM = 1e-3
DIRECT_GAIN = 1e-3  # of POL x 1, against which x 0.01 is measured: the class of the instrument


def signs(on: Workbench) -> Found:
    """Measure with every gain on its own."""
    on.mount("E", R1K, COST)
    plain = _impedances(on, 1.0, 1.0)
    by_voltage = _impedances(on, OUTPUT_GAIN, 1.0)
    by_current = _impedances(on, 1.0, OUTPUT_GAIN)
    mean_ohm = complex(np.mean(plain))
    configured = on.pair.settings.output_polarity
    polarity: Sign = configured if mean_ohm.real > 0.0 else (-1 if configured > 0 else 1)
    upright_ohm = mean_ohm if mean_ohm.real > 0.0 else -mean_ohm
    problems: list[str] = []
    phase_deg = math.degrees(cmath.phase(upright_ohm))
    if abs(phase_deg) > PHASE_DEG:
        problems.append(f"the phase of {R1K.name} is {phase_deg:.2f}°: look for a filter, or a wrong cable")
    if abs(abs(upright_ohm) / R1K.ohm - 1.0) > WITHIN + R1K.tolerance:
        problems.append(
            f"range {RANGE} shows {abs(upright_ohm):.5g} ohm for {R1K.name}: a gain, or the order of the ranges, is "
            "wrong"
        )
    # what is shown is too large by a voltage gain that is too large, and too small by such a current gain
    gain_V, gain_I = _ratio(by_voltage, plain), _ratio(plain, by_current)
    fine, fine_noise = _fine_gain(on, gain_V.value)
    for what, gain, within in (
        ("V OUT × 10", gain_V, GAIN_WITHIN),
        ("I OUT × 10", gain_I, GAIN_WITHIN),
        ("POL × 0.01", fine, FINE_WITHIN),
    ):
        if abs(gain.value - 1.0) > within:
            problems.append(f"the gain {what} is {gain.value:.4g} times what it should be")
    gains = Gains(
        pol_hundredth=Measured(value=fine.value, stderr=math.hypot(fine_noise, DIRECT_GAIN)),
        voltage_ten=gain_V,
        current_ten=gain_I,
    )
    if problems:
        return Found(on.values, tuple(problems))
    found = on.values.model_copy(update={"output_polarity": polarity, "gains": gains})
    turned = ("V OUT and I OUT have opposite polarity: taken into account",) if polarity < 0 else ()
    return Found(found, (), turned)


def _impedances(on: Workbench, gain_V: float, gain_I: float) -> list[complex]:
    """Return impedances (ohm) as the outputs show them with these gains."""
    pair = on.pair
    pair.prepare_impedance(AMPLITUDE_V, 0.0, RANGE)
    _choose(on, gain_V, gain_I)
    scale_ohm = current_range(RANGE).resistor_ohm * gain_I / gain_V * pair.settings.output_polarity
    found: list[complex] = []
    with on.on():
        on.wait()
        pair.apply_ac()
        for _ in range(TAKEN):
            for frequency_Hz in FREQUENCIES_Hz:
                result, _attempts = pair.fra.measure_checked(
                    frequency_Hz, INTEGRATION_S, pair.settings.frequency_tolerance
                )
                found.append(complex(result.a, result.b) * scale_ohm)
        pair.remove_ac()
    if min(map(abs, found)) < NOTHING_OHM:
        raise Unusable("no voltage comes from V OUT: look at the cables between the instruments")
    return found


def _fine_gain(on: Workbench, true_ten: float) -> tuple[Measured, float]:
    """Return POL x 0.01 to a hundredth of POL x 1, and the noise of it: both with the same sine of the generator."""
    pair = on.pair
    shown: dict[float, list[float]] = {}
    for pol_gain in (1.0, FINE_GAIN):
        # the pair chooses the gain by the amplitude: 0.1 V takes x 1, 1 mV takes x 0.01
        pair.prepare_impedance(GENERATOR_V * pol_gain, 0.0, RANGE)
        gain_V = 1.0 if pol_gain == 1.0 else OUTPUT_GAIN
        _choose(on, gain_V, 1.0)
        with on.on():
            on.wait()
            pair.fra.set_amplitude(GENERATOR_V, pair.settings.highest_frequency_Hz)
            for _ in range(TAKEN):
                pair.fra.measure_checked(FREQUENCIES_Hz[-1], INTEGRATION_S, pair.settings.frequency_tolerance)
                shown.setdefault(pol_gain, []).append(pair.fra.last_voltage_V() / gain_V)
            pair.remove_ac()
    large, small = shown[1.0], shown[FINE_GAIN]
    if min(*large, *small) <= 0.0:
        raise Unusable("no voltage comes from V OUT: look at the generator's cable to POL INPUT")
    value = fmean(small) / true_ten / fmean(large) / FINE_GAIN
    noise = math.hypot(stdev(small) / fmean(small), stdev(large) / fmean(large)) / math.sqrt(TAKEN)
    return Measured(value=value, stderr=noise), noise


def _choose(on: Workbench, gain_V: float, gain_I: float) -> None:
    pstat = on.pair.pstat
    pstat.voltage_output_gain = "x 10" if gain_V > 1.0 else "x 1"
    pstat.current_output_gain = "x 10" if gain_I > 1.0 else "x 1"
    pstat.check_errors()


def _ratio(upper: list[complex], lower: list[complex]) -> Measured:
    above, below = np.array(upper), np.array(lower)
    value = float((np.mean(above) / np.mean(below)).real)
    noise = math.hypot(*(float(np.std(one, ddof=1)) / abs(np.mean(one)) for one in (above, below)))
    return Measured(value=value, stderr=noise / math.sqrt(len(above)))
