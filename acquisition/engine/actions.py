"""What a technique asks the engine to do. A technique measures; it never switches the cell itself."""

from collections.abc import Callable, Generator
from dataclasses import dataclass

from solbench.acquisition.engine.limits import Ending
from solbench.acquisition.engine.set_points import Connected
from solbench.acquisition.record.events import (
    CurrentLimited,
    Phase,
    RangeChange,
    SetAside,
    SpectrumQuality,
    SpectrumStart,
    ZeroRead,
)
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
class Step:
    """Change the voltage (V) by a small step of a sweep: no edge, since the current goes on as it went.

    `turns`: the current may become another one at once, at a vertex or a step of a staircase.
    """

    voltage_V: float
    turns: bool


@dataclass(frozen=True)
class StartRamp:
    """Let the ramp that the instrument has prepared run."""


def never() -> bool:
    """Say that nothing but a person ends a wait."""
    return False


@dataclass(frozen=True)
class AskPerson:
    """Wait, with the cell off, until a person has confirmed; answered by 1.0, or by 0.0 where nobody has in time.

    After `time_out_s` (s; None: never) the run goes on where it `goes_on`, and ends uncompleted elsewhere. Nobody has
    to confirm where `is_met` says that what is asked for is so.
    """

    text: str
    time_out_s: float | None
    goes_on: bool
    is_met: Callable[[], bool] = never


@dataclass(frozen=True)
class Turned:
    """Tell the engine that a ramp has turned: the current may be another one at once."""


@dataclass(frozen=True)
class MoreCharge:
    """Tell the engine what the charge (C) is more than the readings by themselves show: a ramp began or turned."""

    charge_C: float


Remark = ZeroRead | SpectrumStart | SpectrumQuality | SetAside | Phase | RangeChange | CurrentLimited


@dataclass(frozen=True)
class Emit:
    """Write a record into the journal; the engine fills in the segment's ordinal."""

    body: Remark


@dataclass(frozen=True)
class RestSlope:
    """Tell the engine how the voltage drifts (V/s) in this rest; None as long as that is not known."""

    slope_V_s: float | None


@dataclass(frozen=True)
class Reaching:
    """Tell the engine what is not reached yet, in words, "" once it is: until then no end by current counts.

    `note`: how it was reached, for the text of the end; `connected`: where the way to a held voltage began.
    """

    what: str
    note: str = ""
    connected: Connected | None = None


@dataclass(frozen=True)
class Stepped:
    """Tell the engine what a current did that was just set: two readings without it, and the first one with it."""

    rests: tuple[Reading, Reading]
    driven: Reading


@dataclass(frozen=True)
class Polarized:
    """Tell the engine which current (A) flows in a polarization at a voltage (V), that of the baseline subtracted.

    `is_over`: at its end; else soon after its beginning.
    """

    voltage_V: float
    current_A: float
    is_over: bool


@dataclass(frozen=True)
class Finish:
    """End the segment now: cell off first, journal second."""

    ending: Ending


Switching = On | Off | SetCurrent | SetVoltage
Other = (
    ImpedancePoint
    | Emit
    | RestSlope
    | Reaching
    | Stepped
    | Polarized
    | Step
    | StartRamp
    | Turned
    | AskPerson
    | MoreCharge
)
Action = Reading | Finish | Switching | Other
Actions = Generator[Action, float | None, None]
"""What a technique yields. A switching is answered by how long it took (s), what a person is asked by whether one has
confirmed, everything else by None."""
