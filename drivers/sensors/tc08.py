"""Pico's thermocouple logger USB TC-08 as gauges, through its maker's library.

`picosdk` (ISC) is its Python part, which needs the maker's C library (usbtc08) on this computer. Both are loaded where
a bench has such a logger, and nowhere else. The functions are those of the maker's programmer's guide: a unit is opened
by a call that returns a handle, 0 where there is no unit (left), and less for a failure; a single conversion fills nine
floats, that of the cold junction first, and a bit a channel where the input was out of range; an open thermocouple is
no number.
"""

import ctypes
import math
from collections.abc import Mapping
from typing import Any, Literal, Protocol

from solbench.drivers.clock import Clock
from solbench.drivers.errors import CannotOpen, NoReply
from solbench.drivers.roles import GaugeReading
from solbench.drivers.sensors.no_value import NoValue
from solbench.drivers.sensors.register_map import in_kelvin

Thermocouple = Literal["B", "E", "J", "K", "N", "R", "S", "T"]
CHANNELS = 8
RESOLUTION_K = 0.025  # of type K between -250 and 1370 degC
_CELSIUS = 0  # of USBTC08_UNITS
_SERIAL_LINE = 4  # of what a unit tells of itself
_SERIAL_BYTES = 64
_MOST_UNITS = 20
_CONVERSION_S = 1.0  # nine channels of 100 ms


class Thermocouples(Protocol):
    """Several thermocouples at one device."""

    def read(self, channel: int) -> float:
        """Return the temperature (degC) at a channel, no number where its circuit is open; raises DriverError."""
        ...


class Tc08:
    """One logger, opened when it is first read and again after whatever went wrong.

    `serial` chooses among several, "" takes the first; `channels`: the kind of thermocouple by channel, from 1;
    `mains_Hz`: 50 or 60, what it rejects. It must be read by one thread.
    """

    def __init__(self, serial: str, channels: Mapping[int, Thermocouple], mains_Hz: float = 50.0) -> None:
        self.serial = serial
        self._channels = dict(channels)
        self._mains_Hz = mains_Hz
        self._handle: int | None = None

    @property
    def name(self) -> str:
        """Get what errors call it."""
        return f"TC-08 {self.serial}".strip()

    def read(self, channel: int) -> float:
        """Return the temperature (degC) at a channel; raises NoReply, CannotOpen."""
        library = load()
        handle = self._opened(library)
        shown, overflow = (ctypes.c_float * (CHANNELS + 1))(), ctypes.c_int16(0)
        done = library.usb_tc08_get_single(handle, ctypes.byref(shown), ctypes.byref(overflow), _CELSIUS)
        if done != 1:
            self.close()
            raise NoReply(self.name, "usb_tc08_get_single", _CONVERSION_S, "Check its USB cable")
        return math.nan if overflow.value & 1 << channel else float(shown[channel])

    def close(self) -> None:
        """Let go of it."""
        handle, self._handle = self._handle, None
        if handle is not None:
            load().usb_tc08_close_unit(handle)

    def _opened(self, library: Any) -> int:
        if self._handle is None:
            handle = self._found(library)
            self._handle = handle
            library.usb_tc08_set_mains(handle, int(self._mains_Hz == 60.0))
            for channel, kind in self._channels.items():
                if library.usb_tc08_set_channel(handle, channel, ord(kind)) != 1:
                    self.close()
                    raise CannotOpen(self.name, f"it refuses channel {channel} as type {kind}", "Check both")
        return self._handle

    def _found(self, library: Any) -> int:
        """Open the units until it is the one, and close the others."""
        others: list[int] = []
        try:
            while len(others) < _MOST_UNITS and (handle := library.usb_tc08_open_unit()) > 0:
                if not self.serial or _serial_of(library, handle) == self.serial:
                    return int(handle)
                others.append(handle)
        finally:
            for other in others:
                library.usb_tc08_close_unit(other)
        seen = f"; {len(others)} with other serial numbers are there" if others else ""
        raise CannotOpen(self.name, f"there is no such unit{seen}", "Plug it in, and close PicoLog")


class Tc08Gauge:
    """One thermocouple as a gauge, in kelvin; `every_s` is how often it is worth reading (s of `clock`)."""

    unit = "K"

    def __init__(
        self, name: str, logger: Thermocouples, channel: int, clock: Clock, every_s: float = 10.0
    ) -> None:
        self.name = name
        self.every_s = every_s
        self._logger = logger
        self._channel = channel
        self._clock = clock

    def read(self) -> GaugeReading:
        """Read it once; raises NoReply, CannotOpen, and NoValue where its circuit is open."""
        before_s = self._clock.now()
        try:
            shown_degC = self._logger.read(self._channel)
        except TimeoutError as error:
            raise NoReply(self.name, f"channel {self._channel}", _CONVERSION_S) from error
        if not math.isfinite(shown_degC):
            raise NoValue(self.name, "no number")
        time_s = 0.5 * (before_s + self._clock.now())
        return GaugeReading(time_s, in_kelvin(shown_degC, "degC"), f"{shown_degC:.4f}")


def load() -> Any:
    """Load the maker's library; raises CannotOpen in words where a part of it is not installed."""
    try:
        from picosdk.usbtc08 import usbtc08  # pyright: ignore[reportMissingImports] - the extra 'tc08'
    except ImportError as error:
        raise CannotOpen(
            "the TC-08",
            "its maker's Python package picosdk is not installed",
            "Install it with: pip install 'solbench[tc08]'",
        ) from error
    except OSError as error:  # picosdk looks for the C library as soon as it is imported
        raise CannotOpen(
            "the TC-08",
            f"its maker's library usbtc08 is not installed ({error})",
            "Install PicoLog, or the PicoSDK of the same bits as this Python, and log in again",
        ) from error
    return usbtc08


def _serial_of(library: Any, handle: int) -> str:
    text = ctypes.create_string_buffer(_SERIAL_BYTES)
    library.usb_tc08_get_unit_info2(handle, ctypes.byref(text), _SERIAL_BYTES, _SERIAL_LINE)
    return text.value.decode("ascii", "replace")
