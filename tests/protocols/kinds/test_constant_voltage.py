import math
from typing import Any

import pytest

from solbench.protocols import check, half_cell, load_cell, parse_protocol, plan
from solbench.protocols.costs import Costs, SoFar
from solbench.protocols.kinds.constant_voltage import CONSTANT_VOLTAGE, KIND, LIMIT_LARGE, LIMITED, NOT_LINEAR
from solbench.protocols.protocol import Protocol, from_data, to_data
from solbench.protocols.segments import (
    ConstantVoltage,
    End,
    Record,
)

HALF = load_cell("nps").build("half")


def with_steps(*steps: dict[str, Any]) -> Protocol:
    return from_data({**to_data(half_cell()), "aliases": {}, "steps": list(steps)}, "steps")


def test_constant_voltage_as_a_segment() -> None:
    step = {
        "name": "hold",
        "kind": "constant_voltage",
        "voltage": "2,0 V",
        "current_limit": "1 mA",
        "until": {"current": "0.01 mA/cm2", "time": "1 h"},
        "cut_short": {"capacity": "1 mAh"},
        "record": {"every": "2 s", "voltage_change": "5 mV"},
    }
    (segment,) = plan(with_steps(step), HALF)
    assert isinstance(segment, ConstantVoltage)
    assert (segment.voltage_V, segment.current_limit_A) == (2.0, 1e-3)
    assert segment.record == Record(2.0, 0.005)
    assert segment.ends == (
        End("current_below", pytest.approx(7.85e-6), "0.01 mA/cm2", "step"),  # type: ignore[arg-type]
        End("time", 3600.0, "1 h", "step"),
        End("charge", 3.6, "1 mAh", "cut_short"),
    )


def test_without_a_time_a_hold_is_taken_for_as_long_as_a_taper() -> None:
    step = {"name": "hold", "kind": "constant_voltage", "voltage": "2 V", "current_limit": "1 mA"}
    so_far = SoFar(Costs(taper_s=1234.0), 0.0, 0.0, None)
    for until, expected_s in (({"current": "10 uA"}, 1234.0), ({"current": "10 uA", "time": "1 h"}, 3600.0)):
        (segment,) = plan(with_steps({**step, "until": until}), HALF)
        assert isinstance(segment, ConstantVoltage)
        assert CONSTANT_VOLTAGE.cost(segment, so_far).duration_s == expected_s


def drive(current: str, until: dict[str, str]) -> dict[str, Any]:
    return {"name": "drive", "kind": "constant_current", "current": current, "until": until}


def hold(voltage: str, limit: str = "0.2 mA") -> dict[str, Any]:
    until = {"time": "10 min"}
    return {
        "name": "hold",
        "kind": "constant_voltage",
        "voltage": voltage,
        "current_limit": limit,
        "until": until,
    }


@pytest.mark.parametrize(
    ("steps", "from_V"),
    [
        ((hold("2.0 V"),), None),
        ((drive("-0.2 mA/cm2", {"capacity": "0.5 mAh/cm2"}), hold("2.0 V")), -0.2),
        ((drive("0.2 mA/cm2", {"voltage": "2.0 V"}), hold("2.0 V")), None),
        ((drive("0.2 mA/cm2", {"voltage": "1.5 V"}), hold("2.0 V")), 1.5),
        ((drive("0.2 mA/cm2", {"voltage": "1.5 V"}), hold("2.0 V", "5 mA")), None),
        (
            (
                drive("-0.2 mA/cm2", {"voltage": "0 V"}),
                {"name": "r", "kind": "rest", "time": "1 h"},
                hold("1 V"),
            ),
            0.0,
        ),
    ],
)
def test_a_voltage_that_its_limit_does_not_allow_at_once_is_told(
    steps: tuple[dict[str, Any], ...], from_V: float | None
) -> None:
    placed = [(f"steps.{step.name}", step) for step in with_steps(*steps).steps]
    found = [one for one in KIND.check_order(placed, HALF, "fresh") if one.code != LIMIT_LARGE.code]
    assert [one.code for one in found] == ([] if from_V is None else [LIMITED.code])
    for one in found:
        assert one.parameters["from_V"] == from_V
        inrush_mA = one.parameters["inrush_mA"]
        assert isinstance(inrush_mA, float)
        wanted_V = {"2.0 V": 2.0, "1 V": 1.0}[str(one.parameters["voltage"])]
        assert math.isclose(inrush_mA, (wanted_V - from_V) / HALF.resistance_ohm * 1e3)


@pytest.mark.parametrize(
    ("until_V", "hold_V", "limit", "times"),
    [
        (1.5, "2.0 V", "5 mA", 31.8),  # the limit
        (1.5, "1.51 V", "5 mA", 1.8),  # what the electrolyte lets through
        (1.5, "1.6 V", "5 mA", 18.2),
        (1.5, "1.5 V", "5 mA", 0.0),
        (1.5, "2.0 V", "0.2 mA", 1.3),
    ],
)
def test_a_limit_that_lets_much_more_flow_than_the_step_before_is_told(
    until_V: float, hold_V: str, limit: str, times: float
) -> None:
    steps = with_steps(drive("0.2 mA/cm2", {"voltage": f"{until_V} V"}), hold(hold_V, limit)).steps
    placed = [(f"steps.{step.name}", step) for step in steps]
    sound = load_cell("nbh").build("half")  # 35 ohm
    found = [one for one in KIND.check_order(placed, sound, "fresh") if one.code == LIMIT_LARGE.code]
    assert [one.parameters["times"] for one in found] == (
        [pytest.approx(times, rel=0.02)] if times > 2 else []
    )


@pytest.mark.parametrize(
    ("build", "voltage", "unbroken", "told"),
    [
        ("metal", "1 V", True, True),
        ("metal", "-60 mV", True, True),
        ("symmetric", "0.2 V", True, True),
        ("metal", "50 mV", True, False),
        ("metal", "10 mV", True, False),
        ("metal", "1 V", False, False),  # stripped and plated at a voltage: nothing has to be in proportion
        ("half", "1 V", True, False),
    ],
)
def test_a_transient_beyond_a_small_voltage_between_like_electrodes_is_told(
    build: str, voltage: str, *, unbroken: bool, told: bool
) -> None:
    protocol = with_steps({**hold(voltage), "unbroken": unbroken})
    found = [one.field for one in check(protocol, load_cell("nps"), build) if one.code == NOT_LINEAR.code]
    assert found == (["steps.hold.voltage"] if told else [])


BLOCKS = ("current.blocking", "hold")


@pytest.mark.parametrize(
    ("until", "cut", "build", "found"),
    [
        ("{time: 2 h}", "{time: 1 h}", "half", [("constant_voltage.never_reached", "until.time")]),
        ("{time: 1 h}", "{time: 2 h, capacity: 1 mAh}", "half", []),
        (
            "{capacity: 0.2 mAh}",
            "{capacity: 0.1 mAh}",
            "half",
            [("constant_voltage.never_reached", "until.capacity")],
        ),
        ("{current: 0.2 mA}", "{time: 2 h}", "half", [("constant_voltage.ends_at_once", "until.current")]),
        ("{current: 0.19 mA}", "{time: 2 h}", "half", []),
        ("{time: 1 h}", "{capacity: 50 %}", "pellet", [BLOCKS, ("refused", "cut_short.capacity")]),
        ("{capacity: 3 mAh/g}", "{time: 1 h}", "dc_reduced", [BLOCKS, ("refused", "until.capacity")]),
        ("{capacity: 300 %}", "{time: 100 h}", "half", [("capacity.beyond_electrodes", "until.capacity")]),
    ],
)
def test_what_is_wrong_with_its_ends(until: str, cut: str, build: str, found: list[tuple[str, str]]) -> None:
    text = f"""
name: ends
build: {build}
conditions: {{temperature: unknown, stack_pressure: unknown}}
steps:
  - {{name: hold, kind: constant_voltage, voltage: 0.1 V, current_limit: 0.2 mA, until: {until}, cut_short: {cut}}}
"""
    findings = check(parse_protocol(text, "ends"), load_cell("nps"))
    assert [(one.code, one.field.removeprefix("steps.").removeprefix("hold.")) for one in findings] == found
