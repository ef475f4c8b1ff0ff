"""The transfers to and from one instrument over a pyvisa message resource, or over one of our own transports."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol, TypeVar

from solbench.drivers.clock import HOST_SLICE_S, Clock, sleep
from solbench.drivers.links.ear import Ear, Transfer
from solbench.drivers.links.ports import TIMED_OUT

REOPEN_S = 0.5
SHORT_READ_S = (
    0.1  # a line that waits comes within 60 ms; drivers of GPIB cards know 30 and 100 ms, nothing between
)
LINE_ENDS = (0x0A, 0x0D)

T = TypeVar("T")


class Resource(Protocol):
    """The part of a pyvisa message-based resource that a link needs.

    Our own transports may have more: `keeps_parts` (a read that times out loses nothing), `can_poll` (False without a
    serial poll), `patience_s` (minimum host time to wait for an answer, however fast the clock runs), `local()`,
    `reconnect(clock, within_s)`.
    """

    timeout: Any

    def write_raw(self, message: bytes) -> Any:
        """Send bytes, the last one with EOI."""
        ...

    def read_raw(self) -> bytes | bytearray:
        """Read until EOI; raises VisaIOError if not all of it came within `timeout` ms, and may have lost a part."""
        ...

    def read_stb(self) -> int:
        """Serial poll."""
        ...

    def clear(self) -> None:
        """Send a selected device clear."""
        ...


class Wire:
    """One resource and the time that each of its transfers may take.

    `io_timeout_s`: of one transfer (host time, s); transports that lose nothing by it use slices of 50 ms. All methods
    raise what the resource raises: `errors`.
    """

    def __init__(self, resource: Resource, io_timeout_s: float) -> None:
        self.resource = resource
        self.errors: tuple[type[Exception], ...] = (_visa_error(), OSError)
        self.can_poll = bool(getattr(resource, "can_poll", True))
        self.patience_s = float(getattr(resource, "patience_s", 0.0))
        self.is_torn = False  # whether the last line came without its end
        self._keeps_parts = bool(getattr(resource, "keeps_parts", False))
        self._timeout_ms = 1000.0 * (HOST_SLICE_S if self._keeps_parts else io_timeout_s)
        self._ends_lines = False  # once a line came with an end, one without is torn
        self.write: Callable[[bytes], Any] = resource.write_raw
        self._read_raw = resource.read_raw
        self._ear: Ear | None = None
        self._set_up()

    def heard_by(self, ear: Ear) -> None:
        """Let `ear` hear every transfer from now on, and how the resource is to be used."""
        resource = self.resource
        ear.meets(can_poll=self.can_poll, keeps_parts=self._keeps_parts, patience_s=self.patience_s)
        self._ear = ear
        self.write = lambda message: ear.transfer("write", lambda: resource.write_raw(message), message)
        self._read_raw = lambda: ear.transfer("read", resource.read_raw)

    def read(self) -> str | None:
        """Return one line without CR and LF, None if none came in time."""
        try:
            raw = self._read_raw()
        except self.errors as error:
            if is_timeout(error):
                return None
            raise
        ends = bool(raw) and raw[-1] in LINE_ENDS
        self.is_torn = self._ends_lines and not ends
        self._ends_lines = ends or self._ends_lines
        return raw.decode("ascii", "replace").strip("\r\n")

    def poll(self) -> int:
        """Return the status byte of a serial poll."""
        if self._ear is None:
            return self.resource.read_stb()
        return self._ear.transfer("poll", self.resource.read_stb)

    def clear(self) -> None:
        """Send a device clear."""
        self._carry_out("clear", self.resource.clear)

    @contextmanager
    def short_reads(self, trip_s: float = 0.0) -> Iterator[None]:
        """Let reads end soon where nothing comes: for lines that may be there, and that may be lost.

        `trip_s`: how long a transfer without a line takes (s), as over an adapter that is far away: a read that ends
        earlier never brings one.
        """
        if self._keeps_parts:
            yield
            return
        self._set_timeout(min(self._timeout_ms, 1000.0 * (SHORT_READ_S + 2.0 * trip_s)))
        try:
            yield
        finally:
            self._set_timeout(self._timeout_ms)

    def local(self) -> None:
        """Return the instrument to local control; does nothing where the bus cannot."""
        give_back: Callable[[], None] = getattr(self.resource, "local", None) or self._visa_local
        with suppress(*self.errors, NotImplementedError):
            self._carry_out("local", give_back)

    def reopen(self, clock: Clock, within_s: float) -> None:
        """Open a broken connection anew, trying for `within_s` of the clock (s); raises CannotOpen, Interrupted too."""
        open_anew = getattr(self.resource, "reconnect", None) or self._visa_reopen
        self._carry_out("reopen", lambda: open_anew(clock, within_s))

    def _carry_out(self, kind: Transfer, transfer: Callable[[], T]) -> T:
        return transfer() if self._ear is None else self._ear.transfer(kind, transfer)

    def _set_timeout(self, timeout_ms: float) -> None:
        """Set how long a transfer may take; on a connection that is closed, the transfer itself says so."""
        with suppress(*self.errors):
            self.resource.timeout = timeout_ms

    def _set_up(self) -> None:
        """Say how long a transfer may take, and that a line feed ends a line that comes without EOI."""
        resource: Any = self.resource
        resource.timeout = self._timeout_ms
        if hasattr(resource, "read_termination"):
            with suppress(*self.errors, NotImplementedError):
                resource.read_termination = "\n"

    def _visa_local(self) -> None:
        from pyvisa.constants import RENLineOperation

        control_ren = getattr(self.resource, "control_ren", None)
        if control_ren is not None:
            control_ren(RENLineOperation.address_gtl)

    def _visa_reopen(self, clock: Clock, within_s: float) -> None:
        """Reopen a pyvisa resource, trying until the time is up."""
        resource: Any = self.resource
        until_s = clock.now() + within_s
        while True:
            with suppress(*self.errors):
                resource.close()
            try:
                resource.open()
                self._set_up()
                return
            except self.errors:
                if clock.now() >= until_s:
                    raise
            sleep(clock, REOPEN_S)


def is_timeout(error: Exception) -> bool:
    """Return whether it says that nothing went over the wire in time, and not that the wire is broken."""
    return getattr(error, "error_code", None) == TIMED_OUT


def _visa_error() -> type[Exception]:
    """Return the base of pyvisa's exceptions, a closed session among them; imported late, pyvisa takes 0.2 s."""
    from pyvisa.errors import Error

    return Error
