"""The instruments' own RS-423 ports: commands and queries, no measured results.

The command codes are those of the GPIB (1250 manual p. 130, 1287 manual p. 91). Results come as a printed
table whose columns are not known for the 1260 and only by name for the 1287 (p. 88), so the drivers, which
accept only the GPIB format, refuse them with BadReply: before a run switches anything, because its first
reading is taken with the cell off. There is no serial poll, no device clear and no return to local control
either. The 1260 sends every character back until that is switched off in its RS423 CONFIGURE menu; a command ends
with CR, LF or `;` whatever its switches F1 and F2 say; 8 bits, no parity, 1 stop bit, 110 to 9600 baud by a switch,
XON and XOFF (1260 manual p. 143, A). The 1287 has an RS-423 port that suits RS-232 (1287 manual p. 77, A); the rest
is taken to be as on the 1260 (C).
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from solbench.drivers.clock import HOST_SLICE_S, Clock, sleep
from solbench.drivers.errors import CannotOpen
from solbench.drivers.links.ports import Pause, Port, SerialSettings, TimedOut, open_port

RETRY_S = 0.5
ECHOES_KEPT = 1000

Open = Callable[[str, SerialSettings, float, Pause], Port]


@dataclass(frozen=True)
class Rs423Settings:
    """How an RS-423 port is used.

    `write_end`: what ends a command (1260 manual p. 143, A; on the 1287 C).
    `serial`: baud rate and handshakes (1260 manual p. 143, A; on the 1287 C; how a unit is set is its owner's).
    `clear_ends`: how often `write_end` is sent to get rid of half a command.
    """

    write_end: str = "\r"
    clear_ends: int = 2
    serial: SerialSettings = field(default_factory=lambda: SerialSettings(baud=9600, xon_xoff=True))


class Rs423:
    """One instrument on its own serial port, with a link's methods of a pyvisa resource; opened at once.

    `timeout` in ms, host time. `keeps_parts`: what has come of a line is kept for the next read. Lines that repeat a
    command are its echo and no answer. Raises CannotOpen.
    """

    patience_s = 1.0
    keeps_parts = True
    can_poll = False

    def __init__(self, address: str, settings: Rs423Settings | None = None, opener: Open = open_port) -> None:
        self.address = address
        self.settings = settings or Rs423Settings()
        self.timeout = 1000.0 * HOST_SLICE_S
        self._opener = opener
        self._received = bytearray()
        self._echoes: deque[bytes] = deque(maxlen=ECHOES_KEPT)  # commands that may still come back
        self._port: Port | None = None
        self._open(lambda: None)

    def write_raw(self, message: bytes) -> int:
        """Send a command and its terminator; raises OSError."""
        end = self.settings.write_end.encode("ascii")
        command = message.rstrip(b"\r\n")
        self._send(command + end)
        self._echoes.append(command)
        return len(message)

    def read_raw(self) -> bytes:
        """Return one non-empty line, without surrounding NULs; raises TimedOut, OSError."""
        until_s = time.perf_counter() + 1e-3 * self.timeout
        while (line := self._take_line()) is None:
            if (left_s := until_s - time.perf_counter()) <= 0.0:
                raise TimedOut(f"nothing from {self.address}")
            self._received += self._connected().read(left_s)
        return line

    def read_stb(self) -> int:
        """Raise: RS-423 has no serial poll."""
        raise OSError("RS-423 has no serial poll")

    def clear(self) -> None:
        """End a half-sent command, and discard the bytes received."""
        self._send(self.settings.write_end.encode("ascii") * self.settings.clear_ends)
        self._forget()

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
        self._forget()

    def _forget(self) -> None:
        self._received.clear()
        self._echoes.clear()

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
            if line and not self._is_echo(line):
                return line + b"\r\n"
        return None

    def _is_echo(self, line: bytes) -> bool:
        """Return whether a line is a command that came back; those before it will not come any more."""
        if line not in self._echoes:
            return False
        while self._echoes.popleft() != line:
            pass
        return True


def _line_end(received: bytearray) -> int:
    ends = [at for at in (received.find(b"\r"), received.find(b"\n")) if at >= 0]
    return min(ends, default=-1)
