"""What a unit does to the impedance of a known cell, against the same worked out by hand."""

from __future__ import annotations

from cmath import exp, phase
from math import degrees, pi, sqrt
from statistics import fmean

import pytest

from solbench.simulators.bench import SimulatedBench
from tests.simulators.conftest import Desk

CELL = {"resistance_ohm": 1000.0, "emf_V": 0.0}
RESISTOR, OHM = 5, 1000.0


def point(
    desk, frequency_Hz: float, *, rs_ohm: float = OHM, resistor: int = RESISTOR, va: float = 1.0
) -> complex:
    """Measure once in potentiostat at 0 V, and make an impedance of it by the resistor's name."""
    desk.hold_voltage(0.0, resistor=resistor)
    desk.tell("PI1", "VX0", "IX0", "SY0", "PB2")
    desk.tell_fra("OT1", "OP2,1", "SO1,2", "CV0", "IS0.1", f"VA{va}", f"FR{frequency_Hz:.6E}")
    desk.pass_time(1.0)
    return desk.ratio() * rs_ohm


def test_a_delay_and_a_pole_turn_the_impedance_forwards(desk):
    late_s = 46e-9
    lags = [0.0, 0.0, 0.0, 0.0, late_s, 0.0, 0.0, 0.0]
    for frequency_Hz in (1e5, 1e6):
        turn = 2j * pi * frequency_Hz * late_s
        loop = 1 + 1j * 5e-4 * frequency_Hz / 3e6
        delayed = point(desk(CELL, interface={"lag_s": lags}), frequency_Hz)
        assert delayed == pytest.approx(1000.0 * exp(turn) * loop, rel=1e-3)
        filtered = point(desk(CELL, interface={"lag_s": lags, "lag_shape": "pole"}), frequency_Hz)
        assert filtered == pytest.approx(1000.0 * (1 + turn) * loop, rel=1e-3)
    assert degrees(phase(delayed)) == pytest.approx(16.6, abs=0.1)
    assert abs(filtered) / abs(delayed) == pytest.approx(sqrt(1 + 0.289**2), rel=1e-3)


def test_the_lag_is_that_of_the_resistor_in_use(desk):
    lags = [0.0, 0.0, 0.0, 46e-9, 0.0, 0.0, 0.0, 0.0]
    on_5 = point(desk(CELL, interface={"lag_s": lags}), 1e5)
    on_4 = point(desk(CELL, interface={"lag_s": lags}), 1e5, rs_ohm=100.0, resistor=4)
    assert abs(degrees(phase(on_5))) < 0.01
    assert degrees(phase(on_4)) == pytest.approx(1.656, abs=0.01)


def test_leads_of_a_short_bar_are_their_inductance(desk):
    # 5 mohm bar: j w L of 2 uH is 1.2566 ohm at 100 kHz
    short = {"resistance_ohm": 5e-3, "emf_V": 0.0}
    seen = point(desk(short, leads={"inductance_H": 2e-6}), 1e5, rs_ohm=1.0, resistor=2, va=0.5)
    assert seen == pytest.approx(5e-3 + 1.25664j, rel=2e-3)


def test_capacitance_across_the_leads_shunts_a_large_cell(desk):
    # 9 kohm beside 30 pF at 100 kHz: w R C = 0.16965, so 9000/(1 + 0.16965j)
    seen = point(
        desk({"resistance_ohm": 9e3, "emf_V": 0.0}, leads={"capacitance_F": 30e-12}), 1e5, rs_ohm=1e3
    )
    assert seen == pytest.approx(9000 / (1 + 0.16965j), rel=1e-3)


def test_the_leads_of_a_real_bench_at_1_MHz(desk):
    # 9 kohm with 30 pF and a lag of 46 ns: 4.8 kohm at -43 degrees
    cell = {"resistance_ohm": 9e3, "emf_V": 0.0}
    there = desk(cell, leads={"capacitance_F": 30e-12}, interface={"lag_s": [46e-9] * 8})
    seen = point(there, 1e6)
    assert abs(seen) == pytest.approx(4.57e3, rel=0.01)
    assert degrees(phase(seen)) == pytest.approx(-43, abs=0.5)


def test_open_leads_carry_their_leakage_in_readings_and_in_spectra(desk):
    open_leads = {"resistance_ohm": 1e15, "emf_V": 0.0}
    there = desk(open_leads, leads={"leakage_S": 1e-9, "capacitance_F": 30e-12})
    there.ready_to_read()
    there.hold_voltage(10.0, resistor=8)
    assert abs(there.reading()[1]) == pytest.approx(10e-9, rel=1e-3)
    # at 1 kHz 30 pF carry 188.5 nS beside it; RR8 of the ideal bench ends at 50 kHz
    seen = point(there, 1e3, rs_ohm=1e6, resistor=8)
    assert 1 / seen == pytest.approx((1e-9 + 188.496e-9j) / (1 + 0.02j), rel=3e-3)


def test_the_1260_alone_has_leads_of_its_own(desk):
    there = desk(
        {"resistance_ohm": 1e5, "emf_V": 0.0},
        wiring="analyzer_alone",
        leads={"capacitance_F": 90e-12, "inductance_H": 9e-6},
        analyzer_leads={"capacitance_F": 30e-12, "inductance_H": 2e-6},
    )
    there.tell_fra("OT1", "OP2,1", "SO1,3", "CZ0", "IS0.1", "VA0.5", "FR1E5")
    assert there.ratio() == pytest.approx(1.25664j + 1e5 / (1 + 1.884956j), rel=1e-3)


def test_a_turned_output_turns_the_sign_and_gains_scale(desk):
    errors = {
        "resistor_error": [0.0, 0.0, 0.0, 0.0, 0.01, 0.0, 0.0, 0.0],
        "v_out_gain_error": [0.02, 0.0],
        "i_out_gain_error": [0.03, 0.0],
    }
    there = desk(CELL, calibration=errors, interface={"v_out_polarity": -1.0})
    assert point(there, 1e2) == pytest.approx(-1000 * 1.02 / (1.01 * 1.03), rel=1e-4)


def test_the_gain_of_pol_scales_what_reaches_the_cell(desk):
    there = desk(CELL, calibration={"pol_gain_error": [0.0, 0.05]})
    point(there, 1e2)
    assert there.truth.ac_amplitude_V == pytest.approx(0.01 * 1.05, rel=1e-6)


def test_a_larger_resistor_reads_too_much_and_drives_too_little(desk):
    there = desk(CELL, calibration={"resistor_error": [0.0, 0.0, 0.0, 0.0, 0.01, 0.0, 0.0, 0.0]})
    there.ready_to_read()
    there.hold_current(1e-4)
    assert abs(there.truth.cell_current_A) == pytest.approx(1e-4 / 1.01)
    assert there.reading()[1] == pytest.approx(1e-4, rel=1e-4)
    there.hold_voltage(0.1, resistor=5)
    assert abs(there.truth.cell_current_A) == pytest.approx(1e-4)
    assert abs(there.reading()[1]) == pytest.approx(1.01e-4, rel=1e-4)


def test_zeros_and_bends_are_those_of_the_range(desk):
    errors = {
        "voltmeter_zero_V": [0.0, 1e-3, 5e-3, 0.0],
        "ammeter_offset": [0.0, 0.0, 0.0, 2e-3, 1e-3, 0.0, 0.0, 0.0],
        "ammeter_linearity": [0.0, 0.0, 0.0, 0.0, 4e-3, 0.0, 0.0, 0.0],
    }
    there = desk(CELL, calibration=errors)
    there.ready_to_read()
    there.tell("RR5")
    assert there.reading()[1] == pytest.approx(1e-3 * 200e-6, abs=1e-8)
    there.tell("RR4")
    assert there.reading()[1] == pytest.approx(2e-3 * 2e-3, abs=1e-7)
    there.tell("RG2")
    assert there.reading()[0] == pytest.approx(1e-3, abs=2e-5)
    there.tell("RG3")
    assert there.reading()[0] == pytest.approx(5e-3, abs=2e-4)
    there.hold_current(1e-4)  # half of full scale
    assert there.reading()[1] == pytest.approx(1e-4 + 1e-3 * 200e-6 + 4e-3 * 200e-6, abs=1e-8)
    there.hold_current(-2e-4)
    assert there.reading()[1] == pytest.approx(-2e-4 + 1e-3 * 200e-6, abs=1e-8)


def test_resistors_in_another_order_are_met_as_they_are(desk):
    swapped = [1e6, 1e5, 1e4, 1e3, 100.0, 10.0, 1.0, 0.1]
    there = desk(CELL, interface={"resistors_ohm": swapped})
    assert point(there, 1e2, rs_ohm=1e3, resistor=4) == pytest.approx(1000.0, rel=1e-4)
    there.ready_to_read()
    there.tell("PW0", "PO1", "PC1E-4", "RR0", "PW1")
    assert abs(there.truth.cell_current_A) == pytest.approx(1e-4, rel=1e-6)
    assert abs(there.reading()[1]) == pytest.approx(1e-4, rel=1e-3)


RANGES = {"10 ohm": (4, 100.0), "1 kohm": (5, 1e3), "R-(R||C)": (5, 1e3), "10 kohm": (6, 1e4)}


@pytest.mark.parametrize("unit", ["typical", 1, 2, 3])
@pytest.mark.parametrize("name", RANGES)
def test_what_a_unit_shows_of_a_part_follows_from_its_truth(unit, name):
    """Gains, lag, then leads, taken off in this order, leave the part: as a correction on metal would do it."""
    resistor, named_ohm = RANGES[name]
    bench = SimulatedBench(
        {"kind": "dummy", "simulation": {"dummy": name}}, settings={"unit": unit, "noise_scale": 0.0}
    )
    there, settings, errors = Desk(bench), bench.truth.unit.settings, bench.truth.unit.errors
    there.tell("OT1")
    for frequency_Hz in (1e2, 1e4, 1e5, 1e6):
        interface, leads, omega = settings.interface, settings.leads, 2j * pi * frequency_Hz
        seen = point(there, frequency_Hz, rs_ohm=named_ohm, resistor=resistor)
        seen *= interface.v_out_polarity * interface.i_out_polarity
        seen *= (1 + errors.resistor_error[resistor - 1]) * (1 + errors.i_out_gain_error[0])
        seen /= 1 + errors.v_out_gain_error[0]
        lag_s = interface.lag_s[resistor - 1]
        seen /= exp(omega * lag_s) if interface.lag_shape == "delay" else 1 + omega * lag_s
        seen /= 1 + 1j * frequency_Hz / interface.resistor_pole_Hz[resistor - 1]
        between = seen - omega * leads.inductance_H
        between /= 1 - between * (leads.leakage_S + omega * leads.capacitance_F)
        tolerance = 4e-4 if frequency_Hz < 1e6 else 2e-3  # five digits, and the loop's own error at 1 MHz
        assert between == pytest.approx(bench.cell.impedance(frequency_Hz), rel=tolerance)


def scatter(desk, drop_V: float) -> float:
    """Get the relative scatter of |Z| of 40 points with this drop (rms) on the standard resistor."""
    there = desk(
        {"resistance_ohm": 1000.0, "emf_V": 0.0},
        noise_scale=1.0,
        interface={"output_noise_V": 0.85e-6},
        analyzer={"noise_of_reading": 1.5e-4},
    )
    point(there, 1.0)
    there.tell_fra("IS1", f"VA{drop_V}")
    there.tell("PI0")
    there.ratio()
    ohm = [abs(there.ratio()) for _ in range(40)]
    mean = fmean(ohm)
    return sqrt(fmean([(one / mean - 1) ** 2 for one in ohm]))


def test_the_noise_of_a_point_is_that_of_its_drop(desk):
    # repeats of real dummy cells at 1 Hz: 0.01 to 0.02 % at 34 mV, 0.08 to 0.17 % at 0.7 mV
    assert 0.9e-4 < scatter(desk, 34e-3) < 2.2e-4
    assert 0.7e-3 < scatter(desk, 0.7e-3) < 1.8e-3
