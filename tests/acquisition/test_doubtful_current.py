"""A current that is another one at once at a held voltage is never in a number without being told."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.record.reader import from_journal
from tests.acquisition.run.test_ladder import run_with
from tests.acquisition.runs import Seen, request, run_it, watched_benches
from tests.conformance.benches import simulated_file
from tests.tiers import few

HELD = """
name: held
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
interruptions: {wait_for_user: 1 min}
record: {every: 2 s}
steps:
  - {name: held, kind: constant_voltage, voltage: 0.6 V, current_limit: 0.5 mA/cm2, until: {time: 10 min}}
"""
POLARIZED = """
name: polarized
build: dc_reduced
conditions: {temperature: unknown, stack_pressure: unknown}
interruptions: {wait_for_user: 1 min}
record: {every: 2 s}
steps:
  - name: polarized
    kind: dc_polarization
    voltage: 50 mV
    baseline: 60 s
    at_most: 10 min
    steady_within: 1 %
    steady_over: 300 s
"""
ENDED = HELD.replace("{time: 10 min}", "{current: 0.002 mA/cm2}")
DRIVEN = """
name: driven
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
interruptions: {wait_for_user: 1 min}
steps:
  - {name: driven, kind: constant_current, current: -0.16 mA/cm2, until: {time: 10 min}}
"""
RUNS = {"ended": (ENDED, "nbh"), "held": (HELD, "nbh"), "polarized": (POLARIZED, "nps")}
MANTISSA = 14  # where the first digit of the current stands in a line of the 1287
Deed = Callable[[Any, bool], None]
CHARGE_SHARE, SWITCHING_C = 3e-3, 1e-6


def shifted(decades: int) -> Deed:
    """The point of the current is shifted, as if of another range."""
    return lambda faults, begins: faults.shift_current("1287", decades if begins else 0)


def another_digit(place: int, digit: str) -> Deed:
    """A digit of the current is another one in so many lines."""

    def deed(faults: Any, begins: bool) -> None:
        if begins:
            faults.alter_readings("1287", MANTISSA + place, digit, count=12)

    return deed


def wrong_for(path: Path, kind: str, after_s: float, for_s: float, deed: Deed) -> Seen:
    """Run it with currents that are wrong for a while; a user mends that in a pause, and lets it continue."""
    protocol, cell = RUNS[kind]
    began: list[float] = []
    ended: list[bool] = []

    def act(event: Any, seen: Any, _control: Any) -> None:
        if not began and event.time_s >= after_s:
            began.append(event.time_s)
            deed(seen.bench.truth.faults, True)
        if began and not ended and (event.time_s >= began[0] + for_s or event.kind == "paused"):
            ended.append(True)
            deed(seen.bench.truth.faults, False)

    return run_with(path, act, protocol, cell=cell)


def stated_C(seen: Seen) -> float:
    """How much of the charge is said to be uncertain (C)."""
    return float(sum(event.body.uncertainty_C for event in seen.of("gap")))


def off_C(seen: Seen) -> float:
    return float(abs(seen.of("edge")[-1].body.charge_C - seen.truth.charge_C))


def is_told(seen: Seen, path: Path) -> bool:
    """Say whether what is said to be uncertain covers what the charge is off by, with what each switching on costs."""
    samples = from_journal(path.with_suffix(".journal")).samples
    passed_C = float(abs(np.diff(samples["charge_C"])).sum())
    switched = sum(event.body.action == "on" for event in seen.of("edge"))
    return off_C(seen) <= stated_C(seen) + CHARGE_SHARE * passed_C + SWITCHING_C * switched


@few(
    ("kind", "decades", "after_s", "for_s"),
    [
        ("held", 1, 200.0, 20.0),
        pytest.param("held", 2, 450.0, 60.0, marks=pytest.mark.long),
        pytest.param("polarized", 1, 300.0, 60.0, marks=pytest.mark.long),
        ("polarized", -2, 200.0, 35.0),
    ],
    (0, 3),
)
def test_a_current_of_another_power_of_ten_pauses_the_run(
    tmp_path: Path, kind: str, decades: int, after_s: float, for_s: float
) -> None:
    seen = wrong_for(tmp_path / "a.h5", kind, after_s, for_s, shifted(decades))
    assert [event.body.code for event in seen.of("alarm")] == ["current_jumped"]
    assert seen.result.completed
    assert is_told(seen, tmp_path / "a.h5")


@few(
    ("kind", "deed"),
    [
        ("held", shifted(-1)),  # of so small a part of the range
        ("held", another_digit(0, "8")),
        ("polarized", another_digit(0, "2")),
    ],
    (1, 2),
)
def test_a_smaller_change_is_in_doubt_until_it_is_over(tmp_path: Path, kind: str, deed: Deed) -> None:
    seen = wrong_for(tmp_path / "a.h5", kind, 350.0, 20.0, deed)
    (gap,) = [event.body for event in seen.of("gap")]
    assert seen.of("alarm") == []
    assert (gap.cause, gap.unwatched_s) == ("jumped", pytest.approx(20.0, abs=4.0))
    assert is_told(seen, tmp_path / "a.h5")
    assert off_C(seen) > 0.2 * stated_C(seen)  # else nothing would be too much


def test_an_end_by_current_that_is_met_at_once_is_none(tmp_path: Path) -> None:
    seen = wrong_for(tmp_path / "a.h5", "ended", 300.0, 20.0, shifted(-1))
    assert [event.body.code for event in seen.of("alarm")] == ["current_jumped"]
    assert is_told(seen, tmp_path / "a.h5")
    assert seen.of("segment_end")[-1].time_s > 400.0


@pytest.mark.long
@pytest.mark.parametrize("seed", range(12))
def test_what_is_wrong_for_a_while_is_told(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    kind, after_s, for_s = (
        draw.choice(["held", "polarized"]),
        draw.uniform(320.0, 520.0),
        draw.uniform(8.0, 90.0),
    )
    deed = shifted(draw.choice([-2, 1, 2])) if seed % 2 else another_digit(0, draw.choice("56789"))
    assert is_told(wrong_for(tmp_path / "a.h5", kind, after_s, for_s, deed), tmp_path / "a.h5")


@pytest.mark.parametrize("is_refused", [True, False])
def test_a_current_that_no_reading_has_shown_is_in_doubt(tmp_path: Path, is_refused: bool) -> None:
    def act(event: Any, seen: Any, control: Any) -> None:
        if event.kind == "switch" and event.body.action == "current":
            if is_refused:
                seen.bench.truth.faults.refuse("1287", "PC", 9)
            else:
                control.ask(Verb.STOP, "a user")

    seen = run_with(tmp_path / "a.h5", act, DRIVEN)
    (gap,) = [event.body for event in seen.of("gap")]
    assert gap.cause == "unread"
    assert gap.uncertainty_C == abs(gap.charge_C) > 0.0
    assert is_told(seen, tmp_path / "a.h5")
    assert (seen.truth.charge_C == 0.0) == is_refused


APPROACHED = """
name: approached
build: {build}
conditions: {{temperature: unknown, stack_pressure: unknown}}
record: {{every: 2 s}}
steps:
  - {{name: held, kind: constant_voltage, voltage: {voltage_mV:.4g} mV, current_limit: 1 mA, until: {{time: 20 s}}}}
"""


@pytest.mark.parametrize("model", ["solartron", "ec301", "keithley2400"])
@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(one, marks=pytest.mark.long) for one in range(2, 20))])
def test_what_flows_behind_a_step_of_the_voltage_that_nobody_read_is_in_doubt(
    tmp_path: Path, model: str, seed: int
) -> None:
    """A step takes many times what flowed before it; the charge of the cell itself shows how much."""
    draw = random.Random(f"{model} {seed}")
    build, cell = draw.choice([("metal", "nps"), ("symmetric", "nbh"), ("symmetric", "nps")])
    voltage_mV, stopped = draw.choice([-1, 1]) * draw.uniform(20.0, 90.0), draw.randint(1, 3)
    bench = simulated_file(model, None if model.startswith("keithley") else "we_re2")
    slow = {**bench.simulation, "latency_s": draw.choice([1e-3, 0.05, 0.2])}
    wanted = request(
        tmp_path / "a.h5",
        APPROACHED.format(build=build, voltage_mV=voltage_mV),
        cell,
        bench.model_copy(update={"simulation": slow}),
    )
    seen, control = Seen(), RunControl()
    begun_C: list[float] = []

    def look(event: Any) -> None:
        seen.events.append(event)
        if event.kind == "switch" and event.body.action == "voltage":
            begun_C.append(seen.truth.charge_C)
            if len(begun_C) == stopped:
                control.ask(Verb.STOP, "a user")

    with watched_benches(lambda bench: setattr(seen, "bench", bench)):
        run_it(wanted, look, run_control=control)
    (gap,) = [event.body for event in seen.of("gap")]
    assert gap.cause == "unread"
    flowed_C = float(seen.truth.charge_C) - begun_C[-1]
    assert abs(flowed_C - gap.charge_C) <= gap.uncertainty_C + 1e-9


@few("kind", RUNS, (1,))
def test_nothing_is_in_doubt_of_a_sound_cell(tmp_path: Path, kind: str) -> None:
    seen = wrong_for(tmp_path / "a.h5", kind, 1e9, 20.0, shifted(1))
    assert seen.result.completed
    assert seen.of("gap") == seen.of("alarm") == []
