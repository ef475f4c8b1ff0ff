"""From the readings of a polarization to a conductivity: a current that is known on paper."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from solbench.acquisition.bench.commissioning.record import LeadsRecord
from solbench.acquisition.record.columns import POINT, SAMPLE
from solbench.acquisition.record.events import CellText, CommissioningText, Event, Quantity
from solbench.acquisition.record.reader import Run, Stored
from solbench.analysis.polarization import run_conductivity, run_geometry, why_no_conductivity
from solbench.protocols.segments import Polarization, StepRef
from tests.acquisition.bench.commissioning.records import known, of
from tests.acquisition.bench.commissioning.records import record as commissioning
from tests.records import filled, record

AREA_M2, THICKNESS_M, VOLTAGE_V = 0.785e-4, 500e-6, 0.05
STEADY_A = 2e-8
QUANTITIES = {
    "area_m2": Quantity(AREA_M2, "m**2"),
    "thickness_m": Quantity(THICKNESS_M, "m"),
    "thickness_uncertainty_m": Quantity(10e-6, "m"),
    "diameter_uncertainty_m": Quantity(0.05e-3, "m"),
}


def run(offset_A: float = 0.0, spoil_A: float = 0.0, outcome: str = "done") -> Run:
    """Baseline of 600 s at 0 V, 3600 s at 50 mV with a range change at 1000 s that spoils ten seconds."""
    segment = filled(Polarization, step=StepRef(0, "polarization", "dc_polarization", ""))
    events = [
        record("header", 0.0, 0, cell=filled(CellText, quantities=QUANTITIES)),
        record("segment", 0.0, 1, ordinal=0, attempt=1, segment=segment),
        record("zero", 1.0, 2, range=8, stderr_A=1e-12, readings=40),
        record("phase", 2.0, 3, name="baseline", voltage_V=0.0),
        record("phase", 602.0, 4, name="polarization", voltage_V=VOLTAGE_V),
        record("range", 1002.0, 5, range=8),
        record("segment_end", 4202.0, 6, segment="Polarization", outcome=outcome),
    ]
    times = np.arange(3.0, 4200.0)
    current = np.where(times < 602.0, 0.0, STEADY_A * (1 + 1.5 * np.exp(-(times - 602.0) / 200.0)))
    current += np.random.default_rng(1).standard_normal(len(times)) * 2e-12 + offset_A
    current[(times >= 1002.0) & (times < 1012.0)] += spoil_A
    samples = np.zeros(len(times), SAMPLE)
    samples["time_s"], samples["current_A"], samples["range"] = times, current, 8
    samples["voltage_V"] = np.where(times < 602.0, 0.0, VOLTAGE_V)
    samples["seq"] = np.arange(len(times)) + 7
    return Run(Path("a.h5"), events, np.empty(0, POINT), Stored.at_hand(samples))


EXPECTED_S_M = STEADY_A / VOLTAGE_V * THICKNESS_M / AREA_M2


def after_another(seed: int) -> Run:
    """A baseline that begins while the cell still depolarizes: the smallest range cuts out before it holds.

    A range that is cut out shows no current, for as long as it takes the cell to leave its voltage.
    """
    draw = np.random.default_rng(seed)
    tries_s = np.cumsum(np.concatenate([[2.0], draw.uniform(12.0, 40.0, draw.integers(1, 6))]))
    holds_s = tries_s[-1] + draw.uniform(10.0, 250.0)
    left_A = -draw.uniform(0.2, 1.5) * STEADY_A
    known = run()
    times = known.samples["time_s"]
    samples = known.samples.copy()
    leaves = times < 602.0
    samples["current_A"][leaves] += left_A * np.exp(-times[leaves] / 400.0)
    samples["range"][leaves] = np.where(times[leaves] < holds_s, 7, 8)
    events = [event for event in known.events if event.kind != "range"]
    changes = [(holds_s, 8), (600.0, 4)]
    for try_s in tries_s:
        off = (times >= try_s) & (times < try_s + draw.uniform(1.0, 11.9))
        samples["range"][off], samples["current_A"][off] = 8, 0.0
        changes += [(try_s - 0.5, 8), (times[off][-1] + 0.5, 7)]
    events += [record("range", time_s, 0, range=to) for time_s, to in sorted(changes)]
    return replace(known, events=events, stored=Stored.at_hand(samples))


@pytest.mark.parametrize("seed", range(12))
def test_a_range_that_cut_out_tells_no_zero(seed):
    found = run_conductivity(after_another(seed))
    assert abs(found.sigma_S_m - EXPECTED_S_M) < 2.5 * found.sigma_stderr_S_m
    assert found.sigma_S_m == pytest.approx(EXPECTED_S_M, rel=0.05)


def test_a_range_that_never_held_tells_no_zero():
    """What the ammeter shows of a cell that is off is nothing, and steadier than all else."""
    known = run(offset_A=2e-9)
    samples = known.samples.copy()
    off = (samples["time_s"] >= 100.0) & (samples["time_s"] < 160.0)
    baseline = samples["time_s"] < 602.0
    samples["range"] = 7
    samples["range"][off], samples["current_A"][off] = 8, 0.0
    events = [event for event in known.events if event.kind != "range"]
    events += [record("range", time_s, 0, range=to) for time_s, to in ((1.5, 7), (99.5, 8), (160.0, 7))]
    assert baseline[off].all()
    found = run_conductivity(replace(known, events=events, stored=Stored.at_hand(samples)))
    assert found.sigma_S_m == pytest.approx(EXPECTED_S_M, rel=0.01)


def test_the_steady_current_over_the_voltage_and_the_geometry():
    found = run_conductivity(run())
    assert found.steady
    assert not found.is_bound
    assert found.sigma_S_m == pytest.approx(EXPECTED_S_M, rel=0.02)


@pytest.mark.parametrize("readings", [0, 1, 19])
def test_too_few_readings_give_no_conductivity(readings):
    short = run()
    after = np.flatnonzero(short.samples["time_s"] >= 2000.0)
    before = np.flatnonzero(short.samples["time_s"] < 602.0)
    few = replace(short, stored=Stored.at_hand(short.samples[np.concatenate([before, after[:readings]])]))
    assert run_conductivity(few) is None


def test_without_a_reading_of_the_baseline_the_zero_of_the_range_is_left():
    whole = run()
    blind = replace(whole, stored=Stored.at_hand(whole.samples[whole.samples["time_s"] >= 602.0]))
    assert run_conductivity(blind).sigma_S_m == pytest.approx(EXPECTED_S_M, rel=0.02)


def test_the_geometrys_uncertainty_is_in_the_result():
    """2 % of the thickness and twice 0.5 % of the diameter."""
    found = run_conductivity(run())
    assert found.sigma_stderr_S_m / found.sigma_S_m == pytest.approx(np.hypot(0.02, 0.01), rel=0.25)


def test_an_offset_is_taken_off_by_the_baseline():
    found = run_conductivity(run(offset_A=5e-9))
    assert found.sigma_S_m == pytest.approx(EXPECTED_S_M, rel=0.02)


def test_the_seconds_after_a_range_change_do_not_count():
    clean, spoilt = run_conductivity(run()), run_conductivity(run(spoil_A=1e-6))
    assert spoilt.sigma_S_m == pytest.approx(clean.sigma_S_m, rel=1e-9)


def test_an_interrupted_polarization_has_no_result():
    assert run_conductivity(run(outcome="interrupted")) is None


def test_the_geometry_comes_from_the_header():
    geometry = run_geometry(run())
    assert geometry.area_m2 == AREA_M2
    assert geometry.thickness_m == THICKNESS_M


def test_what_the_commissioning_record_says_of_the_open_leads_is_taken_off():
    leak_S = 0.1 * STEADY_A / VOLTAGE_V
    leads = LeadsRecord(conductance_S=of(leak_S, 0.01 * leak_S))
    text = CommissioningText(name="b.json", text=commissioning(values=known(pair_leads=leads)).text())
    plain = run()
    session = record("session", 0.0, 0, session=1, instruments={}, commissioning=text)
    found = run_conductivity(replace(plain, events=[plain.events[0], session, *plain.events[1:]]))
    assert found.sigma_S_m == pytest.approx(0.9 * EXPECTED_S_M, rel=0.02)


def test_too_few_readings_are_told():
    whole = run()
    few = whole.samples[::250]
    short = Run(whole.path, whole.events, whole.points, Stored.at_hand(few))
    assert run_conductivity(short) is None
    assert "at least 20 are needed" in (why_no_conductivity(short) or "")
    assert why_no_conductivity(whole) is None


def test_all_polarizations_of_a_run_are_one_series():
    first = run()
    again = [Event(event.seq + 10, event.time_s + 5000.0, event.body) for event in run().events[1:]]
    later = [
        Event(event.seq, event.time_s, replace(event.body, ordinal=1))
        if hasattr(event.body, "ordinal")
        else event
        for event in again
    ]
    samples = np.concatenate([first.samples, first.samples])
    half = len(first.samples)
    samples["time_s"][half:] += 5000.0
    samples["segment"][half:] = 1
    both = Run(first.path, [*first.events, *later], first.points, Stored.at_hand(samples))
    found = run_conductivity(both)
    assert [one.voltage_V for one in found.transients] == [VOLTAGE_V] * 2
    assert found.sigma_S_m == pytest.approx(EXPECTED_S_M, rel=0.02)


def without_voltage(known: Run, read_V: float, told_V: float) -> Run:
    """The same run where the instrument held no voltage: what is read then, and what the file says was set."""
    samples = known.samples.copy()
    after = samples["time_s"] >= 602.0
    noise_V = np.random.default_rng(3).standard_normal(after.sum()) * 1e-6
    samples["voltage_V"][after] = read_V + noise_V
    events = [
        Event(event.seq, event.time_s, replace(event.body, voltage_V=told_V))
        if event.kind == "phase" and event.body.name == "polarization"
        else event
        for event in known.events
    ]
    return replace(known, events=events, stored=Stored.at_hand(samples))


@pytest.mark.parametrize(("read_V", "told_V"), [(0.0, 0.0), (2e-5, 0.0), (0.0, 3e-4), (-1.3e-5, 4.9e-4)])
def test_where_no_voltage_stood_nothing_is_told_but_that(read_V, told_V):
    """Neither a conductivity of the offset of the voltmeter, nor an error."""
    none = without_voltage(run(), read_V, told_V)
    assert run_conductivity(none) is None
    assert "0 V stood" in (why_no_conductivity(none) or "")


def test_beside_others_one_without_a_voltage_is_left_out_in_words():
    first, none = run(), without_voltage(run(), 0.0, 0.0)
    later = [
        Event(
            event.seq + 10,
            event.time_s + 5000.0,
            replace(event.body, ordinal=1) if hasattr(event.body, "ordinal") else event.body,
        )
        for event in none.events[1:]
    ]
    samples = np.concatenate([first.samples, none.samples])
    half = len(first.samples)
    samples["time_s"][half:] += 5000.0
    samples["segment"][half:] = 1
    found = run_conductivity(Run(first.path, [*first.events, *later], first.points, Stored.at_hand(samples)))
    assert found.sigma_S_m == pytest.approx(EXPECTED_S_M, rel=0.02)
    assert "1 of 2 transients left out: 0 V stood" in found.verdict
