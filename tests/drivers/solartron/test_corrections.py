"""What is known of a bench is taken off its impedances: by the formulae of the electronics, put in by hand."""

from __future__ import annotations

import cmath
import json
import math
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.drivers.errors import NotSafe
from solbench.drivers.solartron.corrections import (
    Bound,
    Corrections,
    Leads,
    Null,
    RangeCorrection,
    corrections_from,
)
from solbench.drivers.solartron.settings import Settings1287
from tests.drivers.bench import fake_pair, measure_of

POINT = "+1.0000000E+06,+3.0000E-01,-1.0000E-01,0,00\r\n"


def jw(frequency_Hz: float) -> complex:
    return 2j * math.pi * frequency_Hz


@given(
    st.complex_numbers(min_magnitude=1.0, max_magnitude=1e5, allow_infinity=False, allow_nan=False),
    st.floats(1.0, 1e6),
    st.floats(0.0, 3e-7),
    st.floats(0.0, 1.0),
)
def test_a_lag_a_wrong_resistor_and_leads_are_undone(true_ohm, frequency_Hz, lag_s, share):
    w = jw(frequency_Hz)
    across = 1.0 / (1.0 / true_ohm + w * 30e-12 + 1e-10)
    at_terminals = across + 0.01 + w * 1.7e-6
    late = cmath.exp(-w * lag_s * (1 - share)) / (1 + w * lag_s * share)
    raw = at_terminals / late / 1.002
    leads = Leads(0.01, 1.7e-6, 0.0, 30e-12, 0.0, 1e-10)
    known = Corrections((RangeCorrection(4, lag_s, pole_share=share, ratio=1.002),), leads)
    found = known.of_pair(raw, frequency_Hz, 4).impedance_ohm
    assert found == pytest.approx(true_ohm, rel=1e-9)
    assert known.of_pair(raw, frequency_Hz, 5).impedance_ohm != pytest.approx(true_ohm, rel=1e-5)


def test_the_delay_of_a_real_bench_by_hand():
    # 46 ns at 100 kHz turn the phase by 0.0289 rad, and a pole takes off the half of its square of the modulus
    turn = 2 * math.pi * 1e5 * 46e-9
    delay, pole = (Corrections((RangeCorrection(4, 46e-9, pole_share=share),)) for share in (0.0, 1.0))
    by_delay, by_pole = (one.of_pair(1000 + 0j, 1e5, 4).impedance_ohm for one in (delay, pole))
    assert cmath.phase(by_delay) == pytest.approx(-turn)
    assert abs(by_delay) == pytest.approx(1000.0)
    assert abs(by_pole) == pytest.approx(1000.0 * (1 - turn**2 / 2), rel=1e-6)


def test_nothing_known_changes_nothing():
    found = Corrections().of_pair(12.3 - 4.5j, 1e6, 3)
    assert (found.impedance_ohm, found.stderr_ohm, found.trusted) == (12.3 - 4.5j, 0.0, True)


def test_nulls_at_frequencies_replace_the_elements_of_the_leads():
    short = tuple(Null(f, 0.02, 2 * math.pi * f * 2e-6) for f in (1e3, 1e5))
    leads = Leads(resistance_ohm=9.0, inductance_H=9.0, short=short)
    assert leads.series_ohm(1e4) == pytest.approx(0.02 + jw(1e4) * 2e-6)
    assert leads.series_ohm(1e6) == pytest.approx(0.02 + jw(1e6) * 2e-6)
    assert leads.series_ohm(10.0) == pytest.approx(0.02 + jw(10.0) * 2e-6)
    opened = Leads(open=(Null(1e3, 1e-9, 2e-7),))
    assert opened.without(1e6 + 0j, 1e3) == pytest.approx(1.0 / (1e-6 - (1e-9 + 2e-7j)))


@pytest.mark.parametrize("share", [0.0, 0.6, 1.0])
def test_the_uncertainty_is_the_spread_of_what_random_benches_would_have_given(share):
    import numpy as np

    random = np.random.default_rng(7)
    covariance = np.array([[3e-9**2, -1.5e-16], [-1.5e-16, 0.1e-6**2]])
    own = RangeCorrection(4, 50e-9, 3e-9, share, covariance_s_H=-1.5e-16)
    known = Corrections((own,), Leads(inductance_H=2e-6, inductance_stderr_H=0.1e-6))
    seen = 80.0 - 40.0j
    for frequency_Hz in (1e4, 1e6):
        off = random.multivariate_normal([0.0, 0.0], covariance, 4000)
        others = [
            Corrections(
                (RangeCorrection(4, 50e-9 + lag, pole_share=share),), Leads(inductance_H=2e-6 + henry)
            ).of_pair(seen, frequency_Hz, 4)
            for lag, henry in off
        ]
        centre = known.of_pair(seen, frequency_Hz, 4)
        spread = math.sqrt(
            float(np.mean([abs(one.impedance_ohm - centre.impedance_ohm) ** 2 for one in others]))
        )
        assert centre.stderr_ohm == pytest.approx(spread, rel=0.08)


def test_what_is_beyond_the_known_frequencies_and_impedances_is_not_trusted():
    contour = (Bound(1e3, 0.01, 1e8), Bound(1e6, 10.0, 1e4))
    known = Corrections((RangeCorrection(4, highest_Hz=3e5),), contour=contour, highest_Hz=1e5)
    assert known.of_pair(100 + 0j, 3e5, 4).trusted
    assert not known.of_pair(100 + 0j, 3.1e5, 4).trusted
    assert not known.of_pair(100 + 0j, 1.1e5, 5).trusted  # a range of which nothing is known
    assert not known.of_pair(0.005 + 0j, 1e3, 4).trusted
    assert known.bounds_ohm(math.sqrt(1e9)) == pytest.approx((5.005, 0.5 * (1e8 + 1e4)))


def test_they_go_to_a_guardian_as_plain_data_and_come_back():
    leads = Leads(0.01, 2e-6, short=(Null(1e3, 0.1, 0.2),))
    known = Corrections((RangeCorrection(4, 5e-8, 1e-9),), leads, contour=(Bound(1.0, 1.0, 2.0),))
    assert corrections_from(json.loads(json.dumps(asdict(known)))) == known


class TestPair:
    def test_a_point_carries_what_was_measured_and_what_was_made_of_it(self):
        known = Corrections(
            (RangeCorrection(4, 46e-9, 3e-9, highest_Hz=5e5),), gain_V=1.01, gain_I=0.99, fine_gain=0.98
        )
        plain, bench = measure_of([POINT]), measure_of([POINT], corrections=known)
        raw = plain.pair.measure_impedance(1e6, 0.1)
        point = bench.pair.measure_impedance(1e6, 0.1)
        assert (raw.raw_ohm, raw.correction_stderr_ohm, raw.trusted) == (None, 0.0, True)
        assert point.raw_ohm == raw.impedance_ohm == pytest.approx(30.0 - 10.0j)
        expected = raw.impedance_ohm * 0.99 / 1.01 * cmath.exp(-jw(1e6) * 46e-9)
        assert point.impedance_ohm == pytest.approx(expected)
        assert point.correction_stderr_ohm == pytest.approx(abs(expected) * 2 * math.pi * 1e6 * 3e-9)
        assert not point.trusted

    def test_the_amplitude_at_the_cell_counts_with_the_gain_as_it_is(self):
        bench = fake_pair(corrections=Corrections(fine_gain=1.25))
        bench.pair.prepare_impedance(0.01, 0.0, 4)
        bench.pair.on()
        bench.pair.apply_ac()
        assert "1260 VA8.0000E-01" in bench.sent_since(0)

    def test_the_zeros_of_the_meters_are_taken_off_in_the_sign_of_the_instrument(self):
        known = Corrections((RangeCorrection(4, zero_A=2e-6),), zero_V=1e-3)
        for terminal, sign in (("ce_re1", 1.0), ("we_re2", -1.0)):
            bench = fake_pair(pstat_settings=Settings1287(positive_terminal=terminal), corrections=known)
            bench.pair.prepare_voltage(0.0, 1e-3)  # RR4
            reading = bench.pair.measure()
            assert reading.voltage_V == pytest.approx(sign * 0.299)
            assert reading.current_A == pytest.approx(sign * -2e-6)
            bench.pair.prepare_voltage(0.0, 1e-5)  # of which no zero is known
            assert bench.pair.measure().current_A == 0.0

    @pytest.mark.parametrize(("range_index", "current_A"), [(4, 3e-6), (3, -2e-5), (6, 0.0), (0, 1e-7)])
    def test_no_current_is_the_zero_of_the_range_that_the_instrument_has(self, range_index, current_A):
        """It may have been set by hand, or by a device clear; and who makes it safe may never have set one."""
        known = Corrections((RangeCorrection(3, zero_A=-2e-5), RangeCorrection(4, zero_A=3e-6)))
        for is_prepared in (False, True):
            bench = fake_pair(corrections=known)
            if is_prepared:
                bench.pair.prepare_voltage(0.0, 1e-2)  # RR3
            bench.pstat.values["RR"], bench.pstat.current_A = str(range_index), current_A
            assert bench.pair.make_safe().current_A == pytest.approx(0.0, abs=1e-7)
            bench.pstat.current_A += 5e-5 if range_index in (3, 4) else 1e-6
            with pytest.raises(NotSafe):
                bench.pair.make_safe()
