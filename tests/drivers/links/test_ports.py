"""What hinders a port from being opened is said with its cure."""

from __future__ import annotations

import errno
import os
import re
import socket
import threading
import time
from types import SimpleNamespace

import pytest

from solbench.acquisition.host.platform import WINDOWS
from solbench.drivers.clock import HOST_SLICE_S, Interrupted
from solbench.drivers.errors import CannotOpen
from solbench.drivers.links.ports import SocketPort, TimedOut, in_words, open_port
from tests.pace import Stopwatch


@pytest.mark.parametrize(
    ("error", "problem", "cure"),
    [
        (
            PermissionError(errno.EACCES, "Permission denied"),
            "this user may not open it",
            "dialout|holds the port",
        ),
        (OSError(errno.EBUSY, "busy"), "another program holds it", "Close that program"),
        (OSError(errno.EAGAIN, "Could not exclusively lock port"), "another program holds it", "Close"),
        (OSError(errno.ENOENT, "No such file"), "there is no such port", "Plug the adapter in"),
        (ConnectionRefusedError(errno.ECONNREFUSED, ""), "nothing listens there", "1234"),
        (TimeoutError(errno.ETIMEDOUT, "no answer"), "nothing answers there", "power, cable"),
        (socket.gaierror(-2, "Name or service not known"), "nothing answers there", "network address"),
        (OSError(errno.EIO, "odd"), "odd", "no other program"),
    ],
)
def test_errors_in_words(error, problem, cure):
    said, mend = in_words("COM3", error)
    assert problem in said
    assert re.search(cure, mend)


@pytest.mark.parametrize(("address", "problem"), [("COM3", "no such port"), ("com1", "odd")])
def test_a_port_that_windows_does_not_list_is_not_there(monkeypatch, address, problem):
    """pyserial's error on Windows has no number, only words, which may be in any language."""
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: [SimpleNamespace(device="COM1")])
    monkeypatch.setattr("solbench.drivers.links.ports.sys.platform", "win32")
    assert problem in in_words(address, OSError("odd"))[0]


def test_a_port_that_does_not_exist_is_named_with_its_cure():
    with pytest.raises(CannotOpen, match=r"/dev/tty-not-there cannot be opened: there is no such port. Plug"):
        open_port("/dev/tty-not-there")


def test_a_socket_that_nobody_listens_at():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        number = closed.getsockname()[1]
    with pytest.raises(CannotOpen, match="nothing listens there"):
        open_port(f"socket://127.0.0.1:{number}")


@pytest.mark.parametrize(
    "address",
    [
        "socket://",
        "socket://127.0.0.1:port",
        "socket://127.0.0.1:70000",
        "socket://a..b:1234",
        "socket://.lab:1",
        f"socket://bench.{'x' * 64}.lab:1234",
        "socket://ad\0apter:1234",
        "sockt://192.168.1.5:1234",
    ],
)
def test_what_is_no_address(address):
    with pytest.raises(CannotOpen, match="that is no address"):
        open_port(address)


def test_name_servers_that_do_not_answer_hold_up_neither_a_stop_nor_a_reconnection(monkeypatch):
    over = threading.Event()

    def silent(host, *more, flags=0, **options):
        if not flags:
            over.wait(60.0)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    def stop():
        raise Interrupted("stop")

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    with Stopwatch() as watch:
        with pytest.raises(CannotOpen, match="nothing answers there"):
            open_port("socket://adapter.lab", within_s=0.1)
        with pytest.raises(Interrupted):
            open_port("socket://adapter.lab", within_s=60.0, pause=stop)
    over.set()
    assert watch.elapsed_s < 10.0


def test_however_often_a_name_is_looked_up_one_thread_waits_for_its_answer(monkeypatch):
    over, answer = threading.Event(), []

    def slow(host, port, *more, flags=0, **options):
        if flags:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        assert over.wait(60.0)
        return answer

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    for host in ["one.lab", "other.lab"] * 4:
        with pytest.raises(CannotOpen, match="nothing answers there"):
            open_port(f"socket://{host}:4001", within_s=0.0)
    waiting = [one.name for one in threading.enumerate() if one.name.endswith(("one.lab", "other.lab"))]
    assert sorted(waiting) == ["look up one.lab", "look up other.lab"]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        answer.append((socket.AF_INET, socket.SOCK_STREAM, 0, "", listener.getsockname()))
        over.set()
        open_port("socket://one.lab:4001", within_s=60.0).close()


@pytest.fixture
def ends():
    listener = socket.create_server(("127.0.0.1", 0))
    near = socket.create_connection(listener.getsockname())
    far, _ = listener.accept()
    listener.close()
    port = SocketPort(near)
    yield port, far
    port.close()
    far.close()


def test_it_returns_at_once_with_what_is_there(ends):
    port, far = ends
    far.sendall(b"16\r\n")
    with Stopwatch() as watch:
        assert port.read(5.0) == b"16\r\n"
    assert watch.elapsed_s < 1.0


def test_silence_is_not_an_end(ends):
    port, far = ends
    assert port.read(0.0) == b""
    assert port.read(0.01) == b""
    far.close()
    with pytest.raises(ConnectionError):
        port.read(1.0)


def test_a_peer_that_takes_nothing_ends_in_a_time_out_within_a_slice(ends):
    port, far = ends
    far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)

    def write():
        for _ in range(50):  # Windows takes the first one whole, however long it is
            port.write(bytes(1_000_000))

    with Stopwatch() as watch, pytest.raises(TimedOut):
        write()
    assert watch.elapsed_s < 3.0


@pytest.fixture
def line():
    """A serial port of pyserial on a pseudo-terminal, and the other end of it."""
    if WINDOWS:
        pytest.skip("there are no pseudo-terminals")
    other, here = os.openpty()
    port = open_port(os.ttyname(here))
    yield port, other
    port.close()
    os.close(here)
    os.close(other)


def test_a_serial_write_whose_program_waits_for_its_turn_is_no_refusal_and_sends_each_byte_once(
    line, monkeypatch
):
    port, other = line
    real = os.write

    def late(number, data):
        written = real(number, data[:3])
        time.sleep(1.5 * HOST_SLICE_S)
        return written

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", late)
        port.write(b"++read eoi\n")
    assert os.read(other, 100) == b"++read eoi\n"


def test_a_closed_serial_port_writes_into_no_file_that_has_its_number_now(line, tmp_path, monkeypatch):
    port, _ = line
    number, real = port._port.fd, os.close

    def unplugged(each):
        real(each)
        if each == number:
            raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "close", unplugged)
        port.close()
    with (tmp_path / "journal").open("wb", buffering=0) as journal:
        assert journal.fileno() == number
        with pytest.raises(OSError, match="not open"):
            port.write(b"PW1\n")
    assert (tmp_path / "journal").read_bytes() == b""


def test_a_serial_port_that_takes_nothing_ends_in_a_time_out(line):
    port, _ = line
    with pytest.raises(TimedOut, match="takes nothing"):
        port.write(bytes(1 << 20))


def test_small_messages_do_not_wait_for_acknowledgements(ends):
    port, far = ends

    def answer():
        heard = b""
        while heard.count(b"\n") < 40:
            heard += far.recv(100)
            if heard.count(b"\n") % 2 == 0:
                far.sendall(b"x")

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    with Stopwatch() as watch:
        for _ in range(20):
            port.write(b"a\n")
            time.sleep(0.001)
            port.write(b"b\n")
            assert port.read(60.0) == b"x"
    thread.join(5.0)
    assert watch.elapsed_s < 20 * 0.04  # with Nagle's algorithm each waits 40 ms for an acknowledgement
