from __future__ import annotations

import math
import time

import pytest

from solbench.simulators.clock import VirtualClock


def test_without_a_speed_time_jumps():
    clock = VirtualClock()
    clock.sleep_until(1e6)
    assert clock.now() == 1e6
    assert clock.slice_s == math.inf


def test_time_never_goes_back():
    clock = VirtualClock(start_s=10.0)
    clock.advance_to(3.0)
    assert clock.now() == 10.0


def test_a_paced_clock_does_not_run_ahead_of_host_time():
    begin = time.monotonic()
    clock = VirtualClock(speed=1000.0)
    for step in range(1, 6):
        clock.sleep_until(4.0 * step)
        assert clock.now() <= (time.monotonic() - begin) * 1000.0 + 1e-6
    assert clock.slice_s == pytest.approx(50.0)


@pytest.mark.parametrize("speed", [0.0, -1.0, math.nan])
def test_a_speed_must_be_positive(speed):
    with pytest.raises(ValueError, match="above 0"):
        VirtualClock(speed=speed)
