"""The pair: what a right setting measures, and how a wrong one falsifies Z as on the bench."""

from __future__ import annotations

import cmath
import math

import pytest


def pair(desk, cell, *, resistor=4, pol_gain=1, amplitude_V=0.01, held_V=0.0, extra=(), **settings):
    bench = desk(cell, positive_terminal="ce_re1", **settings)
    bench.tell("PI0" if pol_gain == 1 else "PI1", "OL0", *extra)
    bench.hold_voltage(held_V, resistor)
    bench.tell_fra("OP2,1", "SO1,2", "CV0", "IS0.1", f"VA{amplitude_V / pol_gain:.4E}")
    return bench


def impedance(bench, frequency_Hz, resistor_ohm=100.0):
    bench.tell_fra(f"FR{frequency_Hz:.7E}")
    return bench.ratio() * resistor_ohm


RC = {"emf_V": 0.0, "resistance_ohm": 1e3, "capacitance_F": 1e-8}


def true_rc(frequency_Hz):
    return 1.0 / (1e-3 + 2j * math.pi * frequency_Hz * 1e-8)


@pytest.mark.parametrize("frequency_Hz", [1.0, 1e3, 15.9e3, 1e5, 1e6])
@pytest.mark.parametrize(("resistor", "resistor_ohm"), [(4, 100.0), (5, 1000.0)])
def test_good_settings_measure_z_within_half_a_thousandth(desk, frequency_Hz, resistor, resistor_ohm):
    bench = pair(desk, RC, resistor=resistor, amplitude_V=0.001)
    measured = impedance(bench, frequency_Hz, resistor_ohm)
    assert abs(measured / true_rc(frequency_Hz) - 1.0) < 5e-4


def test_pol_gain_acts_on_amplitude_and_bias(desk):
    bench = pair(desk, {"emf_V": 0.0}, pol_gain=0.01, amplitude_V=0.03)
    bench.tell_fra("VB2.0", "SI")
    assert bench.truth.ac_amplitude_V == pytest.approx(0.03, rel=1e-3)
    assert bench.truth.cell_voltage_V == pytest.approx(0.02)


def test_switching_the_pol_gain_with_the_generator_on_puts_all_of_it_on_the_cell(desk):
    bench = pair(desk, {"emf_V": 0.0, "resistance_ohm": 1e4}, pol_gain=0.01, amplitude_V=0.03)
    bench.tell_fra("SI")
    bench.tell("OL2", "PI0")
    assert bench.truth.ac_amplitude_V == pytest.approx(3.0, rel=1e-3)


def test_galvanostat_turns_the_drive_into_a_drop_on_the_standard_resistor(desk):
    bench = desk({"emf_V": 0.0, "resistance_ohm": 250.0})
    bench.tell("PI1", "PO1", "RR4", "PC0", "PW1")
    bench.tell_fra("OP2,1", "CV0", "IS1", "FR100", "VA1.0")
    assert bench.ratio() * 100.0 == pytest.approx(250.0, rel=1e-3)
    assert bench.truth.ac_amplitude_V == pytest.approx(1.0 * 0.01 / 100.0 * 250.0, rel=1e-3)


def galvanostat(desk, cell, *extra, generator_V=1.0, **settings):
    bench = desk({"emf_V": 0.0, **cell}, positive_terminal="ce_re1", **settings)
    bench.tell("PI1", "PO1", "RR4", *extra, "PC0", "PW1")
    bench.tell_fra("OP2,1", "SO1,2", "CV0", "IS0.1", f"VA{generator_V:.4E}")
    return bench


@pytest.mark.parametrize("frequency_Hz", [1.0, 1e3, 15.9e3, 1e5])
def test_a_galvanostat_measures_the_same_z(desk, frequency_Hz):
    bench = galvanostat(desk, RC, "GB0")
    assert abs(impedance(bench, frequency_Hz) / true_rc(frequency_Hz) - 1.0) < 1e-3


@pytest.mark.parametrize(("code", "loop_Hz"), [(0, 150e3), (1, 100e3), (2, 7.5e3)])
def test_the_loop_of_the_galvanostat_takes_amplitude_and_not_z(desk, code, loop_Hz):
    bench = galvanostat(desk, {"resistance_ohm": 250.0}, f"GB{code}")
    assert abs(impedance(bench, 50e3) / 250.0 - 1.0) < 5e-3
    left = 1.0 / math.hypot(1.0, 50e3 / loop_Hz)
    assert bench.truth.ac_amplitude_V == pytest.approx(0.01 / 100.0 * 250.0 * left, rel=1e-3)


@pytest.mark.parametrize("per_volt", [0.2, 1.0])
def test_how_much_the_pol_input_gives_in_galvanostat_is_a_setting(desk, per_volt):
    bench = galvanostat(desk, {"resistance_ohm": 250.0}, interface={"galvanostat_drop": per_volt})
    bench.tell_fra("FR100", "VB1.0", "SI")
    assert bench.truth.ac_amplitude_V == pytest.approx(per_volt * 0.01 / 100.0 * 250.0, rel=1e-3)
    assert bench.truth.cell_current_A == pytest.approx(per_volt * 0.01 / 100.0, rel=1e-3)


def test_the_compliance_cuts_an_alternating_current_off(desk):
    bench = galvanostat(desk, {"resistance_ohm": 1e6})
    bench.tell_fra("FR100", "SI")
    square_V = 30.0 * 4.0 / math.pi / math.sqrt(2.0)  # the fundamental of what swings between both ends
    assert 0.9 * square_V < bench.truth.ac_amplitude_V < square_V


@pytest.mark.parametrize(("gain_v", "gain_i"), [(0, 0), (1, 0), (0, 1), (1, 1)])
def test_output_gains_scale_what_the_analyzer_sees(desk, gain_v, gain_i):
    bench = pair(desk, {"emf_V": 0.0, "resistance_ohm": 200.0}, extra=(f"VX{gain_v}", f"IX{gain_i}"))
    bench.tell_fra("FR1E3")
    assert bench.ratio().real == pytest.approx(2.0 * 10.0**gain_v / 10.0**gain_i, rel=1e-3)


def test_polarity_of_an_output_is_a_setting(desk):
    bench = pair(desk, {"emf_V": 0.0}, interface={"i_out_polarity": -1.0})
    assert impedance(bench, 1e3).real == pytest.approx(-100.0, rel=1e-3)


def test_a_standard_resistor_too_large_is_slow_above_100_kHz(desk):
    cell = {"emf_V": 0.0, "resistance_ohm": 1e5}
    for resistor, resistor_ohm, low, high in [(5, 1e3, 0.0, 5e-4), (7, 1e5, 0.09, 0.2)]:
        bench = pair(desk, cell, resistor=resistor, amplitude_V=0.05)
        error = abs(impedance(bench, 1e5, resistor_ohm) / 1e5 - 1.0)
        assert low <= error < high


def test_a_slow_loop_falsifies_z_at_high_frequency(desk):
    bench = pair(desk, {"emf_V": 0.0, "resistance_ohm": 100.0}, extra=("PB9",))
    assert abs(impedance(bench, 1e6) / 100.0 - 1.0) > 1.0


def test_the_10_hz_filter_falsifies_z_above_5_hz(desk):
    with_filter = pair(desk, {"emf_V": 0.0}, extra=("FI1",))
    assert abs(impedance(with_filter, 1.0) / 100.0 - 1.0) < 2.1e-3
    assert 0.01 < abs(impedance(with_filter, 100.0) / 100.0 - 1.0) < 0.03


def test_a_dc_of_a_cell_overloads_the_small_range_unless_it_is_rejected(desk):
    bench = pair(desk, {"emf_V": 3.4}, held_V=3.4)
    bench.tell_fra("FR1E3", "RA1,1")
    assert bench.fra.query("SI").split(",")[3] == "1"
    bench.tell("VT1", "VR3.4", "IT1", "BR1")
    assert impedance(bench, 1e3) == pytest.approx(100.0, rel=1e-3)


def test_an_ac_coupled_input_does_not_see_the_dc(desk):
    bench = pair(desk, {"emf_V": 3.4}, held_V=3.4)
    bench.tell_fra("FR1E3", "RA1,1", "DC1,1", "DC2,1")
    assert bench.ratio() * 100.0 == pytest.approx(100.0, rel=1e-3)


def test_auto_range_goes_by_ac_and_dc_and_noise_follows_the_range(desk):
    def spread(*settings: str) -> float:
        bench = pair(desk, {"emf_V": 2.0}, held_V=2.0, extra=settings, noise_scale=1.0)
        points = [impedance(bench, 1e3) for _ in range(60)]
        mean = sum(points) / len(points)
        return math.sqrt(sum(abs(p - mean) ** 2 for p in points) / len(points)) / 100.0

    # 10 mV in the 3 V range drowns in its noise; with the DC rejected it fits into 30 mV.
    assert spread() > 5e-3
    assert spread("VT1", "VR2.0", "IT1", "BR1") < 2.5e-3


def test_automatic_bias_takes_the_next_reading_and_is_upset_by_a_later_one(desk):
    bench = pair(desk, {"emf_V": 2.0, "resistance_ohm": 1e4}, held_V=2.0, resistor=5)
    bench.tell("RG3", "GP2", "BR1", "RU1")
    bench.pstat.read()
    bench.tell_fra("FR1E3", "RA1,1")
    assert bench.ratio() == pytest.approx(10.0, rel=1e-3)
    bench.tell("PV2.1", "RU1")
    bench.pstat.read()
    bench.tell("PV2.0")
    assert bench.fra.query("SI").split(",")[3] == "1"


def test_an_overloaded_current_output_falsifies_z(desk):
    bench = pair(desk, {"emf_V": 0.0, "resistance_ohm": 100.0}, amplitude_V=0.5, extra=("OL1",))
    assert impedance(bench, 1e3).real > 150.0


def test_a_cell_that_is_off_gives_no_impedance(desk):
    bench = pair(desk, {"emf_V": 0.0}, noise_scale=1.0)
    bench.tell("PW0")
    assert abs(impedance(bench, 1e3) / 100.0 - 1.0) > 0.05


def test_a_drifting_dc_adds_a_t_over_pi(desk):
    bench = desk({"emf_V": 0.0, "ramp_V_s": 1e-3, "resistance_ohm": 1e3}, positive_terminal="ce_re1")
    bench.tell("PI1", "PO1", "RR5", "PC0", "PW1")
    bench.tell_fra("OP2,1", "CV0", "FR0.1", "IS10", "VA1.0", "SO1,0", "RA1,3", "RA2,3")
    bench.fra.timeout = 100_000
    measured_V = bench.ratio()
    # 10 uA rms through 1 kohm is 10 mV rms; the ramp adds a sine of peak a T / pi.
    assert measured_V.real - 0.01 == pytest.approx(-1e-3 * 10.0 / math.pi / math.sqrt(2), rel=1e-2)


@pytest.mark.parametrize("frequency_Hz", [0.3, 1.0, 3.7])
def test_a_dc_reading_with_the_ac_on_is_wrong_by_the_mean_over_its_window(desk, frequency_Hz):
    bench = pair(desk, {"emf_V": 0.0, "resistance_ohm": 1e3}, resistor=5, amplitude_V=0.1, latency_s=0.0)
    bench.tell("RG2", "GP2", "DC1")
    bench.tell_fra(f"FR{frequency_Hz}", "SI")
    errors_V = []
    for _ in range(8):
        bench.pass_time(0.21 / frequency_Hz)
        errors_V.append(bench.reading()[0])
    attenuation = math.sin(math.pi * frequency_Hz * 0.2) / (math.pi * frequency_Hz * 0.2)
    largest_V = 0.1 * math.sqrt(2.0) * abs(attenuation)
    assert 0.7 * largest_V < max(map(abs, errors_V)) <= largest_V * 1.001
    bench.tell_fra("VA0")
    assert bench.reading()[0] == pytest.approx(0.0, abs=1e-5)


def test_a_dc_reading_at_whole_periods_of_the_ac_is_right(desk):
    bench = pair(desk, {"emf_V": 0.0, "resistance_ohm": 1e3}, resistor=5, amplitude_V=0.1)
    bench.tell("RG2", "GP2")
    bench.tell_fra("FR10", "SI")  # 0.2 s hold two periods
    assert bench.reading()[0] == pytest.approx(0.0, abs=1e-5)


def test_the_pair_keeps_the_phase_of_an_rc(desk):
    bench = pair(desk, RC, resistor=5, amplitude_V=0.01)
    assert cmath.phase(impedance(bench, 15.915e3, 1e3)) == pytest.approx(-math.pi / 4, abs=1e-3)
