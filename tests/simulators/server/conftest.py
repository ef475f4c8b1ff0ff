from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from solbench.simulators.server.adapter import AdapterSettings
from solbench.simulators.server.client import Control
from solbench.simulators.server.server import BenchServer, served_bench
from tests.simulators.cells import SourceAndResistor
from tests.simulators.server.wire import Wire

QUIET: dict[str, Any] = {
    "unit": "ideal",
    "errors": "none",
    "noise_scale": 0.0,
    "positive_terminal": "ce_re1",
}
# Instruments that lose no time, where a test is not about instrument time.
QUICK: dict[str, Any] = {
    "latency_s": 0.0,
    "analyzer": {"output_bytes_per_s": 1e12},
    "interface": {"output_bytes_per_s": 1e12, "output_terminator_after_reset": 1},
}


class Served:
    """A bench behind an adapter in this process, with the control channel open."""

    def __init__(self, server: BenchServer) -> None:
        self.server = server
        self.control = Control(server.control)
        self._wires: list[Wire] = []

    def wire(self) -> Wire:
        """Connect to the adapter."""
        wire = Wire(int(self.server.adapter.rpartition(":")[2]))
        self._wires.append(wire)
        return wire

    def ready(self) -> Wire:
        """Connect, as a controller that ends its data by EOI alone and reads when it wants to."""
        wire = self.wire()
        wire.say("++mode 1", "++auto 0", "++eos 3", "++eoi 1", "++read_tmo_ms 300", "++addr 6")
        return wire

    def close(self) -> None:
        for wire in self._wires:
            wire.close()
        self.control.close()
        self.server.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    """Make served benches; `cell` describes a source and resistor, other names are settings of the bench."""
    opened: list[Served] = []

    def make(
        cell: dict[str, Any] | None = None,
        *,
        speed: float = 1.0,
        pty: bool = False,
        faults: tuple[dict[str, Any], ...] = (),
        adapter: dict[str, Any] | None = None,
        world: Any = None,
        **settings: Any,
    ) -> Served:
        bench = served_bench(
            cell or {},
            speed=speed,
            seed=1,
            build=SourceAndResistor,
            world=world,
            settings={**QUIET, **QUICK, **settings},
        )
        server = BenchServer(bench, pty=pty, settings=AdapterSettings(**(adapter or {})), faults=faults)
        opened.append(Served(server))
        return opened[-1]

    yield make
    for served in opened:
        served.close()
