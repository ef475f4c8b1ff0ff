"""The cell as the header of a run has it: record, build, and the quantities of that build in SI."""

from __future__ import annotations

from solbench.acquisition.record.events import CellText, Conditions, Quantity
from solbench.protocols import Build, CellRecord
from solbench.protocols.cells import dump_cell
from solbench.protocols.conditions import Conditions as TypedConditions

_UNITS = {"_m2": "m**2", "_m": "m", "_kg": "kg", "_C": "C", "_V": "V", "_A": "A", "_S_m": "S/m"}


def cell_text(record: CellRecord, build: Build) -> CellText:
    """Return what a header says of one build of a record."""
    return CellText(
        name=record.name,
        build=build.name,
        kind=build.kind,
        text=dump_cell(record),
        quantities=quantities_of(build),
    )


def quantities_of(build: Build) -> dict[str, Quantity]:
    """Return the numbers of a build by name, and its pairs of limits, each with its unit."""
    found: dict[str, Quantity] = {}
    for name in (*vars(build), "theoretical_capacity_C"):
        value = getattr(build, name)
        suffixes = [suffix for suffix in _UNITS if name.endswith(suffix)]
        if suffixes and isinstance(value, (int, float, tuple)):
            found[name] = Quantity(value, _UNITS[max(suffixes, key=len)])
    return found


def conditions_text(typed: TypedConditions, build: Build) -> Conditions:
    """Return the conditions of a protocol as the header has them; raises FieldError as `TypedConditions.begun_C`."""
    written = typed.model_dump(mode="json")
    history = tuple(written.pop("history"))
    return Conditions(**written, history=history, begun_C=typed.begun_C(build))
