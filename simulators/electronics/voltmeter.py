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
        self._ranges_V = ranges_V

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
        full_scale_V = self._range_V(read_V)
        read_V += errors.voltmeter_zero_V[self._ranges_V.index(full_scale_V)]
        largest_V = full_scale_V * settings.voltage_overload_ratio
        if not -largest_V <= read_V <= largest_V:
            return (largest_V if read_V > 0.0 else -largest_V), settings.voltage_overload_code
        step_V = full_scale_V / settings.counts[digits]
        return round(read_V / step_V) * step_V, 0

    def current(self, actual_A: float, noise: float, digits: int) -> tuple[float, int]:
        """Get what the meter makes of a current from the drop on the standard resistor in use."""
        settings, errors = self._settings, self._stage.errors
        i = self._stage.index - 1
        full_scale_A = self._stage.full_scale_V / self._stage.resistors_ohm[i]
        shown_A = actual_A * (1.0 + errors.resistor_error[i])
        read_A = shown_A + shown_A * errors.ammeter_gain[i] + errors.ammeter_offset[i] * full_scale_A
        if errors.ammeter_linearity[i]:
            read_A += errors.ammeter_linearity[i] * _bend(shown_A, full_scale_A)
        spread_A = settings.current_noise_of_range * full_scale_A * settings.digits_noise[digits]
        read_A += noise * self._noise_scale * spread_A
        largest_A = full_scale_A * settings.off_limit_ratio
        if not -largest_A <= read_A <= largest_A:
            return (largest_A if read_A > 0.0 else -largest_A), settings.current_overload_code
        step_A = full_scale_A / settings.counts[digits]
        return round(read_A / step_A) * step_A, 0

    def _range_V(self, voltage_V: float) -> float:
        fixed = int(self._stage.values["RG"])
        if fixed:
            return self._ranges_V[fixed - 1]
        ratio = self._settings.voltage_overload_ratio
        size_V = abs(voltage_V)
        return next((full for full in self._ranges_V if size_V <= full * ratio), self._ranges_V[-1])

    def _leaks(self, window_s: float) -> tuple[float, float]:
        """Get the mean of the AC over the window: amplitude x sin(pi f T)/(pi f T) x sine at mid-window."""
        stage = self._stage
        turns = pi * stage.generator.frequency_Hz * window_s
        if turns * _NO_LEAK > 1.0:
            return 0.0, 0.0
        ac_V, ac_A = stage.ac()
        rotation = exp(1j * stage.generator.phase_rad(stage.time_s)) * sqrt(2.0) * sin(turns) / turns
        return (ac_V * rotation).imag, (ac_A * rotation).imag
