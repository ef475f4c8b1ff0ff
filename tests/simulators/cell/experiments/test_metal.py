import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solbench.simulators.cell import build_cell
from tests.simulators.cell.conftest import AREA_CM2, Bench

HOUR_S = 3600.0
CRITICAL_A = 0.5e-3 * AREA_CM2
METAL = {
    "charge_transfer_resistance": 20.0,
    "charge_transfer_capacitance": 0.01,
    "charge_transfer_exponent": 0.9,
    "critical_current_density": 5.0,
    "short_charge": 0.2 * 36000,
    "soft_short_resistance": 300.0,
    "short_resistance": 5.0,
    "sodium": 10 * 36000.0,
}


def metal_cell(**changes):
    description = Bench().description("nps", "pellet")
    description["kind"] = "metal"
    description["simulation"]["metal"] = {**METAL, **changes}
    return build_cell(description)


def test_below_the_critical_current_density_nothing_shorts():
    cell = metal_cell()
    for _ in range(20):
        cell.advance_current(HOUR_S, 0.99 * CRITICAL_A)
        cell.advance_current(HOUR_S, -0.99 * CRITICAL_A)
    assert (cell.short, cell.grown) == ("none", 0.0)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_beyond_it_a_soft_short_comes_before_the_hard_one_which_stays(sign):
    """(j/jc - 1) q is 0.7 of `short_charge` after 0.07 mAh/cm2 at 3 jc; beside a soft short less is plated."""
    cell, seen = metal_cell(), {}
    current_A = sign * 3 * CRITICAL_A
    for _ in range(1000):
        cell.advance_current(2.0, current_A)
        seen.setdefault(cell.short, abs(cell.charge_C) / 3.6 / AREA_CM2)
    assert seen["soft"] == pytest.approx(0.07, rel=0.03)
    assert seen["hard"] > 0.1
    assert abs(cell.voltage(current_A)) < 1.05 * 5.0 * abs(current_A)
    cell.advance_current(600.0, -current_A)
    assert cell.short == "hard"
    assert abs(cell.impedance(1.0)) == pytest.approx(5.0, rel=0.05)


@given(st.floats(0.02, 1.0), st.sampled_from([0.01, 0.05, 0.2, 3.0]))
@settings(max_examples=12)
def test_a_voltage_is_held_over_a_short_circuit_in_steps_of_any_length(volt: float, step_s: float):
    """What passes the short is no part of what the electrodes must follow: the steps would shrink without end."""
    cell = metal_cell()
    while cell.short == "none":
        cell.advance_current(10.0, 2 * CRITICAL_A)
    expected_C = cell.current(volt) * step_s
    assert cell.advance_voltage(step_s, volt) == pytest.approx(expected_C, rel=0.05)


def test_a_soft_short_goes_when_the_current_turns():
    cell = metal_cell()
    while cell.short == "none":
        cell.advance_current(10.0, 2 * CRITICAL_A)
    assert abs(cell.voltage(1e-5)) < 1e-5 * 300
    cell.advance_current(HOUR_S, -0.9 * CRITICAL_A)
    assert cell.short == "none"


def test_stripped_of_its_sodium_an_electrode_loses_contact_and_the_voltage_rises():
    cell = metal_cell(sodium=0.5 * 36000.0)
    cell.advance_current(60.0, 0.8 * CRITICAL_A)
    early_V = cell.voltage(0.8 * CRITICAL_A)
    cell.advance_current(1.2 * HOUR_S, 0.8 * CRITICAL_A)
    assert cell.voltage(0.8 * CRITICAL_A) > 1.2 * early_V
    assert cell.short == "none"


@pytest.mark.parametrize("share", [0.3, 1.0])
def test_bruce_and_vincent_find_the_transference_number(share):
    """I_ss (dV - I0 R0)/(I0 (dV - Iss Rss)) with the resistances of the interfaces, at 10 mV."""
    description = Bench().description("nps", "pellet")
    description["kind"] = "metal"
    description["simulation"]["interphase"].pop("ageing")
    description["simulation"]["metal"] = {**METAL, "transference_number": share, "concentration_time": 60.0}
    cell = build_cell(description)
    first_A = 0.01 / abs(cell.impedance(500.0))
    cell.advance_voltage(600.0, 0.01)
    steady_A = cell.current(0.01)
    interfaces_ohm = 40.0
    found = steady_A * (0.01 - first_A * interfaces_ohm) / (first_A * (0.01 - steady_A * interfaces_ohm))
    assert found == pytest.approx(share, rel=0.03)
    assert cell.transference_number == share


@given(power=st.floats(-9, -2), sign=st.sampled_from([-1.0, 1.0]), shorted=st.booleans())
def test_voltage_and_current_are_inverse(power, sign, shorted):
    cell = metal_cell()
    if shorted:
        state = list(cell.state())
        state[1] = 0.8
        cell.restore(state)
        assert cell.short == "soft"
    current_A = sign * 10**power
    assert cell.current(cell.voltage(current_A)) == pytest.approx(current_A, rel=1e-6)


def test_the_layers_grow_with_the_root_of_time_where_the_record_says_so():
    cell = metal_cell()
    found = []
    for hours in (1.0, 3.0, 12.0):
        cell.advance_current(hours * HOUR_S, 0.0)
        found.append(cell.interface_resistance_ohm)
    assert found == pytest.approx([2 * 1.5 * math.sqrt(t / 24) for t in (1, 4, 16)], rel=1e-6)


def test_charge_counts_at_the_leads_also_beside_a_short():
    cell = metal_cell()
    cell.advance_current(0.5 * HOUR_S, 4 * CRITICAL_A)
    assert cell.short == "hard"
    assert cell.charge_C == pytest.approx(0.5 * HOUR_S * 4 * CRITICAL_A, rel=1e-9)
    before_C = cell.charge_C
    assert cell.advance_voltage(30.0, 0.01) == pytest.approx(cell.charge_C - before_C)
    assert cell.charge_C - before_C == pytest.approx(30.0 * 0.01 / 5.0, rel=0.05)
