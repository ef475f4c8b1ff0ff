"""A simulated bench mounts its parts by itself: the procedure is the same, only no hand moves the leads."""

from collections.abc import Callable
from typing import Any

from solbench.acquisition.bench.bench import Bench
from solbench.acquisition.bench.commissioning.record import Step
from solbench.acquisition.bench.served_cell import mount_served, voltage_V_of_served
from solbench.acquisition.commission.parts import ALONE, PAIR, LeadsOf, Mounting, beginning

WIRINGS: dict[LeadsOf, str] = {PAIR: "pair", ALONE: "analyzer_alone"}


def part_description(name: str) -> dict[str, Any]:
    """Return what a simulated bench takes for a part by its name."""
    return {"kind": "dummy", "simulation": {"dummy": name}}


def mounts_by_itself(bench: Bench) -> bool:
    """Say whether a bench is simulated, in this process or served, so that it can be told what to mount."""
    return bench.truth is not None or bench.file.served is not None


class ByItself:
    """Mounts each part on a simulated bench; `missing`: parts that are not at hand. Raises Fault as opening does."""

    def __init__(
        self, bench: Bench, tell: Callable[[str], None], missing: frozenset[str] = frozenset()
    ) -> None:
        self._here = bench.truth
        self._control = bench.file.served.control if bench.file.served is not None else ""
        self._tell = tell
        self._missing = missing

    def mount(self, mounting: Mounting) -> bool:
        """Mount it."""
        name = mounting.part.name
        if name in self._missing:
            return False
        wiring = WIRINGS[mounting.leads]
        if self._here is not None:
            self._here.mount(part_description(name), wiring)
        else:
            mount_served(self._control, part_description(name), name, wiring)
        return True

    def number(self, question: str, unit: str) -> float | None:
        """Return what a good voltmeter shows across the cell (V)."""
        if unit != "V":
            return None
        return (
            self._here.truth.cell_voltage_V if self._here is not None else voltage_V_of_served(self._control)
        )

    def begin(self, step: Step) -> None:
        """Say which step begins."""
        self._tell(beginning(step))

    def show(self, text: str) -> None:
        """Show nothing: nobody watches."""

    def tell(self, text: str) -> None:
        """Say it."""
        self._tell(text)
