"""Which readings are kept, and how regularly they came."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.acquisition.engine.sampling import StoreFilter
from solbench.acquisition.engine.timing import GapStatistics
from solbench.drivers.roles import Reading
from solbench.protocols.segments import Record


def kept(rule: Record, readings: list[tuple[float, float]], everything: bool = False) -> list[float]:
    keep = StoreFilter(rule, everything)
    return [time for time, voltage in readings if keep.wants(Reading(time, voltage, 0.0))]


def test_one_in_every_interval_is_kept_though_readings_come_more_often():
    readings = [(0.2 * n, 1.0) for n in range(51)]
    assert kept(Record(every_s=1.0), readings) == pytest.approx(list(range(11)))


def test_readings_that_come_a_little_early_are_kept():
    readings = [(0.97 * n, 1.0) for n in range(10)]
    assert len(kept(Record(every_s=1.0), readings)) == 10


def test_a_change_of_voltage_is_kept_before_its_time():
    readings = [(0.0, 1.0), (0.1, 1.004), (0.2, 1.011), (0.3, 1.012), (0.4, 1.0005)]
    assert kept(Record(60.0, 0.01), readings) == [0.0, 0.2, 0.4]


def test_everything_means_everything():
    assert len(kept(Record(60.0), [(0.01 * n, 1.0) for n in range(100)], everything=True)) == 100


@given(st.lists(st.floats(0.001, 3.0), min_size=1, max_size=60), st.floats(0.05, 5.0))
def test_no_gap_in_what_is_kept_is_longer_than_the_rule_and_one_reading(steps, every_s):
    times = [0.0]
    for step in steps:
        times.append(times[-1] + step)
    found = kept(Record(every_s), [(time, 1.0) for time in times])
    assert found[0] == 0.0
    assert all(b - a <= every_s + max(steps) for a, b in pairwise(found))
    assert times[-1] - found[-1] < every_s


def gaps(times: list[float], every_s: float = 1.0, longest_s: float = 2.0) -> GapStatistics:
    found = GapStatistics(every_s, longest_s)
    for time in times:
        found.add(time)
    return found


def test_regular_readings_miss_nothing():
    found = gaps([0.0, 1.0, 2.1, 3.0])
    assert (found.worst_s, found.missed) == (pytest.approx(1.1), 0)


def test_a_hole_of_five_intervals_misses_four_readings():
    found = gaps([0.0, 1.0, 6.0, 7.0])
    assert (found.worst_s, found.missed) == (5.0, 4)


def test_a_slow_storing_interval_is_still_watched_as_the_bench_demands():
    assert gaps([0.0, 10.0], every_s=60.0, longest_s=2.0).missed == 4


def test_one_reading_has_no_gap():
    assert (gaps([5.0]).worst_s, gaps([5.0]).missed) == (0.0, 0)
