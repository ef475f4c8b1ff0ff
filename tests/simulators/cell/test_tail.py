import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.simulators.cell.tail import Tail, TailElement

TAIL = Tail([TailElement(6.0, 5.0), TailElement(12.0, 60.0), TailElement(25.0, 600.0)])


def test_a_rest_relaxes_with_the_time_constants():
    start = TAIL.driven((0.0, 0.0, 0.0), 1e6, 1e-3)
    assert start == pytest.approx((6e-3, 12e-3, 25e-3))
    after = TAIL.driven(start, 60.0, 0.0)
    assert after == pytest.approx((6e-3 * math.exp(-12), 12e-3 / math.e, 25e-3 * math.exp(-0.1)))


@given(st.floats(0, 1e4), st.floats(0, 1e4), st.floats(-1e-3, 1e-3))
def test_two_steps_are_one(first_s, second_s, current_A):
    twice = TAIL.driven(TAIL.driven((1e-3, -1e-3, 0.0), first_s, current_A), second_s, current_A)
    assert twice == pytest.approx(TAIL.driven((1e-3, -1e-3, 0.0), first_s + second_s, current_A), abs=1e-15)


def test_rates_are_those_of_the_steps():
    voltages_V = (1e-3, 2e-3, 3e-3)
    small = TAIL.driven(voltages_V, 1e-5, 1e-4)
    numeric = [(after - before) / 1e-5 for after, before in zip(small, voltages_V, strict=True)]
    assert TAIL.rates(voltages_V, 1e-4) == pytest.approx(numeric, rel=1e-4)


def test_impedance_from_direct_current_to_high_frequency():
    assert TAIL.impedance(1e-9) == pytest.approx(43, rel=1e-4)
    assert abs(TAIL.impedance(1e4)) < 1e-3
    assert TAIL.impedance(1 / (2 * math.pi * 5)).imag == pytest.approx(-3.0 - 12 / 12 - 25 / 120, rel=0.02)
