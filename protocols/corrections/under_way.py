"""Changes of a protocol while its run is under way: which fields can be changed, and the protocol with some changed.

Values of steps may change: limits, times, currents the same way, spectra, how often a loop is passed; and the safety
limits of the whole run, never to beyond what the record of the cell permits. What a step is made of may not, so that
what has been done of the plan keeps its place in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from solbench.protocols.cells import Build, CellRecord
from solbench.protocols.check import check, measures_alone, walk, walk_values
from solbench.protocols.corrections.field_change import SAFETY, FieldChange
from solbench.protocols.errors import BadInput, FieldError, sentence
from solbench.protocols.files import Fields, Plain
from solbench.protocols.findings import Finding
from solbench.protocols.kinds.fields import StepBase
from solbench.protocols.kinds.loop import Loop
from solbench.protocols.limits import Safety, limits_for
from solbench.protocols.model import join, meant
from solbench.protocols.plan import step_segments
from solbench.protocols.plausible import Instruments
from solbench.protocols.protocol import Protocol, from_data, to_data
from solbench.protocols.quantities.quantity import Quantity
from solbench.protocols.segments import Sweep
from solbench.protocols.settings import put_value, split_setting

STRUCTURE = ("name", "kind", "steps", "over", "notes")  # of a step: no value in it
LIMITS = "limits."  # as people write them
PLACE = "the change"  # in the place of a file, in messages


@dataclass(frozen=True)
class Changed:
    """A protocol with values changed: what was, and what is doubtful about it now and was not before."""

    protocol: Protocol
    changes: tuple[FieldChange, ...]
    doubts: tuple[Finding, ...] = ()


def step_path(protocol: Protocol, step: str, present: str) -> str:
    """Return the path of the step that is meant by a name, a path, or "" for the one at `present`; raises BadInput."""
    paths = [path for path, _ in walk(protocol.steps)]
    if not step:
        if present not in paths:
            raise BadInput("the run has not come to a step yet", "Name one with --step", file=PLACE)
        return present
    found = [path for path in paths if step in (path, path.rpartition(".")[2])]
    if not found:
        names = {path.rpartition(".")[2] for path in paths}
        raise BadInput(f"there is no step '{step}'", meant(step, names), file=PLACE, field="--step")
    if len(found) > 1:
        raise BadInput(f"{len(found)} steps are called '{step}'", f"Write {' or '.join(found)}", file=PLACE)
    return found[0]


def read_changes(protocol: Protocol, step: str, present: str, settings: Sequence[str]) -> dict[str, Plain]:
    """Read "FIELD=VALUE" texts of one step, by its name or "" for the one at `present`; raises BadInput.

    A field may be an alias of the protocol, or a whole path, too; `limits.voltage_max` is one of the whole run.
    """
    found: dict[str, Plain] = {}
    for setting in settings:
        field, value = split_setting(setting)
        path = protocol.aliases.get(field, field) if not step else field
        if path.startswith((SAFETY, LIMITS)):
            path = SAFETY + path.partition(".")[2]
        elif not path.startswith("steps."):
            path = join(step_path(protocol, step, present), path)
        if path in found:
            raise BadInput(f"'{field}' is set twice", "Set each field once", file=PLACE, field=path)
        found[path] = value
    if not found:
        raise BadInput("it is not said what is to be changed", "Write FIELD=VALUE", file=PLACE)
    return found


def with_changes(protocol: Protocol, changes: Sequence[FieldChange]) -> Protocol:
    """Return the protocol with recorded changes made again; raises BadInput."""
    data = to_data(protocol)
    for change in changes:
        after = None if change.after is None else split_setting(f"{change.path}={change.after}")[1]
        put_value(data, change.path, after, PLACE)
    return from_data(data, PLACE)


def changed(
    protocol: Protocol,
    record: CellRecord,
    values: Mapping[str, Plain],
    instruments: Instruments = Instruments(),  # noqa: B008 - frozen
) -> Changed:
    """Return the protocol with fields changed, by their paths; raises BadInput where that cannot be, or nothing is.

    What the limits of cell and instruments refuse is refused, as for any protocol.
    """
    data, found = to_data(protocol), list[FieldChange]()
    for path, value in values.items():
        _require_value(protocol, path)
        before = put_value(data, path, value, PLACE)
        found.append(FieldChange(path, as_text(before), as_text(value)))
    new = from_data(data, PLACE)
    found = [change for change in found if change.before != change.after]
    if not found or new == protocol:
        raise BadInput(
            "this is what is done already: nothing would change", "Write another value", file=PLACE
        )
    _require_not_wider(protocol, new, record.build(protocol.build))
    _require_same_structure(protocol, new, record.build(protocol.build))
    before_it = {(each.field, each.rule.code) for each in check(protocol, record, instruments=instruments)}
    findings = check(new, record, instruments=instruments)
    fresh = [each for each in findings if (each.field, each.rule.code) not in before_it]
    touched = [each for each in findings if each.field in values]
    errors = [each for each in (*touched, *fresh) if each.grade == "error"]
    if errors:
        first = errors[0]
        others = dict.fromkeys(each.field for each in errors if each.field not in values)
        together = f"Change together what depends on it: add {' '.join(f'{field}=VALUE' for field in others)}"
        cure = f"{sentence(first.cure)} {together}" if others else first.cure
        raise BadInput(first.message, cure, file=PLACE, field=first.field)
    return Changed(new, tuple(found), tuple(fresh))


def changeable(protocol: Protocol, path: str) -> dict[str, str]:
    """Return the fields of the step at `path` that can be changed, by their paths in it, with their texts."""
    return dict(_texts(step_data(protocol, path), ""))


def limits_of(protocol: Protocol, build: Build) -> dict[str, str]:
    """Return the limits of the whole run by their paths, with their texts; those not written are of the build."""
    written, limits = protocol.safety or Safety(), limits_for(protocol.safety, build)
    values = {
        "voltage_min": f"{limits.voltage_min_V:g} V",
        "voltage_max": f"{limits.voltage_max_V:g} V",
        "current_max": f"{limits.current_max_A * 1e3:g} mA",
    }
    return {f"{LIMITS}{name}": str(getattr(written, name) or text) for name, text in values.items()}


def step_data(protocol: Protocol, path: str) -> Fields:
    """Return the step at `path` as plain data."""
    here: Plain = to_data(protocol)["steps"]
    for name in path.split(".")[1::2]:
        steps = here.get("steps") if isinstance(here, dict) else here
        assert isinstance(steps, list)
        here = next(step for step in steps if isinstance(step, dict) and step["name"] == name)
    assert isinstance(here, dict)
    return here


def _texts(data: Fields, path: str) -> Iterator[tuple[str, str]]:
    for name, value in data.items():
        if not path and name in STRUCTURE:
            continue
        if isinstance(value, dict):
            yield from _texts(value, join(path, name))
        elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
            yield join(path, name), str(value)


def _require_value(protocol: Protocol, path: str) -> None:
    """Raise BadInput where a path does not lead to a value of a step, or a limit of the whole run."""
    if path.startswith(SAFETY):
        return
    steps = [known for known, _ in walk(protocol.steps) if path.startswith(f"{known}.")]
    if not steps:
        raise BadInput(
            "only the steps of a run and its limits (limits.voltage_max) are changed while it is under way",
            "Stop it and begin another one for anything else",
            file=PLACE,
            field=path,
        )
    field = path.removeprefix(f"{max(steps, key=len)}.").split(".")[0]
    if field in STRUCTURE:
        raise BadInput(f"'{field}' is no value of a step", "Change a value", file=PLACE, field=path)


def _require_not_wider(old: Protocol, new: Protocol, build: Build) -> None:
    """Raise BadInput where a limit of the run would be wider than the record permits, and than it was."""
    was, then = limits_for(old.safety, build), limits_for(new.safety, build)
    low_V, high_V = build.voltage_window_V
    for field, is_wider in (
        ("voltage_min", then.voltage_min_V < min(low_V, was.voltage_min_V)),
        ("voltage_max", then.voltage_max_V > max(high_V, was.voltage_max_V)),
        ("current_max", then.current_max_A > max(build.current_max_A, was.current_max_A)),
    ):
        if is_wider:
            raise BadInput(
                f"this is wider than the build '{build.name}' of '{build.record}' allows, and a run that is under way "
                "is not taken beyond that",
                f"Stay within {low_V:g} V to {high_V:g} V and {build.current_max_A * 1e3:g} mA, or begin another run",
                file=PLACE,
                field=f"limits.{field}",
            )


def _require_same_structure(old: Protocol, new: Protocol, build: Build) -> None:
    """Raise BadInput where a step would be made of other parts, or its current go the other way."""
    if measures_alone(old) != measures_alone(new):
        raise BadInput("this needs other leads on the cell", "Leave the instruments as they are", file=PLACE)
    for (path, before), (_, after) in zip(walk_values(old.steps), walk_values(new.steps), strict=True):
        if before == after or isinstance(before, Loop):
            continue
        now, then = getattr(before, "current", None), getattr(after, "current", None)
        if isinstance(now, Quantity) and isinstance(then, Quantity) and now.value * then.value <= 0.0:
            raise BadInput(
                f"'{then}' does not go the same way as '{now}'",
                "Skip the step, or stop the run, if the current is to be reversed",
                file=PLACE,
                field=f"{path}.current",
            )
        try:
            same = _parts(old, build, before) == _parts(new, build, after)
        except FieldError as problem:
            raise BadInput(
                problem.message, problem.cure, file=PLACE, field=join(path, problem.field)
            ) from None
        if not same:
            raise BadInput(
                "this would make another step of it, with more or fewer parts or spectra",
                "Change values only; a spectrum more is asked for with solbench spectrum",
                file=PLACE,
                field=path,
            )


def _parts(protocol: Protocol, build: Build, step: StepBase) -> list[tuple[object, ...]]:
    """Return what a step is made of, without the values."""
    return [
        (type(each), each.role, each.fraction) if isinstance(each, Sweep) else (type(each),)
        for each in step_segments(protocol, build, step)
    ]


def as_text(value: Plain) -> str | None:
    """Write a value as `split_setting` reads it."""
    return value if value is None or isinstance(value, str) else json.dumps(value)
