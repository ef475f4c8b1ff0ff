"""The first record of a run: what was to be done, with what, on which cell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, NamedTuple

from solbench.acquisition.errors import RunFileError
from solbench.acquisition.record.codec import OMITTED
from solbench.protocols.quantities.quantity import quantity

FORMAT = "solbench journal 1"


class Quantity(NamedTuple):
    """A number of the cell, or a pair of limits, and its unit as pint reads it."""

    value: float | tuple[float, float]
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """The program that began the run, and the versions of what its numbers depend on."""

    name: str
    version: str
    python: str
    libraries: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolText:
    """The protocol as it was carried out, with the changes that `--set` made."""

    name: str
    text: str
    sha256: str
    settings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellText:
    """The cell record, the build that was run, and the quantities of that build in SI."""

    name: str
    build: str
    kind: str
    text: str
    quantities: Mapping[str, Quantity]

    def number(self, name: str) -> float | None:
        """Return one quantity in SI, None where the record has none of that name, or a pair of limits."""
        found = self.quantities.get(name)
        return found.value if found is not None and not isinstance(found.value, tuple) else None

    def required(self, name: str) -> float:
        """Return one quantity in SI; raises RunFileError where the record has none of that name."""
        found = self.number(name)
        if found is None:
            raise RunFileError(f"the cell record of this run has no number {name}")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What was true of the run and no instrument measures, as the user wrote it.

    `begun_C` is how much of the half-cycle that fills the cell had passed before (C, a magnitude).
    """

    temperature: str
    stack_pressure: str
    operator: str | None = None
    cell_id: str | None = None
    notes: str | None = None
    cell_state: str = field(default="fresh", metadata=OMITTED)
    state_of_charge: str | None = field(default=None, metadata=OMITTED)
    history: tuple[str, ...] = field(default=(), metadata=OMITTED)
    open_circuit: str | None = field(default=None, metadata=OMITTED)
    continues: str | None = field(default=None, metadata=OMITTED)
    begun_C: float = field(default=0.0, metadata=OMITTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchText:
    """The bench file."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommissioningText:
    """A commissioning record: the name of its file, and its text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The first record.

    `run`: UUID
    `started`: time of day with its zone, ISO 8601
    `unix_s`: the same in s since 1970
    `simulated`: whether the bench was a simulated one
    `clock_start_s`: what the bench's clock said at time 0, s
    `time_base`: which clock that is
    `seed`: of the simulated bench
    `program`: its `name` and `version`, `python`, `libraries` with their versions
    `protocol`: `name`, `text`, `sha256`, and the `settings` that `--set` made
    `cell`: `name`, `build`, `kind`, `text`, `quantities` of the build: value and unit of each
    `temperature_K`: of the cell, null where it is unknown
    `conditions`: as the user wrote them
    `bench`: `name`, `text`
    `replays`: name of the recorded dialogue that was played in place of the instruments, "" where these answered
    """

    kind: ClassVar[Literal["header"]] = "header"
    when: ClassVar[str] = "first record"
    format: str
    run: str
    started: str
    unix_s: float
    simulated: bool
    clock_start_s: float
    time_base: str
    seed: int
    program: Program
    protocol: ProtocolText
    cell: CellText
    temperature_K: float | None
    conditions: Conditions
    bench: BenchText
    replays: str = field(default="", metadata=OMITTED)

    @property
    def stack_pressure_Pa(self) -> float | None:
        """Get the stack pressure as it was typed, in Pa; None where it is unknown."""
        text = self.conditions.stack_pressure
        return None if text == "unknown" else quantity(text).value

    @property
    def cell_words(self) -> str:
        """Get what the cell is called: its id, else the name of its record."""
        return self.conditions.cell_id or self.cell.name
