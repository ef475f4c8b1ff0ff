"""The 1287's digital voltmeter: what a conversion of voltage and current reads."""

from cmath import exp
from math import pi, sin, sqrt
from typing import NamedTuple

from solbench.simulators.electronics.noise import Noise
from solbench.simulators.electronics.power_stage import PowerStage
from solbench.simulators.electronics.settings import Interface
from solbench.simulators.electronics.surroundings import NOISE_WINDOW_S, Surroundings, passed_by

RANGES_V = (0.2, 2.0, 20.0, 50.0)
"""Ranges of the voltmeter, RG 1 to 4 (two programs, A)."""
_STREAM, _STRAY_STREAM = 0, 7
_made = tuple.__new__  # at every reading: this skips the keyword handling of a NamedTuple
_NO_LEAK = 1e-12  # of the amplitude: what averages out beyond this is not worked out


class Reading(NamedTuple):
    """What a conversion found, in V and A, with the error code of each."""

    voltage_V: float
    current_A: float
    voltage_error: int
    current_error: int


class _Ammeter(NamedTuple):
    """The ammeter on one range: factors of a current, its noise, full scale, largest current and digit (A)."""

    factor: float
    gain: float
    offset_A: float
    linearity: float
    spread_A: float
    full_scale_A: float
    largest_A: float
    step_A: float


def _bend(actual: float, full_scale: float) -> float:
    """Get how a bent meter strays: nothing at zero and full scale, one full scale half-way, with the sign."""
    return 4.0 * actual * (1.0 - min(1.0, abs(actual) / full_scale))


class Voltmeter:
    """Reads dRE and the current over one conversion window; both see the same window.

    The signal counts at mid-window, which is exact for a ramp. The generator's sine is averaged over the
    window at its true phase, so a DC reading with the AC on is wrong where the window holds no whole periods.
    """

    def __init__(
        self,
        stage: PowerStage,
        settings: Interface,
        noise: Noise,
        noise_scale: float,
        ranges_V: tuple[float, ...] = RANGES_V,
    ) -> None:
        self._stage = stage
        self._settings = settings
        self._noise = noise
        self._noise_scale = noise_scale
        ratio, zeros_V = settings.voltage_overload_ratio, stage.errors.voltmeter_zero_V
        self._ranges = tuple(
            (full_V * ratio, zero_V, tuple(full_V / count for count in settings.counts))
            for full_V, zero_V in zip(ranges_V, zeros_V, strict=False)
        )
        self._ammeters: dict[tuple[int, int], _Ammeter] = {}

    def read(self, window_s: float) -> Reading:
        """Convert over a window of `window_s` seconds whose middle is now."""
        stage = self._stage
        voltage_V, current_A = stage.sample()
        if stage.closed and stage.generator.amplitude_V:
            leak_V, leak_A = self._leaks(window_s)
            voltage_V += leak_V
            current_A += leak_A
        if stage.surroundings is not None:
            voltage_V, current_A = self._disturbed(stage.surroundings, voltage_V, current_A, window_s)
        a, b = self._noise.pair(_STREAM)
        digits = int(stage.values["DG"])
        voltage_V, voltage_error = self.voltage(voltage_V, a, digits)
        current_A, current_error = self.current(current_A, b, digits)
        return _made(Reading, (voltage_V, current_A, voltage_error, current_error))

    def _disturbed(
        self, around: Surroundings, voltage_V: float, current_A: float, window_s: float
    ) -> tuple[float, float]:
        """Get what the meter is given, with what disturbs it over the window and with its later errors."""
        a, b = self._noise.pair_at(self._noise.counter, _STRAY_STREAM)
        noisy = sqrt(NOISE_WINDOW_S / window_s)
        hum = around.hum_V * sqrt(2.0) * passed_by(around.hum_Hz, window_s)
        voltage_V += hum * sin(2.0 * pi * around.hum_Hz * self._stage.time_s) + noisy * around.noise_V * a
        current_A += noisy * around.noise_A * b
        offset_A = around.current_offset_A + around.current_offset_of_range * self._stage.full_scale_A
        return (
            voltage_V * (1.0 + around.voltage_gain) + around.voltage_offset_V,
            current_A * (1.0 + around.current_gain) + offset_A,
        )

    def voltage(self, actual_V: float, noise: float, digits: int) -> tuple[float, int]:
        """Get what the meter makes of a voltage: gain, offset, noise, range, digits."""
        settings, errors = self._settings, self._stage.errors
        read_V = actual_V + actual_V * errors.voltmeter_gain + errors.voltmeter_offset_V
        spread_V = settings.voltage_noise_V + settings.voltage_noise_of_reading * abs(actual_V)
        read_V += noise * self._noise_scale * spread_V * settings.digits_noise[digits]
        largest_V, zero_V, steps_V = self._range(read_V)
        read_V += zero_V
        if not -largest_V <= read_V <= largest_V:
            return (largest_V if read_V > 0.0 else -largest_V), settings.voltage_overload_code
        step_V = steps_V[digits]
        return round(read_V / step_V) * step_V, 0

    def current(self, actual_A: float, noise: float, digits: int) -> tuple[float, int]:
        """Get what the meter makes of a current from the drop on the standard resistor in use."""
        index = self._stage.index
        meter = self._ammeters.get((index, digits)) or self._ammeter(index, digits)
        factor, gain, offset_A, linearity, spread_A, full_scale_A, largest_A, step_A = meter
        shown_A = actual_A * factor
        read_A = shown_A + shown_A * gain + offset_A
        if linearity:
            read_A += linearity * _bend(shown_A, full_scale_A)
        read_A += noise * self._noise_scale * spread_A
        if not -largest_A <= read_A <= largest_A:
            return (largest_A if read_A > 0.0 else -largest_A), self._settings.current_overload_code
        return round(read_A / step_A) * step_A, 0

    def _ammeter(self, index: int, digits: int) -> _Ammeter:
        """Work out, once, what the ammeter is on a standard resistor (RR 1 to 8) with so many digits (DG)."""
        stage, settings, errors = self._stage, self._settings, self._stage.errors
        i = index - 1
        full_scale_A = stage.full_scale_V / stage.resistors_ohm[i]
        meter = self._ammeters[index, digits] = _Ammeter(
            1.0 + errors.resistor_error[i],
            errors.ammeter_gain[i],
            errors.ammeter_offset[i] * full_scale_A,
            errors.ammeter_linearity[i],
            settings.current_noise_of_range * full_scale_A * settings.digits_noise[digits],
            full_scale_A,
            full_scale_A * settings.off_limit_ratio,
            full_scale_A / settings.counts[digits],
        )
        return meter

    def _range(self, voltage_V: float) -> tuple[float, float, tuple[float, ...]]:
        """Get largest voltage, zero and digits (V, by DG) of the range in use, RG, or of the one that fits."""
        fixed = int(self._stage.values["RG"])
        if fixed:
            return self._ranges[fixed - 1]
        size_V = abs(voltage_V)
        for one in self._ranges:
            if size_V <= one[0]:
                return one
        return self._ranges[-1]

    def _leaks(self, window_s: float) -> tuple[float, float]:
        """Get the mean of the AC over the window: amplitude x sin(pi f T)/(pi f T) x sine at mid-window."""
        stage = self._stage
        turns = pi * stage.generator.frequency_Hz * window_s
        if turns * _NO_LEAK > 1.0:
            return 0.0, 0.0
        ac_V, ac_A = stage.ac()
        rotation = exp(1j * stage.generator.phase_rad(stage.time_s)) * sqrt(2.0) * sin(turns) / turns
        return (ac_V * rotation).imag, (ac_A * rotation).imag
