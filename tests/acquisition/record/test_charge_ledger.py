"""Charge from readings and edges, held against integrals that are known on paper."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.acquisition.record.charge_ledger import Ledger, Turns

CURRENTS = st.floats(-1e-2, 1e-2)
STEPS = st.floats(1e-3, 1e4)


def on_at(time_s: float, expected_A: float) -> Ledger:
    ledger = Ledger()
    ledger.add_edge(time_s, True, expected_A)
    return ledger


def test_a_straight_line_is_integrated_exactly():
    ledger = on_at(0.0, 0.0)
    for second in range(11):
        ledger.add_reading(float(second), 2e-6 * second)
    assert ledger.charge_C == pytest.approx(100e-6, rel=1e-12)  # 2e-6 * 10**2 / 2


def test_the_first_reading_holds_back_to_the_edge():
    ledger = on_at(100.0, -126e-6)
    ledger.add_reading(101.0, -125e-6)
    assert ledger.charge_C == pytest.approx(-125e-6, rel=1e-12)


def test_the_last_reading_holds_on_to_the_edge():
    ledger = on_at(0.0, 1e-4)
    ledger.add_reading(1.0, 2e-4)
    ledger.add_edge(4.0, False, 0.0)
    assert ledger.charge_C == pytest.approx(2e-4 + 3 * 2e-4, rel=1e-12)


def test_without_any_reading_the_commanded_current_counts():
    ledger = on_at(10.0, -126e-6)
    assert ledger.unread_A == -126e-6
    ledger.add_edge(12.5, False, 0.0)
    assert ledger.unread_A == 0.0
    assert ledger.charge_C == pytest.approx(-126e-6 * 2.5, rel=1e-12)


def test_a_changed_current_is_a_step_and_not_a_ramp():
    ledger = on_at(0.0, 0.0)
    ledger.add_reading(1.0, 0.0)
    ledger.add_edge(2.0, True, 1e-4)
    assert ledger.unread_A == 1e-4
    ledger.add_reading(4.0, 1e-4)
    assert ledger.unread_A == 0.0
    assert ledger.charge_C == pytest.approx(2e-4, rel=1e-12)


def test_what_the_ammeter_shows_with_the_cell_off_is_no_charge():
    ledger = Ledger()
    ledger.add_reading(1.0, 5e-3)
    ledger.add_reading(100.0, 5e-3)
    assert (ledger.charge_C, ledger.present_A, ledger.charge_at(1e6)) == (0.0, 0.0, 0.0)


@given(st.lists(st.tuples(STEPS, CURRENTS), min_size=1, max_size=30))
def test_the_charge_lies_between_the_rectangles(steps):
    """A trapezoid is between the lower and the upper sum, whatever the readings."""
    ledger = on_at(0.0, 0.0)
    time_s, low, high, before = 0.0, 0.0, 0.0, steps[0][1]
    for step_s, current_A in steps:
        time_s += step_s
        ledger.add_reading(time_s, current_A)
        low += step_s * min(before, current_A)
        high += step_s * max(before, current_A)
        before = current_A
    slack = 1e-9 * (abs(low) + abs(high)) + 1e-15
    assert low - slack <= ledger.charge_C <= high + slack


@given(CURRENTS, STEPS, STEPS)
def test_looking_ahead_counts_nothing(current_A, step_s, ahead_s):
    ledger = on_at(0.0, current_A)
    ledger.add_reading(step_s, current_A)
    before = ledger.charge_C
    assert ledger.charge_at(step_s + ahead_s) == pytest.approx(
        before + current_A * ahead_s, rel=1e-9, abs=1e-15
    )
    assert ledger.charge_C == before


def turned(*charges_C: float) -> Turns:
    turns = Turns()
    for charge_C in charges_C:
        turns.add(charge_C)
    return turns


def test_charge_one_way_is_counted_from_where_it_turned():
    there = turned(0.0, -1.0, -2.0, -3.0)
    assert there.one_way_C(-3.5) == pytest.approx(3.5)
    back = turned(0.0, -1.0, -2.0, -3.0, -2.5, -1.0)
    assert back.one_way_C(-0.5) == pytest.approx(2.5)
    assert (back.lowest_C, back.highest_C) == (-3.0, 0.0)


def test_a_spectrum_on_the_way_is_no_turn():
    """It moves a little charge back: the step that goes on is still the same charge one way."""
    turns = turned(0.0, 1.0, 2.0, 1.995, 2.002, 3.0)
    assert turns.one_way_C(3.0) == pytest.approx(3.0)


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=30))
def test_one_way_is_never_more_than_the_widest_swing(charges_C):
    turns = turned(*charges_C)
    assert 0.0 <= turns.one_way_C(charges_C[-1]) <= turns.highest_C - turns.lowest_C + 1e-12
