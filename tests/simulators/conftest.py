from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pyvisa

from solbench.simulators.bench import SimulatedBench
from tests.simulators.cells import SourceAndResistor

SILENT = {"unit": "ideal", "errors": "none", "noise_scale": 0.0}
WITH_EOI = {"output_terminator_after_reset": 1}  # so that no test has to send OT1 to the 1287


class Desk:
    """A simulated bench with both instruments opened through pyvisa."""

    def __init__(self, bench: SimulatedBench) -> None:
        self.bench = bench
        self.clock = bench.clock
        self.truth = bench.truth
        self.faults = bench.faults
        self.manager = pyvisa.ResourceManager(bench.visa_library)
        self.fra: Any = self.manager.open_resource(bench.addresses["1260"], write_termination="")
        self.pstat: Any = self.manager.open_resource(bench.addresses["1287"], write_termination="")
        self.fra.timeout = self.pstat.timeout = 20_000

    def tell(self, *messages: str) -> None:
        """Send commands to the 1287."""
        for message in messages:
            self.pstat.write(message)

    def tell_fra(self, *messages: str) -> None:
        """Send commands to the 1260."""
        for message in messages:
            self.fra.write(message)

    def pass_time(self, seconds: float) -> None:
        self.clock.sleep_until(self.clock.now() + seconds)

    def reading(self) -> list[float]:
        """Take one reading with the 1287."""
        return [float(field) for field in self.pstat.query("RU1").split(",")]

    def ready_to_read(self) -> None:
        """Set the 1287 up for single short readings of dRE and I, cell off in half standby."""
        self.tell("OT1", "PW0", "BY1", "RG3", "DG0", "PX3", "PY5", "TR0", "GP2")

    def hold_current(self, current_A: float, resistor: int = 5) -> None:
        """Switch the cell on in galvanostat and pass a current (1287 sign)."""
        self.tell("PO1", f"RR{resistor}", "PC0", "PW1", f"PC{current_A:+.4E}")

    def hold_voltage(self, voltage_V: float, resistor: int = 4) -> None:
        """Switch the cell on in potentiostat at a dRE."""
        self.tell("PO0", f"RR{resistor}", f"PV{voltage_V:+.4E}", "PW1")

    def ratio(self) -> complex:
        """Measure V1/V2 once, as real and imaginary part."""
        fields = self.fra.query("SI").split(",")
        assert fields[3] == "0"
        return complex(float(fields[1]), float(fields[2]))

    def error(self) -> int:
        return int(self.pstat.query("?ER"))

    def fra_error(self) -> int:
        return int(self.fra.query("?ER"))


@pytest.fixture
def desk() -> Iterator[Callable[..., Desk]]:
    """Make desks; `cell` describes a source and resistor, the rest are settings of the bench."""
    benches: list[SimulatedBench] = []

    def make(
        cell: dict[str, Any] | None = None,
        *,
        seed: int = 1,
        world: Path | None = None,
        speed: float | None = None,
        **settings: Any,
    ) -> Desk:
        interface = {**WITH_EOI, **settings.pop("interface", {})}
        bench = SimulatedBench(
            cell or {},
            settings={**SILENT, "interface": interface, **settings},
            seed=seed,
            world=world,
            speed=speed,
            build=SourceAndResistor,
        )
        benches.append(bench)
        return Desk(bench)

    yield make
    for bench in benches:
        bench.close()
