"""Lines as real instruments sent them, from their numbers."""

from __future__ import annotations

import cmath
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.simulators.electronics.front_end import V1, V2, I, Input
from solbench.simulators.instruments.results import (
    Measurement,
    coordinates_code,
    error_digit,
    in_coordinates,
    result_line,
    source_value,
)

MEASUREMENT = Measurement(1e3, {V1: Input(2 + 2j, False), V2: Input(1j, True), I: Input(0.5 + 0j, False)})


@pytest.mark.parametrize(
    ("numbers", "recorded"),
    [
        ((1e6, 3.8886, 72.552), "+1.0000000E+06,+3.8886E+00,+7.2552E+01,0"),
        ((0.33, 94749.0, -69.003), "+3.3000000E-01,+9.4749E+04,-6.9003E+01,0"),
    ],
)
def test_recorded_lines_of_a_1260_come_out_of_their_numbers(numbers, recorded):
    line = result_line(*numbers, 0, ",")
    assert line == recorded + ",00"
    assert len(line) == 43


@given(st.floats(1e-5, 32e6), st.floats(-1e12, 1e12), st.floats(-180, 180), st.integers(0, 9))
def test_every_line_has_43_characters(frequency_Hz, first, second, error):
    line = result_line(frequency_Hz, first, second, error, ",")
    assert [len(field) for field in line.split(",")] == [14, 11, 11, 1, 2]


def test_sources():
    assert source_value(MEASUREMENT, V1, V2) == pytest.approx(2 - 2j)
    assert source_value(MEASUREMENT, V1, I) == pytest.approx(4 + 4j)
    assert source_value(MEASUREMENT, V2, 0) == 1j
    assert source_value(MEASUREMENT, I, V1) == pytest.approx(0.125 - 0.125j)


def test_each_source_has_its_own_coordinates_command():
    pairs = {(V1, 0): "CV", (V1, V2): "CV", (V1, I): "CZ", (V2, I): "CZ", (I, 0): "CI", (I, V1): "CY"}
    assert {pair: coordinates_code(*pair) for pair in pairs} == pairs


def test_coordinates():
    value = cmath.rect(10.0, math.radians(-150.0))
    assert in_coordinates(value, 0, None) == pytest.approx((-8.660254, -5.0))
    assert in_coordinates(value, 1, None) == pytest.approx((10.0, -150.0))
    assert in_coordinates(value, 2, None) == pytest.approx((20.0, -150.0))


def test_unwrapped_phase_goes_on_from_the_last():
    assert in_coordinates(cmath.rect(1.0, math.radians(170.0)), 1, -175.0)[1] == pytest.approx(-190.0)


def test_only_the_sources_in_use_report_their_overload():
    assert error_digit(MEASUREMENT, (V1, V2), (1, 2, 3)) == 2
    assert error_digit(MEASUREMENT, (V1, I), (1, 2, 3)) == 0
