import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.simulators.cell import butler_volmer

ROOM_K = 298.15


def test_small_currents_see_a_resistance():
    assert butler_volmer.overpotential(25.0, 126e-6, ROOM_K) == pytest.approx(25 * 126e-6, rel=1e-3)


def test_a_nearly_blocking_electrode_follows_the_tafel_slope():
    """118 mV a decade at 25 degC for a transfer coefficient of one half."""
    decade_V = butler_volmer.overpotential(1e7, 1e-3, ROOM_K) - butler_volmer.overpotential(1e7, 1e-4, ROOM_K)
    assert decade_V == pytest.approx(0.1183, abs=1e-4)


@given(
    st.floats(-2, 2).map(lambda power: 10**power),
    st.lists(st.floats(-1, 5).map(lambda power: 10**power), min_size=1, max_size=2),
    st.floats(-10, 0).map(lambda power: 10**power),
    st.sampled_from([-1.0, 1.0]),
)
def test_current_is_the_inverse_of_the_voltage(ohmic, resistances, magnitude_A, sign):
    current_A = sign * magnitude_A
    drive_V = current_A * ohmic
    drive_V += sum(butler_volmer.overpotential(each, current_A, ROOM_K) for each in resistances)
    assert butler_volmer.current(drive_V, ohmic, resistances, ROOM_K) == pytest.approx(current_A, rel=1e-9)


def test_no_drive_no_current():
    assert butler_volmer.current(0.0, 100.0, [1e5], ROOM_K) == 0.0
    assert math.copysign(1, butler_volmer.current(-30.0, 1.0, [1e5, 25.0], ROOM_K)) == -1
