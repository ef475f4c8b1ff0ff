"""The ranges are those of the 1287 manual, p. 39: each standard resistor drops 200 mV at full scale."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.drivers.errors import OutOfRange
from solbench.drivers.solartron.ranges import RANGES, current_range, smallest_range


def test_the_table_goes_from_two_amperes_to_two_hundred_nanoamperes():
    assert [one.full_scale_A for one in RANGES.values()] == pytest.approx(
        [2.0, 0.2, 0.02, 2e-3, 200e-6, 20e-6, 2e-6, 200e-9]
    )
    assert [one.resistor_ohm for one in RANGES.values()] == [0.1, 1, 10, 100, 1e3, 1e4, 1e5, 1e6]
    assert list(RANGES) == [1, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(("current_A", "index"), [(126e-6, 5), (50e-6, 5), (1.4e-3, 4), (0.0, 8), (2.0, 1)])
def test_the_smallest_range_that_holds_the_current(current_A, index):
    assert smallest_range(current_A).index == index


@given(st.floats(0.0, 1.8))
def test_the_chosen_range_holds_the_current_and_the_next_one_does_not(current_A):
    chosen = smallest_range(current_A, 1.1)
    assert chosen.full_scale_A >= 1.1 * current_A
    if chosen.index < 8:
        assert current_range(chosen.index + 1).full_scale_A < 1.1 * current_A


@pytest.mark.parametrize("current_A", [2.1, -1e-3, float("nan"), float("inf")])
def test_what_no_range_holds_is_refused(current_A):
    with pytest.raises(OutOfRange):
        smallest_range(current_A)


@pytest.mark.parametrize("index", [0, 9, -1])
def test_auto_range_and_unknown_ranges_are_refused(index):
    with pytest.raises(OutOfRange):
        current_range(index)
