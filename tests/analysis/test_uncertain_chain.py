"""From a record's standard uncertainties to what a fit varies: by benches drawn as the record says."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from solbench.acquisition.bench.commissioning.record import LeadsRecord, RangeRecord
from solbench.acquisition.record.events import CommissioningText
from solbench.analysis.uncertain_chain import chains_of
from solbench.drivers.solartron.corrections import Corrections, Leads, RangeCorrection
from tests.acquisition.bench.commissioning.records import known, of, record

F = np.geomspace(1e6, 1e3, 7)
RANGES = {
    4: RangeRecord(lag_s=of(46e-9, 2e-9), pole_share=of(0.5, 0.1), covariance_s_H=-1.2e-16),
    5: RangeRecord(lag_s=of(38e-9, 4e-9), pole_share=of(1.0)),
}
LEADS = LeadsRecord(inductance_H=of(1.7e-6, 0.1e-6))


def chains(instruments: str = "pair", used: tuple[int, ...] = (4, 5), **given: object):
    values = known(**({"ranges": RANGES, "pair_leads": LEADS} | given))
    text = CommissioningText(name="lab.commissioning.json", text=record(values=values).text())
    start = SimpleNamespace(start=SimpleNamespace(instruments=instruments, integration_s=1.0))
    numbers = ("real_ohm", "imaginary_ohm", "amplitude_V", "integration_s")
    kind = [("frequency_Hz", float), ("range", int), *((name, float) for name in numbers)]
    points = [np.array([(f, index, 80.0, -30.0, 0.01, 0.0) for f in F], kind) for index in used]
    return chains_of(SimpleNamespace(commissioning=text), [(start, one) for one in points])


def test_its_spread_is_that_of_benches_drawn_from_the_record():
    random = np.random.default_rng(5)
    cell = 80.0 - 30.0j
    covariance = [[4e-18, -1.2e-16], [-1.2e-16, 1e-14]]
    drawn = []
    for lag, henry in random.multivariate_normal([0, 0], covariance, 3000):
        share = 0.5 + 0.1 * random.normal()
        true = RangeCorrection(4, 46e-9 + lag, pole_share=share)
        corrections = Corrections((RangeCorrection(4, 46e-9, pole_share=0.5),), Leads(inductance_H=1.7e-6))
        seen = [
            corrections.of_pair((cell + 2j * np.pi * f * (1.7e-6 + henry)) / true.transfer(f), f, 4)
            for f in F
        ]
        drawn.append([one.impedance_ohm - cell for one in seen])
    first, _ = chains()
    effects = cell * first.relative + first.additive
    expected = effects.T @ effects.conj()
    found = np.array(drawn).T @ np.array(drawn).conj() / len(drawn)
    size = np.sqrt(np.real(np.outer(np.diag(expected), np.diag(expected))))
    assert np.max(np.abs(found - expected) / size) < 0.1


def test_lags_are_of_a_range_and_the_leads_of_all():
    four, five = chains()
    assert four.names == ("lag RR4", "pole RR4", "leads")
    assert five.names == ("lag RR5", "leads")  # the share of its pole is certain


def test_nothing_is_uncertain_without_a_record_or_with_the_1260_alone():
    assert chains(instruments="1260") == (None, None)
    sure = {index: RangeRecord(lag_s=of(46e-9)) for index in (4, 5)}
    assert chains(ranges=sure, pair_leads=LeadsRecord()) == (None, None)
    assert chains_of(SimpleNamespace(commissioning=None), [(None, None)]) == (None,)


@pytest.mark.parametrize("covariance", [1e-12, -1e-12])
def test_a_covariance_that_cannot_be_is_taken_for_one_that_can(covariance):
    impossible = {4: RANGES[4].model_copy(update={"covariance_s_H": covariance})}
    [found] = chains(used=(4,), ranges=impossible)
    assert np.isfinite(found.relative).all()
    assert np.isfinite(found.additive).all()
