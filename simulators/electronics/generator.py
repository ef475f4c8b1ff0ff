"""The 1260's generator: what leaves its output socket."""

from math import pi


class Generator:
    """A sine with a DC bias; amplitudes in V and A rms, biases in V and A, frequency in Hz. Off, it gives 0.

    `gives_current` says which of the two it is (GT); the other one's levels are 0.
    """

    __slots__ = ("_amplitude", "_bias", "_cycles", "_reference_s", "frequency_Hz", "gives_current", "running")

    def __init__(self) -> None:
        self.running = False
        self.frequency_Hz = 1000.0
        self.gives_current = False
        self._amplitude = 0.0
        self._bias = 0.0
        self._reference_s = 0.0
        self._cycles = 0.0

    @property
    def amplitude_V(self) -> float:
        """Get the AC amplitude at the output, V rms."""
        return self._amplitude if self.running and not self.gives_current else 0.0

    @property
    def bias_V(self) -> float:
        """Get the DC at the output, V."""
        return self._bias if self.running and not self.gives_current else 0.0

    @property
    def amplitude_A(self) -> float:
        """Get the AC amplitude of the current generator, A rms."""
        return self._amplitude if self.running and self.gives_current else 0.0

    @property
    def bias_A(self) -> float:
        """Get the DC of the current generator, A."""
        return self._bias if self.running and self.gives_current else 0.0

    def set_levels(self, amplitude: float, bias: float, *, gives_current: bool) -> None:
        """Set amplitude (V or A rms) and bias (V or A); they apply at once where the generator runs."""
        self._amplitude, self._bias, self.gives_current = amplitude, bias, gives_current

    def set_frequency(self, frequency_Hz: float, time_s: float) -> None:
        """Change the frequency (Hz) at `time_s`, with the phase continuous."""
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
