"""Voltammetry: the voltage runs from vertex to vertex at a constant rate, in small steps or as a staircase."""

from __future__ import annotations

from itertools import pairwise
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from solbench.protocols import segments as seg
from solbench.protocols.convert import amperes
from solbench.protocols.costs import Cost, SoFar
from solbench.protocols.errors import FieldError
from solbench.protocols.files import Fields
from solbench.protocols.findings import Findings, Rule
from solbench.protocols.kinds.constant_voltage import APPROACH_SAMPLES
from solbench.protocols.kinds.currents import (
    check_electrodes,
    check_inside_window,
    check_usual_voltage,
    too_large,
)
from solbench.protocols.kinds.driven.voltages import check_settable, check_stairs
from solbench.protocols.kinds.fields import RecordRule, StepBase
from solbench.protocols.kinds.record import Bounds, Here, Segments, StepKind, direct_current, pair_leads
from solbench.protocols.kinds.words import shown
from solbench.protocols.model import Count
from solbench.protocols.quantities.quantity import (
    CurrentMagnitude,
    PositiveVoltage,
    Quantity,
    Voltage,
    VoltageSlope,
)

FASTEST_V_s = 0.2  # a reading takes some hundredths of a second: from here on the steps are no line any more
MOST_LEGS = 10_000
APPROACH_MOST_S = 600.0
FAST = Rule(
    "voltammetry.fast",
    "error",
    "'{rate}' is faster than the {most_mV_s:g} mV/s up to which the program's own steps make a line",
    "Sweep more slowly",
)
SAME = "{stop} is where this part of the sweep begins"
STEP_LARGE = Rule(
    "voltammetry.step_large",
    "error",
    "a step of '{step}' is longer than the way from {first_V:g} V to {last_V:g} V",
    "Write a smaller step",
)
STEP_SHORT = Rule(
    "voltammetry.step_short",
    "error",
    "at '{rate}' a step of '{step}' lasts {step_s:.2g} s, which is too short for a reading after its transient",
    "Write a larger step or a smaller rate, or leave 'step' out for a line",
)
SHORTEST_STEP_S = 1.0


class Voltammetry(StepBase):
    """The voltage runs `from` one value over the `vertices`, `cycles` times, `to` another at a constant `rate`.

    Without vertices it is a linear sweep. `step` makes a staircase of it, each step as long as the rate says.
    `current_limit` chooses the current range; the sweep ends where the current exceeds it. The way to `from` is taken
    below it, too.
    """

    drives: ClassVar[bool] = True
    kind: Literal["voltammetry"] = "voltammetry"
    start: Voltage = Field(alias="from")
    vertices: tuple[Voltage, ...] = ()
    cycles: Count | None = None
    stop: Voltage = Field(alias="to")
    rate: VoltageSlope
    step: PositiveVoltage | None = None
    current_limit: CurrentMagnitude
    record: RecordRule | None = None

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Voltammetry:
        if self.cycles is not None and not self.vertices:
            raise FieldError("a sweep without vertices has no cycles", "Add 'vertices'", field="cycles")
        if self.cycles is not None and self.cycles * len(self.vertices) > MOST_LEGS:
            raise FieldError(f"this makes more than {MOST_LEGS} parts", "Write fewer cycles", field="cycles")
        path = self.path()
        last = len(path) - 2
        for number, (before, after) in enumerate(pairwise(path)):
            if before.value == after.value:
                field = "to" if number == last else "vertices"
                raise FieldError(SAME.format(stop=after), "Write another voltage", field=field)
        return self

    def path(self) -> tuple[Quantity, ...]:
        """Return the voltages between which it runs, in their order."""
        return (self.start, *self.vertices * (self.cycles or 1), self.stop)


def _plan(step: Voltammetry, here: Here) -> Segments:
    made = seg.CyclicScan if step.vertices else seg.LinearScan
    yield made(
        here.ref(),
        levels_V=tuple(level.value for level in step.path()),
        rate_V_s=step.rate.value,
        current_limit_A=amperes(step.current_limit, here.build),
        step_V=step.step.value if step.step else None,
        record=here.record(step.record),
    )


def _check(path: str, step: Voltammetry, bounds: Bounds) -> Findings:
    yield from check_electrodes(path, bounds.build)
    named = [("from", step.start), ("to", step.stop), *(("vertices", each) for each in step.vertices)]
    for field, voltage in named:
        yield from check_inside_window(f"{path}.{field}", voltage, bounds.limits)
        yield from check_usual_voltage(f"{path}.{field}", voltage, bounds)
        yield from check_settable(f"{path}.{field}", voltage, bounds.instruments)
    if found := too_large(f"{path}.current_limit", step.current_limit, bounds):
        yield found
    if step.rate.value > FASTEST_V_s * (1.0 + 1e-9):
        yield FAST.at(f"{path}.rate", rate=step.rate.text, most_mV_s=FASTEST_V_s * 1e3)
    if step.step is not None:
        yield from _check_step(path, step, step.step)
        yield from check_stairs(f"{path}.step", step.step, bounds.instruments)


def _check_step(path: str, step: Voltammetry, height: Quantity) -> Findings:
    step_s = height.value / step.rate.value
    if step_s < SHORTEST_STEP_S:
        yield STEP_SHORT.at(f"{path}.step", rate=step.rate.text, step=height.text, step_s=step_s)
    for before, after in pairwise(step.path()):
        if abs(after.value - before.value) < height.value * (1.0 - 1e-9):
            yield STEP_LARGE.at(f"{path}.step", step=height.text, first_V=before.value, last_V=after.value)
            return


def _cost(segment: seg.Scan, so_far: SoFar) -> Cost:
    """The current may end it at once; how long the way to its beginning takes is not known."""
    costs, lasts_s = so_far.costs, segment.duration_s
    every_s, change_V = segment.record.every_s, segment.record.voltage_change_V
    per_s = max(1.0 / every_s, segment.rate_V_s / change_V if change_V else 0.0)
    return Cost(
        lasts_s + costs.connect_s,
        lasts_s + costs.connect_most_s + APPROACH_MOST_S,
        lasts_s * per_s + APPROACH_SAMPLES,
        min(every_s, lasts_s),
        at_least_s=0.0,
    )


def _brief(step: Fields) -> str:
    vertices = step.get("vertices")
    over = (
        f" over {', '.join(map(str, vertices))}" if isinstance(vertices, (list, tuple)) and vertices else ""
    )
    return f"{shown(step, 'from')}{over} to {shown(step, 'to')} at {shown(step, 'rate')}"


def _sentence(step: Voltammetry) -> str:
    way = f"from {step.start} to {step.stop}"
    if step.vertices:
        times = f", {step.cycles} times" if step.cycles else ""
        way = f"from {step.start} over {', '.join(map(str, step.vertices))}{times}, to {step.stop}"
    name = "cyclic voltammetry" if step.vertices else "linear sweep"
    steps = f" in steps of {step.step}" if step.step else ""
    return f"{name} {way} at {step.rate}{steps}, up to a current of {step.current_limit}"


_RUNNING = "a voltage sweep is running: a pause in it would show in its current"
LINEAR_SCAN = seg.SegmentKind(
    seg.LinearScan,
    "linear sweep",
    holds="voltage",
    cost=_cost,
    refuses_spectrum=_RUNNING,
    resumed="refused",
    refuses_resume="the cell was driven away from its open circuit already, so that another sweep would not show "
    "where the current of a fresh cell sets in; begin a new run with another cell",
)
CYCLIC_SCAN = seg.SegmentKind(
    seg.CyclicScan,
    "cyclic voltammetry",
    holds="voltage",
    cost=_cost,
    refuses_spectrum=_RUNNING,
    resumed="repeated",
)

KIND = StepKind(
    name="voltammetry",
    title="Voltammetry",
    model=Voltammetry,
    segments=(LINEAR_SCAN, CYCLIC_SCAN),
    plan=_plan,
    check=_check,
    leads=pair_leads,
    needs=direct_current,
    brief=_brief,
    sentence=_sentence,
    example="""
from: 0.9 V
to: 0.6 V
rate: 5 mV/s
current_limit: 1 mA
""",
)
