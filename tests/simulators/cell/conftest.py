import copy
from typing import Any

import pytest

from solbench.protocols.cells import load_cell
from solbench.simulators.cell import build_cell

AREA_CM2 = 0.785
CURRENT_A = 0.16e-3 * AREA_CM2
FULL_CHARGE_C = 1.4 * 3.6 * AREA_CM2


class Bench:
    """Makes cells of the shipped records, with changes."""

    def description(self, name: str, build: str = "half") -> dict[str, Any]:
        return copy.deepcopy(load_cell(name).build(build).simulated_cell())

    def still(self, name: str, build: str = "half") -> dict[str, Any]:
        """A description without what changes by time alone, and with plungers that block ideally."""
        description = self.description(name, build)
        simulation = description["simulation"]
        simulation["interphase"].pop("ageing", None)
        simulation["counter"].pop("ageing", None)
        simulation["plungers"] = {}
        return description

    def cell(self, name: str, build: str = "half") -> Any:
        return build_cell(self.description(name, build))

    def sodiated(self, name: str, fraction: float = 1.0) -> Any:
        cell = self.cell(name)
        cell.advance_current(fraction * FULL_CHARGE_C / CURRENT_A, -CURRENT_A)
        return cell


@pytest.fixture
def bench() -> Bench:
    return Bench()
