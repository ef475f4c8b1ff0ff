from __future__ import annotations

import math
import random
import time

import pytest

from solbench.simulators.clock import Agenda, Alarm, VirtualClock


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


def rung(seed, *, asks_all):
    """What rings, and when, on a bench of four whose alarms set each other, where all are asked at every message."""
    draw, found, alarms = random.Random(seed), [], []

    def ring(number):
        found.append((number, alarms[number].due_s))
        now_s = alarms[number].due_s
        alarms[number].set(draw.choice([math.inf, now_s + draw.randint(1, 5)]))
        alarms[draw.randrange(4)].set(now_s + draw.randint(1, 5))

    alarms += [Alarm(lambda n=n: ring(n), draw.randint(0, 3)) for n in range(4)]
    agenda = Agenda(alarms)
    for time_s in range(0, 200, 2):
        while (asks_all or agenda.soonest_s <= time_s) and (first := agenda.first()).due_s <= time_s:
            assert first.due_s == min(alarm.due_s for alarm in alarms)
            first.ring()
        if draw.random() < 0.2:  # a command between two messages
            alarms[draw.randrange(4)].set(time_s + draw.randint(0, 5))
    return found


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_due_before_the_soonest_of_an_agenda(seed):
    found = rung(seed, asks_all=False)
    assert found == rung(seed, asks_all=True)
    assert len(found) > 30
    assert [due_s for _, due_s in found] == sorted(due_s for _, due_s in found)


def test_of_what_is_due_at_once_the_first_named_comes_first():
    alarms = [Alarm(lambda: None, due_s) for due_s in (5.0, 3.0, 3.0)]
    assert Agenda(alarms).first() is alarms[1]
