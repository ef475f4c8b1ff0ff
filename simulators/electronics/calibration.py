"""The gain and offset errors that one bench has for life: drawn once from its seed."""

from dataclasses import replace

from solbench.simulators.electronics.noise import Noise
from solbench.simulators.electronics.settings import BenchSettings, Calibration

_TYPICAL_CURRENT_OFFSET = 1e-4
"""Largest zero of ammeter and galvanostat that `errors: typical` draws, fraction of the range (D)."""
_STREAM = 15


def calibration(settings: BenchSettings, seed: int) -> Calibration:
    """Draw the errors of the bench that `seed` makes, on top of those that are set; `errors: none` draws none."""
    noise = Noise(seed)
    scale = 0.0 if settings.errors == "none" else 1.0

    def draw(index: int, largest: float) -> float:
        return scale * largest * noise.uniform_at(index, _STREAM)

    def draws(first: int, largest: float, known: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(draw(first + i, largest) + known[i] for i in range(8))

    own, offset = settings.calibration, settings.current_offset_of_range
    return replace(
        own,
        voltmeter_gain=draw(0, settings.gain_error) + own.voltmeter_gain,
        voltmeter_offset_V=draw(1, settings.voltage_offset_V) + own.voltmeter_offset_V,
        voltage_source_gain=draw(2, settings.gain_error) + own.voltage_source_gain,
        voltage_source_offset_V=draw(3, settings.voltage_offset_V) + own.voltage_source_offset_V,
        ammeter_gain=draws(10, settings.gain_error, own.ammeter_gain),
        ammeter_offset=draws(20, _TYPICAL_CURRENT_OFFSET, own.ammeter_offset)
        if offset is None
        else (offset,) * 8,
        current_source_gain=draws(30, settings.gain_error, own.current_source_gain),
        current_source_offset=draws(40, _TYPICAL_CURRENT_OFFSET, own.current_source_offset),
    )
