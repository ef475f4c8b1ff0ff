"""The interface of every simulated cell to the instruments that drive and measure it."""

from abc import ABC, abstractmethod
from collections.abc import Sequence


class Cell(ABC):
    """A two-terminal cell, driven by a current or by a voltage, and its ledger of true charge.

    Current is positive when it charges the cell; voltage is that of the positive against the negative
    terminal. `charged_C` and `discharged_C` are the magnitudes of the charge that has flowed in each
    direction since the cell was built. `fresh` means that the working electrode does not contain sodium yet.
    """

    def __init__(self, temperature_K: float, temperature_drift_K_s: float = 0.0) -> None:
        self._temperature_K = temperature_K
        self._temperature_drift_K_s = temperature_drift_K_s
        self.charged_C = 0.0
        self.discharged_C = 0.0

    @property
    def charge_C(self) -> float:
        """Net charge that has flowed since the cell was built, in C; positive: charged."""
        return self.charged_C - self.discharged_C

    @property
    def fresh(self) -> bool:
        """Whether the working electrode does not contain sodium yet."""
        return False

    @property
    def temperature_K(self) -> float:
        """Temperature of the cell, in K; may be set at any time."""
        return self._temperature_K

    @temperature_K.setter
    def temperature_K(self, temperature_K: float) -> None:
        if not temperature_K > 0:
            raise ValueError(f"a temperature of {temperature_K} K does not exist")
        self._temperature_K = temperature_K
        self._temperature_changed()

    @property
    @abstractmethod
    def electrolyte_resistance_ohm(self) -> float:
        """Ionic resistance of the separator at the present temperature, in ohm."""

    @abstractmethod
    def advance_current(self, dt_s: float, current_A: float) -> None:
        """Let `dt_s` seconds pass with a constant current (A) through the cell; 0.0 is open circuit."""

    @abstractmethod
    def advance_voltage(self, dt_s: float, voltage_V: float) -> float:
        """Let `dt_s` seconds pass with the cell held at `voltage_V`; returns the charge that flowed, in C."""

    @abstractmethod
    def voltage(self, current_A: float) -> float:
        """Terminal voltage now, in V, if this current (A) flows. The inverse of `current`."""

    @abstractmethod
    def current(self, voltage_V: float) -> float:
        """Current now, in A, if the cell is held at this voltage (V). The inverse of `voltage`."""

    @abstractmethod
    def impedance(self, frequency_Hz: float) -> complex:
        """Small-signal impedance of the present state, in ohm, at a frequency above 0 Hz."""

    @abstractmethod
    def state(self) -> tuple[float, ...]:
        """Everything that changes, as floats; the length is fixed for a given cell."""

    @abstractmethod
    def restore(self, state: Sequence[float]) -> None:
        """Go back to what `state` returned, bit for bit; ValueError if the length is not this cell's."""

    @abstractmethod
    def _temperature_changed(self) -> None:
        """Recompute the temperature-dependent values."""

    def _warm(self, dt_s: float) -> None:
        if self._temperature_drift_K_s:
            self.temperature_K = self._temperature_K + self._temperature_drift_K_s * dt_s

    def _count(self, charge_C: float) -> None:
        if charge_C > 0:
            self.charged_C += charge_C
        else:
            self.discharged_C -= charge_C

    def _check_length(self, state: Sequence[float], length: int) -> None:
        if len(state) != length:
            raise ValueError(f"a state of this cell has {length} numbers, not {len(state)}")
