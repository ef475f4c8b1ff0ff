"""The temperature over a time, against courses whose mean and drift are known without a calculation."""

from __future__ import annotations

import random

import pytest

from solbench.acquisition.record.beside.gauges import GaugeTrace
from solbench.acquisition.record.beside.temperature import temperature_within


def trace(course, *, until_s=3600, every_s=10, stderr=0.2, place="cell", without=(), name="t1") -> GaugeTrace:
    times = [float(s) for s in range(0, until_s, every_s) if not any(a <= s < b for a, b in without)]
    return GaugeTrace(
        name, "K", times, [course(s) for s in times], place=place, stderr=stderr, every_s=float(every_s)
    )


def test_a_ramp_has_its_mean_and_its_drift():
    found = temperature_within([trace(lambda s: 298.0 + s / 3600.0)], None, 900.0, 2700.0)
    assert found.value_K == pytest.approx(298.5, abs=1e-6)
    assert found.drift_K == pytest.approx(0.5, abs=1e-6)
    assert found.stderr_K == pytest.approx((0.2**2 + 0.5**2 / 12.0) ** 0.5, rel=0.01)
    assert (found.source, found.sensor) == ("measured", "t1")


def test_noise_averages_out_and_the_sensors_own_error_does_not():
    chance = random.Random(2)
    found = temperature_within([trace(lambda s: 298.0 + chance.gauss(0.0, 0.5))], None, 0.0, 3600.0)
    assert abs(found.value_K - 298.0) < 4.0 * found.own_stderr_K
    assert found.own_stderr_K < 0.1
    assert found.stderr_K >= 0.2


def test_a_sensor_in_the_room_says_nothing_of_the_cell():
    found = temperature_within([trace(lambda s: 290.0, place="room")], 298.15, 0.0, 100.0)
    assert (found.source, found.value_K, found.stderr_K, found.drift_K) == ("typed", 298.15, 1.0, None)
    assert temperature_within([trace(lambda s: 290.0, place="room")], None, 0.0, 100.0) is None


def test_the_surest_sensor_at_the_cell_counts():
    traces = [
        trace(lambda s: 298.0, stderr=0.5, name="rough"),
        trace(lambda s: 298.3, stderr=0.1, name="fine"),
    ]
    assert temperature_within(traces, None, 0.0, 100.0).sensor == "fine"


def test_where_it_was_lost_the_typed_one_counts_and_in_part_it_is_less_sure():
    whole = trace(lambda s: 298.0)
    lost = trace(lambda s: 298.0, without=((600, 3000),))
    assert temperature_within([lost], 299.0, 1000.0, 2000.0).source == "typed"
    sure, unsure = (temperature_within([one], 299.0, 500.0, 2000.0) for one in (whole, lost))
    assert unsure.source == "measured"
    assert unsure.stderr_K > sure.stderr_K + 0.05


def test_a_short_spectrum_between_two_readings_has_their_temperature():
    slow = trace(lambda s: 298.0 + s / 360.0, every_s=30)
    assert temperature_within([slow], None, 361.0, 363.0).value_K == pytest.approx(
        298.0 + 362.0 / 360.0, abs=1e-6
    )
