"""Titrations that could tell no diffusion coefficient are told before, and sound ones are left alone."""

from __future__ import annotations

import random

import pytest

from solbench.protocols import check, load_cell, load_protocol, parse_protocol, with_settings
from solbench.protocols.findings import Finding

INCLUDED, RELAXATION = "steps.titration.steps.pulse", "steps.titration.steps.relaxation"
TYPED = """
name: typed
build: {build}
conditions: {{temperature: 25 degC, stack_pressure: unknown}}
record: {{every: {every}}}
steps:
  - name: by_hand
    kind: loop
    count: {count}
    steps:
      - {{name: current, kind: constant_current, current: {current}, until: {{{end}}}, cut_short: {{voltage: 10 mV}}}}
      - {{name: open, kind: rest, time: {rest}}}
"""


def found(protocol: str, *settings: str, cell: str = "nps") -> list[Finding]:
    chosen = with_settings(load_protocol(protocol), settings)
    return [one for one in check(chosen, load_cell(cell)) if one.code.startswith(("titration", "record"))]


def typed(**words: str) -> set[str]:
    usual = {"build": "half_hard_carbon", "every": "2 s", "count": "20", "end": "time: 10 min"}
    text = TYPED.format(**{**usual, "current": "-C/20", "rest": "2 h", **words})
    return {one.code for one in check(parse_protocol(text, "typed.yaml"), load_cell("nps"))}


@pytest.mark.parametrize("protocol", ["gitt", "pitt"])
def test_the_included_titrations_are_sound(protocol: str) -> None:
    assert found(protocol) == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"end": "time: 20 s", "rest": "2 s"}, "titration.rest_short"),
        ({"rest": "5 min"}, "titration.rest_short"),
        ({"rest": "35 min"}, "titration.rest_short"),
        ({"current": "-C/10", "end": "time: 4 min", "rest": "45 min"}, "titration.rest_short"),
        ({"end": "time: 12 min, voltage: 5 mV", "rest": "20 min"}, "titration.rest_short"),
        ({"end": "time: 30 s"}, "titration.pulse_small"),
        ({"end": "capacity: 0.05 %"}, "titration.pulse_small"),
        ({"end": "capacity: 15 %", "rest": "9 h"}, "titration.pulse_large"),
        ({"current": "-C/2"}, "titration.pulse_large"),
        ({"end": "time: 36 min", "rest": "6 h"}, "titration.pulse_large"),
        ({"end": "time: 20 h, capacity: 5 %, voltage: 5 mV", "rest": "6 h"}, "titration.pulse_large"),
        ({"every": "70 s"}, "titration.few_readings"),
        ({"every": "90 s, voltage_change: 20 mV"}, "titration.few_readings"),
        ({"every": "3 h, voltage_change: 2 V"}, "titration.few_readings"),
        ({"every": "20 min"}, "record.every_long"),
    ],
)
def test_what_leaves_a_titration_by_hand_without_a_result_is_told(words: dict[str, str], code: str) -> None:
    assert code in typed(**words)


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"end": "time: 30 min", "current": "-C/30", "rest": "1 h"},
        {"end": "capacity: 1 %", "rest": "4 h"},
        {"end": "time: 24 min", "rest": "90 min"},
        {"every": "66 s"},
        {"end": "time: 30 h, voltage: 5 mV", "rest": "10 min"},  # the voltage ends it
        {"every": "10 min, voltage_change: 0.5 mV"},
        {"count": "2", "end": "time: 1 h", "rest": "1 min"},  # no titration
        {"build": "half", "current": "-0.05 mA/cm2", "end": "voltage: 0.1 V", "rest": "10 min"},
    ],
)
def test_a_sound_one_and_what_is_none_are_left_alone(words: dict[str, str]) -> None:
    assert not any(code.startswith(("titration", "record")) for code in typed(**words))


SPECTRUM = (
    "{name: z, kind: impedance, from: 1 MHz, to: 1 Hz, points_per_decade: 10, amplitude: 10 mV, "
    "integration: 1 s}"
)
LOOP = """
name: typed
build: half_hard_carbon
conditions: {{temperature: 25 degC, stack_pressure: unknown}}
record: {{every: {every}}}
steps:
  - name: by_hand
    kind: loop
    {passes}
    steps: [{steps}]
"""
PULSE = "{{name: current, kind: constant_current, current: {}, until: {{time: {}}}, cut_short: {{voltage: 10 mV}}}}"


def looped(passes: str, *steps: str, every: str = "5 s") -> list[Finding]:
    text = LOOP.format(passes=passes, steps=", ".join(steps), every=every)
    found = check(parse_protocol(text, "typed.yaml"), load_cell("nps"))
    return [one for one in found if one.code.startswith(("titration", "record"))]


def pulse(current: str = "-C/20", time: str = "10 min") -> str:
    return PULSE.format(current, time)


def rest(time: str, name: str = "open") -> str:
    return f"{{name: {name}, kind: rest, time: {time}}}"


def held(time: str) -> str:
    return (
        f"{{name: hold, kind: constant_voltage, voltage: $v, current_limit: 1 mA, until: {{time: {time}}}}}"
    )


@pytest.mark.parametrize("seed", range(20))
def test_where_spectra_are_taken_no_titration_is_wanted(seed: int) -> None:
    draw = random.Random(seed)
    current, minutes, rests = draw.choice(["-C/5", "-C/12"]), draw.randint(20, 90), draw.randint(1, 40)
    body = [pulse(current, f"{minutes} min"), rest(f"{rests} min")]
    count = f"count: {draw.randint(3, 12)}"
    assert looped(count, *body) != []
    body.insert(draw.choice([0, 2]), SPECTRUM)
    assert looped(count, *body) == []


def test_held_voltages_with_something_between_them_are_no_titration() -> None:
    series = "over: {v: [0.4 V, 0.38 V, 0.36 V, 0.34 V]}"
    assert [one.code for one in looped(series, held("1 min"))] == ["titration.few_readings"]
    assert looped(series, held("1 min"), SPECTRUM) == []
    assert looped(series, held("1 min"), rest("10 min")) == []
    assert looped("over: {v: [0.9 V, 0.7 V, 0.5 V]}", held("1 min")) == []  # steps that are no small ones


def test_a_step_of_the_voltage_stores_none_for_a_change_of_it() -> None:
    series = "over: {v: [0.3 V, 0.27 V, 0.24 V]}"
    (told,) = looped(series, held("90 min"), every="6 min, voltage_change: 0.5 mV")
    assert told.code == "titration.few_readings"
    assert looped(series, held("2 h"), every="6 min") == []


def test_each_value_of_a_series_is_looked_at() -> None:
    (told,) = looped("over: {t: [2 h, 90 min, 7 min, 40 s]}", pulse(), rest("$t"), every="2 s")
    assert (told.code, told.parameters["rest"]) == ("titration.rest_short", "7 min")
    assert "'40 s'" in told.cure
    (told,) = looped("over: {i: [C/40, C/20, C/3]}", pulse("-$i", "12 min"), rest("2 h"))
    assert (told.code, told.parameters["current"]) == ("titration.pulse_large", "-C/3")
    (told,) = looped("over: {v: [0.3 V, 0.28 V, 0.26 V], t: [2 h, 1 h, 50 s]}", held("$t"))
    assert told.code == "titration.few_readings"


def test_a_rest_on_either_side_of_the_pulse_is_looked_at() -> None:
    (told,) = looped("count: 9", rest("8 min"), pulse(), every="2 s")
    assert told.code == "titration.rest_short"
    (told,) = looped("count: 9", rest("30 s", "before"), pulse(), rest("2 h"))
    assert (told.code, told.parameters["name"]) == ("titration.few_readings", "before")
    assert looped("count: 9", rest("2 h"), pulse()) == []


def test_currents_of_both_directions_are_no_titration() -> None:
    assert looped("over: {i: [C/2, -C/2, C/5, -C/5]}", pulse("$i", "30 min"), rest("1 min")) == []


@pytest.mark.parametrize("every", ["10 min", "2 h"])
def test_steps_of_the_voltage_need_readings_as_well(every: str) -> None:
    (told,) = found("pitt", f"record.every={every}", "steps.titration.steps.step.until.time=90 min")
    assert told.field == "record.every"


def test_an_interval_names_the_shortest_step_that_passes_in_it() -> None:
    settings = "record.every=2 h", f"{RELAXATION}.time=4 h"
    long = [one for one in found("gitt", *settings) if one.code == "record.every_long"]
    assert [(one.field, one.parameters["step"]) for one in long] == [("record.every", "pulse")]
    assert (
        found("gitt", "steps.titration.steps.pulse.record.every=11 min")[0].field
        == f"{INCLUDED}.record.every"
    )


@pytest.mark.parametrize(
    ("every", "step", "is_told"),
    [
        ("2 h, voltage_change: 5 mV", held("90 min").replace("$v", "0.4 V"), True),  # it does not change
        ("2 h, voltage_change: 1 V", pulse(time="90 min"), True),
        ("2 h, voltage_change: 5 mV", pulse(time="90 min"), False),
        ("30 min, voltage_change: 5 mV", held("90 min").replace("$v", "0.4 V"), False),
    ],
)
def test_a_change_of_the_voltage_excuses_a_long_interval_only_where_it_stores_readings(
    every: str, step: str, is_told: bool
) -> None:
    codes = [one.code for one in looped("count: 2", step, every=every)]
    assert codes == ["record.every_long"] * is_told
