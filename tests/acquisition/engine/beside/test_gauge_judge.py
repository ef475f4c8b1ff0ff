"""Which answers of a sensor are believed: faults of real ones, and honest sensors that look like them."""

from __future__ import annotations

import random

import pytest

from solbench.acquisition.bench.gauges.watched import Nature, Silence
from solbench.acquisition.engine.beside.gauge_judge import GaugeJudge
from solbench.drivers.roles import GaugeReading
from solbench.drivers.sensors.no_value import NoValue

EVERY_S = 10.0


def judged(values, *, resolution=0.1, stuck_after_s=3600.0, jump=5.0, excess=0.0):
    """Return time, value, code and since of the records for one value every 10 s; None is an open sensor."""
    nature = Nature("cell", "K", "cell", EVERY_S, resolution, jump, stuck_after_s, excess)
    judge = GaugeJudge(nature)
    records = []
    for number, value in enumerate(values):
        time_s = 100.0 + number * EVERY_S
        found = (
            Silence(time_s, NoValue("cell", "32767"))
            if value is None
            else GaugeReading(time_s, value, f"{value:g}")
        )
        records += judge.take(found, 100.0)
    return [(time_s, read.value, read.code, read.since_s) for time_s, read in records]


def test_an_open_thermocouple_is_one_gap():
    found = judged([298.0, None, None, 298.1])
    assert found == [(0.0, 298.0, "", None), (10.0, None, "no_value", None), (30.0, 298.1, "", None)]


def test_a_single_wild_value_is_left_out():
    found = judged([298.0, 298.1, 823.0, 298.0, 298.2])
    assert [value for _, value, _, _ in found] == [298.0, 298.1, None, 298.0, 298.2]
    assert [code for _, _, code, _ in found if code] == ["jumped"]


def test_a_true_step_is_believed_from_its_first_reading_on_as_soon_as_three_show_it():
    found = judged([298.0, 308.0, 308.3, 308.1, 308.0])
    assert [(time_s, value) for time_s, value, _, _ in found if value is not None] == [
        (0.0, 298.0),
        (10.0, 308.0),
        (20.0, 308.3),
        (30.0, 308.1),
        (40.0, 308.0),
    ]


def test_values_that_leap_to_and_fro_are_never_believed():
    found = judged([298.0, *[320.0, 150.0, 500.0] * 6])
    assert [value for _, value, _, _ in found] == [298.0, None]


def test_what_is_exactly_the_same_for_too_long_is_stuck_since_then():
    found = judged([297.9] + [298.0] * 400 + [298.4], stuck_after_s=3600.0)
    (stuck,) = (one for one in found if one[2] == "stuck")
    assert stuck == (3610.0, None, "stuck", 10.0)
    assert found[-1][:2] == (4010.0, 298.4)


@pytest.mark.parametrize("resolution", [0.1, 0.01, 1.0])
@pytest.mark.parametrize("is_told", [True, False])
def test_a_quiet_room_with_a_coarse_sensor_is_not_stuck(resolution, is_told):
    chance = random.Random(5)
    values = [round((298.04 + 0.02 * chance.gauss(0, 1)) / resolution) * resolution for _ in range(2000)]
    found = judged(values, resolution=resolution if is_told else 0.0, stuck_after_s=None)
    assert not [code for _, _, code, _ in found if code]


def test_a_fine_sensor_that_is_stuck_is_found_soon_whether_its_step_is_told_or_learned():
    chance = random.Random(6)
    values = [298.0 + 0.02 * chance.gauss(0, 1) for _ in range(100)] + [298.0] * 100
    for resolution in (0.0, 0.0001):
        (stuck,) = (one for one in judged(values, resolution=resolution, stuck_after_s=None) if one[2])
        assert stuck[0] < 1990.0
        assert stuck[3] == 1000.0


def test_the_excess_is_taken_off():
    assert judged([298.0], excess=0.35)[0][1] == pytest.approx(297.65)
