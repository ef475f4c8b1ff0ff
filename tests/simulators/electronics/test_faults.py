from __future__ import annotations

import pytest
from pyvisa.errors import VisaIOError


def test_a_dropped_reply_never_comes_and_the_next_does(desk):
    bench = desk()
    bench.faults.drop_replies("1287")
    bench.pstat.timeout = 300
    with pytest.raises(VisaIOError, match="VI_ERROR_TMO"):
        bench.pstat.query("?ER")
    assert bench.pstat.query("?ER") == "00\r\n"


def test_a_garbled_line_has_its_length_but_not_its_numbers(desk):
    bench = desk()
    bench.ready_to_read()
    bench.faults.garble_replies("1287")
    line = bench.pstat.query("RU1")
    assert len(line) == 33
    with pytest.raises(ValueError, match="could not convert"):
        float(line.split(",")[0])
    assert bench.reading()[2] == 0


def test_a_dead_bus_takes_and_gives_nothing_while_the_cell_goes_on(desk):
    bench = desk(positive_terminal="ce_re1")
    bench.hold_current(1e-4)
    bench.faults.kill()
    with pytest.raises(VisaIOError, match="VI_ERROR_NLISTENERS"):
        bench.tell("PW0")
    bench.pstat.timeout = 200
    for call in (bench.pstat.read, bench.pstat.read_stb):
        with pytest.raises(VisaIOError, match="VI_ERROR_TMO"):
            call()
    with pytest.raises(VisaIOError, match="VI_ERROR_NLISTENERS"):
        bench.pstat.clear()
    before_C = bench.truth.charge_C
    bench.pass_time(60.0)
    assert bench.truth.polarized
    assert bench.truth.charge_C - before_C == pytest.approx(6e-3)
    bench.faults.revive()
    bench.tell("PW0")
    assert not bench.truth.polarized


def test_a_mute_instrument_obeys_and_its_answer_comes_late(desk):
    bench = desk(positive_terminal="ce_re1")
    bench.faults.mute("1287")
    bench.pstat.timeout = 200
    bench.tell("PW1", "?RR")
    assert bench.truth.polarized
    assert bench.pstat.read_stb() == 0
    with pytest.raises(VisaIOError, match="VI_ERROR_TMO"):
        bench.pstat.read()
    bench.faults.revive()
    assert bench.pstat.read() == "0\r\n"


def test_a_torn_line_ends_after_half_of_it(desk):
    bench = desk()
    whole = bench.pstat.query("?VN")
    bench.faults.tear_replies("1287", 2)
    assert bench.pstat.query("?VN") == whole[: len(whole) // 2]
    assert bench.pstat.query("?VN") == whole[: len(whole) // 2]
    assert bench.pstat.query("?VN") == whole


def test_an_instrument_that_was_switched_off_and_on_has_lost_its_settings_and_the_cell_is_off(desk):
    bench = desk(positive_terminal="ce_re1")
    bench.hold_current(1e-4)
    assert bench.truth.polarized
    bench.bench.power_cycle("1287")
    assert not bench.truth.polarized
    bench.pass_time(60.0)
    bench.tell("OT1")
    assert bench.pstat.query("?RR") == "0\r\n"
    bench.tell_fra("VA0.5")
    bench.bench.power_cycle("1260")
    bench.pass_time(60.0)
    assert bench.fra.query("?VA").startswith("+0.0000E+00")


def test_one_instrument_can_die_alone(desk):
    bench = desk()
    bench.faults.kill("1260")
    assert bench.pstat.query("?ER") == "00\r\n"
    with pytest.raises(VisaIOError, match="VI_ERROR_NLISTENERS"):
        bench.tell_fra("VA0")


def test_a_command_can_be_made_to_fail(desk):
    bench = desk()
    bench.faults.refuse("1287", "PV", 17)
    bench.tell("PV1.0")
    assert bench.error() == 17
    assert bench.pstat.query("?RR") == "0\r\n"
    bench.tell("CE")
    bench.faults.accept("1287", "PV")
    bench.tell("PV1.0")
    assert bench.error() == 0
    bench.faults.refuse("1287", "PV", 17)
    bench.faults.refuse("1287", "PC", 17)
    bench.faults.accept_all()
    bench.tell("PV1.0", "PC0")
    assert bench.error() == 0


def test_readings_and_results_can_be_marked_overloaded(desk):
    bench = desk({"emf_V": 0.0})
    bench.ready_to_read()
    bench.faults.overload("1287")
    assert [bench.reading()[2], bench.reading()[2]] == [31, 0]
    bench.hold_voltage(0.0)
    bench.tell_fra("OP2,1", "VA1")
    bench.faults.overload("1260")
    assert [bench.fra.query("SI").split(",")[3] for _ in range(2)] == ["1", "0"]


def test_the_analyzer_can_name_a_wrong_frequency_once(desk):
    bench = desk({"emf_V": 0.0})
    bench.hold_voltage(0.0)
    bench.tell_fra("OP2,1", "FR1E3", "VA1")
    bench.faults.wrong_frequency()
    named = [float(bench.fra.query("SI").split(",")[0]) for _ in range(2)]
    assert named == [1100.0, 1000.0]


def test_single_characters_of_chosen_readings_are_others(desk):
    bench = desk(noise_scale=0.0)
    bench.ready_to_read()
    lines = {bench.pstat.query("RU1")}
    bench.faults.alter_readings("1287", 3, "7", count=2, after=1)
    bench.faults.alter_readings("1287", 0, "-", after=2)
    (clean,) = lines
    altered = [bench.pstat.query("RU1") for _ in range(4)]
    assert altered[0] == altered[3] == clean
    assert altered[1] == clean[:3] + "7" + clean[4:]
    assert altered[2] == "-" + altered[1][1:]
    assert bench.pstat.query("?ER") == "00\r\n"  # no reading
    assert bench.faults.readings["1287"] == 4


def test_a_cut_out_opens_the_cell_without_a_word(desk):
    bench = desk()
    bench.hold_current(1e-4)
    bench.faults.cut_out()
    assert not bench.truth.polarized
    assert bench.error() == 0
    bench.tell("PW1")
    assert bench.truth.polarized


def test_a_cut_out_that_fails_lets_everything_flow(desk):
    for fails in (False, True):
        bench = desk()
        bench.faults.keep_on(never_cuts_out=fails)
        bench.tell("PO0", "RR8", "PV5", "OL0", "PW1")
        assert bench.truth.polarized is fails


def test_a_status_byte_sticks_until_it_is_let_go(desk):
    bench = desk()
    bench.faults.stick_status("1287", 16)
    assert bench.pstat.read_stb() == 16
    bench.faults.stick_status("1287", None)
    assert bench.pstat.read_stb() == 0
