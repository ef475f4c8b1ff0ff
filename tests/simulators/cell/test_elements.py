import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.simulators.cell.elements import arc, inductor

resistances = st.floats(0.1, 1e6)
capacitances = st.floats(1e-12, 1e-2)


@given(resistances, capacitances, st.floats(0.5, 1.0))
def test_the_top_of_an_arc_lies_at_its_time_constant(R, C, n):
    top_Hz = 1 / (2 * math.pi * R * C)
    top = -arc(R, C, n, top_Hz).imag
    assert top == pytest.approx(R / 2 * math.tan(n * math.pi / 4), rel=1e-9)
    assert top > max(-arc(R, C, n, top_Hz * step).imag for step in (0.7, 1.4))


@given(resistances, capacitances)
def test_an_arc_of_exponent_one_is_a_resistance_parallel_to_a_capacitor(R, C):
    frequency_Hz = 0.3 / (R * C)
    expected = 1 / (1 / R + 2j * math.pi * frequency_Hz * C)
    assert arc(R, C, 1.0, frequency_Hz) == pytest.approx(expected, rel=1e-12)


def test_nothing_is_left_of_an_arc_without_resistance():
    assert arc(0.0, 1e-9, 0.8, 1e3) == 0


def test_the_inductance_of_the_leads_at_the_top_of_the_sweep():
    assert inductor(0.8e-6, 1e6) == pytest.approx(5.0265j, rel=1e-4)
