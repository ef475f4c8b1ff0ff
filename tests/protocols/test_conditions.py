"""What a cell held before its run, from what was typed of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.protocols import load_cell
from solbench.protocols.conditions import Conditions

HALF = load_cell("nbh").build("half")
UNKNOWN = {"temperature": "unknown", "stack_pressure": "unknown"}


def conditions(**given: object) -> Conditions:
    return Conditions.model_validate({**UNKNOWN, **given})


@given(st.lists(st.floats(0.01, 5.0), min_size=1, max_size=6))
def test_a_history_of_half_cycles_holds_what_the_last_one_left(sizes):
    """One that fills the electrode has begun with its own size, one that empties it with none."""
    signs = [HALF.filling * (-1) ** number for number in range(len(sizes))]
    history = [f"{sign * size} mC" for sign, size in zip(signs, sizes, strict=True)]
    made = conditions(history=history)
    assert made.state_before == "used"
    assert made.passed_C(HALF) == pytest.approx([1e-3 * s * n for s, n in zip(signs, sizes, strict=True)])
    filled = len(sizes) % 2 == 1
    assert made.begun_C(HALF) == pytest.approx(1e-3 * sizes[-1] if filled else 0.0)


@given(st.floats(0.0, 1.4))
def test_a_state_of_charge_is_what_the_electrode_holds(held):
    made = conditions(state_of_charge=f"{held} mAh/cm2")
    assert made.state_before == ("used" if held else "fresh")
    assert made.begun_C(HALF) == pytest.approx(held * 3.6 * HALF.area_m2 * 1e4, abs=1e-12)
    assert sum(made.passed_C(HALF)) == pytest.approx(HALF.filling * made.begun_C(HALF), abs=1e-12)


def test_both_at_once_are_refused():
    with pytest.raises(ValueError, match="both say what the cell holds"):
        conditions(history=["1 mC"], state_of_charge="1 mAh/cm2")
