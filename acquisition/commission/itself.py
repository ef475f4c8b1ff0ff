"""A simulated bench mounts its parts by itself: the procedure is the same, only no hand moves the leads."""

from collections.abc import Callable
from typing import Any

from solbench.acquisition.bench.bench import Bench
from solbench.acquisition.commission.parts import Mounting


def part_description(name: str) -> dict[str, Any]:
    """Return what a simulated bench takes for a part by its name."""
    return {"kind": "dummy", "simulation": {"dummy": name}}


class ByItself:
    """Mounts each part on the simulated bench of this process; `missing`: parts that it does not have."""

    def __init__(
        self, bench: Bench, tell: Callable[[str], None], missing: frozenset[str] = frozenset()
    ) -> None:
        if bench.truth is None:
            raise TypeError("only a bench in this process mounts parts by itself")
        self._simulated = bench.truth
        self._tell = tell
        self._missing = missing

    def mount(self, mounting: Mounting) -> bool:
        """Mount it."""
        if mounting.part.name in self._missing:
            return False
        self._simulated.mount(part_description(mounting.part.name))
        return True

    def number(self, question: str, unit: str) -> float | None:
        """Return what a good voltmeter shows across the cell (V)."""
        return self._simulated.truth.cell_voltage_V if unit == "V" else None

    def tell(self, text: str) -> None:
        """Say it."""
        self._tell(text)
