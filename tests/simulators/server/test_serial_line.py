"""The adapter on a pseudo-terminal, opened as people open a COM port."""

from __future__ import annotations

import os
import statistics
import sys
import time

import pytest
import serial

from solbench.simulators.server.serial_line import NoSerialLine, SerialDoor

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")


def opened(served) -> serial.Serial:
    port = serial.serial_for_url(served.server.adapter, baudrate=115_200, timeout=2.0)
    port.write(b"++mode 1\n++auto 0\n++eos 3\n++eoi 1\n++read_tmo_ms 300\n++addr 6\n")
    return port


def query(port: serial.Serial, question: bytes) -> bytes:
    port.write(question + b"\n++read eoi\n")
    return port.read_until(b"\n")


def ask_until_it_fails(port: serial.Serial) -> None:
    while query(port, b"?ER"):
        pass


def test_both_instruments_answer_through_the_serial_line(serve):
    with opened(serve(pty=True)) as port:
        assert query(port, b"?ER") == b"00\r\n"
        port.write(b"++addr 4\n")
        assert query(port, b"*IDN?") == b"SCHLUMBERGER TECHNOLOGIES, 1260 IMPEDANCE ANALYZER, 0, 0\r\n"
        port.write(b"++ver\n")
        assert port.read_until(b"\n").startswith(b"Prologix GPIB-USB")


def test_escapes_and_all_bytes_pass_unchanged(serve):
    with opened(serve(pty=True)) as port:
        assert query(port, b"PV\x1b+1.5\n?PV") == b"+1.5000E+00\r\n"
        port.write(b"++eot_char 255\n++eot_enable 1\n")
        assert query(port, b"?ER")[:4] == b"00\r\n"
        assert port.read(1) == b"\xff"


def test_the_next_program_finds_the_box_as_the_last_one_left_it(serve):
    served = serve(pty=True)
    with opened(served) as port:
        assert query(port, b"PW1\n?ER") == b"00\r\n"
        port.write(b"PV0.")
        port.flush()
    with serial.serial_for_url(served.server.adapter, timeout=2.0) as port:
        assert query(port, b"PW0\n?ER") != b"00\r\n"  # swallowed
        assert served.control.truth()["polarized"]


def test_a_pulled_plug_comes_back_under_the_same_name(serve):
    served = serve(pty=True)
    name = served.server.adapter
    with opened(served) as port:
        assert query(port, b"?ER") == b"00\r\n"
        served.control.set_fault("unplug", for_s=0.2)
        with pytest.raises(serial.SerialException):
            ask_until_it_fails(port)
    deadline_s = time.monotonic() + 5.0
    while not os.path.exists(name):
        assert time.monotonic() < deadline_s
        time.sleep(0.01)
    with opened(served) as port:
        assert query(port, b"?ER") == b"00\r\n"


def test_one_query_takes_far_less_than_a_millisecond(serve):
    took_s = []
    with opened(serve(pty=True)) as port:
        for _ in range(300):
            began_s = time.perf_counter()
            assert query(port, b"?ER") == b"00\r\n"
            took_s.append(time.perf_counter() - began_s)
    assert min(took_s) < 1e-3
    assert statistics.median(took_s) < 5e-3


def test_what_nobody_fetches_is_lost_and_holds_nobody_up(serve):
    served = serve(pty=True)
    port = opened(served)
    for _ in range(20):
        port.write(b"++help\n" * 20)  # far more than a line holds
    port.close()
    began_s = time.monotonic()
    served.server.close()
    assert time.monotonic() - began_s < 10.0
    assert not os.path.lexists(served.server.adapter)


def test_a_system_without_pseudo_terminals_says_so(monkeypatch):
    monkeypatch.delattr(os, "openpty")
    with pytest.raises(NoSerialLine, match="Windows has none"):
        SerialDoor(None)  # type: ignore[arg-type]
