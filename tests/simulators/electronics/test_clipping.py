from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.simulators.electronics.clipping import clipped_fundamental


def test_a_sine_within_the_limit_passes():
    assert clipped_fundamental(0.5 + 0.5j, 0.1, 1.2) == 0.5 + 0.5j


def test_a_sine_driven_far_beyond_becomes_a_square_wave():
    # The fundamental of a square wave of height 1 has a peak of 4/pi.
    assert abs(clipped_fundamental(1e3, 0.0, 1.0)) == pytest.approx(4 / math.pi / math.sqrt(2), rel=1e-3)


@given(st.floats(0.01, 10), st.floats(-5, 5), st.floats(0.1, 10))
def test_clipping_never_makes_a_sine_larger_nor_turns_it(amplitude, dc, limit):
    clipped = clipped_fundamental(amplitude * 1j, dc, limit)
    assert clipped.real == pytest.approx(0.0, abs=1e-12)
    assert -1e-9 <= clipped.imag <= amplitude * (1 + 1e-9)
