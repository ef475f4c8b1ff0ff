"""Safety limits look both ways and arm themselves; end conditions say by what they fired."""

import pytest

from solbench.acquisition.engine.limits import EndWatch, SafetyWatch
from solbench.acquisition.engine.set_points import Connected
from solbench.drivers.roles import Reading
from solbench.protocols.limits import SafetyLimits
from solbench.protocols.segments import End

WINDOW = SafetyLimits(voltage_min_V=1.7, voltage_max_V=3.4, current_max_A=1e-2)


def reading(voltage_V: float, current_A: float = 0.0, overload: str = "") -> Reading:
    return Reading(0.0, voltage_V, current_A, overload)


@pytest.mark.parametrize("current_A", [-1e-4, 0.0, 1e-4])
@pytest.mark.parametrize(
    ("voltage_V", "limit_V"), [(1.69, 1.7), (0.0095, 1.7), (3.41, 3.4), (1.71, None), (3.39, None)]
)
def test_a_voltage_limit_acts_whichever_way_the_current_flows(voltage_V, current_A, limit_V):
    """A short circuit while the cell is charged leaves the window by its lower end."""
    watch = SafetyWatch(WINDOW)
    assert watch.check(reading(2.5, current_A)) is None
    violation = watch.check(reading(voltage_V, current_A))
    assert (violation.limit if violation else None) == limit_V
    if violation is not None:
        assert violation.value == voltage_V
        assert f"{voltage_V:.5g} V" in violation.text


@pytest.mark.parametrize(
    ("voltage_V", "said"),
    [
        (1.69998, "voltage 1.69998 V is below the lower safety limit 1.7 V"),
        (3.4000012, "voltage 3.4000012 V is above the upper safety limit 3.4 V"),
    ],
)
def test_a_value_that_is_hardly_beyond_is_not_shown_as_the_limit(voltage_V, said):
    watch = SafetyWatch(WINDOW)
    watch.check(reading(2.5))
    violation = watch.check(reading(voltage_V))
    assert violation is not None
    assert violation.text == said


def test_a_fresh_cell_may_start_below_its_window_and_the_limit_arms_inside():
    watch = SafetyWatch(WINDOW)
    for voltage in (-0.3, 0.5, 1.0, 1.6):
        assert watch.check(reading(voltage)) is None
    assert watch.check(reading(1.8)) is None
    assert watch.check(reading(1.6)) is not None


def test_a_cell_that_starts_below_still_has_its_upper_limit():
    watch = SafetyWatch(WINDOW)
    watch.check(reading(0.2))
    assert watch.check(reading(3.5)) is not None


@pytest.mark.parametrize("current_A", [1.01e-2, -1.01e-2])
def test_the_current_limit_has_no_direction(current_A):
    violation = SafetyWatch(WINDOW).check(reading(2.5, current_A))
    assert violation is not None
    assert (violation.limit, violation.value) == (1e-2, current_A)


def test_an_overload_is_a_violation_whatever_the_number_says():
    violation = SafetyWatch(WINDOW).check(reading(2.5, 0.0, "voltage: overload"))
    assert violation is not None
    assert "voltage: overload" in violation.text


ENDS = (
    End("charge", 3.956, "95 %", "segment"),
    End("voltage_below", -4.5, "-4.5 V", "cut_short"),
    End("time", 36000.0, "10 h", "step"),
)


@pytest.mark.parametrize(
    ("voltage_V", "charge_C", "active_s", "quantity", "outcome", "value"),
    [
        (-0.1, -3.957, 10.0, "charge", "segment", 3.957),
        (-4.6, -1.0, 10.0, "voltage_below", "cut_short", -4.6),
        (-0.1, -1.0, 36001.0, "time", "step", 36001.0),
    ],
)
def test_the_end_that_fires_is_named(voltage_V, charge_C, active_s, quantity, outcome, value):
    ending = EndWatch(ENDS).check(reading(voltage_V), charge_C, active_s)
    assert ending is not None
    assert (ending.quantity, ending.outcome, ending.value) == (quantity, outcome, value)
    assert any(end.text in ending.text for end in ENDS if end.quantity == quantity)


def test_nothing_fires_before_its_time():
    assert EndWatch(ENDS).check(reading(-4.4999), -3.9559, 35999.9) is None


def test_a_taper_looks_at_the_magnitude():
    watch = EndWatch((End("current_below", 1e-5, "10 uA", "step"),))
    assert watch.check(reading(2.0, -1.1e-5), 0.0, 0.0) is None
    assert watch.check(reading(2.0, -0.9e-5), 0.0, 0.0) is not None


def test_time_left_and_voltages():
    watch = EndWatch(ENDS)
    assert watch.time_left_s(35000.0) == 1000.0
    assert watch.voltages_V == (-4.5,)
    assert EndWatch(()).time_left_s(0.0) == float("inf")


@pytest.mark.parametrize(
    ("voltage_V", "current_A", "ends"),
    [
        (3.1, 9e-6, True),
        (3.104, 9e-6, True),
        (3.1, 1.1e-5, False),
        (2.8, 0.0, False),  # nothing drives the cell any more: that is no current that has fallen
        (3.4, -1e-6, False),
    ],
)
def test_a_current_has_fallen_only_while_the_voltage_is_held(voltage_V, current_A, ends):
    watch = EndWatch((End("current_below", 1e-5, "10 uA", "step"), End("time", 60.0, "60 s")), 3.1)
    assert watch.decided_by(reading(voltage_V, current_A)) is ends
    assert (watch.check(reading(voltage_V, current_A), 0.0, 1.0) is not None) is ends
    assert watch.check(reading(voltage_V, current_A), 0.0, 60.0) is not None


@pytest.mark.parametrize("way_V", [1e-3, -2.5e-3, 4e-3])
def test_no_current_has_fallen_at_a_small_voltage_that_a_cell_has_left_again(way_V):
    watch = EndWatch((End("current_below", 1e-6, "1 uA", "step"),), way_V)
    watch.connected = Connected(0.0, 0.0)
    assert not watch.decided_by(reading(0.0, 1e-11))
    assert watch.decided_by(reading(way_V, 1e-11))
