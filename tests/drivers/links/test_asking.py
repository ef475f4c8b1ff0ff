"""A question is asked again where its answer was lost, late, torn or garbled; which bit announces a line is learnt."""

from collections.abc import Sequence
from math import inf

import pytest

from solbench.drivers.errors import BadReply, BusError, NoReply
from solbench.drivers.links.link import Link, LinkSettings, Revival
from solbench.drivers.links.numbers import number
from solbench.drivers.links.wait import Wait
from tests.drivers.dialogue import Dialogue, FakeClock, Step, connection_lost, sent, time_out

EXPECTED = "a number"


def link_on(resource, mask: int = 0, **more) -> Link:
    return Link(resource, FakeClock(0.0), "1287", LinkSettings(status_mask=mask), **more)


def asked(steps: list[Step], mask: int = 128) -> tuple[Link, Dialogue]:
    dialogue = Dialogue(steps)
    return link_on(dialogue, mask), dialogue


def codes(link: Link) -> list[tuple[str, str, int]]:
    return [(one.code, one.raw, one.attempt) for one in link.incidents.take()]


class TestAskingAgain:
    @pytest.mark.parametrize(
        ("first", "code"),
        [(b"+1.2x00E-03\r\n", "garbled"), (b"29.05100E-01\r\n", "garbled"), (None, "silent")],
    )
    @pytest.mark.parametrize("times", [1, 2])
    def test_once_or_twice_and_each_time_is_noted(self, first, code, times):
        link, dialogue = asked([*times * [("?VA", first)], ("?VA", b"+1.2000E-03\r\n")])
        assert link.ask("?VA", number, EXPECTED) == 1.2e-3
        raw = "" if first is None else first.decode().strip()
        assert codes(link) == [(code, raw, attempt) for attempt in range(1, times + 1)]
        assert codes(link) == []
        dialogue.finish()

    def test_within_two_seconds_it_is_given_up(self):
        link, dialogue = asked(3 * [("?VA", None)])
        with pytest.raises(NoReply, match=r"'\?VA'") as caught:
            link.ask("?VA", number, EXPECTED)
        assert caught.value.waited_s == pytest.approx(link.clock.now())
        assert 1.0 < link.clock.now() <= 2.0
        dialogue.finish()

    def test_three_that_are_no_answer_are_a_bad_reply_with_the_last_of_them(self):
        link, dialogue = asked([("?VA", b"a\r\n"), ("?VA", b"b\r\n"), ("?VA", b"c\r\n")])
        with pytest.raises(BadReply, match="'c'; expected a number"):
            link.ask("?VA", number, EXPECTED)
        dialogue.finish()

    def test_a_line_without_its_end_is_torn_once_one_had_an_end(self):
        link, dialogue = asked(
            [("?VA", b"+1.0000E+00\r\n"), ("?VA", b"+1.0000E+0"), ("?VA", b"+1.0000E+01\r\n")]
        )
        assert link.ask("?VA", number, EXPECTED) == 1.0
        assert link.ask("?VA", number, EXPECTED) == 10.0
        assert codes(link) == [("torn", "+1.0000E+0", 1)]
        dialogue.finish()

    def test_a_broken_connection_is_not_asked_again(self):
        link, dialogue = asked(sent("?VA"))
        dialogue.read_stb = lambda: (_ for _ in ()).throw(connection_lost())
        with pytest.raises(BusError):
            link.ask("?VA", number, EXPECTED)

    def test_a_question_that_was_not_taken_is_not_sent_again(self):
        dialogue = Dialogue([])
        writes = []

        def refuse(message):
            writes.append(message)
            raise time_out()

        dialogue.write_raw = refuse
        with pytest.raises(NoReply):
            link_on(dialogue).ask("?VA", number, EXPECTED)
        assert writes == [b"?VA"]

    def test_a_setting_is_never_sent_twice(self):
        writes = []

        class Refuses(Dialogue):
            def write_raw(self, message):
                writes.append(message)
                raise time_out()

        with pytest.raises(NoReply):
            link_on(Refuses([])).write("PC1.0000E-04")
        assert writes == [b"PC1.0000E-04"]

    def test_a_result_that_came_torn_is_put_out_again_and_not_measured_again(self):
        link, dialogue = asked([("SI", b"+1.0\r\n"), ("SI", b"+2."), ("DO", b"+2.0\r\n")])
        assert link.ask("SI", number, EXPECTED, repeat="DO") == 1.0
        assert link.ask("SI", number, EXPECTED, repeat="DO") == 2.0
        dialogue.finish()

    def test_a_result_that_did_not_come_is_not_asked_for_again(self):
        link, dialogue = asked([("SI", None)])
        with pytest.raises(NoReply):
            link.ask("SI", number, EXPECTED, repeat="DO")
        dialogue.finish()


class Late(Dialogue):
    """The answers of the first questions come behind the one to the question after them."""

    def __init__(self, late: bytes, answer: bytes) -> None:
        super().__init__([("?VA", None), ("?VB", None)])
        self.answers = [late, answer]

    def write_raw(self, message):
        super().write_raw(message)
        if message == b"?VB":
            self.unread += self.answers
        return len(message)


@pytest.mark.parametrize("mask", [0, 128])
def test_an_answer_that_comes_behind_the_next_question_is_not_taken_for_its_answer(mask):
    link = link_on(Late(b"+1.0000E+00\r\n", b"+0.0000E+00\r\n"), mask)
    with pytest.raises(NoReply):
        link.query("?VA", 0.3)
    link.incidents.take()
    assert link.ask("?VB", number, EXPECTED) == 0.0
    assert codes(link) == [("late", "+1.0000E+00", 1)]


class Measuring:
    """Answers each question `takes_s` later with how often it was asked, one after the other."""

    def __init__(self, clock: FakeClock, takes_s: float) -> None:
        self.clock, self.takes_s, self.count, self.timeout = clock, takes_s, 0, 0.0
        self.lines: list[tuple[float, bytes]] = []
        self.first: list[tuple[float, bytes]] = []  # lines that come just before the next answer

    def write_raw(self, message: bytes) -> int:
        self.count += 1
        self.lines, self.first = self.lines + self.first, []
        last_s = max([self.clock.now(), *(at_s for at_s, _ in self.lines)])
        self.lines.append((last_s + self.takes_s, f"{self.count:+.4E}\r\n".encode()))
        return len(message)

    def read_stb(self) -> int:
        return 16 if self.lines and self.lines[0][0] <= self.clock.now() else 0

    def read_raw(self) -> bytes:
        if not self.read_stb():
            raise time_out()
        return self.lines.pop(0)[1]


@pytest.mark.parametrize("takes_s", [0.0, 0.02, 0.044, 0.09, 0.2])
@pytest.mark.parametrize("foreign", [1, 2])
def test_behind_an_answer_to_another_ones_question_each_answer_is_that_of_its_own_question(takes_s, foreign):
    """Somebody else asked: until a device clear each answer was the one to the question before, readings of 2 s ago."""
    clock = FakeClock(0.0)
    instrument = Measuring(clock, takes_s)
    link = Link(instrument, clock, "2400", LinkSettings(status_mask=16))
    wait = Wait(0.9 * takes_s, takes_s + 1.0, takes_s + 3.0)
    assert link.ask(":READ?", number, EXPECTED, wait) == 1.0
    instrument.lines += foreign * [(clock.now(), b'+0,"No error"\r\n')]
    for _ in range(5):
        assert link.ask(":READ?", number, EXPECTED, wait) == instrument.count
        clock.sleep_until(clock.now() + 2.0)


@pytest.mark.parametrize("takes_s", [0.002, 0.02, 0.044, 0.2])
@pytest.mark.parametrize("foreign", [1, 2, 3])
@pytest.mark.parametrize(
    "before_s", [-1.0, 0.0, 0.001]
)  # of the own question; below 0: it comes just behind it
def test_an_answer_to_another_ones_question_that_looks_like_an_own_one_shifts_no_others(
    takes_s: float, foreign: int, before_s: float
) -> None:
    clock = FakeClock(0.0)
    instrument = Measuring(clock, takes_s)
    link = Link(instrument, clock, "2400", LinkSettings(status_mask=16))
    wait = Wait(0.9 * takes_s, takes_s + 1.0, takes_s + 3.0)
    assert link.ask(":READ?", number, EXPECTED, wait) == 1.0
    clock.sleep_until(clock.now() + 2.0)  # readings closer together are shifted for so long, at most
    line = (clock.now(), b"+9.0000E+09\r\n")
    if before_s >= 0.0:
        instrument.lines += foreign * [line]
        clock.sleep_until(clock.now() + before_s)
        assert link.ask(":READ?", number, EXPECTED, wait) == instrument.count
    else:
        instrument.first += foreign * [line]
        assert link.ask(":READ?", number, EXPECTED, wait) == 9e9  # nothing tells it from an own one
    for _ in range(5):
        clock.sleep_until(clock.now() + 2.0)
        assert link.ask(":READ?", number, EXPECTED, wait) == instrument.count
    assert sum(code == "late" for code, *_ in codes(link)) == foreign


@pytest.mark.parametrize("unread", [1, 2, 3])
def test_a_line_that_an_earlier_owner_left_is_no_answer_and_hides_no_bit(unread: int) -> None:
    clock = FakeClock(0.0)
    instrument = Measuring(clock, 0.02)
    instrument.lines += unread * [(0.0, b"+9.0000E+09\r\n")]
    link = Link(instrument, clock, "2400", LinkSettings(status_mask=16))
    for count in range(1, 5):
        assert link.ask(":READ?", number, EXPECTED, Wait(0.018, 1.0, 3.0)) == count
        clock.sleep_until(clock.now() + 2.0)
    assert link._bit.is_proven
    assert codes(link) == unread * [("late", "+9.0000E+09", 1)]


def test_a_line_that_is_announced_and_never_comes_keeps_no_question_from_its_answer():
    dialogue = Polled([("?ER", b"00\r\n"), *6 * [("?ER", b"01\r\n")]], lambda waits: 16 * waits)
    link = link_on(dialogue, 16)
    link.query("?ER")
    dialogue.status = lambda waits: 16
    for _ in range(6):
        link.clock.sleep_until(link.clock.now() + 2.0)
        before_s = link.clock.now()
        assert link.query("?ER") == "01"
        assert link.clock.now() - before_s < 0.3


class Stuck(Measuring):
    """Its status is `status` in the times `stuck` (s), and each transfer takes `latency_s`."""

    def __init__(
        self, clock: FakeClock, stuck: Sequence[tuple[float, float]] = (), latency_s: float = 0.0
    ) -> None:
        super().__init__(clock, 0.02)
        self.stuck, self.latency_s = stuck, latency_s
        self.status = 16
        self.polls = self.vain = 0

    def read_stb(self) -> int:
        self.polls += 1
        self.clock.sleep_until(self.clock.now() + self.latency_s)
        now_s = self.clock.now()
        if any(begin_s <= now_s < end_s for begin_s, end_s in self.stuck):
            return self.status
        return super().read_stb()

    def read_raw(self) -> bytes:
        until_s = self.clock.now() + self.timeout / 1e3
        due_s = min((at_s for at_s, _ in self.lines), default=inf)
        if due_s > until_s:
            self.vain += 1
            self.clock.sleep_until(until_s)
            raise time_out()
        self.clock.sleep_until(due_s)
        return self.lines.pop(0)[1]


class Slow(Stuck):
    """Its lines take as long to come as a poll does: a read that ends earlier brings none."""

    def read_raw(self) -> bytes:
        until_s = self.clock.now() + self.timeout / 1e3
        due_s = max(min((at_s for at_s, _ in self.lines), default=inf), self.clock.now() + self.latency_s)
        if due_s > until_s:
            self.vain += 1
            self.clock.sleep_until(until_s)
            raise time_out()
        self.clock.sleep_until(due_s)
        return self.lines.pop(0)[1]


READ_WAIT = Wait(0.018, 1.02, 3.02)


def shift(clock: FakeClock, instrument: Measuring, link: Link) -> None:
    """Let somebody's answer be taken for the own one, and see that none is shifted two looks later."""
    instrument.first.append((clock.now(), b"+9.0000E+09\r\n"))
    assert link.ask(":READ?", number, EXPECTED, READ_WAIT) == 9e9
    for _ in range(3):
        clock.sleep_until(clock.now() + 2.5)
        assert link.ask(":READ?", number, EXPECTED, READ_WAIT) == instrument.count


@pytest.mark.parametrize("lasts_s", [0.004, 0.7, 3.3, 7.0, 25.0])
@pytest.mark.parametrize("status", [16, 24, 255])
def test_a_status_that_is_stuck_for_a_while_is_not_learnt(lasts_s: float, status: int) -> None:
    clock = FakeClock(0.0)
    instrument = Stuck(clock, [(9.99, 9.99 + lasts_s)])
    instrument.status = status
    link = Link(instrument, clock, "2400", LinkSettings(status_mask=16))
    for count in range(1, 40):
        before_s = clock.now()
        assert link.ask(":READ?", number, EXPECTED, READ_WAIT) == count
        assert clock.now() - before_s < 0.3
        clock.sleep_until(float(count))
    assert codes(link) == []
    assert (link._bit.mask, link._bit.is_proven) == (16, True)
    assert instrument.vain <= 2
    shift(clock, instrument, link)


def test_a_status_that_is_garbled_now_and_then_has_nothing_read_in_vain() -> None:
    """To some makes a read without a question is an error, which is found as one."""
    clock = FakeClock(0.0)
    instrument = Stuck(clock, [(3.0 * one, 3.0 * one + 0.0005) for one in range(1, 40)], 0.001)
    link = Link(instrument, clock, "2400", LinkSettings(status_mask=16))
    for count in range(1, 41):
        assert link.ask(":READ?", number, EXPECTED, READ_WAIT) == count
        clock.sleep_until(3.0 * count - 0.001)  # the poll before the next question is the garbled one
    assert instrument.vain == 0
    assert codes(link) == []


def test_a_bit_that_was_given_up_is_used_again_once_it_shows_a_line_nobody_asked_for() -> None:
    clock = FakeClock(0.0)
    instrument = Stuck(clock, [(9.5, 30.0)])
    instrument.status = 0
    link = Link(instrument, clock, "2400", LinkSettings(status_mask=16))
    for count in range(1, 40):
        assert link.ask(":READ?", number, EXPECTED, READ_WAIT) == count
        clock.sleep_until(float(count))
    assert [code for code, *_ in codes(link)] == ["no bit"]
    shift(clock, instrument, link)
    assert [(code, raw) for code, raw, _ in codes(link)][:2] == [
        ("late", "+4.0000E+01"),
        ("other bit", "0 -> 16"),
    ]


@pytest.mark.parametrize("latency_s", [0.0, 0.001, 0.02, 0.05, 0.2])
@pytest.mark.parametrize("pause_s", [0.0, 1.0])
def test_the_look_before_a_question_takes_a_hundredth_of_the_time_at_most(
    latency_s: float, pause_s: float
) -> None:
    clock = FakeClock(0.0)
    instrument = Stuck(clock, (), latency_s)
    link = Link(instrument, clock, "2400", LinkSettings(status_mask=16))
    link.ask(":READ?", number, EXPECTED, READ_WAIT)
    began_s = clock.now()
    looks = 0
    for _ in range(200):
        clock.sleep_until(clock.now() + pause_s)
        polls = instrument.polls
        link.request(":READ?")
        looks += instrument.polls - polls
        link.read_when_ready(clock.now() + 0.018, clock.now() + 1.0)
    took_s = clock.now() - began_s
    assert 0 < looks <= 1 + min(took_s / 2.0, 0.01 * took_s / max(latency_s, 1e-6))


class Polled(Dialogue):
    """Its status byte is what `status` makes of whether a line waits."""

    def __init__(self, steps, status) -> None:
        super().__init__(steps)
        self.status = status
        self.polls = 0

    def read_stb(self):
        self.polls += 1
        return self.status(bool(self.unread))


class TestLearningTheBit:
    @pytest.mark.parametrize("bit", [1, 4, 16, 32, 128])
    @pytest.mark.parametrize("others", [0, 64, 2 + 8])
    def test_another_bit_than_expected_is_used_from_the_first_line_on(self, bit, others):
        dialogue = Polled(4 * [("?ER", b"00\r\n")], lambda waits: others + bit * waits)
        link = link_on(dialogue, 16)
        for _ in range(4):
            assert link.query("?ER") == "00"
        assert codes(link) == ([] if bit == 16 else [("other bit", f"16 -> {bit}", 1)])
        assert link.clock.now() < 0.1

    @pytest.mark.parametrize("byte", [0, 16, 255])
    def test_a_byte_that_never_changes_is_asked_no_more_after_two_lines(self, byte):
        dialogue = Polled(5 * [("?ER", b"00\r\n")], lambda waits: byte)
        link = link_on(dialogue, 16)
        for _ in range(2):
            assert link.query("?ER") == "00"
        assert [one[0] for one in codes(link)] == ["no bit"]
        learnt_s, polls = link.clock.now(), dialogue.polls
        for _ in range(3):
            assert link.query("?ER") == "00"
        assert (link.clock.now(), dialogue.polls) == (learnt_s, polls)

    def test_a_bit_that_falls_silent_later_costs_time_once_and_no_line(self):
        dialogue = Polled(6 * [("?ER", b"00\r\n")], lambda waits: 16 * waits)
        link = link_on(dialogue, 16)
        link.query("?ER")
        dialogue.status = lambda waits: 0
        for _ in range(5):
            assert link.query("?ER") == "00"
        assert link.clock.now() < 1.2

    def test_a_proven_bit_costs_one_poll_a_line(self):
        dialogue = Polled(4 * [("?ER", b"00\r\n")], lambda waits: 16 * waits)
        link = link_on(dialogue, 16)
        link.query("?ER")
        before = dialogue.polls
        for _ in range(3):
            link.query("?ER")
        assert dialogue.polls - before == 3

    def test_results_of_measurements_may_have_a_bit_that_answers_have_not(self):
        measured = False
        dialogue = Polled(
            [*2 * [("?ER", b"00\r\n")], *3 * [("RU1", b"x\r\n")]], lambda waits: 128 * (waits and measured)
        )
        link = link_on(dialogue, 128)
        for _ in range(2):
            link.query("?ER")
        measured = True
        link.incidents.take()
        for _ in range(3):
            link.request("RU1", measures=True)
            assert link.read_when_ready(0.0, link.clock.now() + 7.0) == "x"
        assert codes(link) == []


class TestGreeting:
    def test_it_is_the_first_thing_that_is_sent_and_sent_once(self):
        dialogue = Dialogue([*sent("OT3", "PW0", "BY1")])
        link = link_on(dialogue, greeting="OT3")
        link.write("PW0")
        link.write("BY1")
        dialogue.finish()

    def test_it_comes_before_a_device_clear_too(self):
        dialogue = Dialogue(sent("OT3"))
        link_on(dialogue, greeting="OT3").clear()
        dialogue.finish()

    def test_where_it_fails_the_command_goes_out_all_the_same(self):
        class LosesOne(Dialogue):
            lost = False

            def write_raw(self, message):
                if not self.lost:
                    self.lost = True
                    raise time_out()
                return super().write_raw(message)

        dialogue = LosesOne(sent("PW0"))
        link_on(dialogue, greeting="OT3").write("PW0")
        dialogue.finish()


def test_half_a_message_is_discarded_only_before_what_may_follow_a_device_clear():
    class TearsOne(Dialogue):
        torn = False

        def write_raw(self, message):
            if not self.torn:
                self.torn = True
                raise time_out()
            return super().write_raw(message)

    dialogue = TearsOne(sent("PW0", "BY1"))
    link = link_on(dialogue)
    link.clears_before = frozenset({"PW0"})
    with pytest.raises(NoReply):
        link.write("PC1.0000E-04")
    with pytest.raises(NoReply, match="part of an earlier command"):
        link.write("PC2.0000E-04")
    assert dialogue.clears == 0
    link.write("PW0")
    link.write("BY1")
    assert dialogue.clears == 1
    dialogue.finish()


class TestAfterADeviceClear:
    """Some units are reset by it: deaf for a while, and with another end of a line."""

    def test_it_is_greeted_and_asked_until_it_answers_before_anything_else_is_sent(self):
        unheard = [("OT3", None), ("?ER", None)]
        dialogue = Dialogue(
            [*sent("OT3"), *2 * unheard, *sent("OT3"), ("?ER", b"00\r\n"), *sent("BY1", "DG0")]
        )
        link = link_on(dialogue, 128, greeting="OT3")
        link.revival = Revival("?ER", within_s=3.0)
        link.clear()
        link.write("BY1")
        assert 0.6 <= link.clock.now() < 1.0
        link.write("DG0")
        dialogue.finish()

    def test_what_switches_off_does_not_wait_for_it(self):
        dialogue = Dialogue(sent("OT3", "PW0", "PW0"))
        link = link_on(dialogue, 128, greeting="OT3")
        link.clears_before, link.revival = frozenset({"PW0"}), Revival("?ER", within_s=3.0)
        link.clear()
        link.write("PW0")
        link.write("PW0")
        assert (link.clock.now(), link.was_cleared) == (0.0, True)
        dialogue.finish()

    def test_one_that_takes_nothing_meanwhile_is_not_cleared_again_for_that(self):
        class Deaf(Dialogue):
            hears_from_s = 0.0

            def clear(self):
                super().clear()
                self.hears_from_s = link.clock.now() + 0.29

            def write_raw(self, message):
                if link.clock.now() < self.hears_from_s:
                    link.clock.sleep_until(link.clock.now() + 0.05)
                    raise time_out()
                return super().write_raw(message)

        dialogue = Deaf([*sent("OT3", "OT3"), ("?ER", b"00\r\n"), *sent("BY1", "PW0")])
        link = link_on(dialogue, 128, greeting="OT3")
        link.clears_before, link.revival = frozenset({"PW0"}), Revival("?ER", within_s=3.0)
        link.clear()
        for _ in range(2):
            with pytest.raises(NoReply):
                link.write("PW0")
        link.write("BY1")
        assert dialogue.clears == 1
        link.write("PW0")
        dialogue.finish()

    def test_one_that_never_answers_is_given_up_by_the_next_question(self):
        class Deaf(Dialogue):
            def write_raw(self, message):
                return len(message)

        link = link_on(Deaf([]), 128)
        link.revival = Revival("?ER", within_s=3.0)
        link.clear()
        with pytest.raises(NoReply, match=r"'\?VA'"):
            link.ask("?VA", number, EXPECTED)
        assert 3.0 <= link.clock.now() < 6.0


@pytest.mark.parametrize("latency_s", [0.0, 0.02, 0.08, 0.12, 0.3])
def test_a_line_that_waits_is_discarded_on_a_bus_as_slow_as_a_short_read(latency_s: float) -> None:
    clock = FakeClock(0.0)
    instrument = Slow(clock, (), latency_s)
    link = Link(instrument, clock, "2400", LinkSettings(status_mask=16))
    every_s = max(2.5, 110.0 * latency_s)
    link.ask(":READ?", number, EXPECTED, READ_WAIT)
    clock.sleep_until(clock.now() + every_s)
    instrument.first.append((clock.now(), b"+9.0000E+09\r\n"))
    assert link.ask(":READ?", number, EXPECTED, READ_WAIT) == 9e9
    for _ in range(4):
        clock.sleep_until(clock.now() + every_s)
        assert link.ask(":READ?", number, EXPECTED, READ_WAIT) == instrument.count
    astray = link.take_astray()
    assert astray is not None
    assert astray.lines == 1
    assert link.take_astray() is None


def test_where_somebody_else_was_met_it_is_looked_before_each_question_for_a_while() -> None:
    clock = FakeClock(0.0)
    instrument = Slow(clock, (), 0.05)
    link = Link(instrument, clock, "2400", LinkSettings(status_mask=16))
    link.ask(":READ?", number, EXPECTED, READ_WAIT)
    clock.sleep_until(clock.now() + 6.0)
    instrument.first.append((clock.now(), b"+9.0000E+09\r\n"))
    link.ask(":READ?", number, EXPECTED, READ_WAIT)
    clock.sleep_until(clock.now() + 6.0)
    assert link.ask(":READ?", number, EXPECTED, READ_WAIT) == instrument.count
    for _ in range(5):
        instrument.first.append((clock.now(), b"+9.0000E+09\r\n"))
        assert link.ask(":READ?", number, EXPECTED, READ_WAIT) == 9e9
        assert link.ask(":READ?", number, EXPECTED, READ_WAIT) == instrument.count  # at once
    clock.sleep_until(clock.now() + 700.0)
    before = instrument.polls
    for _ in range(20):
        link.ask(":READ?", number, EXPECTED, READ_WAIT)
    assert instrument.polls - before <= 2 + 20  # one for each answer


@pytest.mark.parametrize("held_up_s", [1.0, 8.0, 60.0, 3600.0])
def test_one_poll_that_was_held_up_makes_no_later_wait_longer_and_no_later_look_rarer(
    held_up_s: float,
) -> None:
    clock = FakeClock(0.0)
    instrument = Slow(clock, (), 0.005)
    link = Link(instrument, clock, "2400", LinkSettings(status_mask=16))
    for _ in range(3):
        link.ask(":READ?", number, EXPECTED, READ_WAIT)
        clock.sleep_until(clock.now() + 3.0)
    instrument.latency_s = held_up_s
    link.look_for_strays()
    instrument.latency_s = 0.005
    clock.sleep_until(clock.now() + 3.0)
    shift(clock, instrument, link)
