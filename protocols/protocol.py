"""A protocol: what is to be done with a cell, as a model and as a file."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator, model_validator

from solbench.protocols import files
from solbench.protocols.cells import Build, CellState
from solbench.protocols.convert import coulombs
from solbench.protocols.errors import BadInput, FieldError
from solbench.protocols.files import Fields
from solbench.protocols.interruptions import Interruptions
from solbench.protocols.kinds.fields import RecordRule, Steps, unique_names
from solbench.protocols.kinds.loop import Loop
from solbench.protocols.kinds.registry import AnyStep
from solbench.protocols.limits import Safety
from solbench.protocols.model import Model, Text, bad_input, meant
from solbench.protocols.quantities.quantity import (
    PassedCharge,
    PressureOrUnknown,
    StartCharge,
    TemperatureOrUnknown,
    Voltage,
)
from solbench.protocols.tolerances import Tolerances

DEEPEST_LOOP = 5


class Conditions(Model):
    """What was true of the run and no instrument measures; "unknown" is an answer.

    `cell_state` is that of the cell before the run: `fresh` if it is left out, `sodiated` (the tin is full), or `used`.
    `state_of_charge` is what its working electrode holds already; or `history` has the charges that have passed
    through the cell before, half-cycle by half-cycle, positive charged it. `open_circuit` is the voltage that it showed
    after that, and `continues` the run or the cell's life from which this was taken.
    """

    temperature: TemperatureOrUnknown
    stack_pressure: PressureOrUnknown
    operator: Text | None = None
    cell_id: Text | None = None
    cell_state: CellState = "fresh"
    state_of_charge: StartCharge | None = None
    history: tuple[PassedCharge, ...] = ()
    open_circuit: Voltage | None = None
    continues: Text | None = None
    notes: Text | None = None

    @model_validator(mode="after")
    def _one_beginning(self) -> "Conditions":
        if self.state_of_charge is not None and self.history:
            raise FieldError(
                "'state_of_charge' and 'history' both say what the cell holds",
                "Leave one out",
                field="history",
            )
        return self

    @property
    def state_before(self) -> CellState:
        """Get the state of the cell before the run: one that holds something is not fresh."""
        held = self.history or (self.state_of_charge is not None and self.state_of_charge.value > 0.0)
        return "used" if held and self.cell_state == "fresh" else self.cell_state

    def passed_C(self, build: Build) -> tuple[float, ...]:
        """Return the charges (C) that have passed before, in order; positive charged the cell.

        Raises `FieldError` where the build has no electrode that is filled, or no mass that a value refers to.
        """
        if self.state_of_charge is None:
            return tuple(coulombs(charge, build) for charge in self.history)
        if not build.filling:
            raise FieldError(
                f"a build of the kind {build.kind} has no electrode that is filled",
                "Leave it out",
                field="state_of_charge",
            )
        passed_C = coulombs(self.state_of_charge, build) - build.held_C
        return (build.filling * passed_C,) if passed_C else ()

    def begun_C(self, build: Build) -> float:
        """Return how much (C, a magnitude) of the half-cycle that fills the electrode has passed already.

        What it was put together with counts; 0 where the cell was emptied last. Raises as `passed_C`.
        """
        passed_C = self.passed_C(build)
        if self.state_of_charge is not None:
            return coulombs(self.state_of_charge, build)
        if len(passed_C) <= 1:  # it was never emptied
            last_C = sum(passed_C) * build.filling
            return build.held_C + last_C if last_C >= 0.0 else 0.0
        return max(passed_C[-1] * build.filling, 0.0)

    @property
    def temperature_K(self) -> float | None:
        """Get the temperature in kelvin, or None if it is unknown."""
        return None if self.temperature == "unknown" else self.temperature.value

    @property
    def stack_pressure_Pa(self) -> float | None:
        """Get the stack pressure in pascal, or None if it is unknown."""
        return None if self.stack_pressure == "unknown" else self.stack_pressure.value


class Protocol(Model):
    """Steps for one build of a cell.

    `aliases` give short names to paths for settings (`cycles: steps.cycling.count`); `record` holds for
    every step that has none of its own; `safety` replaces the build's limits where it is written; `interruptions`
    says when the run continues by itself after one, and how long it waits for a user otherwise.
    """

    name: Annotated[str, Field(min_length=1, max_length=200)]
    notes: Text | None = None
    build: str
    conditions: Conditions
    safety: Safety | None = None
    tolerances: Tolerances | None = None
    record: RecordRule | None = None
    interruptions: Interruptions = Interruptions()
    aliases: Annotated[dict[str, str], Field(default_factory=dict)]
    steps: Annotated[tuple[AnyStep, ...], Field(min_length=1)]

    @field_validator("steps")
    @classmethod
    def _names_differ(cls, steps: Steps) -> Steps:
        if _depth(steps) > DEEPEST_LOOP:
            raise FieldError(f"loops are nested deeper than {DEEPEST_LOOP} levels", "Use fewer levels")
        return unique_names(steps)


def _depth(steps: Steps) -> int:
    return max((1 + _depth(step.steps) for step in steps if isinstance(step, Loop)), default=0)


def shipped_protocols() -> list[str]:
    """Get the names of the protocols that come with the program."""
    return sorted(path.stem for path in files.SHIPPED.glob("*.yaml"))


def shipped_text(name: str) -> str:
    """Return the file of a protocol that ships, with its comments; raises `BadInput` where there is none."""
    if name not in shipped_protocols():
        raise BadInput(f"there is no protocol '{name}'", meant(name, shipped_protocols()), file=name)
    return files.read_text(files.SHIPPED / f"{name}.yaml", name)


def load_protocol(reference: str | Path) -> Protocol:
    """Read a protocol by shipped name or, if there is none of that name, by path (YAML or JSON).

    Raises `BadInput`.
    """
    text = str(reference)
    if text in shipped_protocols():
        return parse_protocol(files.read_text(files.SHIPPED / f"{text}.yaml", text), text)
    if not files.is_meant_as_path(text) and not Path(text).exists():
        raise BadInput(f"there is no protocol '{text}'", meant(text, shipped_protocols()), file=text)
    return parse_protocol(files.read_text(Path(text), text), text)


def parse_protocol(text: str, file: str) -> Protocol:
    """Make a protocol of a file's text; `file` is its name for messages. Raises `BadInput`."""
    data = files.parse_text(text, file)
    files.require_kind(data, "a protocol", file)
    return from_data(data, file)


def from_data(data: Fields, file: str) -> Protocol:
    """Make a protocol of plain data; raises `BadInput`."""
    try:
        return Protocol.model_validate(data)
    except ValidationError as error:
        raise bad_input(error, data, file) from None


def to_data(protocol: Protocol) -> Fields:
    """Make plain data of a protocol, with every value as it was written."""
    return protocol.model_dump(mode="json", by_alias=True, exclude_unset=True)


def dump_protocol(protocol: Protocol, *, as_json: bool = False) -> str:
    """Write a protocol as YAML (or JSON) text that reads back as an equal protocol."""
    return files.dump_text(to_data(protocol), as_json=as_json)
