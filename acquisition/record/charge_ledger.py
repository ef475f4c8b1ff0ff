"""The charge that went through the cell, from readings and edges.

Between two readings the current is a straight line (trapezoid). At an edge (the cell switched on or off, the
current changed) it jumps: before it the last reading holds, after it the next one. Without the edges a charge
can be certified to a ppm while the cell has several percent more.
"""

from dataclasses import dataclass
from typing import NamedTuple


class Watched(NamedTuple):
    """A moment (s) at which somebody looked at the cell, with its charge (C) and current (A)."""

    time_s: float = 0.0
    charge_C: float = 0.0
    current_A: float = 0.0


NEVER = Watched()


@dataclass
class Ledger:
    """Integrates current (A, positive charges the cell) to net charge (C).

    `current_A` is None between an edge and the first reading after it; then `expected_A` stands in if no
    reading ever comes. `watched` is the last moment at which the cell was known to be as it should.
    """

    charge_C: float = 0.0
    time_s: float = 0.0
    connected: bool = False
    current_A: float | None = None
    expected_A: float = 0.0
    watched: Watched = NEVER

    def add_reading(self, time_s: float, current_A: float) -> None:
        """Take one reading (middle of its conversion); it adds no charge while the cell is off."""
        if self.connected:
            before = current_A if self.current_A is None else self.current_A
            self.charge_C += 0.5 * (before + current_A) * (time_s - self.time_s)
            self.time_s = time_s
            self.current_A = current_A
        self.watch(time_s)

    def add_edge(self, time_s: float, connected: bool, expected_A: float) -> None:
        """Take one edge: from `time_s` on the cell is `connected`, and `expected_A` is to flow."""
        self.charge_C = self.charge_at(time_s)
        self.time_s = time_s
        self.connected = connected
        self.current_A = None
        self.expected_A = expected_A if connected else 0.0

    def watch(self, time_s: float) -> None:
        """Remember that at `time_s` (s) the cell was known to be as it should."""
        present_A = self.present_A
        self.watched = Watched(time_s, self.charge_C + present_A * (time_s - self.time_s), present_A)

    def charge_at(self, time_s: float) -> float:
        """Return the charge (C) at `time_s` if the present current continues."""
        return self.charge_C + self.present_A * (time_s - self.time_s)

    @property
    def present_A(self) -> float:
        """Get the current that flows as far as is known, in A."""
        if not self.connected:
            return 0.0
        return self.expected_A if self.current_A is None else self.current_A
