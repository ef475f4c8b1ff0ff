"""A thermometer at the cell, with a language of one question: `KRDG?` is answered in kelvin, as `+298.150`.

It is a made-up instrument. It shows the true temperature of the cell in steps of 1 mK and adds no noise, so that a
bench with one draws the same random numbers as a bench without.
"""

from collections.abc import Callable
from math import inf

from solbench.simulators.clock import Alarm


class Thermometer:
    """One thermometer on the bus; `temperature_K` gives what is true."""

    output_bytes_per_s = 1e5
    output_ends = True
    deaf_until_s = -inf
    held_until_s = -inf
    next_event_s = inf
    alarms: tuple[Alarm, ...] = ()
    requests_service = False

    def __init__(self, name: str, temperature_K: Callable[[], float]) -> None:
        self.name = name
        self.output = b""
        self._temperature_K = temperature_K
        self._input = b""

    def receive(self, data: bytes, ends: bool, time_s: float) -> None:
        """Take bytes from the bus; a message ends with EOI, or with a line feed."""
        self._input += data
        if ends or self._input.endswith(b"\n"):
            question, self._input = self._input.strip(), b""
            self.output = b"%+.3f\r\n" % self._temperature_K() if question == b"KRDG?" else b""

    def device_clear(self, time_s: float) -> None:
        """Empty input and output."""
        self._input = self.output = b""

    def trigger(self, time_s: float) -> None:
        """Do nothing: it measures when it is asked."""

    def serial_poll(self) -> int:
        """Get the status byte: 16 while there is an answer."""
        return 16 if self.output else 0

    def take(self, count: int) -> bytes:
        """Give the next `count` bytes away."""
        chunk, self.output = self.output[:count], self.output[count:]
        return chunk
