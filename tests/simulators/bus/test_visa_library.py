"""The VISA side: time-outs in experiment time, endings, attributes, dead addresses."""

from __future__ import annotations

import pytest
import pyvisa
from pyvisa.errors import VisaIOError


def test_a_read_with_nothing_to_say_times_out_in_experiment_time(desk):
    bench = desk()
    bench.pstat.timeout = 700
    before_s = bench.clock.now()
    with pytest.raises(VisaIOError) as caught:
        bench.pstat.read()
    assert caught.value.error_code == pyvisa.constants.StatusCode.error_timeout
    assert bench.clock.now() - before_s == pytest.approx(0.7)


def test_a_read_without_a_time_out_ends_where_nothing_can_come(desk):
    bench = desk()
    bench.pstat.timeout = None
    with pytest.raises(VisaIOError, match="VI_ERROR_TMO"):
        bench.pstat.read()


def test_latency_passes_before_a_command_acts(desk):
    bench = desk(latency_s=0.005)
    bench.ready_to_read()
    bench.hold_current(100e-6)
    on_s = bench.clock.now()
    bench.tell("PC0")
    assert bench.clock.now() - on_s == pytest.approx(0.005)
    assert abs(bench.truth.charge_C) == pytest.approx(100e-6 * 0.005, rel=1e-9)


def test_a_reading_is_waited_for_and_its_bytes_take_time(desk):
    bench = desk(latency_s=0.0)
    bench.ready_to_read()
    before_s = bench.clock.now()
    bench.reading()
    # two conversions of 0.2 s with drift correction, 5 ms overhead, 33 bytes at 1 ms
    assert bench.clock.now() - before_s == pytest.approx(0.405 + 0.033)


def test_a_reply_without_eoi_needs_a_termination_character(desk):
    bench = desk()
    bench.tell("OT0", "?ER")
    with pytest.raises(VisaIOError, match="VI_ERROR_TMO"):
        bench.pstat.read()
    bench.pstat.read_termination = "\n"
    assert bench.pstat.query("?ER") == "00\r"


@pytest.mark.parametrize(("code", "ending"), [(1, "\r\n"), (3, "\r")])
def test_output_terminators(desk, code, ending):
    bench = desk()
    bench.tell(f"OT{code}")
    assert bench.pstat.query("?ER") == "00" + ending


def test_a_message_can_be_read_in_pieces(desk):
    bench = desk()
    bench.tell("?ER")
    assert bench.pstat.read_bytes(1) == b"0"
    assert bench.pstat.read_bytes(3) == b"0\r\n"


def test_nobody_is_at_another_address(desk):
    with pytest.raises(VisaIOError, match="VI_ERROR_RSRC_NFOUND"):
        desk().manager.open_resource("GPIB0::9::INSTR")


def test_device_clear_empties_input_and_output_and_leaves_settings(desk):
    bench = desk()
    bench.tell("PV1.25", "?PV")
    bench.pstat.clear()
    assert bench.pstat.read_stb() == 0
    assert bench.pstat.query("?PV") == "+1.2500E+00\r\n"


def test_unknown_attributes_are_refused(desk):
    bench = desk()
    with pytest.raises(VisaIOError, match="VI_ERROR_NSUP_ATTR"):
        bench.pstat.get_visa_attribute(pyvisa.constants.VI_ATTR_ASRL_BAUD)


def test_sessions_close(desk):
    bench = desk()
    bench.pstat.close()
    bench.manager.close()


def test_two_benches_in_one_program_do_not_meet(desk):
    one, other = desk(), desk()
    one.tell("PV1")
    assert other.pstat.query("?PV") == "+0.0000E+00\r\n"
    assert one.pstat.query("?PV") == "+1.0000E+00\r\n"


@pytest.mark.parametrize("left", [1, 10, 30])
def test_a_line_on_its_way_when_the_time_is_up_is_lost(desk, left):
    """A reading takes 33 ms at 1 byte/ms; a VISA time-out is of the whole transfer."""
    bench = desk()
    bench.ready_to_read()
    bench.tell("RU1")
    bench.pass_time(1.0)
    bench.pstat.timeout = left
    with pytest.raises(VisaIOError, match="VI_ERROR_TMO"):
        bench.pstat.read()
    bench.pstat.timeout = 1000
    rest = bench.pstat.read()
    assert 0 < len(rest) <= 33
    assert len(rest) >= 33 - left


def test_a_read_goes_on_over_the_end_of_a_line_without_eoi_until_its_count_is_full(desk):
    bench = desk()
    bench.tell("OT0", "?ER")
    session, library = bench.pstat.session, bench.pstat.visalib
    assert library.read(session, 4)[0] == b"00\r\n"
    bench.ready_to_read()
    bench.tell("OT0", "TR1", "RU1")
    line, status = library.read(session, 50)
    assert len(line) == 50
    assert status == pyvisa.constants.StatusCode.success_max_count_read
