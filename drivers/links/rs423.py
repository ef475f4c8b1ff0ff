"""The instruments' own RS-423 ports: commands and queries, no measured results.

The command codes are those of the GPIB (1250 manual p. 130, 1287 manual p. 91). Results come as a printed
table whose columns are not known for the 1260 and only by name for the 1287 (p. 88), so the drivers, which
accept only the GPIB format, refuse them with BadReply: before a run switches anything, because its first
reading is taken with the cell off. There is no serial poll, no device clear and no return to local control
either. Baud rate, parity and line ends are set by switches that no available page describes (D).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from solbench.drivers.clock import HOST_SLICE_S, Clock, sleep
from solbench.drivers.errors import CannotOpen
from solbench.drivers.links.ports import Pause, Port, SerialSettings, TimedOut, open_port

RETRY_S = 0.5

Open = Callable[[str, SerialSettings, float, Pause], Port]


@dataclass(frozen=True)
class Rs423Settings:
    """How an RS-423 port is used.

    `write_end`: what ends a command, by the rear switches (1260 manual p. 136, for the GPIB: A; for RS-423: D).
    `serial`: baud rate and handshakes, by the rear switches (D).
    `clear_ends`: how often `write_end` is sent to get rid of half a command.
    """

    write_end: str = "\r"
    clear_ends: int = 2
    serial: SerialSettings = field(default_factory=lambda: SerialSettings(baud=9600, xon_xoff=True))


class Rs423:
    """One instrument on its own serial port, with a link's methods of a pyvisa resource; opened at once.

    `timeout` in ms, host time. Raises CannotOpen.
    """

    patience_s = 1.0

    def __init__(self, address: str, settings: Rs423Settings | None = None, opener: Open = open_port) -> None:
        self.address = address
        self.settings = settings or Rs423Settings()
        self.timeout = 1000.0 * HOST_SLICE_S
        self._opener = opener
        self._received = bytearray()
        self._port: Port | None = None
        self._open(lambda: None)

    def write_raw(self, message: bytes) -> int:
        """Send a command and its terminator; raises OSError."""
        end = self.settings.write_end.encode("ascii")
        self._send(message.rstrip(b"\r\n") + end)
        return len(message)

    def read_raw(self) -> bytes:
        """Return one non-empty line, without surrounding NULs; raises TimedOut, OSError."""
        until_s = time.monotonic() + 1e-3 * self.timeout
        while (line := self._take_line()) is None:
            if (left_s := until_s - time.monotonic()) <= 0.0:
                raise TimedOut(f"nothing from {self.address}")
            self._received += self._connected().read(left_s)
        return line

    def read_stb(self) -> int:
        """Raise: RS-423 has no serial poll."""
        raise OSError(
            "RS-423 has no serial poll: write status_mask: 0 into the link settings of the bench file"
        )

    def clear(self) -> None:
        """End a half-sent command, and discard the bytes received."""
        self._send(self.settings.write_end.encode("ascii") * self.settings.clear_ends)
        self._received.clear()

    def local(self) -> None:
        """Do nothing: RS-423 never locks the front panel."""

    def reconnect(self, clock: Clock, within_s: float) -> None:
        """Reopen the port, trying for `within_s` of the clock (s); raises CannotOpen, Interrupted."""
        self.close()
        until_s = clock.now() + within_s
        while self._port is None:
            try:
                self._open(lambda: clock.sleep_until(clock.now()))
            except CannotOpen:
                if clock.now() >= until_s:
                    raise
                sleep(clock, min(RETRY_S, clock.slice_s))

    def close(self) -> None:
        """Close the port."""
        port, self._port = self._port, None
        if port is not None:
            port.close()
        self._received.clear()

    def _open(self, pause: Pause) -> None:
        self._port = self._opener(self.address, self.settings.serial, 3.0, pause)

    def _connected(self) -> Port:
        if self._port is None:
            raise ConnectionError(f"the connection at {self.address} is lost")
        return self._port

    def _send(self, data: bytes) -> None:
        self._connected().write(data)

    def _take_line(self) -> bytes | None:
        """Take the first non-empty line: CR, LF and NULs separate lines (1287 manual p. 88)."""
        received = self._received
        while (at := _line_end(received)) >= 0:
            line = bytes(received[:at]).strip(b"\0\r\n")
            del received[: at + 1]
            if line:
                return line + b"\r\n"
        return None


def _line_end(received: bytearray) -> int:
    ends = [at for at in (received.find(b"\r"), received.find(b"\n")) if at >= 0]
    return min(ends, default=-1)
