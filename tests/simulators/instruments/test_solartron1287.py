"""The 1287's readings and switches, as the bus sees them."""

from __future__ import annotations

import pytest
from pyvisa.errors import VisaIOError


def test_a_short_line_has_the_form_of_a_recorded_one(desk):
    bench = desk({"emf_V": 0.0, "resistance_ohm": 1e5})
    bench.ready_to_read()
    recorded = "+2.07035E-03,+1.51106E-08,00,00"
    line = bench.pstat.query("RU1")
    assert [len(f) for f in line.strip().split(",")] == [len(f) for f in recorded.split(",")]
    assert line == "+0.00000E+00,+0.00000E+00,00,00\r\n"


def test_a_recorded_reading_comes_out_of_a_cell_that_gives_it(desk):
    # 2.07 mV at 15.11 nA on the 200 nA range, whose last digit is 1 pA; 200 mV range, last digit 1 uV.
    bench = desk({"emf_V": 2.07035e-3, "resistance_ohm": 1e-3}, positive_terminal="ce_re1")
    bench.ready_to_read()
    bench.tell("RG1")
    bench.hold_current(1.5111e-8, resistor=8)
    assert bench.pstat.query("RU1") == "+2.07000E-03,+1.51110E-08,00,00\r\n"


def test_a_long_line_ends_with_the_instruments_clock(desk):
    bench = desk(latency_s=0.0)
    bench.ready_to_read()
    bench.tell("GP1", "TM14,30")
    bench.pass_time(75.25)
    fields = bench.pstat.query("RU1").strip().split(",")
    assert fields[2:6] == ["00", "00", "14", "31"]
    assert float(fields[6]) + float(fields[7]) / 100.0 == pytest.approx(15.25 + 0.405, abs=0.011)


def test_without_gp_nothing_is_sent(desk):
    bench = desk()
    bench.ready_to_read()
    bench.tell("GP0", "RU1")
    bench.pstat.timeout = 3000
    with pytest.raises(VisaIOError, match="VI_ERROR_TMO"):
        bench.pstat.read()


def test_each_run_command_takes_one_reading(desk):
    bench = desk()
    bench.ready_to_read()
    bench.reading()
    bench.pstat.timeout = 3000
    with pytest.raises(VisaIOError, match="VI_ERROR_TMO"):
        bench.pstat.read()


def test_continuous_readings_keep_only_the_newest(desk):
    bench = desk({"emf_V": 0.0, "ramp_V_s": 0.01}, positive_terminal="ce_re1", latency_s=0.0)
    bench.ready_to_read()
    bench.tell("TR1", "RU1")
    bench.pass_time(100.0)
    newest_V = float(bench.pstat.read().split(",")[0])
    assert newest_V == pytest.approx(1.0, abs=0.01)
    bench.tell("RU0")
    bench.pstat.clear()
    bench.pstat.timeout = 3000
    with pytest.raises(VisaIOError, match="VI_ERROR_TMO"):
        bench.pstat.read()


def test_halt_ends_a_reading_that_is_under_way(desk):
    bench = desk()
    bench.ready_to_read()
    bench.tell("RU1", "RU0")
    bench.pstat.timeout = 3000
    with pytest.raises(VisaIOError, match="VI_ERROR_TMO"):
        bench.pstat.read()


def test_a_ramp_is_read_as_its_value_at_mid_window(desk):
    bench = desk({"emf_V": 0.0, "ramp_V_s": 0.1}, positive_terminal="ce_re1", latency_s=0.0)
    bench.ready_to_read()
    bench.tell("DC1")
    bench.pass_time(10.0)
    assert bench.reading()[0] == pytest.approx(1.0 + 0.1 * (0.1 + 0.005), abs=1e-4)


@pytest.mark.parametrize(("digits", "window_s"), [(0, 0.2), (1, 0.02), (2, 1 / 60), (3, 0.002)])
def test_conversion_time_goes_by_digits(desk, digits, window_s):
    bench = desk(latency_s=0.0)
    bench.ready_to_read()
    bench.tell(f"DG{digits}", "DC1")
    begin_s = bench.clock.now()
    bench.reading()
    assert bench.clock.now() - begin_s == pytest.approx(window_s + 0.005 + 0.033)


@pytest.mark.parametrize(("digits", "step_V"), [(0, 1e-4), (1, 1e-3), (3, 1e-2)])
def test_resolution_goes_by_digits_and_range(desk, digits, step_V):
    bench = desk({"emf_V": 1.23456789}, positive_terminal="ce_re1")
    bench.ready_to_read()
    bench.tell(f"DG{digits}")
    read_V = bench.reading()[0]
    assert read_V == pytest.approx(1.23456789, abs=0.5001 * step_V)
    assert read_V / step_V == pytest.approx(round(read_V / step_V), abs=1e-6)


@pytest.mark.parametrize(
    ("emf_V", "range_code", "code"),
    [(1.999, 2, 0), (2.001, 2, 31), (-2.001, 2, 31), (2.001, 3, 0), (0.3, 1, 31), (0.3, 0, 0), (12.0, 0, 0)],
)
def test_error_31_above_full_scale(desk, emf_V, range_code, code):
    bench = desk({"emf_V": emf_V}, positive_terminal="ce_re1")
    bench.ready_to_read()
    bench.tell(f"RG{range_code}")
    assert bench.reading()[2] == code


def test_full_standby_reads_nothing_of_the_cell_and_half_standby_does(desk):
    bench = desk({"emf_V": 1.5}, positive_terminal="ce_re1")
    bench.ready_to_read()
    assert bench.reading()[0] == pytest.approx(1.5)
    bench.tell("BY0")
    assert bench.reading() == [0.0, 0.0, 0.0, 0.0]
    bench.tell("PV1.5", "RR4", "PW1")
    assert bench.reading()[0] == pytest.approx(1.5)


def test_polarization_on_applies_the_level_at_once(desk):
    bench = desk({"emf_V": 1.0, "resistance_ohm": 100.0}, positive_terminal="ce_re1")
    bench.tell("PO1", "RR4", "PC1E-3", "PW1")
    assert bench.truth.polarized
    assert bench.truth.cell_current_A == pytest.approx(1e-3)
    bench.tell("PW0")
    assert bench.truth.cell_current_A == 0.0


def test_rest_mode_holds_the_rest_potential_until_on0_steps_to_the_level(desk):
    bench = desk({"emf_V": 1.0, "resistance_ohm": 1e3}, positive_terminal="ce_re1")
    bench.tell("PO0", "RR4", "PV1.5", "ON1", "PW1")
    assert bench.truth.cell_current_A == pytest.approx(0.0, abs=1e-12)
    bench.tell("ON0")
    assert bench.truth.cell_current_A == pytest.approx(0.5e-3)


def test_parameters_other_than_the_usual(desk):
    bench = desk({"emf_V": 1.0, "resistance_ohm": 100.0}, positive_terminal="ce_re1")
    bench.ready_to_read()
    bench.hold_current(1e-3, resistor=4)
    wanted = {0: 1.1 + 0.1, 1: 1.2, 2: 0.1, 3: 1.1, 5: 1e-3, 9: 0.0, 10: 0.0, 11: 0.0}
    for code, value in wanted.items():
        bench.tell(f"PX{code}")
        assert bench.reading()[0] == pytest.approx(value, abs=2e-4), code


@pytest.mark.parametrize("code", [12, 13])
def test_time_and_blank_are_for_the_display_only(desk, code):
    bench = desk()
    bench.tell(f"UL{code}", f"UR{code}")
    assert bench.error() == 0
    assert bench.pstat.query("?UL") == f"{code}\r\n"
    bench.tell(f"PX{code}")
    assert bench.error() == 3


def test_settings_of_sampled_compensation_are_kept(desk):
    bench = desk()
    bench.tell("CT1", "IN100", "IF20", "RO1")
    assert bench.error() == 0
    assert [bench.pstat.query(f"?{code}").strip() for code in ("CT", "IN", "IF", "RO")] == [
        "1",
        "+1.0000E+02",
        "20",
        "1",
    ]
    for message in ("IN26.5", "IN1361", "IF0", "IF256"):
        bench.tell("CE", message)
        assert bench.error() == 3


def test_slopes_come_from_the_last_two_readings(desk):
    bench = desk({"emf_V": 1.0, "resistance_ohm": 100.0}, positive_terminal="ce_re1")
    bench.ready_to_read()
    bench.tell("PX7", "PY8")
    bench.hold_current(1e-3, resistor=4)
    bench.reading()
    bench.tell("PC2E-3")
    assert bench.reading()[:2] == pytest.approx([100.0, 0.01], rel=2e-3)


def test_null_subtracts_the_evaluated_reading(desk):
    bench = desk({"emf_V": 1.0, "resistance_ohm": 100.0}, positive_terminal="ce_re1")
    bench.ready_to_read()
    bench.tell("NU2")
    bench.reading()
    bench.tell("NU1")
    bench.hold_current(1e-3, resistor=4)
    assert bench.reading()[0] == pytest.approx(0.1, abs=1e-4)


def test_averaging_is_the_mean_since_it_was_switched_on(desk):
    bench = desk({"emf_V": 1.0, "resistance_ohm": 100.0}, positive_terminal="ce_re1")
    bench.ready_to_read()
    bench.tell("AV1")
    bench.reading()
    bench.hold_current(1e-3, resistor=4)
    assert bench.reading()[0] == pytest.approx(1.05, abs=1e-4)


def test_reset_opens_the_cell_restores_defaults_and_is_deaf_meanwhile(desk):
    bench = desk()
    bench.hold_current(1e-4)
    bench.tell("BK3", "PW1")
    assert not bench.truth.polarized
    bench.pass_time(0.3)
    assert bench.pstat.query("?RR") == "0\r\n"
    assert bench.pstat.query("?PC") == "+0.0000E+00\r\n"


def test_self_test_opens_the_cell_and_keeps_settings(desk):
    bench = desk()
    bench.hold_current(1e-4)
    bench.tell("BK1")
    bench.pass_time(3.1)
    assert not bench.truth.polarized
    assert bench.pstat.query("?RR") == "5\r\n"


def test_break_ends_readings_only(desk):
    bench = desk()
    bench.ready_to_read()
    bench.hold_current(1e-4)
    bench.tell("TR1", "RU1", "BK0")
    assert bench.truth.polarized
    bench.pstat.timeout = 3000
    with pytest.raises(VisaIOError, match="VI_ERROR_TMO"):
        bench.pstat.read()


def test_nothing_asks_for_the_polarization_state(desk):
    bench = desk()
    bench.tell("?PW")
    assert bench.error() == 5


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("PV14.5", 0),
        ("PV14.6", 3),
        ("PC-2", 0),
        ("PC2.1", 3),
        ("RR9", 3),
        ("SW1", 3),
        ("TM24,0", 3),
        ("QQ", 1),
    ],
)
def test_errors_are_two_digits_and_stand_until_cleared(desk, message, error):
    bench = desk()
    bench.tell(message)
    assert bench.pstat.query("?ER") == f"{error:02d}\r\n"
    assert bench.error() == error
    bench.tell("CE")
    assert bench.error() == 0


def test_every_valued_code_can_be_asked_for(desk):
    from solbench.simulators.instruments.solartron1287 import TABLE

    bench = desk()
    for code, spec in TABLE.items():
        if spec.form and not spec.action:
            assert bench.pstat.query(f"?{code}").endswith("\r\n")
    assert bench.error() == 0


READY, MEASURED, SWEPT, ERROR = 128, 2, 4, 1  # 1287 manual p. 81


def test_serial_poll_shows_a_waiting_reading_and_the_end_of_a_measurement(desk):
    bench = desk()
    bench.ready_to_read()
    bench.tell("RU1")
    assert bench.pstat.read_stb() == 0
    bench.pass_time(1.0)
    assert bench.pstat.read_stb() == READY + MEASURED
    bench.pstat.read()
    assert bench.pstat.read_stb() == MEASURED
    bench.tell("RU1")
    assert bench.pstat.read_stb() == 0


def test_serial_poll_shows_an_error_and_the_end_of_a_sweep(desk):
    bench = desk({"emf_V": 0.0, "resistance_ohm": 1000.0})
    bench.hold_voltage(0.0)
    bench.tell("SA0", "SB0.01", "VS0.01", "TE0.1", "SW2")
    assert bench.pstat.read_stb() == 0
    bench.pass_time(10.0)
    assert bench.pstat.read_stb() == SWEPT
    bench.tell("XX")
    assert bench.pstat.read_stb() == SWEPT + ERROR
    bench.tell("CE")
    assert bench.pstat.read_stb() == SWEPT


@pytest.mark.parametrize(("shown", "byte"), [(True, READY), (False, 0)])
def test_whether_an_answer_is_data_is_a_setting(desk, shown, byte):
    bench = desk(interface={"answers_in_status": shown})
    bench.tell("?ER")
    assert bench.pstat.read_stb() == byte
    assert bench.pstat.read().strip() == "00"


def test_an_error_may_upset_the_other_bits(desk):
    bench = desk(interface={"error_upsets_status": True})
    bench.tell("XX", "?ER")
    assert bench.pstat.read_stb() == ERROR


def test_lines_end_without_eoi_after_power_on_until_ot1(desk):
    bench = desk(interface={"output_terminator_after_reset": 0})
    bench.pstat.timeout = 500
    with pytest.raises(VisaIOError, match="VI_ERROR_TMO"):
        bench.pstat.query("?ER")
    bench.tell("OT1")
    assert bench.pstat.query("?ER") == "00\r\n"


def test_with_os_the_fields_of_a_reading_are_lines_of_their_own(desk):
    bench = desk({"emf_V": 0.5, "resistance_ohm": 1e5})
    bench.ready_to_read()
    whole = bench.pstat.query("RU1").strip().split(",")
    bench.tell("OS1", "RH1", "RU1")
    assert bench.pstat.read_bytes(36).decode("ascii").split() == whole
    bench.tell("OS0")
    assert bench.pstat.query("RU1").strip().split(",") == whole
    assert bench.error() == 0


def test_service_is_requested_on_the_bits_that_sv_names_and_on_no_others(desk):
    bench = desk()
    bench.ready_to_read()
    bench.tell("RU1")
    with pytest.raises(VisaIOError):
        bench.pstat.wait_for_srq(500)
    assert bench.pstat.read_stb() & 64 == 0
    bench.pstat.read()
    bench.tell("SV128", "RU1")
    bench.pstat.wait_for_srq(5000)  # 128: a reading waits
    assert bench.pstat.read_stb() & 0b11000000 == 0b11000000
    bench.pstat.read()
    assert bench.pstat.read_stb() & 64 == 0
    bench.tell("SV256")
    assert bench.error() == 3  # out of range
    assert bench.pstat.query("?SV").strip() == "128"


def test_a_parallel_poll_and_its_sense_are_taken(desk):
    bench = desk()
    bench.tell("OT1", "PP3", "SE1")
    assert bench.error() == 0
    bench.tell("PP9")
    assert bench.error() == 3
    bench.tell_fra("OT1", "SV255")
    assert bench.fra_error() == 0


@pytest.mark.parametrize("code", ["SA", "SD", "TD"])
def test_a_level_of_a_ramp_is_read_back(desk, code):
    bench = desk()
    bench.tell("OT1", f"{code}0.25")
    assert float(bench.pstat.query(f"?{code}")) == 0.25
    assert bench.error() == 0


def test_currents_of_a_ramp_and_the_beeper_are_taken_within_their_range(desk):
    bench = desk()
    bench.tell("OT1", "JD0.5", "KC-0.5", "KD1E-3", "EB1")
    assert bench.error() == 0
    answers = [float(bench.pstat.query(query)) for query in ("?JD", "?KC", "?KD", "?EB")]
    assert answers == [0.5, -0.5, 1e-3, 1.0]
    bench.tell("KC2.5")  # beyond 2 A
    assert bench.error() == 3
