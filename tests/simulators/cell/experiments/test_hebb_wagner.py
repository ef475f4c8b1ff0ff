import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solbench.simulators.cell import build_cell
from tests.simulators.cell.conftest import Bench

CARRIERS = {"electron_conductivity": 1e-6, "hole_conductivity": 2e-6, "hole_voltage": 2.2}


def cell_with(temperature_K=None, **carriers):
    description = Bench().description("nps", "dc_pristine")
    description["kind"] = "hebb_wagner"
    description["temperature_K"] = temperature_K
    description["simulation"]["hebb_wagner"] = {**CARRIERS, **carriers}
    return build_cell(description)


@pytest.mark.parametrize("volts", [0.05, 0.3, 1.0, 2.0, 2.3])
@pytest.mark.parametrize("temperature_K", [None, 333.0])
def test_the_slope_of_the_steady_current_is_the_conductivity(volts, temperature_K):
    steady_A = []
    for voltage_V in (volts - 1e-3, volts + 1e-3):
        cell = cell_with(temperature_K)
        cell.advance_voltage(100 * 3600.0, voltage_V)
        steady_A.append(cell.current(voltage_V))
    sigma_S_m = (steady_A[1] - steady_A[0]) / 2e-3 * 500e-6 / 0.785e-4
    assert sigma_S_m == pytest.approx(cell.electronic_conductivity_S_m(volts), rel=2e-3)


def test_electrons_carry_at_the_reversible_potential_and_holes_far_from_it():
    cell = cell_with()
    least = min(range(260), key=lambda n: cell.electronic_conductivity_S_m(n / 100))
    assert 30 < least < 190
    assert cell.electronic_conductivity_S_m(0.0) == pytest.approx(1e-6 + 1e-7, rel=1e-2)
    assert cell.electronic_conductivity_S_m(2.2) == pytest.approx(2e-6 + 1e-7, rel=1e-2)


@given(power=st.floats(-10, -4), sign=st.sampled_from([-1.0, 1.0]))
def test_voltage_and_current_are_inverse(power, sign):
    cell = cell_with()
    cell.advance_voltage(50.0, 1.4)
    assert cell.current(cell.voltage(sign * 10**power)) == pytest.approx(sign * 10**power, rel=1e-6)


def test_an_open_cell_loses_its_polarization_and_no_charge():
    cell = cell_with()
    cell.advance_voltage(3600.0, 2.3)
    charge_C = cell.charge_C
    found_V = []
    for _ in range(4):
        cell.advance_current(60.0, 0.0)
        found_V.append(cell.voltage(0.0))
    assert cell.charge_C == charge_C
    assert found_V == sorted(found_V, reverse=True)
    assert 0.0 < found_V[-1] < 2.3
    assert math.isfinite(abs(cell.impedance(1.0)))


@pytest.mark.long
@settings(max_examples=20)
@given(volts=st.floats(0.3, 2.7), amperes=st.sampled_from([0.0, 1e-9, -1e-8]), pieces=st.integers(2, 40))
def test_how_a_time_is_cut_is_not_seen_however_much_the_electrons_carry(volts, amperes, pieces):
    whole, cut = cell_with(), cell_with()
    for cell in (whole, cut):
        cell.advance_voltage(3600.0, volts)
    whole.advance_current(60.0, amperes)
    for _ in range(pieces):
        cut.advance_current(60.0 / pieces, amperes)
    assert whole.voltage(amperes) == pytest.approx(cut.voltage(amperes), abs=1e-4)
    assert -0.1 < whole.voltage(amperes) < volts + 0.1


def test_the_wrong_sign_plates_and_shows_at_once():
    right, wrong = cell_with(), cell_with()
    for cell, volts in ((right, 0.5), (wrong, -0.5)):
        cell.advance_voltage(3600.0, volts)
    assert abs(wrong.current(-0.5)) > 1e3 * right.current(0.5)


def test_state_is_restored_bit_for_bit():
    cell, other = cell_with(), cell_with()
    cell.advance_voltage(33.0, 1.0)
    other.restore(cell.state())
    for each in (cell, other):
        each.advance_current(2.0, 1e-8)
        each.advance_voltage(1.5, 0.7)
    assert other.state() == cell.state()
