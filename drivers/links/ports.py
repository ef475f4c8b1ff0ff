"""Byte streams: a TCP socket or a serial port, opened by one address.

`socket://192.168.1.5:1234` is a socket, everything else a port name of pyserial (COM3, /dev/ttyUSB0). The
socket is Python's own: pyserial 3.5 leaves Nagle's algorithm on (45 ms per query), blocks for up to 5 s while
connecting, sleeps 0.3 s on closing, and leaves a socket open whose peer has gone.
"""

import errno
import os
import select
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from solbench.drivers.clock import HOST_SLICE_S
from solbench.drivers.errors import CannotOpen
from solbench.drivers.links.typed import is_host

if TYPE_CHECKING:  # loads slowly, and few look-ups are waited for
    from concurrent.futures import Future

TIMED_OUT = -1073807339  # VI_ERROR_TMO of the VISA library specification (VPP-4.3)
BLOCK_BYTES = 65536
SERIAL_SLICE_S = 0.005
SILENT_PEER_S = 10  # a peer that acknowledges nothing for this long is gone

Pause = Callable[[], None]
_LOOKING: "dict[tuple[str, int], Future[list[Any]]]" = {}  # host and port, while a name server is waited for
_LOOKING_LOCK = threading.Lock()


class TimedOut(OSError):
    """Nothing arrived or could be sent in the time allowed; looks like pyvisa's time-out to a link."""

    error_code = TIMED_OUT


class Port(Protocol):
    """An open byte connection. All methods raise OSError if it is lost."""

    def write(self, data: bytes) -> None:
        """Send all of it; raises TimedOut if it is not accepted within 50 ms."""
        ...

    def read(self, timeout_s: float) -> bytes:
        """Return the bytes available, waiting up to `timeout_s` (s) for the first one; b"" if none came."""
        ...

    def close(self) -> None:
        """Close it; nothing is raised."""
        ...


@dataclass(frozen=True)
class SerialSettings:
    """How a serial port is set: `baud`, `data_bits`, `parity` (N, E, O), `stop_bits`, handshakes.

    A USB adapter takes any. What an instrument's RS-423 port is set to only its switches say.
    """

    baud: int = 115200
    data_bits: int = 8
    parity: str = "N"
    stop_bits: float = 1
    rts_cts: bool = False
    xon_xoff: bool = False


def open_port(
    address: str,
    settings: SerialSettings | None = None,
    within_s: float = 3.0,
    pause: Pause = lambda: None,
) -> Port:
    """Open `socket://host:port` or a serial port; raises CannotOpen with the remedy.

    Connecting a socket takes at most `within_s` (host time, s); `pause` is called every 50 ms in the
    meantime.
    """
    try:
        if address.startswith("socket://"):
            return SocketPort(_connected(*_host_and_port(address), within_s, pause))
        require_address(address)
        return SerialPort(_opened(address, settings or SerialSettings()))
    except OSError as error:
        problem, cure = in_words(address, error)
        raise CannotOpen(address, problem, cure) from error


class SocketPort:
    """A connected TCP socket without Nagle's algorithm, with keep-alive."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY):
            raise OSError("TCP_NODELAY cannot be set: every query would wait 45 ms")
        _keep_alive(connected)

    def write(self, data: bytes) -> None:
        """Send all of it; raises TimedOut, OSError."""
        self._socket.settimeout(HOST_SLICE_S)
        try:
            self._socket.sendall(data)
        except TimeoutError as error:
            raise TimedOut("the network takes nothing") from error

    def read(self, timeout_s: float) -> bytes:
        """Return the bytes available, waiting up to `timeout_s` (s) for the first one."""
        self._socket.settimeout(max(timeout_s, 0.0))
        try:
            data = self._socket.recv(BLOCK_BYTES)
        except (TimeoutError, BlockingIOError) as silence:
            if getattr(silence, "errno", None) == errno.ETIMEDOUT:  # the kernel gave up on the peer
                raise ConnectionResetError(errno.ETIMEDOUT, "the other end is gone") from silence
            return b""
        if not data:
            raise ConnectionResetError("the other end closed the connection")
        return data

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


class SerialPort:
    """A serial port of pyserial, opened with a read time-out of `SERIAL_SLICE_S`."""

    def __init__(self, port: Any) -> None:
        self._port = port

    def write(self, data: bytes) -> None:
        """Send all of it; raises TimedOut, OSError."""
        number = getattr(self._port, "fd", None)
        if (
            number is not None and self._port.is_open
        ):  # a closed port's number may be that of another file by now
            _write(number, data)
            return
        from serial import SerialTimeoutException

        try:
            self._port.write(data)
        except SerialTimeoutException as error:
            raise TimedOut("the port takes nothing") from error

    def read(self, timeout_s: float) -> bytes:
        """Return the bytes available, waiting up to `timeout_s` (s) for the first one."""
        until_s = time.perf_counter() + timeout_s
        while True:
            first = self._port.read(1)
            if first:
                return bytes(first) + bytes(self._port.read(self._port.in_waiting))
            if time.perf_counter() >= until_s:
                return b""

    def close(self) -> None:
        """Close the port, even if its device is gone."""
        try:
            self._port.close()
        except OSError:
            self._port.is_open = False


def _write(number: int, data: bytes) -> None:
    """Write all to a file that does not block, waiting 50 ms at most for it; raises TimedOut, OSError.

    pyserial looks at the clock once more when the last byte is written: a program that waited for its turn would be
    told that the port takes nothing, and would send the command once more.
    """
    left, until_s = memoryview(data), time.perf_counter() + HOST_SLICE_S
    while True:
        with suppress(BlockingIOError):
            left = left[os.write(number, left) :]
        if not left:
            return
        if not select.select([], [number], [], max(until_s - time.perf_counter(), 0.0))[1]:
            raise TimedOut("the port takes nothing")


def in_words(address: str, error: BaseException) -> tuple[str, str]:
    """Return the reason why `address` cannot be opened, and the remedy."""
    number, text = getattr(error, "errno", None), str(error)
    if number == errno.EACCES or isinstance(error, PermissionError):
        return "this user may not open it", _permission_cure()
    if number in (errno.EBUSY, errno.EAGAIN):  # the latter where pyserial cannot lock the port
        return "another program holds it", "Close that program; a run in progress holds its adapter too"
    if number == errno.ECONNREFUSED:
        return "nothing listens there", "Check address and port (Prologix adapters listen on 1234)"
    if number == errno.ENOENT or (number is None and _is_missing_on_windows(address)):
        return "there is no such port", "Plug the adapter in; solbench instruments --find lists the ports"
    if isinstance(error, (TimeoutError, socket.gaierror)) or number in (
        errno.EHOSTUNREACH,
        errno.ENETUNREACH,
    ):
        return f"nothing answers there ({text})", "Check power, cable and network address of the adapter"
    return text, "Check adapter and cable, and that no other program holds it"


def _is_missing_on_windows(address: str) -> bool:
    """Say whether a serial port is not there: pyserial's error on Windows carries no number that says so."""
    if sys.platform != "win32" or "://" in address:
        return False
    from serial.tools import list_ports

    return address.upper() not in {port.device.upper() for port in list_ports.comports()}


def _permission_cure() -> str:
    if sys.platform.startswith("linux"):
        return (
            "Add the user to the group of the port: sudo usermod -a -G dialout $USER, then log in again; or give a "
            "udev rule for it"
        )
    return "Close the program that holds the port"


def require_address(address: str) -> None:
    """Raise CannotOpen where no port can have this address; nothing is opened or looked up."""
    scheme, separator, _ = address.partition("://")
    if scheme == "socket" and separator:
        _host_and_port(address)
    elif separator:
        from serial import serial_for_url

        try:
            serial_for_url(address, do_not_open=True)
        except ValueError as error:  # a scheme that pyserial does not know
            raise _no_address(address) from error


def _host_and_port(address: str) -> tuple[str, int]:
    """Parse `socket://host:1234`; raises CannotOpen."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not is_host(host):
        raise _no_address(address)
    return host, port or 1234


def _no_address(address: str) -> CannotOpen:
    return CannotOpen(address, "that is no address", "Write it as in socket://192.168.1.5:1234")


def _connected(host: str, port: int, within_s: float, pause: Pause) -> socket.socket:
    """Connect without blocking for longer than a slice; raises OSError."""
    until_s = time.perf_counter() + within_s
    family, kind, protocol, where = _looked_up(host, port, until_s, pause)
    connecting = socket.socket(family, kind, protocol)
    try:
        connecting.setblocking(False)  # noqa: FBT003
        connecting.connect_ex(where)
        while not _is_connected(connecting):
            if time.perf_counter() > until_s:
                raise TimeoutError(errno.ETIMEDOUT, f"no answer in {within_s:g} s")
            pause()
    except BaseException:
        connecting.close()
        raise
    return connecting


def _looked_up(host: str, port: int, until_s: float, pause: Pause) -> tuple[int, int, int, Any]:
    """Look up where to connect to; raises OSError. Name servers that do not answer are waited for in a thread."""
    from concurrent.futures import wait

    with suppress(OSError):
        return _first(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST))
    answer = _look_up(host, port)
    while not wait([answer], HOST_SLICE_S).done:
        if time.perf_counter() > until_s:
            raise TimeoutError(errno.ETIMEDOUT, f"no name server knows {host} in time")
        pause()
    return _first(answer.result())


def _first(found: list[Any]) -> tuple[int, int, int, Any]:
    family, kind, protocol, _, where = found[0]
    return family, kind, protocol, where


def _look_up(host: str, port: int) -> "Future[list[Any]]":
    """Return a look-up under way in a thread: the one that an earlier attempt began, or a new one."""
    from concurrent.futures import Future

    def work() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            answer.set_exception(error)
        else:
            answer.set_result(found)
        finally:
            _LOOKING.pop((host, port))

    with _LOOKING_LOCK:
        if (earlier := _LOOKING.get((host, port))) is not None:
            return earlier
        answer: Future[list[Any]] = Future()
        _LOOKING[host, port] = answer
    threading.Thread(target=work, name=f"look up {host}", daemon=True).start()
    return answer


def _is_connected(connecting: socket.socket) -> bool:
    """Wait one slice for the connection; raises OSError if it was refused."""
    import selectors

    with selectors.DefaultSelector() as selector:
        selector.register(connecting, selectors.EVENT_WRITE)
        if not selector.select(HOST_SLICE_S):
            return False
    if code := connecting.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
        raise OSError(code, errno.errorcode.get(code, str(code)))
    return True


def _keep_alive(connected: socket.socket) -> None:
    """Have the kernel detect an adapter without power; the detailed settings exist on some systems only."""
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 4), ("TCP_KEEPINTVL", 2), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, name):
            connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENT_PEER_S * 1000)


def _opened(address: str, settings: SerialSettings) -> Any:
    from serial import serial_for_url

    return serial_for_url(
        address,
        baudrate=settings.baud,
        bytesize=settings.data_bits,
        parity=settings.parity,
        stopbits=settings.stop_bits,
        rtscts=settings.rts_cts,
        xonxoff=settings.xon_xoff,
        timeout=SERIAL_SLICE_S,
        write_timeout=HOST_SLICE_S,
        exclusive=True,
    )
