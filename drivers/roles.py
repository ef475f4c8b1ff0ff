"""What the engine needs of an instrument, as small roles; a SCPI source-measure unit can fill them too.

Signs and units: volts of the cell between its positive and negative terminal, amperes positive when they
charge the cell, ohms, hertz, seconds of experiment time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Reading:
    """One pair of voltage and current.

    `time_s` is the middle of the conversion in experiment time; `overload` is empty, or says in words which
    channel the instrument marked as overloaded: its number is then not a measurement.
    """

    time_s: float
    voltage_V: float
    current_A: float
    overload: str = ""


@dataclass(frozen=True, slots=True)
class ImpedancePoint:
    """One point of a spectrum.

    Z = Z' + jZ'' in ohms (negative Z'': capacitive). `frequency_Hz` as the analyzer echoed it; `time_s` the
    middle of the integration; `amplitude_V` the rms amplitude asked for at the cell; `error` 0, or the
    analyzer's error digit; `attempts` counts the measurements it took.
    """

    time_s: float
    frequency_Hz: float
    impedance_ohm: complex
    amplitude_V: float
    range_index: int
    error: int = 0
    attempts: int = 1


class Meter(Protocol):
    """Measures the cell."""

    def measure(self) -> Reading:
        """Measure voltage and current once."""
        ...


class Output(Protocol):
    """Connects the cell to the source and disconnects it."""

    def on(self) -> None:
        """Connect the cell with what was set before."""
        ...

    def off(self) -> None:
        """Disconnect the cell; safe to repeat, in any state."""
        ...


class CurrentSource(Output, Protocol):
    """Holds a current."""

    def prepare_current(self, largest_A: float) -> None:
        """Choose mode and range for currents up to `largest_A`, set zero current; the cell stays off."""
        ...

    def set_current(self, current_A: float) -> None:
        """Set the current through the cell."""
        ...


class VoltageSource(Output, Protocol):
    """Holds a voltage."""

    def prepare_voltage(self, voltage_V: float, largest_A: float) -> None:
        """Choose mode and range, set the voltage that `on` will apply; the cell stays off."""
        ...

    def set_voltage(self, voltage_V: float) -> None:
        """Set the voltage across the cell."""
        ...


class SafeState(Protocol):
    """Can be brought to a state in which nothing drives the cell."""

    def make_safe(self) -> None:
        """Stop driving the cell and verify it; raises when it could not be verified."""
        ...
