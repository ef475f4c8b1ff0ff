"""The instruments without metal: the 1260 and the 1287, their bus, and the cell between their terminals."""

from typing import TYPE_CHECKING

from solbench.doors import lazily

if TYPE_CHECKING:
    from solbench.simulators.bench import SimulatedBench, Truth
    from solbench.simulators.cell.build import build_cell
    from solbench.simulators.server.server import BenchServer, served_bench
    from solbench.simulators.world import WorldError, WorldFile, read_world
else:
    __getattr__ = lazily(__name__)

__all__ = [
    "BenchServer",
    "SimulatedBench",
    "Truth",
    "WorldError",
    "WorldFile",
    "build_cell",
    "read_world",
    "served_bench",
]
