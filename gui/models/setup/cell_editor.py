"""The cell that is mounted: its record, what the run is to remember of it, and what is still missing."""

import copy
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from solbench.gui.models.common.observed import Observers
from solbench.gui.models.common.plain import Data, look_up, put
from solbench.gui.models.common.words import tr
from solbench.gui.models.protocol.comments import written_over
from solbench.gui.models.protocol.drafts import write_whole
from solbench.gui.models.protocol.form import Field, fields_of, with_prefix
from solbench.protocols import Build, CellRecord, dump_cell, load_cell, shipped_cells
from solbench.protocols.cells import BuildRecord, Electrolyte
from solbench.protocols.conditions import Conditions
from solbench.protocols.errors import FieldError
from solbench.protocols.files import dump_text
from solbench.protocols.findings import Finding, refusal
from solbench.protocols.model import refusals
from solbench.protocols.quantities.quantity import quantity

MOST_RECENT = 10
_CONDITIONS = (
    "cell_id",
    "cell_state",
    "operator",
    "temperature",
    "stack_pressure",
    "state_of_charge",
    "history",
    "open_circuit",
    "continues",
    "notes",
)  # as a form shows them; others follow
_FIRST = ("kind", "diameter", "area", "thickness", "tin_mass", "cathode_mass", "electrode_mass", "live")
_LAST = ("electrodes", "diffusion_length", "state_of_charge", "tolerances")


def _place(field: Field) -> int:
    """Return where a field of a build stands: what is measured on each cell first, what few cells have last."""
    if field.name in _FIRST:
        return _FIRST.index(field.name) - len(_FIRST)
    return 1 + _LAST.index(field.name) if field.name in _LAST else 0


BUILD_FIELDS = tuple(sorted(fields_of(BuildRecord), key=_place))
RECORD_FIELDS = (
    Field("name", "text", required=True),
    *fields_of(Electrolyte),
)
"""What the record says of the electrolyte, with the record's own name first."""


def _optional(field: Field) -> Field:
    """Return a field that may be left empty, also where it is a choice."""
    choices = ("", *field.choices) if field.choices else ()
    return replace(field, required=False, choices=choices, default="" if choices else field.default)


CONDITION_FIELDS = tuple(
    sorted(
        (_optional(field) for field in fields_of(Conditions)),
        key=lambda field: _CONDITIONS.index(field.name) if field.name in _CONDITIONS else len(_CONDITIONS),
    )
)
"""Those of a run, all optional here: what is left empty is as the protocol says."""


_LISTS = {field.name for field in CONDITION_FIELDS if field.kind == "quantities"}


class CellEditor:
    """A cell record while it is edited, and the conditions of the run; `changed` is called after every change.

    `recent` are the records that were used last. Conditions become `--set conditions.NAME=VALUE`. `kept` is the copy
    with the comments of a file that was written over, None where there were none.
    """

    def __init__(self, recent: Sequence[str] = ()) -> None:
        self.changed = Observers()
        self.recent = list(recent)[:MOST_RECENT]
        self.reference: str | None = None
        self.build_name = ""
        self.kept: Path | None = None
        self.conditions: dict[str, str] = {}
        self._data: Data = {}
        self._saved: Data = {}
        self.record: CellRecord | None = None  # as edited; None while it is wrong
        self._refused: tuple[Finding, ...] = ()

    def open(self, reference: str) -> None:
        """Take a record by shipped name or path; raises BadInput, and then keeps the present one."""
        record = load_cell(reference)
        self.reference, self.record = reference, record
        self._data = record.model_dump(mode="json", by_alias=True, exclude_unset=True)
        self._saved = copy.deepcopy(self._data)
        if self.build_name not in record.builds:
            self.build_name = next(iter(record.builds))
        self.recent = [reference, *(name for name in self.recent if name != reference)][:MOST_RECENT]
        self._judge()

    @property
    def choices(self) -> list[str]:
        """Get the records to choose from: those that ship, then the user's last ones that still exist."""
        shipped = shipped_cells()
        return [*shipped, *(path for path in self.recent if path not in shipped and Path(path).exists())]

    @property
    def modified(self) -> bool:
        """Get whether the record differs from what was read or saved."""
        return self._data != self._saved

    @property
    def ships(self) -> bool:
        """Get whether the record comes with the program, and cannot be written over."""
        return self.reference in shipped_cells()

    @property
    def builds(self) -> list[str]:
        """Get the names of the builds that the record describes."""
        return list(self._data.get("builds", {}))

    @property
    def build(self) -> Build | None:
        """Get the chosen build in SI, None while there is none."""
        if self.record is None or self.build_name not in self.record.builds:
            return None
        return self.record.build(self.build_name)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Get what is wrong with record and conditions."""
        return (*self._refused, *self._condition_findings())

    def choose_build(self, name: str) -> None:
        """Show another build; one that the record lacks is not taken."""
        if name in self.builds and name != self.build_name:
            self.build_name = name
            self.changed()

    def value(self, *names: str) -> object:
        """Return a field of the chosen build, or one of a group in it, as written; None if it is not there."""
        return look_up(self._data, "builds", self.build_name, *names)

    def set(self, value: object, *names: str) -> None:
        """Put a value as typed into a field of the chosen build; None or "" takes the field away.

        A diameter, which is what is measured, sets the area of a disc.
        """
        build = self._data["builds"][self.build_name]
        put(build, value, *names)
        if names == ("diameter",) and (area := _area_of(value)):
            put(build, area, "area")
        self._judge()

    def of_record(self, name: str) -> object:
        """Return the record's name or a field of its electrolyte, as written; None if it is not there."""
        return look_up(self._data, *_path_of(name))

    def set_of_record(self, value: object, name: str) -> None:
        """Put the record's name or a field of its electrolyte as typed; None or "" takes the field away."""
        put(self._data, value, *_path_of(name))
        self._judge()

    def set_condition(self, name: str, text: str) -> None:
        """Put a condition of the run as typed; "" leaves what the protocol says."""
        if self.conditions.get(name, "") == text:
            return
        self.conditions[name] = text
        self.changed()

    @property
    def settings(self) -> tuple[str, ...]:
        """Get the conditions as `--set` takes them, wrong ones too: a run is to be refused, not to forget them."""
        filled = ((name, text.strip()) for name, text in self.conditions.items())
        return tuple(_setting(name, text) for name, text in filled if text)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Get what the chosen build comes to: capacity, safe window, start window."""
        build = self.build
        return [] if build is None else build_facts(build)

    def text(self, *, as_json: bool = False) -> str:
        """Return the record's file as it is now, wrong or not."""
        if self.record is not None:
            return dump_cell(self.record, as_json=as_json)
        return dump_text(self._data, as_json=as_json)

    def save(self, path: Path) -> None:
        """Write the record under a new name or over its own file, whose comments are kept; raises BadInput.

        A copy of a shipped record is no longer that one: without another name it gets that of its file.
        """
        if self.ships and self._data.get("name") == self._saved.get("name"):
            self._data["name"] = path.stem
            self._judge()
        text, self.kept = written_over(path, self.text(as_json=path.suffix == ".json"))
        write_whole(path, text, "record")
        reference = str(path)
        self.reference = reference
        self._saved = copy.deepcopy(self._data)
        self.recent = [reference, *(name for name in self.recent if name != reference)][:MOST_RECENT]
        self.changed()

    def write(self, path: Path) -> None:
        """Write the present state without counting it as saved; raises BadInput where the disk refuses."""
        write_whole(path, self.text(as_json=path.suffix == ".json"), "record")

    def _judge(self) -> None:
        try:
            self.record = CellRecord.model_validate(self._data)
            self._refused = ()
        except ValidationError as refused:
            self.record = None
            self._refused = tuple(refusal(*problem, "cell") for problem in refusals(refused, self._data))
        self.changed()

    def _condition_findings(self) -> tuple[Finding, ...]:
        given: dict[str, object] = {
            name: _parts(text) if name in _LISTS else text.strip()
            for name, text in self.conditions.items()
            if text.strip()
        }
        try:
            Conditions.model_validate({"temperature": "unknown", "stack_pressure": "unknown"} | given)
        except ValidationError as refused:
            found = refusals(refused, given)
            return tuple(refusal(f"conditions.{field}", message, cure) for field, message, cure in found)
        return ()


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _path_of(name: str) -> tuple[str, ...]:
    return ("name",) if name == "name" else ("electrolyte", name)


def _area_of(diameter: object) -> str:
    """Return the area of a disc as a record writes it, "" while the diameter is none.

    >>> _area_of("10 mm"), _area_of("1 V"), _area_of(None)
    ('0.7854 cm2', '', '')
    """
    try:
        width = quantity(str(diameter or ""))
    except FieldError:
        return ""
    return (
        f"{math.pi * width.value**2 / 4 * 1e4:.4g} cm2" if width.kind == "length" and width.value > 0 else ""
    )


def _setting(name: str, text: str) -> str:
    """Quote a free text that could be read as a number or a list, so that a cell id of 7 stays a text."""
    if name in _LISTS:
        return f"conditions.{name}=[{', '.join(_parts(text))}]"
    if name in ("temperature", "stack_pressure"):
        return f"conditions.{name}={text}"
    quoted = text.replace("'", "''")
    return f"conditions.{name}='{quoted}'"


def build_facts(build: Build) -> list[tuple[str, str]]:
    """Say what a build comes to, as pairs of a label and a text."""
    low, high = build.voltage_window_V
    state, (first, last) = build.start_window_of("fresh")
    capacity_C = build.capacity_C
    facts = [
        (
            tr("Safe window"),
            tr(
                "{low:g} V to {high:g} V, at most {current_max_a}",
                low=low,
                high=high,
                current_max_a=with_prefix(build.current_max_A, "A"),
            ),
        ),
        (
            tr("Fresh cell shows") if state == "fresh" else tr("Cell shows at first"),
            tr("{first:g} V to {last:g} V", first=first, last=last),
        ),
        (tr("Positive electrode"), build.positive_electrode),
    ]
    if capacity_C is not None:
        areal = capacity_C / build.area_m2 / 3.6 / 1e4
        facts.insert(0, ("Capacity", f"{capacity_C / 3.6:.4g} mAh = {areal:.4g} mAh/cm2"))
        facts.insert(
            1,
            (
                tr("1 C is"),
                tr(
                    "{capacity_c} = {areal:.4g} mA/cm2",
                    capacity_c=with_prefix(capacity_C / 3600, "A"),
                    areal=areal,
                ),
            ),
        )
    else:
        facts.insert(0, (tr("Capacity"), tr("none: C-rates and percentages cannot be used")))
    return facts
