"""Questions and answers over an instrument's own serial port."""

from __future__ import annotations

import time

import pytest

from solbench.drivers.errors import BadReply, BusError, NoReply
from solbench.drivers.links.link import Link, LinkSettings
from solbench.drivers.links.rs423 import Rs423, Rs423Settings
from solbench.drivers.solartron.settings import Settings1287
from solbench.drivers.solartron.solartron1287 import Solartron1287
from tests.drivers.dialogue import FakeClock


class Wire:
    """Answers commands that end with CR, as bytes in pieces."""

    def __init__(self, answers):
        self.answers = answers
        self.sent = b""
        self.pieces = []
        self.closed = False

    def write(self, data):
        self.sent += data
        self.pieces += self.answers.get(data, [])

    def read(self, timeout_s):
        if self.closed:
            raise ConnectionError("unplugged")
        if not self.pieces:
            time.sleep(timeout_s)  # as a port does; without it the resource would ask again and again
            return b""
        return self.pieces.pop(0)

    def close(self):
        self.closed = True


def opened(answers, **settings):
    wire = Wire(answers)
    return Rs423("COM3", Rs423Settings(**settings), lambda *_: wire), wire


def link_on(resource):
    resource.timeout = 10.0
    return Link(resource, FakeClock(), "1287", LinkSettings(reply_timeout_s=0.1, io_timeout_s=0.01))


def test_a_command_ends_as_the_switches_want_it():
    resource, wire = opened({})
    resource.write_raw(b"PV+1.5")
    assert wire.sent == b"PV+1.5\r"
    resource, wire = opened({}, write_end="\n")
    resource.write_raw(b"PV+1.5\r\n")
    assert wire.sent == b"PV+1.5\n"


@pytest.mark.parametrize("pieces", [[b"00\r\n"], [b"0", b"0\r", b"\n"], [b"\r\n\0\0\0", b"00\r\n\0\0"]])
def test_an_answer_in_pieces_with_nuls_between_lines(pieces):
    resource, _ = opened({b"?ER\r": list(pieces)})
    assert link_on(resource).query("?ER") == "00"


def test_the_rest_of_a_line_end_is_not_the_next_answer():
    resource, _ = opened({b"?ER\r": [b"00\r", b"\n"], b"?RR\r": [b"\0\0", b"5\r\n"]})
    link = link_on(resource)
    assert [link.query("?ER"), link.query("?RR")] == ["00", "5"]


def test_silence_is_no_reply():
    resource, _ = opened({})
    with pytest.raises(NoReply, match=r"1287 did not react to '\?ER'"):
        link_on(resource).query("?ER")


def test_a_clear_ends_half_a_command_and_forgets_what_came():
    resource, wire = opened({b"?ER\r": [b"0"]})
    resource.write_raw(b"?ER")
    with pytest.raises(OSError, match="nothing from COM3"):
        resource.read_raw()
    resource.clear()
    assert wire.sent.endswith(b"\r\r")
    wire.pieces.append(b"7\r\n")
    assert resource.read_raw() == b"7\r\n"


def test_it_is_never_polled_for_there_is_no_serial_poll():
    resource, _ = opened({b"?ER\r": [b"00\r\n"]})
    assert Link(resource, FakeClock(), "1260", LinkSettings(status_mask=16)).query("?ER") == "00"
    with pytest.raises(OSError, match="no serial poll"):
        resource.read_stb()


def test_an_unplugged_port_is_a_bus_error_until_it_is_opened_anew():
    wires = [Wire({}), Wire({b"?ER\r": [b"00\r\n"]})]
    resource = Rs423("COM3", opener=lambda *_: wires.pop(0))
    link = link_on(resource)
    resource.close()
    with pytest.raises(BusError, match="COM3 is lost"):
        link.write("PW0")
    link.reconnect()
    assert link.query("?ER") == "00"


def test_the_printed_table_is_refused_and_not_read_as_a_measurement():
    table = b" +2.07035E-03   +1.51106E-08   00  00   12:00:00.00\r\n\0\0"
    resource, _ = opened({b"RU1\r": [table]})
    pstat = Solartron1287(link_on(resource), Settings1287(positive_terminal="ce_re1"))
    pstat.link.write("GP2")
    with pytest.raises(BadReply, match="RU1"):
        pstat.measure()


class Echoes(Wire):
    """Sends every command back before its answer, as the port of a 1260 does until that is switched off."""

    def write(self, data):
        self.pieces += [data[:1], data[1:] + b"\n"]
        super().write(data)


@pytest.mark.parametrize("times", [1, 5])
def test_the_echo_of_commands_is_no_answer_of_theirs(times):
    wire = Echoes({b"?ER\r": [b"00\r\n"], b"?VA\r": [b"+1.0000E+00\r\n"]})
    link = link_on(Rs423("COM3", opener=lambda *_: wire))
    for _ in range(times):
        link.write("PW0")
        link.write("VA1")
        assert link.query("?ER") == "00"
        assert link.query("?VA") == "+1.0000E+00"
    assert link.incidents.take() == ()
