"""What the bench needs of the cell that is clamped between its leads."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable


class Cell(Protocol):
    """What the bench needs of a cell; current in A is positive when it charges."""

    @property
    def charge_C(self) -> float:
        """Get the net charge that went in, C."""
        ...

    @property
    def charged_C(self) -> float:
        """Get the charge that flowed in the charging direction, C."""
        ...

    @property
    def discharged_C(self) -> float:
        """Get the charge that flowed in the discharging direction, C."""
        ...

    def advance_current(self, dt_s: float, current_A: float) -> None:
        """Let a constant current flow for `dt_s`."""

    def advance_voltage(self, dt_s: float, voltage_V: float) -> float:
        """Hold the cell at a voltage for `dt_s`; returns the charge in C."""
        ...

    def voltage(self, current_A: float) -> float:
        """Get the terminal voltage with this current, V."""
        ...

    def current(self, voltage_V: float) -> float:
        """Get the current at this voltage, A."""
        ...

    def impedance(self, frequency_Hz: float) -> complex:
        """Get the small-signal impedance, ohm."""
        ...

    def state(self) -> tuple[float, ...]:
        """Get everything that changes."""
        ...

    def restore(self, state: Sequence[float]) -> None:
        """Take over a state."""


@runtime_checkable
class Steady(Protocol):
    """A cell that may say that it need not be brought along with every message on the bus.

    Held at a voltage it comes to the same state, within what a meter shows, in one long step or in many short ones.
    """

    @property
    def is_steady(self) -> bool:
        """Say so."""
        ...


def is_steady(cell: Cell) -> bool:
    """Say whether a cell held at a voltage may be left behind until somebody looks at it."""
    return isinstance(cell, Steady) and cell.is_steady
