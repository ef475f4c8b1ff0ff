"""A small source-measure unit, the SM20, with a cell between its leads: no metal, and nothing of its driver.

It speaks a few lines of SCPI. Its voltmeter stays on the cell when the output is open, so that a rest can be read.
Positive current leaves HI; HI is on the cell's positive terminal, so positive current charges.
"""

from __future__ import annotations

import math

from solbench.simulators.bus.gpib import BusTimeout, NoListener
from solbench.simulators.clock import VirtualClock

ADDRESS = 24
CONVERSION_S = 0.02
FULL_SCALES_A = (1.0, 0.1, 1e-2, 1e-3, 1e-4, 1e-5)
LIMITS = {":SOUR:CURR": 1.0, ":SOUR:VOLT": 20.0, ":SENS:CURR:RANG": 1.0}
OVER_RANGE, COMPLIANCE = 1, 8


class TinyCell:
    """A capacitor of `farad` behind `ohm`, at `emf_V` when no charge (`charge_C`, C) has gone in."""

    def __init__(self, emf_V: float = 1.0, ohm: float = 100.0, farad: float = 0.1) -> None:
        self.emf_V, self.ohm, self.farad = emf_V, ohm, farad
        self.charge_C = 0.0

    @property
    def open_circuit_V(self) -> float:
        return self.emf_V + self.charge_C / self.farad


class Sm20:
    """The instrument on a wire of its own; `dead` answers nothing, `stuck` does not open its relay any more."""

    def __init__(self, clock: VirtualClock, cell: TinyCell | None = None) -> None:
        self.clock = clock
        self.cell = cell or TinyCell()
        self.dead = self.stuck = self.closed = False
        self.heard: list[str] = []
        self._reset()
        self._time_s = clock.now()
        self._output, self._ready_s = b"", 0.0

    def _reset(self) -> None:
        self.values = {":SOUR:FUNC": "VOLT", ":SOUR:CURR": "0", ":SOUR:VOLT": "0", ":SENS:CURR:RANG": "1"}
        self.closed = self.closed and self.stuck
        self.error = (0, "No error")

    # what is true

    @property
    def current_A(self) -> float:
        if not self.closed:
            return 0.0
        if self.values[":SOUR:FUNC"] == "CURR":
            return float(self.values[":SOUR:CURR"])
        return (float(self.values[":SOUR:VOLT"]) - self.cell.open_circuit_V) / self.cell.ohm

    @property
    def voltage_V(self) -> float:
        return self.cell.open_circuit_V + self.current_A * self.cell.ohm

    def settle(self) -> None:
        """Bring the cell to the clock's time."""
        self._advance(self.clock.now())

    def _advance(self, time_s: float) -> None:
        elapsed_s, self._time_s = time_s - self._time_s, max(time_s, self._time_s)
        if self.closed and elapsed_s > 0.0:
            if self.values[":SOUR:FUNC"] == "CURR":
                self.cell.charge_C += self.current_A * elapsed_s
            else:
                tau_s = self.cell.ohm * self.cell.farad
                self.cell.charge_C += self.current_A * tau_s * -math.expm1(-elapsed_s / tau_s)

    # the wire

    def write(self, address: int, data: bytes, ends: bool, timeout_s: float) -> None:
        self._require_alive(address)
        self.settle()
        text = data.decode("ascii").strip()
        self.heard.append(text)
        self._output = b""
        if text.endswith("?"):
            self._answer(text[:-1])
        else:
            self._obey(*text.partition(" ")[::2])

    def read(self, address: int, count: int, stop: bytes | None, timeout_s: float) -> tuple[bytes, bool]:
        wait_until_s = self.clock.now() + timeout_s
        if self.dead or not self._output or self._ready_s > wait_until_s:
            self.clock.advance_to(wait_until_s)
            raise BusTimeout
        self.clock.advance_to(self._ready_s)
        chunk, self._output = self._output[:count], self._output[count:]
        return chunk, not self._output

    def serial_poll(self, address: int, timeout_s: float) -> int:
        if self.dead or address != ADDRESS:  # a poll of nobody times out, as on every bus
            self.clock.advance_to(self.clock.now() + timeout_s)
            raise BusTimeout
        return 16 if self._output and self.clock.now() >= self._ready_s else 0

    def device_clear(self, address: int) -> None:
        self._require_alive(address)
        self._output = b""

    def trigger(self, address: int) -> None:
        raise NoListener

    def wait_for_request(self, address: int, timeout_s: float) -> None:
        raise NoListener

    def _require_alive(self, address: int) -> None:
        if self.dead or address != ADDRESS:
            raise NoListener

    # the language

    def _answer(self, header: str) -> None:
        self._ready_s = self.clock.now()
        if header == "*IDN":
            self._say("TINY INSTRUMENTS,SM20,0,1.0")
        elif header == ":SYST:ERR":
            self._say(f'{self.error[0]},"{self.error[1]}"')
            self.error = (0, "No error")
        elif header == ":OUTP":
            self._say("1" if self.closed else "0")
        elif header == ":READ":
            self._measure()
        elif header in self.values:
            self._say(self.values[header])
        else:
            self.error = (-113, "Undefined header")

    def _measure(self) -> None:
        """Convert for CONVERSION_S; what is shown is the middle of it."""
        started_s = self.clock.now()
        self._advance(started_s + 0.5 * CONVERSION_S)
        full_scale_A = float(self.values[":SENS:CURR:RANG"])
        status = OVER_RANGE * (abs(self.current_A) > 1.05 * full_scale_A) | COMPLIANCE * (
            abs(self.voltage_V) > 20.0
        )
        self._say(f"{self.voltage_V:+.6E},{self.current_A:+.6E},{status}")
        self._ready_s = started_s + CONVERSION_S

    def _obey(self, header: str, argument: str) -> None:
        if header == "*RST":
            self._reset()
        elif header == ":OUTP":
            self.closed = argument in ("1", "ON") or (self.closed and self.stuck)
        elif header in self.values and self._takes(header, argument):
            self.values[header] = argument
        else:
            self.error = (-222, "Data out of range") if header in self.values else (-113, "Undefined header")

    @staticmethod
    def _takes(header: str, argument: str) -> bool:
        if header == ":SOUR:FUNC":
            return argument in ("CURR", "VOLT")
        return abs(float(argument)) <= LIMITS[header]

    def _say(self, text: str) -> None:
        self._output = text.encode("ascii") + b"\n"
