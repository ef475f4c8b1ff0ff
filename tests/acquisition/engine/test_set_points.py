"""When what is measured is not what was set, and when that is told."""

from __future__ import annotations

import numpy as np
import pytest

from solbench.acquisition.engine.attention import AttentionNeeded
from solbench.acquisition.engine.set_points import (
    Connected,
    CurrentCheck,
    LimitCheck,
    ShortCheck,
    VoltageCheck,
    is_amplitude,
    is_held,
)
from solbench.drivers.roles import Reading

SET_A, FULL_SCALE_A, CHANGED_S = -1.25e-4, 2e-4, 100.0


def told_at(check, readings) -> int | None:
    """The number of the reading at which a user is asked for, None if none is."""
    for number, reading in enumerate(readings, 1):
        try:
            check.look(reading)
        except AttentionNeeded:
            return number
    return None


def currents(*values: float, from_s: float = CHANGED_S + 11.0) -> list[Reading]:
    return [Reading(from_s + number, 1.0, value) for number, value in enumerate(values)]


def voltages(*values: float, from_s: float = CHANGED_S + 11.0) -> list[Reading]:
    return [Reading(from_s + number, value, 1e-6) for number, value in enumerate(values)]


@pytest.mark.parametrize(
    ("off_A", "told"),
    [(0.9e-6, None), (1.1e-6, 3), (-1.1e-6, 3), (1.25e-4, 2), (-0.1, 2)],
)
def test_a_current_that_is_not_what_was_set(off_A, told):
    readings = currents(*[SET_A + off_A] * 5)
    assert told_at(CurrentCheck(SET_A, FULL_SCALE_A, CHANGED_S), readings) == told


def test_a_current_settles_before_it_is_judged_finely_and_is_grossly_wrong_at_once():
    slightly, grossly = currents(*[SET_A + 2e-6] * 5, from_s=101.0), currents(0.0, 0.0, from_s=100.1)
    assert told_at(CurrentCheck(SET_A, FULL_SCALE_A, CHANGED_S), slightly) is None
    assert told_at(CurrentCheck(SET_A, FULL_SCALE_A, CHANGED_S), grossly) == 2


def test_wrong_ones_that_are_not_in_turn_are_forgiven():
    good, bad = SET_A, SET_A + 2e-6
    assert told_at(CurrentCheck(SET_A, FULL_SCALE_A, CHANGED_S), currents(bad, bad, good, bad, bad)) is None


@pytest.mark.parametrize(
    ("set_V", "measured_V", "held"),
    [
        (2.0, 2.0049, True),
        (2.0, 1.9949, False),
        (0.0, 0.0029, True),
        (0.0, -0.0031, False),
        (-4.5, -4.507, True),
    ],
)
def test_a_held_voltage(set_V, measured_V, held):
    assert is_held(measured_V, set_V) is held
    told = told_at(VoltageCheck(set_V, CHANGED_S), voltages(*[measured_V] * 4))
    assert told == (None if held else 3)


@pytest.mark.parametrize("open_V", [0.0, 2.1, -3.4])
@pytest.mark.parametrize("off_V", [0.0, 2.5e-3, -2.5e-3])  # of the source, by the voltmeter
@pytest.mark.parametrize("way_V", [1e-3, -2e-3, 2.9e-3, -8e-3])
def test_a_cell_that_was_opened_is_told_however_short_its_way_was(open_V, off_V, way_V):
    connected = Connected(open_V, open_V + off_V)
    set_V = open_V + way_V
    assert is_held(set_V + off_V + 1e-4, set_V, connected)
    assert not is_held(open_V, set_V, Connected(open_V, open_V))
    opened = VoltageCheck(set_V, CHANGED_S, Connected(open_V, open_V))
    # Noise may look like a way of a millivolt: there it takes more of them.
    assert told_at(opened, voltages(*[open_V] * 9)) == (8 if is_held(open_V, set_V) else 3)
    stays = VoltageCheck(set_V, CHANGED_S, connected)
    assert told_at(stays, voltages(*[set_V + off_V] * 4)) is None


@pytest.mark.parametrize("way_V", [0.0, 1e-3, -5e-3])
def test_noise_is_no_cell_that_was_opened(way_V):
    noise = np.random.default_rng(int(1e4 * abs(way_V))).normal(0.0, 2.5e-4, 5000)
    connected = Connected(2.1, 2.1)
    check = VoltageCheck(2.1 + way_V, CHANGED_S, connected)
    assert told_at(check, voltages(*(2.1 + way_V + noise))) is None


def test_a_step_that_cannot_be_smaller_may_pass_the_limit_for_a_while():
    check = LimitCheck(1e-4, FULL_SCALE_A, falls_until_s=CHANGED_S + 13.0)
    beyond = [check.is_passed(reading) for reading in currents(1.07e-4, 1.07e-4, 1.06e-4, 1.05e-4, 1.01e-4)]
    assert beyond == [False, False, False, True, True]
    gross = LimitCheck(1e-4, FULL_SCALE_A, falls_until_s=CHANGED_S + 100.0)
    assert [gross.is_passed(reading) for reading in currents(1.2e-4, 1.2e-4)] == [False, True]


def test_a_voltage_settles_before_it_is_judged():
    assert told_at(VoltageCheck(2.0, CHANGED_S), voltages(*[0.1] * 9, from_s=100.5)) is None


def test_a_voltage_that_is_not_held_is_named_with_what_was_set():
    check = VoltageCheck(2.0, CHANGED_S)
    first, second, third = voltages(0.1, 0.1, 0.1)
    check.look(first)
    check.look(second)
    with pytest.raises(AttentionNeeded) as raised:
        check.look(third)
    alarm = raised.value.alarm
    assert alarm.code == "voltage_not_reached"
    assert alarm.parameters == {"set_V": 2.0, "measured_V": 0.1, "measured_A": 1e-6}


def test_a_limit_is_passed_by_two_in_turn():
    check = LimitCheck(1e-4, FULL_SCALE_A)
    beyond = [check.is_passed(reading) for reading in currents(1.1e-4, 1.0e-4, -1.1e-4, -1.1e-4)]
    assert beyond == [False, False, False, True]


@pytest.mark.parametrize(
    ("times", "frequency_Hz", "is_it"),
    [
        (1.0, 10.0, True),
        (0.75, 1e5, True),
        (1.42, 1e3, False),  # peak values
        (0.6, 1e5, False),
        (0.5, 9e5, True),  # a loop and cables take some of it
        (2.0, 3e6, True),
        (0.01, 9e5, False),
        (100.0, 3e6, False),
        (0.0, 3e6, False),
    ],
)
def test_an_amplitude_is_the_one_set_or_not(times: float, frequency_Hz: float, is_it: bool) -> None:
    assert is_amplitude(times * 0.01, 0.01, frequency_Hz) is is_it


@pytest.mark.parametrize("way", [1.0, -1.0])
def test_a_voltage_that_passes_zero_by_itself_is_no_short_circuit_and_one_that_stays_is(way: float) -> None:
    """100 uA through 35 ohm and electrodes that are left at 10 mV the other way; then a shunt of 5 ohm."""
    current_A, least_ohm = way * 1e-4, 0.7 * 35.0
    check = ShortCheck(-way * 0.01, current_A, least_ohm, 0.0)
    for second in range(60):
        sound_V = way * (-0.01 + 3.5e-3 + 3e-4 * second)
        assert not check.is_shorted(Reading(float(second), sound_V, current_A))
    flat = ShortCheck(0.0, current_A, least_ohm, 0.0)
    shorted = [flat.is_shorted(Reading(float(second), way * 5e-4, current_A)) for second in range(8)]
    assert shorted.index(True) == 6, "the second reading from five seconds on"
    assert flat.ohm(Reading(9.0, way * 5e-4, current_A)) == pytest.approx(5.0)
