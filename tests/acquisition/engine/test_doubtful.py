"""What is in doubt of readings that were believed: since when, until when, and how much of the charge."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.acquisition.engine.confirm import Jump
from solbench.acquisition.engine.doubtful import (
    EARLY_S,
    STUCK_READINGS,
    STUCK_TOLD,
    JumpedCurrent,
    Moment,
    StuckReadings,
    gross_jump,
    overloaded,
)
from solbench.acquisition.record.charge_ledger import Ledger
from solbench.drivers.roles import Reading

FULL_A = 2e-3
LONG_AGO = Moment(-1e6, 0.0)


def jump(was_A: float, is_A: float, *, explained_A: float = 0.0) -> Jump:
    """A jump within two seconds."""
    before, found = Reading(100.0, 0.6, was_A, None), Reading(102.0, 0.6, is_A, None)
    return Jump(before, found, 0.0, explained_A, "")


def test_a_current_that_comes_back_was_in_doubt_in_between() -> None:
    doubtful = JumpedCurrent()
    doubtful.begin(jump(-1e-4, -1.5e-4), FULL_A, -0.2, LONG_AGO)
    for time_s in (102.0, 104.0, 110.0):
        assert doubtful.look(Reading(time_s, 0.6, -1.5e-4, None), 0.0) is None
    doubt = doubtful.look(Reading(112.0, 0.6, -1.02e-4, None), 0.0)
    assert doubt is not None
    assert (doubt.cause, doubt.since_s, doubt.until_s, doubt.since_C) == ("jumped", 100.0, 112.0, -0.2)
    assert doubt.uncertainty_C == pytest.approx(12.0 * 5e-5)
    assert doubtful.end(120.0) is None


def test_a_current_that_stays_is_in_doubt_until_the_cell_is_off_and_less_as_it_fades() -> None:
    doubtful = JumpedCurrent()
    doubtful.begin(jump(1e-4, 2e-4), FULL_A, 0.0, LONG_AGO)
    for hour in range(1, 4):
        assert doubtful.look(Reading(100.0 + 3600.0 * hour, 0.6, 2e-4 * 0.1**hour, None), 0.0) is None
    doubt = doubtful.end(100.0 + 4 * 3600.0)
    assert doubt is not None
    assert doubt.until_s == 100.0 + 4 * 3600.0
    assert 3600.0 * 1e-4 * 0.1 < doubt.uncertainty_C < 3 * 3600.0 * 1e-4


@pytest.mark.parametrize(
    "small", [jump(1e-4, 1.005e-4), jump(1e-5, 1.05e-5), jump(1e-4, 1.5e-4, explained_A=4e-5)]
)
def test_a_change_that_readings_or_a_transient_may_have_is_no_other_current(small: Jump) -> None:
    doubtful = JumpedCurrent()
    doubtful.begin(small, FULL_A, 0.0, LONG_AGO)
    assert doubtful.end(200.0) is None


@pytest.mark.parametrize(
    ("ago_s", "since_s"), [(0.5 * EARLY_S, 100.0 - 0.5 * EARLY_S), (1.1 * EARLY_S, 100.0)]
)
def test_soon_after_a_switching_the_readings_before_are_in_doubt_too(ago_s: float, since_s: float) -> None:
    doubtful = JumpedCurrent()
    doubtful.begin(jump(1e-4, 3e-5), FULL_A, 1.0, Moment(100.0 - ago_s, 0.5))
    doubt = doubtful.end(110.0)
    assert doubt is not None
    assert doubt.since_s == since_s
    assert doubt.uncertainty_C == pytest.approx(7e-5 * (110.0 - since_s))


@pytest.mark.parametrize(("was_A", "is_A"), [(1e-4, 1.05e-5), (1e-5, 1e-3), (-1e-5, -1e-4)])
def test_of_two_currents_a_power_of_ten_apart_either_may_be_wrong_since_the_switching(was_A, is_A) -> None:
    doubtful = JumpedCurrent()
    doubtful.begin(jump(was_A, is_A), FULL_A, 1.0, Moment(-900.0, 0.5))
    doubt = doubtful.end(110.0)
    assert doubt is not None
    assert (doubt.since_s, doubt.since_C) == (-900.0, 0.5)
    assert doubt.uncertainty_C == pytest.approx(abs(is_A - was_A) * 1010.0, rel=0.01)


@pytest.mark.parametrize("set_A", [1.256e-4, -8e-5, 2e-3, -4e-6])
@pytest.mark.parametrize("late_s", [0.4, 2.1, 30.0])
@pytest.mark.parametrize("flowed", [0.0, 0.3, 1.0])
def test_a_current_that_was_set_may_have_ended_at_any_moment_before_a_reading_shows_another(
    set_A: float, late_s: float, flowed: float
) -> None:
    doubtful = JumpedCurrent()
    doubtful.set_current(set_A, abs(2.0 * set_A), Moment(50.0, 0.25))
    first_s = 50.0 + late_s
    for time_s in (first_s, first_s + 2.0):
        assert doubtful.look(Reading(time_s, 0.9, 0.0, None), 0.0) is None
    doubt = doubtful.end(first_s + 3.0)
    assert doubt is not None
    assert (doubt.since_s, doubt.until_s, doubt.since_C) == (50.0, first_s, 0.25)
    counted_C = 0.5 * set_A * late_s  # by a straight line from what was set to the first reading
    assert abs(counted_C - flowed * late_s * set_A) <= doubt.uncertainty_C * 1.000001
    assert doubtful.end(first_s + 9.0) is None


def test_only_what_lies_behind_the_last_reading_that_showed_it_is_in_doubt() -> None:
    doubtful = JumpedCurrent()
    doubtful.set_current(-3e-4, FULL_A, Moment(50.0, 0.25))
    doubtful.look(Reading(50.1, 0.9, -2.99e-4, None), 0.24997)
    doubtful.look(Reading(52.1, 0.9, 2e-8, None), 0.24967)
    doubt = doubtful.end(54.0)
    assert doubt is not None
    assert (doubt.since_s, doubt.until_s, doubt.since_C) == (50.1, 52.1, 0.24997)
    assert doubt.uncertainty_C == pytest.approx(3e-4, rel=1e-3)


@pytest.mark.parametrize("readings_A", [[1e-4], [9.9e-5, 1.01e-4], [9.7e-5, 1e-4]])
def test_a_current_that_a_reading_shows_is_not_in_doubt(readings_A: list[float]) -> None:
    doubtful = JumpedCurrent()
    doubtful.set_current(1e-4, FULL_A, Moment(50.0, 0.25))
    for number, current_A in enumerate(readings_A):
        assert doubtful.look(Reading(51.0 + number, 0.9, current_A, None), 0.0) is None
    assert doubtful.end(60.0) is None


def judged(
    set_A: float, times_s: list[float], shown_A: list[float], *, unconfirmed: frozenset[int] = frozenset()
) -> tuple[float, float]:
    """Return the charge (C) that a ledger counts, and how much of it is told to be in doubt."""
    doubtful, ledger = JumpedCurrent(), Ledger()
    ledger.add_edge(0.0, True, set_A)
    doubts = [doubtful.set_current(set_A, 2.0 * abs(set_A), Moment(0.0, 0.0))]
    for number, (time_s, current_A) in enumerate(zip(times_s, shown_A, strict=True)):
        reading = Reading(time_s, 0.9, current_A, None)
        if number in unconfirmed:
            doubtful.unconfirmed(reading)
            continue
        ledger.add_reading(time_s, current_A)
        doubts.append(doubtful.look(reading, ledger.charge_C))
    ledger.add_edge(times_s[-1] + 0.1, False, 0.0)
    doubts.append(doubtful.end(ledger.time_s))
    return ledger.charge_C, sum(doubt.uncertainty_C for doubt in doubts if doubt is not None)


@given(
    set_A=st.floats(1e-6, 1e-2),
    way=st.sampled_from([-1.0, 1.0]),
    gaps_s=st.lists(st.floats(0.05, 10.0), min_size=2, max_size=12),
    window=st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)),
    factor=st.one_of(st.just(0.0), st.floats(0.0, 0.9), st.floats(1.1, 1.5)),
    are_lost=st.booleans(),
)
def test_a_set_current_that_is_another_one_for_a_while_is_told_whenever_that_was(
    set_A: float,
    way: float,
    gaps_s: list[float],
    window: tuple[float, float],
    factor: float,
    are_lost: bool,
) -> None:
    """It comes late, or is gone and comes back, or ends; what was then read may not have been confirmed."""
    set_A *= way
    times_s = [sum(gaps_s[: number + 1]) for number in range(len(gaps_s))]
    begin_s, end_s = (share * 1.2 * times_s[-1] for share in sorted(window))
    inside = frozenset(number for number, time_s in enumerate(times_s) if begin_s <= time_s <= end_s)
    shown_A = [factor * set_A if number in inside else set_A for number in range(len(times_s))]
    are_lost = are_lost and len(inside) >= 2
    counted_C, told_C = judged(set_A, times_s, shown_A, unconfirmed=inside if are_lost else frozenset())
    off_s = times_s[-1] + 0.1
    other_s = max(min(end_s, off_s) - begin_s, 0.0)
    true_C = set_A * (off_s + (factor - 1.0) * other_s)
    assert (told_C > 0.0) == bool(inside)
    if inside:  # else nothing shows it
        assert abs(counted_C - true_C) <= told_C + 1e-9 * abs(set_A)


@given(
    noise=st.lists(st.floats(-5e-3, 5e-3), min_size=1, max_size=20),
    wrong=st.tuples(st.integers(0, 19), st.floats(-10.0, 10.0)),
)
def test_neither_noise_nor_one_disturbed_reading_puts_a_set_current_in_doubt(
    noise: list[float], wrong: tuple[int, float]
) -> None:
    shown_A = [1e-4 * (1.0 + one) for one in noise]
    place = wrong[0] % len(noise)
    shown_A[place] *= wrong[1]
    times_s = [0.3 + 2.0 * number for number in range(len(noise))]
    assert judged(1e-4, times_s, shown_A, unconfirmed=frozenset({place}))[1] == 0.0


def test_another_current_set_while_one_is_missing_leaves_that_in_doubt() -> None:
    doubtful = JumpedCurrent()
    doubtful.set_current(1e-4, FULL_A, Moment(50.0, 0.0))
    doubtful.look(Reading(52.0, 0.9, 0.0, None), 0.0)
    doubt = doubtful.set_current(-1e-4, FULL_A, Moment(53.0, 0.0))
    assert doubt is not None
    assert (doubt.since_s, doubt.uncertainty_C) == (50.0, pytest.approx(2e-4))
    assert doubtful.end(60.0) is None


def test_beside_another_jump_a_set_current_that_ends_is_told_as_well() -> None:
    doubtful = JumpedCurrent()
    doubtful.set_current(1e-4, FULL_A / 10, Moment(50.0, 0.0))
    doubtful.look(Reading(100.0, 0.9, 1e-4, None), 5e-3)
    doubtful.begin(jump(1e-4, 0.977e-4), FULL_A / 10, 5e-3, Moment())  # by less than a set current may be off
    doubtful.look(Reading(102.0, 0.9, 0.977e-4, None), 5.2e-3)
    doubtful.look(Reading(104.0, 0.9, 0.0, None), 5.3e-3)
    doubt = doubtful.end(105.0)
    assert doubt is not None
    assert (doubt.since_s, doubt.until_s) == (100.0, 105.0)
    assert doubt.uncertainty_C == pytest.approx(1e-4 + 5.0 * 2.3e-6, rel=0.05)


def test_of_a_current_of_nothing_nothing_is_missing() -> None:
    doubtful = JumpedCurrent()
    doubtful.set_current(0.0, FULL_A, Moment(50.0, 0.25))
    doubtful.look(Reading(52.0, 0.9, 3e-6, None), 0.0)
    assert doubtful.end(60.0) is None


@pytest.mark.parametrize(
    ("was_A", "is_A", "is_gross"),
    [
        (1e-4, 1e-3, True),
        (-1e-4, -1e-5, True),
        (1e-4, -1e-4, True),
        (1e-4, 0.0, True),
        (1e-4, 1.8e-4, False),
        (1e-6, 5e-6, False),
    ],
)
def test_a_quite_different_current_needs_somebody(was_A: float, is_A: float, is_gross: bool) -> None:
    alarm = gross_jump(jump(was_A, is_A), FULL_A)
    assert (alarm is not None and alarm.code == "current_jumped") == is_gross


def test_a_small_current_that_would_end_the_segment_at_once_needs_somebody() -> None:
    small = replace(jump(5e-6, 1e-6), decides="end")
    assert gross_jump(small, FULL_A) is not None
    assert gross_jump(replace(small, explained_A=3e-6), FULL_A) is None


def stuck(number: int) -> Reading:
    return Reading(10.0 + 2.0 * number, 0.6, 1e-4, None, "+6.00000E-01,+1.00000E-04,00,00")


@pytest.mark.parametrize("count", [STUCK_TOLD - 1, STUCK_TOLD, STUCK_READINGS - 1])
def test_a_line_that_is_repeated_is_in_doubt_from_the_first(count: int) -> None:
    readings = StuckReadings()
    assert [readings.look(stuck(number), FULL_A, 0.3) for number in range(count)] == [None] * count
    assert readings.alarm is None
    doubt = readings.look(replace(stuck(count), text="+6.00010E-01,+1.00000E-04,00,00"), FULL_A, 0.4)
    if count < STUCK_TOLD:
        assert doubt is None
    else:
        assert doubt is not None
        assert (doubt.cause, doubt.since_s, doubt.since_C) == ("stuck", 10.0, 0.3)
        assert doubt.uncertainty_C == pytest.approx(1e-4 * 2.0 * count)


def test_too_many_lines_that_are_repeated_need_somebody_unless_nothing_flows() -> None:
    flowing, still = StuckReadings(), StuckReadings()
    for number in range(STUCK_READINGS):
        flowing.look(stuck(number), FULL_A, 0.0)
        still.look(replace(stuck(number), current_A=1e-7), FULL_A, 0.0)
    assert flowing.alarm is not None
    assert flowing.alarm.code == "readings_stuck"
    assert still.alarm is None
    assert still.end(1e3) is None


@given(was_A=st.floats(-1e-3, 1e-3), shown_A=st.sampled_from([-0.02, 0.02]), share=st.floats(0.0, 1.0))
def test_the_charge_before_an_overload_is_within_what_is_told_whenever_it_came(
    was_A: float, shown_A: float, share: float
) -> None:
    """It comes somewhere between two readings; the ammeter shows the end of its range, at which it is."""
    ledger = Ledger()
    ledger.add_edge(0.0, True, was_A)
    ledger.add_reading(10.0, was_A)
    before = Moment(ledger.time_s, ledger.charge_C)
    reading = Reading(12.0, 5.0, shown_A, "current: beyond the range")
    ledger.add_reading(reading.time_s, reading.current_A)
    ledger.add_edge(12.1, False, 0.0)
    doubt = overloaded(before, was_A, reading, ledger.time_s)
    assert doubt is not None
    assert (doubt.since_s, doubt.until_s, doubt.since_C) == (10.0, 12.1, before.charge_C)
    true_C = was_A * (10.0 + 2.0 * share) + shown_A * (2.0 * (1.0 - share) + 0.1)
    assert abs(ledger.charge_C - true_C) <= doubt.uncertainty_C * (1.0 + 1e-9)


def test_an_overload_of_the_voltage_alone_leaves_no_charge_in_doubt() -> None:
    reading = Reading(12.0, 20.0, 1.001e-3, "voltage: voltage DVM overload")
    assert overloaded(Moment(10.0, 0.01), 1e-3, reading, 12.1) is None
