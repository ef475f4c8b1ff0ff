import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.analysis.arcs import (
    effective_capacitance,
    layer_capacitance,
    suggest_label,
    surface_capacitance,
)

AREA_M2, THICKNESS_M = 0.785e-4, 500e-6


@given(st.floats(1, 1e5), st.floats(1e-10, 1e-4))
def test_a_capacitor_has_its_own_capacitance(R, C):
    assert effective_capacitance(R, C, 1.0) == pytest.approx(C)
    assert surface_capacitance(50.0, R, C, 1.0) == pytest.approx(C)


@given(st.floats(1, 1e5), st.floats(1e-10, 1e-5), st.floats(0.6, 1.0))
def test_the_arc_of_the_effective_capacitance_has_the_same_top(R, C, alpha):
    Q = (R * C) ** alpha / R
    assert effective_capacitance(R, Q, alpha) == pytest.approx(C, rel=1e-9)


def test_layers_of_known_thickness():
    assert layer_capacitance(AREA_M2, THICKNESS_M, 12) == pytest.approx(17e-12, rel=0.03)
    assert 0.8e-9 < layer_capacitance(1e-4, 10e-6, 12) < 2e-9
    assert 0.1e-9 < layer_capacitance(1e-4, 90e-6, 12) < 0.2e-9


@pytest.mark.parametrize(
    ("capacitance", "label"),
    [
        (17e-12, "bulk"),
        (1e-9, "grain boundary"),
        (1e-6, "electrode interface"),
        (1e-3, "electrochemical reaction"),
    ],
)
def test_suggestions(capacitance, label):
    assert label in suggest_label(capacitance, AREA_M2, THICKNESS_M).suggestions


def test_a_thick_interphase_is_warned_of():
    label = suggest_label(2.5e-9, AREA_M2, THICKNESS_M)
    assert "grain boundary" in label.suggestions
    assert "thick interphase" in label.warning
    assert suggest_label(17e-12, AREA_M2, THICKNESS_M).warning == ""


def test_what_is_nothing_known_says_so():
    assert suggest_label(1e-15, AREA_M2, THICKNESS_M).suggestions == ("outside the customary ranges",)
