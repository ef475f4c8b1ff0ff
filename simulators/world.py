"""The file that keeps a simulated bench alive when its program dies, as a bench on metal stays alive.

Two slots in a memory-mapped file are written in turn, each with a sequence number and a CRC32. A process that
is killed in the middle of a save leaves the other slot whole. The file is not forced to disk: it outlives
programs, not the computer.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import NotRequired, TypedDict
from zlib import crc32

from solbench.simulators.electronics.settings import IDEAL
from solbench.simulators.instruments.solartron1260 import Snapshot1260
from solbench.simulators.instruments.solartron1287 import Snapshot1287
from solbench.simulators.makes.ec301 import SnapshotEc301
from solbench.simulators.makes.keithley2400 import Snapshot2400

_MAGIC = b"SOLWORLD"
_VERSION = 2
_FILE_HEAD = struct.Struct("<8sII")  # magic, version, bytes a slot
_SLOT_HEAD = struct.Struct("<QIII")  # sequence number, bytes of settings, number of quantities, CRC32
_COUNTED = struct.Struct("<QII")
_FIRST_SLOT = 64
_SLOT_BYTES = 64 * 1024
# Made once: it is used at every command of a setting.
_encoded = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_QUANTITIES = ("time_s", "lag_s", "noise_counter", "polarized", "held_current_A", "charged_C", "discharged_C")


class Identity(TypedDict):
    """Which cell (digest of its description), which seed, which unit, and the name of the bench and its time."""

    cell: str
    seed: int
    unit: NotRequired[str]
    world: NotRequired[str]


# functional, for these names are no identifiers
StoredSettings = TypedDict(
    "StoredSettings",
    {
        "identity": Identity,
        "1260": Snapshot1260,
        "1287": NotRequired[Snapshot1287],
        "EC301": NotRequired[SnapshotEc301],
        "2400": NotRequired[Snapshot2400],
    },
)


class WorldError(ValueError):
    """A world file cannot be used; the text names the file and the cure."""


@dataclass(frozen=True, slots=True)
class WorldTruth:
    """What a stored world knows: experiment time in s, charges in C (positive: charged), current in A.

    `cell_state` is `lag_s` older than `time_s`, and the held current has flowed since; the charges count it.
    """

    time_s: float
    lag_s: float
    noise_counter: int
    polarized: bool
    held_current_A: float
    charged_C: float
    discharged_C: float
    cell_state: tuple[float, ...]
    settings: StoredSettings

    @property
    def charge_C(self) -> float:
        """Get the net charge that went into the cell, C."""
        return self.charged_C - self.discharged_C

    @property
    def unit(self) -> str:
        """Get which specimen the instruments are; a world from before there were units holds the ideal one."""
        return self.settings["identity"].get("unit", IDEAL)

    @classmethod
    def from_quantities(cls, quantities: tuple[float, ...], settings: StoredSettings) -> WorldTruth:
        """Take the quantities of a slot apart."""
        known = dict(zip(_QUANTITIES, quantities, strict=False))
        since_C = known["held_current_A"] * known["lag_s"]
        return cls(
            time_s=known["time_s"],
            lag_s=known["lag_s"],
            noise_counter=int(known["noise_counter"]),
            polarized=bool(known["polarized"]),
            held_current_A=known["held_current_A"],
            charged_C=known["charged_C"] + max(since_C, 0.0),
            discharged_C=known["discharged_C"] + max(-since_C, 0.0),
            cell_state=quantities[len(_QUANTITIES) :],
            settings=settings,
        )


class WorldFile:
    """An open world; a save costs microseconds. `stored` is what it held when it was opened, or None."""

    def __init__(self, path: Path) -> None:
        self.path = path
        size = _FIRST_SLOT + 2 * _SLOT_BYTES
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
        try:
            found = os.fstat(descriptor).st_size
            if found not in (0, size):
                raise WorldError(f"{path} is not the world of a simulated bench; name another file")
            if not found:
                os.ftruncate(descriptor, size)
            self._map = mmap.mmap(descriptor, size)
        finally:
            os.close(descriptor)
        self._sequence, self.stored = _newest(self._map, path)
        self._map[: _FILE_HEAD.size] = _FILE_HEAD.pack(_MAGIC, _VERSION, _SLOT_BYTES)
        self._settings = b""
        self._settings_crc = 0
        self._stale = [True, True]
        self._places = [(slice(0), slice(0))] * 2  # of the head and the quantities of each slot
        self._quantities = struct.Struct("<0d")

    def set_settings(self, settings: StoredSettings) -> None:
        """Take over what changes seldom; it is stored with the next `save`."""
        self._settings = _encoded(settings).encode()
        self._settings_crc = crc32(self._settings)
        self._stale = [True, True]

    def save(self, quantities: tuple[float, ...]) -> None:
        """Store what changes all the time: the truth's quantities and the cell's state, as floats."""
        if len(quantities) != self._quantities.size // 8:
            self._quantities = struct.Struct(f"<{len(quantities)}d")
            self._stale = [True, True]
        self._sequence = sequence = self._sequence + 1
        slot = sequence & 1
        if self._stale[slot]:
            self._renew(slot)
        length, count = len(self._settings), len(quantities)
        data = self._quantities.pack(*quantities)
        crc = crc32(data, crc32(_COUNTED.pack(sequence, length, count), self._settings_crc))
        head, values = self._places[slot]
        self._map[values] = data
        self._map[head] = _SLOT_HEAD.pack(sequence, length, count, crc)

    def _renew(self, slot: int) -> None:
        """Write the settings into a slot, and find where the rest of it lies."""
        start = _FIRST_SLOT + slot * _SLOT_BYTES
        body = start + _SLOT_HEAD.size
        values = body + len(self._settings)
        end = values + self._quantities.size
        if end > start + _SLOT_BYTES:
            raise WorldError(f"{self.path}: this cell's state does not fit into a world file")
        self._map[body:values] = self._settings
        self._places[slot] = slice(start, body), slice(values, end)
        self._stale[slot] = False

    def close(self) -> None:
        """Close the file."""
        self._map.close()


def read_world(path: Path) -> WorldTruth:
    """Read the truth of a stored world without opening the bench; raises WorldError."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise WorldError(f"{path} cannot be read: {error.strerror}") from error
    _, stored = _newest(data, path)
    if stored is None:
        raise WorldError(f"{path} holds no simulated bench yet")
    return stored


def _newest(data: bytes | mmap.mmap, path: Path) -> tuple[int, WorldTruth | None]:
    """Get sequence number and content of the newest whole slot; (0, None) of a file that is all zeros."""
    if len(data) < _FIRST_SLOT + 2 * _SLOT_BYTES:
        raise WorldError(f"{path} is not the world of a simulated bench; name another file")
    magic, version, _ = _FILE_HEAD.unpack_from(data)
    if magic == b"\0" * 8:
        return 0, None
    if magic != _MAGIC or version != _VERSION:
        raise WorldError(f"{path} is not the world of a simulated bench of this version; name another file")
    whole = [slot for slot in (_slot(data, n) for n in (0, 1)) if slot is not None]
    if not whole:
        return 0, None
    sequence, settings, quantities = max(whole)
    return sequence, WorldTruth.from_quantities(quantities, json.loads(settings))


def _slot(data: bytes | mmap.mmap, number: int) -> tuple[int, bytes, tuple[float, ...]] | None:
    start = _FIRST_SLOT + number * _SLOT_BYTES
    sequence, length, count, crc = _SLOT_HEAD.unpack_from(data, start)
    body = start + _SLOT_HEAD.size
    if not sequence or length + 8 * count > _SLOT_BYTES - _SLOT_HEAD.size:
        return None
    settings = data[body : body + length]
    packed = data[body + length : body + length + 8 * count]
    if crc32(packed, crc32(_COUNTED.pack(sequence, length, count), crc32(settings))) != crc:
        return None
    return sequence, settings, struct.unpack(f"<{count}d", packed)
