"""Programs that other people wrote: pyvisa-py's own Prologix sessions, pyserial's sockets."""

from __future__ import annotations

import socket

import pytest
import pyvisa
import serial
from pyvisa import constants


@pytest.fixture
def visa():
    manager = pyvisa.ResourceManager("@py")
    yield manager
    manager.close()


def test_pyvisa_py_opens_the_adapter_and_both_instruments(serve, visa):
    port = serve().server.adapter.rpartition(":")[2]
    adapter = visa.open_resource(f"PRLGX-TCPIP::127.0.0.1::{port}::INTFC")
    fra = visa.open_resource("GPIB0::4::INSTR", write_termination="\n")
    pstat = visa.open_resource("GPIB0::6::INSTR", write_termination="\n")
    assert fra.query("*IDN?") == "SCHLUMBERGER TECHNOLOGIES, 1260 IMPEDANCE ANALYZER, 0, 0\r\n"
    assert pstat.query("?VN") == "12870001\r\n"
    for resource in (pstat, fra, adapter):
        resource.close()


def test_pyvisa_py_hears_nothing_from_a_unit_that_waits_for_a_line_feed(serve, visa):
    # pyvisa-py sends ++eos 3: no line end ever reaches the instrument.
    port = serve(analyzer={"input_terminator": "LF"}).server.adapter.rpartition(":")[2]
    adapter = visa.open_resource(f"PRLGX-TCPIP::127.0.0.1::{port}::INTFC")
    adapter.timeout = 200
    fra = visa.open_resource("GPIB0::4::INSTR", write_termination="\n")
    with pytest.raises(pyvisa.VisaIOError) as raised:
        fra.query("*IDN?")
    assert raised.value.error_code == constants.StatusCode.error_timeout
    fra.close()
    adapter.close()


def test_pyserial_opens_the_adapter_as_a_socket(serve):
    with serial.serial_for_url(serve().server.adapter, timeout=2.0) as port:
        port._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        port.write(b"++mode 1\n++auto 0\n++eos 3\n++eoi 1\n++addr 4\n*IDN?\n++read eoi\n")
        assert port.read_until(b"\n") == b"SCHLUMBERGER TECHNOLOGIES, 1260 IMPEDANCE ANALYZER, 0, 0\r\n"
