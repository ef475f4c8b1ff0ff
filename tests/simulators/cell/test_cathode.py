import dataclasses

import pytest

from solbench.simulators.cell.cathode import Cathode, CathodeParameters, CathodeState

PARAMETERS = CathodeParameters(
    capacity_C_kg=250.5 * 3600,
    potential_V=3.08,
    slope_V=0.62,
    full_depth_V=1.5,
    full_width=0.004,
    wall_at=0.4255,
    wall_height_V=0.05,
    wall_width=0.002,
    catholyte_thickness_m=138e-6,
    catholyte_conductivity_S_m=0.00627,
)
CATHODE = Cathode(PARAMETERS, 4.71e-6)


def potential_V(z):
    return CATHODE.potential_V(CathodeState(z))


def test_the_line_between_the_ends():
    assert potential_V(0.3) - potential_V(0.1) == pytest.approx(0.62 * 0.2, abs=1e-9)
    assert potential_V(0.2) == pytest.approx(3.08 + 0.124, abs=1e-9)


def test_the_ends():
    assert potential_V(0.0) == pytest.approx(1.58, abs=1e-9)
    assert potential_V(0.4255) == pytest.approx(3.08 + 0.62 * 0.4255 + 0.05, abs=1e-9)


def test_charge_is_a_share_of_the_sodium_in_the_mass():
    """107 mAh/g of 250.5: the fraction that the full cells of Deysher et al. (2022) use."""
    after = CATHODE.after(CathodeState(), 107 * 3.6 * 4.71e-3)
    assert after.z == pytest.approx(0.427, abs=5e-4)
    assert CATHODE.after(after, -107 * 3.6 * 4.71e-3).z == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize("z", [-0.1, -0.026, 0.0, 0.004, 0.2, 0.42, 0.4275, 0.4374, 0.438, 0.6])
def test_slope_is_the_derivative_and_potential_rises_everywhere(z):
    step = 1e-7
    found = (potential_V(z + step) - potential_V(z - step)) / (2 * step)
    assert CATHODE.slope_V(CathodeState(z)) == pytest.approx(found, rel=1e-3)
    assert found > 0.6


def test_it_is_a_capacitor_to_small_signals():
    """On the line one volt takes 1/0.62 of the charge of all its sodium."""
    impedance = CATHODE.impedance(CathodeState(0.2), 1e-3)
    capacitance_F = 250.5 * 3.6 * 4.71e-3 / 0.62
    assert impedance.real == 0.0
    assert -impedance.imag == pytest.approx(1 / (2 * 3.14159265 * 1e-3 * capacitance_F), rel=1e-6)


def test_a_cell_driven_on_beyond_the_wall_stays_finite():
    assert potential_V(1.0) < 1e4
    assert potential_V(-1.0) > -1e6
    flat = Cathode(dataclasses.replace(PARAMETERS, wall_height_V=0.0, full_depth_V=0.0), 4.71e-6)
    assert flat.potential_V(CathodeState(0.0)) == pytest.approx(3.08)
