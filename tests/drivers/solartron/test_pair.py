"""The pair: one impedance point, its ranges and gains, DC polarization, what is read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.drivers.errors import BadReply, OutOfOrder, OutOfRange
from solbench.drivers.roles import CurrentSource, Meter, SafeState, VoltageSource
from solbench.drivers.solartron.pair import Pair
from solbench.drivers.solartron.ranges import current_range
from solbench.drivers.solartron.settings import PairSettings, Settings1287
from tests.drivers.bench import fake_pair, fra_on, measure_of, pair_on, pstat_on
from tests.drivers.dialogue import Dialogue, FakeClock, Step, sent

GENERATOR_OFF: list[Step] = [("?VA", b"+0.0000E+00\r\n"), ("?VB", b"+0.0000E+00\r\n")]
NO_ERROR: Step = ("?ER", b"00\r\n")
POINT = "+1.0000000E+03,+7.5000E-01,-2.5000E-01,0,00\r\n"


def test_the_pair_fills_the_roles():
    bench = fake_pair()
    meter: Meter = bench.pair
    current: CurrentSource = bench.pair
    voltage: VoltageSource = bench.pair
    safe: SafeState = bench.pair
    assert meter.measure().voltage_V == 0.3
    current.prepare_current(1e-4)
    voltage.prepare_voltage(0.0, 1e-4)
    safe.make_safe()


def test_a_1287_without_the_interlock_makes_no_pair():
    clock = FakeClock()
    with pytest.raises(OutOfOrder, match="generator"):
        Pair(fra_on(Dialogue([]), clock), pstat_on(Dialogue([]), clock))


def test_the_first_thing_a_bench_hears_is_how_to_end_lines_and_then_standby():
    bench = fake_pair(initialise=False)
    bench.pair.initialise()
    heard = bench.sent_since(0)
    assert heard[:4] == ["1287 OT1", "1287 PW0", "1260 OT1", "1260 TT2"]
    assert heard.index("1260 ?VA") < heard.index("1287 BK3") < heard.index("1287 OL0")
    assert heard[-1] == "1287 ?ER"


def test_a_whole_spectrum_of_one_point_word_by_word():
    pstat = Dialogue(
        [
            *sent("PW0", "PI1", "DC1", "PO0", "RR4", "PB2", "PV-1.0000E-01"),
            NO_ERROR,
            *sent("OL0", "CC0", "FI0", "VX1", "IX1", "VT1", "VR-1.0000E-01", "IT1", "IR0", "BR1"),
            NO_ERROR,
            *sent("OL0", "PW1", "DG1"),
            ("RU1", b"-1.00000E-01,+0.00000E+00,00,00\r\n"),
            NO_ERROR,
            *sent("PW0"),
        ]
    )
    off = [*sent("VA0", "VB0"), *GENERATOR_OFF]
    fra = Dialogue(
        [
            *off,
            *GENERATOR_OFF,
            *sent("VA3.0000E+00", "FR1.0000000E+03", "IS1.0000E+00"),
            ("SI", POINT.encode()),
            *sent("VA0", "VA3.0000E+00"),
            *off,
        ]
    )
    clock = FakeClock()
    pair = pair_on(fra, pstat, clock)
    pair.off()
    pair.fra.generator_off()
    pair.prepare_impedance(0.03, -0.1, 4)
    pair.on()
    pair.apply_ac()
    point = pair.measure_impedance(1e3, 1.0)
    assert pair.dc_reading_between_points().voltage_V == -0.1
    pair.remove_ac()
    pair.off()
    fra.finish()
    pstat.finish()
    assert point.impedance_ohm == pytest.approx(75.0 - 25.0j)
    assert (point.frequency_Hz, point.amplitude_V, point.range_index) == (1000.0, 0.03, 4)
    assert (point.error, point.attempts) == (0, 1)


def test_a_spectrum_in_galvanostat_word_by_word():
    pstat = Dialogue(
        [
            *sent("PW0", "PI1", "DC1", "PO1", "RR4", "PC0"),
            NO_ERROR,
            *sent("OL0", "CC0", "FI0", "VX1", "IX1", "VT1", "VR-1.0000E-01", "IT1", "IR0", "BR1"),
            NO_ERROR,
            *sent("OL0", "PW1", "PC0", "PW0"),
        ]
    )
    off = [*sent("VA0", "VB0"), *GENERATOR_OFF]
    fra = Dialogue(
        [
            *off,
            *GENERATOR_OFF,
            *sent("VA2.0000E+00", "FR1.0000000E+03", "IS1.0000E+00"),
            ("SI", POINT.encode()),
            *sent("VA1.0000E+00"),
            *off,
        ]
    )
    pair = pair_on(fra, pstat, FakeClock())
    pair.off()
    pair.fra.generator_off()
    pair.prepare_alternating_current(0.2e-3, 0.1, -0.1, 4)
    pair.on()
    pair.apply_ac()
    point = pair.measure_impedance(1e3, 1.0)
    pair.change_alternating_current(0.1e-3)
    pair.remove_ac()
    pair.off()
    fra.finish()
    pstat.finish()
    assert point.impedance_ohm == pytest.approx(75.0 - 25.0j)
    assert point.amplitude_A == 0.2e-3
    assert point.amplitude_V == pytest.approx(0.2e-3 * abs(75.0 - 25.0j))


class TestAlternatingCurrent:
    @given(st.floats(1e-9, 1.1))
    def test_its_peak_stays_under_the_full_scale_of_its_range(self, amplitude_A):
        index = PAIR.choose_alternating_range(amplitude_A)
        assert 2**0.5 * amplitude_A * current_range(index).resistor_ohm <= 0.16 * (1 + 1e-12)
        assert 1 <= index <= 5
        assert index == 5 or 2**0.5 * amplitude_A * current_range(index + 1).resistor_ohm > 0.16

    @pytest.mark.parametrize("amplitude_A", [0.0, -1e-3, 1.2, float("nan")])
    def test_what_no_range_holds_is_refused(self, amplitude_A):
        with pytest.raises(OutOfRange):
            PAIR.choose_alternating_range(amplitude_A)

    @pytest.mark.parametrize(("amplitude_A", "gain", "generator"), [(0.2e-3, "1", 2.0), (1e-3, "0", 0.1)])
    def test_the_drop_on_the_standard_resistor_is_what_the_generator_gives(
        self, amplitude_A, gain, generator
    ):
        bench = fake_pair()
        bench.pair.prepare_alternating_current(amplitude_A, 0.1, 0.0, 4)
        bench.pair.on()
        bench.pair.apply_ac()
        assert bench.pstat.values["PI"] == gain
        assert float(bench.fra.values["VA"]) == pytest.approx(generator)

    @pytest.mark.parametrize("per_volt", [0.2, 0.5])
    def test_a_bench_with_another_gain_gives_as_much_more(self, per_volt):
        bench = fake_pair(PairSettings(galvanostat_drop=per_volt))
        bench.pair.prepare_alternating_current(1e-4, 0.1, 0.0, 4)
        settings = bench.pair.impedance_settings()
        assert settings["generator_V"] * settings["pol_gain"] * per_volt == pytest.approx(1e-2)

    def test_the_loop_is_the_fast_one_for_the_spectrum_alone(self):
        bench = fake_pair()
        assert bench.pstat.values["GB"] == "2"
        bench.pair.prepare_alternating_current(1e-4, 0.1, 0.0, 4)
        assert (bench.pstat.values["PO"], bench.pstat.values["GB"]) == ("1", "0")
        bench.pair.prepare_current(1e-4)
        assert bench.pstat.values["GB"] == "2"
        mark = len(bench.log)
        bench.pair.prepare_current(1e-4)
        assert "1287 GB2" not in bench.sent_since(mark)

    @pytest.mark.parametrize(
        ("amplitude_A", "largest_V", "index"), [(0.0, 0.1, 4), (2e-3, 0.1, 4), (1e-4, 0.0, 4), (1e-4, 0.1, 9)]
    )
    def test_impossible_ones_are_refused_before_anything_is_sent(self, amplitude_A, largest_V, index):
        bench = fake_pair()
        with pytest.raises(OutOfRange):
            bench.pair.prepare_alternating_current(amplitude_A, largest_V, 0.0, index)
        assert bench.log == []

    @pytest.mark.parametrize("amplitude_A", [0.0, -1e-4, 1.5e-3, float("nan")])
    def test_a_change_beyond_the_range_is_refused(self, amplitude_A):
        bench = fake_pair()
        bench.pair.prepare_alternating_current(1e-4, 0.1, 0.0, 4)
        bench.pair.on()
        with pytest.raises(OutOfRange):
            bench.pair.change_alternating_current(amplitude_A)
        assert float(bench.fra.values["VA"]) == 0.0

    def test_a_change_needs_a_set_current_and_a_cell_that_is_on(self):
        bench = fake_pair()
        bench.pair.prepare_impedance(0.03, 0.0, 4)
        with pytest.raises(OutOfOrder, match="prepare_alternating_current"):
            bench.pair.change_alternating_current(1e-4)
        bench.pair.prepare_alternating_current(1e-4, 0.1, 0.0, 4)
        with pytest.raises(OutOfOrder, match="on"):
            bench.pair.change_alternating_current(1e-4)

    def test_a_cell_that_is_on_must_be_off_first(self):
        bench = fake_pair()
        bench.pair.prepare_current(1e-4)
        bench.pair.on()
        with pytest.raises(OutOfOrder):
            bench.pair.prepare_alternating_current(1e-4, 0.1, 0.0, 4)


class TestRange:
    @pytest.mark.parametrize(
        ("smallest_ohm", "amplitude_V", "index"),
        [(35.0, 0.03, 4), (1e3, 0.03, 5), (1e4, 0.03, 5), (5.0, 0.01, 3)],
    )
    def test_known_cells(self, smallest_ohm, amplitude_V, index):
        assert fake_pair().pair.choose_impedance_range(smallest_ohm, amplitude_V) == index

    @given(st.floats(0.1, 1e6), st.floats(1e-3, 0.1))
    def test_the_peak_on_the_resistor_stays_under_its_full_scale(self, smallest_ohm, amplitude_V):
        pair = PAIR
        index = pair.choose_impedance_range(smallest_ohm, amplitude_V)
        drop_V = 2**0.5 * amplitude_V / smallest_ohm * current_range(index).resistor_ohm
        assert drop_V <= 0.16 * (1 + 1e-12)
        assert 1 <= index <= 5

    @pytest.mark.parametrize(("ohm", "amplitude_V"), [(0.0, 0.03), (-1.0, 0.03), (35.0, 0.0), (0.001, 0.03)])
    def test_what_no_range_holds_is_refused(self, ohm, amplitude_V):
        with pytest.raises(OutOfRange):
            fake_pair().pair.choose_impedance_range(ohm, amplitude_V)


PAIR = fake_pair().pair


class TestPreparing:
    def test_thirty_millivolts_use_the_whole_generator_and_the_fine_input(self):
        bench = fake_pair()
        bench.pair.prepare_impedance(0.03, 0.0, 4)
        assert bench.pstat.values["PI"] == "1"
        assert bench.pair.impedance_settings()["generator_V"] == 3.0

    def test_above_thirty_millivolts_the_input_is_direct(self):
        bench = fake_pair()
        bench.pair.prepare_impedance(0.031, 0.0, 4)
        bench.pair.on()
        bench.pair.apply_ac()
        assert bench.pstat.values["PI"] == "0"
        assert bench.fra.values["VA"] == "3.1000E-02"

    def test_ten_millivolts_are_one_volt_of_the_generator(self):
        bench = fake_pair()
        bench.pair.prepare_impedance(0.01, 0.0, 4)
        bench.pair.on()
        bench.pair.apply_ac()
        assert bench.fra.values["VA"] == "1.0000E+00"

    @pytest.mark.parametrize("amplitude_V", [0.0, -0.01, 3.1, float("nan")])
    def test_an_impossible_amplitude_is_refused_before_anything_is_sent(self, amplitude_V):
        bench = fake_pair()
        with pytest.raises(OutOfRange):
            bench.pair.prepare_impedance(amplitude_V, 0.0, 4)
        assert bench.log == []

    @given(
        st.floats(1e-4, 3.0),
        st.floats(-4.5, 4.5),
        st.sampled_from([True, False]),
        st.sampled_from(["ce_re1", "we_re2"]),
    )
    def test_no_input_of_the_analyzer_is_overloaded_and_small_signals_are_amplified(
        self, amplitude_V, held_V, negative, terminal
    ):
        settings = Settings1287(positive_terminal=terminal, bias_rejection_negative=negative)
        bench = fake_pair(pstat_settings=settings)
        bench.pair.prepare_impedance(amplitude_V, held_V, 4)
        setup = bench.pair.impedance_settings()
        left_V = 0.0 if bench.pstat.values.get("BR") == "1" else abs(held_V)
        peak_V = (2**0.5 * amplitude_V + left_V) * setup["voltage_gain"]
        assert peak_V < 3.0 * 2**0.5 or setup["voltage_gain"] == 1.0
        if amplitude_V <= 0.03 and left_V == 0.0:
            assert setup["voltage_gain"] == 10.0
        assert bench.pstat.values["VX"] == ("1" if setup["voltage_gain"] == 10.0 else "0")

    def test_a_dc_segment_forgets_the_spectrum(self):
        bench = fake_pair()
        bench.pair.prepare_impedance(0.03, 0.0, 4)
        bench.pair.prepare_current(1e-4)
        with pytest.raises(OutOfOrder):
            bench.pair.impedance_settings()
        with pytest.raises(OutOfOrder):
            bench.pair.measure_impedance(1e3, 1.0)


class TestImpedance:
    @pytest.mark.parametrize("polarity", [1, -1])
    def test_resistor_gains_and_polarity_make_ohms_of_the_ratio(self, polarity):
        bench = measure_of([POINT], PairSettings(output_polarity=polarity))
        assert bench.pair.measure_impedance(1e3, 1.0).impedance_ohm == pytest.approx(
            polarity * (75.0 - 25.0j)
        )

    def test_unequal_gains_count(self):
        # above about 0.2 V peak V OUT cannot be amplified, while I OUT still is
        bench = measure_of([POINT], amplitude_V=0.5)
        assert bench.pstat.values["VX"] == "0"
        assert bench.pstat.values["IX"] == "1"
        assert bench.pair.measure_impedance(1e3, 1.0).impedance_ohm == pytest.approx(750.0 - 250.0j)

    def test_a_point_with_an_error_is_measured_again_with_the_ranges_looked_for_anew(self):
        bench = measure_of([POINT.replace(",0,00", ",2,00"), POINT])
        point = bench.pair.measure_impedance(1e3, 1.0)
        assert (point.error, point.attempts) == (0, 2)
        again = bench.sent_since(0)
        assert again[3:5] == ["1260 RA1,0", "1260 RA2,0"]

    def test_a_point_that_fails_twice_is_kept_and_says_so(self):
        bad = POINT.replace(",0,00", ",2,00")
        point = measure_of([bad, bad]).pair.measure_impedance(1e3, 1.0)
        assert (point.error, point.attempts) == (2, 2)

    def test_a_result_of_another_frequency_is_never_taken(self):
        other = POINT.replace("1.0000000E+03", "1.2589254E+03")
        assert measure_of([other, POINT]).pair.measure_impedance(1e3, 1.0).attempts == 2
        with pytest.raises(BadReply, match=r"result at 1\.0000000E\+03 Hz"):
            measure_of([other, other]).pair.measure_impedance(1e3, 1.0)

    @pytest.mark.parametrize("frequency_Hz", [1.0001e6, 0.0, -1.0, float("nan")])
    def test_above_one_megahertz_the_1287_is_too_slow(self, frequency_Hz):
        bench = measure_of([])
        with pytest.raises(OutOfRange, match="with the 1287"):
            bench.pair.measure_impedance(frequency_Hz, 1.0)
        assert bench.log == []

    def test_the_amplitude_is_v1_by_itself_in_the_last_result(self):
        alone = "+1.0000000E+03,+1.8000E-01,-2.4000E-01,0,00\r\n"
        bench = measure_of([POINT, alone, POINT])
        bench.pair.measure_impedance(1e3, 1.0)
        mark = len(bench.log)
        assert bench.pair.measured_amplitude_V() == pytest.approx(0.03)
        assert bench.sent_since(mark) == ["1260 SO1,0", "1260 DO", "1260 SO1,2", "1260 DO"]

    def test_a_source_that_was_not_set_back_is_set_once_more_and_then_an_error(self):
        alone = "+1.0000000E+03,+1.8000E-01,-2.4000E-01,0,00\r\n"
        bench = measure_of([POINT, alone, alone, POINT])
        bench.pair.measure_impedance(1e3, 1.0)
        assert bench.pair.measured_amplitude_V() == pytest.approx(0.03)
        bench = measure_of([POINT, alone, alone, alone])
        bench.pair.measure_impedance(1e3, 1.0)
        with pytest.raises(BadReply, match="as before"):
            bench.pair.measured_amplitude_V()
        with pytest.raises(OutOfOrder, match="V1 by itself"):
            bench.pair.measure_impedance(1e3, 1.0)
        bench.pair.remove_ac()
        bench.pair.off()
        mark = len(bench.log)
        bench.pair.prepare_impedance(0.03, 0.0, 4)
        assert "1260 SO1,2" in bench.sent_since(mark)

    def test_a_direct_reading_is_taken_without_the_ac(self):
        bench = measure_of([])
        bench.pair.dc_reading_between_points()
        assert bench.sent_since(0) == ["1260 VA0", "1287 DG1", "1287 RU1", "1287 ?ER", "1260 VA3.0000E+00"]

    def test_a_reading_that_fails_leaves_the_ac_off(self):
        bench = measure_of([])
        bench.pstat.dead = True
        with pytest.raises(Exception, match="1287"):
            bench.pair.dc_reading_between_points()
        assert bench.fra.values["VA"] == "0"


class TestOrder:
    def test_the_generator_is_read_back_before_every_on(self):
        bench = fake_pair()
        bench.pair.prepare_current(126e-6)
        bench.fra.values["VA"] = "3.0"
        with pytest.raises(BadReply, match="0 V before the cell is switched"):
            bench.pair.on()
        assert "1287 PW1" not in bench.sent_since(0)

    def test_with_the_ac_on_nothing_is_prepared_although_the_cell_is_off(self):
        bench = measure_of([])
        bench.pair.off()
        for prepare in (
            lambda: bench.pair.prepare_current(1e-4),
            lambda: bench.pair.prepare_voltage(0.0, 1e-4),
            lambda: bench.pair.prepare_impedance(0.05, 0.0, 4),
            lambda: bench.pair.prepare_polarization(0.0, 4),
        ):
            with pytest.raises(OutOfOrder, match="remove_ac"):
                prepare()
        bench.pair.remove_ac()
        bench.pair.prepare_current(1e-4)

    def test_the_ac_waits_for_the_cell_to_be_held(self):
        bench = fake_pair()
        with pytest.raises(OutOfOrder):
            bench.pair.apply_ac()
        bench.pair.prepare_impedance(0.03, 0.0, 4)
        with pytest.raises(OutOfOrder):
            bench.pair.apply_ac()


class TestPolarization:
    def test_slow_loop_and_drift_correction_only_there(self):
        bench = fake_pair()
        bench.pair.prepare_polarization(0.05, 4)
        assert (bench.pstat.values["PB"], bench.pstat.values["DC"]) == ("8", "0")
        bench.pair.prepare_voltage(0.05, 1e-4)
        assert (bench.pstat.values["PB"], bench.pstat.values["DC"]) == ("2", "1")
        bench.pair.prepare_polarization(0.05, 4)
        bench.pair.prepare_current(1e-4)
        assert bench.pstat.values["DC"] == "1"

    def test_a_change_of_range_switches_nothing_and_keeps_the_voltage(self):
        bench = fake_pair()
        bench.pair.prepare_polarization(0.05, 4)
        mark = len(bench.log)
        bench.pair.change_range(5)
        assert bench.sent_since(mark) == ["1287 RR5"]
        assert bench.pstat.values["PV"] == "+5.0000E-02"
        assert bench.pair.full_scale_A == pytest.approx(200e-6)
        bench.pair.on()
        assert bench.sent_since(mark)[-1] == "1287 PW1"

    def test_the_range_of_a_held_cell_stays(self):
        bench = fake_pair()
        bench.pair.prepare_polarization(0.05, 4)
        bench.pair.on()
        mark = len(bench.log)
        with pytest.raises(OutOfOrder, match="cell off"):
            bench.pair.change_range(5)
        assert bench.sent_since(mark) == []
        assert bench.pair.range_index == 4

    @pytest.mark.parametrize("range_index", [0, 9])
    def test_a_range_that_does_not_exist(self, range_index):
        bench = fake_pair()
        bench.pair.prepare_polarization(0.05, 4)
        with pytest.raises(OutOfRange):
            bench.pair.change_range(range_index)


def read_back(pair):
    return {one.name: one.settings_as_read_back() for one in pair.instruments}


class TestReadingBack:
    def test_settings_as_the_instruments_answer_them(self):
        bench = fake_pair()
        bench.pair.prepare_current(126e-6)
        answers = read_back(bench.pair)
        assert answers["1287"]["RR"] == "5"
        assert answers["1287"]["PO"] == "1"
        assert answers["1260"]["VA"] == "+0.0000E+00"

    def test_an_instrument_that_does_not_know_the_question_is_asked_once(self):
        bench = fake_pair()
        bench.fra.dead = True
        answers = read_back(bench.pair)
        assert answers["1260"] == {"GT": "not answered"}
        assert answers["1287"]["OL"] == "0"

    def test_identities_and_the_numbers_of_the_range(self):
        bench = fake_pair()
        assert {one.name: one.identity() for one in bench.pair.instruments} == {
            "1287": "1287 1.20",
            "1260": "SCHLUMBERGER TECHNOLOGIES, 1260 IMPEDANCE ANALYZER, 0, 0",
        }
        with pytest.raises(OutOfOrder):
            _ = bench.pair.range_index
        bench.pair.prepare_current(126e-6)
        assert bench.pair.range_index == 5
        assert bench.pair.full_scale_of(8) == pytest.approx(200e-9)
        assert bench.pair.conversion_s == Settings1287().conversion_s[0]
