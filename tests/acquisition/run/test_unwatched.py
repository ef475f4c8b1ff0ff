"""The charge of a step by its plan, against values on paper."""

from __future__ import annotations

import pytest

from solbench.acquisition.run.unwatched import step_charge_C
from solbench.protocols import load_cell, parse_protocol, plan

AREA_CM2 = 0.785
HEAD = """
name: x
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
steps:
"""
SPECTRUM = "{from: 1 kHz, to: 1 Hz, points_per_decade: 5, amplitude: 10 mV, integration: 1 s}"
MARKS = f", spectra_at: [50 %], rest: {{time: 60 s}}, spectrum: {SPECTRUM}"


def charge(step: str, segment: int = 0, before_C: float = 0.0, passed_C: float = 0.0) -> float | None:
    protocol = parse_protocol(f"{HEAD}  - {{name: a, {step}}}\n", "test")
    build = load_cell("nbh").build("half")
    segments = list(plan(protocol, build))
    return step_charge_C(protocol, build, segments[segment], before_C, passed_C)


@pytest.mark.parametrize("segment", [0, 1, 2, 3])
def test_a_current_carries_the_whole_capacity_that_ends_it_in_each_of_its_parts(segment):
    step = f"kind: constant_current, current: -0.1 mA/cm2, until: {{capacity: 1 mAh/cm2}}{MARKS}"
    assert charge(step, segment) == pytest.approx(3.6 * AREA_CM2)


def test_a_current_that_ends_by_time_carries_it_for_that_time():
    step = "kind: constant_current, current: -0.1 mA/cm2, until: {time: 1 h}"
    assert charge(step) == pytest.approx(0.36 * AREA_CM2)


def test_a_current_that_ends_by_voltage_brings_back_what_the_step_before_has_moved():
    step = "kind: constant_current, current: 0.1 mA/cm2, until: {voltage: 2 V}"
    assert charge(step, before_C=-2.0) == pytest.approx(2.0)


def test_what_has_passed_counts_where_it_is_more_than_was_planned():
    step = "kind: constant_voltage, voltage: 0.5 V, current_limit: 1 mA, until: {time: 1 h}"
    assert charge(step, passed_C=-0.7) == pytest.approx(0.7)


def test_a_step_that_carries_no_charge_of_its_own_is_held_against_the_capacity_of_the_cell():
    step = f"kind: impedance, {SPECTRUM.strip('{}')}"
    assert charge(step) == load_cell("nbh").build("half").capacity_C
