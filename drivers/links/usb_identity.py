"""Which USB device a serial port is, whatever the port is called now: an adapter comes back under another name."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class UsbIdentity:
    """What a USB device says of itself: manufacturer and product number, and the serial number of this one."""

    vendor: int
    product: int
    serial_number: str


def usb_identity(port: str) -> UsbIdentity | None:
    """Return which device is at a serial port now; None where it is not on USB or cannot be told from others."""
    identities = _identities()
    identity = identities.get(port)
    return identity if identity is not None and list(identities.values()).count(identity) == 1 else None


def port_of(identity: UsbIdentity) -> str | None:
    """Return the port at which a device is now, None where it is at none, or where several say that they are it."""
    ports = [port for port, found in _identities().items() if found == identity]
    return ports[0] if len(ports) == 1 else None


def devices_at(ports: Iterable[str]) -> dict[str, UsbIdentity]:
    """Return which devices are at these ports now, without those that are none or cannot be told from others."""
    try:
        found = {port: usb_identity(port) for port in ports if "://" not in port}
    except OSError:  # a system that does not list its ports
        return {}
    return {port: identity for port, identity in found.items() if identity is not None}


def _identities() -> dict[str, UsbIdentity | None]:
    from serial.tools import list_ports

    return {
        port.device: UsbIdentity(port.vid, port.pid, port.serial_number)
        if port.vid is not None and port.pid is not None and port.serial_number
        else None
        for port in list_ports.comports()
    }
