import itertools
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solbench.protocols import check, half_cell, load_cell, load_protocol, plan, with_settings
from solbench.protocols.protocol import Protocol, from_data, to_data
from solbench.protocols.segments import (
    ConstantCurrent,
    StepRef,
    Sweep,
    ends_of,
)
from tests.protocols import strategies

HALF = load_cell("nps").build("half")


def with_steps(*steps: dict[str, Any]) -> Protocol:
    return from_data({**to_data(half_cell()), "aliases": {}, "steps": list(steps)}, "steps")


def test_the_half_cell_as_segments() -> None:
    segments = list(plan(load_protocol("half-cell"), HALF))
    shape = [type(segment).__name__ for segment in segments]
    assert shape == ["Rest", "Sweep", *["ConstantCurrent", "Rest", "Sweep"] * 4, "ConstantCurrent"]
    sodiation = StepRef(0, "sodiation", "constant_current", "steps.sodiation")
    desodiation = StepRef(1, "desodiation", "constant_current", "steps.desodiation")
    assert [segment.step for segment in segments] == [sodiation] * 14 + [desodiation]


CYCLING = {
    "name": "cycling",
    "kind": "loop",
    "count": 3,
    "steps": [
        {"name": "charge", "kind": "constant_current", "current": "1 mA", "until": {"time": "1 h"}},
        {
            "name": "inner",
            "kind": "loop",
            "count": 2,
            "steps": [{"name": "pause", "kind": "rest", "time": "1 s"}],
        },
    ],
}


def test_loops_count_cycles_and_executed_steps() -> None:
    protocol = with_steps(CYCLING, {"name": "end", "kind": "rest", "time": "1 s"})
    refs = [segment.step for segment in plan(protocol, HALF)]
    assert [ref.index for ref in refs] == list(range(10))
    assert [(ref.name, ref.cycle) for ref in refs[:4]] == [
        ("charge", 1),
        ("pause", 1),
        ("pause", 2),
        ("charge", 2),
    ]
    assert refs[1].path == "steps.cycling.steps.inner.steps.pause"
    assert (refs[-1].path, refs[-1].cycle) == ("steps.end", None)


def test_spectra_are_counted_through_loops() -> None:
    body = to_data(half_cell())["steps"]
    protocol = with_steps({"name": "cycling", "kind": "loop", "count": 3, "steps": body})
    sweeps = [s for s in plan(protocol, HALF) if isinstance(s, Sweep)]
    assert [s.spectrum for s in sweeps] == list(range(1, 16))


def test_a_thousand_million_cycles_are_never_made() -> None:
    protocol = with_steps({**CYCLING, "count": 10**9})
    start = time.process_time()
    first = list(itertools.islice(plan(protocol, HALF), 300))
    assert time.process_time() - start < 1.0
    assert first[-1].step.cycle == 2
    assert first[-1].step.index == 299


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(strategies.protocols)
def test_plans_repeat_and_count_without_gaps(data: dict[str, Any]) -> None:
    protocol = from_data(data, "generated")
    first = list(itertools.islice(plan(protocol, HALF), 200))
    assert first == list(itertools.islice(plan(protocol, HALF), 200))
    indices = [segment.step.index for segment in first]
    assert indices == sorted(indices)
    assert set(indices) == set(range(indices[-1] + 1))
    for segment in first:
        if isinstance(segment, ConstantCurrent):
            assert segment.ends
            sides = {end.quantity for end in segment.ends} & {"voltage_below", "voltage_above"}
            assert sides <= {"voltage_above" if segment.current_A > 0 else "voltage_below"}


@given(
    st.floats(0.01, 0.94),
    st.floats(0.5, 1.0),
    st.lists(st.integers(0, 100), unique=True, min_size=1, max_size=5).map(sorted),
)
def test_a_step_goes_on_with_what_the_cell_holds(held: float, whole: float, percents: list[int]) -> None:
    """Of a cell that holds something the states, and the end, are those that it comes to by what is still lacking."""
    states = ", ".join(f"{percent} %" for percent in percents)
    changed = with_settings(
        half_cell(),
        [
            f"conditions.state_of_charge={100.0 * held:.6f} %",
            f"steps.sodiation.until.capacity={100.0 * whole:.6f} %",
            f"steps.sodiation.spectra_at=[{states}]",
        ],
    )
    capacity_C = HALF.capacity_C or 0.0
    if held >= whole:
        assert any(finding.grade == "error" for finding in check(changed, load_cell("nps")))
        return
    segments = [one for one in plan(changed, HALF) if one.step.name == "sodiation"]
    ends_C = [end.value for one in segments for end in ends_of(one) if end.quantity == "charge"]
    assert ends_C[-1] == pytest.approx((whole - held) * capacity_C, rel=1e-4)
    assert ends_C == sorted(ends_C)
    assert ends_C[0] > 0.0
    reached = [percent / 100.0 for percent in percents if percent / 100.0 * whole >= held * (1.0 - 1e-9)]
    spectra = [one for one in segments if isinstance(one, Sweep)]
    assert [one.fraction for one in spectra] == pytest.approx(reached)
    assert all(one.begun_C == pytest.approx(-held * capacity_C, rel=1e-4) for one in spectra)
