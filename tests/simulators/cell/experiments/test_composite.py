import math

import pytest

from solbench.simulators.cell import build_cell
from tests.simulators.cell.conftest import AREA_CM2, Bench
from tests.tiers import few

COMPOSITE = {
    "oxidation_onset": 2.6,
    "oxidation_slope": 0.06,
    "oxidizable_charge": 0.3 * 36000,
    "reduction_onset": 1.2,
    "reduction_slope": 0.05,
    "reducible_charge": 0.5 * 36000,
    "double_layer_capacitance": 3.0,
    "rest_potential": 2.0,
}
ONSET_A = 10e-6 * AREA_CM2


def cell_with(counter="Na", reference=None, **changes):
    description = Bench().description("nps", "pellet")
    electrodes = {"counter": counter} if reference is None else {"counter": counter, "reference": reference}
    description.update(kind="composite", electrodes=electrodes)
    description["simulation"]["composite"] = {**COMPOSITE, **changes}
    return build_cell(description)


def swept(cell, volts_per_s, to_V):
    """Sweep from the voltage of rest in steps of 1 mV; returns the voltages and currents."""
    voltage_V, found = cell.voltage(0.0), []
    step_V = math.copysign(1e-3, to_V - voltage_V)
    while (to_V - voltage_V) * step_V > 0:
        voltage_V += step_V
        cell.advance_voltage(1e-3 / volts_per_s, voltage_V)
        found.append((voltage_V, cell.current(voltage_V)))
    return found


@few("counter", ["Na", "Na9Sn4"], 1)
@pytest.mark.parametrize("upward", [True, False])
def test_a_slow_sweep_passes_ten_microamperes_a_cm2_at_the_onset_that_is_put_in(counter, upward):
    cell = cell_with(counter, oxidizable_charge=36e6, reducible_charge=36e6, double_layer_capacitance=0.2)
    onset_V = cell.onsets_V[upward]
    found = swept(cell, 1e-4, onset_V + (0.05 if upward else -0.05))
    passed_V = next(volts for volts, amperes in found if abs(amperes) > ONSET_A)
    assert passed_V == pytest.approx(onset_V, abs=0.01)


def test_a_reference_takes_the_counter_electrode_out_of_the_voltage():
    two, three = cell_with("Na9Sn4"), cell_with("Na9Sn4", reference="Na")
    assert three.voltage(0.0) - two.voltage(0.0) == pytest.approx(0.16)
    assert three.electrolyte_resistance_ohm == pytest.approx(two.electrolyte_resistance_ohm / 2)
    assert three.onsets_V[1] == pytest.approx(2.6)


def test_before_the_onset_the_double_layer_gives_capacitance_times_rate():
    cell = cell_with()
    end_V = swept(cell, 1e-3, 2.1)[-1][0]
    before_C = cell.charge_C
    cell.advance_voltage(1.0, end_V + 1e-3)
    background_A = cell.charge_C - before_C
    assert background_A == pytest.approx(3.0 * AREA_CM2 * 1e-4 * 1e-3, rel=0.05)


def test_what_can_be_oxidized_is_used_up():
    cell = cell_with(oxidizable_charge=0.02 * 36000)
    cell.advance_voltage(3600.0, 3.0)
    assert cell.oxidized_C == pytest.approx(0.02 * 3.6 * AREA_CM2, rel=0.02)
    assert cell.current(3.0) < 0.1 * ONSET_A


def test_charge_is_that_of_double_layer_and_reactions():
    cell = cell_with()
    begin_V = cell.voltage(0.0)
    cell.advance_voltage(600.0, 2.7)
    cell.advance_current(10.0, 2e-6)
    stored_C = 3.0 * AREA_CM2 * 1e-4 * (cell.voltage(0.0) - begin_V)
    assert cell.charge_C == pytest.approx(stored_C + cell.oxidized_C - cell.reduced_C, rel=1e-6)


@pytest.mark.parametrize("volts", [1.1, 2.0, 2.65])
def test_time_domain_and_impedance_are_the_same_cell(volts):
    cell = cell_with(oxidizable_charge=36e6, reducible_charge=36e6)
    cell.advance_voltage(300.0, volts)
    slow = cell.impedance(1e-6).real
    apart_A = []
    for shifted_V in (volts - 1e-4, volts + 1e-4):
        cell.advance_voltage(300.0, shifted_V)
        apart_A.append(cell.current(shifted_V))
    if slow < 1e6:
        assert 2e-4 / (apart_A[1] - apart_A[0]) == pytest.approx(slow, rel=0.02)


def test_state_is_restored_bit_for_bit():
    cell, other = cell_with(), cell_with()
    cell.advance_voltage(33.0, 2.7)
    other.restore(cell.state())
    for each in (cell, other):
        each.advance_current(2.0, 1e-6)
        each.advance_voltage(1.5, 1.0)
    assert other.state() == cell.state()
    assert other.impedance(7.0) == cell.impedance(7.0)
