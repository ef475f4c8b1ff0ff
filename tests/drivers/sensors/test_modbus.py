"""Modbus lines against a server that another library's code runs: TCP frames, and RTU frames on a serial line."""

from __future__ import annotations

import logging
import os
import socket
import struct
import threading
import time
from contextlib import suppress
from dataclasses import replace

import pytest
from pymodbus.framer import FramerRTU

from solbench.drivers.clock import SystemClock
from solbench.drivers.errors import BadReply, BusError, CannotOpen, NoReply
from solbench.drivers.links.usb_identity import UsbIdentity
from solbench.drivers.sensors import modbus
from solbench.drivers.sensors.modbus import LineSettings, ModbusGauge, ModbusLine, network_address
from solbench.drivers.sensors.no_value import NoValue
from solbench.drivers.sensors.register_map import RegisterMap
from solbench.simulators.sensors.registers import Place, RegisterBank
from solbench.simulators.sensors.sensor import Sensor, SensorSettings
from solbench.simulators.server.modbus import ModbusServer

TRUE_K = 298.65  # 25.5 degC, 77.9 degF
QUICK = LineSettings(timeout_s=0.3)
PLACES = {
    "a controller in tenths": Place(1, "holding", 1, "int16", scale=0.1),
    "a transmitter": Place(2, "input", 0x100, "float32", swapped=True, unit="K"),
    "in fahrenheit": Place(3, "holding", 7, "int32", scale=0.01, unit="degF"),
}


def map_of(place: Place) -> RegisterMap:
    return RegisterMap(
        place.register,
        place.function,
        place.type,
        place.swapped,
        place.scale,
        place.offset,
        place.unit,
        place.unit_id,
    )


@pytest.fixture
def bank():
    bank = RegisterBank()
    bank.sensors = {}
    for name, place in PLACES.items():
        bank.sensors[name] = Sensor(name, SensorSettings(), lambda: TRUE_K, lambda: 0.0)
        bank.add(place, bank.sensors[name])
    return bank


@pytest.fixture(
    params=["tcp", pytest.param("rtu", marks=pytest.mark.skipif(os.name != "posix", reason="pty"))]
)
def served(request, bank):
    with ModbusServer(bank, pty=request.param == "rtu") as server:
        line = ModbusLine(server.address, QUICK)
        yield server, bank, line
        line.close()


def gauge(line: ModbusLine, name: str) -> ModbusGauge:
    return ModbusGauge(name, line, map_of(PLACES[name]), SystemClock())


def test_each_kind_of_number_is_read_in_kelvin(served):
    _, _, line = served
    for name in PLACES:
        reading = gauge(line, name).read()
        assert reading.value == pytest.approx(TRUE_K, abs=0.051)
    assert gauge(line, "a controller in tenths").read().raw == "255"


def test_what_is_unplugged_or_open_is_told_and_found_again(served):
    _, bank, line = served
    name = "a controller in tenths"
    sensor, one = bank.sensors[name], gauge(line, name)
    one.read()
    sensor.fault = "off"
    with pytest.raises(NoReply, match="register 1 of unit 1"):
        one.read()
    sensor.fault = "open"
    with pytest.raises(NoValue, match="32767"):
        one.read()
    sensor.fault = ""
    assert one.read().raw == "255"


def test_an_answer_that_comes_too_late_is_taken_for_no_other(served):
    server, _, line = served
    one, other = gauge(line, "a controller in tenths"), gauge(line, "a transmitter")
    one.read()
    server.hangs_s = 0.5
    with pytest.raises((NoReply, BusError)):
        one.read()
    server.hangs_s = 0.0
    readings = [one.read() for one in (other, one, other)]
    assert [round(reading.value, 2) for reading in readings] == [TRUE_K] * 3


def rtu_frame(value: int) -> bytes:
    """Return the answer of unit 1 to a question for one holding register."""
    body = bytes([1, 3, 2]) + value.to_bytes(2, "big")
    return body + FramerRTU.compute_CRC(body).to_bytes(2, "big")


class Shared:
    """A device server that passes on to all who listen what one has asked for; a register counts its readings."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"rtu://127.0.0.1:{self._listener.getsockname()[1]}"
        self.asked = 0
        self._connection: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def pass_on(self, value: int) -> None:
        """Send what somebody else has asked unit 1 for."""
        assert self._connection is not None
        self._connection.sendall(rtu_frame(value))

    def close(self) -> None:
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            self._connection, _ = self._listener.accept()
            with self._connection as connection:
                while connection.recv(64):
                    self.asked += 1
                    connection.sendall(rtu_frame(self.asked))


@pytest.mark.parametrize("foreign", [1, 2])
def test_what_others_asked_a_shared_line_for_is_taken_for_no_answer(foreign):
    server = Shared()
    line = ModbusLine(server.address, QUICK)
    try:
        for count in range(1, 6):
            assert line.read(1, "holding", 1, 1) == [count]
            if count == 2:
                for value in range(foreign):
                    server.pass_on(200 + value)
                time.sleep(0.05)  # until it has come
    finally:
        line.close()
        server.close()


class HangingUp:
    """A device server that hangs up after each answer; "reset": without a farewell."""

    def __init__(self, how: str) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"rtu://127.0.0.1:{self._listener.getsockname()[1]}"
        self._how = how
        self._is_over = False
        self._asked = 0
        self.is_gone = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._is_over = True
        socket.create_connection(self._listener.getsockname()).close()
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while not self._is_over:
            connection, _ = self._listener.accept()
            with connection, suppress(OSError):
                if connection.recv(64):
                    self._asked += 1
                    connection.sendall(rtu_frame(self._asked))
                time.sleep(0.02)  # until the answer has been read
                if self._how == "reset":
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.is_gone.set()


@pytest.mark.parametrize("how", ["farewell", "reset"])
def test_a_device_server_that_hangs_up_after_each_answer_loses_none(how):
    server = HangingUp(how)
    line = ModbusLine(server.address, LineSettings(timeout_s=4.0))
    try:
        began_s = time.monotonic()
        for count in range(1, 5):
            server.is_gone.clear()
            assert line.read(1, "holding", 1, 1) == [count]
            assert server.is_gone.wait(5.0)
        assert time.monotonic() - began_s < 4.0  # no time-out in it, and no silence kept after one
    finally:
        line.close()
        server.close()


def test_a_map_that_does_not_fit_is_told_with_what_to_look_at(served):
    _, _, line = served
    for name, changes in (
        ("a transmitter", {"swapped": False}),
        ("a transmitter", {"unit": "degC", "scale": -1.0}),
        ("a controller in tenths", {"unit": "K", "offset": -300.0}),
    ):
        where = replace(map_of(PLACES[name]), **changes)
        with pytest.raises(BadReply, match=r"check type, 'swapped', scale"):
            ModbusGauge(name, line, where, SystemClock()).read()


def test_a_register_that_is_not_there_is_named(served):
    _, _, line = served
    with pytest.raises(BadReply, match="it has no such register"):
        line.read(1, "holding", 900, 1)


def test_a_device_that_hung_up_is_called_again(bank):
    with ModbusServer(bank) as server:
        line = ModbusLine(server.address, QUICK)
        port = int(server.address.rpartition(":")[2])
        one = gauge(line, "a controller in tenths")
        one.read()
    with pytest.raises((BusError, CannotOpen, NoReply)):
        one.read()
    with ModbusServer(bank, port=port):
        assert one.read().raw == "255"
        line.close()


def test_where_nobody_listens_it_says_so():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        line = ModbusLine(f"tcp://127.0.0.1:{free.getsockname()[1]}", QUICK)
        with pytest.raises(CannotOpen, match="nothing answers there"):
            line.read(1, "holding", 1, 1)
    with pytest.raises(CannotOpen, match="there is no such port"):
        ModbusLine("/dev/ttyNOWHERE9", QUICK).read(1, "holding", 1, 1)


def test_a_line_that_is_tried_for_days_leaves_nothing_behind_in_the_log_of_pymodbus():
    line, handlers = ModbusLine("/dev/ttyNOWHERE9", QUICK), logging.getLogger("pymodbus.logging").handlers
    counts = []
    for _ in range(3):
        with pytest.raises(CannotOpen):
            line.read(1, "holding", 1, 1)
        counts.append(len(handlers))
    assert counts[0] == counts[2] > 0


@pytest.mark.parametrize(
    "address",
    ["udp://1.2.3.4:502", "tcp://", "tcp://1.2.3.4:port", "tcp://a..b:502", f"rtu://{'x' * 64}:4001"],
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ValueError, match=r"tcp://host:port|Port could not"):
        network_address(address)


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")
def test_an_adapter_that_comes_back_under_another_port_name_is_found(bank, monkeypatch):
    adapter = UsbIdentity(0x0403, 0x6001, "FT1")
    with ModbusServer(bank, pty=True) as first, ModbusServer(bank, pty=True) as second:
        ports = {first.address: adapter}
        monkeypatch.setattr(modbus, "usb_identity", ports.get)
        monkeypatch.setattr(
            modbus, "port_of", lambda wanted: next((at for at, has in ports.items() if has == wanted), None)
        )
        line = ModbusLine(first.address, QUICK)
        one = gauge(line, "a controller in tenths")
        one.read()
        first.hangs_s = 100.0  # pulled, and plugged in again elsewhere
        ports.clear()
        ports[second.address] = adapter
        assert one.read().raw == "255"
        assert line.address == second.address
        line.close()
