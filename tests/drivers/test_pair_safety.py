"""The pair is made safe from whatever state it is in, after a broken connection too."""

from __future__ import annotations

import pytest

from solbench.drivers.errors import NoReply, NotSafe, OutOfOrder, SettingsChanged
from tests.drivers.bench import fake_pair, measure_of
from tests.drivers.dialogue import FakeClock


class TestMakingSafe:
    def test_the_1287_first_and_verified_then_the_1260(self):
        bench = measure_of([])
        report = bench.pair.make_safe()
        heard = bench.sent_since(0)
        first = ["1287 PW0", "1287 PW0"]
        last = ["1287 RU1", "1287 RU1", "1260 VA0", "1260 VB0", "1260 BK"]
        assert (heard[:2], heard[-5:]) == (first, last)
        assert report.problems == {}

    def test_an_absent_1260_delays_nothing_that_matters_and_hides_nothing(self):
        bench = measure_of([])
        bench.fra.dead = True
        report = bench.pair.make_safe()
        assert bench.sent_since(0)[:2] == ["1287 PW0", "1287 PW0"]
        assert "1260 did not react" in report.problems["1260"]
        assert report.current_A == 0.0

    def test_a_cell_that_still_carries_current_is_an_alarm_with_the_generator_stopped(self):
        bench = measure_of([])
        bench.pstat.current_A = 126e-6
        with pytest.raises(NotSafe, match="STANDBY"):
            bench.pair.make_safe()
        assert bench.fra.values["VA"] == "0"

    def test_a_silent_1287_still_gets_the_1260_stopped(self):
        bench = measure_of([])
        bench.pstat.dead = True
        with pytest.raises(NotSafe):
            bench.pair.make_safe()
        assert bench.fra.values["VA"] == "0"

    def test_it_uses_the_clock_that_cannot_be_interrupted_and_gives_the_other_back(self):
        bench = measure_of([])
        shielded = FakeClock(500.0)
        bench.pair.make_safe(shielded)
        assert bench.pair.pstat.link.clock is bench.clock
        assert bench.pair.fra.link.clock is bench.clock
        assert shielded.now() > 500.0

    def test_afterwards_the_bench_can_be_prepared_again_and_the_generator_is_read_back_before(self):
        bench = measure_of([])
        bench.pair.make_safe()
        mark = len(bench.log)
        bench.pair.prepare_current(1e-4)
        assert bench.sent_since(mark)[:3] == ["1260 ?VA", "1260 ?VB", "1287 PI1"]
        bench.pair.on()

    def test_a_generator_that_did_not_stop_is_found_before_the_next_segment(self):
        bench = measure_of([])
        bench.pair.make_safe()
        bench.fra.values["VA"] = "3.0"
        with pytest.raises(OutOfOrder, match="not at zero"):
            bench.pair.prepare_current(1e-4)


def test_the_1287_itself_refuses_to_switch_on_under_a_running_generator():
    bench = fake_pair()
    bench.pair.prepare_current(1e-4)
    bench.pair.fra.set_amplitude(0.01, 1e6)
    with pytest.raises(OutOfOrder, match="not at zero"):
        bench.pair.pstat.on()
    with pytest.raises(OutOfOrder, match="not at zero"):
        bench.pair.pstat.polarization = True
    assert "1287 PW1" not in bench.sent_since(0)


class TestAfterABrokenConnection:
    def test_the_1287_is_switched_off_before_the_1260_is_looked_at(self):
        bench = fake_pair()
        bench.pair.prepare_current(126e-6)
        bench.pair.on()
        mark = len(bench.log)
        bench.pair.reconnect()
        assert bench.sent_since(mark) == [
            *["1287 OT1", "1287 PW0", "1287 PC0", "1287 PW0"],
            *["1260 OT1", "1260 VA0", "1260 VB0", "1260 BK"],
        ]

    def test_instruments_that_kept_their_settings_pass(self):
        bench = measure_of([])
        bench.pair.reconnect()
        bench.pair.verify_settings()

    @pytest.mark.parametrize(
        ("which", "code", "value"), [("pstat", "RR", "1"), ("pstat", "PI", "0"), ("fra", "GT", "1")]
    )
    def test_an_instrument_that_was_switched_off_meanwhile_is_found(self, which, code, value):
        bench = measure_of([])
        getattr(bench, which).values[code] = value
        with pytest.raises(SettingsChanged, match=f"{code}: . was set, {value} is read back") as caught:
            bench.pair.verify_settings()
        assert len(caught.value.changes) == 1

    def test_an_answer_with_five_digits_is_the_value_that_was_set(self):
        bench = measure_of([])
        bench.pair.measure_impedance(12345.678, 0.1)
        bench.fra.values["FR"] = "+1.2346E+04"
        bench.pair.verify_settings()
        bench.fra.values["FR"] = "+1.2350E+04"
        with pytest.raises(SettingsChanged, match="1260 FR"):
            bench.pair.verify_settings()

    def test_an_instrument_that_does_not_answer_any_more_is_no_reply(self):
        bench = measure_of([])
        bench.fra.dead = True
        with pytest.raises(NoReply, match="1260"):
            bench.pair.verify_settings()

    def test_what_an_instrument_never_answered_is_not_asked(self):
        bench = measure_of([])
        bench.fra.dead = True
        assert bench.pair.fra.settings_as_read_back()["GT"] == "not answered"
        bench.pair.verify_settings()


class TestKnownZero:
    OFFSET_A = 2.2e-6  # 0.11 % of the 2 mA range, on which the cell is made safe

    def test_the_offset_seen_with_the_cell_off_is_no_current(self):
        bench = fake_pair()
        bench.pair.prepare_polarization(0.0, 4)
        bench.pstat.values["RR"], bench.pstat.current_A = "4", self.OFFSET_A
        bench.pair.measure()
        bench.pair.on()
        assert bench.pair.make_safe().current_A == pytest.approx(self.OFFSET_A)

    def test_without_a_known_zero_the_same_current_is_an_alarm(self):
        bench = fake_pair()
        bench.pair.prepare_polarization(0.0, 4)
        bench.pstat.values["RR"], bench.pstat.current_A = "4", self.OFFSET_A
        with pytest.raises(NotSafe):
            bench.pair.make_safe()

    @pytest.mark.parametrize("current_A", [126e-6, -7e-6])
    def test_a_current_that_flows_although_the_relay_should_be_open_is_no_offset(self, current_A):
        bench = fake_pair()
        bench.pair.prepare_polarization(0.0, 4)
        bench.pstat.values["RR"], bench.pstat.current_A = "4", current_A
        bench.pair.measure()
        with pytest.raises(NotSafe):
            bench.pair.make_safe()

    def test_the_zero_of_another_range_does_not_count(self):
        bench = fake_pair()
        bench.pair.prepare_polarization(0.0, 4)
        bench.pstat.current_A = self.OFFSET_A
        bench.pair.measure()
        bench.pair.change_range(3)
        bench.pstat.values["RR"], bench.pstat.current_A = "3", 21e-6
        with pytest.raises(NotSafe):
            bench.pair.make_safe()
