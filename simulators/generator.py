"""The 1260's generator: what leaves its output socket."""

from __future__ import annotations

from math import pi


class Generator:
    """A sine with a DC bias; amplitude in V rms, bias in V, frequency in Hz. Off, it gives 0 V."""

    __slots__ = ("_amplitude_V", "_bias_V", "_cycles", "_reference_s", "frequency_Hz", "running")

    def __init__(self) -> None:
        self.running = False
        self.frequency_Hz = 1000.0
        self._amplitude_V = 0.0
        self._bias_V = 0.0
        self._reference_s = 0.0
        self._cycles = 0.0

    @property
    def amplitude_V(self) -> float:
        """Get the AC amplitude at the output, V rms."""
        return self._amplitude_V if self.running else 0.0

    @property
    def bias_V(self) -> float:
        """Get the DC at the output, V."""
        return self._bias_V if self.running else 0.0

    def set_levels(self, amplitude_V: float, bias_V: float) -> None:
        """Set amplitude (V rms) and bias (V); they apply at once where the generator runs."""
        self._amplitude_V = amplitude_V
        self._bias_V = bias_V

    def set_frequency(self, frequency_Hz: float, time_s: float) -> None:
        """Change the frequency (Hz) at `time_s`, with the phase going on where it was."""
        self._cycles = (self._cycles + (time_s - self._reference_s) * self.frequency_Hz) % 1.0
        self._reference_s = time_s
        self.frequency_Hz = frequency_Hz

    def phase_rad(self, time_s: float) -> float:
        """Get the phase of the sine at `time_s`, in radians."""
        return 2.0 * pi * ((self._cycles + (time_s - self._reference_s) * self.frequency_Hz) % 1.0)

    def snapshot(self) -> list[float]:
        """Get what a stored world needs of the phase and the switch."""
        return [float(self.running), self.frequency_Hz, self._reference_s, self._cycles]

    def restore(self, stored: list[float]) -> None:
        """Take over what `snapshot` gave."""
        running, self.frequency_Hz, self._reference_s, self._cycles = stored
        self.running = bool(running)
