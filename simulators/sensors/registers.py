"""The registers of simulated Modbus devices: numbers in 16 bits, as a client reads them."""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from solbench.simulators.sensors.sensor import Sensor

_CODES = {"int16": "h", "uint16": "H", "int32": "i", "uint32": "I", "float32": "f"}
_ZERO_DEGC_K = 273.15


@dataclass(frozen=True)
class Place:
    """Where a device keeps a value: value = scale x number + offset in `unit` (degC, degF or K)."""

    unit_id: int
    function: Literal["holding", "input"]
    register: int
    type: str
    swapped: bool = False
    scale: float = 1.0
    offset: float = 0.0
    unit: str = "degC"

    def words(self, shown_K: float | None) -> list[int]:
        """Return the registers for a temperature (K); for None those that say that there is none.

        A temperature beyond the largest or least number is shown as that one.
        """
        number = math.nan if shown_K is None else (_on_scale(shown_K, self.unit) - self.offset) / self.scale
        packed = struct.pack(
            ">" + _CODES[self.type], number if self.type == "float32" else self._whole(number)
        )
        words = [int.from_bytes(packed[at : at + 2], "big") for at in range(0, len(packed), 2)]
        return words[::-1] if self.swapped else words

    @property
    def count(self) -> int:
        """Get how many registers it takes."""
        return struct.calcsize(_CODES[self.type]) // 2

    def value(self, words: Sequence[int]) -> float:
        """Return what stands in the registers, in `unit`."""
        packed = b"".join(word.to_bytes(2, "big") for word in (words[::-1] if self.swapped else words))
        number: float = struct.unpack(">" + _CODES[self.type], packed)[0]
        return self.scale * number + self.offset

    def kelvin(self, words: Sequence[int]) -> float:
        """Return the temperature (K) that stands in the registers."""
        value = self.value(words)
        if self.unit == "degC":
            return value + _ZERO_DEGC_K
        return (value - 32.0) / 1.8 + _ZERO_DEGC_K if self.unit == "degF" else value

    def _whole(self, number: float) -> int:
        bits = 16 if self.type.endswith("16") else 32
        is_signed = not self.type.startswith("u")
        least, most = (-(1 << bits - 1), (1 << bits - 1) - 1) if is_signed else (0, (1 << bits) - 1)
        return most if math.isnan(number) else min(max(round(number), least), most)


class NoSuchRegister(LookupError):
    """No device of the line has this register."""


class Settable(Protocol):
    """A device whose registers are set."""

    def words(self, unit_id: int, function: str, wanted: range) -> dict[int, int]:
        """Return what it has of the registers that are wanted; raises TimeoutError."""
        ...

    def write(self, unit_id: int, register: int, words: Sequence[int]) -> bool:
        """Set registers; returns whether they are its own. Raises NoSuchRegister, TimeoutError."""
        ...


class RegisterBank:
    """The devices of one line, by what their sensors show at the moment when they are asked."""

    def __init__(self) -> None:
        self._sensors: list[tuple[Place, Sensor]] = []
        self._settable: list[Settable] = []

    def add(self, place: Place, sensor: Sensor) -> None:
        """Have a sensor's value at a place."""
        self._sensors.append((place, sensor))

    def add_settable(self, device: Settable) -> None:
        """Have a device that is set; its sensor stands at a place of the same unit id."""
        self._settable.append(device)

    @property
    def unit_ids(self) -> set[int]:
        """Get the numbers of the devices."""
        return {place.unit_id for place, _ in self._sensors}

    def read(self, unit_id: int, function: str, register: int, count: int) -> Sequence[int]:
        """Return registers; raises NoSuchRegister, and TimeoutError where the device is unplugged."""
        wanted = range(register, register + count)
        found: dict[int, int] = {}
        for device in self._settable:
            found |= device.words(unit_id, function, wanted)
        for place, sensor in self._sensors:
            if (place.unit_id, place.function) == (unit_id, function) and place.register in wanted:
                found |= dict(enumerate(place.words(sensor.shown_K()), place.register))
        if not set(wanted) <= set(found):
            raise NoSuchRegister(f"unit {unit_id} has no {function} registers {register} to {wanted[-1]}")
        return [found[number] for number in wanted]

    def write(self, unit_id: int, register: int, words: Sequence[int]) -> None:
        """Set holding registers; raises NoSuchRegister, and TimeoutError where the device is unplugged."""
        if not any(device.write(unit_id, register, words) for device in self._settable):
            raise NoSuchRegister(f"unit {unit_id} has no register {register} that is set")


def _on_scale(kelvin: float, unit: str) -> float:
    if unit == "degC":
        return kelvin - _ZERO_DEGC_K
    return (kelvin - _ZERO_DEGC_K) * 1.8 + 32.0 if unit == "degF" else kelvin
