"""Titrations that could tell no diffusion coefficient are told before, and sound ones are left alone."""

from __future__ import annotations

import pytest

from solbench.protocols import check, load_cell, load_protocol, parse_protocol, with_settings
from solbench.protocols.findings import Finding

PULSE, REST = "steps.titration.steps.pulse", "steps.titration.steps.relaxation"
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
        ({"end": "time: 30 s"}, "titration.pulse_small"),
        ({"end": "capacity: 0.05 %"}, "titration.pulse_small"),
        ({"end": "capacity: 15 %", "rest": "9 h"}, "titration.pulse_large"),
        ({"current": "-C/2"}, "titration.pulse_large"),
        ({"every": "1 min"}, "titration.few_readings"),
        ({"every": "20 min"}, "record.every_long"),
    ],
)
def test_what_leaves_a_titration_by_hand_without_a_result_is_told(words: dict[str, str], code: str) -> None:
    assert code in typed(**words)


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"end": "time: 30 min", "current": "-C/10", "rest": "1 h"},
        {"end": "capacity: 1 %", "rest": "4 h"},
        {"every": "10 min, voltage_change: 0.5 mV"},
        {"count": "2", "end": "time: 1 h", "rest": "1 min"},  # no titration
        {"build": "half", "current": "-0.05 mA/cm2", "end": "voltage: 0.1 V", "rest": "10 min"},
    ],
)
def test_a_sound_one_and_what_is_none_are_left_alone(words: dict[str, str]) -> None:
    assert not any(code.startswith(("titration", "record")) for code in typed(**words))


@pytest.mark.parametrize("every", ["10 min", "2 h"])
def test_steps_of_the_voltage_need_readings_as_well(every: str) -> None:
    (told,) = found("pitt", f"record.every={every}", "steps.titration.steps.step.until.time=90 min")
    assert told.field == "record.every"


def test_an_interval_names_the_shortest_step_that_passes_in_it() -> None:
    settings = "record.every=2 h", f"{REST}.time=4 h"
    long = [one for one in found("gitt", *settings) if one.code == "record.every_long"]
    assert [(one.field, one.parameters["step"]) for one in long] == [("record.every", "pulse")]
    assert (
        found("gitt", "steps.titration.steps.pulse.record.every=11 min")[0].field == f"{PULSE}.record.every"
    )
