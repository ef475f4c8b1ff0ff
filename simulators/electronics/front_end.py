"""The 1260's inputs: coupling, ranges, overload, noise."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, pi, sin, sqrt

from solbench.simulators.electronics.clipping import clipped_fundamental
from solbench.simulators.electronics.noise import Noise
from solbench.simulators.electronics.settings import Settings1260
from solbench.simulators.electronics.signals import V1, V2, I, Signal
from solbench.simulators.electronics.surroundings import NOISE_WINDOW_S, Disturbance, passed_by

FULL_SCALES = {
    1: (0.03, 0.3, 3.0),
    2: (0.03, 0.3, 3.0),
    3: (6e-6, 60e-6, 600e-6, 6e-3, 60e-3),
}
"""Full scales of the inputs V1, V2 (V rms) and I (A rms), by RA n,1 onwards (1260 manual, A)."""
_STREAMS = {V1: 1, V2: 2, I: 3}
_READING_STREAM = 4
_STRAY_STREAM = 8  # and the three behind it, by input


@dataclass(frozen=True, slots=True)
class Input:
    """What one input found: phasor (rms) and whether it was overloaded."""

    value: complex
    overloaded: bool


class FrontEnd:
    """Three inputs. An input with RA 0 picks its range before a measurement and keeps it."""

    def __init__(self, settings: Settings1260, noise: Noise, noise_scale: float) -> None:
        self._settings = settings
        self._noise = noise
        self._noise_scale = noise_scale
        first = settings.autorange_first
        self.auto_range = {V1: first, V2: first, I: first}

    def choose_ranges(self, signals: Mapping[int, Signal], values: Mapping[str, float]) -> int:
        """Let auto-ranged inputs find their range; returns how many steps the slowest one took."""
        slowest = 0
        for channel in (V1, V2, I):
            if not values[f"RA{channel}"]:
                wanted = self._fitting(channel, signals[channel], values)
                slowest = max(slowest, abs(wanted - self.auto_range[channel]))
                self.auto_range[channel] = wanted
        return slowest

    def measure(
        self,
        signals: Mapping[int, Signal],
        ramps: Mapping[int, float],
        frequency_Hz: float,
        integration_s: float,
        values: Mapping[str, float],
    ) -> dict[int, Input]:
        """Get the fundamental at each input over whole cycles at `frequency_Hz`.

        A DC that runs away at `a` a second (`ramps`) during the measurement adds the sine a T / pi per period T.
        """
        self._noise.counter += 1
        found = {
            channel: self._one(channel, signals[channel], ramps[channel], frequency_Hz, integration_s, values)
            for channel in (V1, V2, I)
        }
        return self._with_noise(found, integration_s, values)

    def _one(
        self,
        channel: int,
        signal: Signal,
        ramp: float,
        frequency_Hz: float,
        integration_s: float,
        values: Mapping[str, float],
    ) -> Input:
        full_scale = self._full_scale(channel, values)
        limit = sqrt(2.0) * full_scale
        ac, dc = self._coupled(channel, signal, frequency_Hz, values)
        peak = sqrt(2.0) * abs(ac) + abs(dc)
        if signal.disturbance is not None:
            peak += signal.disturbance.peak
            ac += self._stray(channel, signal.disturbance, frequency_Hz, integration_s)
        overloaded = peak > limit
        value = clipped_fundamental(ac, dc, limit)
        if not values[f"DC{channel}"]:
            value -= ramp / (pi * frequency_Hz) / sqrt(2.0)
        return Input(value, overloaded)

    def _stray(self, channel: int, stray: Disturbance, frequency_Hz: float, integration_s: float) -> complex:
        """Get what correlation with the sine takes for a part of it: hum near its frequency, and noise (rms)."""
        a, b = self._noise.pair_at(self._noise.counter, _STRAY_STREAM + channel)
        leak = stray.hum * passed_by(stray.hum_Hz - frequency_Hz, integration_s)
        turn = 2.0 * pi * self._noise.uniform_at(self._noise.counter, _STRAY_STREAM)
        noise = stray.noise * sqrt(NOISE_WINDOW_S / integration_s)
        return leak * complex(cos(turn), sin(turn)) + noise * complex(a, b)

    def _with_noise(
        self, found: dict[int, Input], integration_s: float, values: Mapping[str, float]
    ) -> dict[int, Input]:
        scale = self._noise_scale
        a, b = self._noise.pair_at(self._noise.counter, _READING_STREAM)
        reading = 1.0 + scale * self._settings.noise_of_reading * complex(a, b)
        noisy = {}
        for channel, one in found.items():
            a, b = self._noise.pair_at(self._noise.counter, _STREAMS[channel])
            floor = scale * self._settings.noise_of_range * self._full_scale(channel, values)
            # The noise of a reading lies on V1 alone, so that a ratio carries it once.
            value = one.value * reading if channel == V1 else one.value
            noisy[channel] = Input(value + floor / sqrt(integration_s) * complex(a, b), one.overloaded)
        return noisy

    def _coupled(
        self, channel: int, signal: Signal, frequency_Hz: float, values: Mapping[str, float]
    ) -> tuple[complex, float]:
        if not values[f"DC{channel}"]:
            return signal.ac, signal.dc
        turn = 1j * frequency_Hz / self._settings.ac_coupling_pole_Hz
        return signal.ac * turn / (1.0 + turn), 0.0

    def _fitting(self, channel: int, signal: Signal, values: Mapping[str, float]) -> int:
        dc = 0.0 if values[f"DC{channel}"] else abs(signal.dc)
        peak = sqrt(2.0) * abs(signal.ac) + dc
        if signal.disturbance is not None:
            peak += signal.disturbance.peak
        scales = FULL_SCALES[channel]
        return next((n for n, scale in enumerate(scales, 1) if peak <= sqrt(2.0) * scale), len(scales))

    def _full_scale(self, channel: int, values: Mapping[str, float]) -> float:
        fixed = int(values[f"RA{channel}"])
        return FULL_SCALES[channel][(fixed or self.auto_range[channel]) - 1]
