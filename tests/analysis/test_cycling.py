import pytest

from solbench.acquisition.record.folds import StepRecord
from solbench.analysis.cycling import areal_capacity_mAh_cm2, pairs_of, sources
from tests.records import body


def step(index: int, charge_C: float, current_A: float | None = None, outcome: str = "segment") -> StepRecord:
    current = current_A if current_A is not None else (1e-4 if charge_C > 0 else -1e-4)
    record = StepRecord(index, f"step {index}", "constant_current", "", None, 0.0)
    record.charge_C, record.current_A, record.holds = charge_C, current or None, bool(current)
    record.end = body("segment_end", outcome=outcome)
    return record


def hold(index: int, charge_C: float) -> StepRecord:
    record = StepRecord(
        index, f"hold {index}", "constant_voltage", "", None, 0.0, charge_C=charge_C, holds=True
    )
    record.end = body("segment_end", outcome="step")
    return record


def efficiencies(*steps: StepRecord, kind: str = "") -> list[float | None]:
    return [pair.coulombic_efficiency for pair in pairs_of(steps, kind)]


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


def test_everything_that_goes_one_way_is_one_half():
    assert efficiencies(step(0, -2.0), step(1, -2.0), step(2, 3.0)) == [0.75]
    two_ways = [step(0, 1.1), hold(1, 0.2), step(2, 0.0, 0.0), step(3, -0.8), hold(4, -0.24)]
    assert efficiencies(*two_ways) == [pytest.approx(1.04 / 1.3)]
    three = [step(0, 1.0), step(1, 0.4), step(2, 0.1), step(3, -1.0), step(4, -0.2), step(5, -0.15)]
    assert efficiencies(*three, *three) == [pytest.approx(0.9)] * 2


def test_a_held_voltage_goes_the_way_of_its_charge():
    assert efficiencies(hold(0, 2.0), hold(1, -1.8)) == [0.9]
    assert efficiencies(step(0, 4.0), hold(1, -0.5), step(2, -2.5)) == [0.75]


def test_one_step_of_several_that_was_cut_short_leaves_no_efficiency():
    assert efficiencies(step(0, 2.0), step(1, 1.0, outcome="interrupted"), step(2, -2.0)) == [None]
    assert efficiencies(step(0, 2.0), step(1, -1.0), step(2, -0.5, outcome="limit")) == [None]


def test_a_pulse_or_a_relaxation_turns_nothing():
    assert efficiencies(step(0, 2.0), step(1, -0.01), step(2, 2.01), step(3, -3.0)) == [0.75]
    assert efficiencies(step(0, -2.0), hold(1, 1e-3), step(2, -1.0), step(3, 1.5)) == [
        pytest.approx(1.5 / 2.999)
    ]
    assert efficiencies(step(0, -2.0), step(1, 1.0), hold(2, -1e-4)) == [pytest.approx(0.9999 / 2.0)]


def test_small_cycles_after_a_large_charge_are_cycles():
    found = efficiencies(step(0, -4.0), *(step(k, 0.01 if k % 2 else -0.02) for k in range(1, 6)))
    assert found == [pytest.approx(0.01 / 4.0), pytest.approx(0.5), pytest.approx(0.5)]


def test_a_half_that_goes_out_before_anything_went_in_stands_alone():
    steps = [step(0, -0.5), step(1, 2.0), step(2, -1.0), step(3, 1.0), step(4, -0.9)]
    assert efficiencies(*steps, kind="full") == [None, 0.5, pytest.approx(0.9)]
    assert efficiencies(*steps[1:], kind="half") == [None, 1.0, None]
    assert efficiencies(*steps, kind="symmetric") == [4.0, 1.0, None]


def test_a_first_half_without_charge_has_none():
    assert efficiencies(step(0, 0.0, -1e-4), step(1, 2.0)) == [None]


def test_areal_capacity():
    assert areal_capacity_mAh_cm2(-36.0 * 0.785 * 0.1, 0.785e-4) == pytest.approx(1.0)


def test_the_source_of_an_uncertainty_names_the_instrument_that_measured():
    assert "the 1287's current range" in sources({"1260", "1287"})
    for others in ({"EC301", "1260"}, {"2400"}):
        text = sources(others)
        assert f"the {min(others - {'1260'})} 0.2 % of reading (assumed, as for a 1287)" in text
        assert "the 1287's" not in text
