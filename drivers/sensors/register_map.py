"""Where a value stands in the registers of a Modbus device, and how it is made of them.

A register has 16 bits. A value of 32 bits takes two, the more significant one first (as the Modbus specification
sends the bytes of one register) unless the words are swapped, as many devices have them.
"""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from solbench.drivers.errors import OutOfRange

Type = Literal["int16", "uint16", "int32", "uint32", "float32"]
Function = Literal["holding", "input"]
TYPES: tuple[Type, ...] = get_args(Type)
HIGHEST_REGISTER = 0xFFFF
KELVIN_AT_0_DEGC = 273.15
PASCAL = {"Pa": 1.0, "kPa": 1e3, "MPa": 1e6, "GPa": 1e9, "mbar": 100.0, "bar": 1e5, "psi": 6894.757}
NEWTON = {"N": 1.0, "kN": 1e3, "kgf": 9.80665, "lbf": 4.448222}
HOTTEST_K = 3000.0  # no sensor shows more: type C ends at 2590 K
LEAST_DEGREES = (
    1e-6  # no sensor tells so little from zero; most floats whose words are exchanged are less, or too much
)
LEAST_NORMAL = 2.0**-126  # of 32 bits: 25.0 with its words exchanged is less
_FORMATS: dict[Type, str] = {"int16": ">h", "uint16": ">H", "int32": ">i", "uint32": ">I", "float32": ">f"}
# what sensors answer where they have no value: the ends of the range, which no temperature in tenths of a degree is
_NO_VALUES: dict[Type, frozenset[int]] = {
    "int16": frozenset((-0x8000, 0x7FFF)),
    "uint16": frozenset((0x7FFF, 0x8000, 0xFFFF)),
    "int32": frozenset((-0x80000000, 0x7FFFFFFF)),
    "uint32": frozenset((0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)),
    "float32": frozenset(),
}


@dataclass(frozen=True, slots=True)
class RegisterMap:
    """One value of a device: value = `scale` x number + `offset`, in `unit`.

    `register` is the address as it is sent, from 0; `function` holding (03) or input (04) registers; `unit_id` the
    device's number on the line. `swapped`: the less significant word comes first. `no_values`: numbers that mean
    that there is no value, besides the ends of an integer's range and what is not finite.
    Raises OutOfRange for a register that does not exist.
    """

    register: int
    function: Function = "holding"
    type: Type = "int16"
    swapped: bool = False
    scale: float = 1.0
    offset: float = 0.0
    unit: str = "degC"
    unit_id: int = 1
    no_values: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.register <= HIGHEST_REGISTER + 1 - self.count:
            raise OutOfRange("register", self.register, "", f"0 to {HIGHEST_REGISTER + 1 - self.count}")
        if not 0 <= self.unit_id <= 255:
            raise OutOfRange("unit_id", self.unit_id, "", "0 to 255")

    @property
    def count(self) -> int:
        """Get how many registers the value takes."""
        return struct.calcsize(_FORMATS[self.type]) // 2

    @property
    def resolution(self) -> float:
        """Get the smallest step that the value can make, in its unit; 0 where it is finer than any sensor."""
        return 0.0 if self.type == "float32" else abs(self.scale)

    def number(self, words: Sequence[int]) -> float:
        """Return the number that stands in the registers; raises ValueError for another count of them."""
        if len(words) != self.count or not all(0 <= word <= 0xFFFF for word in words):
            raise ValueError(f"{list(words)} are not {self.count} registers of 16 bits")
        ordered = reversed(words) if self.swapped else words
        raw = b"".join(word.to_bytes(2, "big") for word in ordered)
        found: float = struct.unpack(_FORMATS[self.type], raw)[0]
        return found

    def words(self, value: float) -> list[int]:
        """Return the registers for a value in `unit`, rounded where they hold whole numbers; raises OutOfRange."""
        number = (value - self.offset) / self.scale
        try:
            packed = struct.pack(_FORMATS[self.type], number if self.type == "float32" else round(number))
        except (struct.error, OverflowError, ValueError):
            raise OutOfRange(
                f"register {self.register}", value, self.unit, f"numbers of {self.type}"
            ) from None
        words = [int.from_bytes(packed[at : at + 2], "big") for at in range(0, len(packed), 2)]
        return words[::-1] if self.swapped else words

    def has_value(self, number: float) -> bool:
        """Say whether a number is one that was measured."""
        return math.isfinite(number) and number not in _NO_VALUES[self.type] and number not in self.no_values

    def value(self, number: float) -> float:
        """Return what a number means, in `unit`."""
        return self.scale * number + self.offset

    def can_be(self, number: float) -> bool:
        """Say whether a sensor may show it: what a map that does not fit makes of the words is often no such number."""
        if shown_unit(self.unit) != "K":
            return number == 0.0 or abs(number) >= LEAST_NORMAL
        is_told = number == 0.0 or abs(self.scale * number) >= LEAST_DEGREES
        return is_told and 0.0 < in_kelvin(self.value(number), self.unit) <= HOTTEST_K


def in_kelvin(value: float, unit: str) -> float:
    """Return a temperature (degC, degF or K) in kelvin, and what has another unit as it is."""
    if unit == "degC":
        return value + KELVIN_AT_0_DEGC
    if unit == "degF":
        return (value - 32.0) / 1.8 + KELVIN_AT_0_DEGC
    return value


def in_unit(kelvin: float, unit: str) -> float:
    """Return a temperature (K) in degC, degF or K, and for another unit the value as it is."""
    if unit == "degC":
        return kelvin - KELVIN_AT_0_DEGC
    if unit == "degF":
        return (kelvin - KELVIN_AT_0_DEGC) * 1.8 + 32.0
    return kelvin


def kelvin_a_step(unit: str) -> float:
    """Return how many kelvin one step of a temperature scale is; 1 for what has another unit."""
    return 1.0 / 1.8 if unit == "degF" else 1.0


def shown_unit(unit: str) -> str:
    """Return the unit in which a value is recorded: temperatures are in kelvin."""
    return "K" if unit in ("degC", "degF") else unit
