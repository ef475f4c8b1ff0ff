"""What ends a command, and what comes of one that is not ended."""

from __future__ import annotations

import pytest
from pyvisa.errors import VisaIOError


def test_with_eoi_switches_carriage_return_and_line_feed_are_ignored(desk):
    bench = desk()
    bench.pstat.write("PV1.5\r\n")
    assert bench.pstat.query("?PV\n") == "+1.5000E+00\r\n"
    assert bench.error() == 0


def test_two_commands_in_one_message_are_one_bad_command(desk):
    bench = desk()
    bench.tell("PV1;PO1")
    assert bench.error() == 4
    assert bench.pstat.query("?PO") == "0\r\n"


def test_semicolon_separates_where_the_switches_say_so(desk):
    bench = desk(interface={"input_terminator": ";"})
    bench.tell("PV1;PO1;", "?PV;")
    assert bench.pstat.read() == "+1.0000E+00\r\n"
    assert bench.pstat.query("?PO;") == "1\r\n"


@pytest.mark.parametrize("group", ["analyzer", "interface"])
def test_with_line_feed_switches_a_message_without_one_is_never_executed(desk, group):
    bench = desk(**{group: {"input_terminator": "LF"}})
    device = bench.fra if group == "analyzer" else bench.pstat
    device.timeout = 500
    device.write("?ER")
    with pytest.raises(VisaIOError, match="VI_ERROR_TMO"):
        device.read()
    device.clear()
    assert device.query("?ER\n") == "00\r\n"


def test_a_half_sent_command_swallows_the_next_one_until_a_device_clear(desk):
    bench = desk(interface={"input_terminator": "LF"})
    bench.tell("PV0.", "PW1\n")
    assert not bench.truth.polarized
    assert bench.pstat.query("?ER\n") == "04\r\n"
    bench.tell("PV0.")
    bench.pstat.clear()
    bench.tell("PW1\n")
    assert bench.truth.polarized


def test_without_end_the_interface_waits_for_the_rest(desk):
    bench = desk()
    bench.pstat.send_end = False
    bench.tell("PV")
    bench.pstat.send_end = True
    bench.tell("2.5")
    assert bench.pstat.query("?PV") == "+2.5000E+00\r\n"
