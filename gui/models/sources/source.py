"""What a run on show is made of, wherever it comes from: a live engine, a file, a replay."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from solbench.acquisition.control.messages import Status
from solbench.acquisition.record.events import Header
from solbench.acquisition.record.follow import News
from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.trace import Detail
from solbench.gui.models.common.words import tr
from solbench.protocols import parse_cell, parse_protocol
from solbench.protocols.errors import BadInput


@dataclass(frozen=True)
class Link:
    """How the connection to the engine is: `silent_s` since it was last heard, `text` for people.

    `over`: nothing will come any more; the engine has ended or died, or the file is read. `damage`: where the journal
    of a run that is read is damaged, in words, "" where it is whole.
    """

    silent_s: float = 0.0
    text: str = tr("engine ok")
    over: bool = False
    damage: str = ""

    @property
    def lost(self) -> bool:
        """Get whether the numbers on show may be old."""
        return not self.over and self.silent_s > 2.0


@dataclass
class Batch(News):
    """News of a run on show, with the newest status; `detail` are samples of requested blocks."""

    status: Status | None = None
    link: Link = Link()
    detail: Detail | None = None


Kind = Literal["engine", "file", "replay"]


def read_ahead(header: Header) -> None:
    """Read protocol and cell of a run in a thread: a text that was parsed is kept, and the window need not do it."""
    with suppress(BadInput):
        parse_protocol(header.protocol.text, "protocol of the run")
        parse_cell(header.cell.text, "cell of the run")


class Source(Protocol):
    """Gives the news of a run; `take` never blocks. `kind` tells where from: what is recorded is not what is now."""

    path: Path

    @property
    def kind(self) -> Kind:
        """Get what gives the news: the run's engine, its file as a whole, or a replay of it."""
        ...

    def take(self) -> Batch:
        """Return what is new since the last call."""
        ...

    def want(self, blocks: Array) -> None:
        """Ask for the samples of some blocks of the trace; they come as the `detail` of a later batch."""

    def close(self) -> None:
        """Let go of threads and files."""
