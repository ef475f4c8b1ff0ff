import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import expm

from solbench.simulators.cell.branches import Branches

LEAK_S = 1e-6
RAW = ((1e-3, 0.016), (2e-6, 400.0), (2e-7, 44.0))
NETWORK = Branches(LEAK_S, RAW)
voltages = st.floats(-0.1, 0.1)


def by_matrix_exponential(capacitors_V, dt_s, current_A):
    """C_k dv_k/dt = g_k (V - v_k), with V from the balance of currents."""
    g, tau = np.array(RAW).T
    total = LEAK_S + g.sum()
    rates = (np.outer(np.ones(3), g) / total - np.eye(3)) / tau[:, None]
    extended = np.zeros((4, 4))
    extended[:3, :3] = rates
    extended[:3, 3] = current_A / total / tau
    return (expm(extended * dt_s) @ [*capacitors_V, 1.0])[:3]


@given(voltages, voltages, voltages, st.floats(1e-3, 2e3), st.floats(-1e-6, 1e-6))
def test_open_circuit_and_constant_current_against_the_matrix_exponential(a, b, c, dt_s, current_A):
    after_V = NETWORK.driven((a, b, c), dt_s, current_A)
    assert after_V == pytest.approx(by_matrix_exponential((a, b, c), dt_s, current_A), abs=1e-10)


@given(voltages, voltages, voltages, voltages)
def test_current_and_voltage_are_inverse(a, b, c, voltage_V):
    current_A = NETWORK.current((a, b, c), voltage_V)
    assert NETWORK.voltage((a, b, c), current_A) == pytest.approx(voltage_V, abs=1e-15)


@given(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_a_hold_may_be_cut_anywhere(first_s, second_s):
    start_V = (0.01, -0.02, 0.03)
    middle_V, first_C = NETWORK.held(start_V, first_s, 0.05)
    end_V, second_C = NETWORK.held(middle_V, second_s, 0.05)
    once_V, once_C = NETWORK.held(start_V, first_s + second_s, 0.05)
    assert end_V == pytest.approx(once_V, abs=1e-15)
    assert first_C + second_C == pytest.approx(once_C, rel=1e-12, abs=1e-18)


def test_charge_of_a_hold_is_the_integral_of_the_current():
    start_V, steps, dt_s = (0.0, 0.0, 0.0), 20000, 0.005
    sum_C, now_V = 0.0, start_V
    for _ in range(steps):
        middle_V, _ = NETWORK.held(now_V, dt_s / 2, 0.05)
        sum_C += NETWORK.current(middle_V, 0.05) * dt_s
        now_V, _ = NETWORK.held(now_V, dt_s, 0.05)
    _, charge_C = NETWORK.held(start_V, steps * dt_s, 0.05)
    assert charge_C == pytest.approx(sum_C, rel=4e-3)
    assert math.isclose(sum(now_V), sum(NETWORK.held(start_V, steps * dt_s, 0.05)[0]), rel_tol=1e-9)
