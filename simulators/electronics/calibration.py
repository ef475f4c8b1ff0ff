"""The gain and offset errors that one bench has for life: drawn once from its seed."""

from dataclasses import dataclass

from solbench.simulators.electronics.noise import Noise
from solbench.simulators.electronics.settings import BenchSettings

_TYPICAL_CURRENT_OFFSET = 1e-4  # of range
_STREAM = 15


@dataclass(frozen=True, slots=True)
class Calibration:
    """Errors of meters and sources. Gains are fractions; current offsets are fractions of the range.

    The tuples go by range: `RR` 1 to 8 for currents.
    """

    voltmeter_gain: float
    voltmeter_offset_V: float
    voltage_source_gain: float
    voltage_source_offset_V: float
    ammeter_gain: tuple[float, ...]
    ammeter_offset: tuple[float, ...]
    current_source_gain: tuple[float, ...]
    current_source_offset: tuple[float, ...]


def calibration(settings: BenchSettings, seed: int) -> Calibration:
    """Draw the errors of the bench that `seed` makes; `errors: none` gives a bench without any."""
    noise = Noise(seed)
    scale = 0.0 if settings.errors == "none" else 1.0

    def draw(index: int, largest: float) -> float:
        return scale * largest * noise.uniform_at(index, _STREAM)

    def draws(first: int, largest: float) -> tuple[float, ...]:
        return tuple(draw(first + i, largest) for i in range(8))

    offset = settings.current_offset_of_range
    return Calibration(
        voltmeter_gain=draw(0, settings.gain_error),
        voltmeter_offset_V=draw(1, settings.voltage_offset_V),
        voltage_source_gain=draw(2, settings.gain_error),
        voltage_source_offset_V=draw(3, settings.voltage_offset_V),
        ammeter_gain=draws(10, settings.gain_error),
        ammeter_offset=draws(20, _TYPICAL_CURRENT_OFFSET) if offset is None else (offset,) * 8,
        current_source_gain=draws(30, settings.gain_error),
        current_source_offset=draws(40, _TYPICAL_CURRENT_OFFSET),
    )
