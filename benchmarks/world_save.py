"""What it costs to keep a simulated bench in its world file. Run: python -m benchmarks.world_save."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pyvisa
from pyvisa.resources import MessageBasedResource

from solbench.protocols.cells import load_cell
from solbench.simulators.bench import SimulatedBench
from solbench.simulators.world import StoredSettings, WorldFile

ROUNDS, CALLS = 15, 2000


def best_us(call: Callable[[], object]) -> float:
    """Get the best microseconds a call, of some rounds."""
    best_s = float("inf")
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        for _ in range(CALLS):
            call()
        best_s = min(best_s, (time.perf_counter() - begin) / CALLS)
    return best_s * 1e6


def reading_us(world: Path | None) -> float:
    """Get the microseconds of RU1 and its line through pyvisa, under 126 uA."""
    bench = SimulatedBench(load_cell("nbh").build("half").simulated_cell(), seed=1, world=world)
    pstat = pyvisa.ResourceManager(bench.visa_library).open_resource(bench.addresses["1287"])
    assert isinstance(pstat, MessageBasedResource)
    for message in ["PW0", "BY1", "RG3", "TR0", "GP2", "PO1", "RR5", "PC1.26E-04", "PW1"]:
        pstat.write(message)

    def read() -> None:
        pstat.write("RU1")
        pstat.read()

    try:
        return best_us(read)
    finally:
        bench.close()


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        world = WorldFile(Path(folder) / "save.world")
        world.set_settings(cast(StoredSettings, {"settings": "x" * 4000}))  # as long as real ones
        for count in (10, 25, 50):
            quantities = tuple(float(n) for n in range(count))
            print(f"save of {count:2} quantities      {best_us(lambda q=quantities: world.save(q)):6.2f} us")
        world.close()
        print(f"reading without a world    {reading_us(None):6.2f} us")
        print(f"reading with a world       {reading_us(Path(folder) / 'bench.world'):6.2f} us")


if __name__ == "__main__":
    main()
