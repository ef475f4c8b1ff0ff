import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from solbench.protocols import (
    dc_polarization,
    estimate,
    format_duration,
    half_cell,
    load_cell,
    load_protocol,
    plan,
    with_settings,
)
from solbench.protocols.costs import Costs, point_s
from solbench.protocols.protocol import Protocol, from_data, to_data
from solbench.protocols.segments import Sweep
from tests.protocols import strategies

HALF = load_cell("nps").build("half")


def looped(count: int, *steps: dict[str, Any]) -> Protocol:
    loop = {"name": "cycling", "kind": "loop", "count": count, "steps": list(steps)}
    return from_data({**to_data(half_cell()), "aliases": {}, "steps": [loop]}, "looped")


def test_a_half_cell_takes_most_of_a_day() -> None:
    found = estimate(half_cell(), HALF)
    sodiation_s = 0.95 * 1.366e-6 * 847 * 3600 / 1.256e-4
    assert sodiation_s / 3600 == pytest.approx(8.75, rel=1e-3)
    assert found.steps[1].duration_s == pytest.approx(sodiation_s, rel=1e-3)
    rests_s = 5 * 300.0
    assert found.steps[0].duration_s - sodiation_s - rests_s == pytest.approx(5 * 110, rel=0.05)
    assert found.steps[0].at_least_s == pytest.approx(0.98 * sodiation_s + rests_s + 5 * 61.0, rel=1e-3)
    assert 5 * 3300.0 < found.steps[0].at_most_s - found.steps[0].duration_s < 5 * 3300.0 + 0.1 * sodiation_s
    assert (found.spectra, found.points) == (5, 305)
    assert found.samples == pytest.approx(found.duration_s, rel=0.02)
    assert format_duration(found.duration_s) == "18.1 h"


def test_the_longest_silence_is_the_slowest_point() -> None:
    changed = with_settings(half_cell(), ["steps.sodiation.spectrum.to=10 mHz"])
    assert estimate(changed, HALF).longest_silence_s == pytest.approx(101.35)
    assert estimate(dc_polarization(), load_cell("nps").build("dc_pristine")).longest_silence_s == 1.0
    rare = with_settings(half_cell(), ["steps.desodiation.record={every: 10 min}"])
    assert estimate(rare, HALF).longest_silence_s == 600.0


def test_a_point_integrates_at_least_one_period() -> None:
    costs = Costs(point_overhead_s=0.5)
    assert point_s(1e6, 1.0, costs) == pytest.approx(1.5)
    assert point_s(0.1, 1.0, costs) == pytest.approx(11.5)


def test_a_polarization_is_taken_at_its_longest() -> None:
    build = load_cell("nps").build("dc_pristine")
    once = estimate(dc_polarization(), build)
    zeros_s = once.duration_s - 7800.0
    assert 60.0 < zeros_s < 120.0
    assert (once.at_least_s, once.at_most_s - 7800.0) == (600.0 + 540.0, pytest.approx(310.0))
    both = with_settings(dc_polarization(), ["steps.polarization.both_signs=true"])
    assert estimate(both, build).duration_s - zeros_s == 600.0 + 2 * 7200.0  # one baseline


def test_loops_are_multiplied_and_not_walked() -> None:
    body = to_data(half_cell())["steps"]
    once, often = estimate(looped(1, *body), HALF), estimate(looped(10**9, *body), HALF)
    start = time.process_time()
    estimate(looped(10**12, *body), HALF)
    assert time.process_time() - start < 1.0
    assert often.duration_s == pytest.approx(once.duration_s * 1e9, rel=1e-3)
    assert often.at_least_s == pytest.approx(once.at_least_s * 1e9, rel=1e-9)
    assert often.points == once.points * 10**9
    assert [step.passes for step in often.steps] == [10**9, 10**9]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_a_loop_costs_what_its_plan_costs(count: int) -> None:
    rest = {"name": "pause", "kind": "rest", "time": "90 s"}
    inner = {
        "name": "inner",
        "kind": "loop",
        "count": count,
        "steps": [rest, to_data(half_cell())["steps"][0]],
    }
    protocol = looped(3, inner)
    found = estimate(protocol, HALF)
    sweeps = [segment for segment in plan(protocol, HALF) if isinstance(segment, Sweep)]
    assert found.spectra == len(sweeps) == 15 * count
    assert found.points == sum(len(sweep.frequencies_Hz) for sweep in sweeps)
    assert found.steps[0].duration_s == pytest.approx(3 * count * 90.0)


def test_a_current_that_ends_by_time_or_charge_takes_the_sooner() -> None:
    step = {
        "name": "a",
        "kind": "constant_current",
        "current": "1 mA",
        "until": {"capacity": "1 mAh", "time": "30 min"},
    }
    protocol = from_data({**to_data(half_cell()), "aliases": {}, "steps": [step]}, "mine")
    assert estimate(protocol, HALF).steps[0].duration_s == pytest.approx(1800.0)
    longer = with_settings(protocol, ["steps.a.until.time=2 h"])
    assert estimate(longer, HALF).steps[0].duration_s == pytest.approx(3600.0, abs=3.0)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(strategies.protocols)
def test_any_protocol_can_be_estimated(data: dict[str, Any]) -> None:
    found = estimate(from_data(data, "generated"), HALF)
    assert found.duration_s >= 0
    assert found.at_most_s >= found.duration_s * (1 - 1e-9)
    assert 0.0 <= found.at_least_s <= found.duration_s * (1 + 1e-9)
    assert found.file_bytes > 0


def test_a_thousand_cycles_of_the_full_cell_take_2_3_years() -> None:
    protocol = with_settings(load_protocol("full-cell"), ["cycles=1000"])
    full = load_cell("nbh").build("full")
    found = estimate(protocol, full)
    assert format_duration(found.duration_s) == "20 001 h = 2.3 years"
    assert {step.path: step.passes for step in found.steps}["steps.cycling.steps.discharge"] == 1000


def test_a_series_of_temperatures_is_expected_as_it_is_carried_out() -> None:
    """Cells that lag 10 and 30 min behind the simulated chamber took 20.8 and 28.6 h."""
    protocol = load_protocol("conductivity-against-temperature")
    pellet = load_cell("nps").build("pellet")
    found = estimate(protocol, pellet)
    assert 20.8 < found.duration_s / 3600.0 < 28.6
    assert found.at_most_s < 100.0 * 3600.0
    chamber, soak, spectrum, wait = found.steps
    assert (chamber.expected, soak.expected, spectrum.expected, wait.expected) == (10, 10, 40, 40)
    assert (spectrum.passes, found.spectra) == (120, 120)
    assert wait.each_s == pytest.approx(600.0, rel=0.01)
    near = estimate(with_settings(protocol, ["temperatures=[25 degC, 26 degC]"]), pellet).steps[0]
    far = estimate(with_settings(protocol, ["temperatures=[25 degC, 85 degC]"]), pellet).steps[0]
    assert far.duration_s - near.duration_s > 59 * 60.0


def test_the_symmetric_cell_takes_two_hours_a_cycle() -> None:
    found = estimate(load_protocol("symmetric-cell"), load_cell("nbh").build("symmetric"))
    assert found.duration_s == pytest.approx(200 * 3600 + 600, abs=10.0)
