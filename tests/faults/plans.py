"""A short protocol for each kind of segment, made of the example of the first kind of step that has it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from solbench.protocols import Protocol, check, estimate, load_cell, plan
from solbench.protocols.files import Fields
from solbench.protocols.kinds import SEGMENT_KINDS, STEP_KINDS
from solbench.protocols.kinds.registry import new_step
from solbench.protocols.protocol import from_data
from solbench.protocols.quantities.quantity import quantity

CELL = load_cell("nbh")
LONGEST_S = 150.0  # all times of an example are shortened by one factor to about so long
WAIT_S = 300.0  # a run that pauses waits no longer for a user
BY_CURRENT = "Sweep, set current"
OTHERWISE: Mapping[str, tuple[str, str, Fields]] = {
    "Condition": (
        "Condition",
        "temperature",
        {"kind": "condition", "temperature": "26 degC", "over": "5 min", "time_out": "30 min"},
    ),
    BY_CURRENT: (
        "Sweep",
        "spectrum, set current",
        {"kind": "impedance", "control": "current", "from": "100 kHz", "amplitude": "20 uA"},
    ),
    "CyclicScan": (
        "CyclicScan",
        "cyclic voltammetry",
        {"kind": "voltammetry", "vertices": ["0.8 V", "0.92 V"], "to": "0.9 V"},
    ),
    "UnbrokenVoltage": (
        "UnbrokenVoltage",
        SEGMENT_KINDS["UnbrokenVoltage"].words,
        {"kind": "constant_voltage", "unbroken": True},
    ),
}
"""Segments of a kind that are carried out in another way: their kind, their words, what differs in the step."""
SEGMENTS: Mapping[str, str] = {
    **{name: kind.words for name, kind in SEGMENT_KINDS.items()},
    **{name: words for name, (_, words, _) in OTHERWISE.items()},
}
"""What faults are played in, each with its words."""


@cache
def protocol_of(segment: str) -> Protocol:
    """Return a protocol that carries out one of `SEGMENTS`, in some minutes."""
    segment, _, changes = OTHERWISE.get(segment, (segment, "", {}))
    for kind in [STEP_KINDS[changes["kind"]]] if changes else STEP_KINDS.values():
        if segment not in {part.name for part in kind.segments}:
            continue
        for build in CELL.builds:
            found = _short({**new_step(kind), **changes}, build)
            if not any(finding.grade == "error" for finding in check(found, CELL)) and segment in {
                type(part).__name__ for part in plan(found, CELL.build(build))
            }:
                return found
    raise LookupError(f"the example of no kind of step has a segment {segment}")


def _short(step: Fields, build: str) -> Protocol:
    whole = _with(step, build)
    planned_s = estimate(whole, CELL.build(build)).at_most_s
    factor = planned_s / LONGEST_S
    shorter = _shortened(step, factor) if factor > 1.0 else step
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
