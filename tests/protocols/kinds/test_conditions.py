"""A temperature that is set: what is written becomes SI, and what no chamber is to do is found before a run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solbench.protocols import BadInput, check, load_cell, parse_protocol, plan
from solbench.protocols.kinds.conditions import patience_s
from solbench.protocols.plausible import Instruments, SetChamber

CELL = load_cell("nps")
TEXT = """
name: warm
build: pellet
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 10 s}
steps:
  - {name: warm, kind: condition, temperature: 45 degC, REST}
"""
CHAMBER = SetChamber(253.15, 373.15, has_limit=True)


def made(rest="ramp: 30 K/h, within: 1 K, over: 5 min", temperature="45 degC"):
    return parse_protocol(TEXT.replace("REST", rest).replace("45 degC", temperature), "test")


def rules(protocol, chamber=None):
    return [finding.rule.code for finding in check(protocol, CELL, instruments=Instruments(chamber=chamber))]


def test_it_is_one_segment_in_si():
    (segment,) = plan(made(), CELL.build("pellet"))
    assert segment.temperature_K == pytest.approx(318.15)
    assert segment.ramp_K_s == pytest.approx(30.0 / 3600.0)
    assert (segment.within_K, segment.steady_s) == (1.0, 300.0)
    assert patience_s(segment, 10.0) == pytest.approx(1200.0 + 300.0 + 10_800.0)
    assert patience_s(replace(segment, time_out_s=60.0), 10.0) == 60.0


@pytest.mark.parametrize(
    ("rest", "temperature", "chamber", "found"),
    [
        ("ramp: 1 K/min", "45 degC", CHAMBER, []),
        ("ramp: 1 K/min", "80 degC", CHAMBER, []),
        ("ramp: 1 K/min", "60 degC", replace(CHAMBER, has_limit=False), []),
        ("ramp: 1 K/min", "61 degC", replace(CHAMBER, has_limit=False), ["condition.no_limiter"]),
        ("ramp: 1 K/min", "61 degC", None, []),
        ("ramp: 1 K/min", "101 degC", CHAMBER, ["condition.chamber"]),
        ("ramp: 1 K/min", "-21 degC", CHAMBER, ["condition.chamber"]),
        ("ramp: 1 K/min", "300 degC", None, ["conditions.temperature"]),
        ("ramp: 61 K/h", "45 degC", CHAMBER, ["condition.fast"]),
    ],
)
def test_what_is_not_to_be_done_is_found(rest, temperature, chamber, found):
    assert rules(made(rest, temperature), chamber) == found


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("otherwise: go on", "time-out"),
        ("within: 25 degC", "no difference"),
        ("ramp: 1 K", "heating rate"),
        ("ramp: -1 K/min", "ramp"),
    ],
)
def test_what_makes_no_sense_is_told_in_words(rest, words):
    with pytest.raises(BadInput, match=words):
        made(rest)
