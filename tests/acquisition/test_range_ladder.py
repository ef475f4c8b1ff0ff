"""Ranges of a DC polarization: down as the current fits, up after a cut-out, and never up and down for ever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from solbench.acquisition.engine.techniques.polarization import RangeLadder

FULL_SCALES = {4: 2e-3, 5: 2e-4, 6: 2e-5, 7: 2e-6, 8: 2e-7}


def ladder() -> RangeLadder:
    return RangeLadder(tuple(FULL_SCALES), FULL_SCALES.__getitem__)


def test_it_goes_down_one_range_at_a_time_while_the_current_is_under_half_of_the_next():
    ranges = ladder()
    assert not ranges.step_down(1.01e-4, 1.0)
    assert ranges.step_down(0.99e-4, 1.0)
    assert ranges.present == 5
    assert not ranges.step_down(1.1e-5, 1.0)


def test_a_range_that_cut_out_is_tried_again_at_half_of_the_current():
    ranges = ladder()
    for _ in range(4):
        assert ranges.step_down(8e-8, 1.0)
    assert ranges.present == 8
    assert ranges.step_back()
    assert ranges.step_back()  # the double layer is empty: range 7 trips, too, and is not to blame
    assert ranges.present == 6
    assert not ranges.step_down(8e-8, 5.0)
    assert ranges.step_down(8e-8, 11.0)
    assert ranges.present == 7
    assert not ranges.step_down(4.1e-8, 100.0)
    assert ranges.step_down(3.9e-8, 100.0)
    assert ranges.present == 8


def test_there_is_nothing_above_the_largest_range():
    assert not ladder().step_back()


@given(st.lists(st.tuples(st.booleans(), st.floats(1e-12, 1e-2), st.floats(0, 100)), max_size=60))
def test_a_range_never_fails_twice_at_the_same_current(moves: list[tuple[bool, float, float]]):
    ranges, failed = ladder(), {}
    for back, current_A, since_s in moves:
        before = ranges.present
        if back:
            if not ranges.step_back():
                return
        elif ranges.step_down(current_A, since_s):
            assert current_A < 0.5 * FULL_SCALES[ranges.present]
            assert current_A < failed.get(ranges.present, 1.0)
            ranges_entered = ranges.present
            if ranges.step_back():
                failed[ranges_entered] = min(failed.get(ranges_entered, 1.0), current_A)
        assert abs(ranges.present - before) <= 1
