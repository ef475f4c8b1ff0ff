import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.simulators.cell.tail import Diffusion, Tail, TailElement

TAIL = Tail([TailElement(6.0, 5.0), TailElement(12.0, 60.0), TailElement(25.0, 600.0)])


def test_a_rest_relaxes_with_the_time_constants():
    start = TAIL.driven((0.0, 0.0, 0.0), 1e6, 1e-3)
    assert start == pytest.approx((6e-3, 12e-3, 25e-3))
    after = TAIL.driven(start, 60.0, 0.0)
    assert after == pytest.approx((6e-3 * math.exp(-12), 12e-3 / math.e, 25e-3 * math.exp(-0.1)))


@given(st.floats(0, 1e4), st.floats(0, 1e4), st.floats(-1e-3, 1e-3))
def test_two_steps_are_one(first_s, second_s, current_A):
    twice = TAIL.driven(TAIL.driven((1e-3, -1e-3, 0.0), first_s, current_A), second_s, current_A)
    assert twice == pytest.approx(TAIL.driven((1e-3, -1e-3, 0.0), first_s + second_s, current_A), abs=1e-15)


def test_rates_are_those_of_the_steps():
    voltages_V = (1e-3, 2e-3, 3e-3)
    small = TAIL.driven(voltages_V, 1e-5, 1e-4)
    numeric = [(after - before) / 1e-5 for after, before in zip(small, voltages_V, strict=True)]
    assert TAIL.rates(voltages_V, 1e-4) == pytest.approx(numeric, rel=1e-4)


def test_impedance_from_direct_current_to_high_frequency():
    assert TAIL.impedance(1e-9) == pytest.approx(43, rel=1e-4)
    assert abs(TAIL.impedance(1e4)) < 1e-3
    assert TAIL.impedance(1 / (2 * math.pi * 5)).imag == pytest.approx(-3.0 - 12 / 12 - 25 / 120, rel=0.02)


@pytest.mark.parametrize("time_constant_s", [3.0, 60.0, 2000.0])
def test_diffusion_is_45_degrees_above_its_frequency_and_a_resistance_below(time_constant_s):
    tail = Tail([], Diffusion(40.0, time_constant_s))
    assert tail.impedance(1e-3 / time_constant_s) == pytest.approx(40.0, abs=0.2)
    fast = tail.impedance(100.0 / time_constant_s)
    assert -fast.imag == pytest.approx(fast.real, rel=1e-3)
    assert abs(fast) == pytest.approx(40.0 / math.sqrt(2 * math.pi * 100.0), rel=1e-3)


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 3.0])
def test_elements_of_a_diffusion_step_as_it_does(share):
    """Carslaw and Jaeger: 1 - (8/pi^2) sum exp(-(2k+1)^2 pi^2 t/4 tau)/(2k+1)^2 of the last voltage."""
    tau_s = 300.0
    tail = Tail([], Diffusion(40.0, tau_s))
    voltages_V = tail.driven([0.0] * len(tail.elements), share * tau_s, 1e-3)
    odd = [(2 * k + 1) ** 2 for k in range(200)]
    left = 8 / math.pi**2 * sum(math.exp(-s * math.pi**2 * share / 4) / s for s in odd)
    assert sum(voltages_V) + 1e-3 * tail.fast_ohm == pytest.approx(40e-3 * (1 - left), rel=0.01)


def test_a_warm_tail_is_faster_and_stores_the_same_charge():
    tail = Tail([TailElement(6.0, 5.0, 4.8e-20)], Diffusion(40.0, 60.0, 4.8e-20))
    cold = tail.elements
    tail.at(320.0)
    for (ohm, tau_s), (cold_ohm, cold_s) in zip(tail.elements, cold, strict=True):
        assert ohm < 0.7 * cold_ohm
        assert tau_s / ohm == pytest.approx(cold_s / cold_ohm)
