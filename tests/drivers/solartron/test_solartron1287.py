"""The 1287: reading lines, the bench's signs, ranges, overloads, switching and making safe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.drivers.errors import BadReply, InstrumentError, NoReply, NotSafe, OutOfOrder, OutOfRange
from solbench.drivers.solartron.settings import Settings1287
from tests.drivers.bench import pstat_bench, pstat_on
from tests.drivers.dialogue import Dialogue, FakeClock, Step, sent, time_out

# a short line of a real 1287, off a bus trace
REAL_LINE = b"+2.07035E-03,+1.51106E-08,00,00\r\n"
NO_ERROR: Step = ("?ER", b"00\r\n")
METERS = sent("RG3", "DG0", "DC1", "AV0", "NU0", "PX3", "PY5", "TR0")
OUTPUT = sent("OT1", "GP2")
INITIALISE = [
    *sent("PW0", "BK3"),
    *OUTPUT,
    *sent("OL0", "BY1", "ON0"),
    *METERS,
    *sent("SY0", "PB2", "GB2", "PI1", "CC0", "FI0"),
    NO_ERROR,
]
CURRENT = [*sent("PO1", "RR5", "PC0"), NO_ERROR]
VOLTAGE = [*sent("PO0", "RR4", "PB2", "PV+5.0000E-02"), NO_ERROR]


def line(voltage: str, current: str, errors: str = "00,00") -> bytes:
    return f"{voltage},{current},{errors}\r\n".encode()


def test_the_whole_set_up_begins_with_standby_and_resets_once():
    with pstat_bench([*INITIALISE, INITIALISE[0], *INITIALISE[2:]]) as pstat:
        pstat.initialise()
        assert pstat.link.clock.now() == 103.0
        assert pstat.is_on is False
        pstat.initialise()
        assert pstat.link.clock.now() == 103.0


def test_the_version_is_the_identity():
    with pstat_bench([("?VN", b"1.20\r\n")]) as pstat:
        assert pstat.identity() == "1287 1.20"


class TestReading:
    def test_the_line_of_a_real_unit(self):
        with pstat_bench([*sent("DG0"), ("RU1", REAL_LINE)]) as pstat:
            reading = pstat.measure()
        assert (reading.voltage_V, reading.current_A, reading.overload) == (2.07035e-3, 1.51106e-8, "")

    def test_its_time_is_the_middle_of_the_conversion(self):
        settings = Settings1287(
            positive_terminal="ce_re1", conversion_s=(0.4, 0.02, 0.02, 0.01), fast_digits=3
        )
        with pstat_bench(
            [*sent("DG0"), ("RU1", REAL_LINE), *sent("DG3"), ("RU1", REAL_LINE)], settings
        ) as pstat:
            assert pstat.measure().time_s == pytest.approx(100.2)
            assert pstat.link.clock.now() == pytest.approx(100.4)
            assert pstat.measure(fast=True).time_s == pytest.approx(100.405)

    def test_digits_are_changed_only_when_they_differ(self):
        reading = ("RU1", REAL_LINE)
        steps = [*sent("DG0"), reading, reading, *sent("DG1"), reading, reading, *sent("DG0"), reading]
        with pstat_bench(steps) as pstat:
            for fast in (False, False, True, True, False):
                pstat.measure(fast=fast)

    @given(
        st.floats(-14.5, 14.5).map(lambda v: round(v, 9)), st.floats(-2.0, 2.0).map(lambda i: round(i, 12))
    )
    def test_the_terminal_turns_voltage_and_current_together(self, voltage_V, current_A):
        reply = f"{voltage_V:+.5E},{current_A:+.5E},00,00\r\n".encode()
        readings = []
        for terminal in ("ce_re1", "we_re2"):
            with pstat_bench(
                [*sent("DG0"), ("RU1", reply)], Settings1287(positive_terminal=terminal)
            ) as pstat:
                readings.append(pstat.measure())
        upright, turned = readings
        assert upright.voltage_V == -turned.voltage_V == float(f"{voltage_V:.5E}")
        assert upright.current_A == -turned.current_A == float(f"{current_A:.5E}")
        assert upright.voltage_V * upright.current_A == turned.voltage_V * turned.current_A

    def test_the_sign_of_the_potential_is_a_setting_of_its_own(self):
        settings = Settings1287(positive_terminal="ce_re1", potential_sign=-1)
        with pstat_bench([*sent("DG0"), ("RU1", REAL_LINE)], settings) as pstat:
            reading = pstat.measure()
        assert (reading.voltage_V, reading.current_A) == (-2.07035e-3, 1.51106e-8)

    @pytest.mark.parametrize(
        ("errors", "text"),
        [
            ("31,00", "voltage: voltage DVM overload"),
            ("00,31", "current: voltage DVM overload"),
            ("00,42", "current: error 42 of the 1287"),
            ("31,07", "voltage: voltage DVM overload, current: error 7 of the 1287"),
        ],
    )
    def test_an_error_field_is_an_overload_in_words(self, errors, text):
        with pstat_bench([*sent("DG0"), ("RU1", line("+2.00000E+01", "+1.00000E-04", errors))]) as pstat:
            assert pstat.measure().overload == text

    @pytest.mark.parametrize(
        "reply",
        [
            b"00",
            REAL_LINE[4:],
            REAL_LINE.replace(b",", b";"),
            REAL_LINE.replace(b"2.07", b"2.x7"),
            REAL_LINE.strip() + b",12,00,01,50",
            line("         nan", "+1.51106E-08"),
            line("+2.07035E-03", "        +inf"),
            line("+2.07035E-03", "+1.51106E-08", "00,x0"),
            line("+2.07035E-03", "+1.51106E-08", "00;00"),
        ],
    )
    def test_anything_else_is_a_bad_reply(self, reply):
        with (
            pstat_bench([*sent("DG0"), *3 * [("RU1", reply)]]) as pstat,
            pytest.raises(BadReply, match="two numbers"),
        ):
            pstat.measure()

    def test_a_missing_reading_is_given_up_after_the_set_time(self):
        with pstat_bench([*sent("DG0"), ("RU1", None)]) as pstat:
            with pytest.raises(NoReply, match="'RU1'"):
                pstat.measure()
            assert pstat.link.clock.now() == pytest.approx(107.2)


class TestSwitching:
    def test_a_current_is_prepared_set_and_taken_away_again(self):
        steps = [*sent("PW0"), *CURRENT, *sent("OL0", "PW1", "PC-1.2600E-04", "PC0", "PW0")]
        with pstat_bench(steps) as pstat:
            pstat.off()
            pstat.prepare_current(126e-6)
            assert pstat.range.index == 5
            assert pstat.is_on is False
            pstat.on()
            assert pstat.is_on is True
            pstat.set_current(-126e-6)
            pstat.off()
            assert pstat.is_on is False

    @pytest.mark.parametrize(("terminal", "text"), [("ce_re1", "PC+1.2600E-04"), ("we_re2", "PC-1.2600E-04")])
    def test_a_charging_current_goes_into_the_positive_terminal(self, terminal, text):
        steps = [*sent("PW0"), *CURRENT, *sent(text)]
        with pstat_bench(steps, Settings1287(positive_terminal=terminal)) as pstat:
            pstat.off()
            pstat.prepare_current(126e-6)
            pstat.set_current(126e-6)

    def test_a_voltage_is_prepared_before_the_cell_is_connected(self):
        steps = [*sent("PW0"), *VOLTAGE, *sent("OL0", "PW1", "PV+4.9000E-02", "PW0")]
        with pstat_bench(steps) as pstat:
            pstat.off()
            pstat.prepare_voltage(0.05, 4, 2)
            pstat.on()
            pstat.set_voltage(0.049)
            pstat.off()

    @pytest.mark.parametrize("current_A", [201e-6, -201e-6, float("nan"), float("inf")])
    def test_a_current_beyond_the_range_is_refused(self, current_A):
        with pstat_bench([*sent("PW0"), *CURRENT]) as pstat:
            pstat.off()
            pstat.prepare_current(126e-6)
            with pytest.raises(OutOfRange, match="on range 5"):
                pstat.set_current(current_A)

    def test_nothing_is_switched_on_before_it_is_prepared(self):
        with pstat_bench(sent("PW0")) as pstat:
            pstat.off()
            with pytest.raises(OutOfOrder):
                pstat.on()

    def test_a_preparation_that_broke_off_does_not_count(self):
        with pstat_bench([*sent("PW0", "PO1", "RR5", "PC0"), ("?ER", b"03\r\n"), *sent("CE")]) as pstat:
            pstat.off()
            with pytest.raises(InstrumentError):
                pstat.prepare_current(126e-6)
            with pytest.raises(OutOfOrder):
                pstat.on()

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("mode", "galvanostat"),
            ("range_index", 1),
            ("pol_gain", "x 0.01"),
            ("potentiostat_bandwidth", 1),
            ("break_", "reset"),
        ],
    )
    def test_mode_range_gain_and_bandwidth_wait_for_the_cell_to_be_off(self, name, value):
        with pstat_bench([*sent("PW0"), *CURRENT, *sent("OL0", "PW1")]) as pstat:
            with pytest.raises(OutOfOrder, match="off"):
                setattr(pstat, name, value)
            pstat.off()
            pstat.prepare_current(126e-6)
            pstat.on()
            with pytest.raises(OutOfOrder, match="off"):
                setattr(pstat, name, value)

    def test_the_current_is_set_in_galvanostat_and_the_voltage_in_potentiostat(self):
        with pstat_bench([*sent("PW0"), *CURRENT, *VOLTAGE]) as pstat:
            pstat.off()
            pstat.prepare_current(126e-6)
            with pytest.raises(OutOfOrder):
                pstat.set_voltage(0.1)
            pstat.prepare_voltage(0.05, 4, 2)
            with pytest.raises(OutOfOrder):
                pstat.set_current(0.0)

    def test_standby_goes_out_although_the_zero_current_does_not(self):
        class LosesZero(Dialogue):
            def write_raw(self, message):
                if message == b"PC0" and self.lose:
                    raise time_out()
                return super().write_raw(message)

            lose = False

        dialogue = LosesZero([*sent("PW0"), *CURRENT, *sent("OL0", "PW1", "PW0")])
        pstat = pstat_on(dialogue, FakeClock())
        pstat.off()
        pstat.prepare_current(126e-6)
        pstat.on()
        dialogue.lose = True
        with pytest.raises(NoReply):
            pstat.off()
        dialogue.finish()

    def test_the_first_reading_waits_for_the_relays(self):
        settings = Settings1287(first_reading_wait_s=1.0)
        steps = [
            *sent("PW0"),
            *CURRENT,
            *sent("OL0", "PW1", "DG0"),
            ("RU1", REAL_LINE),
            NO_ERROR,
            ("RU1", REAL_LINE),
        ]
        with pstat_bench(steps, settings) as pstat:
            pstat.off()
            pstat.prepare_current(126e-6)
            pstat.on()
            assert pstat.measure().time_s == pytest.approx(101.1)
            assert pstat.measure().time_s == pytest.approx(101.3)


class TestErrors:
    def test_the_last_error_is_raised_once_and_cleared(self):
        with pstat_bench([*sent("PV+5.0000E-02"), ("?ER", b"03\r\n"), *sent("CE"), NO_ERROR]) as pstat:
            pstat.set_voltage(0.05)
            with pytest.raises(InstrumentError) as caught:
                pstat.check_errors()
            pstat.check_errors()
        error = caught.value
        assert (error.code, error.command, error.instrument) == (3, "PV+5.0000E-02", "1287")
        assert "argument out of range" in str(error)

    def test_an_unlisted_code_is_named_by_number(self):
        with (
            pstat_bench([("?ER", b"77\r\n"), *sent("CE")]) as pstat,
            pytest.raises(InstrumentError, match="error 77"),
        ):
            pstat.check_errors()

    def test_a_refused_current_shows_with_the_next_reading(self):
        steps = [*sent("PW0"), *CURRENT, *sent("PC+1.0000E-04", "DG0")]
        steps += [("RU1", REAL_LINE), ("?ER", b"02\r\n"), *sent("CE"), ("RU1", REAL_LINE)]
        with pstat_bench(steps) as pstat:
            pstat.off()
            pstat.prepare_current(126e-6)
            pstat.set_current(1e-4)
            with pytest.raises(InstrumentError, match=r"after 'PC\+1\.0000E-04'"):
                pstat.measure()
            pstat.measure()


class TestBiasRejection:
    def test_the_held_voltage_is_taken_off_in_the_instruments_sign(self):
        steps = sent("VT1", "VR-3.2000E+00", "IT1", "IR0", "BR1", "BR0")
        with pstat_bench(steps, Settings1287(positive_terminal="we_re2")) as pstat:
            pstat.reject_bias(3.2)
            pstat.reject_bias(None)

    def test_a_unit_without_negative_values_cannot_reject_them(self):
        settings = Settings1287(positive_terminal="ce_re1", bias_rejection_negative=False)
        with pstat_bench([], settings) as pstat:
            assert pstat.can_reject(0.1)
            assert not pstat.can_reject(-0.1)


STANDBY = [*sent("PW0", "PW0"), NO_ERROR, *sent("CE", "PW0")]
SAFE = [*STANDBY, NO_ERROR, *sent("BY1"), *OUTPUT, *METERS, ("?RR", b"5\r\n"), *sent("DG1")]
QUIET = ("RU1", line("+3.00000E-01", "+1.00000E-07"))


class TestMakingSafe:
    def test_it_sends_standby_twice_and_sees_no_current_twice(self):
        dialogue = Dialogue([*SAFE, QUIET, QUIET])
        pstat = pstat_on(dialogue, FakeClock())
        pstat.make_safe()
        assert dialogue.clears == 0
        assert pstat.is_on is False
        dialogue.finish()

    LOUD = pytest.mark.parametrize(
        "loud",
        [
            ("RU1", line("+3.00000E-01", "+2.10000E-07")),
            ("RU1", line("+3.00000E-01", "-1.26000E-04")),
            ("RU1", line("+3.00000E-01", "+0.00000E+00", "00,31")),
        ],
    )

    @LOUD
    def test_one_disturbed_reading_does_not_make_a_cell_unsafe(self, loud):
        dialogue = Dialogue([*SAFE, QUIET, loud, QUIET, QUIET])
        pstat_on(dialogue, FakeClock()).make_safe()
        dialogue.finish()

    @LOUD
    def test_a_current_or_an_overload_calls_for_the_standby_key(self, loud):
        pstat = pstat_on(Dialogue([*SAFE, *3 * [QUIET, loud]]), FakeClock())
        with pytest.raises(NotSafe, match="Press STANDBY on the 1287"):
            pstat.make_safe()
        assert pstat.is_on is None

    def test_a_device_clear_goes_before_the_next_try_at_a_cell_that_was_not_seen_off(self):
        loud = ("RU1", line("+3.00000E-01", "+1.00000E-04"))
        again = [*sent("PW0", "PW0", "OT1"), NO_ERROR, NO_ERROR, *SAFE[3:], QUIET, QUIET, *SAFE, QUIET, QUIET]
        dialogue = Dialogue([*SAFE, *6 * [loud], *again])
        pstat = pstat_on(dialogue, FakeClock())
        with pytest.raises(NotSafe):
            pstat.make_safe()
        assert dialogue.clears == 0
        pstat.make_safe()
        pstat.make_safe()
        assert dialogue.clears == 1
        dialogue.finish()

    def test_a_standby_that_is_refused_calls_for_the_standby_key(self):
        refused = [("?ER", b"04\r\n"), *sent("CE")]
        with pytest.raises(NotSafe, match="Press STANDBY on the 1287"):
            pstat_on(Dialogue([*STANDBY, *refused]), FakeClock()).make_safe()

    def test_an_unread_line_of_a_program_that_died_is_passed_over(self):
        steps = [*sent("PW0", "PW0"), ("?ER", REAL_LINE), NO_ERROR, *SAFE[3:], QUIET, QUIET]
        pstat_on(Dialogue(steps), FakeClock()).make_safe()

    def test_auto_range_has_a_limit_of_its_own(self):
        steps = [(sent_, b"0\r\n" if sent_ == "?RR" else reply) for sent_, reply in SAFE]
        pstat_on(Dialogue([*steps, QUIET, QUIET]), FakeClock()).make_safe()

    def test_an_instrument_that_is_silent_is_not_safe(self):
        def hang(*message):
            raise time_out()

        dialogue = Dialogue([])
        dialogue.write_raw = dialogue.clear = hang
        pstat = pstat_on(dialogue, FakeClock())
        with pytest.raises(NotSafe, match="no reading"):
            pstat.make_safe()
        assert pstat.is_on is None

    def test_what_was_prepared_before_does_not_count_afterwards(self):
        pstat = pstat_on(Dialogue([*sent("PW0"), *CURRENT, *SAFE, QUIET, QUIET]), FakeClock())
        pstat.off()
        pstat.prepare_current(126e-6)
        pstat.make_safe()
        with pytest.raises(OutOfOrder):
            pstat.on()
