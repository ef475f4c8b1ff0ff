"""Which USB devices are at the ports of a bench, and the bench file with the names that these have now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from solbench.acquisition.bench.bench_file import BenchFile
from solbench.drivers.links.usb_identity import UsbIdentity, devices_at, port_of, usb_identity
from solbench.protocols.errors import BadInput


def devices_of(bench: BenchFile) -> dict[str, UsbIdentity]:
    """Return which devices are at the ports that a bench file names, of those that can be told from others."""
    return devices_at(str(entry[key]) for entry, key in _ports(bench.kind, _plain(bench)))


def followed(bench: BenchFile, devices: Mapping[str, UsbIdentity]) -> BenchFile:
    """Return the bench with the ports at which its `devices` (by the ports that it names) are now.

    Raises BadInput where the device of a port is nowhere, and another one is there.
    """
    plain = _plain(bench)
    for entry, key in _ports(bench.kind, plain):
        port = str(entry[key])
        device = devices.get(port)
        if device is None:
            continue
        now = port_of(device)
        if now is not None:
            entry[key] = now
        elif usb_identity(port) is not None:
            raise BadInput(
                f"the adapter of the run, with the serial number {device.serial_number}, is not connected, and at "
                f"{port} is another one",
                "Connect that of the run, or name the bench file for the other one",
                file=bench.source,
                field="--bench",
            )
    return bench if plain == _plain(bench) else BenchFile.model_validate(plain).with_record(bench.record)


def _plain(bench: BenchFile) -> dict[str, Any]:
    return bench.model_dump(mode="json", exclude_unset=True)


def _ports(kind: str, plain: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield where in a plain bench file the names of serial ports stand."""
    if kind == "prologix":
        entries, key = [plain], "adapter"
    elif kind == "serial":
        named = ("analyzer_1260", "potentiostat_1287")
        entries, key = (
            [*(plain.get(name, {}) for name in named), *plain.get("instruments", {}).values()],
            "address",
        )
    else:
        return
    yield from ((entry, key) for entry in entries if entry.get(key))
