"""What a protocol will do with a cell, in words: a page of a lab manual, made before anything is measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from solbench.acquisition.record.events import ProtocolChanged
from solbench.protocols import (
    Build,
    CellRecord,
    Estimate,
    Protocol,
    check,
    estimate,
    format_duration,
    format_size,
)
from solbench.protocols.convert import amperes
from solbench.protocols.costs import Costs, SoFar
from solbench.protocols.errors import FieldError
from solbench.protocols.findings import Finding
from solbench.protocols.kinds import Loop, StepBase, kind_of, kind_of_segment
from solbench.protocols.kinds.fields import Steps
from solbench.protocols.limits import limits_for
from solbench.protocols.model import join
from solbench.protocols.plan import plan
from solbench.protocols.quantities.quantity import Quantity
from solbench.protocols.segments import Prompt, Segment

MOST_DRAWN = 400  # segments: of a long cycling the first are like the others
CURRENTS = ("current", "current_limit")


@dataclass(frozen=True)
class StepLine:
    """One step: its depth in loops, name, words, what its currents are in this cell, and how long it takes in all (s).

    `duration_s` is None for a loop, whose steps have theirs.
    """

    depth: int
    name: str
    words: str
    amounts: str
    duration_s: float | None


@dataclass(frozen=True)
class Span:
    """One segment with the times (s since the beginning) between which it is expected."""

    begin_s: float
    end_s: float
    segment: Segment


@dataclass(frozen=True)
class Description:
    """What will be done: texts in rows of two, the steps, when which segment is expected, what is to be noted.

    `spans` are the first `MOST_DRAWN` segments; `is_whole` says whether these are all. `changes` are those of a run on
    its way: when and by whom, and what.
    """

    title: str
    notes: str
    cell: tuple[tuple[str, str], ...]
    conditions: tuple[tuple[str, str], ...]
    steps: tuple[StepLine, ...]
    limits: tuple[tuple[str, str], ...]
    takes: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    spans: tuple[Span, ...]
    is_whole: bool
    changes: tuple[tuple[str, str], ...] = ()


def describe(protocol: Protocol, record: CellRecord, changes: Sequence[ProtocolChanged] = ()) -> Description:
    """Describe a protocol for the build of a record that it names; raises `BadInput` where there is none.

    `changes` during a run led to it.

    A protocol with errors is described as far as it goes: the findings say what keeps it from running.
    """
    build = record.build(protocol.build)
    findings = tuple(check(protocol, record))
    runnable = all(finding.grade == "warning" for finding in findings)
    expected = estimate(protocol, build) if runnable else None
    spans, is_whole = _spans(protocol, build) if runnable else ((), True)
    return Description(
        title=f"{protocol.name} on {record.name}, {protocol.build}",
        notes=protocol.notes or "",
        cell=tuple(_cell(build)),
        conditions=tuple(_conditions(protocol)),
        steps=tuple(_steps(protocol.steps, "steps", build, _durations(expected))),
        limits=tuple(_limits(protocol, build)),
        takes=tuple(_takes(expected)) if expected is not None else (),
        findings=findings,
        spans=spans,
        is_whole=is_whole,
        changes=tuple(
            (f"{changed.wall[:16].replace('T', ' ')}, {changed.by}", each.words)
            for changed in changes
            for each in changed.changes
        ),
    )


def as_text(described: Description) -> str:
    """Return a description as plain text, in the order of a page."""
    lines = [described.title, "=" * len(described.title)]
    if described.notes:
        lines += ["", described.notes]
    for head, rows in (("Cell", described.cell), ("Conditions", described.conditions)):
        lines += ["", head, *_columns(rows)]
    lines += ["", "Steps"]
    for number, step in enumerate(described.steps, 1):
        indent = "    " * step.depth
        lasts = f"  [{format_duration(step.duration_s)}]" if step.duration_s is not None else ""
        amounts = f" ({step.amounts})" if step.amounts else ""
        lines.append(f"  {number:>2}. {indent}{step.name}: {step.words}{amounts}{lasts}")
    lines += [
        "",
        "Limits: what ends the run or pauses it, whatever the steps say",
        *_columns(described.limits),
    ]
    if described.changes:
        lines += ["", "Changed during the run", *_columns(described.changes)]
    if described.takes:
        lines += ["", "What it takes", *_columns(described.takes)]
    if described.findings:
        lines += ["", "To be noted", *(f"  {finding}" for finding in described.findings)]
    return "\n".join(lines) + "\n"


def _columns(rows: tuple[tuple[str, str], ...]) -> list[str]:
    return [f"  {name:<24} {text}" for name, text in rows]


def _cell(build: Build) -> Iterator[tuple[str, str]]:
    yield "record, build", f"{build.record}, {build.name} ({build.kind})"
    yield "area, thickness", f"{build.area_m2 * 1e4:.4g} cm2, {build.thickness_m * 1e6:.4g} um"
    yield "electrolyte", f"{build.resistance_ohm:.4g} ohm by the record"
    if build.capacity_C is not None:
        which = "nominal" if build.nominal_capacity_C else "theoretical"
        yield (
            "capacity",
            f"{build.capacity_C / 3.6:.4g} mAh ({which}); C/10 is {build.capacity_C / 36.0:.4g} mA",
        )


def _conditions(protocol: Protocol) -> Iterator[tuple[str, str]]:
    conditions = protocol.conditions
    yield "temperature", str(conditions.temperature)
    yield "stack pressure", str(conditions.stack_pressure)
    yield "cell before the run", conditions.state_before
    if conditions.state_of_charge is not None:
        yield "it holds", str(conditions.state_of_charge)
    if conditions.history:
        yield "it has passed", ", ".join(map(str, conditions.history))
    for name, value in (("operator", conditions.operator), ("cell id", conditions.cell_id)):
        if value:
            yield name, value


def _durations(expected: Estimate | None) -> dict[str, float]:
    return {} if expected is None else {step.path: step.duration_s for step in expected.steps}


def _steps(
    steps: Steps, path: str, build: Build, durations: dict[str, float], depth: int = 0
) -> Iterator[StepLine]:
    for step in steps:
        here = join(path, step.name)
        words = kind_of(step).sentence(step)
        yield StepLine(depth, step.name, words, _amounts(step, build), durations.get(here))
        if isinstance(step, Loop):
            yield from _steps(step.steps, join(here, "steps"), build, durations, depth + 1)


def _amounts(step: StepBase, build: Build) -> str:
    """Return a step's currents in this cell, as amperes, per area and as a C-rate; "" where a series varies them."""
    found = []
    for name in CURRENTS:
        current = getattr(step, name, None)
        if not isinstance(current, Quantity) or current.written:
            continue
        try:
            amount_A = amperes(current, build)
        except FieldError:
            continue
        words = [f"{amount_A * 1e3:.4g} mA", f"{amount_A / build.area_m2 / 10.0:.4g} mA/cm2"]
        if build.capacity_C and amount_A:
            words.append(f"C/{build.capacity_C / abs(amount_A) / 3600.0:.3g}")
        found.append(f"{name.replace('_', ' ')}: {', '.join(words)}")
    return "; ".join(found)


def _limits(protocol: Protocol, build: Build) -> Iterator[tuple[str, str]]:
    limits = limits_for(protocol.safety, build)
    tolerances = build.tolerances.widened(protocol.tolerances)
    yield "voltage", f"{limits.voltage_min_V:g} V to {limits.voltage_max_V:g} V ends the run, the cell off"
    yield "current", f"{limits.current_max_A * 1e3:.4g} mA either way ends the run, the cell off"
    if build.theoretical_capacity_C is not None:
        most_C = tolerances.charge.value * build.theoretical_capacity_C
        yield (
            "charge one way",
            f"{most_C / 3.6:.4g} mAh ({tolerances.charge} of what the tin takes up) pauses it",
        )
    waits = protocol.interruptions.wait_for_user
    yield "a pause", f"waits for a person for {waits}, then the run ends and can be resumed"


def _takes(expected: Estimate) -> Iterator[tuple[str, str]]:
    at_least, at_most = format_duration(expected.at_least_s), format_duration(expected.at_most_s)
    yield "duration", f"{format_duration(expected.duration_s)} (at least {at_least}, at most {at_most})"
    yield "spectra", f"{expected.spectra} with {expected.points} points"
    yield "samples, file", f"{expected.samples}, {format_size(expected.file_bytes)}"


def _spans(protocol: Protocol, build: Build) -> tuple[tuple[Span, ...], bool]:
    """Return when the first segments are expected, and whether these are all."""
    found: list[Span] = []
    costs, now_s, driven_s, balance_C, step = Costs(), 0.0, 0.0, 0.0, -1
    kelvin: float | None = None
    for segment in plan(protocol, build):
        if len(found) == MOST_DRAWN:
            return tuple(found), False
        if segment.step.index != step:
            step, driven_s = segment.step.index, 0.0
        so_far = SoFar(costs, driven_s, balance_C, build.capacity_C, temperature_K=kelvin)
        cost = kind_of_segment(segment).cost(segment, so_far)
        found.append(Span(now_s, now_s + cost.duration_s, segment))
        now_s += cost.duration_s
        driven_s += cost.driven_s
        balance_C += cost.driven_s * cost.current_A
        if isinstance(segment, Prompt) and segment.temperature_K is not None:
            kelvin = segment.temperature_K
    return tuple(found), True
