"""What disturbs the meters from outside, and errors of theirs that come with time."""

from dataclasses import dataclass
from math import pi, sin, sqrt
from typing import NamedTuple

NOISE_WINDOW_S = 0.1  # noise is given as its rms in a reading of so long; it is white


class Disturbance(NamedTuple):
    """What comes to a signal: hum (rms, V or A), its frequency, and white noise (rms in a reading of 0.1 s)."""

    hum: float
    hum_Hz: float
    noise: float

    @property
    def peak(self) -> float:
        """Get how far it may swing."""
        return sqrt(2.0) * self.hum + self.noise


@dataclass(slots=True)
class Surroundings:
    """All zero on a quiet bench whose meters are as they were calibrated.

    hum_V: rms between the voltage leads, at hum_Hz. noise_V, noise_A: rms in a reading of 0.1 s. The offsets (V, A, a
    fraction of the range) and gains (fractions) are those of the voltmeter and ammeter alone, not of the sources.
    """

    hum_V: float = 0.0
    hum_Hz: float = 50.0
    noise_V: float = 0.0
    noise_A: float = 0.0
    voltage_offset_V: float = 0.0
    current_offset_A: float = 0.0
    current_offset_of_range: float = 0.0
    voltage_gain: float = 0.0
    current_gain: float = 0.0

    def on_voltage(self, gain: float = 1.0) -> Disturbance:
        """Get what comes to the voltage between the leads behind an amplifier."""
        return Disturbance(abs(gain) * self.hum_V, self.hum_Hz, abs(gain) * self.noise_V)

    def on_current(self, gain: float) -> Disturbance:
        """Get what comes to the current behind an amplifier (V/A)."""
        return Disturbance(0.0, self.hum_Hz, abs(gain) * self.noise_A)


def passed_by(frequency_Hz: float, window_s: float) -> float:
    """Get what a mean over `window_s` leaves of the amplitude of a sine: sin(x)/x with its sign."""
    turns = pi * frequency_Hz * window_s
    return sin(turns) / turns if turns else 1.0
