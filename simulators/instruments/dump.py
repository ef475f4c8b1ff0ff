"""The minor address of an instrument: binary dumps, to be read only (1260 manual p. 146, 1287 manual p. 88)."""

import struct
from collections.abc import Iterable
from typing import Protocol

BYTE_ORDERS = {"big": ">", "little": "<"}


class Major(Protocol):
    """What the minor address shares with the instrument whose it is."""

    name: str
    output_bytes_per_s: float
    deaf_until_s: float
    output_ends: bool

    @property
    def next_event_s(self) -> float:
        """Get when it has something to do next, experiment time in s."""
        ...


class DumpPort:
    """The talker at the odd address after the instrument's own; it keeps the newest dump only."""

    def __init__(self, major: Major) -> None:
        self._major = major
        self.name = major.name
        self.output_bytes_per_s = major.output_bytes_per_s
        self.output = b""
        self.output_ends = True

    @property
    def next_event_s(self) -> float:
        """Get when the instrument has something to do next, experiment time in s."""
        return self._major.next_event_s

    @property
    def deaf_until_s(self) -> float:
        """Get until when the instrument starts up, experiment time in s."""
        return self._major.deaf_until_s

    def put(self, data: bytes, ends: bool) -> None:
        """Put a dump out; `ends` says whether EOI comes with its last byte."""
        self.output, self.output_ends = data, ends

    def take(self, count: int) -> bytes:
        """Give the next `count` bytes away."""
        chunk, self.output = self.output[:count], self.output[count:]
        return chunk


def floats(values: Iterable[float], byte_order: str) -> bytes:
    """Pack IEEE-754 single floats; what does not fit becomes infinite, as in the instrument's own arithmetic."""
    prefix = BYTE_ORDERS[byte_order]
    return b"".join(_single(prefix, value) for value in values)


def _single(prefix: str, value: float) -> bytes:
    try:
        return struct.pack(f"{prefix}f", value)
    except OverflowError:
        return struct.pack(f"{prefix}f", float("inf") if value > 0.0 else float("-inf"))


def bcd(number: int) -> int:
    """Get two decimal digits as one byte, a nibble each."""
    return number // 10 % 10 * 16 + number % 10
