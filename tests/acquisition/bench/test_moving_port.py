"""A port is followed as a device with a serial number of its own, and in no other way."""

from __future__ import annotations

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from solbench.acquisition.bench import moving_port
from solbench.acquisition.bench.moving_port import MovingPort
from solbench.drivers.links.ports import SerialSettings


def usb(device: str, serial_number: str | None, product: int = 0x6001) -> ListPortInfo:
    port = ListPortInfo(device)
    port.vid, port.pid, port.serial_number = 0x0403, product, serial_number
    return port


class Computer:
    """A computer whose ports come and go; `opened` are the names that were opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ports: list[ListPortInfo] = []
        self.opened: list[str] = []
        monkeypatch.setattr(list_ports, "comports", lambda: self.ports)
        monkeypatch.setattr(
            moving_port, "open_port", lambda address, *_: (self.opened.append(address), object())[1]
        )

    def open(self, port: MovingPort) -> str:
        port.open("as it was", SerialSettings(), 1.0, lambda: None)
        assert port.address == self.opened[-1]
        return self.opened[-1]


@pytest.fixture
def computer(monkeypatch: pytest.MonkeyPatch) -> Computer:
    return Computer(monkeypatch)


def test_an_adapter_is_followed_to_another_name_and_back(computer: Computer):
    computer.ports = [usb("COM3", "PX1"), usb("COM4", "PX2")]
    port = MovingPort("COM3")
    names = ["COM3", "COM7", "COM3"]
    for name in names:
        computer.ports = [usb("COM4", "PX2"), usb(name, "PX1")]
        assert computer.open(port) == name


def test_one_that_is_away_is_looked_for_where_it_was_last(computer: Computer):
    computer.ports = [usb("COM3", "PX1")]
    port = MovingPort("COM3")
    computer.ports = [usb("COM7", "PX1")]
    assert computer.open(port) == "COM7"
    computer.ports = []
    assert computer.open(port) == "COM7"


@pytest.mark.parametrize("serial_number", [None, ""])
def test_one_without_a_serial_number_is_not_followed(computer: Computer, serial_number: str | None):
    computer.ports = [usb("COM3", serial_number)]
    port = MovingPort("COM3")
    computer.ports = [usb("COM7", serial_number)]
    assert computer.open(port) == "COM3"


def test_of_two_that_look_the_same_none_is_followed(computer: Computer):
    computer.ports = [usb("COM3", "0001")]
    port = MovingPort("COM3")
    computer.ports = [usb("COM7", "0001"), usb("COM8", "0001")]
    assert computer.open(port) == "COM3"


def test_another_product_with_the_same_number_is_not_it(computer: Computer):
    computer.ports = [usb("COM3", "PX1")]
    port = MovingPort("COM3")
    computer.ports = [usb("COM7", "PX1", product=0x6015)]
    assert computer.open(port) == "COM3"
