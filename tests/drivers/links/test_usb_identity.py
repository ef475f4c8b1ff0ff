"""USB devices by what they say of themselves, from the list of ports of pyserial."""

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from solbench.drivers.links.usb_identity import UsbIdentity, port_of, usb_identity


@pytest.fixture
def ports(monkeypatch):
    """Have the PC show these ports: name, manufacturer, product, serial number."""

    def show(*shown: tuple[str, int | None, int | None, str | None]) -> None:
        found = []
        for device, vendor, product, serial_number in shown:
            port = ListPortInfo(device)
            port.vid, port.pid, port.serial_number = vendor, product, serial_number
            found.append(port)
        monkeypatch.setattr(list_ports, "comports", lambda: found)

    return show


def test_a_device_is_found_at_another_port(ports):
    ports(("COM3", 0x1D50, 0x6018, "A1"), ("COM4", 0x1D50, 0x6018, "B2"), ("COM1", None, None, None))
    identity = usb_identity("COM3")
    assert identity == UsbIdentity(0x1D50, 0x6018, "A1")
    ports(("COM7", 0x1D50, 0x6018, "A1"), ("COM3", 0x0403, 0x6001, "A1"))
    assert port_of(identity) == "COM7"
    ports(("COM3", 0x0403, 0x6001, "A1"))
    assert port_of(identity) is None


@pytest.mark.parametrize("number", ["A1", None, ""])
def test_what_cannot_be_told_from_another_device_is_not_known(ports, number):
    ports(("COM3", 0x1A86, 0x7523, number), ("COM4", 0x1A86, 0x7523, number))
    assert usb_identity("COM3") is None
    assert port_of(UsbIdentity(0x1A86, 0x7523, "A1")) is None


def test_a_port_that_is_not_on_usb_or_not_there_has_no_identity(ports):
    ports(("COM1", None, None, None))
    assert usb_identity("COM1") is None
    assert usb_identity("COM9") is None
