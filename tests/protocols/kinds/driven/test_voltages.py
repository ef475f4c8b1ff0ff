"""What an instrument sets for a voltage, told before it is set."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from solbench.acquisition.bench.models import MODELS
from solbench.protocols import check, load_cell, load_protocol, parse_protocol, with_settings
from solbench.protocols.kinds.driven.voltages import (
    ABOVE_INSTRUMENT,
    BETWEEN_STAIRS,
    BETWEEN_STEPS,
    LOST,
    check_settable,
    check_stairs,
)
from solbench.protocols.plausible import Instruments
from solbench.protocols.protocol import shipped_protocols
from solbench.protocols.quantities.quantity import quantity

EC301 = Instruments(source="EC301", voltage_max_V=15.0, voltage_step_V=1e-3)
STEPS = """
name: steps
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
steps:
  - {name: hold, kind: constant_voltage, voltage: 1.9004 V, current_limit: 1 mA, until: {time: 1 h}}
  - {name: scan, kind: voltammetry, from: 1.9 V, to: 1.8505 V, rate: 1 mV/s, step: 2.5 mV, current_limit: 1 mA}
  - name: under
    kind: impedance
    from: 100 kHz
    to: 1 Hz
    points_per_decade: 7
    amplitude: 10 mV
    integration: 1 s
    dc_voltage: 1899.7 mV
    current_limit: 1 mA
"""


def found(text: str, able: Instruments = EC301) -> list[str]:
    return [str(one) for one in check_settable("steps.a.voltage", quantity(text), able)]


def test_it_says_what_will_stand_and_what_to_write() -> None:
    (told,) = found("10.4 mV")
    assert "the EC301 sets whole steps of 1 mV: 10 mV will stand for '10.4 mV'" in told
    assert "Write '10 mV' or '11 mV'" in told


@pytest.mark.parametrize("text", ["10 mV", "-11 mV", "0.3 V", "2.123 V", "-0.007 V", "14.999 V"])
def test_a_voltage_in_whole_steps_is_told_nothing(text: str) -> None:
    assert found(text) == []


def test_whole_millivolts_are_whole_whatever_their_unit_and_others_never() -> None:
    draw = random.Random(17)
    for _ in range(2000):
        millivolts, unit_V = draw.randint(-14_999, 14_999), draw.choice(["mV", "V"])
        shift = draw.choice([0, 0, draw.randint(1, 9)])
        value = (10 * millivolts + shift) / (10.0 if unit_V == "mV" else 1e4)
        assert len(found(f"{value!r} {unit_V}")) == bool(shift), (value, unit_V)


def test_a_voltage_of_which_nothing_is_left_is_refused_and_0_never_advised() -> None:
    draw = random.Random(5)
    for _ in range(2000):
        step_V = draw.choice([1e-3, 2e-3, 5e-5, 0.3])
        share, sign = (
            draw.choice([0.5, draw.uniform(1e-9, 0.5), draw.uniform(0.5001, 1.0)]),
            draw.choice([1, -1]),
        )
        able = replace(EC301, voltage_step_V=step_V)
        (told,) = check_settable("v", quantity(f"{sign * share * step_V!r} V"), able)
        assert (told.grade == "error") == (told.rule is LOST) == (share <= 0.5), (share, step_V)
        assert "'0 mV'" not in told.cure
        assert f"'{1e3 * sign * step_V:g} mV'" in told.cure
    assert found("0 mV") == []


def test_every_kind_of_step_refuses_a_voltage_that_would_be_none() -> None:
    text = (
        STEPS.replace("1.9004 V", "0.31 mV").replace("1.8505 V", "-0.0002 V").replace("1899.7 mV", "0.5 mV")
    )
    told = check(parse_protocol(text, "test"), load_cell("nbh"), instruments=EC301)
    lost = {one.field for one in told if one.rule is LOST}
    assert lost == {"steps.hold.voltage", "steps.scan.to", "steps.under.dc_voltage"}
    dc = with_settings(load_protocol("dc-polarization"), ("voltage=0.4 mV",))
    assert LOST in {one.rule for one in check(dc, load_cell("nbh"), instruments=EC301)}
    assert LOST not in {one.rule for one in check(dc, load_cell("nbh"))}


@pytest.mark.parametrize(
    ("height", "become", "instead"),
    [("2.5 mV", "2 to 3 mV high", "'2 mV' or '3 mV'"), ("0.3 mV", "0 to 1 mV high", "Write '1 mV'")],
)
def test_of_a_staircase_the_levels_are_rounded_and_not_the_step(height, become, instead) -> None:
    (told,) = check_stairs("steps.s.step", quantity(height), EC301)
    assert become in told.message
    assert instead in told.cure
    assert not list(check_stairs("steps.s.step", quantity("3 mV"), EC301))
    assert not list(check_stairs("steps.s.step", quantity(height), Instruments()))


def test_what_is_set_finely_is_told_nothing_and_what_is_too_much_is_told_alone() -> None:
    assert found("10.4 mV", Instruments()) == []
    codes = [one.rule for one in check_settable("v", quantity("15.0004 V"), EC301)]
    assert codes == [ABOVE_INSTRUMENT]


def test_every_kind_of_step_that_sets_a_voltage_is_looked_at() -> None:
    told = check(parse_protocol(STEPS, "test"), load_cell("nbh"), instruments=EC301)
    fields = {one.field for one in told if one.rule is BETWEEN_STEPS}
    assert fields == {
        "steps.hold.voltage",
        "steps.scan.to",
        "steps.under.dc_voltage",
    }
    assert {one.field for one in told if one.rule is BETWEEN_STAIRS} == {"steps.scan.step"}
    dc = with_settings(load_protocol("dc-polarization"), ("voltage=10.4 mV",))
    assert BETWEEN_STEPS in {one.rule for one in check(dc, load_cell("nps"), instruments=EC301)}


def test_no_shipped_protocol_asks_for_what_an_ec301_does_not_set() -> None:
    able = replace(EC301, voltage_step_V=MODELS["ec301"].limits.voltage_step_V)
    assert able.voltage_step_V == 1e-3
    for name in shipped_protocols():
        told = check(load_protocol(name), load_cell("nbh"), instruments=able)
        assert BETWEEN_STEPS not in {one.rule for one in told}, name
