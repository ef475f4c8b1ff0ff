"""A run is changed on its way: what was done keeps its place in the plan, and what comes is as if so written."""

import random
import re
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solbench.protocols import half_cell, load_cell, load_protocol
from solbench.protocols.corrections.field_change import FieldChange
from solbench.protocols.corrections.under_way import (
    changeable,
    changed,
    read_changes,
    step_path,
    with_changes,
)
from solbench.protocols.errors import BadInput
from solbench.protocols.plan import Version, plan
from solbench.protocols.protocol import Protocol, from_data, to_data
from solbench.protocols.segments import Segment, StepRef, Sweep

NPS = load_cell("nps")
HALF = NPS.build("half")
LIMITS = {"capacity": "1 mAh/cm2", "time": "40 h"}
SPECTRUM = {"from": "1 kHz", "to": "1 Hz", "points_per_decade": 2, "amplitude": "5 mV", "integration": "1 s"}


def cycling(count: int = 3, capacity: str = "1 mAh/cm2", rest: str = "1 min") -> Protocol:
    steps = [
        {
            "name": "sodiation",
            "kind": "constant_current",
            "current": "-0.1 mA/cm2",
            "until": {"capacity": capacity, "voltage": "0.05 V"},
            "spectra_at": ["0 %", "50 %", "100 %"],
            "rest": {"time": rest},
            "spectrum": SPECTRUM,
        },
        {"name": "pause", "kind": "rest", "time": rest},
    ]
    inner = {"name": "cycling", "kind": "loop", "count": count, "steps": steps}
    series = {
        "name": "rates",
        "kind": "loop",
        "over": {"rate": ["0.1 mA/cm2", "0.2 mA/cm2"]},
        "steps": [
            {
                "name": "back",
                "kind": "constant_current",
                "current": "$rate",
                "until": {"voltage": "0.5 V", "time": "9 h"},
            },
            inner,
        ],
    }
    return from_data({**to_data(half_cell()), "aliases": {}, "steps": [inner, series]}, "steps")


def without_place(segment: Segment) -> Segment:
    """Return a segment without what counts: a loop of another count shifts the numbers of all that follows."""
    plain = replace(segment, step=StepRef(0, segment.step.name, "", segment.step.path))
    return replace(plain, spectrum=0) if isinstance(plain, Sweep) else plain


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 80),
    st.integers(0, 80),
    st.integers(1, 4),
    st.sampled_from(["0.4 mAh/cm2", "1 mAh/cm2", "1.5 mAh/cm2"]),
)
def test_a_change_touches_nothing_before_it_and_counts_from_then_on(
    at: int, later: int, count: int, capacity: str
) -> None:
    old, new = cycling(), cycling(count, capacity)
    newest = cycling(count, capacity, "2 min")
    was = list(plan(old, HALF))
    versions = [Version(at, new), Version(max(at, later), newest)]
    found = list(plan(old, HALF, versions))
    assert found[:at] == was[:at]
    assert list(plan(old, HALF, versions)) == found, "as often as it is made"
    expected = {without_place(each) for each in plan(newest, HALF)}
    assert {without_place(each) for each in found[max(at, later) :]} <= expected
    indices = [each.step.index for each in found]
    assert sorted(set(indices)) == list(range(max(indices) + 1)), "each step has a number of its own"
    assert indices == sorted(indices)
    spectra = [each.spectrum for each in found if isinstance(each, Sweep)]
    assert spectra == list(range(1, len(spectra) + 1))


@pytest.mark.parametrize("at", range(0, 40, 3))
def test_a_pass_that_was_begun_is_made_to_its_end_and_no_more_where_the_count_is_lowered(at: int) -> None:
    old = list(plan(cycling(3), HALF))
    found = list(plan(cycling(3), HALF, [Version(at, cycling(1))]))
    begun = {each.step.cycle for each in old[:at] if each.step.path.startswith("steps.cycling")}
    later = {each.step.cycle for each in found[at:] if each.step.path.startswith("steps.cycling")}
    assert later <= {1} | begun


def test_what_was_written_down_makes_the_same_protocol_again() -> None:
    draw, first = random.Random(3), load_protocol("half-cell")
    protocol, changes = first, list[FieldChange]()
    for path in ("steps.sodiation", "steps.desodiation"):
        for field, text in changeable(protocol, path).items():
            value = text.replace(text[0], str(draw.randint(1, 9)), 1)
            with suppress(BadInput):
                made = changed(protocol, NPS, read_changes(protocol, path, "", [f"{field}={value}"]))
                protocol, changes = made.protocol, [*changes, *made.changes]
    assert len(changes) > 5
    assert with_changes(first, changes) == protocol


@given(st.floats(0.1, 2.0))
@settings(max_examples=5)
def test_a_limit_that_leaves_values_outside_is_refused_with_all_that_must_change_along(low_V: float) -> None:
    wish = [f"limits.voltage_min=-{low_V:.3f} V"]
    protocol = load_protocol("half-cell")
    with pytest.raises(BadInput) as refused:
        changed(protocol, NPS, read_changes(protocol, "", "steps.sodiation", wish))
    named = re.findall(r"(\S+)=VALUE", refused.value.cure)
    assert named == ["steps.sodiation.cut_short.voltage"]
    wish += [f"{field}=-{0.9 * low_V:.3f} V" for field in named]
    made = changed(protocol, NPS, read_changes(protocol, "", "steps.desodiation", wish))
    assert {one.path for one in made.changes} == {"safety.voltage_min", *named}


def test_a_step_is_named_by_its_name_its_path_or_not_at_all() -> None:
    protocol = cycling()
    present = "steps.cycling.steps.pause"
    assert step_path(protocol, "", present) == present
    assert step_path(protocol, "back", present) == "steps.rates.steps.back"
    assert step_path(protocol, "steps.rates", present) == "steps.rates"
    for step, words in (("pause", "2 steps"), ("puase", "pause")):
        with pytest.raises(BadInput, match=words):
            step_path(protocol, step, present)
