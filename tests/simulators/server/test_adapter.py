"""Dialogues with the adapter, byte by byte: every command of the reference."""

from __future__ import annotations

import time

import pytest

from tests.pace import Stopwatch

IDENTITY = b"SCHLUMBERGER TECHNOLOGIES, 1260 IMPEDANCE ANALYZER, 0, 0\r\n"


@pytest.mark.parametrize(
    ("name", "value", "outside"),
    [
        ("mode", 0, 2),
        ("auto", 1, 2),
        ("eos", 2, 4),
        ("eoi", 0, 2),
        ("read_tmo_ms", 3000, 3001),
        ("eot_enable", 1, 2),
        ("eot_char", 42, 256),
        ("savecfg", 0, 2),
        ("lon", 1, 2),
        ("status", 72, 256),
    ],
)
def test_numbers_are_set_reported_and_kept_within_range(serve, name, value, outside):
    wire = serve().wire()
    assert wire.ask(f"++{name} {value}", f"++{name}") == str(value)
    assert wire.ask(f"++{name} {outside}") == "Unrecognized command"
    assert wire.ask(f"++{name} x") == "Unrecognized command"
    assert wire.ask(f"++{name}") == str(value)


def test_address_with_and_without_a_secondary_one(serve):
    wire = serve().wire()
    assert wire.ask("++addr 4", "++addr") == "4"
    assert wire.ask("++addr 6 96", "++addr") == "6 96"
    assert wire.ask("++addr 31") == "Unrecognized command"
    assert wire.ask("++addr 4 95") == "Unrecognized command"
    assert wire.ask("++addr") == "6 96"


def test_both_instruments_answer_on_one_adapter(serve):
    wire = serve().ready()
    wire.say("++addr 4", "*IDN?", "++read eoi")
    assert wire.hear() == IDENTITY
    wire.say("++addr 6", "?ER", "++read eoi")
    assert wire.hear() == b"00\r\n"


@pytest.mark.parametrize("command", ["loc", "llo", "ifc", "clr"])
def test_commands_that_show_nowhere_say_nothing_and_harm_nothing(serve, command):
    wire = serve().ready()
    wire.say(f"++{command}")
    assert wire.is_silent()
    assert wire.query("?ER") == "00"


def test_help_names_every_command(serve):
    wire = serve().ready()
    wire.say("++help", "++ver")
    text = wire.hear(b"Prologix").decode()
    for name in ("addr", "auto", "clr", "eoi", "eos", "eot_char", "eot_enable", "ifc", "llo", "loc", "lon"):
        assert f"++{name}\r\n" in text
    for name in ("mode", "read", "read_tmo_ms", "rst", "savecfg", "spoll", "srq", "status", "trg", "ver"):
        assert f"++{name}\r\n" in text


def test_an_unknown_command_is_not_sent_to_the_instrument(serve):
    wire = serve().ready()
    assert wire.ask("++adress 4") == "Unrecognized command"
    assert wire.query("?ER") == "00"


def test_restart_brings_back_the_numbers_of_power_on(serve):
    wire = serve().ready()
    wire.say("++eos 2", "++rst")
    assert wire.ask("++read_tmo_ms") == "200"
    assert wire.ask("++eos") == "0"
    assert wire.ask("++addr") == "0"


def test_empty_lines_do_nothing(serve):
    wire = serve().ready()
    wire.send(b"\r\n\n\r?ER\r\n\r\n++read eoi\n\n")
    assert wire.hear() == b"00\r\n"
    assert wire.is_silent()


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_a_line_may_end_in_three_ways(serve, end):
    wire = serve().ready()
    wire.send(b"?VN" + end + b"++read eoi" + end)
    assert wire.hear() == b"12870001\r\n"


def test_escaped_characters_reach_the_instrument_and_plain_ones_do_not(serve):
    wire = serve().ready()
    wire.send(b"PV\x1b+1.5\n?PV\n++read eoi\n")
    assert wire.hear() == b"+1.5000E+00\r\n"
    wire.send(b"PV+2.5\n?PV\n++read eoi\n")
    assert wire.hear() == b"+2.5000E+00\r\n"
    wire.send(b"PW1\x1b\nPW0\n")  # one message with a line feed in it: nonsense to an EOI unit
    assert wire.query("?ER") != "00"


def test_a_device_sends_nothing_to_the_bus(serve):
    served = serve()
    wire = served.ready()
    wire.say("++mode 0", "PW1", "++spoll", "++read eoi")
    assert wire.is_silent()
    assert not served.control.truth()["polarized"]


# reading


def test_a_talker_with_nothing_to_say_stays_silent_until_the_time_out(serve):
    wire = serve().ready()
    with Stopwatch() as watch:
        wire.say("++read eoi")
        assert wire.is_silent()
    assert watch.host_s >= 0.3
    assert watch.elapsed_s < 2.0


def test_time_out_is_host_time_whatever_the_speed(serve):
    wire = serve(speed=3600.0).ready()
    began_s = time.monotonic()
    wire.say("++read eoi")
    assert wire.is_silent()
    assert time.monotonic() - began_s >= 0.3


def test_a_reply_that_is_late_comes_with_the_next_read(serve):
    wire = serve().ready()
    wire.say("++read_tmo_ms 50", "BY1", "GP2", "DG0", "DC0", "RU1", "++read eoi")
    assert wire.is_silent()  # 0.4 s of conversions
    wire.say("++read_tmo_ms 1000", "++read eoi")
    assert wire.hear() == b"+1.00000E+00,+0.00000E+00,00,00\r\n"


def test_reading_without_eoi_goes_on_to_the_time_out(serve):
    wire = serve().ready()
    began_s = time.monotonic()
    wire.say("?VN", "++read")
    assert wire.hear() == b"12870001\r\n"
    assert wire.is_silent()
    assert time.monotonic() - began_s >= 0.3


def test_reading_up_to_a_character_leaves_the_rest(serve):
    wire = serve().ready()
    wire.say("BY1", "GP2", "DC1", "DG3", "RU1", "++read 44")
    assert wire.hear(b",") == b"+1.00000E+00,"
    assert wire.is_silent()
    wire.say("++read eoi")
    assert wire.hear() == b"+0.00000E+00,00,00\r\n"


def test_without_eoi_from_the_instrument_the_reader_waits_in_vain(serve):
    wire = serve().ready()
    began_s = time.monotonic()
    wire.say("OT0", "?VN", "++read eoi")
    assert wire.hear() == b"12870001\r\n"
    assert wire.is_silent()
    assert time.monotonic() - began_s >= 0.3


def test_a_byte_can_be_added_where_eoi_came(serve):
    wire = serve().ready()
    wire.say("++eot_char 42", "++eot_enable 1", "?ER", "++read eoi")
    assert wire.hear(b"*") == b"00\r\n*"
    wire.say("OT0", "?ER", "++read eoi")
    assert wire.hear() == b"00\r\n"
    assert wire.is_silent()


def test_read_after_write_makes_the_instrument_talk_when_it_has_nothing_to_say(serve):
    wire = serve().ready()
    began_s = time.monotonic()
    with Stopwatch() as watch:
        wire.say("++addr 4", "++auto 1", "*IDN?")
        assert wire.hear() == IDENTITY
    assert watch.elapsed_s < 0.3
    wire.say("FR1000")
    assert wire.is_silent()
    assert time.monotonic() - began_s >= 0.3  # the wait for what never comes


def test_only_the_newest_message_is_kept(serve):
    wire = serve().ready()
    wire.say("?VN", "?ER", "++read eoi")
    assert wire.hear() == b"00\r\n"
    wire.say("++read eoi")
    assert wire.is_silent()


# line ends towards the instruments


@pytest.mark.parametrize(
    ("switch", "eos", "answers"),
    [("EOI", 3, True), ("LF", 3, False), ("LF", 2, True), ("LF", 0, True), ("CR", 1, True), ("CR", 2, False)],
)
def test_an_instrument_hears_only_the_end_that_its_switches_choose(serve, switch, eos, answers):
    wire = serve(interface={"input_terminator": switch, "output_bytes_per_s": 1e12}).ready()
    wire.say(f"++eos {eos}", "?ER", "++read eoi")
    if answers:
        assert wire.hear() == b"00\r\n"
    else:
        assert wire.is_silent()


def test_without_eoi_and_line_end_messages_run_together(serve):
    wire = serve().ready()
    wire.say("++eoi 0", "PV1.", "++eoi 1", "25", "?PV", "++read eoi")
    assert wire.hear() == b"+1.2500E+00\r\n"


# serial poll, clear


def test_serial_poll_says_when_a_message_waits(serve):
    wire = serve().ready()
    assert wire.ask("++spoll") == "0"
    assert wire.ask("?ER", "++spoll") == "128"
    assert wire.ask("++spoll 4") == "0"
    wire.say("++read eoi")
    assert wire.hear() == b"00\r\n"
    assert wire.ask("++spoll 6") == "0"
    wire.say("++spoll 9")
    assert wire.is_silent()


def test_service_request_line(serve):
    wire = serve().ready()
    wire.say("++addr 4", "*SRE16")
    assert wire.ask("++srq") == "0"
    wire.say("*IDN?")
    assert wire.ask("++srq") == "1"
    assert wire.ask("++spoll") == "80"
    assert wire.ask("++srq") == "0"


def test_device_clear_empties_input_and_output(serve):
    wire = serve().ready()
    wire.say("?VN", "++clr", "++read eoi")
    assert wire.is_silent()
    wire.say("++eoi 0", "PV0.", "++clr", "++eoi 1", "PV1")
    assert wire.query("?ER") == "00"


def test_nobody_at_the_address_takes_and_gives_nothing(serve):
    wire = serve().ready()
    wire.say("++addr 9", "*IDN?", "++read eoi")
    assert wire.is_silent()


# a command that was sent by half


def test_half_a_command_swallows_what_follows(serve):
    served = serve()
    wire = served.ready()
    wire.say("PW1")
    wire.send(b"PV0.")
    wire.say("PW0")
    assert wire.query("?ER") != "00"
    assert served.control.truth()["polarized"]


def test_an_empty_line_ends_half_a_command(serve):
    served = serve()
    wire = served.ready()
    wire.say("PW1")
    wire.send(b"PV0.")
    wire.say("", "", "++ifc", "++auto 0", "++addr 6", "++clr", "CE", "PW0")
    assert wire.query("?ER") == "00"
    assert not served.control.truth()["polarized"]
