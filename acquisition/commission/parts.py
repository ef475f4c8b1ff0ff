"""The parts on which a bench is commissioned, and how each is clamped."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from solbench.acquisition.bench.commissioning.record import NAMES, Step

Clamping = Literal["part", "emf", "nothing"]
LeadsOf = Literal["1287", "1260"]
PAIR: LeadsOf = "1287"
ALONE: LeadsOf = "1260"

Terminals = tuple[str, str, str, str]
OF_1287: Terminals = ("CE", "RE1", "WE", "RE2")
TERMINALS: dict[str, Terminals] = {
    "EC301": ("CE", "RE", "WE", "WE sense"),
    "2400": ("HI", "SENSE HI", "LO", "SENSE LO"),
}
"""What is clamped to the ends of a part: at one end what drives and what senses it, then at the other."""

_ACROSS = """
    {0:<4}----+                 +----  {2}
            +----[ {part} ]----+
    {1:<4}----+                 +----  {3}
"""
_EMF = """
    {plus:<8}----+                 +----  {minus}
                +----(+ {part} -)----+
"""
_ALONE_ACROSS = """
    GEN OUTPUT  ----+                 +----  CURRENT INPUT
    V1 HI, {1:<4} ----+----[ {part} ]----+----  V1 LO, {3}
"""
_ALONE_OPEN = """
    GEN OUTPUT  ----+                 +----  CURRENT INPUT
    V1 HI, {1:<4} ----+     nothing     +----  V1 LO, {3}
"""
_OPEN = """
    {0:<4}----+                 +----  {2}
            +---              +
    {1:<4}----+     nothing     +----  {3}
"""


@dataclass(frozen=True)
class Part:
    """One part: its name, its nominal resistance (ohm), and how far it may be off (fraction)."""

    name: str
    ohm: float = 0.0
    tolerance: float = 1e-3
    clamping: Clamping = "part"


def _resistor(name: str, ohm: float) -> Part:
    return Part(name, ohm)


R10 = _resistor("10 ohm", 10.0)
R100 = _resistor("100 ohm", 100.0)
R1K = _resistor("1 kohm", 1e3)
R10K = _resistor("10 kohm", 1e4)
R100K = _resistor("100 kohm", 1e5)
R1M = _resistor("1 Mohm", 1e6)
RESISTORS = (R10, R100, R1K, R10K, R100K, R1M)
SHORT_BAR = Part("short bar")
OPEN = Part("open", clamping="nothing")
DUMMY_CELL = Part("R-(R||C)")
DRY_CELL_10K = Part("dry cell and 10 kohm", 1e4, 1e-2, clamping="emf")
DRY_CELL_100 = Part("dry cell and 100 ohm", 100.0, 2e-2, clamping="emf")
DRY_CELL = Part("dry cell", clamping="emf")
PARTS: Mapping[str, Part] = MappingProxyType(
    {
        part.name: part
        for part in (*RESISTORS, SHORT_BAR, OPEN, DUMMY_CELL, DRY_CELL_10K, DRY_CELL_100, DRY_CELL)
    }
)


@dataclass(frozen=True)
class Mounting:
    """What is to be clamped between the leads for a step, with the cell off.

    `positive_terminal`: which leads the bench file has on the positive terminal. `cost`: what it costs to leave it out.
    `leads`: between those of the 1287, or those of the 1260 on a sample of its own. `terminals`: what the leads of the
    `holder`, the instrument that holds the cell, are called.
    """

    step: Step
    part: Part
    positive_terminal: str
    cost: str
    leads: LeadsOf = PAIR
    terminals: Terminals = OF_1287
    holder: str = "1287"

    @property
    def ends(self) -> tuple[str, str]:
        """Get which leads are at the positive and at the negative end of a dry cell."""
        one, other = " ".join(self.terminals[:2]), " ".join(self.terminals[2:])
        return (one, other) if self.positive_terminal == "ce_re1" else (other, one)

    @property
    def drawing(self) -> str:
        """Get how the leads go, in characters."""
        plus, minus = self.ends
        drawn = {"part": _ACROSS, "emf": _EMF, "nothing": _OPEN}[self.part.clamping]
        if self.leads == ALONE:
            drawn = _ALONE_OPEN if self.part.clamping == "nothing" else _ALONE_ACROSS
        return drawn.format(*self.terminals, part=self.part.name, plus=plus, minus=minus).strip("\n")

    @property
    def words(self) -> str:
        """Get what to do, as a sentence."""
        about = f"Step {self.step} ({NAMES[self.step]}): "
        drives, senses, other, other_senses = self.terminals
        if self.leads == ALONE:
            about += f"{drives} and {other} of the {self.holder} hang free. "
            ends = f"GEN OUTPUT, V1 HI and {senses} at one end, CURRENT INPUT, V1 LO and {other_senses} at the other"
            if self.part.clamping == "nothing":
                return f"{about}Leave the leads of the 1260 open: {ends}, as far apart as with a sample."
            return f"{about}Clamp the part {self.part.name} between the leads of the 1260 itself: {ends}. Never a cell."
        if self.part.clamping == "nothing":
            return f"{about}take everything out of the leads and leave both ends open, as far apart as with a cell."
        of_ends = (
            f"{drives} and {senses} at one end, {other} and {other_senses} at the other; each pair meets at the part "
            "itself."
        )
        if self.part.clamping == "emf":
            return f"{about}clamp {self.part.name} in series: {of_ends} Mind which end is positive."
        return f"{about}clamp the part {self.part.name}: {of_ends}"


def beginning(step: Step) -> str:
    """Return the line that says which step begins.

    >>> beginning("A")
    'Step A: talk'
    """
    return f"Step {step}: {NAMES[step]}"
