"""All of a scenario that a bench carries out: what the cell went through before, and what changes then."""

from dataclasses import dataclass

from solbench.simulators.electronics.cell_port import Cell
from solbench.simulators.scenario.changes import Change

_PASSED_IN_S = 20 * 3600.0  # what passed before, passed so slowly


class ScenarioError(ValueError):
    """A scenario that this bench cannot play; the text says why."""


@dataclass(frozen=True)
class Before:
    """What the cell went through before it came to the bench.

    charges_C: charges that passed one after the other, each in 20 h; positive charges the cell. rested_s: how long it
    has rested since.
    """

    charges_C: tuple[float, ...] = ()
    rested_s: float = 0.0

    def carry_out(self, cell: Cell) -> None:
        """Let the cell go through it."""
        for charge_C in self.charges_C:
            cell.advance_current(_PASSED_IN_S, charge_C / _PASSED_IN_S)
        if self.rested_s:
            cell.advance_current(self.rested_s, 0.0)


@dataclass(frozen=True)
class Truly:
    """What is true of a bench and its cell beside the cell's description."""

    changes: tuple[Change, ...] = ()
    before: Before = Before()
