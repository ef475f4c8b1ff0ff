"""Constant voltage until a condition fires."""

from typing import ClassVar, Literal

from pydantic import StrictBool, field_validator

from solbench.protocols import segments as seg
from solbench.protocols.cells import SYMMETRIC_KINDS, Build, CellState
from solbench.protocols.convert import amperes, coulombs
from solbench.protocols.costs import Cost, SoFar
from solbench.protocols.errors import FieldError
from solbench.protocols.findings import Findings, Rule
from solbench.protocols.kinds.currents import (
    check_bounded,
    check_capacity,
    check_electrodes,
    check_inside_window,
    check_usual_voltage,
    too_large,
)
from solbench.protocols.kinds.driven.current import ConstantCurrent
from solbench.protocols.kinds.driven.voltages import check_settable
from solbench.protocols.kinds.ends import never_reached
from solbench.protocols.kinds.fields import (
    Ends,
    RecordRule,
    StepBase,
    VoltageCuts,
    VoltageEnds,
    need_a_condition,
)
from solbench.protocols.kinds.record import (
    Bounds,
    Here,
    Placed,
    Segments,
    StepKind,
    direct_current,
    pair_leads,
)
from solbench.protocols.kinds.words import cuts_of, ends_of, shown, typed_ends
from solbench.protocols.quantities.quantity import CurrentMagnitude, Voltage

LIMIT_OF_CURRENT = 0.2  # of the current that brought the cell to the voltage
LARGE_LIMIT = 2.0  # times that current
APPROACH_SAMPLES = 10.0  # while the voltage is approached step by step
LIMITED = Rule(
    "constant_voltage.limited",
    "warning",
    "from {from_V:g} V on '{voltage}' would drive up to {inrush_mA:.3g} mA through the electrolyte alone, more than "
    "current_limit '{limit}': the limit is held as a constant current until the voltage is reached",
    "Keep it if that is meant, or raise the limit",
)


LIMIT_SMALL = Rule(
    "constant_voltage.limit_small",
    "warning",
    "current_limit '{limit}' is far below the '{current}' of the step before it: the limit would be held as a constant "
    "current, and the voltage not for long",
    "Raise the limit to the current before, unless that is meant",
)
LIMIT_LARGE = Rule(
    "constant_voltage.limit_large",
    "warning",
    "current_limit '{limit}' lets {times:.3g} times the '{current}' of the step before it flow as soon as the voltage "
    "is set",
    "Lower the limit to the current before, unless that is meant",
)
ENDS_AT_ONCE = Rule(
    "constant_voltage.ends_at_once",
    "error",
    "'{end}' is not below current_limit '{limit}': it is met as soon as the voltage is reached, and nothing is held",
    "Write a smaller current, or a larger limit",
)
END_UNREAD = Rule(
    "constant_voltage.end_unread",
    "warning",
    "'{end}' is {percent:.2g} % of current_limit '{limit}': on a range for that, the ammeter's zero may be as large",
    "End at a larger current, or make current_limit smaller",
)
NOT_LINEAR = Rule(
    "constant_voltage.not_linear",
    "warning",
    "'{voltage}' is more than the {linear_mV:g} mV up to which two electrodes of the same kind answer in proportion: a "
    "transient beyond gives no transference number",
    "Write for example '10 mV'",
)


class ConstantVoltage(StepBase):
    """Constant cell voltage until one condition of `until` fires.

    Where it would take more than `current_limit`, that is held as a constant current until the voltage is reached.
    With `unbroken` the current from beginning to end is what is measured: interrupted, the run ends there.
    """

    drives: ClassVar[bool] = True
    kind: Literal["constant_voltage"] = "constant_voltage"
    voltage: Voltage
    current_limit: CurrentMagnitude
    until: VoltageEnds
    cut_short: VoltageCuts | None = None
    unbroken: StrictBool = False
    record: RecordRule | None = None

    @field_validator("until", "cut_short")
    @classmethod
    def _not_empty(cls, ends: Ends | None) -> Ends | None:
        return ends and need_a_condition(ends)


def _plan(step: ConstantVoltage, here: Here) -> Segments:
    limit_A, ends = amperes(step.current_limit, here.build), _ends(step, here.build)
    segment = seg.UnbrokenVoltage if step.unbroken else seg.ConstantVoltage
    yield segment(here.ref(), step.voltage.value, ends, limit_A, here.record(step.record))


def _ends(step: ConstantVoltage, build: Build) -> tuple[seg.End, ...]:
    found: list[seg.End] = []
    if taper := step.until.current:
        found.append(seg.End("current_below", amperes(taper, build), taper.text, "step"))
    outcomes: tuple[tuple[VoltageEnds | VoltageCuts | None, seg.Outcome, seg.Outcome], ...] = (
        (step.until, "segment", "step"),
        (step.cut_short, "cut_short", "cut_short"),
    )
    for ends, own, other in outcomes:
        if ends and ends.capacity:
            found.append(seg.End("charge", coulombs(ends.capacity, build), ends.capacity.text, own))
        if ends and ends.time:
            found.append(seg.End("time", ends.time.value, ends.time.text, other))
    return tuple(found)


def _check(path: str, step: ConstantVoltage, bounds: Bounds) -> Findings:
    yield from check_electrodes(path, bounds.build)
    yield from check_inside_window(f"{path}.voltage", step.voltage, bounds.limits)
    yield from check_usual_voltage(f"{path}.voltage", step.voltage, bounds)
    yield from check_bounded(f"{path}.until", "a current", (step.until, step.cut_short), bounds)
    yield from _check_end(path, step, bounds)
    yield from _check_linear(path, step, bounds)
    yield from check_settable(f"{path}.voltage", step.voltage, bounds.instruments)
    for field, current in (("current_limit", step.current_limit), ("until.current", step.until.current)):
        if current and (found := too_large(f"{path}.{field}", current, bounds)):
            yield found
    for name, ends in (("until", step.until), ("cut_short", step.cut_short)):
        if ends and ends.capacity:
            where = f"{path}.{name}.capacity"
            yield from check_capacity(where, ends.capacity, bounds, is_reached=name == "until")
    yield from _check_ends(path, step, bounds.build)


def _check_ends(path: str, step: ConstantVoltage, build: Build) -> Findings:
    try:
        ends, limit_A = _ends(step, build), amperes(step.current_limit, build)
    except FieldError:
        return  # the missing mass has its own finding
    yield from never_reached(path, step.kind, ends)
    taper = next((end for end in ends if end.quantity == "current_below" and end.value >= limit_A), None)
    if taper is not None:
        yield ENDS_AT_ONCE.at(f"{path}.until.current", end=taper.text, limit=step.current_limit.text)


def _check_end(path: str, step: ConstantVoltage, bounds: Bounds) -> Findings:
    """Find an end by a current that is lost in the zero of a range for the current limit."""
    if step.until.current is None:
        return
    try:
        end_A, limit_A = (amperes(each, bounds.build) for each in (step.until.current, step.current_limit))
    except FieldError:
        return  # the missing mass has its own finding
    share = end_A / limit_A
    if limit_A <= bounds.limits.current_max_A and share < bounds.plausible.usual_end_of_limit:
        shown = {"end": step.until.current.text, "limit": step.current_limit.text}
        yield END_UNREAD.at(f"{path}.until.current", percent=100.0 * share, **shown)


def _check_linear(path: str, step: ConstantVoltage, bounds: Bounds) -> Findings:
    """Find a transient between two electrodes of the same kind that is no response to a small voltage."""
    linear_V = bounds.plausible.linear_voltage_V
    if step.unbroken and bounds.build.kind in SYMMETRIC_KINDS and abs(step.voltage.value) > linear_V:
        yield NOT_LINEAR.at(f"{path}.voltage", voltage=step.voltage.text, linear_mV=1e3 * linear_V)


def _check_order(steps: Placed, build: Build, _state: CellState) -> Findings:
    """Find voltages that their current limit does not let the cell have at once."""
    before: StepBase | None = None
    for path, step in steps:
        if isinstance(step, ConstantVoltage):
            yield from _check_limit(path, step, before, build)
        before = step if step.drives else before  # a rest or a spectrum leaves the cell as it is


def _check_limit(path: str, step: ConstantVoltage, before: StepBase | None, build: Build) -> Findings:
    from_V = _left_V(before, build)
    if from_V is None:
        return
    try:
        limit_A = amperes(step.current_limit, build)
        brought_A = 0.0
        if isinstance(before, ConstantCurrent) and before.until.voltage is not None:
            brought_A = abs(amperes(before.current, build))
    except FieldError:
        return  # the missing mass has its own finding
    if isinstance(before, ConstantCurrent) and limit_A < LIMIT_OF_CURRENT * brought_A:
        shown = {"current": before.current.text, "limit": step.current_limit.text}
        yield LIMIT_SMALL.at(f"{path}.current_limit", **shown)
    inrush_A = abs(step.voltage.value - from_V) / build.resistance_ohm
    flows_A = min(limit_A, inrush_A)
    if isinstance(before, ConstantCurrent) and flows_A > LARGE_LIMIT * brought_A > 0.0:
        shown = {"current": before.current.text, "limit": step.current_limit.text}
        yield LIMIT_LARGE.at(f"{path}.current_limit", times=flows_A / brought_A, **shown)
    if inrush_A > limit_A:
        shown = {"voltage": step.voltage.text, "limit": step.current_limit.text}
        yield LIMITED.at(f"{path}.current_limit", from_V=from_V, inrush_mA=inrush_A * 1e3, **shown)


def _left_V(before: StepBase | None, build: Build) -> float | None:
    """Return the voltage (V) at which a step leaves the cell, None where that is not known.

    That which it holds or ends at; a current that ends otherwise may leave it at the end of its window.
    """
    if isinstance(before, ConstantVoltage):
        return before.voltage.value
    if not isinstance(before, ConstantCurrent):
        return None
    if before.until.voltage is not None:
        return before.until.voltage.value
    low_V, high_V = build.start_window_V
    return high_V if before.current.value > 0.0 else low_V


def _cost(segment: seg.ConstantVoltage, so_far: SoFar) -> Cost:
    """Only a time ends it for certain; a current does once all charge that may flow has flowed."""
    costs, ends = so_far.costs, [end for end in segment.ends if end.outcome != "cut_short"]
    times = [end.value for end in ends if end.quantity == "time"]
    tapers = [so_far.longest_s(end.value) for end in ends if end.quantity == "current_below"]
    longest_s = min(times or tapers, default=so_far.costs.unknown_s)
    expected_s = min(times) if times else min(costs.taper_s, longest_s)
    every_s = segment.record.every_s
    return Cost(
        expected_s,
        longest_s + costs.connect_most_s,
        expected_s / every_s + APPROACH_SAMPLES,
        min(every_s, longest_s),
        at_least_s=expected_s if len(ends) == len(times) else 0.0,
    )


CONSTANT_VOLTAGE = seg.SegmentKind(
    seg.ConstantVoltage,
    "constant voltage",
    holds="voltage",
    cost=_cost,
    refuses_spectrum="",
    resumed="continued",
)
UNBROKEN_VOLTAGE = seg.SegmentKind(
    seg.UnbrokenVoltage,
    "constant voltage without interruption",
    holds="voltage",
    cost=_cost,
    refuses_spectrum="the current of this step is one transient: a pause in it would show in all that follows",
    resumed="refused",
    refuses_resume="its current is one transient from the beginning, and what had built up in the cell has partly "
    "gone; let the cell rest, and begin a new run",
)

KIND = StepKind(
    name="constant_voltage",
    title="Constant voltage",
    model=ConstantVoltage,
    segments=(CONSTANT_VOLTAGE, UNBROKEN_VOLTAGE),
    plan=_plan,
    check=_check,
    leads=pair_leads,
    needs=direct_current,
    brief=lambda step: f"{shown(step, 'voltage')} until {typed_ends(step)}",
    sentence=lambda step: (
        f"{step.voltage} held {ends_of(step.until)}{cuts_of(step.cut_short)}"
        + (", which is not resumed" if step.unbroken else "")
    ),
    example="""
voltage: 2.0 V
current_limit: 0.16 mA/cm2
until: {time: 1 h}
""",
    check_order=_check_order,
)
