"""dQ/dV, mean voltage and interruptions of curves that are known on paper."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.fitting.voltage_curves import differential_capacity, interruptions, mean_voltage, settled


@given(st.lists(st.floats(-1.0, 3.0), min_size=2, max_size=60), st.sampled_from([0.002, 0.01, 0.3]))
def test_no_charge_is_lost_or_counted_twice(voltages, step_V):
    charge = np.arange(len(voltages)) * 0.25
    found = differential_capacity(-charge, voltages, step_V)
    assert np.sum(found.charge_per_volt_C_V) * step_V == pytest.approx(charge[-1])
    assert np.all(found.charge_per_volt_C_V >= 0)


def test_two_plateaus_are_two_peaks_with_their_charges():
    q = np.linspace(0.0, 4.0, 8001)
    v = 0.3 - 0.2 / (1 + np.exp(-(q - 1.0) / 0.01)) - 1e-3 * q
    found = differential_capacity(q, v, 0.01)
    upper = found.voltage_V > 0.2
    assert np.sum(found.charge_per_volt_C_V[upper]) * 0.01 == pytest.approx(1.0, abs=0.01)
    assert np.sum(found.charge_per_volt_C_V[~upper]) * 0.01 == pytest.approx(3.0, abs=0.01)
    assert found.voltage_V[upper][np.argmax(found.charge_per_volt_C_V[upper])] == pytest.approx(0.3, abs=0.01)


def test_a_nucleation_dip_leaves_the_charge_where_it_flowed():
    v = np.concatenate([np.linspace(0.5, 0.1, 50), np.full(1000, 0.3), np.linspace(0.3, 0.0, 50)])
    found = differential_capacity(np.arange(len(v)) * 1e-3, v, 0.02)
    highest = found.voltage_V[np.argmax(found.charge_per_volt_C_V)]
    assert highest == pytest.approx(0.3, abs=0.02)


def test_a_jump_between_two_readings_is_spread_over_what_it_crosses():
    found = differential_capacity([0.0, 1.0], [1.0, 2.0], 0.1)
    assert found.charge_per_volt_C_V == pytest.approx(np.ones(10))


@pytest.mark.parametrize("function", [differential_capacity])
def test_arrays_of_different_length_are_refused(function):
    with pytest.raises(ValueError, match="differ"):
        function([0.0, 1.0], [1.0])
    with pytest.raises(ValueError, match="differ"):
        interruptions([0.0], [1.0, 2.0], [0.0], [0.0])


def test_too_little_for_a_curve_is_empty():
    assert len(differential_capacity([], []).voltage_V) == 0
    assert np.isnan(mean_voltage([1.0], [2.0]))
    assert np.isnan(mean_voltage([1.0, 1.0], [2.0, 3.0]))
    assert interruptions([], [], [], []) == []


def test_the_mean_voltage_is_the_energy_over_the_charge_in_both_directions():
    q = np.linspace(0, 3.0, 301)
    assert mean_voltage(q, 2.0 + q) == pytest.approx(3.5)
    assert mean_voltage(-q, 2.0 + q) == pytest.approx(3.5)


def cell(pause_s):
    """-1 mA through 100 ohm and a relaxation of 50 mV in 60 s, interrupted from 500 s on."""
    t = np.arange(0.0, 1000.0)
    off = (t >= 500) & (t < 500 + pause_s)
    i = np.where(off, 0.0, -1e-3)
    relaxed = np.where(off, 1 - np.exp(-(t - 500) / 60.0), 0.0)
    v = 0.5 + 100.0 * i - 0.05 * (1 - relaxed)
    return t, v, i, np.cumsum(i)


def test_an_interruption_tells_ohmic_and_slow_parts_apart():
    [found] = interruptions(*cell(300))
    assert found.current_A == -1e-3
    assert found.charge_C == pytest.approx(-0.499)
    assert found.fast_V == pytest.approx(-0.1, abs=1e-6)
    assert found.overpotential_V == pytest.approx(-0.1 - 0.05 * (1 - np.exp(-299 / 60)), abs=1e-6)
    assert found.ohmic_V(100.0) == pytest.approx(found.fast_V, abs=1e-6)
    assert found.rest_s == 299.0


def test_a_moment_without_current_is_no_rest():
    assert interruptions(*cell(5)) == []


def test_a_rest_at_the_end_counts():
    t, v, i, q = (x[:800] for x in cell(500))
    assert [round(found.rest_s) for found in interruptions(t, v, i, q)] == [299]


def test_creeping_back_after_an_interruption_is_no_peak():
    """A sloping curve with three rests, after each of which the voltage starts 50 mV off and creeps back."""
    charge = np.linspace(0.0, 4.0, 4001)
    voltage, breaks = 1.0 - 0.2 * charge, [1000, 2000, 3000]
    relaxing = np.zeros(4001)
    for begin in breaks:
        relaxing[begin:] += 0.05 * np.exp(-np.arange(4001 - begin) / 15.0)
    with_peaks = differential_capacity(charge, voltage + relaxing, 0.01)
    counted = settled(charge, voltage + relaxing, breaks, rising=False)
    found = differential_capacity(charge, voltage + relaxing, 0.01, counted)
    inside = (found.voltage_V > voltage[-1] + 0.02) & (found.voltage_V < 1.0 - 0.01)
    assert with_peaks.charge_per_volt_C_V[inside].max() > 5.0 * 1.15
    assert found.charge_per_volt_C_V[inside].max() < 5.0 * 1.05
    assert 0.9 * 4.0 < found.charge_per_volt_C_V.sum() * 0.01 < 4.0
