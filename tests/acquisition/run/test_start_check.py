"""What the start check finds is the same for people and for programs, and goes into the journal."""

from dataclasses import replace
from typing import Any

import pytest

from solbench.acquisition.bench.scenario import parse_scenario
from solbench.acquisition.record.events import StartCheck, decode
from solbench.protocols import load_cell
from tests.acquisition.runs import TINY, quiet_bench, request, run_it, seen_run, watched_benches
from tests.tiers import few


def check_of(seen):
    (event,) = seen.of("start_check")
    assert decode(event.json()) == event
    assert isinstance(event.body, StartCheck)
    return {line.name: line for line in event.body.findings}


def test_a_cell_that_is_well_has_codes_and_numbers_for_every_line(tiny):
    lines = check_of(tiny)
    codes = [line.code for line in lines.values()]
    assert codes == ["voltage_in_window", "voltage_steady", "current_none"]
    voltage = lines["open-circuit voltage"].parameters
    assert voltage["low_V"] < voltage["voltage_V"] < voltage["high_V"]
    assert f"{voltage['voltage_V']:.4f} V" in lines["open-circuit voltage"].text


RESTING = """
name: rest
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
steps:
  - {name: rest, kind: rest, time: 2 s}
"""


@pytest.mark.long
@few(
    ("conditions", "agrees"),
    [
        ("state_of_charge: 40 %", True),
        ("state_of_charge: 10 %", True),
        ("history: [-0.6 mAh/cm2, 0.1 mAh/cm2]", True),
        ("state_of_charge: 40 %, open_circuit: 0.3 V", False),
        ("history: [-0.6 mAh/cm2], open_circuit: 0.0 V", True),
    ],
    (0, 2, 3),
)
def test_a_cell_begins_with_what_it_is_said_to_hold_and_shows_that(tmp_path, conditions, agrees):
    text = RESTING.replace("stack_pressure: unknown", f"stack_pressure: unknown, {conditions}")
    seen = seen_run(request(tmp_path / "a.h5", text, "nps"))
    assert seen.result.completed == agrees, seen.result.reason
    lines = check_of(seen)
    if "state of charge" in lines:
        assert lines["state of charge"].passed == agrees
        code = "voltage_as_its_history" if agrees else "voltage_contradicts_history"
        assert lines["state of charge"].code == code


def test_a_fresh_cell_that_is_said_to_hold_something_is_refused(tmp_path):
    """The truth of the scenario is another cell than the one that was said."""
    text = RESTING.replace("stack_pressure: unknown", "stack_pressure: unknown, state_of_charge: 40 %")
    fresh = parse_scenario("used_before: {sodiated: 0.1 %}", "s.yaml")
    seen = seen_run(replace(request(tmp_path / "a.h5", text, "nps"), scenario=fresh))
    assert seen.result.outcome == "fault"
    assert check_of(seen)["state of charge"].code == "voltage_contradicts_history"


@few("counter", ["Na9Sn4", "Na", "Na3Sb"], 1)
def test_an_electrode_that_came_full_is_refused_against_another_one_than_said(tmp_path, counter):
    wanted = request(tmp_path / "a.h5", RESTING.replace("build: half", "build: half_sodiated"), "nps")
    cell = load_cell("nps").build("half_sodiated").simulated_cell()
    with watched_benches(lambda bench: bench.truth.mount({**cell, "electrodes": {"counter": counter}})):
        events: list[Any] = []
        assert run_it(wanted, events.append).completed == (counter == "Na9Sn4")
    (check,) = (event.body for event in events if event.kind == "start_check")
    (line,) = (line for line in check.findings if line.name == "state of charge")
    assert line.passed == (counter == "Na9Sn4")


@few(
    ("build", "said", "share", "may_be"),
    [
        ("half_hard_carbon", "sodiated", 30, "used (anything else, such as partly filled)"),
        ("half_antimony", "sodiated", 80, None),
        ("half_sodium", "fresh", 90, "sodiated (its electrode is full)"),
    ],
    1,
)
def test_a_cell_in_another_state_than_said_is_refused_and_the_others_are_named(
    tmp_path, build, said, share, may_be
):
    text = RESTING.replace("build: half", f"build: {build}")
    text = text.replace("stack_pressure: unknown", f"stack_pressure: unknown, cell_state: {said}")
    filled = parse_scenario(f"used_before: {{sodiated: {share} %}}", "s.yaml")
    seen = seen_run(replace(request(tmp_path / "a.h5", text, "nps"), scenario=filled))
    line = check_of(seen)["open-circuit voltage"]
    assert seen.result.completed == (may_be is None)
    assert line.code == ("voltage_of_another_state" if may_be else "voltage_in_window")
    assert not may_be or (may_be in line.text and f"{said} (" not in line.text)


@pytest.mark.parametrize(
    ("simulation", "name", "code"),
    [({"dre_sign": -1.0}, "open-circuit voltage", "voltage_leads_swapped")],
)
def test_a_cell_that_is_not_is_told_of_by_a_code(tmp_path, simulation, name, code):
    seen = seen_run(request(tmp_path / "a.h5", TINY, bench=quiet_bench(**simulation)))
    assert seen.result.outcome == "fault"
    lines = check_of(seen)
    assert (lines[name].code, lines[name].passed) == (code, False)
