"""Units are spread as their sources say: 500 of them, drawn in a moment."""

from __future__ import annotations

from collections import Counter
from statistics import fmean, pstdev

import pytest

from solbench.simulators.units.laws import Choice, Each, Error, Fixed, Law
from solbench.simulators.units.table import TABLE
from solbench.simulators.units.unit import specimen

COUNT = 500


@pytest.fixture(scope="module")
def units():
    return [specimen({"unit": number}) for number in range(COUNT)]


def mean_is(values, low, high):
    """A uniform law's mean of 500 lies within five of its standard errors."""
    assert all(low <= value <= high for value in values)
    assert fmean(values) == pytest.approx((low + high) / 2, abs=5 * (high - low) / 12**0.5 / COUNT**0.5)
    assert min(values) < low + 0.05 * (high - low)
    assert max(values) > high - 0.05 * (high - low)


def share_is(values, value, share):
    assert Counter(values)[value] / COUNT == pytest.approx(
        share, abs=5 * (share * (1 - share) / COUNT) ** 0.5
    )


@pytest.mark.long
def test_lags_are_those_of_real_spectra(units):
    lags_ns = [[1e9 * lag for lag in unit.interface.lag_s] for unit in units]
    mean_is([lags[2] for lags in lags_ns], 11, 22)
    mean_is([lags[3] for lags in lags_ns], 40, 60)
    mean_is([lags[4] for lags in lags_ns], 20, 58)
    share_is([unit.interface.lag_shape for unit in units], "pole", 0.5)


def test_high_resistors_end_between_10_and_100_kHz_and_each_below_the_one_before(units):
    for unit in units:
        corners = unit.interface.resistor_pole_Hz[5:]
        assert 100e3 >= corners[0] >= corners[1] >= corners[2] >= 10e3


def test_leads_are_those_of_real_spectra(units):
    mean_is([1e6 * unit.leads.inductance_H for unit in units], 1.7, 3.0)
    mean_is([1e12 * unit.leads.capacitance_F for unit in units], 15, 50)
    assert all(2e9 <= 1 / unit.leads.leakage_S <= 50e9 for unit in units)


def test_outputs_are_turned_in_some_units(units):
    share_is([unit.interface.v_out_polarity for unit in units], -1.0, 0.15)
    share_is([unit.interface.i_out_polarity for unit in units], -1.0, 0.05)


def test_what_is_open_about_the_bus_is_met_every_way(units):
    assert set(Counter(unit.analyzer.while_measuring for unit in units)) == {"hold", "queue", "ignore"}
    assert set(Counter(unit.interface.device_clear for unit in units)) == {"keeps", "breaks", "resets"}
    share_is([unit.analyzer.message_available_bit for unit in units], 7, 0.2)
    assert {unit.interface.message_available_bit for unit in units} == {7}


def test_errors_are_of_the_class_and_of_both_signs(units):
    errors = [error for unit in units for error in unit.calibration.resistor_error[1:6]]
    assert pstdev(errors) == pytest.approx(5e-4, rel=0.1)
    assert abs(fmean(errors)) < 5 * 5e-4 / len(errors) ** 0.5
    assert all(abs(unit.calibration.pol_gain_error[1]) <= 9e-3 for unit in units)


def test_what_is_drawn_for_one_setting_says_nothing_about_another(units):
    for first, second in [
        ([u.interface.lag_s[2] for u in units], [u.interface.lag_s[3] for u in units]),
        ([u.interface.lag_s[3] for u in units], [u.leads.inductance_H for u in units]),
        ([u.calibration.ammeter_gain[4] for u in units], [u.calibration.resistor_error[4] for u in units]),
    ]:
        mean_1, mean_2 = fmean(first), fmean(second)
        covariance = fmean([(a - mean_1) * (b - mean_2) for a, b in zip(first, second, strict=True)])
        assert abs(covariance / pstdev(first) / pstdev(second)) < 5 / COUNT**0.5


def test_the_typical_unit_is_in_the_middle():
    typical = specimen({"unit": "typical"})
    assert typical.interface.lag_s[3] == pytest.approx(50e-9)
    assert typical.interface.v_out_polarity == typical.interface.i_out_polarity == 1.0
    assert typical.leads.inductance_H == pytest.approx(2.35e-6)
    assert [error > 0 for error in typical.calibration.ammeter_gain] == [True, False] * 4


def varies(law: Law) -> bool:
    return any(map(varies, law.laws)) if isinstance(law, Each) else not isinstance(law, Fixed)


def test_every_row_says_whence_and_how_sure():
    for row in TABLE:
        assert row.source, row.setting
        assert row.grade or not varies(row.law), row.setting
        assert set(row.grade) <= set("ABCDK "), row.setting


def test_every_setting_stands_once_in_the_table():
    assert max(Counter(row.setting for row in TABLE).values()) == 1


def test_shares_add_up():
    choices = [row.law for row in TABLE if isinstance(row.law, Choice)]
    assert choices
    assert all(sum(law.weights) == pytest.approx(1.0) for law in choices)


def test_an_error_is_cut_off_at_three_deviations():
    from random import Random

    source = Random(1)
    drawn = [Error(1.0).draw(source) for _ in range(3000)]
    assert max(map(abs, drawn)) <= 3.0
    assert pstdev(drawn) == pytest.approx(0.987, abs=0.06)  # of a normal law cut off there


def flat(value) -> list:
    return [one for part in value for one in flat(part)] if isinstance(value, tuple) else [value]


def reached(settings, path: str):
    for name in path.split("."):
        settings = getattr(settings, name)
    return settings


def test_every_typical_value_is_one_that_units_have(units):
    unit_between = specimen({"unit": "typical"})
    for row in TABLE:
        typical = reached(unit_between, row.setting)
        drawn = [reached(unit, row.setting) for unit in units]
        if isinstance(row.law, Choice):
            assert typical in drawn, row.setting
            continue
        for place, value in enumerate(flat(typical)):
            at_place = [flat(one)[place] for one in drawn]
            assert min(at_place) <= value <= max(at_place), row.setting
