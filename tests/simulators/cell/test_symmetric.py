import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.simulators.cell import DescriptionError, build_cell
from tests.simulators.cell.conftest import AREA_CM2, Bench
from tests.simulators.cell.references import held_finely, response

CURRENT_A = 0.1e-3 * AREA_CM2
HOUR_S = 3600.0


def shuttled(name, half_cycles):
    cell = Bench().cell(name, "symmetric")
    return swung(cell, half_cycles)


def swung(cell, half_cycles):
    for number in range(half_cycles):
        cell.advance_current(HOUR_S, CURRENT_A if number % 2 == 0 else -CURRENT_A)
    return cell


@pytest.mark.parametrize("name", ["nyzc", "nps", "nbh"])
def test_it_has_no_voltage_of_its_own(bench, name):
    assert bench.cell(name, "symmetric").voltage(0.0) == 0.0


@pytest.mark.parametrize("name", ["nyzc", "nps", "nbh"])
def test_both_ways_are_alike(bench, name):
    one, other = bench.cell(name, "symmetric"), bench.cell(name, "symmetric")
    one.advance_current(HOUR_S, CURRENT_A)
    other.advance_current(HOUR_S, -CURRENT_A)
    assert one.voltage(CURRENT_A) == pytest.approx(-other.voltage(-CURRENT_A), abs=1e-12)
    assert one.sodium_x == pytest.approx(other.sodium_x[::-1])
    assert one.impedance(1e3) == pytest.approx(other.impedance(1e3))


def test_sodium_goes_from_one_alloy_to_the_other():
    """15.7 mg Sn take up 847 mAh/g at x = 3.75."""
    cell = shuttled("nbh", 1)
    per_x_mAh = 847 * 15.7e-3 / 3.75
    moved = 0.1 * AREA_CM2 / per_x_mAh
    assert cell.sodium_x == pytest.approx((2.0 - moved, 2.0 + moved), rel=1e-9)


def test_the_interphase_grows_on_the_electrode_that_is_sodiated():
    first, second = shuttled("nps", 1), shuttled("nps", 2)
    assert first.layers_m[0] == 0.0
    assert first.layers_m[1] > 0.0
    assert 0.9 < second.layers_m[0] / first.layers_m[1] < 1.0  # it has passivated a little meanwhile
    assert second.layers_m[1] == first.layers_m[1]


@pytest.mark.parametrize(("name", "cycles"), [("nps", 100), ("nyzc", 10)])
def test_growth_is_that_of_deal_and_grove_on_each_electrode(name, cycles):
    """q^2 + A q = B Q, with Q what each electrode has taken up; in a layer that neither passivates nor ages."""
    growth = Bench().description(name, "symmetric")["simulation"]["interphase"]["growth"]
    a, b, q_C_m2 = growth["deal_grove_A"], growth["deal_grove_B"], 0.1 * 36000 * cycles
    expected_C_m2 = (-a + (a * a + 4 * b * q_C_m2) ** 0.5) / 2
    description = Bench().still(name, "symmetric")
    description["simulation"]["interphase"]["growth"].pop("passivation_charge", None)
    cell = swung(build_cell(description), 2 * cycles)
    assert cell.reduced_C / (AREA_CM2 * 1e-4) == pytest.approx(2 * expected_C_m2, rel=1e-9)
    per_C_m2 = growth["layer_resistance"] / growth["layer_charge"]
    assert cell.interface_resistance_ohm == pytest.approx(2 * per_C_m2 * expected_C_m2, rel=1e-9)


@pytest.mark.parametrize("name", ["nyzc", "nps"])
def test_the_layers_together_are_never_thicker_than_the_electrolyte_was(name):
    """Those of nyzc would be 1.1 mm of the 500 um between the electrodes."""
    cell, before_m = Bench().cell(name, "symmetric"), 0.0
    for _ in range(20):
        swung(cell, 10)
        both_m = sum(cell.layers_m)
        assert before_m <= both_m <= 500e-6 * (1.0 + 1e-12)
        before_m = both_m
    assert (both_m == pytest.approx(500e-6)) == (name == "nyzc")


def test_a_steady_polarization_does_not_prove_a_stable_interface():
    """Over 100 cycles nps changes its polarization by millivolts, while a sixth of a mAh/cm2 is reduced."""
    early, late = shuttled("nps", 19), shuttled("nps", 199)
    assert late.voltage(CURRENT_A) - early.voltage(CURRENT_A) < 0.02
    assert late.reduced_C - early.reduced_C > 0.15 * 3.6 * AREA_CM2
    assert shuttled("nbh", 199).reduced_C == 0.0
    assert shuttled("nyzc", 199).voltage(CURRENT_A) > 5.0


@pytest.mark.parametrize("name", ["nyzc", "nps", "nbh"])
@pytest.mark.parametrize("frequency_Hz", [2e-3, 3e-2, 1.0])
def test_time_domain_and_impedance_are_the_same_cell(name, frequency_Hz):
    cell = shuttled(name, 5)
    cell.advance_current(20 * HOUR_S, 0.0)
    expected = cell.impedance(frequency_Hz)
    measured = response(cell, frequency_Hz, 1e-7)
    assert abs(measured - expected) < 0.002 * abs(expected)


def test_the_spectrum_spans_the_separator_and_both_electrodes():
    cell = shuttled("nps", 20)
    layers_ohm = cell.interface_resistance_ohm
    assert cell.impedance(1.0).real == pytest.approx(344 + layers_ohm + 2 * 25, rel=0.02)


@pytest.mark.long
@given(power=st.floats(-12, -1), sign=st.sampled_from([-1.0, 1.0]))
def test_voltage_and_current_are_inverse(power, sign):
    cell = shuttled("nps", 1)
    voltage_V = cell.voltage(sign * 10**power)
    assert cell.current(voltage_V) == pytest.approx(sign * 10**power, rel=1e-6, abs=1e-14)


def test_held_voltage_against_a_fine_reference():
    cell, reference = shuttled("nps", 1), shuttled("nps", 1)
    voltage_V = cell.voltage(0.0) - 0.05
    charge_C = cell.advance_voltage(60.0, voltage_V)
    held_finely(reference, 60.0, voltage_V, 5000)
    assert charge_C < 0
    assert cell.charge_C == pytest.approx(reference.charge_C, abs=10e-6 * abs(charge_C))


def test_state_is_restored_bit_for_bit(bench):
    cell, other = shuttled("nyzc", 3), bench.cell("nyzc", "symmetric")
    other.restore(cell.state())
    for each in (cell, other):
        each.advance_current(100.0, -1e-4)
    assert other.state() == cell.state()
    assert other.impedance(12.0) == cell.impedance(12.0)


def test_the_alloy_is_that_of_the_description(bench):
    description = bench.description("nbh", "symmetric")
    description["simulation"]["symmetric"]["sodium_per_tin"] = 1.5
    assert build_cell(description).sodium_x == (1.5, 1.5)
    del description["simulation"]["symmetric"]
    assert build_cell(description).sodium_x == (2.0, 2.0)
    description["simulation"]["symmetric"] = {"sodium_per_tin": 4.0}
    with pytest.raises(DescriptionError, match=r"must be 3\.75 or less"):
        build_cell(description)


@pytest.mark.parametrize("name", ["nps", "nbh"])
@pytest.mark.parametrize("hours", [0.2, 1.0, 5.0])
def test_both_ways_swing_alike_whatever_the_size_of_a_half_cycle(bench, name, hours):
    """The polarization of the paper's Fig. S4 is symmetric; an offset of the beginning must go."""
    cell = bench.cell(name, "symmetric")
    for _ in range(int(20 / hours) + 2):
        cell.advance_current(hours * HOUR_S, CURRENT_A)
        forth_V = cell.voltage(CURRENT_A)
        cell.advance_current(hours * HOUR_S, -CURRENT_A)
        back_V = cell.voltage(-CURRENT_A)
    assert forth_V == pytest.approx(-back_V, rel=0.05)
