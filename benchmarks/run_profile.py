"""Where the time of a half-cell run goes, in microseconds a reading, and what it costs as a whole.

Run: python -m benchmarks.run_profile [cell]. First the command itself as a process of its own: wall time and peak
memory. Then the same run in this process with timers at the seams; each counts what is spent inside it and not in
one further in. Times of the profile are processor times, so that other programs on the computer do not count.
"""

from __future__ import annotations

import inspect
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from solbench.acquisition.bench.bench_file import SIMULATED, dump_bench
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.record.final_file import build_final
from solbench.acquisition.record.journal import Journal
from solbench.acquisition.record.storage_thread import Storage
from solbench.acquisition.run.start import Request, start
from solbench.drivers.solartron.pair import Pair
from solbench.protocols import load_cell, load_protocol
from solbench.simulators.bus.visa_library import SimulatedVisaLibrary

READINGS = ("measure", "dc_reading_between_points")
BUS = ("write", "read", "read_stb", "clear")


class Timers:
    """Exclusive times by name; what a timer inside another one takes is taken off the outer one."""

    def __init__(self) -> None:
        self.spent_s: dict[str, float] = defaultdict(float)
        self.calls: dict[str, int] = defaultdict(int)
        self._inner_s = [0.0]

    def wrap(self, owner: type, method: str, name: str) -> None:
        """Put a timer around a method of a class."""
        inner = getattr(owner, method)

        def timed(*args: Any, **kwargs: Any) -> Any:
            self._inner_s.append(0.0)
            begun = time.thread_time()
            try:
                return inner(*args, **kwargs)
            finally:
                whole_s = time.thread_time() - begun
                self.spent_s[name] += whole_s - self._inner_s.pop()
                self._inner_s[-1] += whole_s
                self.calls[method] += 1

        setattr(owner, method, timed)


def in_a_process(cell: str, run: Path) -> None:
    """Print wall time and peak memory of `solbench run half-cell`."""
    program = "from solbench.cli.main import main; main()"
    command = [sys.executable, "-c", program, "run", "half-cell", "--cell", cell, "--bench", "simulated"]
    begun = time.perf_counter()
    subprocess.run([*command, "-o", str(run), "--json"], check=True, capture_output=True)
    print(f"solbench run half-cell --cell {cell}: {time.perf_counter() - begun:.1f} s wall, {_peak_memory()}")
    for path in sorted(run.parent.iterdir()):
        print(f"  {path.suffix:<9} {path.stat().st_size / 1e6:6.1f} MB")


def _peak_memory() -> str:
    if sys.platform == "win32":
        return "peak memory not measured on Windows"
    import resource

    unit_bytes = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit_bytes
    return f"{peak / 1e6:.0f} MB peak memory"


def profiled(cell: str, run: Path) -> None:
    """Print the microseconds a reading of one run in this process."""
    timers = Timers()
    for owner in Pair.__mro__[:-1]:
        public = [
            name
            for name, made in vars(owner).items()
            if not name.startswith("_") and inspect.isfunction(made)
        ]
        _wrap_all(timers, owner, public, "drivers and pyvisa")
    _wrap_all(timers, SimulatedVisaLibrary, BUS, "bus: simulated instruments and cell")
    timers.wrap(Journal, "append", "journal")
    storage_s = _storage_time()
    request = Request(load_protocol("half-cell"), load_cell(cell), SIMULATED, dump_bench(SIMULATED), run)
    begun = time.thread_time()
    result = start(request, RunControl())
    whole_s = time.thread_time() - begun
    assert result.completed, result.reason
    final_s = _seconds(lambda: build_final(run))
    spent = dict(timers.spent_s)
    spent["engine, ledger, limits, fold"] = whole_s - sum(spent.values()) - final_s
    spent["final file (HDF5)"] = final_s
    spent["storage thread (fsync, live HDF5), beside"] = storage_s[0]
    readings = sum(timers.calls[name] for name in READINGS)
    print(
        f"\n{readings} readings, {timers.calls['append']} records; {whole_s:.1f} s of processor time with timers on"
    )
    for name, seconds in spent.items():
        print(f"  {name:<42} {seconds / readings * 1e6:7.1f} us a reading")


def _wrap_all(timers: Timers, owner: type, methods: Iterable[str], name: str) -> None:
    for method in methods:
        timers.wrap(owner, method, name)


def _storage_time() -> list[float]:
    """Count the processor time of storage threads into the list that is returned."""
    total_s, work = [0.0], Storage._work

    def counted(self: Storage) -> None:
        assert threading.current_thread().name == "storage"
        try:
            work(self)
        finally:
            total_s[0] += time.thread_time()

    Storage._work = counted  # type: ignore[method-assign]
    return total_s


def _seconds(work: Callable[[], object]) -> float:
    begun = time.thread_time()
    work()
    return time.thread_time() - begun


def main() -> None:
    """Measure one cell."""
    cell = sys.argv[1] if len(sys.argv) > 1 else "nbh"
    for measure in (in_a_process, profiled):
        with tempfile.TemporaryDirectory() as folder:
            measure(cell, Path(folder, "run.h5"))


if __name__ == "__main__":
    main()
