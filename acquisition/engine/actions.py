"""What a technique asks the engine to do. A technique measures; it never switches the cell itself."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

from solbench.acquisition.engine.limits import Ending
from solbench.drivers.roles import ImpedancePoint, Reading


@dataclass(frozen=True)
class On:
    """Switch the cell on, with what was prepared; `expected_A` is about to flow (A)."""

    expected_A: float = 0.0


@dataclass(frozen=True)
class Off:
    """Switch the cell off."""


@dataclass(frozen=True)
class SetCurrent:
    """Change the current (A, positive charges the cell) while the cell is on."""

    current_A: float


@dataclass(frozen=True)
class SetVoltage:
    """Change the voltage (V) while the cell is on."""

    voltage_V: float


@dataclass(frozen=True)
class Remark:
    """Write an event of this kind into the journal."""

    kind: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Finish:
    """End the segment now: cell off first, journal second."""

    ending: Ending


Other = ImpedancePoint | On | Off | SetCurrent | SetVoltage | Remark
Action = Reading | Finish | Other
Actions = Generator[Action, None, None]
