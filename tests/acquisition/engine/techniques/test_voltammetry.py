"""Voltage sweeps on the simulated cell: rate, charge against the cell's own, turns, limits, steps."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from solbench.acquisition.engine.techniques.voltammetry import _Scatter, ramp_over
from solbench.drivers.roles import Reading
from solbench.protocols.segments import CyclicScan, LinearScan, Scan, StepRef
from tests.acquisition.runs import Seen, closely_watched, request, seen_run

STEP = """
name: sweep
build: half
conditions: {{temperature: 25 degC, stack_pressure: unknown}}
record: {{every: 10 ms}}
steps:
  - {{name: a, kind: voltammetry, from: 0.85 V, {fields}}}
"""


def swept(tmp_path: Path, fields: str) -> Seen:
    bench = closely_watched().model_copy(update={"simulation": {"errors": "none", "unit": "ideal"}})
    seen = seen_run(request(tmp_path / "r.h5", STEP.format(fields=fields), bench=bench))
    assert seen.result is not None
    assert seen.result.completed, seen.result.reason
    assert seen.is_safe
    return seen


def off_ppm(seen: Seen) -> float:
    """How far the counted charge is from that of the cell."""
    (end,) = seen.of("segment_end")
    true_C = seen.true_charge_C("segment_end", 0) - seen.true_charge_C("segment", 0)
    return 1e6 * (end.body.step_charge_C / true_C - 1.0)


def line_of(seen: Seen) -> list[tuple[float, float]]:
    """Times (s) and voltages (V) of the sweep itself."""
    return [(e.time_s, e.body.voltage_V) for e in seen.of("sample")]


def slope_V_s(points: list[tuple[float, float]]) -> float:
    return float(np.polyfit(*zip(*points, strict=True), 1)[0])


@pytest.mark.long
def test_a_slow_cycle_counts_its_charge_to_twenty_ppm_and_holds_its_rate(tmp_path: Path) -> None:
    fields = "vertices: [0.8 V, 0.87 V], to: 0.85 V, rate: 1 mV/s, current_limit: 15 uA"
    seen = swept(tmp_path, fields)
    assert abs(off_ppm(seen)) < 20.0
    line = line_of(seen)
    lowest = min(range(len(line)), key=lambda place: line[place][1])
    down = [point for point in line[:lowest] if 0.803 < point[1] < 0.847]
    assert slope_V_s(down) == pytest.approx(-1e-3, rel=1e-3)
    assert line[lowest][1] == pytest.approx(0.8, abs=1e-3)
    assert line[-1][1] == pytest.approx(0.85, abs=1e-3)


SLOW = ("vertices: [0.82 V, 0.87 V], to: 0.85 V, rate: 0.1 mV/s", "to: 0.844 V, rate: 0.05 mV/s")


@pytest.mark.long
@pytest.mark.parametrize("fields", [SLOW[1], pytest.param(SLOW[0], marks=pytest.mark.long)])
def test_what_charges_the_double_layer_of_a_very_slow_sweep_is_counted(tmp_path: Path, fields: str) -> None:
    """It goes unseen between the readings of a staircase, however fine: a ramp has no steps."""
    seen = swept(tmp_path, f"{fields}, current_limit: 1.5 uA")
    assert abs(off_ppm(seen)) < 20.0


@pytest.mark.long
def test_a_fast_cycle_counts_its_charge_and_turns_where_it_should(tmp_path: Path) -> None:
    fields = "vertices: [0.5 V, 0.95 V], to: 0.85 V, rate: 100 mV/s, current_limit: 1 mA"
    seen = swept(tmp_path, fields)
    assert abs(off_ppm(seen)) < 1000.0
    (end,) = seen.of("segment_end")
    assert end.body.text == "swept 0.9 V to 0.85 V"  # its limit suits
    line = [voltage_V for _, voltage_V in line_of(seen)]
    assert min(line) == pytest.approx(0.5, abs=6e-3)
    assert max(line[20:]) == pytest.approx(0.95, abs=6e-3)


FASTER = (
    "vertices: [0.6 V, 0.9 V], cycles: 3, to: 0.85 V, rate: 100 mV/s, current_limit: 1 mA",
    "vertices: [0.55 V, 0.9 V], to: 0.6 V, rate: 50 mV/s, current_limit: 1 mA",
)


@pytest.mark.parametrize(
    "fields",
    [
        "to: 0.5 V, rate: 100 mV/s, current_limit: 1 mA",
        *(pytest.param(fields, marks=pytest.mark.long) for fields in FASTER),
    ],
)
def test_any_fast_sweep_counts_its_charge_to_a_tenth_of_a_percent(tmp_path: Path, fields: str) -> None:
    assert abs(off_ppm(swept(tmp_path, fields))) < 1000.0


@pytest.mark.long
@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (
            "100 mA",
            r"0\.1. % of the range .* leaves [12].* % of the charge open: a current_limit of 0\.000[67] A",
        ),
        pytest.param("1 A", "hides it: a current_limit", marks=pytest.mark.long),
    ],
)
def test_a_limit_far_above_the_current_is_told_at_the_end(tmp_path: Path, limit: str, words: str) -> None:
    """Its range is one for such currents, and the scatter of that is large beside the current that there is."""
    (end,) = swept(tmp_path, f"to: 0.5 V, rate: 100 mV/s, current_limit: {limit}").of("segment_end")
    assert re.search(words, end.body.text), end.body.text


FINER_A = (0.02, 2e-3, 2e-4, 2e-5, 2e-6, 2e-7)  # than the 1287's 200 mA


def told_of(currents_A: Iterable[float], limit_A: float, full_scale_A: float) -> str:
    """What is told of readings a tenth of a second apart, each fifth of them late."""
    scatter = _Scatter()
    for number, current_A in enumerate(currents_A):
        scatter.add(Reading(0.1 * number + 0.03 * (number % 5 == 0), 2.0, float(current_A)))
    return scatter.in_words(limit_A, full_scale_A, [one_A for one_A in FINER_A if one_A < full_scale_A])


@settings(max_examples=30)
@example(-1.5, 34, 0.0234375, 0.0)  # both readings that see anything lie beside the peak
@given(some.floats(-8.0, -1.1), some.integers(10, 300), some.floats(0.02, 0.3), some.floats(0.0, 1.0))
def test_the_shape_of_a_current_is_no_scatter(
    size: float, readings: int, width: float, baseline: float
) -> None:
    limit_A = 10.0**size
    full_scale_A = min(one_A for one_A in (0.2, *FINER_A) if one_A >= 1.1 * limit_A)
    way = np.linspace(-1.0, 1.0, readings) / width
    told = told_of(0.8 * limit_A * (baseline + np.exp(-(way**2))) / (1 + baseline), limit_A, full_scale_A)
    assert "a current_limit" not in told
    is_seen = way[1] - way[0] < math.sqrt(
        math.log(2.0) / 2.0
    )  # three readings in turn come to half of the largest
    assert not (told and is_seen)
    assert not told_of(0.0 * way, limit_A, full_scale_A)


@settings(max_examples=30)
@given(some.floats(-5.0, -3.0), some.integers(0, 1000))
def test_a_range_that_is_too_coarse_is_told_with_a_limit_that_chooses_a_finer_one(
    size: float, seed: int
) -> None:
    current_A, noise = 10.0**size, np.random.default_rng(seed).normal(0.0, 6e-6, 300)
    told = told_of(current_A + noise, 0.1, 0.2)
    found = re.search(r"(?:leaves (.*) % of the charge open|(hides it)): a current_limit of (.*) A", told)
    share = 6e-6 / current_A / math.sqrt(300)
    if share < 1.4e-3:
        return
    assert found, told
    if found[1]:
        assert float(found[1]) == pytest.approx(100.0 * share, rel=0.5)
    else:
        assert current_A < 80e-6
    assert 1.3 * np.max(current_A + noise) < float(found[3]) < 0.02 / 1.1


@settings(max_examples=30)
@given(some.floats(-5.3, -0.8), some.integers(1, 2), some.integers(3, 295), some.integers(0, 1000))
def test_bad_readings_do_not_hide_what_the_others_show(size: float, bad: int, place: int, seed: int) -> None:
    current_A = 1e-5 * np.exp(-(((np.arange(300) - 150) / 40) ** 2))
    current_A += np.random.default_rng(seed).normal(0.0, 2e-6, 300)
    current_A[place : place + bad] = 10.0**size * (-1.0) ** seed
    told = told_of(current_A, 0.1, 0.2)
    assert re.search(r"whose scatter (leaves .* % of the charge open|hides it)", told)
    if 10.0**size > 1e-4:
        assert "a current_limit" not in told  # nobody knows whether it was a peak


def test_the_stairs_of_a_staircase_are_no_scatter(tmp_path: Path) -> None:
    (end,) = swept(tmp_path, "to: 0.8 V, rate: 5 mV/s, step: 10 mV, current_limit: 1 mA").of("segment_end")
    assert end.body.text == "swept 0.05 V to 0.8 V"


def test_a_way_that_is_no_ramp_is_gone_in_steps_at_the_same_rate(tmp_path: Path) -> None:
    fields = "vertices: [0.8 V, 0.84 V, 0.78 V], to: 0.82 V, rate: 5 mV/s, current_limit: 15 uA"
    seen = swept(tmp_path, fields)
    line = line_of(seen)
    begin_s = next(time_s for time_s, voltage_V in line if voltage_V < 0.8495)
    turns_s = [time_s for time_s, voltage_V in line if voltage_V < 0.7805]
    assert min(turns_s) - begin_s == pytest.approx((0.05 + 0.04 + 0.06) / 5e-3, rel=0.02)
    assert abs(off_ppm(seen)) < 3000.0


def test_a_way_too_short_for_its_beginning_to_be_seen_is_gone_in_steps(tmp_path: Path) -> None:
    seen = swept(tmp_path, "to: 0.849 V, rate: 1 mV/s, current_limit: 1 mA")
    assert line_of(seen)[-1][1] == pytest.approx(0.849, abs=2e-4)


def test_a_staircase_stands_on_each_step_as_long_as_the_rate_says(tmp_path: Path) -> None:
    seen = swept(tmp_path, "to: 0.8 V, rate: 1 mV/s, step: 10 mV, current_limit: 40 uA")
    levels = [round(voltage_V, 2) for _, voltage_V in line_of(seen)[6:]]
    assert [level for level, after in pairwise([*levels, None]) if level != after] == pytest.approx(
        [0.85, 0.84, 0.83, 0.82, 0.81, 0.8]
    )
    changes_s = [b[0] for a, b in pairwise(line_of(seen)[6:]) if abs(a[1] - b[1]) > 5e-3]
    assert [b - a for a, b in pairwise(changes_s)] == pytest.approx([10.0] * 4, abs=0.02)


def test_a_current_at_its_limit_ends_the_sweep(tmp_path: Path) -> None:
    seen = swept(tmp_path, "to: 0.2 V, rate: 20 mV/s, current_limit: 15 uA")
    (end,) = [event.body for event in seen.of("segment_end")]
    assert (end.outcome, end.quantity) == ("step", "current_above")
    assert 15e-6 < end.value < 40e-6
    beyond = [e for e in seen.of("sample") if abs(e.body.current_A) > 16e-6]
    assert len(beyond) <= 3


@given(
    some.lists(some.integers(-20, 30), min_size=2, max_size=9),
    some.integers(1, 30),
    some.booleans(),
)
def test_four_levels_gone_over_again_are_the_way_that_was_asked_for(
    tenths: list[int], rate: int, closes: bool
) -> None:
    if closes:  # over two vertices again and again
        tenths = [tenths[0], *tenths[1:3] * 3, tenths[0]]
    levels = [0.1 * tenth for place, tenth in enumerate(tenths) if not place or tenth != tenths[place - 1]]
    if len(levels) < 2:
        return
    ref, rate_V_s = StepRef(0, "a", "voltammetry", "steps.a"), 1e-3 * rate
    made = LinearScan if len(levels) == 2 else CyclicScan
    segment: Scan = made(ref, tuple(levels), rate_V_s, 1e-3)
    ramp = ramp_over(segment)
    if ramp is None:
        assert len(levels) > 4
        return
    asked = list(accumulate(abs(after - before) / rate_V_s for before, after in pairwise(levels)))
    passed_s, way = 0.0, [(0.0, ramp.levels_V[0])]
    for number in range(ramp.segments):
        passed_s += ramp.times_s[number % 4]
        way.append((passed_s, ramp.levels_V[(number + 1) % 4]))
    for at_s, level_V in zip([0.0, *asked], levels, strict=True):
        assert at_s <= way[-1][0] + 1e-6
        (begin_s, begin_V), (end_s, end_V) = next(
            (a, b) for a, b in pairwise(way) if a[0] - 1e-6 <= at_s <= b[0] + 1e-6 and b[0] > a[0]
        )
        found_V = begin_V + (end_V - begin_V) * (at_s - begin_s) / (end_s - begin_s)
        assert found_V == pytest.approx(level_V, abs=1e-6)
