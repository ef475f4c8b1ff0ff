from __future__ import annotations

import math
import statistics

from solbench.simulators.electronics.noise import Noise
from tests.pace import relative_cost


def test_the_counter_is_the_whole_state():
    one, other = Noise(7), Noise(7)
    first = [one.pair(0) for _ in range(5)]
    other.counter = 3
    assert [other.pair(0), other.pair(0)] == first[3:]


def test_seeds_and_streams_are_different_samples():
    assert len({Noise(seed).pair_at(1, stream) for seed in range(20) for stream in range(16)}) == 320


def test_it_is_standard_normal_and_uncorrelated():
    noise = Noise(1)
    pairs = [noise.pair(2) for _ in range(20_000)]
    a, b = [p[0] for p in pairs], [p[1] for p in pairs]
    for sample in (a, b):
        assert abs(statistics.fmean(sample)) < 0.025
        assert abs(statistics.stdev(sample) - 1.0) < 0.02
        assert 0.0016 < sum(abs(x) > 3.0 for x in sample) / len(sample) < 0.0038  # three standard deviations
    assert abs(statistics.correlation(a, b)) < 0.025
    assert abs(statistics.correlation(a[1:], a[:-1])) < 0.025


def test_uniform_errors_stay_within_one():
    values = [Noise(s).uniform_at(0, 15) for s in range(2000)]
    assert -1.0 <= min(values) < -0.99
    assert 0.99 < max(values) <= 1.0
    assert abs(statistics.fmean(values)) < 4.0 / math.sqrt(3 * 2000)


def test_a_pair_costs_about_a_microsecond():
    """Two thousand cost 0.6 of the reference where it was written."""
    noise = Noise(1)

    def two_thousand_pairs():
        for _ in range(2000):
            noise.pair(0)

    assert relative_cost(two_thousand_pairs) < 3.0
