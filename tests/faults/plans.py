"""A short protocol for each kind of segment, made of the example of the first kind of step that has it."""

from __future__ import annotations

from functools import cache
from typing import Any

from solbench.protocols import Protocol, check, estimate, load_cell, plan
from solbench.protocols.files import Fields
from solbench.protocols.kinds import STEP_KINDS
from solbench.protocols.kinds.record import AnyStepKind
from solbench.protocols.kinds.registry import new_step
from solbench.protocols.protocol import from_data
from solbench.protocols.quantities.quantity import quantity

CELL = load_cell("nbh")
LONGEST_S = 150.0  # all times of an example are shortened by one factor to about so long
WAIT_S = 300.0  # a run that pauses waits no longer for a user


@cache
def protocol_of(segment: str) -> Protocol:
    """Return a protocol that carries out a kind of segment (its name in journals), in some minutes."""
    for kind in STEP_KINDS.values():
        if segment not in {part.name for part in kind.segments}:
            continue
        for build in CELL.builds:
            found = _short(kind, build)
            if not any(finding.grade == "error" for finding in check(found, CELL)) and segment in {
                type(part).__name__ for part in plan(found, CELL.build(build))
            }:
                return found
    raise LookupError(f"the example of no kind of step has a segment {segment}")


def _short(kind: AnyStepKind, build: str) -> Protocol:
    whole = _with(new_step(kind), build)
    planned_s = estimate(whole, CELL.build(build)).at_most_s
    factor = planned_s / LONGEST_S
    shorter = _shortened(new_step(kind), factor) if factor > 1.0 else new_step(kind)
    return _with(shorter, build)


def _with(step: Fields, build: str) -> Protocol:
    return from_data(
        {
            "name": "fault",
            "build": build,
            "conditions": {"temperature": "unknown", "stack_pressure": "unknown"},
            "record": {"every": "2 s"},
            "interruptions": {"wait_for_user": f"{WAIT_S:g} s"},
            "steps": [{"name": "walked", **step}],
        },
        "fault",
    )


def _shortened(fields: Any, factor: float, name: str = "") -> Any:
    """Divide every time in a step by a factor, that of one measurement (`integration`) excepted."""
    if isinstance(fields, dict):
        return {key: _shortened(value, factor, key) for key, value in fields.items()}
    if isinstance(fields, list):
        return [_shortened(value, factor, name) for value in fields]
    if not isinstance(fields, str) or name == "integration":
        return fields
    try:
        value = quantity(fields)
    except ValueError:
        return fields
    return f"{value.value / factor:.0f} s" if value.kind == "time" else fields
