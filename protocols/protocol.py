"""A protocol: what is to be done with a cell, as a model and as a file."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator

from solbench.protocols import files
from solbench.protocols.conditions import Conditions
from solbench.protocols.errors import BadInput, FieldError
from solbench.protocols.files import Fields
from solbench.protocols.kinds.fields import RecordRule, Steps, unique_names
from solbench.protocols.kinds.loop import Loop
from solbench.protocols.kinds.registry import AnyStep
from solbench.protocols.limits import Safety
from solbench.protocols.model import Model, Text, bad_input, meant
from solbench.protocols.quantities.quantity import Fraction, Quantity, Time
from solbench.protocols.shipped import shipped_protocols as shipped_protocols
from solbench.protocols.tolerances import Tolerances

DEEPEST_LOOP = 5


class Interruptions(Model):
    """When a run continues by itself after an interruption, and how long it waits for a user otherwise.

    An interruption is a time without readings: the adapter was away, the PC asleep, an answer lost. `wait_for_user`:
    how long a run that the program has paused waits before it ends uncompleted (it can be resumed then, too);
    `unwatched_charge`: how much of the charge of the step may have flowed meanwhile; `per_step`: how many
    interruptions of one step the run survives by itself.
    """

    wait_for_user: Time = Quantity("12 h", 43200.0, "time")
    unwatched_charge: Fraction = Quantity("0.5 %", 0.005, "fraction")
    per_step: Annotated[int, Field(ge=0, le=1000)] = 3


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
    if not files.names_file(text):
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
