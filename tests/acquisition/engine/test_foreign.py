"""What the charge may be wrong by where readings were answers to questions before, against the charge that flowed."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.acquisition.engine.foreign import ForeignAnswers
from solbench.drivers.links.incidents import Astray


def current_A(time_s: float, tau_s: float, floor_A: float) -> float:
    return floor_A + 5e-5 * math.exp(-time_s / tau_s)


def charge_C(currents_A: list[float], every_s: float) -> float:
    return sum(0.5 * every_s * (one + after) for one, after in itertools.pairwise(currents_A))


@given(
    lines=st.integers(1, 4),
    since=st.integers(5, 20),
    lasts=st.integers(2, 15),
    tau_s=st.floats(5.0, 300.0),
    every_s=st.floats(0.2, 5.0),
    floor_A=st.sampled_from([0.0, 1e-6, 1e-4]),
    offset_s=st.floats(-1e4, 1e4),
)
def test_the_uncertainty_holds_the_charge_that_a_shift_by_some_questions_makes_wrong(
    lines: int, since: int, lasts: int, tau_s: float, every_s: float, floor_A: float, offset_s: float
) -> None:
    true_A = [current_A(place * every_s, tau_s, floor_A) for place in range(since + lasts)]
    shown_A = [one if place < since else true_A[place - lines] for place, one in enumerate(true_A)]
    wrong_C = charge_C(shown_A, every_s) - charge_C(true_A, every_s)
    foreign = ForeignAnswers()
    for place, shown in enumerate(shown_A):
        foreign.add(place * every_s, shown, 0.0)
    since_s, until_s = (since - 0.5) * every_s, (since + lasts - 0.5) * every_s
    doubt = foreign.found(Astray(since_s + offset_s, until_s + offset_s, lines), offset_s)
    if doubt is None:
        assert abs(wrong_C) < 2e-3 * max(shown_A) * every_s * (lasts + 1)
        return
    assert abs(wrong_C) <= doubt.uncertainty_C + 1e-15
    assert doubt.since_s <= since * every_s
    assert doubt.until_s == pytest.approx(until_s, abs=1e-6)


def test_a_current_that_stays_is_the_same_one_question_later() -> None:
    foreign = ForeignAnswers()
    for place in range(10):
        foreign.add(float(place), 5e-5 + 1e-9 * (-1) ** place, 0.0)
    assert foreign.found(Astray(2.0, 9.0, 3), 0.0) is None


@pytest.mark.parametrize("since_s", [20.0, 9.5])
def test_lines_that_were_left_behind_the_last_reading_put_nothing_in_doubt(since_s: float) -> None:
    foreign = ForeignAnswers()
    for place in range(10):
        foreign.add(float(place), 1e-5 * place, 0.0)
    assert foreign.found(Astray(since_s, 30.0, 1), 0.0) is None
