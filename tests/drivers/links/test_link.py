"""A link sends, polls in slices with the clock, and says whose doing it is when something fails."""

from __future__ import annotations

import pytest

from solbench.drivers.clock import CancellableClock, Interrupted
from solbench.drivers.errors import BusError, NoReply
from solbench.drivers.links.link import Link, LinkSettings
from tests.drivers.dialogue import Dialogue, FakeClock, connection_lost, sent, time_out


def link_on(resource, settings=None, clock=None, **more):
    return Link(resource, clock or FakeClock(), "1287", settings, **more)


class LateReply(Dialogue):
    """Replies only from `ready_s` on, as an instrument that measures; a silent read takes the time-out."""

    def __init__(self, steps, clock, ready_s):
        super().__init__(steps)
        self.clock = clock
        self.ready_s = ready_s

    def read_raw(self):
        if self.clock.now() < self.ready_s:
            self.silent_reads += 1
            self.clock.time_s += self.timeout / 1000.0
            raise time_out()
        return super().read_raw()

    def read_stb(self):
        return 16 if self.unread and self.clock.now() >= self.ready_s else 0


class TestWriting:
    def test_nothing_is_appended_for_eoi_switches_and_lf_for_lf_switches(self):
        link_on(Dialogue(sent("PW0"))).write("PW0")
        link_on(Dialogue(sent("PW0\n")), LinkSettings(write_termination="\n")).write("PW0")

    def test_the_pause_lies_between_commands_and_not_behind_the_last(self):
        clock = FakeClock(0.0)
        link = link_on(Dialogue(sent("PC0", "PW0")), LinkSettings(command_pause_s=0.3), clock)
        link.write("PC0")
        assert clock.now() == 0.0
        link.write("PW0")
        assert clock.now() == 0.3

    def test_a_command_not_taken_is_no_reply_and_the_next_begins_with_a_device_clear(self):
        class HangsOnce(Dialogue):
            hanging = True

            def write_raw(self, message):
                if self.hanging:
                    self.hanging = False
                    raise time_out()
                return super().write_raw(message)

        dialogue = HangsOnce(sent("PW0"))
        link = link_on(dialogue)
        with pytest.raises(NoReply, match="1287 did not react to 'PV0'"):
            link.write("PV0")
        link.write("PW0")
        assert dialogue.clears == 1

    @pytest.mark.parametrize("broken", [connection_lost(), OSError("unplugged")])
    def test_a_broken_adapter_is_a_bus_error(self, broken):
        dialogue = Dialogue([])

        def fail(message):
            raise broken

        dialogue.write_raw = fail
        with pytest.raises(BusError, match="1287 broke at 'PW0'") as caught:
            link_on(dialogue).write("PW0")
        assert caught.value.__cause__ is broken

    def test_a_whole_line_may_come_within_the_timeout_of_a_resource_that_loses_what_has_come(self):
        dialogue, keeps = Dialogue([]), Dialogue([])
        keeps.keeps_parts = True
        link_on(dialogue)
        link_on(keeps)
        assert (dialogue.timeout, keeps.timeout) == (1000.0, 50.0)


class Reopening(Dialogue):
    """A pyvisa resource whose adapter comes back at the third attempt."""

    def __init__(self, steps):
        super().__init__(steps)
        self.opened = self.closed = 0
        self.wrote_local = []

    def close(self):
        self.closed += 1

    def open(self):
        self.opened += 1
        if self.opened < 3:
            raise connection_lost()

    def control_ren(self, mode):
        self.wrote_local.append(mode)


class TestReconnecting:
    def test_a_visa_resource_is_opened_anew_until_it_is_there_and_cleared(self):
        dialogue = Reopening([("?ER", b"00\r\n")])
        clock = FakeClock(0.0)
        link = link_on(dialogue, clock=clock)
        dialogue.timeout = 2000.0
        link.reconnect(within_s=10.0)
        assert (dialogue.opened, dialogue.clears, clock.now()) == (3, 1, 1.0)
        assert dialogue.timeout == 1000.0
        assert link.query("?ER") == "00"

    def test_at_the_end_of_the_time_it_is_a_bus_error(self):
        with pytest.raises(BusError, match="reconnecting"):
            link_on(Reopening([]), clock=FakeClock(0.0)).reconnect(within_s=0.0)

    def test_the_front_panel_is_given_back_over_visa(self):
        dialogue = Reopening([])
        link_on(dialogue).local()
        assert [mode.name for mode in dialogue.wrote_local] == ["address_gtl"]

    def test_a_bus_that_cannot_give_it_back_is_no_error(self):
        link_on(Dialogue([])).local()
        dialogue = Reopening([])
        dialogue.control_ren = lambda mode: (_ for _ in ()).throw(NotImplementedError)
        link_on(dialogue).local()


class Patient(LateReply):
    """A transport of a served simulation: answers take host time, in which its clock goes far."""

    patience_s = 1.0


class Fast(FakeClock):
    slice_s = 180.0  # an hour in a second


def test_an_answer_is_waited_for_in_host_time_however_fast_the_clock_goes():
    clock = Fast(0.0)
    link = link_on(Patient([("?ER", b"00\r\n")], clock, ready_s=2000.0), clock=clock)
    assert link.query("?ER") == "00"
    late = link_on(Patient([("?ER", b"00\r\n")], Fast(0.0), ready_s=1e9), clock=Fast(0.0))
    with pytest.raises(NoReply):
        late.query("?ER")


class TestReading:
    @pytest.mark.parametrize("end", [b"", b"\r", b"\n", b"\r\n"])
    def test_line_ends_are_stripped_whatever_they_are(self, end):
        assert link_on(Dialogue([("?ER", b"00" + end)])).query("?ER") == "00"

    def test_it_sleeps_until_the_reading_is_ready_and_then_reads_once(self):
        clock = FakeClock(10.0)
        dialogue = LateReply([("RU1", b"x\r\n")], clock, ready_s=10.2)
        link = link_on(dialogue, clock=clock)
        link.request("RU1")
        assert link.read_when_ready(10.2, 17.0) == "x"
        assert clock.sleeps == [10.2]
        assert dialogue.silent_reads == 0

    def test_short_reads_go_on_until_the_late_reply_comes(self):
        clock = FakeClock(10.0)
        dialogue = LateReply([("RU1", b"x\r\n")], clock, ready_s=11.0)
        dialogue.keeps_parts = True
        link = link_on(dialogue, clock=clock)
        link.request("RU1")
        assert link.read_when_ready(10.2, 17.0) == "x"
        assert 11.0 <= clock.now() < 11.06
        assert 15 <= dialogue.silent_reads <= 17

    def test_with_a_status_bit_it_reads_only_when_there_is_something(self):
        clock = FakeClock(0.0)
        dialogue = LateReply([("SI", b"x\r\n")], clock, ready_s=101.0)
        link = link_on(dialogue, LinkSettings(status_mask=16), clock)
        link.request("SI")
        assert link.read_when_ready(100.0, 500.0) == "x"
        assert clock.now() == pytest.approx(101.0, abs=0.021)
        assert dialogue.silent_reads == 0

    def test_a_status_bit_that_means_something_else_costs_the_time_but_not_the_reply(self):
        dialogue = Dialogue([("SI", b"x\r\n")])
        dialogue.read_stb = lambda: 0
        clock = FakeClock(0.0)
        link = link_on(dialogue, LinkSettings(status_mask=16), clock)
        link.request("SI")
        assert link.read_when_ready(1.0, 3.0) == "x"
        assert clock.now() == 3.0

    def test_a_reply_that_an_adapter_took_off_the_bus_and_delivers_late_is_not_waited_for_to_the_end(self):
        class DeliversLate(Dialogue):
            statuses, slow = [0, 16, 0], 3  # before the question, once with the line, after it

            def read_stb(self):
                return self.statuses.pop(0)

            def read_raw(self):
                self.slow -= 1
                if self.slow >= 0:
                    raise time_out()
                return super().read_raw()

        clock = FakeClock(0.0)
        link = link_on(DeliversLate([("SI", b"x\r\n")]), LinkSettings(status_mask=16), clock)
        link.request("SI")
        assert link.read_when_ready(0.0, 500.0) == "x"
        assert clock.now() < 0.1

    def test_at_the_deadline_it_names_the_command_and_the_time(self):
        clock = FakeClock(0.0)
        link = link_on(Dialogue(sent("RU1")), clock=clock)
        link.request("RU1")
        with pytest.raises(NoReply, match=r"'RU1' within 7 s") as caught:
            link.read_when_ready(0.2, 7.0)
        assert caught.value.waited_s == pytest.approx(7.0)
        assert clock.now() == 7.0

    def test_one_that_has_answered_is_not_sent_to_its_switches(self):
        link = link_on(
            Dialogue([("?ER", b"00\r\n"), ("RU1", None)]), clock=FakeClock(0.0), cure="The switches"
        )
        link.query("?ER")
        link.request("RU1")
        with pytest.raises(NoReply, match=r"It has answered before: check its power and its cable\.$"):
            link.read_when_ready(0.2, 7.0)
        new = link_on(Dialogue([("RU1", None)]), clock=FakeClock(0.0), cure="The switches")
        new.request("RU1")
        with pytest.raises(NoReply, match=r"The switches\.$"):
            new.read_when_ready(0.2, 7.0)

    def test_it_can_be_interrupted_while_it_waits(self):
        clock = FakeClock(0.0)

        def check():
            if clock.now() > 3.0:
                raise Interrupted("stop")

        resource = Dialogue(sent("SI"))
        link = link_on(resource, clock=CancellableClock(clock, check))
        link.request("SI")
        with pytest.raises(Interrupted):
            link.read_when_ready(0.0, 100.0)
        assert clock.now() < 3.1

    def test_a_reply_that_came_too_late_is_not_taken_for_the_next_one(self):
        dialogue = Dialogue([("RU1", None), ("?ER", b"00\r\n")])
        clock = FakeClock(0.0)
        link = link_on(dialogue, clock=clock)
        link.request("RU1")
        with pytest.raises(NoReply):
            link.read_when_ready(0.2, 1.0)
        assert link.reply_pending
        dialogue.unread.append(b"+2.07035E-03,+1.51106E-08,00,00\r\n")
        assert link.query("?ER") == "00"
        assert not link.reply_pending

    def test_the_wait_for_a_reply_that_never_comes_is_short(self):
        dialogue = Dialogue([("RU1", None), ("?ER", b"00\r\n")])
        clock = FakeClock(0.0)
        link = link_on(dialogue, clock=clock)
        link.request("RU1")
        with pytest.raises(NoReply):
            link.read_when_ready(0.2, 1.0)
        assert link.query("?ER") == "00"
        assert clock.now() <= 1.21

    def test_a_command_that_asks_nothing_does_not_wait_for_a_late_reply(self):
        clock = FakeClock(0.0)
        link = link_on(Dialogue(sent("SI", "PW0")), clock=clock)
        link.request("SI")
        link.write("PW0")
        assert clock.now() == 0.0

    def test_a_device_clear_forgets_the_missing_reply(self):
        dialogue = Dialogue(sent("SI"))
        link = link_on(dialogue)
        link.request("SI")
        link.clear()
        assert not link.reply_pending
        assert dialogue.clears == 1

    def test_a_broken_adapter_while_reading_or_polling_is_a_bus_error(self):
        def fail():
            raise connection_lost()

        dialogue = Dialogue(sent("?ER", "?ER"))
        dialogue.read_raw = dialogue.read_stb = fail
        with pytest.raises(BusError):
            link_on(dialogue).query("?ER")
        with pytest.raises(BusError):
            link_on(dialogue, LinkSettings(status_mask=16)).query("?ER")
