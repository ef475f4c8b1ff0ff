"""Corrections of what was typed about a cell: which fields can be corrected, and the record with some of them changed.

A cell record, the build that was run, and the conditions of the run are seen as one list of fields with one name each.
Limits are no part of it: they were those of the run, whatever the cell was. One field more, `left_out`, is no record of
the cell: the points of its spectra that nothing is concluded from.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from solbench.protocols.cells import BuildRecord, CellRecord, Electrolyte
from solbench.protocols.check_record import check_record
from solbench.protocols.conditions import Conditions
from solbench.protocols.corrections.mask import read_mask
from solbench.protocols.errors import BadInput, FieldError
from solbench.protocols.files import Fields
from solbench.protocols.model import Model, bad_input, meant
from solbench.protocols.plausible import Plausible

_LIMITS = {
    "live",
    "voltage_window",
    "start_window",
    "fresh_window",
    "sodiated_window",
    "usual_window",
    "current_max",
    "tolerances",
}
_NESTED = {"catholyte"}
_BEGINNING = {
    "state_of_charge",
    "history",
    "open_circuit",
    "continues",
}  # of the conditions: the run went by them
_SHORT = {"cell": "name", "cell_name": "name", "id": "cell_id", "pressure": "stack_pressure"}
LEFT_OUT = "left_out"
_PREFIXES = ("conditions", "electrolyte", "build", "cell")
_WITH_ERROR = re.compile(
    r"(?P<value>[^\s±]+)\s*(?P<own>[^\d\s±+]*)\s*(?:±|\+-|\+/-)\s*(?P<error>\S+)\s+(?P<unit>\S.*)"
)

Value = str | bool | None


@dataclass(frozen=True)
class Described:
    """What was typed about the cell of a run: its record, the name of the build, and the conditions.

    `left_out`: the points of its spectra that are left out of everything, as `mask.read_mask` reads them.
    """

    record: CellRecord
    build: str
    conditions: Conditions
    left_out: str = ""

    @property
    def written(self) -> BuildRecord:
        """Get the build as written."""
        return self.record.builds[self.build]


@dataclass(frozen=True)
class Changed:
    """A description with fields changed: `changes` are field, value before and after; `doubts` what is unusual now."""

    described: Described
    changes: tuple[tuple[str, Value, Value], ...]
    doubts: tuple[str, ...] = ()


def fields_of(described: Described) -> dict[str, Value]:
    """Return every field that can be corrected with its text, None for one that is not written."""
    build, electrolyte = _plain(described.written), _plain(described.record.electrolyte)
    conditions = _plain(described.conditions)
    found: dict[str, Value] = {"name": described.record.name, "build": described.build}
    for names, values in (
        (_names(Conditions), conditions),
        (_names(BuildRecord), build),
        (_names(Electrolyte), electrolyte),
    ):
        for name in names:
            if name not in found and name not in _LIMITS | _NESTED:
                value = values.get(name)
                found[name] = value if isinstance(value, (str, bool)) or value is None else str(value)
    return {**found, LEFT_OUT: described.left_out or None}


def read_settings(described: Described, settings: Sequence[str]) -> dict[str, Value]:
    """Read "FIELD=VALUE" texts; `null` takes an optional field away. Raises BadInput.

    A field may be written with its place (`conditions.temperature`, `builds.half.tin_mass`); `mass` is that of the only
    active material. "520 +- 5 um" sets the field of the uncertainty as well, where there is one.
    """
    known, found = fields_of(described), dict[str, Value]()
    for setting in settings:
        path, equals, text = (part.strip() for part in setting.partition("="))
        if not equals or not path:
            raise BadInput(f"'{setting}' is not a setting", "Write FIELD=VALUE", file="--set")
        field = _field(described, known, path, setting)
        for name, value in _values(known, field, text):
            if name in found:
                raise BadInput(f"'{name}' is set twice", "Set each field once", file=f"--set {setting}")
            found[name] = value
    return found


def changed(described: Described, values: Mapping[str, Value]) -> Changed:
    """Return the description with these fields changed; raises BadInput where it cannot be right.

    A diameter without an area sets the area, and an area the diameter where the record has one.
    """
    moved = _other_build(described, values)
    before, wanted = fields_of(moved), _with_geometry(moved, values)
    new = _checked(moved, {name: value for name, value in wanted.items() if name != "build"})
    after = fields_of(new)
    changes = [(name, before[name], after[name]) for name in after if before.get(name) != after[name]]
    if moved.build != described.build:
        changes.insert(0, ("build", described.build, moved.build))
    return Changed(new, tuple(changes), _doubts(new))


def applied(described: Described, changes: Sequence[tuple[str, Value]]) -> Described:
    """Return the description with recorded changes (field, value) made again; raises BadInput."""
    values = dict(changes)
    moved = _other_build(described, values)
    return _checked(moved, {name: value for name, value in values.items() if name != "build"})


def _plain(model: Model) -> Fields:
    return model.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _names(model: type[Model]) -> list[str]:
    kept = _BEGINNING if model is Conditions else set[str]()
    return [field.alias or name for name, field in model.model_fields.items() if name not in kept]


def _field(described: Described, known: Mapping[str, Value], path: str, setting: str) -> str:
    """Return the name of the field that is meant by a path."""
    places = (f"builds.{described.build}.", *(f"{prefix}." for prefix in _PREFIXES))
    name = next((path.removeprefix(place) for place in places if path.startswith(place)), path)
    if name == "mass":
        masses = [field for field in ("tin_mass", "cathode_mass") if known[field] is not None]
        if len(masses) != 1:
            raise BadInput(
                f"the build '{described.build}' has {len(masses) or 'no'} masses",
                "Write tin_mass or cathode_mass",
                file=f"--set {setting}",
            )
        return masses[0]
    name = _SHORT.get(name, name)
    if path.startswith("conditions.") and name in _BEGINNING:
        raise BadInput(
            f"the run went by '{name}': where its first step ended, and at which states its spectra stand",
            "Write it in the protocol of the next run",
            file=f"--set {setting}",
        )
    if name in _LIMITS:
        raise BadInput(
            f"'{name}' was a limit of the run and cannot be another now",
            "Correct the cell record for the next run",
            file=f"--set {setting}",
        )
    if name not in known:
        raise BadInput(f"there is no field '{path}'", meant(name, {*known, "mass"}), file=f"--set {setting}")
    return name


def _values(known: Mapping[str, Value], field: str, text: str) -> list[tuple[str, Value]]:
    """Return what a text sets: the field, and that of its uncertainty where the text has one."""
    if text == "null":
        return [(field, None)]
    if isinstance(known[field], bool) or _is_flag(field):
        return [(field, {"true": True, "false": False}.get(text, text))]
    error = f"{field}_uncertainty"
    if error in known and (found := _WITH_ERROR.fullmatch(text)):
        unit = found["unit"]
        return [(field, f"{found['value']} {found['own'] or unit}"), (error, f"{found['error']} {unit}")]
    return [(field, text)]


def _is_flag(field: str) -> bool:
    described = BuildRecord.model_fields.get(field)
    return described is not None and described.annotation is bool


def _other_build(described: Described, values: Mapping[str, Value]) -> Described:
    """Return the description of another build of the record, where one is set."""
    name = values.get("build", described.build)
    if name not in described.record.builds:
        raise BadInput(
            f"the cell record '{described.record.name}' has no build '{name}'",
            meant(str(name), described.record.builds),
            field="build",
        )
    return replace(described, build=str(name))


def _with_geometry(described: Described, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values with the area of a diameter, or the diameter of an area."""
    wanted = dict(values)
    if wanted.get("diameter") is not None and "area" not in wanted:
        diameter_m = _checked(described, {"diameter": wanted["diameter"]}).written.diameter
        if diameter_m is not None:
            wanted["area"] = f"{math.pi / 4.0 * diameter_m.value**2 * 1e4:.10g} cm2"
    elif wanted.get("area") is not None and "diameter" not in wanted and described.written.diameter:
        area_m2 = _checked(described, {"area": wanted["area"]}).written.area.value
        wanted["diameter"] = f"{math.sqrt(4.0 * area_m2 / math.pi) * 1e3:.10g} mm"
    return wanted


def _checked(described: Described, values: Mapping[str, Value]) -> Described:
    """Return the description with fields set, each where it belongs, and read again as a whole; raises BadInput."""
    record = _plain(described.record)
    conditions = _plain(described.conditions)
    builds = record["builds"]
    assert isinstance(builds, dict)
    holders: list[tuple[list[str], Any]] = [
        (["name"], record),
        (_names(Conditions), conditions),
        (_names(BuildRecord), builds[described.build]),
        (_names(Electrolyte), record["electrolyte"]),
    ]
    left_out = _mask_text(values[LEFT_OUT]) if LEFT_OUT in values else described.left_out
    for name, value in values.items():
        if name == LEFT_OUT:
            continue
        holder = next(data for names, data in holders if name in names)
        if value is None:
            holder.pop(name, None)
        else:
            holder[name] = value
    try:
        return Described(
            CellRecord.model_validate(record),
            described.build,
            Conditions.model_validate(conditions),
            left_out,
        )
    except ValidationError as error:
        data = record if error.title == CellRecord.__name__ else conditions
        raise bad_input(error, data, "--set") from None


def _mask_text(value: Value) -> str:
    """Return a mask as it is written; raises BadInput."""
    try:
        mask = read_mask(value if isinstance(value, str) else "")
    except FieldError as error:
        raise BadInput(error.message, error.cure, file=f"--set {LEFT_OUT}") from None
    if any(band.source for band in mask.bands):
        raise BadInput(
            "the name of a file has no place here: these are the spectra of one run",
            "Write the number of the spectrum alone before the colon",
            file=f"--set {LEFT_OUT}",
        )
    return mask.text


def _doubts(described: Described) -> tuple[str, ...]:
    """Return what is unusual about the changed build; raises BadInput where it is impossible."""
    build = described.record.build(described.build)
    findings = list(check_record(described.written, build, Plausible()))
    for finding in findings:
        if finding.grade == "error":
            raise BadInput(finding.message, finding.cure, file="--set", field=finding.field)
    return tuple(str(finding) for finding in findings)
