"""Runs on a bench with a chamber: what is ordered comes to be in the cell; whatever goes wrong, it is left safe."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from solbench.acquisition.bench.bench_file import BenchFile, parse_bench
from solbench.acquisition.bench.scenario import parse_scenario
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.record.events import Alarm, SegmentStart
from solbench.acquisition.record.reader import open_run
from solbench.acquisition.run.start import resume
from solbench.protocols.segments import Condition, Prompt, Rest
from tests.acquisition.runs import quiet_bench, request, run_it, seen_run, watched_benches

CHAMBER = """
name: bench
kind: simulated
positive_terminal: we_re2
max_unwatched: 20 s
gauges:
  - name: chamber
    place: elsewhere
    modbus: {connection: "tcp://192.168.1.30", register: 1, scale: 0.1}
  - name: cell
    place: cell
    modbus: {connection: "tcp://192.168.1.30", register: 256, function: input, type: float32, unit_id: 2}
chamber:
  gauge: chamber
  set_point: {register: 2}
  limit: {register: 111}
  switch_off: [{register: 273, number: 1}, {register: 3, number: 0}]
  switch_on: [{register: 273, number: 0}]
  lowest: -20 degC
  highest: 100 degC
simulation:
  unit: ideal
  errors: none
  chamber: {cell_lag_s: 5 min}
  sensors: {cell: {noise_K: 0.01 K}}
"""
LAKESHORE = (
    CHAMBER[: CHAMBER.index("gauges:")]
    + """
gauges:
  - {name: chamber, place: elsewhere, lakeshore: {connection: tcp://192.168.1.30, input: B}}
  - {name: cell, place: cell, lakeshore: {connection: tcp://192.168.1.30, input: D}}
chamber:
  gauge: chamber
  lakeshore: {output: 2, heater: high}
  lowest: -20 degC
  highest: 100 degC
"""
    + CHAMBER[CHAMBER.index("simulation:") :]
)
WARM = """
name: warm
build: pellet
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 20 s}
tolerances: {resistance_stop: [5 %, 1000 %]}
steps:
  - {name: warm, kind: condition, temperature: 45 degC, ramp: 3 K/min, over: 4 min}
  - {name: soak, kind: rest, time: 12 min}
"""
TARGET_K = 318.15


def bench_of(text: str = CHAMBER) -> BenchFile:
    return parse_bench(text, "bench.yaml")


def wanted(path, changes="", protocol=WARM, bench=None):
    made = request(path, protocol, "nps", bench or bench_of())
    if not changes:
        return made
    return replace(made, scenario=parse_scenario(f"name: fault\nchanges:\n  - {changes}\n", "s.yaml"))


class Tended:
    """A user who is told, looks how the chamber is, mends it where `mends`, and resumes."""

    def __init__(self, mends: bool = True) -> None:
        self.control = RunControl()
        self.alarms: list[Alarm] = []
        self.was_off: list[bool] = []
        self.air_K: list[float] = []
        self.relay: list[bool] = []
        self.bench = None
        self.mends = mends

    def hear(self, event) -> None:
        if isinstance(event.body, Alarm):
            self.alarms.append(event.body)
        if event.kind != "paused":
            return
        bench = self.bench.truth
        bench.clock.advance_to(bench.clock.now() + 120.0)
        self.relay.append(bench.truth.polarized)
        chamber = bench.chamber
        self.air_K.append(chamber.air_K)
        if not self.mends:
            return
        self.control.ask(Verb.RESUME, "a test")

    def run(self, request):
        with watched_benches(lambda bench: setattr(self, "bench", bench)):
            return run_it(request, self.hear, run_control=self.control)


@pytest.fixture(scope="module")
def warm(tmp_path_factory):
    path = tmp_path_factory.mktemp("warm") / "a.h5"
    return seen_run(wanted(path)), path


def test_the_cell_comes_to_what_is_asked_for_and_is_held(warm):
    seen, path = warm
    assert seen.result.completed
    bench = seen.bench.truth
    assert abs(bench.cell.temperature_K - TARGET_K) < 0.6  # of which the gradient is 0.2 K
    run = open_run(path)
    own, cell, set_point = run.gauges
    assert (set_point.name, set_point.values[-1]) == ("chamber set point", pytest.approx(TARGET_K))
    assert 0.3 < max(own.values) - TARGET_K < 5.0  # it overshoots
    soak = run.steps[-1]
    assert all(
        abs(kelvin - TARGET_K) < 1.0
        for time_s, kelvin in zip(cell.times_s, cell.values, strict=True)
        if time_s > soak.start_s
    )


def test_the_set_point_goes_in_steps_no_faster_than_the_ramp(warm):
    _, path = warm
    set_point = open_run(path).gauges[-1]
    moved = [
        (time_s, kelvin)
        for time_s, kelvin in zip(set_point.times_s, set_point.values, strict=True)
        if kelvin > 298.2
    ]
    (first_s, first_K) = moved[0]
    last_s = next(time_s for time_s, kelvin in moved if kelvin > TARGET_K - 0.05)
    assert last_s - first_s == pytest.approx((TARGET_K - first_K) / (3.0 / 60.0), abs=45.0)
    assert max(later - before for (_, before), (_, later) in pairwise(moved)) < 1.6
    assert len({kelvin for _, kelvin in moved}) < 45  # writes into a memory that wears out


RAMPS = CHAMBER.replace("  limit:", "  ramp: {register: 35}\n  limit:")


@pytest.mark.parametrize(
    "text",
    [pytest.param(RAMPS, marks=pytest.mark.long, id="Modbus"), pytest.param(LAKESHORE, id="Lake Shore")],
)
def test_a_controller_that_ramps_by_itself_is_told_once(tmp_path, text):
    bench = bench_of(text)
    seen = seen_run(wanted(tmp_path / "a.h5", bench=bench))
    assert seen.result.completed
    assert abs(seen.bench.truth.cell.temperature_K - TARGET_K) < 0.6
    set_point = open_run(tmp_path / "a.h5").gauges[-1]
    assert len(set(set_point.values)) == 2
    steady_s = open_run(tmp_path / "a.h5").steps[0].end_s
    assert steady_s > 20.0 / 3.0 * 60.0


BROKEN = {
    "silent while it ramps": ("{kind: chamber, fault: silent, SPAN}", "chamber_silent", 300.0),
    "silent while it holds": ("{kind: chamber, fault: silent, SPAN}", "chamber_silent", 1300.0),
    "its heater stays on": ("{kind: chamber, fault: heater_on, SPAN}", "chamber_too_hot", 1300.0),
    "somebody has changed it": ("{kind: chamber, fault: moved, SPAN}", "chamber_set_point", 1300.0),
    "it takes nothing": ("{kind: chamber, fault: deaf, SPAN}", "chamber_set_point", 300.0),
    "its sensor is lost": (
        '{kind: sensor, sensor: chamber, fault: "off", SPAN}',
        "chamber_sensor_lost",
        400.0,
    ),
    "its sensor is open": (
        "{kind: sensor, sensor: chamber, fault: open, SPAN}",
        "chamber_sensor_lost",
        1300.0,
    ),
    "its sensor stands still": ("{kind: sensor, sensor: chamber, fault: stuck, SPAN}", "chamber_", 100.0),
}
QUICK = ("silent while it holds",)


@pytest.mark.parametrize(
    "text",
    [pytest.param(CHAMBER, id="Modbus"), pytest.param(LAKESHORE, marks=pytest.mark.long, id="Lake Shore")],
)
@pytest.mark.parametrize(
    "broken", [name if name in QUICK else pytest.param(name, marks=pytest.mark.long) for name in BROKEN]
)
def test_whatever_is_wrong_ends_in_a_pause_with_no_output_and_the_run_goes_on(tmp_path, broken, text):
    change, code, begins_s = BROKEN[broken]
    if text is LAKESHORE and "deaf" in change:
        begins_s = 0.0  # it ramps by itself, and is told of it once
    change = change.replace("SPAN", f"from: {begins_s:g} s, until: {begins_s + 600.0:g} s")
    user = Tended()
    result = user.run(wanted(tmp_path / "a.h5", change, bench=bench_of(text)))
    assert result.completed, result.reason
    assert user.alarms[0].code.startswith(code)
    assert not any(user.relay)
    assert max(user.air_K) < TARGET_K + 35.0
    assert abs(user.bench.truth.cell.temperature_K - TARGET_K) < 0.5
    assert "Look at the chamber" in user.alarms[0].text


@pytest.mark.long
def test_no_cell_sensor_is_needed_and_a_lost_one_stops_nothing(tmp_path):
    change = '{kind: sensor, sensor: cell, fault: "off", from: 100 s}'
    assert seen_run(wanted(tmp_path / "a.h5", change)).result.completed


def test_what_is_not_limited_is_not_made_hot(tmp_path):
    hot = WARM.replace("45 degC", "80 degC")
    bench = bench_of(CHAMBER.replace("cell_lag_s: 5 min", "limit_K: 450 K"))
    user = Tended(mends=False)
    user.run(
        wanted(
            tmp_path / "a.h5",
            protocol=hot.replace("steps:", "interruptions: {wait_for_user: 10 min}\nsteps:"),
            bench=bench,
        )
    )
    assert [alarm.code for alarm in user.alarms] == ["chamber_refused"]
    assert "176.9 degC" in user.alarms[0].text
    assert user.bench.truth.chamber.air_K < 300.0


@pytest.mark.long
def test_a_run_that_was_killed_is_resumed_at_its_temperature_and_one_that_was_warm_waits_for_nothing(
    tmp_path,
):
    path = tmp_path / "a.h5"
    control = RunControl()

    def stop(event) -> None:
        if isinstance(event.body, SegmentStart) and isinstance(event.body.segment, Rest):
            control.ask(Verb.STOP, "a test")

    assert not run_it(wanted(path), stop, run_control=control).completed
    starts, benches = [], []

    def note(event) -> None:
        if isinstance(event.body, SegmentStart):
            starts.append((event.time_s, type(event.body.segment)))

    with watched_benches(benches.append):
        assert resume(path, RunControl(), (note,)).completed
    assert [kind for _, kind in starts] == [Condition, Rest]
    assert starts[1][0] - starts[0][0] < 60.0
    assert abs(benches[0].truth.cell.temperature_K - TARGET_K) < 0.5


def test_without_a_chamber_a_person_is_asked(tmp_path):
    asked, control = [], RunControl()

    def confirm(event) -> None:
        if isinstance(event.body, Alarm):
            asked.append(event.body.text)
        if event.kind == "paused":
            control.ask(Verb.RESUME, "a test")

    assert run_it(
        request(tmp_path / "a.h5", WARM, "nps", quiet_bench()), confirm, run_control=control
    ).completed
    assert len(asked) == 1
    assert "temperature 45 degC" in asked[0]
    assert issubclass(Condition, Prompt)
