import cmath

import pytest

from solbench.simulators.cell.electrolyte import ElectrolyteParameters, Separator

ELECTRON_VOLT_J = 1.602176634e-19
PARAMETERS = ElectrolyteParameters(
    activation_energy_J=0.35 * ELECTRON_VOLT_J,
    relative_permittivity=12.0,
    grain_boundary_fraction=0.3,
    grain_boundary_capacitance_F=1e-9,
    grain_boundary_exponent=0.92,
)


def pellet(conductivity_mS_cm, parameters=PARAMETERS):
    return Separator(parameters, conductivity_mS_cm * 0.1, 0.785e-4, 500e-6)


@pytest.mark.parametrize(("mS_cm", "ohm"), [(0.0627, 1015.9), (0.185, 344.3), (1.8, 35.39)])
def test_resistance_of_the_pellets(mS_cm, ohm):
    assert pellet(mS_cm).resistance_ohm(298.15) == pytest.approx(ohm, rel=1e-3)


def test_a_kelvin_is_worth_four_and_a_half_percent():
    separator = pellet(0.185)
    ratio = separator.resistance_ohm(298.15) / separator.resistance_ohm(299.15)
    assert ratio == pytest.approx(1.046, abs=1e-3)


def test_a_drift_of_two_kelvin_is_as_large_as_the_growth_that_is_looked_for():
    separator = pellet(0.185)
    change_ohm = separator.resistance_ohm(298.15 - 2.2) - separator.resistance_ohm(298.15)
    assert change_ohm == pytest.approx(36, abs=3)


def test_the_bulk_is_a_geometric_capacitor_of_17_picofarad():
    bulk = ElectrolyteParameters(0.0, 12.0, 0.0, 1e-9, 0.92)
    separator = pellet(0.0627, bulk)
    top_Hz = 1 / (2 * cmath.pi * 1015.8 * 16.7e-12)
    z = separator.impedance(1015.8, top_Hz)
    assert z.real == pytest.approx(-z.imag, rel=0.01)


def test_impedance_at_low_frequency_is_the_resistance():
    separator = pellet(0.185)
    z = separator.impedance(344.0, 1.0)
    assert z.real == pytest.approx(344.0, rel=1e-4)
    assert abs(z.imag) < 0.01
