"""The first cycle of the shipped cells, against the figures of Deysher et al. (2022)."""

import pytest

from solbench.simulators.cell import build_cell
from tests.simulators.cell.conftest import CURRENT_A, FULL_CHARGE_C


def desodiated(cell, cut_off_V=2.0, dt_s=1.0):
    """Desodiate at 0.16 mA/cm2 to the cut-off; returns dV/dt there (V/s)."""
    voltage_V = before_V = cell.voltage(CURRENT_A)
    while voltage_V < cut_off_V:
        cell.advance_current(dt_s, CURRENT_A)
        before_V, voltage_V = voltage_V, cell.voltage(CURRENT_A)
    return (voltage_V - before_V) / dt_s


@pytest.mark.parametrize(
    ("name", "low", "high"), [("nbh", 0.80, 0.84), ("nps", 0.64, 0.68), ("nyzc", 0.0, 0.03)]
)
def test_first_coulombic_efficiency(bench, name, low, high):
    cell = bench.sodiated(name)
    cell.advance_current(300.0, 0.0)
    desodiated(cell)
    assert low < cell.charged_C / cell.discharged_C < high


@pytest.mark.parametrize("name", ["nps", "nbh"])
def test_the_cut_off_is_reached_at_ten_millivolt_a_second(bench, name):
    cell = bench.sodiated(name)
    desodiated(cell, cut_off_V=1.9)
    assert desodiated(cell, dt_s=0.1) == pytest.approx(10e-3, rel=0.15)


@pytest.mark.parametrize(
    ("name", "growth_ohm", "layer_um", "r_sse_ohm"),
    [("nyzc", 9000, 84.4, 1016), ("nps", 35, 11.8, 344), ("nbh", 0, 0, 35.4)],
)
def test_interphase_after_sodiation(bench, name, growth_ohm, layer_um, r_sse_ohm):
    """Of both electrodes: on tin with the charge, and a little on both with time."""
    fresh, cell = bench.cell(name), bench.sodiated(name)
    growth = cell.interfacial_resistance_ohm - fresh.interfacial_resistance_ohm
    assert growth == pytest.approx(growth_ohm, rel=0.01, abs=2)
    assert cell.layer_m * 1e6 == pytest.approx(layer_um, rel=0.01, abs=0.01)
    assert cell.electrolyte_resistance_ohm == pytest.approx(r_sse_ohm, rel=2e-3)


@pytest.mark.parametrize(("name", "end_V"), [("nyzc", -1.30), ("nps", -0.17), ("nbh", -0.12)])
def test_voltage_at_the_end_of_sodiation(bench, name, end_V):
    """Equilibrium and the drops over separator and interphase, as the figures were calibrated."""
    cell = bench.sodiated(name)
    ohm = cell.electrolyte_resistance_ohm + cell.interfacial_resistance_ohm
    assert cell.equilibrium_voltage_V - CURRENT_A * ohm == pytest.approx(end_V, abs=0.015)
    assert end_V - 0.03 < cell.voltage(-CURRENT_A) < end_V + 0.015


@pytest.mark.parametrize("name", ["nyzc", "nps", "nbh"])
def test_sodiation_starts_near_0_4_volt_and_falls_in_steps(bench, name):
    cell = bench.cell(name)
    cell.advance_current(0.04 * FULL_CHARGE_C / CURRENT_A, -CURRENT_A)
    ohm = cell.electrolyte_resistance_ohm + cell.interface_resistance_ohm
    assert cell.voltage(-CURRENT_A) + CURRENT_A * ohm == pytest.approx(0.40, abs=0.02)
    steps_V = []
    for _ in range(95):
        before_V = cell.voltage(-CURRENT_A)
        cell.advance_current(0.01 * FULL_CHARGE_C / CURRENT_A, -CURRENT_A)
        steps_V.append(before_V - cell.voltage(-CURRENT_A))
    assert min(steps_V) > 0
    assert max(steps_V) > 3 * sorted(steps_V)[47]


def test_four_times_the_layer_resistance_cuts_the_sodiation_short(bench):
    description = bench.description("nyzc")
    description["simulation"]["interphase"]["growth"]["layer_resistance"] *= 4
    cell = build_cell(description)
    while cell.voltage(-CURRENT_A) > -4.5:
        cell.advance_current(10.0, -CURRENT_A)
    assert 0.75 < cell.discharged_C / FULL_CHARGE_C < 0.99


def test_a_stable_cell_comes_back_in_its_second_cycle(bench):
    cell = bench.sodiated("nbh")
    desodiated(cell)
    first_C = cell.charged_C
    cell.advance_current(first_C / CURRENT_A, -CURRENT_A)
    before_C = cell.charged_C
    desodiated(cell)
    assert (cell.charged_C - before_C) / first_C == pytest.approx(1.0, abs=2e-3)
