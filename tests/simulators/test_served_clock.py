from __future__ import annotations

import pytest

from solbench.simulators.served_clock import ServedClock, host_s
from tests.pace import Stopwatch


def test_time_goes_on_at_its_speed_by_itself():
    clock = ServedClock(100.0, start_s=5.0)
    before_s = host_s()
    first_s = clock.now()
    clock.sleep_until(first_s + 2.0)
    took_s = host_s() - before_s
    passed_s = clock.now() - first_s
    assert took_s >= 0.02
    assert 2.0 <= passed_s <= 100.0 * (host_s() - before_s)


def test_two_processes_have_the_same_time_from_three_numbers():
    served = ServedClock(60.0, start_s=1000.0)
    asked_host_s = host_s()
    other = ServedClock(60.0, served.at_host(asked_host_s), asked_host_s)
    assert other.at_host(asked_host_s + 3600.0) == pytest.approx(
        served.at_host(asked_host_s + 3600.0), abs=1e-6
    )


def test_host_time_and_experiment_time_turn_into_each_other():
    clock = ServedClock(3600.0, start_s=10.0, host_start_s=100.0)
    assert clock.at_host(101.0) == 3610.0
    assert clock.host_at(3610.0) == 101.0


def test_a_time_that_has_passed_is_not_waited_for():
    clock = ServedClock()
    with Stopwatch() as watch:
        clock.advance_to(clock.now() - 1e6)
    assert watch.elapsed_s < 1.0


def test_one_sleep_is_over_within_fifty_milliseconds():
    assert ServedClock(60.0).slice_s == pytest.approx(3.0)


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_time_cannot_stand_still_or_run_backwards(speed):
    with pytest.raises(ValueError, match="above 0"):
        ServedClock(speed)
