"""Loops that end early: by voltage, time, charge or a short circuit, also where a run was interrupted in between."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from solbench.acquisition.bench.scenario import parse_scenario
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.record.events import Event, Sample, SegmentEnd, SegmentStart
from solbench.acquisition.record.loops import loops_ended
from solbench.acquisition.record.progress import Progress
from solbench.acquisition.record.reader import open_run
from solbench.analysis.summary import summarise
from solbench.protocols import load_cell, parse_protocol, plan
from solbench.protocols.protocol import from_data, to_data
from solbench.protocols.segments import ConstantCurrent, LoopEnd, Pass, StepRef
from tests.acquisition.runs import Seen, closely_watched, request, resume_it, seen_run

PULSES = """
name: pulses
build: half
conditions: {temperature: 25 degC, stack_pressure: unknown}
record: {every: 10 s}
steps:
  - {name: into, kind: constant_current, current: -0.3 mA/cm2, until: {time: 3 min}}
  - name: titration
    kind: loop
    count: 40
    until: {voltage_below: 0.3885 V}
    steps:
      - {name: pulse, kind: constant_current, current: -0.3 mA/cm2, until: {time: 60 s}}
      - {name: relax, kind: rest, time: 30 s}
  - {name: after, kind: rest, time: 5 s}
"""
RAMP = """
name: ramp
build: symmetric
conditions: {temperature: 25 degC, stack_pressure: unknown}
record: {every: 10 s}
steps:
  - name: currents
    kind: loop
    over: {current: {from: 0.1 mA/cm2, to: 0.5 mA/cm2, step: 0.1 mA/cm2}}
    until: {short: true}
    steps:
      - {name: forth, kind: constant_current, current: $current, until: {time: 30 s}}
      - {name: back, kind: constant_current, current: -$current, until: {time: 30 s}}
  - {name: after, kind: rest, time: 5 s}
"""


def told(events: list[Event]) -> list[tuple[str, int]]:
    """The segments that were begun, each with its pass."""
    return [(e.body.step.name, e.body.step.cycle) for e in events if isinstance(e.body, SegmentStart)]


def test_a_titration_ends_with_the_pass_that_came_to_its_voltage(tmp_path: Path) -> None:
    seen = seen_run(request(tmp_path / "r.h5", PULSES))
    assert seen.result is not None
    assert seen.result.completed
    (ended,) = [event.body for event in seen.of("loop_end")]
    assert ended.path == "steps.titration"
    assert 1 < ended.passes < 40
    assert ended.value <= 0.3885
    assert ended.quantity == "voltage_below"
    assert f"after {ended.passes} of 40 passes" in ended.text
    left_V = [
        sample.body.voltage_V
        for sample, after in zip(seen.events, seen.events[1:], strict=False)
        if sample.kind == "sample" and after.kind == "segment_end"
    ]
    assert all(voltage > 0.3885 for voltage in left_V[1:-3])
    assert told(seen.events)[-2:] == [("relax", ended.passes), ("after", None)]
    assert open_run(tmp_path / "r.h5").completed


@pytest.mark.parametrize("at", ["segment_end", pytest.param("loop_end", marks=pytest.mark.long)])
def test_a_loop_ends_in_the_same_pass_where_the_run_was_interrupted(tmp_path: Path, at: str) -> None:
    whole = seen_run(request(tmp_path / "whole.h5", PULSES))
    run_control, before = RunControl(), list[Event]()

    def stop(event: Event) -> None:
        before.append(event)
        last = len(told(whole.events)) - 1
        if event.kind == at and (at == "loop_end" or event.body.ordinal == last - 1):
            run_control.ask(Verb.STOP, "a test")

    path = tmp_path / "r.h5"
    seen = seen_run(request(path, PULSES), stop, run_control=run_control)
    assert seen.result is not None
    assert not seen.result.completed
    later: list[Event] = []
    assert resume_it(path, later.append).completed
    assert told(before) + told(later) in (told(whole.events), told(whole.events)[:-1] + [("after", None)] * 2)
    assert len([event for event in before + later if event.kind == "loop_end"]) == 1


def shunted(tmp_path: Path, ohm: float) -> Seen:
    changes = f"changes: [{{kind: shunt, resistance: {ohm} ohm, from: 85 s}}]"
    wanted = request(tmp_path / "r.h5", RAMP, bench=closely_watched())
    return seen_run(replace(wanted, scenario=parse_scenario(changes, "s")))


@pytest.mark.parametrize("ohm", [15.0, pytest.param(1.0, marks=pytest.mark.long)])
def test_a_short_circuit_opens_the_cell_in_two_readings_and_ends_the_loop(tmp_path: Path, ohm: float) -> None:
    assert load_cell("nbh").build("symmetric").resistance_ohm > 30.0
    seen = shunted(tmp_path, ohm)
    assert seen.result is not None
    assert seen.result.completed, seen.result.reason
    (ended,) = [event.body for event in seen.of("loop_end")]
    assert ended.quantity == "short"
    assert ended.value < ended.limit
    assert told(seen.events)[-1] == ("after", None)
    (short,) = [event for event in seen.of("segment_end") if event.body.quantity == "short"]
    assert 85.0 < short.time_s < 90.0  # two readings of at most 2 s, and the way off


def test_without_a_short_circuit_all_values_are_taken(tmp_path: Path) -> None:
    seen = seen_run(request(tmp_path / "r.h5", RAMP))
    assert seen.result is not None
    assert seen.result.completed
    assert not seen.of("loop_end")
    currents = [
        e.body.segment.current_A / 0.785 for e in seen.of("segment") if e.body.name == "ConstantCurrent"
    ]
    assert currents == pytest.approx([way * 1e-4 * step for step in range(1, 6) for way in (1, -1)])
    steps = summarise(open_run(tmp_path / "r.h5")).steps
    assert [step.values.get("current") for step in steps[:4:2]] == ["0.1 mA/cm2", "0.2 mA/cm2"]
    values = [e.body.step.passes[0].values for e in seen.of("segment") if e.body.step.name == "back"]
    assert values == [{"current": f"{0.1 * step:g} mA/cm2"} for step in range(1, 6)]


def folded(end: LoopEnd, charges_C: list[float], **values: Any) -> list[float | None]:
    """What a loop shows against its end after each pass, with these charges of its step."""
    progress, found = Progress(), []
    for number, charge_C in enumerate(charges_C, 1):
        each = Pass("steps.l", 0, number, 99, {}, (end,))
        step = StepRef(number, "a", "constant_current", "steps.l.steps.a", number, (each,))
        start = SegmentStart(ordinal=number, attempt=1, segment=ConstantCurrent(step, 1e-4, ()))
        progress.apply(Event(0, 100.0 * number, start))
        sample = Sample(
            step=number, segment=number, voltage_V=0.1 * number, current_A=0.0, charge_C=0.0, range=5
        )
        progress.apply(Event(0, 100.0 * number + 50.0, sample))
        ended = SegmentEnd(
            ordinal=number, attempt=1, segment="ConstantCurrent", step=number, outcome="segment", text="",
            quantity="charge", limit=None, value=None, duration_s=50.0, step_charge_C=charge_C, worst_gap_s=0.0,
            missed_readings=0, **values,
        )  # fmt: skip
        progress.apply(Event(0, 100.0 * number + 60.0, ended))
        met = list(loops_ended(progress, (), 100.0 * number + 60.0))
        found.append(met[0].value if met else None)
    return found


@pytest.mark.parametrize(
    ("end", "values"),
    [
        (LoopEnd("part_below", 0.8, "80 %", "steps.l.steps.a"), [None, None, 0.8, 0.5]),
        (LoopEnd("charge_below", 1.5, "x", "steps.l.steps.a"), [None, None, None, 1.0]),
        (LoopEnd("part_below", 0.8, "80 %", "steps.l.steps.other"), [None] * 4),
        (LoopEnd("voltage_above", 0.25, "x"), [None, None, pytest.approx(0.3), pytest.approx(0.4)]),
        (LoopEnd("voltage_below", 0.15, "x"), [pytest.approx(0.1), None, None, None]),
        (LoopEnd("time", 200.0, "x"), [None, None, 260.0, 360.0]),
    ],
)
def test_what_ends_a_loop_is_that_of_the_pass_and_of_the_first_one(end: LoopEnd, values: list[Any]) -> None:
    assert folded(end, [2.0, -2.1, 1.6, -1.0]) == values


def test_each_run_through_a_loop_in_a_loop_has_a_first_pass_of_its_own() -> None:
    data = to_data(parse_protocol(PULSES, "t"))
    inner = {**data["steps"][1], "count": 3}
    outer = {"name": "outer", "kind": "loop", "count": 2, "steps": [inner]}
    made = list(plan(from_data({**data, "steps": [outer]}, "t"), load_cell("nbh").build("half")))
    assert [(each.step.passes[0].instance, each.step.passes[0].number) for each in made[::2]] == [
        (instance, number) for instance in (0, 1) for number in (1, 2, 3)
    ]
