"""Which socket goes where: the pair, one instrument alone, and two, three or four leads at the cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from solbench.gui.models.common.words import tr

Instruments = Literal["pair", "1260", "1287"]
Contacts = Literal[2, 3, 4]

INSTRUMENTS: tuple[tuple[str, Instruments], ...] = (
    (tr("1260 and 1287"), "pair"),
    (tr("1287 alone"), "1287"),
    (tr("1260 alone"), "1260"),
)
CONTACTS: tuple[tuple[str, Contacts], ...] = (
    (tr("2 terminals"), 2),
    (tr("3 terminals"), 3),
    (tr("4 terminals"), 4),
)
LINKS = (("GENERATOR", "POL INPUT"), ("VOLTAGE 1", "V OUT"), ("VOLTAGE 2", "I OUT"))
_LEADS = {"1287": ("CE", "RE1", "RE2", "WE"), "1260": ("GEN", "V1 HI", "V1 LO", "I")}
_NODES: dict[Contacts, tuple[tuple[int, ...], ...]] = {
    2: ((0, 1), (2, 3)),
    3: ((0,), (1,), (2, 3)),
    4: ((0,), (1,), (2,), (3,)),
}
_CONTACT_NOTES: dict[Contacts, str] = {
    2: tr("Join them close to the electrode: what lies between is measured with the cell."),
    3: tr("The voltage is that of the working electrode against the reference electrode."),
    4: tr("Voltage leads have contacts of their own: for pellets, and where milliohms count."),
}
_INSTRUMENT_NOTES: dict[Instruments, str] = {
    "pair": tr("Up to 1 MHz. Click the end of the cell that is positive."),
    "1287": tr("No impedance. Click the end of the cell that is positive."),
    "1260": tr(
        "Up to 32 MHz, and only for cells without a voltage of their own: its generator discharges a live one."
    ),
}


@dataclass(frozen=True)
class Lead:
    """A lead to the cell: its socket, and whether it carries the current or only feels the voltage."""

    socket: str
    current: bool


@dataclass(frozen=True)
class Wiring:
    """One way to connect: `instrument` has the leads to the cell, `nodes` are the cell's contacts, left to right.

    A node holds the places of the leads (0 to 3) that meet there.
    """

    instruments: Instruments
    contacts: Contacts

    @property
    def instrument(self) -> str:
        """Get which instrument is at the cell."""
        return "1260" if self.instruments == "1260" else "1287"

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        """Get the coaxial cables between the instruments, from the 1260 to the 1287."""
        return LINKS if self.instruments == "pair" else ()

    @property
    def leads(self) -> tuple[Lead, ...]:
        """Get the four leads, those of the current outside."""
        return tuple(Lead(name, place in (0, 3)) for place, name in enumerate(_LEADS[self.instrument]))

    @property
    def nodes(self) -> tuple[tuple[int, ...], ...]:
        """Get which leads meet at each contact of the cell."""
        return _NODES[self.contacts]

    @property
    def notes(self) -> tuple[str, ...]:
        """Get what to know of it."""
        return (_CONTACT_NOTES[self.contacts], _INSTRUMENT_NOTES[self.instruments])

    @property
    def words(self) -> str:
        """Get all of it as text."""
        cables = ", ".join(
            tr("{left} (1260) to {right} (1287)", left=left, right=right) for left, right in self.links
        )
        names = [_joined([self.leads[place].socket for place in node]) for node in self.nodes]
        between = [tr("Between the instruments: {cables}.", cables=cables)] if cables else []
        at_cell = tr(
            "At the cell, from one side to the other, from the {instrument}: {names}.",
            instrument=self.instrument,
            names="; ".join(names),
        )
        return " ".join([*between, at_cell, *self.notes])


def _joined(sockets: Sequence[str]) -> str:
    """Return which leads meet."""
    first, *others = sockets
    for other in others:
        first = tr("{lead} with {other}", lead=first, other=other)
    return first
