"""Communication with one instrument over a pyvisa message resource, in slices that can be cancelled."""

from contextlib import suppress
from dataclasses import dataclass
from math import inf
from typing import Any, Protocol

from solbench.drivers.clock import HOST_SLICE_S, Clock, sleep
from solbench.drivers.errors import BusError, DriverError, NoReply
from solbench.drivers.links.ports import TIMED_OUT

DRAIN_SLICES = 2
REOPEN_S = 0.5
FIRST_POLL_S, POLL_GROWTH = 0.0001, 1.25  # pauses between polls grow from here up to the setting


class Resource(Protocol):
    """The part of a pyvisa message-based resource that a link needs.

    Our own transports may have more: `patience_s` (minimum host time to wait for an answer, however fast the
    clock runs), `local()`, `reconnect(clock, within_s)`.
    """

    timeout: Any

    def write_raw(self, message: bytes) -> Any:
        """Send bytes, the last one with EOI."""
        ...

    def read_raw(self) -> bytes | bytearray:
        """Read until EOI; raises VisaIOError if nothing came within `timeout` ms."""
        ...

    def read_stb(self) -> int:
        """Serial poll."""
        ...

    def clear(self) -> None:
        """Send a selected device clear."""
        ...


@dataclass(frozen=True)
class LinkSettings:
    """How to talk to one instrument.

    `write_termination`: "" for rear switches F1, F2 at EOI, "\\n" for LF (1260 manual p. 136; which one is
    set on a unit only its owner knows).
    `command_pause_s`: least time between two commands. GPIB's handshake should do (grade C); programs for
    real units wait 0.02 to 0.3 s (grade B).
    `io_timeout_s`: host time that one read or write may block, at most `HOST_SLICE_S`. A unit that holds the
    handshake off for longer would need more (grade D).
    `status_mask`: bits of the serial poll that say "a message is available"; 0: unknown, then short reads.
    `poll_interval_s`: longest time between two polls; the first ones follow each other faster.
    `reply_timeout_s`: longest wait for the answer to a query.
    """

    write_termination: str = ""
    command_pause_s: float = 0.0
    io_timeout_s: float = HOST_SLICE_S
    status_mask: int = 0
    poll_interval_s: float = 0.02
    reply_timeout_s: float = 2.0


class Link:
    """Write, query and poll one instrument.

    `resource` is an open pyvisa resource (or similar object), `name` is the instrument's name in error
    messages, `cure` their advice when it does not answer. All methods raise NoReply or BusError, and Interrupted
    from the clock.
    """

    def __init__(
        self,
        resource: Resource,
        clock: Clock,
        name: str,
        settings: LinkSettings | None = None,
        cure: str = "Check its power and its address",
    ) -> None:
        self.clock = clock
        self.name = name
        self.settings = settings = settings or LinkSettings()
        self._cure = cure
        self.last_command = ""
        self._resource = resource
        self._write_raw = resource.write_raw
        self._read_raw = resource.read_raw
        self._termination = settings.write_termination
        self._pause_s = settings.command_pause_s
        self._patience_s = float(getattr(resource, "patience_s", 0.0))
        self._not_before_s = 0.0
        self._half_sent = False
        self._reply_pending = False
        self._is_available = False
        self._visa_error = _visa_error()
        resource.timeout = settings.io_timeout_s * 1000.0

    def write(self, command: str) -> None:
        """Send one command."""
        if self._half_sent:
            self.clear()  # otherwise the rest of the broken command would swallow this one
        if self._pause_s:
            self.clock.sleep_until(self._not_before_s)
        self.last_command = command
        try:
            self._write_raw((command + self._termination).encode("ascii"))
        except (self._visa_error, OSError) as error:
            self._half_sent = True
            raise self._translated(error, self.settings.io_timeout_s) from error
        if self._pause_s:
            self._not_before_s = self.clock.now() + self._pause_s

    def request(self, command: str) -> None:
        """Send one command that will be answered; a late answer to an earlier one is discarded first."""
        if self._reply_pending:
            self._drain()
        self.write(command)
        self._reply_pending, self._is_available = True, False

    def query(self, command: str, timeout_s: float | None = None) -> str:
        """Send a command and return its answer without CR and LF; waits `timeout_s` (None: the setting)."""
        self.request(command)
        now_s = self.clock.now()
        return self.read_when_ready(now_s, now_s + (timeout_s or self.settings.reply_timeout_s))

    def read_when_ready(self, ready_at_s: float, deadline_s: float) -> str:
        """Sleep until `ready_at_s`, then poll until `deadline_s` (both in the clock's time); return one line.

        The line comes without CR and LF. Raises NoReply at the deadline.
        """
        clock = self.clock
        asked_s = clock.now()
        if (
            self._patience_s and HOST_SLICE_S < clock.slice_s < inf
        ):  # a clock that runs faster than the host's
            deadline_s = max(deadline_s, ready_at_s + self._patience_s / HOST_SLICE_S * clock.slice_s)
        clock.sleep_until(ready_at_s)
        polled_s, pause_s = clock.now(), FIRST_POLL_S
        while (line := self._poll()) is None:
            if (now_s := clock.now()) >= deadline_s:
                return self._last_chance(now_s - asked_s)
            pause_s = min(POLL_GROWTH * pause_s, self.settings.poll_interval_s)
            clock.sleep_until(min(deadline_s, polled_s + pause_s))
            polled_s = clock.now()
        return line

    def clear(self) -> None:
        """Send a device clear: half-sent and half-read messages are discarded on both sides."""
        self.last_command = "device clear"
        try:
            self._resource.clear()
        except (self._visa_error, OSError) as error:
            raise self._translated(error, self.settings.io_timeout_s) from error
        self._half_sent = self._reply_pending = self._is_available = False

    def local(self) -> None:
        """Return the instrument to local control; does nothing where the bus cannot."""
        give_back = getattr(self._resource, "local", None) or self._visa_local
        with suppress(self._visa_error, OSError, NotImplementedError):
            give_back()

    def reconnect(self, within_s: float = 30.0) -> None:
        """Reopen a broken connection within `within_s` of the clock (s), and clear the instrument.

        Its settings are unknown afterwards. Raises CannotOpen, NoReply, BusError, Interrupted.
        """
        open_anew = getattr(self._resource, "reconnect", None)
        self._half_sent = self._reply_pending = False
        try:
            if open_anew is not None:
                open_anew(self.clock, within_s)
            else:
                self._visa_reopen(within_s)
        except (self._visa_error, OSError) as error:
            raise BusError(self.name, "reconnecting", error) from error
        self.clear()

    @property
    def resource(self) -> Resource:
        """Get the underlying resource."""
        return self._resource

    @property
    def reply_pending(self) -> bool:
        """Get whether an answer was requested and has not arrived."""
        return self._reply_pending

    def _poll(self) -> str | None:
        if self.settings.status_mask and not self._is_available:
            if not self._status() & self.settings.status_mask:
                return None
            self._is_available = (
                True  # until it has arrived: a slow adapter may already have taken it off the bus
            )
        return self._read()

    def _last_chance(self, waited_s: float) -> str:
        """Read without checking the status byte: its bits may differ on this unit from the settings."""
        line = self._read() if self.settings.status_mask else None
        if line is None:
            raise NoReply(self.name, self.last_command, waited_s, self._cure)
        return line

    def _read(self) -> str | None:
        try:
            raw = self._read_raw()
        except (self._visa_error, OSError) as error:
            if getattr(error, "error_code", None) == TIMED_OUT:
                return None
            raise self._translated(error, 0.0) from error
        self._reply_pending = self._is_available = False
        return raw.decode("ascii", "replace").strip("\r\n")

    def _status(self) -> int:
        try:
            return self._resource.read_stb()
        except (self._visa_error, OSError) as error:
            raise self._translated(error, self.settings.io_timeout_s) from error

    def _drain(self) -> None:
        """Give the missing answer a little more time, so that it is not mistaken for the next one."""
        clock = self.clock
        deadline_s = clock.now() + DRAIN_SLICES * self.settings.io_timeout_s
        while (polled_s := clock.now()) < deadline_s and self._read() is None:
            clock.sleep_until(min(deadline_s, polled_s + self.settings.poll_interval_s))
        self._reply_pending = False

    def _visa_local(self) -> None:
        from pyvisa.constants import RENLineOperation

        control_ren = getattr(self._resource, "control_ren", None)
        if control_ren is not None:
            control_ren(RENLineOperation.address_gtl)

    def _visa_reopen(self, within_s: float) -> None:
        """Reopen a pyvisa resource, trying until the time is up."""
        resource: Any = self._resource
        until_s = self.clock.now() + within_s
        while True:
            with suppress(self._visa_error, OSError):
                resource.close()
            try:
                resource.open()
                resource.timeout = self.settings.io_timeout_s * 1000.0
                return
            except (self._visa_error, OSError):
                if self.clock.now() >= until_s:
                    raise
            sleep(self.clock, REOPEN_S)

    def _translated(self, error: Exception, waited_s: float) -> DriverError:
        if getattr(error, "error_code", None) == TIMED_OUT:
            return NoReply(self.name, self.last_command, waited_s, self._cure)
        return BusError(self.name, self.last_command, error)


def _visa_error() -> type[Exception]:
    """Return pyvisa's exception; imported late, pyvisa takes 0.2 s."""
    from pyvisa.errors import VisaIOError

    return VisaIOError
