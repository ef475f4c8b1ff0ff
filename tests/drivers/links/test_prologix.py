"""The Prologix transport against an adapter that follows the command list, on a socket and on a pty."""

from __future__ import annotations

import socket
import sys
import time
from contextlib import contextmanager
from statistics import median

import pytest

from solbench.drivers.clock import CancellableClock, Interrupted, SystemClock
from solbench.drivers.errors import BusError, CannotOpen, NoReply
from solbench.drivers.links.link import Link, LinkSettings
from solbench.drivers.links.ports import SocketPort, TimedOut
from solbench.drivers.links.prologix import PrologixAdapter, escaped
from solbench.drivers.links.prologix_greeting import AdapterSettings
from solbench.drivers.solartron.family import SILENT
from solbench.drivers.solartron.pair import Pair
from tests.drivers.adapter import VERSION, Adapter, Device, on_pty, on_tcp
from tests.pace import Stopwatch

RESULT = b"+1.0000000E+06,+3.8886E+00,+7.2552E+01,0,00\r\n"  # recorded from a 1260
READING = b"+2.07035E-03,+1.51106E-08,00,00\r\n"  # recorded from a 1287
needs_pty = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")


@contextmanager
def opened(adapter, serve=on_tcp, **settings):
    with serve(adapter) as address:
        one = PrologixAdapter(address, AdapterSettings(**settings))
        try:
            yield one
        finally:
            one.close()


def link_to(adapter, address=4, name="1260", **settings):
    return Link(adapter.instrument(address), SystemClock(), name, LinkSettings(**settings), SILENT)


def until(condition, within_s=5.0):
    give_up_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < give_up_s
        time.sleep(0.002)


class TestOpening:
    def test_it_sets_the_adapter_up_for_instruments_that_want_eoi(self):
        server = Adapter({})
        with opened(server) as adapter:
            assert adapter.version == VERSION.decode().strip()
        assert server.lines[:8] == [
            b"++savecfg 0",
            b"++mode 1",
            b"++auto 0",
            b"++eoi 1",
            b"++eos 3",
            b"++read_tmo_ms 40",
            b"++eot_enable 0",
            b"++ifc",
        ]

    def test_half_a_command_of_a_program_that_died_ends_before_anything_is_set(self):
        heard = []

        class Begun(Adapter):
            def serve(self, receive, send):
                def watched():
                    heard.append(receive())
                    return heard[-1]

                super().serve(watched, send)

        with opened(Begun({})):
            pass
        assert heard[0].startswith(b"\n\n++")

    def test_nagle_is_off(self):
        with on_tcp(Adapter({})) as address:
            host, port = address.removeprefix("socket://").split(":")
            connected = socket.create_connection((host, int(port)))
            port = SocketPort(connected)
            assert connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
            port.close()

    def test_an_adapter_that_starts_late_is_waited_for(self):
        class StartsLate(Adapter):
            def _command(self, name, argument):
                if name == "ver" and len(self.lines) < 12:
                    return b""
                return super()._command(name, argument)

        with opened(StartsLate({})) as adapter:
            assert adapter.is_alive()

    def test_lines_that_nobody_fetched_are_not_taken_for_its_name(self):
        class Leftover(Adapter):
            def _command(self, name, argument):
                return b"16\r\n16\r\n" if name == "savecfg" else super()._command(name, argument)

        with opened(Leftover({})) as adapter:
            assert adapter.version == VERSION.decode().strip()

    def test_something_else_that_takes_connections_is_no_adapter(self):
        server = Adapter({})
        server.mute = True
        with on_tcp(server) as address, pytest.raises(CannotOpen, match=r"nothing there answers \+\+ver"):
            PrologixAdapter(address, AdapterSettings(open_s=0.2))

    def test_a_port_that_echoes_is_no_adapter(self):
        class Echo(Adapter):
            def _line(self, line, raw):
                return line + b"\r\n"

        with on_tcp(Echo({})) as address, pytest.raises(CannotOpen, match="sends back what it receives"):
            PrologixAdapter(address, AdapterSettings(open_s=0.3))

    def test_opening_can_be_interrupted(self):
        server = Adapter({})
        server.mute = True

        def stop():
            raise Interrupted("stop")

        with on_tcp(server) as address, pytest.raises(Interrupted):
            PrologixAdapter(address, pause=stop)


class TestTalking:
    @pytest.mark.parametrize("serve", [on_tcp, pytest.param(on_pty, marks=needs_pty)])
    @pytest.mark.parametrize("mask", [0, 16])
    def test_a_recorded_result_line_comes_back_whole(self, serve, mask):
        with opened(Adapter({"4": Device({"DO": RESULT})}), serve) as adapter:
            assert link_to(adapter, status_mask=mask).query("DO") == RESULT.decode().strip()

    @pytest.mark.parametrize("serve", [on_tcp, pytest.param(on_pty, marks=needs_pty)])
    @pytest.mark.parametrize("mask", [0, 16])
    def test_a_stop_is_heard_while_a_silent_instrument_is_waited_for(self, serve, mask):
        looks = []

        def stop():
            looks.append(time.monotonic())
            if len(looks) > 4:
                raise Interrupted("stop")

        with opened(Adapter({"4": Device()}), serve) as adapter:
            clock = CancellableClock(SystemClock(), stop)
            link = Link(adapter.instrument(4), clock, "1260", LinkSettings(status_mask=mask), SILENT)
            with Stopwatch() as watch, pytest.raises(Interrupted):
                link.query("DO", timeout_s=60.0)
        assert watch.elapsed_s < 10.0

    def test_characters_of_the_adapter_are_escaped_in_data(self):
        server = Adapter({"4": Device()})
        with opened(server) as adapter:
            link_to(adapter).write("PV+1.5000E+00")
            until(lambda: server.devices["4"].heard)
        assert b"PV\x1b+1.5000E\x1b+00" in server.lines
        assert server.devices["4"].heard == [b"PV+1.5000E+00"]

    def test_all_four_are_escaped(self):
        assert escaped(b"a\r\n\x1b+b") == b"a\x1b\r\x1b\n\x1b\x1b\x1b+b"

    @pytest.mark.parametrize(("end", "code"), [("", 3), ("\n", 2), ("\r", 1), ("\r\n", 0)])
    def test_the_line_end_of_the_settings_is_what_the_instrument_gets(self, end, code):
        device = Device({"?ER": b"00\r\n"}, end=end.encode())
        server = Adapter({"4": device})
        with opened(server) as adapter:
            assert link_to(adapter, write_termination=end).query("?ER") == "00"
        assert (f"++eos {code}".encode() in server.lines[8:]) == (code != 3)

    def test_a_unit_whose_switches_say_lf_is_silent_and_the_message_names_the_cure(self):
        with opened(Adapter({"4": Device({"?ER": b"00\r\n"}, end=b"\n")})) as adapter:
            with pytest.raises(NoReply, match=r"F1 and F2.*EOI.*LF.*write_termination"):
                link_to(adapter, reply_timeout_s=0.1).query("?ER")
            lf = link_to(adapter, write_termination="\n")
            lf.clear()
            assert lf.query("?ER") == "00"

    def test_instruments_share_an_adapter_and_are_addressed_only_when_they_change(self):
        server = Adapter({"4": Device({"?FR": b"fra\r\n"}), "6": Device({"?ER": b"pstat\r\n"})})
        with opened(server) as adapter:
            fra, pstat = link_to(adapter, 4), link_to(adapter, 6)
            assert [fra.query("?FR"), fra.query("?FR"), pstat.query("?ER"), fra.query("?FR")] == [
                *["fra", "fra", "pstat", "fra"]
            ]
            addressed = [line for line in server.lines if line.startswith(b"++addr")]
        assert addressed == [b"++addr 4", b"++addr 6", b"++addr 4"]

    def test_serial_poll_tells_when_there_is_something(self):
        device = Device({"SI": RESULT}, after_s=0.15)
        with opened(Adapter({"4": device})) as adapter:
            instrument = adapter.instrument(4)
            assert instrument.read_stb() == 0
            instrument.write_raw(b"SI")
            assert instrument.read_stb() == 0
            until(lambda: instrument.read_stb() == 16)
            assert instrument.read_raw() == RESULT

    def test_with_a_known_status_bit_it_is_not_read_before_there_is_something(self):
        server = Adapter({"4": Device({"SI": RESULT}, after_s=0.2)})
        with opened(server) as adapter:
            assert link_to(adapter, status_mask=16).query("SI") == RESULT.decode().strip()
        assert server.lines.count(b"++read eoi") == 1

    def test_a_slow_answer_is_asked_for_again_and_no_read_blocks_longer_than_a_slice(self):
        server = Adapter({"4": Device({"SI": RESULT}, after_s=0.3)})
        with opened(server) as adapter:
            instrument = adapter.instrument(4)
            instrument.write_raw(b"SI")
            longest_s, line = 0.0, None
            while line is None:
                started_s = time.monotonic()
                try:
                    line = instrument.read_raw()
                except TimedOut:
                    longest_s = max(longest_s, time.monotonic() - started_s)
        assert line == RESULT
        assert server.lines.count(b"++read eoi") >= 3
        assert longest_s < 0.1

    @pytest.mark.parametrize("at", [1, 14, 43, 44])
    def test_a_line_that_is_broken_by_a_pause_is_put_together(self, at):
        with opened(Adapter({"4": Device({"SI": RESULT}, pieces=(at,))})) as adapter:
            assert link_to(adapter).query("SI") == RESULT.decode().strip()

    def test_a_unit_that_ends_its_lines_with_cr_alone(self):
        with opened(Adapter({"4": Device({"?ER": b"00\r", "?RR": b"5\r"})})) as adapter:
            link = link_to(adapter)
            assert [link.query("?ER"), link.query("?RR"), link.query("?ER")] == ["00", "5", "00"]

    def test_device_clear_goes_behind_an_empty_line_and_reaches_its_instrument(self):
        server = Adapter({"4": Device(), "6": Device()})
        with opened(server) as adapter:
            link_to(adapter, 6).clear()
            until(lambda: server.devices["6"].clears == 1)
        assert server.devices["4"].clears == 0

    def test_at_the_end_both_get_their_front_panels_back(self):
        server = Adapter({"4": Device(), "6": Device()})
        with opened(server) as adapter:
            link_to(adapter, 4).write("VA0")
            link_to(adapter, 6).write("PW0")
        until(lambda: server.devices["4"].local and server.devices["6"].local)


class TestLateAnswers:
    def test_a_result_that_comes_while_the_other_one_is_asked_is_kept_for_its_owner(self):
        devices = {"4": Device({"SI": RESULT}, after_s=0.2), "6": Device({"RU1": READING})}
        with opened(Adapter(devices), read_timeout_ms=500) as adapter:
            fra, pstat = adapter.instrument(4), adapter.instrument(6)
            fra.write_raw(b"SI")
            with pytest.raises(TimedOut):
                fra.read_raw()
            pstat.write_raw(b"RU1")
            until_s = time.monotonic() + 2.0
            while True:
                try:
                    assert pstat.read_raw() == READING
                    break
                except TimedOut:
                    assert time.monotonic() < until_s
            assert fra.read_raw() == RESULT

    def test_a_result_that_was_given_up_is_not_taken_for_the_next_answer(self):
        device = Device({"SI": RESULT, "?ER": b"00\r\n"}, after_s=0.2)
        with opened(Adapter({"4": device}), read_timeout_ms=500) as adapter:
            fra = adapter.instrument(4)
            fra.write_raw(b"SI")
            with pytest.raises(TimedOut):
                fra.read_raw()
            time.sleep(0.25)
            fra.write_raw(b"?ER")
            line = None
            while line is None:
                try:
                    line = fra.read_raw()
                except TimedOut:
                    continue
            assert line == b"00\r\n"

    def test_a_late_serial_poll_is_not_taken_for_a_reading(self):
        server = Adapter({"6": Device({"?RR": b"5\r\n"})})
        with opened(server) as adapter:
            pstat = adapter.instrument(6)
            server.late_s = 0.12
            assert pstat.read_stb() == 0
            server.late_s = 0.0
            assert link_to(adapter, 6).query("?RR") == "5"

    def test_a_command_does_not_wait_for_what_is_late(self):
        server = Adapter({"6": Device()})
        with opened(server, read_timeout_ms=500) as adapter:
            pstat = adapter.instrument(6)
            with pytest.raises(TimedOut):
                pstat.read_raw()
            with Stopwatch() as watch:
                pstat.write_raw(b"PW0")
            assert watch.elapsed_s < 0.25  # what is late is waited for, 0.5 s and more
            until(lambda: server.devices["6"].heard == [b"PW0"])


class TestLoss:
    @pytest.mark.parametrize("serve", [on_tcp, pytest.param(on_pty, marks=needs_pty)])
    def test_an_adapter_that_is_unplugged_is_a_bus_error_within_a_query(self, serve):
        server = Adapter({"4": Device({"?ER": b"00\r\n"})})
        with opened(server, serve) as adapter:
            link = link_to(adapter)
            assert link.query("?ER") == "00"
            server.hang_up()
            with pytest.raises(BusError, match="1260 broke at"):
                link.query("?ER")
            assert not adapter.is_open

    def test_one_that_holds_the_line_but_answers_nothing_is_taken_for_lost(self):
        server = Adapter({"4": Device({"?ER": b"00\r\n"})})
        with opened(server, silent_s=0.2) as adapter:
            server.mute = True
            link = link_to(adapter, status_mask=16, reply_timeout_s=3.0)
            with pytest.raises(BusError, match="does not answer any more"):
                link.query("?ER")
            assert not adapter.is_open

    def test_everything_fails_after_the_loss_until_it_is_found_again(self):
        server = Adapter({"4": Device({"?ER": b"00\r\n"})})
        with opened(server) as adapter:
            link = link_to(adapter)
            server.hang_up()
            with pytest.raises(BusError):
                link.query("?ER")
            with pytest.raises(BusError, match="is lost"):
                link.write("PW0")
            link.reconnect(within_s=5.0)
            assert link.query("?ER") == "00"
            assert server.lines.count(b"++savecfg 0") == 2

    def test_an_adapter_that_answers_is_left_alone(self):
        server = Adapter({})
        with opened(server) as adapter:
            adapter.reconnect(SystemClock(), 1.0)
        assert server.lines.count(b"++savecfg 0") == 1

    def test_looking_for_it_ends_and_can_be_interrupted(self):
        with on_tcp(Adapter({})) as address:
            adapter = PrologixAdapter(address)
        with pytest.raises(CannotOpen, match="nothing listens there"):
            adapter.reconnect(SystemClock(), 0.1)

        def stop():
            raise Interrupted("stop")

        with pytest.raises(Interrupted):
            adapter.reconnect(CancellableClock(SystemClock(), stop), 60.0)
        adapter.close()

    def test_a_pair_is_off_first_and_its_settings_are_verified(self):
        pstat = Device({"?RR": b"5\r\n", "?PW": b"0\r\n"})
        server = Adapter({"4": Device({"?VA": b"+0.0000E+00\r\n", "?VB": b"+0.0000E+00\r\n"}), "6": pstat})
        with opened(server) as adapter:
            pair = Pair.wired((link_to(adapter, 4), link_to(adapter, 6, "1287")))
            pair.pstat.off()
            pair.fra.confirm_generator_off()
            pair.pstat.set_range(5)
            until(lambda: b"RR5" in pstat.heard)
            pstat.heard.clear()
            server.hang_up()
            until(lambda: not adapter.is_alive(0.2))
            pair.reconnect(5.0)
            pair.verify_settings()
            assert pstat.heard == [b"OT1", b"PW0", b"PW0", b"?RR"]


def test_a_query_over_tcp_waits_for_nothing_but_the_answer():
    # What it costs is measured in benchmarks/; a wait by polling, or for a delayed acknowledgement, is 10 to 40 ms.
    with opened(Adapter({"4": Device({"?FR": b"+1.0000E+03\r\n"})})) as adapter:
        link = link_to(adapter, status_mask=16)
        link.query("?FR")

        def once():
            started_s = time.perf_counter()
            link.query("?FR")
            return time.perf_counter() - started_s

        assert min(median(once() for _ in range(100)) for _ in range(5)) < 5e-3


@needs_pty
def test_a_query_over_a_pty_costs_less_than_a_millisecond():
    with opened(Adapter({"4": Device({"?FR": b"+1.0000E+03\r\n"})}), on_pty) as adapter:
        link = link_to(adapter, status_mask=16)

        def once():
            started_s = time.perf_counter()
            link.query("?FR")
            return time.perf_counter() - started_s

        assert min(median(once() for _ in range(100)) for _ in range(5)) < 1e-3


@needs_pty
def test_a_second_program_is_told_that_the_port_is_held():
    with opened(Adapter({}), on_pty) as adapter, pytest.raises(CannotOpen, match="another program holds it"):
        PrologixAdapter(adapter.address)
