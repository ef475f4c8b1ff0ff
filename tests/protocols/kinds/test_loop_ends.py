"""What ends a loop early, as it is checked, planned, estimated and told."""

from __future__ import annotations

from typing import Any

import pytest

from solbench.protocols import BadInput, Protocol, check, estimate, load_cell, plan
from solbench.protocols.kinds import kind_of
from solbench.protocols.kinds.loop_ends import loop_ends
from solbench.protocols.protocol import from_data

NBH = load_cell("nbh")
CHARGE = {"name": "charge", "kind": "constant_current", "current": "0.1 mA/cm2", "until": {"time": "1 h"}}
BACK = {**CHARGE, "name": "back", "current": "-0.1 mA/cm2"}
REST = {"name": "rest", "kind": "rest", "time": "10 min"}


def looped(until: Any, *steps: dict[str, Any], build: str = "symmetric", **more: Any) -> Protocol:
    loop = {"name": "cycles", "kind": "loop", "count": 5, "until": until, "steps": list(steps), **more}
    conditions = {"temperature": "25 degC", "stack_pressure": "unknown"}
    return from_data({"name": "t", "build": build, "conditions": conditions, "steps": [loop]}, "test")


def errors(protocol: Protocol) -> list[tuple[str, str]]:
    return [(f.code, f.field) for f in check(protocol, NBH) if f.grade == "error"]


def test_the_capacity_is_that_of_the_last_step_that_drives_or_of_the_named_one() -> None:
    build = NBH.build("symmetric")
    for of, path in ((None, "steps.cycles.steps.back"), ("charge", "steps.cycles.steps.charge")):
        until = {"capacity_below": "80 %"} | ({"of": of} if of else {})
        loop: Any = looped(until, CHARGE, BACK, REST).steps[0]
        (end,) = loop_ends(loop.until, loop.steps, "steps.cycles.steps", build)
        assert (end.quantity, end.value, end.path) == ("part_below", 0.8, path)
    loop = looped({"capacity_below": "0.1 mAh/cm2"}, CHARGE, REST).steps[0]
    (end,) = loop_ends(loop.until, loop.steps, "steps", build)
    assert end.value == pytest.approx(0.1e-3 * 3600 * build.area_m2 * 1e4)


def test_what_can_never_be_met_is_found_before() -> None:
    path = "steps.cycles.until"
    assert errors(looped({"capacity_below": "80 %"}, REST)) == [("refused", "steps.cycles")]
    assert errors(looped({"short": True}, REST)) == [("loop.no_current", f"{path}.short")]
    assert errors(looped({"short": True}, CHARGE, build="half")) == [
        ("loop.short_not_symmetric", f"{path}.short")
    ]
    assert errors(looped({"voltage_below": "-90 V"}, CHARGE)) == [
        ("voltage.outside_window", f"{path}.voltage_below")
    ]
    assert errors(looped({"short": True, "time": "3 h", "voltage_above": "1 V"}, CHARGE)) == []
    for of in ("rest", "inner"):  # neither is ever told a charge
        inner = {"name": "inner", "kind": "loop", "count": 2, "steps": [BACK]}
        protocol = looped({"capacity_below": "80 %", "of": of}, CHARGE, REST, inner)
        (found,) = [each for each in check(protocol, NBH) if each.grade == "error"]
        assert (found.field, f"'{of}' does not drive the cell" in found.message) == ("steps.cycles", True)


SPECTRUM = {
    "name": "spectrum", "kind": "impedance", "from": "1 MHz", "to": "1 Hz", "points_per_decade": 5,
    "amplitude": "30 mV", "integration": "1 s",
}  # fmt: skip


def test_a_loop_waits_for_a_sample_by_its_spectra() -> None:
    loop: Any = looped({"steady": "0.1 K"}, SPECTRUM, REST, build="pellet").steps[0]
    (end,) = loop_ends(loop.until, loop.steps, "steps", NBH.build("pellet"))
    assert (end.quantity, end.value) == ("steady", pytest.approx(0.1))
    assert end.slope_K == pytest.approx(0.35 / 8.617333e-5, rel=1e-3)
    found = looped({"steady": "0.1 K"}, REST, build="pellet")
    assert errors(found) == [("loop.no_spectra", "steps.cycles.until.steady")]
    with pytest.raises(BadInput, match="small difference"):
        looped({"steady": "25 degC"}, SPECTRUM)


def test_a_short_circuit_is_awaited_through_the_loops_in_a_loop() -> None:
    inner = {"name": "inner", "kind": "loop", "count": 10, "steps": [CHARGE, BACK]}
    protocol = looped({"short": True}, inner, REST)
    assert errors(protocol) == []
    driven = next(segment for segment in plan(protocol, NBH.build("symmetric")) if segment.step.cycle)
    assert [end.quantity for each in driven.step.passes for end in each.ends] == ["short"]


@pytest.mark.parametrize(
    ("until", "more", "field", "says"),
    [
        ({}, {}, "until", "there is no condition"),
        ({"of": "charge"}, {}, "until", "there is no condition"),
        ({"time": "1 h", "of": "charge"}, {}, "until.of", "says whose capacity"),
        ({"capacity_below": "80 %", "of": "charg"}, {}, "until.of", "There are: charge"),
        ({"time": "1 h"}, {"count": None}, "count", "Add 'count', the most passes"),
        ({"time": "1 h"}, {"count": 10**6}, "count", "10000 passes at most"),
        ({"time": "1 h"}, {"over": {"current": ["1 mA"]}}, "count", "one pass for each value"),
    ],
)
def test_an_end_that_says_nothing_is_refused(until: Any, more: Any, field: str, says: str) -> None:
    step = {**CHARGE, "current": "$current"} if "over" in more else CHARGE
    with pytest.raises(BadInput) as refused:
        looped(until, step, **more)
    assert refused.value.field == f"steps.cycles.{field}"
    assert says in str(refused.value)


def test_a_loop_that_may_end_early_takes_one_pass_at_least() -> None:
    whole, early = (
        estimate(looped(until, CHARGE, BACK), NBH.build("symmetric")) for until in ({"time": "9 h"}, None)
    )
    assert whole.duration_s == early.duration_s
    assert whole.at_least_s == pytest.approx(early.at_least_s / 5, rel=0.01)


def test_a_series_takes_what_each_of_its_values_takes() -> None:
    series = {"count": None, "over": {"hold": ["1 h", "2 h", "6 h"]}}
    protocol = looped(None, {**CHARGE, "until": {"time": "$hold"}}, **series)
    found = estimate(protocol, NBH.build("symmetric"))
    assert found.duration_s == pytest.approx(9 * 3600.0, rel=0.01)
    assert [(step.path, step.passes) for step in found.steps] == [("steps.cycles.steps.charge", 3)]
    values = [segment.step.passes[0].values for segment in plan(protocol, NBH.build("symmetric"))]
    assert values == [{"hold": "1 h"}, {"hold": "2 h"}, {"hold": "6 h"}]


def test_every_value_of_a_series_is_checked() -> None:
    series = {"count": None, "over": {"current": ["0.1 mA", "0.2 mA", "3 A"]}}
    found = check(looped(None, {**CHARGE, "current": "$current"}, **series), NBH)
    (beyond,) = [finding for finding in found if finding.grade == "error"]
    assert beyond.field == "steps.cycles.steps.charge.current"
    assert "'3 A'" in beyond.message


def test_a_loop_is_told_in_words() -> None:
    ends = {"capacity_below": "80 %", "of": "back", "time": "9 h", "short": True}
    loop: Any = looped(ends, CHARGE, BACK).steps[0]
    assert kind_of(loop).sentence(loop) == (
        "5 times, or until the capacity of 'back' is below 80 % of that of the first pass or 9 h have passed or "
        "a short circuit is seen"
    )
    series = {"count": None, "over": {"current": {"from": "1 mA", "to": "3 mA", "step": "1 mA"}}}
    loop = looped(None, {**CHARGE, "current": "$current"}, **series).steps[0]
    assert kind_of(loop).sentence(loop) == "over current 1 mA, 2 mA, 3 mA"
    assert kind_of(loop.steps[0]).sentence(loop.steps[0]) == "constant current $current until time 1 h"
