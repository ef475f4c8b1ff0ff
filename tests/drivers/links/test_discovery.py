"""Who answers where, and what is wrong, in words."""

from __future__ import annotations

import socket

import pytest

from solbench.drivers.clock import SystemClock
from solbench.drivers.links import discovery
from solbench.drivers.links.discovery import (
    SerialCandidate,
    expect,
    identify,
    known_by_usb,
    look_at_port,
    look_at_visa,
    look_behind,
)
from solbench.drivers.links.prologix import PrologixAdapter
from solbench.drivers.links.prologix_greeting import AdapterSettings
from tests.drivers.adapter import Adapter, Device, on_tcp
from tests.drivers.dialogue import FakeClock, time_out

FRA = {"*IDN?": b"SCHLUMBERGER TECHNOLOGIES, 1260 IMPEDANCE ANALYZER, 0, 0\r\n"}
NEWER_FRA = {"*IDN?": b"1260 IMPEDANCE ANALYZER, SOLARTRON, 0, 0\r\n"}
PSTAT = {"?VN": b"1.20\r\n"}


@pytest.fixture(autouse=True)
def _answers_come_fast(monkeypatch):
    monkeypatch.setattr(discovery, "ANSWER_S", 0.1)


def found_at(devices, addresses):
    with on_tcp(Adapter(devices)) as address:
        return look_at_port(address, addresses)


@pytest.mark.parametrize(
    ("numbers", "words"), [((0x1FB9, 0x0301), "model: '336'"), ((0x0403, 0x6001), None), ((None, None), None)]
)
def test_a_controller_is_known_by_its_usb_numbers(numbers, words):
    found = known_by_usb(SerialCandidate("COM5", "a port", *numbers))
    assert (found and f"connection: COM5, {words}" in found.identity) == (words and True)


def test_both_instruments_are_found_behind_their_adapter():
    adapter, fra, pstat = found_at({"4": Device(dict(FRA)), "6": Device(dict(PSTAT))}, [4, 6])
    assert (adapter.kind, adapter.problem) == ("adapter", "")
    assert (fra.kind, fra.address, fra.problem) == ("1260", "4", "")
    assert (pstat.kind, pstat.address, pstat.identity) == ("1287", "6", "1287 1.20")
    assert fra.adapter == pstat.adapter == adapter.address


@pytest.mark.parametrize("answers", [FRA, NEWER_FRA])
def test_identities_of_different_firmware(answers):
    assert found_at({"4": Device(dict(answers))}, [4])[1].kind == "1260"


def test_the_error_that_an_unknown_question_leaves_is_cleared():
    pstat = Device(dict(PSTAT))
    found_at({"6": pstat}, [6])
    assert pstat.heard == [b"OT1", b"*IDN?", b"?VN", b"CE"]


def test_a_unit_that_listens_to_lf_alone_is_found_with_its_cure():
    _, found = found_at({"4": Device(dict(FRA), end=b"\n")}, [4])
    assert found.kind == "1260"
    assert "terminator switches say LF" in found.problem
    assert "F1 and F2" in found.cure
    assert "write_termination" in found.cure
    assert found.write_termination == "\n"


def test_a_unit_that_the_bench_file_wrongly_calls_lf():
    with on_tcp(Adapter({"4": Device(dict(FRA))})) as address:
        adapter = PrologixAdapter(address)
        found = identify(adapter.instrument(4), "4", SystemClock(), "\n")
        adapter.close()
    assert "do not say LF" in found.problem


def test_an_adapter_with_nobody_on_its_bus():
    (adapter,) = found_at({}, [4])
    assert adapter.kind == "adapter"
    assert "nobody on its bus answers" in adapter.problem
    assert "GPIB cable" in adapter.cure


def test_an_adapter_that_dies_meanwhile():
    server = Adapter({"4": Device(dict(FRA))})
    with on_tcp(server) as address:
        adapter = PrologixAdapter(address, AdapterSettings(silent_s=0.2))
        server.mute = True
        (found,) = look_behind(adapter, [4])
        adapter.close()
    assert "stopped answering" in found.problem


def test_a_port_that_cannot_be_opened_is_a_finding():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        number = closed.getsockname()[1]
    (found,) = look_at_port(f"socket://127.0.0.1:{number}")
    assert (found.kind, found.problem) == ("port", "nothing listens there")


def test_another_make_of_instrument():
    _, found = found_at({"4": Device({"*IDN?": b"HEWLETT-PACKARD,34401A,0,11-5-2\r\n"})}, [4])
    assert found.kind == "other"
    assert "34401A" in found.problem


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("1255B FREQUENCY RESPONSE ANALYZER, SOLARTRON,0,0d", "1260"),
        ("SOLARTRON, 1260A IMPEDANCE ANALYZER, 0, 0", "1260"),
        ("Stanford Research Systems,EC301,s/n001234,ver1.12", "EC301"),
        ("KEITHLEY INSTRUMENTS INC.,MODEL 2400,1234567,C30", "2400"),
        ("KEITHLEY INSTRUMENTS,MODEL 2450,04096331,1.6.4c", "2400"),
    ],
)
def test_what_a_bench_can_be_made_of_is_known(answer, kind):
    _, found = found_at({"4": Device({"*IDN?": answer.encode() + b"\r\n"})}, [4])
    assert (found.kind, found.identity, found.problem) == (kind, answer, "")


def test_the_wrong_one_of_the_two_at_an_address():
    _, found = found_at({"4": Device(dict(FRA))}, [4])
    wrong = expect(found, "1287")
    assert "not a 1287" in wrong.problem
    assert "address switches" in wrong.cure
    assert expect(found, "1260") is found


class Manager:
    """A VISA library that lists one instrument, one silent address and one that cannot be opened."""

    def list_resources(self, query):
        return ("GPIB0::4::INSTR", "GPIB0::5::INSTR", "GPIB0::6::INSTR", "ASRL1::INSTR")

    def open_resource(self, address):
        if "::6::" in address:
            raise OSError("no such device")
        return Listed(FRA if "::4::" in address else {})


class Listed:
    timeout = 0.0

    def __init__(self, answers):
        self.answers = answers
        self.reply = None

    def write_raw(self, message):
        self.reply = self.answers.get(message.decode().strip())

    def read_raw(self):
        if self.reply is None:
            raise time_out()
        return self.reply

    def read_stb(self):
        return 0

    def clear(self):
        pass

    def close(self):
        pass


def test_what_a_visa_library_lists_is_asked():
    fra, silent, broken = look_at_visa(Manager())
    assert (fra.kind, fra.address, fra.adapter) == ("1260", "GPIB0::4::INSTR", "")
    assert "nothing answers" in silent.problem
    assert "cannot be opened: no such device" in broken.problem


def test_a_library_that_cannot_list_lists_nothing():
    class Broken(Manager):
        def list_resources(self, query):
            raise NotImplementedError

    assert look_at_visa(Broken()) == []


def test_it_waits_in_the_clock_it_is_given():
    clock = FakeClock(0.0)
    assert "nothing answers" in identify(Listed({}), "4", clock).problem
    assert 0.0 < clock.now() < 5.0


class JustSwitchedOn:
    """A 1287 on the GPIB that ends its lines without EOI until OT1: a read that waits for EOI never ends."""

    timeout = 0.0

    def __init__(self, clock):
        self.clock = clock
        self.heard = []
        self.ends = False
        self.reply = b""

    def write_raw(self, message):
        self.heard.append(message)
        self.ends = self.ends or message == b"OT1"
        self.reply = b"1.20\r\n" if message == b"?VN" else b""
        return len(message)

    def read_raw(self):
        reply, self.reply = self.reply, b""
        if not reply or not self.ends:
            self.clock.time_s += self.timeout / 1000.0
            raise time_out()
        return reply

    def read_stb(self):
        return 128 if self.reply else 0

    def clear(self):
        raise AssertionError("a device clear may reach a cell that is on")


def test_a_1287_just_switched_on_is_found_and_gets_no_device_clear():
    clock = FakeClock()
    pstat = JustSwitchedOn(clock)
    assert identify(pstat, "GPIB0::6::INSTR", clock).kind == "1287"
    assert pstat.heard[0] == b"OT1"
