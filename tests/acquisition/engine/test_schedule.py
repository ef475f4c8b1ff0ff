"""When the next reading comes: never too late for a limit, never before now."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solbench.acquisition.bench.watch import Watch
from solbench.acquisition.engine.schedule import NEAR_V, Schedule, Slope

CONVERSION_S = 0.2


def schedule(every_s: float = 10.0, change_V: float | None = None) -> Schedule:
    return Schedule(every_s, change_V, Watch(2.0, 0.2), CONVERSION_S)


def fed(slope_V_s: float, newest_V: float, until_s: float, **options) -> Schedule:
    """A schedule that has seen five readings along a line."""
    found = schedule(**options)
    for back in range(4, -1, -1):
        found.slope.add(until_s - back, newest_V - back * slope_V_s)
    return found


def test_far_from_any_limit_the_longest_unwatched_time_rules():
    assert schedule().next_start_s(100.0, 99.0, [1.0, -3.0], 0.0) == 101.0


def test_a_shorter_storing_interval_rules_before_it():
    assert schedule(every_s=1.0).next_start_s(100.0, 99.5, [1.0], 0.0) == 100.5


@pytest.mark.parametrize("distance_V", [0.049, -0.049])
def test_within_fifty_millivolts_it_is_a_fifth_of_a_second(distance_V):
    assert schedule().next_start_s(100.0, 99.95, [distance_V], 0.0) == pytest.approx(100.15)


def test_a_late_reading_starts_at_once():
    assert schedule().next_start_s(100.0, 90.0, [1.0], 0.0) == 100.0


def test_a_predicted_change_worth_storing_calls_for_a_reading():
    found = fed(1e-3, 1.0, 100.0, change_V=5e-3)
    assert found.next_start_s(100.0, 100.0, [1.0], 4e-3) == pytest.approx(101.0)


def test_a_predicted_crossing_far_away_is_approached_by_half():
    """0.1 V at 0.1 V/s: one second to go; the next reading comes well before."""
    found = fed(0.1, 1.9, 100.0)
    due_s = found.next_start_s(100.0, 100.0, [-0.1], 0.0)
    assert 100.3 < due_s < 100.6


def test_near_a_crossing_the_middle_of_a_conversion_lies_just_behind_it():
    """10 mV to go at 20 mV/s: crossing after 0.5 s; some reading on the way must start 0.4 s from now."""
    found = fed(0.02, 1.99, 100.0)
    starts = [100.0]
    while starts[-1] + CONVERSION_S / 2 < 100.5:
        starts.append(found.next_start_s(starts[-1] + CONVERSION_S, starts[-1], [-0.01], 0.0))
    assert 0.0 < starts[-1] + CONVERSION_S / 2 - 100.5 < 0.06


times = st.floats(0.0, 1e6)


@given(
    now_s=times,
    ago_s=st.floats(0.0, 5.0),
    slope=st.floats(-1.0, 1.0),
    distances=st.lists(st.floats(-5.0, 5.0), max_size=4),
    every_s=st.floats(0.01, 100.0),
)
def test_a_reading_is_never_before_now_and_never_later_than_the_watch_allows(
    now_s, ago_s, slope, distances, every_s
):
    found = fed(slope, 1.0, now_s, every_s=every_s)
    due_s = found.next_start_s(now_s, now_s - ago_s, distances, 0.0)
    near = any(abs(distance) < NEAR_V for distance in distances)
    longest_s = 2 * 0.2 if near else 2.0  # near a limit one interval may be stretched to meet the crossing
    assert now_s <= due_s <= max(now_s, now_s - ago_s + longest_s) + (0.2 if near else 0.0) + 1e-6


@given(slope=st.floats(-1.0, 1.0), start=st.floats(-5.0, 5.0), n=st.integers(2, 20))
def test_the_slope_of_a_line_is_found(slope, start, n):
    found = Slope()
    for second in range(n):
        found.add(float(second), start + slope * second)
    assert found.at_end() == pytest.approx(slope, abs=1e-9)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(0.1, 3.0), st.floats(-5.0, 5.0)), min_size=2, max_size=9))
def test_the_slope_is_that_of_the_best_line_through_the_last_five(steps):
    found = Slope()
    times_s = np.cumsum([step_s for step_s, _ in steps])
    voltages_V = [voltage_V for _, voltage_V in steps]
    for time_s, voltage_V in zip(times_s, voltages_V, strict=True):
        found.add(float(time_s), voltage_V)
    best, _ = np.polyfit(times_s[-5:] - times_s[-1], voltages_V[-5:], 1)
    assert found.at_end() == pytest.approx(best, rel=1e-6, abs=1e-6)
    distances_V = [-1.0, 0.3, 2.0]
    assert found.reached_s(*distances_V) == min(map(found.reached_s, distances_V))


def test_a_line_is_followed_to_the_limit_and_not_away_from_it():
    found = Slope()
    for second in range(5):
        found.add(float(second), 1.0 + 0.1 * second)
    assert found.reached_s(1.4 - 2.0) == pytest.approx(10.0)
    assert found.reached_s(1.4 - 0.5) == float("inf")


def test_one_last_digit_does_not_steer_the_prediction():
    """A voltmeter that toggles by 0.1 mV on a flat line predicts no crossing within a minute."""
    found = Slope()
    for second in range(5):
        found.add(float(second), 1.0 + 1e-4 * (second == 4))
    assert found.reached_s(-0.01) > 60.0
