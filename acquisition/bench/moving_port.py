"""A port that is opened again wherever its USB device is then: an adapter comes back under another name."""

from solbench.drivers.links.ports import Pause, Port, SerialSettings, open_port
from solbench.drivers.links.usb_identity import port_of, usb_identity


class MovingPort:
    """Opens the port `address`; `address` is where it is now.

    It follows a USB device with a serial number of its own, and nothing else: of two adapters that cannot be told
    apart, neither is taken for the other.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._device = usb_identity(address)

    def open(self, _address: str, settings: SerialSettings, within_s: float, pause: Pause) -> Port:
        """Open it as `open_port` does; raises CannotOpen."""
        if self._device is not None:
            self.address = port_of(self._device) or self.address
        return open_port(self.address, settings, within_s, pause)
