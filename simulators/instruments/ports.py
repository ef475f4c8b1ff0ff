"""Where the 1260's results go: RS423, GPIB, history file (OP), and in which form."""

from collections import deque

from solbench.simulators.electronics.settings import Settings1260
from solbench.simulators.electronics.signals import V1, V2, I
from solbench.simulators.instruments.dump import floats
from solbench.simulators.instruments.results import Measurement, in_coordinates

RS423, GPIB, HISTORY = 1, 2, 3
"""Ports as OP counts them (A)."""
_PASS = 0
"""Limit check of every result: no code sets a limit (D)."""
_HEADINGS = f"{'VARIABLE':>14} {'PARAMETER 1':>11} {'PARAMETER 2':>11} E LIMIT"
_LINES_KEPT = 1000


class Printer:
    """A terminal at the RS423 port, and the history file: nothing on the GPIB reads either of them."""

    def __init__(self, settings: Settings1260) -> None:
        self.printed: deque[str] = deque(maxlen=_LINES_KEPT)
        self.history: deque[str] = deque(maxlen=settings.history_results)
        self._headed = False

    def print(self, line: str, headings: bool) -> None:
        """Print a result, below headings where RH asks for them and they are not there yet."""
        if headings and not self._headed:
            self.printed.append(_HEADINGS)
        self._headed = headings
        self.printed.append(line.replace(",", " "))


def dump(variable: float, first: float, second: float, error: int, byte_order: str) -> bytes:
    """Get a result as 14 bytes: three floats, error, limit check (0: pass)."""
    return floats((variable, first, second), byte_order) + bytes((error, _PASS))


def dump_all(measurement: Measurement, digits: tuple[int, ...], byte_order: str) -> bytes:
    """Get a measurement as 39 bytes: frequency, amplitude, bias, then real, imaginary, error of each input."""
    data = floats((measurement.frequency_Hz, measurement.amplitude, measurement.bias), byte_order)
    for channel in (V1, V2, I):
        found = measurement.inputs[channel]
        overloaded = measurement.forced or found.overloaded
        error = digits[channel - 1] % 10 if overloaded else 0
        data += floats(in_coordinates(found.value, 0, None), byte_order) + bytes((error,))
    return data
