"""Runs with a load cell at a press whose truth the test knows: awaited, followed, and told where it falls."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solbench.acquisition.bench.bench_file import parse_bench
from solbench.acquisition.bench.scenario import parse_scenario
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.record.reader import open_run
from solbench.analysis.summary import summarise
from solbench.analysis.summary_text import as_text
from tests.acquisition.runs import request, run_it, seen_run, watched_benches

PRESS = """
name: bench
kind: simulated
positive_terminal: we_re2
max_unwatched: 20 s
gauges:
  - name: load cell
    place: cell
    accuracy: 0.5 MPa
    area: 78.54 mm2
    modbus: {connection: "tcp://192.168.1.31", register: 5, scale: 0.001, type: int32, unit: kN}
simulation:
  unit: ideal
  errors: none
  press: {pressure_Pa: 10 MPa, creep: CREEP, creep_s: 30 min, contact_ohm: 40 ohm}
  sensors: {load cell: {noise_Pa: 0.05 MPa, offset_Pa: 0.2 MPa}}
"""
PRESSED = """
name: pressed
build: pellet
conditions: {temperature: unknown, stack_pressure: 10 MPa}
record: {every: 20 s}
tolerances: {resistance_stop: [5 %, 1000 %]}
steps:
  - {name: press, kind: prompt, text: Press the cell, stack_pressure: 75 MPa, within: 3 MPa, time_out: TIME_OUT}
  - {name: soak, kind: rest, time: 30 min}
"""
HAND = """
name: hand
changes:
  - {kind: pressed, to: 60 MPa, from: 4 min}
  - {kind: pressed, to: 76 MPa, from: 9 min}
"""


def bench_of(creep="20 %"):
    return parse_bench(PRESS.replace("CREEP", creep), "bench.yaml")


def notes(events) -> list[str]:
    return [event.body.text for event in events if event.kind == "note" and event.body.code == "pressure"]


def test_a_prompt_ends_by_the_gauge_and_a_pressure_that_falls_is_told(tmp_path):
    wanted = request(tmp_path / "a.h5", PRESSED.replace("TIME_OUT", "1 h"), "nps", bench_of())
    seen = seen_run(replace(wanted, scenario=parse_scenario(HAND, "s.yaml")))
    assert seen.result.completed, seen.result.reason
    run = open_run(tmp_path / "a.h5")
    assert 540.0 + 60.0 <= run.steps[0].end_s < 540.0 + 60.0 + 60.0  # a minute after the second turn
    (told,) = notes(seen.events)
    assert "has fallen from 75." in told
    press = seen.bench.truth.press
    (trace,) = run.gauges
    assert trace.values[-1] == pytest.approx(press.pressure_Pa / 1e6 + 0.2, abs=0.3)
    summary = summarise(run)
    assert (summary.stack_pressure_source, summary.stack_pressure_notes) == ("measured", (told,))
    assert told in as_text(summary)


def test_who_confirms_before_the_gauge_shows_it_is_asked_again(tmp_path):
    asked, control, benches = [], RunControl(), []

    def attend(event) -> None:
        if event.kind == "alarm":
            asked.append(event.body.text)
            if len(asked) == 2:
                press = benches[-1].truth.press
                press.press(74e6)
            control.ask(Verb.RESUME, "a test")

    protocol = PRESSED.replace(", time_out: TIME_OUT", "").replace("30 min", "2 min")
    with watched_benches(benches.append):
        result = run_it(
            request(tmp_path / "a.h5", protocol, "nps", bench_of("0 %")), attend, run_control=control
        )
    assert result.completed, result.reason
    assert len(asked) == 2
    assert "within 3 MPa" in asked[0]
    assert "the gauge shows 10." in asked[1]


@pytest.mark.parametrize(("typed", "is_told"), [("10 MPa", False), ("unknown", False), ("40 MPa", True)])
def test_a_typed_pressure_that_is_not_there_is_told_once(tmp_path, typed, is_told):
    protocol = PRESSED.replace("stack_pressure: 10 MPa", f"stack_pressure: {typed}")
    protocol = "\n".join(line for line in protocol.splitlines() if "name: press," not in line)
    seen = seen_run(request(tmp_path / "a.h5", protocol.replace("30 min", "3 min"), "nps", bench_of("0 %")))
    assert seen.result.completed
    told = notes(seen.events)
    assert len(told) == is_told
    assert all("40 MPa are typed" in one for one in told)
