"""The stack pressure over a time, against courses that are known without a calculation."""

from __future__ import annotations

import random

import pytest

from solbench.acquisition.record.beside.course import course_within
from solbench.acquisition.record.beside.gauges import GaugeTrace
from solbench.acquisition.record.beside.pressure import CellPressure, differ, in_words, pressure_within


def trace(course, unit="MPa", *, place="cell", stderr=0.3, name="load cell") -> GaugeTrace:
    times = [10.0 * number for number in range(361)]
    return GaugeTrace(name, unit, times, [course(s) for s in times], place=place, stderr=stderr, every_s=10.0)


@pytest.mark.parametrize(("unit", "pascal"), [("MPa", 1e6), ("bar", 1e5), ("kPa", 1e3), ("psi", 6894.757)])
def test_what_is_measured_is_in_pascal(unit, pascal):
    found = pressure_within([trace(lambda s: 70.0 + s / 3600.0, unit)], 75e6, 900.0, 2700.0)
    assert found.value_Pa == pytest.approx(70.5 * pascal, rel=1e-6)
    assert found.drift_Pa == pytest.approx(0.5 * pascal, rel=1e-3)
    assert found.stderr_Pa == pytest.approx(pascal * (0.3**2 + 0.5**2 / 12.0) ** 0.5, rel=0.01)
    assert (found.source, found.sensor) == ("measured", "load cell")


def test_what_was_pressed_before_and_after_a_time_is_no_part_of_it():
    chance = random.Random(3)
    for _ in range(20):
        since_s, until_s = sorted((chance.uniform(100.0, 1700.0), chance.uniform(1800.0, 3500.0)))
        one = trace(lambda s, since_s=since_s, until_s=until_s: 75.0 if since_s <= s <= until_s else 10.0)
        found = pressure_within([one], None, since_s, until_s)
        assert found.value_Pa == pytest.approx(75e6)
        assert found.own_stderr_Pa < 1.0


def test_a_time_without_a_reading_near_it_says_nothing():
    one = trace(lambda s: 70.0)
    assert course_within(one, 4000.0, 4100.0, 0.0) is None
    assert course_within(one, 3620.0, 3640.0, 0.0, jumps=True).mean == 70.0


def test_the_surest_gauge_at_the_cell_counts_and_without_one_what_was_typed():
    gauges = [trace(lambda s: 70.0, place="room"), trace(lambda s: 71.0), trace(lambda s: 72.0, stderr=0.1)]
    assert pressure_within(gauges, None, 0.0, 100.0).value_Pa == 72e6
    typed = pressure_within(gauges[:1], 75e6, 0.0, 100.0)
    assert (typed.value_Pa, typed.source, typed.stderr_Pa) == (75e6, "typed", None)
    assert pressure_within([trace(lambda s: 300.0, "K")], None, 0.0, 100.0) is None


def measured(MPa: float, stderr_MPa: float) -> CellPressure:
    return CellPressure(1e6 * MPa, "measured", 1e6 * stderr_MPa)


TYPED = CellPressure(75e6, "typed")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (measured(74.345, 0.6), "74.3 +- 0.6 MPa (measured)"),
        (measured(74.345, 0.03), "74.34 +- 0.03 MPa (measured)"),
        (measured(374.3, 12.0), "374 +- 12 MPa (measured)"),
        (TYPED, "75 MPa (typed)"),
    ],
)
def test_it_is_told_as_well_as_it_is_known(found, words):
    assert in_words(found) == words


@pytest.mark.parametrize(
    ("one", "other", "is_so"),
    [
        (measured(74.0, 0.5), measured(75.0, 0.5), False),
        (measured(71.0, 0.5), measured(75.0, 0.5), True),
        (measured(74.5, 0.5), TYPED, False),
        (measured(60.0, 0.5), TYPED, True),
        (TYPED, CellPressure(76e6, "typed"), True),
        (TYPED, TYPED, False),
        (None, TYPED, True),
        (None, None, False),
    ],
)
def test_two_are_the_same_as_far_as_they_are_known(one, other, is_so):
    assert differ(one, other) == is_so
    assert differ(other, one) == is_so
