"""What is read again, how often, and what is believed in the end; the readings come from a script."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.acquisition.engine.attention import AttentionNeeded
from solbench.acquisition.engine.confirm import AGREE_V, UNCONFIRMED_LIMITS, Confirmation
from solbench.acquisition.record.events import Decides
from solbench.drivers.errors import NoReply
from solbench.drivers.roles import Reading

FULL_SCALE_A = 2e-3
CURRENT_A = -1.25e-4
SLOW_S, FAST_S = 1.0, 0.05


@dataclass
class Cell:
    """A cell that drifts from 0.5 V; `wrong` holds what some of its readings show instead, by their number."""

    slope_V_s: float = 1e-5
    noise_V: float = 2e-5
    wrong: dict[int, float | Exception | str] = field(default_factory=dict)
    jump: tuple[int, float] | None = None
    time_s: float = 0.0
    taken: list[bool] = field(default_factory=list)
    _draw: random.Random = field(default_factory=lambda: random.Random(4))

    def voltage_V(self) -> float:
        jumped = self.jump is not None and len(self.taken) > self.jump[0]
        return 0.5 + self.slope_V_s * self.time_s + (self.jump[1] if jumped and self.jump else 0.0)

    def __call__(self, *, fast: bool) -> Reading:
        self.time_s += FAST_S if fast else SLOW_S
        self.taken.append(fast)
        shown = self.wrong.get(len(self.taken))
        if isinstance(shown, Exception):
            raise shown
        if isinstance(shown, str):
            return Reading(self.time_s, 20.0, CURRENT_A, shown)
        voltage_V = self.voltage_V() + self._draw.gauss(0.0, self.noise_V) if shown is None else shown
        return Reading(self.time_s, voltage_V, CURRENT_A, text=f"line {len(self.taken)}")


@dataclass
class Told:
    """What was reported, and limits that a voltage passes."""

    low_V: float = -5.0
    high_V: float = 2.5
    rejected: list[tuple[Reading, Decides]] = field(default_factory=list)

    def report(self, reading: Reading, decides: Decides) -> None:
        self.rejected.append((reading, decides))

    def judge(self, reading: Reading) -> Decides:
        return "" if self.low_V < reading.voltage_V < self.high_V else "limit"


def at_work(cell: Cell, readings: int = 20, told: Told | None = None, *, driven: bool = True) -> Confirmation:
    """A confirmation that has seen some readings of the cell."""
    told = told or Told()
    confirmation = Confirmation(told.report, told.judge)
    confirmation.forget(driven=driven)
    while len(cell.taken) < readings:
        confirmation.read(cell, FULL_SCALE_A)
    return confirmation


def test_what_goes_on_is_read_once_and_in_full():
    cell = Cell()
    at_work(cell, 100)
    assert cell.taken.count(True) == 1  # the second of all


@pytest.mark.parametrize("slope_V_s", [0.02, -0.1])
def test_a_voltage_that_moves_fast_and_evenly_is_read_once(slope_V_s):
    cell = Cell(slope_V_s=slope_V_s)
    at_work(cell, 40)
    assert cell.taken[20:].count(True) == 0


@pytest.mark.parametrize("shown_V", [-0.5, 0.6, 0.49, 2.4, 5.0, -6.0])
def test_one_wrong_reading_is_told_and_not_believed(shown_V):
    told, cell = Told(), Cell(wrong={21: shown_V})
    confirmation = at_work(cell, told=told)
    reading = confirmation.read(cell, FULL_SCALE_A)
    assert reading.voltage_V == pytest.approx(0.5, abs=AGREE_V)
    assert [(one.voltage_V, one.text) for one, _ in told.rejected] == [(shown_V, "line 21")]
    assert len(cell.taken) <= 23


@given(st.floats(-30.0, 30.0), st.floats(-30.0, 30.0))
def test_two_wrong_readings_in_turn_are_not_believed_whether_or_not_they_agree(first_V, second_V):
    told = Told(low_V=-40.0, high_V=40.0)
    cell = Cell(wrong={21: first_V, 22: second_V})
    reading = at_work(cell, told=told).read(cell, FULL_SCALE_A)
    assert reading.voltage_V == pytest.approx(0.5, abs=2 * AGREE_V)


@given(st.floats(1.0, 2.0))
def test_three_wrong_ones_in_turn_need_a_user(shown_V):
    cell = Cell(wrong=dict.fromkeys((21, 22, 23), shown_V))
    with pytest.raises(AttentionNeeded) as raised:
        at_work(cell).read(cell, FULL_SCALE_A)
    assert raised.value.alarm.code == "readings_disagree"


def test_five_that_disagree_need_a_user():
    cell = Cell(wrong=dict(enumerate((0.1, 0.9, 0.3, 1.5, 0.6, 0.2), 1)))
    with pytest.raises(AttentionNeeded):
        at_work(cell)
    assert len(cell.taken) == 5


def test_a_change_that_four_readings_show_is_one():
    told, cell = Told(), Cell(jump=(20, 0.3))
    reading = at_work(cell, told=told).read(cell, FULL_SCALE_A)
    assert reading.voltage_V == pytest.approx(0.8, abs=AGREE_V)
    assert told.rejected == []
    assert cell.taken[20:] == [False, True, True, True]


@pytest.mark.parametrize("volts", [-0.5, -0.1, 0.06, 1.2])
def test_a_voltage_that_becomes_another_one_at_rest_needs_a_user(volts):
    cell = Cell(jump=(20, volts))
    with pytest.raises(AttentionNeeded, match="loose lead or a short circuit") as caught:
        at_work(cell, driven=False).read(cell, FULL_SCALE_A)
    assert caught.value.alarm.code == "readings_disagree"


@given(st.floats(-0.04, 0.04))
def test_a_voltage_that_moves_a_little_at_rest_does_not(volts):
    cell = Cell(jump=(20, volts))
    reading = at_work(cell, driven=False).read(cell, FULL_SCALE_A)
    assert reading.voltage_V == pytest.approx(0.5 + volts, abs=AGREE_V)


@pytest.mark.parametrize(("driven", "most"), [(True, 2), (False, 4)])
def test_after_switching_nothing_is_believed_alone(driven, most):
    cell = Cell()
    confirmation = at_work(cell)
    confirmation.forget(driven=driven)
    confirmation.read(cell, FULL_SCALE_A)
    assert len(cell.taken) == 20 + most


def test_what_must_be_sure_is_read_twice():
    cell = Cell()
    at_work(cell).read(cell, FULL_SCALE_A, sure=True)
    assert cell.taken[20:] == [False, True]


@pytest.mark.parametrize("volts", [2.7, -6.0, 9.9])
def test_a_limit_is_believed_at_the_second_reading(volts):
    told, cell = Told(), Cell(jump=(20, volts - 0.5))
    reading = at_work(cell, told=told).read(cell, FULL_SCALE_A)
    assert told.judge(reading) == "limit"
    assert cell.taken[20:] == [False, True]


def test_a_limit_is_believed_by_two_of_three():
    cell = Cell(jump=(20, 4.0), wrong={22: 0.5})
    told = Told()
    reading = at_work(cell, told=told).read(cell, FULL_SCALE_A)
    assert told.judge(reading) == "limit"
    assert len(cell.taken) == 23


def test_an_overload_waits_for_nothing():
    cell = Cell(wrong={21: "voltage"})
    assert at_work(cell).read(cell, FULL_SCALE_A).overload == "voltage"
    cell = Cell(wrong={21: 0.9, 22: "voltage"})
    assert at_work(cell).read(cell, FULL_SCALE_A).overload == "voltage"


def test_a_limit_that_the_instrument_does_not_confirm_because_it_is_silent_stands():
    silent = NoReply("1287", "RU1", 7.0)
    told, cell = Told(), Cell(wrong={21: 5.0, 22: silent})
    assert at_work(cell, told=told).read(cell, FULL_SCALE_A).voltage_V == 5.0
    cell = Cell(wrong={21: 0.6, 22: silent})
    with pytest.raises(NoReply):
        at_work(cell).read(cell, FULL_SCALE_A)


def test_limits_that_are_not_confirmed_are_allowed_three_times_an_hour():
    told, cell = Told(), Cell()
    confirmation = at_work(cell, told=told)
    for _ in range(UNCONFIRMED_LIMITS):
        cell.wrong[len(cell.taken) + 1] = 5.0
        confirmation.read(cell, FULL_SCALE_A)
    assert [decides for _, decides in told.rejected] == ["limit"] * UNCONFIRMED_LIMITS
    cell.wrong[len(cell.taken) + 1] = 5.0
    with pytest.raises(AttentionNeeded) as raised:
        confirmation.read(cell, FULL_SCALE_A)
    assert raised.value.alarm.code == "limit_unconfirmed"


def test_limits_that_are_not_confirmed_are_forgotten_after_an_hour():
    told, cell = Told(), Cell(slope_V_s=0.0)
    confirmation = at_work(cell, told=told)
    for _ in range(3 * UNCONFIRMED_LIMITS):
        cell.wrong[len(cell.taken) + 1] = 5.0
        confirmation.read(cell, FULL_SCALE_A)
        cell.time_s += 1250.0
    assert len(told.rejected) == 3 * UNCONFIRMED_LIMITS


@given(st.floats(0.05, 2.0), st.floats(-0.3, 0.3), st.booleans())
def test_a_cell_that_relaxes_after_switching_is_no_disagreement(time_constant_s, height_V, driven):
    class Relaxing(Cell):
        def voltage_V(self) -> float:
            return 0.5 + height_V * 2.718281828 ** (-self.time_s / time_constant_s)

    cell = Relaxing()
    confirmation = Confirmation()
    confirmation.forget(driven=driven)
    for _ in range(30):
        confirmation.read(cell, FULL_SCALE_A)


@given(st.floats(-2e-3, 2e-3))
def test_a_current_that_jumps_is_read_again(shown_A):
    told, cell = Told(), Cell()
    confirmation = at_work(cell, told=told)
    first = [True]

    def take(*, fast: bool) -> Reading:
        reading = cell(fast=fast)
        return replace(reading, current_A=shown_A) if first and first.pop() else reading

    reading = confirmation.read(take, FULL_SCALE_A)
    assert reading.current_A == pytest.approx(CURRENT_A, abs=1.1e-6)
