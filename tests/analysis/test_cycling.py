import pytest

from solbench.acquisition.record.folds import StepRecord
from solbench.analysis.cycling import areal_capacity_mAh_cm2, pairs_of
from tests.records import body


def step(index: int, charge_C: float, current_A: float | None = None, outcome: str = "segment") -> StepRecord:
    current = current_A if current_A is not None else (1e-4 if charge_C > 0 else -1e-4)
    record = StepRecord(index, f"step {index}", "constant_current", "", None, 0.0)
    record.charge_C, record.current_A = charge_C, current or None
    record.end = body("segment_end", outcome=outcome)
    return record


def efficiencies(*steps: StepRecord) -> list[float | None]:
    return [pair.coulombic_efficiency for pair in pairs_of(steps)]


def test_the_efficiency_is_what_comes_out_over_what_went_in():
    assert efficiencies(step(0, -3.957), step(1, 3.244)) == [pytest.approx(0.8198, abs=1e-4)]


def test_rests_and_spectra_between_them_do_not_part_a_pair():
    assert efficiencies(step(0, -4.0), step(1, 0.0, 0.0), step(2, 2.0)) == [0.5]


def test_cycles_are_paired_in_order():
    found = efficiencies(step(0, 4.0), step(1, -2.0), step(2, 2.0), step(3, -1.9))
    assert found == [0.5, pytest.approx(0.95)]


@pytest.mark.parametrize("outcome", ["cut_short", "interrupted", "limit"])
def test_an_unfinished_half_has_no_efficiency(outcome):
    assert efficiencies(step(0, -4.0, outcome=outcome), step(1, 2.0)) == [None]
    assert efficiencies(step(0, -4.0), step(1, 2.0, outcome=outcome)) == [None]


def test_a_half_without_its_other_half_has_none():
    assert efficiencies(step(0, -4.0)) == [None]


def test_two_steps_of_one_direction_are_not_a_pair():
    assert efficiencies(step(0, -2.0), step(1, -2.0), step(2, 3.0)) == [None, 1.5]


def test_a_first_half_without_charge_has_none():
    assert efficiencies(step(0, 0.0, -1e-4), step(1, 2.0)) == [None]


def test_areal_capacity():
    assert areal_capacity_mAh_cm2(-36.0 * 0.785 * 0.1, 0.785e-4) == pytest.approx(1.0)
