"""The 1260: its result line as recorded from real units, its set-up, and how long it may take."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.drivers.errors import BadReply, InstrumentError, NoReply, OutOfRange
from solbench.drivers.links.link import LinkSettings
from solbench.drivers.solartron.settings import Settings1260
from solbench.drivers.solartron.solartron1260 import (
    integrated_s,
    measuring_s,
    parse_result,
    sent_integration_s,
    timeout_s,
)
from tests.drivers.bench import fra_bench, fra_on
from tests.drivers.dialogue import Dialogue, FakeClock, sent, time_out

# recorded from a real 1260; the recording program dropped the limit field
RECORDED = "+1.0000000E+06,+3.8886E+00,+7.2552E+01,0,00"
RECORDED_SLOW = "+3.3000000E-01,+9.4749E+04,-6.9003E+01,0,00"
FREQUENCIES = st.floats(1e-3, 1e6)
INTEGRATIONS = st.floats(0.01, 1e3)


class TestResultLine:
    def test_the_recorded_lines(self):
        result = parse_result(RECORDED)
        assert (result.frequency_Hz, result.a, result.b) == (1e6, 3.8886, 72.552)
        assert (result.error, result.limit) == (0, 0)
        slow = parse_result(RECORDED_SLOW)
        assert (slow.frequency_Hz, slow.a, slow.b) == (0.33, 94749.0, -69.003)

    def test_it_has_43_characters(self):
        assert len(RECORDED) == len(RECORDED_SLOW) == 43

    @pytest.mark.parametrize(("limit", "value"), [("-1", -1), ("+1", 1), ("00", 0)])
    def test_error_digit_and_limit_check(self, limit, value):
        result = parse_result(f"+1.0000000E+06,+3.8886E+00,+7.2552E+01,5,{limit}")
        assert (result.error, result.limit) == (5, value)

    @pytest.mark.parametrize(
        "line",
        [
            "",
            RECORDED[:-3],
            RECORDED + ",",
            RECORDED.replace(",", ";"),
            RECORDED.replace("3.8886", "3.8x86"),
            RECORDED.replace("+3.8886E+00", "        nan"),
            RECORDED[:-2] + "07",
            RECORDED[:39] + "x,00",
            "+2.07035E-03,+1.51106E-08,00,00",
        ],
    )
    def test_anything_else_is_a_bad_reply(self, line):
        with pytest.raises(BadReply, match="43 characters"):
            parse_result(line)

    @given(st.text(alphabet="+-.0123456789E,", max_size=50))
    def test_noise_is_refused_and_never_crashes(self, line):
        try:
            result = parse_result(line)
        except BadReply:
            return
        assert len(line) == 43
        assert result.limit in (-1, 0, 1)


class TestTimes:
    @given(FREQUENCIES, INTEGRATIONS)
    def test_whole_periods_are_integrated_at_least_one(self, frequency_Hz, integration_s):
        time_s = integrated_s(frequency_Hz, integration_s)
        periods = time_s * frequency_Hz
        assert periods == pytest.approx(round(periods), abs=1e-6 * max(1.0, periods))
        assert time_s >= max(1.0 / frequency_Hz, integration_s) * (1.0 - 1e-8)
        assert time_s <= integration_s + 1.0 / frequency_Hz + 1e-9

    @pytest.mark.parametrize(
        ("frequency_Hz", "time_s"), [(1e6, 1.0), (1.0, 1.0), (0.3, 1 / 0.3), (1.5, 2 / 1.5)]
    )
    def test_known_integrations_of_one_second(self, frequency_Hz, time_s):
        assert integrated_s(frequency_Hz, 1.0) == pytest.approx(time_s)

    @given(FREQUENCIES, INTEGRATIONS)
    def test_the_time_out_is_longer_than_integration_two_periods_and_several_retries(
        self, frequency_Hz, integration_s
    ):
        settings = Settings1260()
        allowed_s = timeout_s(frequency_Hz, integration_s, settings)
        assert allowed_s > integration_s + 2.0 / frequency_Hz
        assert allowed_s > 4.0 * measuring_s(frequency_Hz, integration_s, settings)
        assert timeout_s(frequency_Hz, 2.0 * integration_s, settings) >= allowed_s

    @given(st.integers(1, 50), st.floats(1e-4, 50.0))
    def test_cycles_that_are_sent_with_five_digits_are_as_many(self, cycles, frequency_Hz):
        sent_s = float(f"{sent_integration_s(frequency_Hz, cycles / frequency_Hz):.4E}")
        assert integrated_s(frequency_Hz, sent_s) == pytest.approx(cycles / frequency_Hz)

    def test_below_one_hertz_a_period_passes_first(self):
        settings = Settings1260(overhead_s=0.5, periods_below_1_hz=1.0)
        assert measuring_s(0.1, 1.0, settings) == pytest.approx(20.5)
        assert measuring_s(1.0, 1.0, settings) == pytest.approx(1.5)


INITIALISE = [
    *sent("TT2", "OS0", "OT1", "OP1,0", "OP3,0", "RH0", "GT0", "VA0", "VB0"),
    ("?VA", b"+0.0000E+00\r\n"),
    ("?VB", b"+0.0000E+00\r\n"),
    *sent("ME0", "SW0", "AU0", "RA1,0", "RA2,0", "DC1,0", "DC2,0", "IP1,0", "IP2,0", "OU1,1", "OU2,1"),
    *sent("SO1,2", "CV0", "UW0", "MS0", "OP2,1"),
    ("?ER", b"00\r\n"),
]


class TestSetUp:
    def test_the_whole_dialogue_with_one_reset_and_its_wait(self):
        with fra_bench([*INITIALISE, *INITIALISE[1:]]) as fra:
            fra.initialise()
            assert fra.link.clock.now() == 105.0
            assert fra.generator_is_off
            fra.initialise()
            assert fra.link.clock.now() == 105.0

    def test_unsure_facts_come_from_the_settings(self):
        settings = Settings1260(
            error_query="",
            output_terminator=0,
            input_screen=0,
            input_mode=1,
            reset_s=2.0,
        )
        changed = {"OT1": "OT0", "OU1,1": "OU1,0", "OU2,1": "OU2,0", "IP1,0": "IP1,1", "IP2,0": "IP2,1"}
        steps = [(changed.get(text, text), reply) for text, reply in INITIALISE if text != "?ER"]
        with fra_bench([*sent("OT0"), *steps], settings) as fra:
            fra.initialise()
            assert fra.link.clock.now() == 102.0

    def test_a_generator_that_does_not_go_to_zero_is_not_off(self):
        steps = [*sent("VA0", "VB0"), *2 * [("?VA", b"+3.0000E+00\r\n")]]
        with fra_bench(steps) as fra:
            with pytest.raises(BadReply, match="0 V before the cell is switched"):
                fra.generator_off()
            assert not fra.generator_is_off

    @pytest.mark.parametrize("code", ["amplitude_V", "bias_V"])
    def test_touching_the_generator_ends_the_confirmation(self, code):
        steps = [("?VA", b"+0.0000E+00\r\n"), ("?VB", b"+0.0000E+00\r\n")]
        with fra_bench([*steps, ({"amplitude_V": "VA", "bias_V": "VB"}[code] + "0", None)]) as fra:
            fra.confirm_generator_off()
            setattr(fra, code, 0.0)
            assert not fra.generator_is_off

    @pytest.mark.parametrize(
        "text",
        [
            "SCHLUMBERGER TECHNOLOGIES, 1260 IMPEDANCE ANALYZER, 0, 0",
            "1260 IMPEDANCE ANALYZER, SOLARTRON, 0, 0",
        ],
    )
    def test_both_known_wordings_of_the_identity_are_a_1260(self, text):
        with fra_bench([("*IDN?", text.encode() + b"\r\n")]) as fra:
            assert fra.identity() == text

    def test_another_instrument_at_the_address_is_named(self):
        text = b"1255B FREQUENCY RESPONSE ANALYZER, SOLARTRON,0,0\r\n"
        with fra_bench([("*IDN?", text)]) as fra, pytest.raises(BadReply, match="1255B FREQUENCY"):
            fra.identity()

    def test_an_error_is_raised_with_code_text_and_command(self):
        with fra_bench([("FR1.0000000E+03", None), ("?ER", b"03\r\n")]) as fra:
            fra.frequency_Hz = 1e3
            with pytest.raises(InstrumentError) as caught:
                fra.check_errors()
        error = caught.value
        assert (error.code, error.text, error.command) == (3, "argument out of range", "FR1.0000000E+03")

    def test_one_volt_is_the_most_above_ten_megahertz(self):
        with fra_bench(sent("VA1.0000E+00")) as fra:
            fra.set_amplitude(1.0, 20e6)
            with pytest.raises(OutOfRange):
                fra.set_amplitude(1.5, 20e6)


class TestMeasuring:
    def test_one_point(self):
        steps = [*sent("FR1.0000000E+06", "IS1.0000E+00"), ("SI", RECORDED.encode() + b"\r\n")]
        with fra_bench(steps) as fra:
            result = fra.measure_ratio(1e6, 1.0)
            assert (result.a, result.b) == (3.8886, 72.552)
            assert fra.link.clock.now() == pytest.approx(101.35)
            assert result.time_s == pytest.approx(100.85)

    def test_it_gives_up_at_the_time_out_and_breaks_the_measurement_off_before_the_next(self):
        steps = [*sent("FR1.0000000E+06", "IS1.0000E+00"), ("SI", None), ("BK", None)]
        steps += [*sent("FR1.0000000E+06", "IS1.0000E+00"), ("SI", RECORDED.encode())]
        with fra_bench(steps) as fra:
            with pytest.raises(NoReply):
                fra.measure_ratio(1e6, 1.0)
            assert fra.link.clock.now() == pytest.approx(100.0 + timeout_s(1e6, 1.0, Settings1260()))
            assert fra.measure_ratio(1e6, 1.0).a == 3.8886

    def test_without_a_known_status_byte_it_polls_by_short_reads(self):
        settings = Settings1260(link=LinkSettings(status_mask=0))
        steps = [*sent("FR1.0000000E+06", "IS1.0000E+00"), ("SI", RECORDED.encode())]
        with fra_bench(steps, settings) as fra:
            assert fra.measure_ratio(1e6, 1.0).frequency_Hz == 1e6

    @pytest.mark.parametrize(
        ("frequency_Hz", "integration_s"), [(0.0, 1.0), (33e6, 1.0), (1e3, 0.001), (1e3, 2e5)]
    )
    def test_what_it_cannot_do_is_refused(self, frequency_Hz, integration_s):
        dialogue = Dialogue(sent("FR1.0000000E+03"))
        with pytest.raises(OutOfRange):
            fra_on(dialogue, FakeClock()).measure_ratio(frequency_Hz, integration_s)


def test_nothing_is_measured_behind_a_device_clear_before_it_is_set_up_again():
    dialogue = Dialogue([])
    fra = fra_on(dialogue, FakeClock())
    fra.link.clear()
    with pytest.raises(NoReply, match="not set up again"):
        fra.measure_ratio(1e3, 0.1)
    dialogue.finish()


class TestForcingOff:
    def test_it_zeroes_and_breaks_without_waiting(self):
        dialogue = Dialogue(sent("VA0", "VB0", "BK"))
        clock = FakeClock()
        assert fra_on(dialogue, clock).force_off() == ""
        assert dialogue.clears == 0
        assert clock.now() == 100.0
        dialogue.finish()

    def test_an_absent_analyzer_is_reported_and_raises_nothing(self):
        def hang(*message):
            raise time_out()

        dialogue = Dialogue([])
        dialogue.write_raw = dialogue.clear = hang
        assert "1260 did not react" in fra_on(dialogue, FakeClock()).force_off()


def test_a_1255b_is_asked_for_no_current_generator_and_known_by_its_own_name():
    settings = Settings1260(family="1255B")
    with fra_bench([("*IDN?", b"1255B FREQUENCY RESPONSE ANALYZER, SOLARTRON,0,0d\r\n")], settings) as fra:
        assert fra.identity().startswith("1255B")
        assert fra.model == "Solartron 1255B"
        assert "GT" not in fra.read_back
    other = [("*IDN?", b"SCHLUMBERGER TECHNOLOGIES, 1260\r\n")]
    with (
        fra_bench(other, settings) as fra,
        pytest.raises(BadReply, match=r"Check the address.*'family' of a 1260"),
    ):
        fra.identity()
