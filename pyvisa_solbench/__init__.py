"""A pyvisa backend: any pyvisa program opens the simulated bench, a 1260 and a 1287 on a half cell.

    pyvisa.ResourceManager("@solbench")            the default bench: a half cell of nbh, in real time
    pyvisa.ResourceManager("bench.yaml@solbench")  the bench that a file describes, see bench_file.py

The bench lives as long as the program: a second ResourceManager on the same file, in any thread, meets the same
instruments, switched as they are.
"""

from __future__ import annotations

import atexit
import threading
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from pyvisa.util import LibraryPath

from pyvisa_solbench.bench_file import BenchFile, BenchFileError, read_bench_file
from solbench.simulators.bus.visa_library import SimulatedVisaLibrary

if TYPE_CHECKING:
    from solbench.simulators.host_bus import HostBus

__all__ = ["WRAPPER_CLASS", "BenchFileError", "SolbenchVisaLibrary"]

_DEFAULT = LibraryPath("default bench", "default")


class SolbenchVisaLibrary(SimulatedVisaLibrary):
    """The library behind `@solbench`. Time-outs are host time, as on metal."""

    @staticmethod
    def get_library_paths() -> tuple[LibraryPath, ...]:
        """Get what an empty path before the @ stands for: the default bench."""
        return (_DEFAULT,)

    @staticmethod
    def get_debug_info() -> dict[str, str | list[str]]:
        """Get what `pyvisa-info` shows of this backend; opens no bench."""
        return {"Version": _version(), "Simulated instruments": ["Solartron 1260", "Solartron 1287"]}

    def _init(self) -> None:
        """Connect to the bench, which is made at its first use; raises BenchFileError."""
        path = None if self.library_path == _DEFAULT else Path(str(self.library_path)).resolve()
        self.attach(*_bench(path))


_benches: dict[Path | None, tuple[HostBus, tuple[str, ...]]] = {}
_making = threading.Lock()


def _bench(path: Path | None) -> tuple[HostBus, tuple[str, ...]]:
    """Get the bus and the resource names of a bench; one bench for each file in a program."""
    with _making:
        if path not in _benches:
            _benches[path] = _make(BenchFile() if path is None else read_bench_file(path), path)
        return _benches[path]


def _make(file: BenchFile, path: Path | None) -> tuple[HostBus, tuple[str, ...]]:
    from solbench.simulators.bench import SimulatedBench
    from solbench.simulators.default_cell import DESCRIPTION
    from solbench.simulators.host_bus import HostBus
    from solbench.simulators.served_clock import ServedClock

    clocks: list[ServedClock] = []

    def clock(start_s: float) -> ServedClock:
        clocks.append(ServedClock(file.speed, start_s))
        return clocks[0]

    try:
        bench = SimulatedBench(
            DESCRIPTION if file.cell is None else file.cell,
            settings=file.settings,
            seed=file.seed,
            world=file.world,
            clock=clock,
        )
    except ValueError as error:
        raise BenchFileError(f"{path}: {error}") from error
    bus = HostBus(bench, clocks[0])
    atexit.register(bus.close)
    return bus, tuple(bench.addresses.values())


def _version() -> str:
    try:
        return version("solbench")
    except PackageNotFoundError:
        return "unknown"


WRAPPER_CLASS = SolbenchVisaLibrary
