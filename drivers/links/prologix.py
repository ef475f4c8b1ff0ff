"""Prologix GPIB-ETHERNET and GPIB-USB adapters, and others with the same `++` commands.

One adapter serves several instruments over one stream, in which answers of the adapter and lines of the
instruments look alike. An answer that did not come within its slice may still come: before the next query the
adapter's version is requested, and everything that arrives before it belongs to the earlier query. Nothing
waits for that, least of all a command that switches the cell off.

pyvisa-py (0.8.1) reaches such adapters too, as PRLGX-TCPIP and PRLGX-ASRL resources, and a link works with
its instruments as long as their answers come within the first read: it sends `++read eoi` once for each
write, its time-out is the interface's and not the instrument's, a serial poll after a write addresses the
instrument to talk, and over TCP every query waits 44 ms. The interface must be opened first and kept open,
which a bench file cannot express: bench files name an adapter instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from solbench.drivers.clock import HOST_SLICE_S, Clock, sleep
from solbench.drivers.errors import CannotOpen
from solbench.drivers.links.ports import Pause, Port, SerialSettings, TimedOut, open_port
from solbench.drivers.links.prologix_answers import Answers
from solbench.drivers.links.prologix_greeting import SET_UP_EOS, AdapterSettings, greet

ESCAPE = b"\x1b"
TO_ESCAPE = bytes((0x0D, 0x0A, 0x1B, 0x2B))  # CR, LF, ESC, +
LINE_ENDS = ((b"\r\n", 0), (b"\n", 2), (b"\r", 1), (b"", 3))  # with their `++eos` codes
RETRY_S = 0.5
CHECK_OTHERS = (
    "Check that no other program is connected, on this PC or another one: an adapter may serve one at a time"
)

T = TypeVar("T")
Open = Callable[[str, SerialSettings, float, Pause], Port]


class PrologixAdapter:
    """One adapter at `address` (`socket://192.168.1.5:1234`, COM3, /dev/ttyUSB0), opened at once.

    `pause` is called every 50 ms while it is being opened. Raises CannotOpen. Times here are host times.
    """

    def __init__(
        self,
        address: str,
        settings: AdapterSettings | None = None,
        pause: Pause = lambda: None,
        opener: Open = open_port,
    ) -> None:
        self.address = address
        self.settings = settings or AdapterSettings()
        self.version = ""
        self._opener = opener
        self._port: Port | None = None
        self._instruments: list[PrologixInstrument] = []
        self._answers = Answers()
        self._address: str | None = None  # as set in the adapter, None: not known
        self._eos: int | None = None
        self._reader: PrologixInstrument | None = (
            None  # the last one addressed to talk, until it has finished
        )
        self._read_ends_s = 0.0
        self._open(pause)

    @property
    def is_open(self) -> bool:
        """Get whether the connection is not known to be lost."""
        return self._port is not None

    def instrument(self, address: int, secondary: int | None = None) -> PrologixInstrument:
        """Return the instrument at a GPIB address (0 to 30) for a link; nothing is sent."""
        if not 0 <= address <= 30:
            raise CannotOpen(f"GPIB address {address}", "there is no such address", "Write 0 to 30")
        one = PrologixInstrument(self, f"{address}" if secondary is None else f"{address} {secondary}")
        self._instruments.append(one)
        return one

    def is_alive(self, timeout_s: float = 1.0) -> bool:
        """Query the adapter and return whether it answers."""
        try:
            self._put(self._mark(always=True))
            until_s = time.perf_counter() + timeout_s
            while self._answers.is_owed and time.perf_counter() < until_s:
                self._receive(HOST_SLICE_S)
        except OSError:
            return False
        return not self._answers.is_owed

    def reconnect(self, clock: Clock, within_s: float = 30.0) -> None:
        """Reopen the lost connection, trying for `within_s` of the clock's time (s); may be interrupted.

        Does nothing while the adapter answers. Raises CannotOpen, Interrupted. The instruments' settings are
        then unknown: `Pair.verify_settings` queries them.
        """
        if self.is_open and self.is_alive():
            return
        self._lose()
        until_s = clock.now() + within_s
        while not self.is_open:
            try:
                self._open(lambda: clock.sleep_until(clock.now()))
            except CannotOpen:
                if clock.now() >= until_s:
                    raise
                sleep(clock, min(RETRY_S, clock.slice_s))

    def close(self) -> None:
        """Return all instruments to local control and close the connection; nothing is raised."""
        for one in self._instruments:
            one.local()
        self._lose()

    # called by an instrument

    def write(self, instrument: PrologixInstrument, message: bytes) -> None:
        """Send one message; its line end becomes the `++eos` setting. Raises OSError."""
        end, code = next(item for item in LINE_ENDS if message.endswith(item[0]))
        body = message[: len(message) - len(end)]
        self._abandon(instrument)
        self._put(self._mark() + self._select(instrument, code) + escaped(body) + b"\n")

    def read(self, instrument: PrologixInstrument, timeout_s: float) -> bytes:
        """Return one line; raises TimedOut after `timeout_s` (s), keeping the bytes received by then; OSError."""
        until_s = time.perf_counter() + timeout_s
        while True:
            now_s = time.perf_counter()
            is_over = self._reader is not instrument or now_s >= self._read_ends_s
            if (line := instrument.take_line(is_over)) is not None:
                self._settled()
                return line
            if now_s >= until_s:
                self._require_answers()
                raise TimedOut(f"nothing from GPIB address {instrument.address}")
            if is_over:
                self._ask_to_talk(instrument)
            if self._receive(min(until_s, self._read_ends_s) - now_s):
                self._read_ends_s = self._read_end_s()

    def poll(self, instrument: PrologixInstrument, timeout_s: float) -> int:
        """Return the status byte, 0 if it does not come within `timeout_s` (s); raises OSError."""
        answer = bytearray()
        self._put(self._mark() + self._select(instrument) + b"++spoll\n")
        self._answers.expect(answer)
        until_s = time.perf_counter() + timeout_s
        while (now_s := time.perf_counter()) < until_s:
            self._receive(until_s - now_s)
            if answer.endswith(b"\n") and (word := answer.split()[-1:]) and word[0].isdigit():
                self._settled()
                return int(word[0])
        self._require_answers()
        return 0

    def command(self, instrument: PrologixInstrument, command: str) -> None:
        """Send a `++` command about one instrument, after an empty line; raises OSError."""
        self._abandon(instrument)
        line = f"++{command}\n".encode("ascii")
        self._put(self._mark() + b"\n" + self._select(instrument) + line)

    def _ask_to_talk(self, instrument: PrologixInstrument) -> None:
        mark = b"" if self._reader is instrument else self._mark()
        self._put(mark + self._select(instrument) + b"++read eoi\n")
        self._answers.expect(instrument.received)
        self._reader = instrument
        self._read_ends_s = self._read_end_s()

    def _read_end_s(self) -> float:
        return time.perf_counter() + 1e-3 * self.settings.read_timeout_ms + self.settings.late_s

    def _settled(self) -> None:
        self._reader = None
        self._answers.settle()

    def _mark(self, always: bool = False) -> bytes:
        self._reader = None
        return self._answers.mark(always)

    def _abandon(self, instrument: PrologixInstrument) -> None:
        """Prevent late answers to this instrument's earlier queries from being taken for new ones."""
        instrument.received = bytearray()  # bytes still in transit go into the old one

    def _select(self, instrument: PrologixInstrument, eos: int | None = None) -> bytes:
        """Return the commands that address this instrument; only changes are sent."""
        lines = b""
        if instrument.address != self._address:
            self._address = instrument.address
            lines = f"++addr {instrument.address}\n".encode("ascii")
        if eos is not None and eos != self._eos:
            self._eos = eos
            lines += b"++eos %d\n" % eos
        return lines

    def _receive(self, timeout_s: float) -> bool:
        """Wait for bytes and pass them to their recipients; return whether any came."""
        data = self._guarded(lambda port: port.read(timeout_s))
        self._answers.sort(data)
        return bool(data)

    def _require_answers(self) -> None:
        """Raise ConnectionError if the adapter itself has owed an answer for too long."""
        if self._answers.owed_s > self.settings.silent_s:
            self._lose()
            raise ConnectionError(f"the adapter at {self.address} does not answer any more")

    def _put(self, data: bytes) -> None:
        self._guarded(lambda port: port.write(data))

    def _guarded(self, action: Callable[[Port], T]) -> T:
        """Perform an action on the port; after an error the adapter's settings are unknown."""
        if self._port is None:
            raise ConnectionError(f"the connection to the adapter at {self.address} is lost")
        try:
            return action(self._port)
        except TimedOut:
            self._address = self._eos = None
            raise
        except OSError:
            self._lose()
            raise

    def _open(self, pause: Pause) -> None:
        settings = self.settings
        self._port = self._opener(self.address, settings.serial, settings.open_s, pause)
        try:
            version_line = greet(self._port, self.address, settings, pause)
        except OSError as error:
            self._lose()
            raise CannotOpen(self.address, str(error), CHECK_OTHERS) from error
        except BaseException:
            self._lose()
            raise
        self.version = version_line.decode("latin-1").strip()
        self._answers = Answers(version_line)
        self._eos = SET_UP_EOS

    def _lose(self) -> None:
        """Close the connection and discard everything in transit."""
        port, self._port = self._port, None
        if port is not None:
            port.close()
        self._address = self._eos = self._reader = None
        self._answers = Answers()
        for one in self._instruments:
            one.received = bytearray()


class PrologixInstrument:
    """One instrument behind an adapter, with the methods of a pyvisa resource that a link needs.

    `timeout` in ms, host time. `patience_s`: minimum host time to wait for an answer, however fast the clock of
    a served simulation runs. `keeps_parts`: what has come of a line is kept for the next read.
    """

    patience_s = 1.0
    keeps_parts = True

    def __init__(self, adapter: PrologixAdapter, address: str) -> None:
        self.adapter = adapter
        self.address = address
        self.timeout = 1000.0 * HOST_SLICE_S
        self.received = bytearray()
        self._ends_with_cr = False

    def write_raw(self, message: bytes) -> int:
        """Send a message, the last byte with EOI; a final LF is sent too."""
        self.adapter.write(self, message)
        return len(message)

    def read_raw(self) -> bytes:
        """Return one line with its end; raises TimedOut after `timeout`."""
        return self.adapter.read(self, 1e-3 * self.timeout)

    def read_stb(self) -> int:
        """Serial poll; 0 while the adapter is still busy."""
        return self.adapter.poll(self, 1e-3 * self.timeout)

    def clear(self) -> None:
        """Send a selected device clear."""
        self.adapter.command(self, "clr")

    def local(self) -> None:
        """Return the instrument to local control; does nothing if the connection is lost."""
        if self.adapter.is_open:
            with suppress(OSError):
                self.adapter.command(self, "loc")

    def close(self) -> None:
        """Return the instrument to local control; the adapter stays open for the others."""
        self.local()

    def reconnect(self, clock: Clock, within_s: float) -> None:
        """Reopen the adapter's connection if it is lost; see `PrologixAdapter.reconnect`."""
        self.adapter.reconnect(clock, within_s)

    def take_line(self, is_over: bool) -> bytes | None:
        """Take one line from the bytes received; a CR alone ends it if nothing more is in transit."""
        received = self.received
        if not received:
            return None
        if self._ends_with_cr and received[0] == 0x0A:
            del received[0]
        at = received.find(b"\n")
        if at < 0 and (is_over or self._ends_with_cr) and received.endswith(b"\r"):
            self._ends_with_cr = True
            at = len(received) - 1
        if at < 0:
            return None
        line = bytes(received[: at + 1])
        del received[: at + 1]
        return line


def escaped(body: bytes) -> bytes:
    """Return data with ESC before every byte that an adapter would interpret itself."""
    if not any(byte in TO_ESCAPE for byte in body):
        return body
    return b"".join(ESCAPE + bytes((byte,)) if byte in TO_ESCAPE else bytes((byte,)) for byte in body)
