import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.simulators.cell.tin import TinElectrode, TinParameters, TinState

TIN = TinElectrode(TinParameters(25.0, 0.02, 0.85, 0.175), 1.366e-6, 0.785e-4)
SODIATING, DESODIATING = -1.0, 1.0


def test_ninety_five_percent_of_theoretical_are_the_areal_capacity_of_the_paper():
    assert TIN.charge_C_m2 * 3.75 * 0.95 / 36000 == pytest.approx(1.400, rel=1e-3)


@pytest.mark.parametrize(
    ("x", "plateau_V"), [(0.1, 0.60), (0.35, 0.53), (0.75, 0.46), (1.6, 0.16), (3.0, 0.08), (4.2, 0.0)]
)
def test_plateaus_against_sodium(x, plateau_V):
    """Values of Yamamoto et al. (2013); on sodiation the hysteresis lowers them by 35 mV."""
    sodiating = TinState(x, x, 0.0, SODIATING)
    assert TIN.potential_V(sodiating) == pytest.approx(plateau_V - 0.035, abs=3e-3)


def test_desodiation_runs_70_millivolt_above_sodiation_far_from_the_end():
    apart_V = TIN.potential_V(TinState(3.0, 3.0, 0.0, DESODIATING)) - TIN.potential_V(TinState(3.0, 3.0))
    assert apart_V == pytest.approx(0.070 + 0.03 / 3.0, abs=1e-4)


def test_the_potential_rises_without_bound_towards_the_trapped_sodium():
    potentials = [
        TIN.potential_V(TinState(0.62 + free, 3.56, 0.62, DESODIATING))
        for free in (1.0, 0.1, 0.02, 0.004, 0.0, -0.01)
    ]
    assert potentials == sorted(potentials)
    assert potentials[2] == pytest.approx(0.46 + 0.035 + 0.03 / 0.02, abs=0.05)
    assert potentials[-1] > 20


@given(st.floats(0.02, 3.7), st.floats(-0.9, 0.9))
def test_the_slope_is_that_of_a_small_reversible_swing(x, branch):
    tin = TinState(x, 3.8, 0.0, branch)
    small = 1e-6 * TIN.charge_C_m2
    up, down = TIN.desodiated(tin, small), TIN.sodiated(tin, small, small)
    numeric = (TIN.potential_V(up) - TIN.potential_V(down)) / -2e-6
    assert TIN.slope_V(tin) == pytest.approx(numeric, rel=1e-4, abs=1e-4)


@given(st.lists(st.floats(-40000, 40000), min_size=1, max_size=12))
def test_trapped_sodium_never_exceeds_sodium_and_counts_new_alloy_only(charges):
    tin = TinState()
    for charge in charges:
        before = tin
        if charge > 0:
            tin = TIN.sodiated(tin, charge, charge)
        elif tin.x - tin.trapped_x > -charge / TIN.charge_C_m2:
            tin = TIN.desodiated(tin, -charge)
        new_x = tin.most_x - before.most_x
        assert tin.trapped_x - before.trapped_x == pytest.approx(0.175 * new_x, abs=1e-9)
        assert 0 <= tin.trapped_x <= tin.x <= tin.most_x
        assert -1 <= tin.branch <= 1


def test_sodium_lost_to_the_electrolyte_isolates_tin_too():
    passed = 1000.0
    tin = TIN.sodiated(TinState(), 400.0, passed)
    assert tin.x * TIN.charge_C_m2 == pytest.approx(400.0)
    assert tin.trapped_x * TIN.charge_C_m2 == pytest.approx(0.175 * passed)


def test_a_fresh_electrode_is_at_a_mixed_potential_and_nearly_blocking():
    fresh, touched = TinState(), TinState(0.1, 0.1)
    assert TIN.fresh(fresh)
    assert not TIN.fresh(touched)
    assert TIN.resistance_ohm(fresh) > 1e5
    assert TIN.resistance_ohm(touched) == pytest.approx(25, rel=0.2)
    assert TIN.potential_V(fresh) > TIN.potential_V(touched) + 0.4


def test_a_fresh_electrode_has_no_sodium_to_give():
    taken = TIN.desodiated(TinState(), 0.02 * TIN.charge_C_m2)
    assert TIN.potential_V(taken) > TIN.potential_V(TinState()) + 1.0
