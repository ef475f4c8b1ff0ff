"""The thermocouple logger through its maker's package, whose C library is replaced at the border of ctypes."""

from __future__ import annotations

import builtins
import math
import sys
from ctypes import CFUNCTYPE, POINTER, c_char, c_float, c_int8, c_int16, c_int32, c_void_p, cast

import pytest

from solbench.drivers.clock import SystemClock
from solbench.drivers.errors import CannotOpen, NoReply
from solbench.drivers.sensors.no_value import NoValue
from solbench.drivers.sensors.tc08 import Tc08, Tc08Gauge

library = pytest.importorskip("picosdk.library")


class CLibrary:
    """What usbtc08 does, as C functions: units by serial number, each with nine temperatures."""

    def __init__(self) -> None:
        self.units = {"A0012/345": [23.0, 25.5] + [math.nan] * 7, "A0099/001": [24.0, -10.0] + [math.nan] * 7}
        self.open: dict[int, str] = {}
        self.channels: dict[tuple[str, int], str] = {}
        self.sixty: dict[str, int] = {}
        self.overflow = 0
        self.usb_tc08_open_unit = CFUNCTYPE(c_int16)(self._open)
        self.usb_tc08_close_unit = CFUNCTYPE(c_int16, c_int16)(self._close)
        self.usb_tc08_set_mains = CFUNCTYPE(c_int16, c_int16, c_int16)(self._set_mains)
        self.usb_tc08_set_channel = CFUNCTYPE(c_int16, c_int16, c_int16, c_int8)(self._set_channel)
        self.usb_tc08_get_single = CFUNCTYPE(c_int16, c_int16, c_void_p, c_void_p, c_int16)(self._single)
        self.usb_tc08_get_unit_info2 = CFUNCTYPE(c_int16, c_int16, c_void_p, c_int16, c_int16)(self._info)

    def __getattr__(self, name: str):
        if name.startswith("usb_tc08_"):  # what the package binds, and nobody calls
            return CFUNCTYPE(c_int32)(lambda: 0)
        raise AttributeError(name)

    def _open(self) -> int:
        free = [serial for serial in self.units if serial not in self.open.values()]
        if not free:
            return 0
        handle = max(self.open, default=0) + 1
        self.open[handle] = free[-1]
        return handle

    def _close(self, handle: int) -> int:
        return int(self.open.pop(handle, None) is not None)

    def _set_mains(self, handle: int, sixty: int) -> int:
        self.sixty[self.open[handle]] = sixty
        return 1

    def _set_channel(self, handle: int, channel: int, kind: int) -> int:
        self.channels[self.open[handle], channel] = chr(kind)
        return int(0 <= channel <= 8 and chr(kind) in "BEJKNRSTX ")

    def _single(self, handle: int, shown: int, overflow: int, unit: int) -> int:
        serial = self.open.get(handle)
        if serial not in self.units or unit != 0:
            return 0
        for channel, value in enumerate(self.units[serial]):
            cast(shown, POINTER(c_float))[channel] = value
        cast(overflow, POINTER(c_int16))[0] = self.overflow
        return 1

    def _info(self, handle: int, text: int, length: int, line: int) -> int:
        assert line == 4
        for place, letter in enumerate(self.open[handle].encode()[: length - 1] + b"\0"):
            cast(text, POINTER(c_char))[place] = letter
        return 1


@pytest.fixture
def c(monkeypatch):
    found = CLibrary()
    monkeypatch.setattr(library.Library, "_load", lambda self: found)
    monkeypatch.delitem(sys.modules, "picosdk.usbtc08", raising=False)
    yield found
    sys.modules.pop("picosdk.usbtc08", None)


def test_the_unit_with_the_serial_number_is_read_and_the_other_is_let_go(c):
    logger = Tc08("A0012/345", {1: "K"}, mains_Hz=60.0)
    reading = Tc08Gauge("cell", logger, 1, SystemClock()).read()
    assert reading.value == pytest.approx(298.65)
    assert list(c.open.values()) == ["A0012/345"]
    assert c.channels == {("A0012/345", 1): "K"}
    assert c.sixty == {"A0012/345": 1}
    logger.close()
    assert c.open == {}


def test_an_open_thermocouple_and_a_range_that_is_left_are_no_values(c):
    logger = Tc08("A0012/345", {1: "K", 2: "T"})
    with pytest.raises(NoValue):
        Tc08Gauge("room", logger, 2, SystemClock()).read()
    cell = Tc08Gauge("cell", logger, 1, SystemClock())
    cell.read()
    c.overflow = 0b10
    with pytest.raises(NoValue):
        cell.read()


def test_one_that_is_unplugged_is_told_and_found_again(c):
    cell = Tc08Gauge("cell", Tc08("A0012/345", {1: "K"}), 1, SystemClock())
    cell.read()
    away = c.units.pop("A0012/345")
    with pytest.raises(NoReply):
        cell.read()
    with pytest.raises(CannotOpen, match="1 with other serial numbers"):
        cell.read()
    c.units["A0012/345"] = away
    assert cell.read().raw == "25.5000"


def test_a_kind_of_thermocouple_that_it_refuses_is_named(c):
    with pytest.raises(CannotOpen, match="channel 1 as type Q"):
        Tc08("", {1: "Q"}).read(1)
    assert c.open == {}


def test_without_its_makers_parts_it_says_what_to_install(monkeypatch):
    monkeypatch.delitem(sys.modules, "picosdk.usbtc08", raising=False)

    def missing(self):
        raise OSError("usbtc08 not found")

    with monkeypatch.context() as patched:
        patched.setattr(library.Library, "_load", missing)
        with pytest.raises(CannotOpen, match="Install PicoLog"):
            Tc08("", {1: "K"}).read(1)
    real = builtins.__import__

    def none_of_it(name, *rest):
        if name.startswith("picosdk"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", none_of_it)
    with pytest.raises(CannotOpen, match=r"solbench\[tc08\]"):
        Tc08("", {1: "K"}).read(1)
