"""The charge that went through the cell, from readings and edges.

Between two readings the current is a straight line (trapezoid). At an edge (the cell switched on or off, the
current changed) it jumps: before it the last reading holds, after it the next one. Without the edges a charge
can be certified to a ppm while the cell has several percent more. How much of it flowed one way since the current last
turned is what the electrodes must be able to take.
"""

from dataclasses import dataclass, field
from typing import NamedTuple


class Watched(NamedTuple):
    """A moment (s) at which somebody looked at the cell, with its charge (C) and current (A)."""

    time_s: float = 0.0
    charge_C: float = 0.0
    current_A: float = 0.0


NEVER = Watched()
_made = tuple.__new__  # twice at every reading: this skips the keyword handling of a NamedTuple
COUNTED = (
    "between two readings the current is a straight line; from switching on to the first reading it is that of this "
    "reading, so that the charge of a voltage that is held or stepped and of a DC polarization lacks its inrush, which "
    "no uncertainty includes"
)
"""How the charge is counted, for who reads a file or a table without the manual."""
TURNED = 0.01  # of all that ever flowed one way: less back than that is no turn


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
        if not self.connected:
            self.watch(time_s)
            return
        before = current_A if self.current_A is None else self.current_A
        self.stand_at(time_s, self.charge_C + 0.5 * (before + current_A) * (time_s - self.time_s), current_A)

    def stand_at(self, time_s: float, charge_C: float, current_A: float) -> None:
        """Take over what a reading of a connected cell brought the charge (C) to, and the current (A) that it shows."""
        self.charge_C = charge_C
        self.time_s = time_s
        self.current_A = current_A
        self.watched = _made(Watched, (time_s, charge_C, current_A))

    def add_edge(self, time_s: float, connected: bool, expected_A: float) -> None:
        """Take one edge: from `time_s` on the cell is `connected`, and `expected_A` is to flow."""
        self.charge_C = self.charge_at(time_s)
        self.time_s = time_s
        self.connected = connected
        self.current_A = None
        self.expected_A = expected_A if connected else 0.0

    def watch(self, time_s: float) -> None:
        """Remember that at `time_s` (s) the cell was known to be as it should."""
        present_A = 0.0
        if self.connected:
            present_A = self.expected_A if self.current_A is None else self.current_A
        charge_C = self.charge_C + present_A * (time_s - self.time_s)
        self.watched = _made(Watched, (time_s, charge_C, present_A))

    def charge_at(self, time_s: float) -> float:
        """Return the charge (C) at `time_s` if the present current continues."""
        return self.charge_C + self.present_A * (time_s - self.time_s)

    @property
    def is_unread(self) -> bool:
        """Get whether no reading has shown yet what flows."""
        return self.connected and self.current_A is None

    @property
    def unread_A(self) -> float:
        """Get the current that was set and that no reading has shown yet, in A."""
        return self.expected_A if self.is_unread else 0.0

    @property
    def present_A(self) -> float:
        """Get the current that flows as far as is known, in A."""
        if not self.connected:
            return 0.0
        return self.expected_A if self.current_A is None else self.current_A


@dataclass
class Turns:
    """Follows a net charge (C): where it last turned, and how far it ever was to either side of its beginning.

    What goes back by less than `TURNED` of the widest swing so far is no turn: a spectrum or a zero that is slightly
    off moves some charge to and fro. `points_C`: where it has turned, in order.
    """

    direction: int = 0
    turned_C: float = 0.0
    extreme_C: float = 0.0
    lowest_C: float = 0.0
    highest_C: float = 0.0
    points_C: list[float] = field(default_factory=list)

    def add(self, charge_C: float) -> None:
        """Take the net charge (C) as it is now."""
        self.lowest_C = min(self.lowest_C, charge_C)
        self.highest_C = max(self.highest_C, charge_C)
        moved_C = charge_C - self.extreme_C
        if moved_C * self.direction >= 0.0:
            self.direction = self.direction or (moved_C > 0.0) - (moved_C < 0.0)
            self.extreme_C = charge_C
        elif abs(moved_C) > TURNED * (self.highest_C - self.lowest_C):
            self.turned_C, self.extreme_C = self.extreme_C, charge_C
            self.points_C.append(self.turned_C)
            self.direction = -self.direction

    def one_way_C(self, charge_C: float) -> float:
        """Return how much has flowed one way (C, a magnitude) when the net charge is `charge_C`."""
        back_C = (charge_C - self.extreme_C) * self.direction
        return abs(charge_C - self.turned_C) if back_C >= 0.0 else -back_C
