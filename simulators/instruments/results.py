"""The 1260's results: source, coordinates and the line that goes out (1260 manual p. 138 on)."""

from cmath import phase
from collections.abc import Mapping
from dataclasses import dataclass
from math import degrees, log10

from solbench.simulators.electronics.front_end import Input
from solbench.simulators.electronics.signals import I

_FLOOR = 1e-99
_SMALLEST = 1e-30  # a source that is exactly zero still gives a number


@dataclass(frozen=True, slots=True)
class Measurement:
    """The last measurement: frequency in Hz, what each input found, the generator's levels in V or A.

    `forced` marks it overloaded.
    """

    frequency_Hz: float
    inputs: Mapping[int, Input]
    forced: bool = False
    amplitude: float = 0.0
    bias: float = 0.0

    def variable(self, name: str) -> float:
        """Get the frequency (Hz), the amplitude or the bias (V or A)."""
        return {"frequency": self.frequency_Hz, "amplitude": self.amplitude, "bias": self.bias}[name]


def source_value(measurement: Measurement, numerator: int, denominator: int) -> complex:
    """Get V1/V2 and the like for the elements of SO (0 none, 1 V1, 2 V2, 3 I)."""
    inputs = measurement.inputs
    top = inputs[numerator].value if numerator else 1.0 + 0j
    bottom = inputs[denominator].value if denominator else 1.0 + 0j
    return top / (bottom if abs(bottom) > _SMALLEST else complex(_SMALLEST))


def coordinates_code(numerator: int, denominator: int) -> str:
    """Get which command chooses the coordinates of this source: CV, CI, CZ or CY."""
    if numerator == I:
        return {0: "CI", I: "CV"}.get(denominator, "CY")
    return "CZ" if denominator == I else "CV"


def in_coordinates(value: complex, coordinates: int, near_deg: float | None) -> tuple[float, float]:
    """Get a value as 0: real, imaginary; 1: magnitude, phase; 2: dB, phase. Phase in degrees.

    `near_deg` unwraps the phase to within half a turn of it; None keeps it in -180..180.
    """
    if coordinates == 0:
        return value.real, value.imag
    angle_deg = degrees(phase(value))
    if near_deg is not None:
        angle_deg += 360.0 * round((near_deg - angle_deg) / 360.0)
    magnitude = abs(value)
    if coordinates == 2:
        return 20.0 * log10(max(magnitude, _SMALLEST)), angle_deg
    return magnitude, angle_deg


def error_digit(measurement: Measurement, used: tuple[int, int], digits: tuple[int, ...]) -> int:
    """Get the digit of the first source in use that was overloaded, or 0."""
    for channel in used:
        if channel and (measurement.forced or measurement.inputs[channel].overloaded):
            return digits[channel - 1] % 10
    return 0


def result_line(variable: float, first: float, second: float, error: int, separator: str) -> str:
    """Format a result: 14 characters, twice 11, error digit, limit check: 43 with commas (p. 138)."""
    fields = (f"{variable:+.7E}", _parameter(first), _parameter(second), f"{error}", "00")
    return separator.join(fields)


def _parameter(value: float) -> str:
    """Format one parameter in 11 characters; what two digits of exponent cannot hold is zero."""
    return f"{value if abs(value) >= _FLOOR else 0.0:+.4E}"
