"""A whole half-cell run against the simulator's truth: where it stopped, what it counted, what it found."""

from itertools import pairwise

import numpy as np
import pytest

from solbench.acquisition.record.journal import read_journal
from solbench.acquisition.record.progress import fold
from solbench.acquisition.record.reader import open_run
from solbench.analysis.cycling import pairs_of
from solbench.analysis.interruptions import dc_resistance_ohm
from solbench.protocols import load_cell
from tests.acquisition.runs import Seen, quiet_bench, request, seen_run

CURRENT_A = 0.16e-3 * 0.785
FULL_C = 847e-3 * 3600 * 1.366e-3  # 847 mAh/g times 1.366 mg of tin
WHOLE = 0.95  # of it is sodiated, in seventeen hours with the way back


@pytest.fixture(scope="module", params=[0.08, pytest.param(WHOLE, marks=pytest.mark.long)])
def sodiated_C(request) -> float:
    """What is to be sodiated: a twelfth of what is usual, or all."""
    return request.param * FULL_C


@pytest.fixture(scope="module")
def half_cell(tmp_path_factory, sodiated_C) -> Seen:
    """A half-cell run on a bench without gain and offset errors, 5 ms a message."""
    run = tmp_path_factory.mktemp("half") / "half.h5"
    capacity = f"steps.sodiation.until.capacity={sodiated_C / FULL_C:.0%}"
    return seen_run(request(run, "half-cell", "nbh", quiet_bench(latency_s=5e-3), (capacity,), seed=7))


def sodiation(seen: Seen) -> tuple[int, int]:
    """The ordinals of the first and the last segment of the sodiation that hold the current."""
    held = [
        event.body.ordinal
        for event in seen.of("segment_end")
        if event.body.segment == "ConstantCurrent" and event.body.step == 0
    ]
    return held[0], held[-1]


def true_throughput_C(seen: Seen) -> float:
    return seen.truth.charged_C + seen.truth.discharged_C


def test_it_completes_with_the_cell_off(half_cell):
    assert half_cell.result.outcome == "completed"
    assert half_cell.truths[-1][2] is False
    assert half_cell.truth.polarized is False


def test_the_sodiation_stops_within_a_ppm_of_the_true_charge(half_cell, sodiated_C):
    _, last = sodiation(half_cell)
    passed_C = abs(half_cell.true_charge_C("segment_end", last) - half_cell.true_charge_C("segment", 0))
    assert passed_C == pytest.approx(sodiated_C, abs=1e-6 * WHOLE * FULL_C)


def test_each_quarter_stops_within_twenty_milliseconds_of_current(half_cell, sodiated_C):
    ends = [event for event in half_cell.of("segment_end") if event.body.segment == "ConstantCurrent"][:4]
    for quarter, end in enumerate(ends, 1):
        passed_C = abs(half_cell.true_charge_C("segment_end", end.body.ordinal))
        assert passed_C == pytest.approx(sodiated_C * quarter / 4, abs=20e-3 * CURRENT_A)


def test_the_desodiation_passes_two_volts_by_less_than_a_millivolt_and_a_conversion(half_cell):
    samples = open_run(half_cell.result.run).samples
    deciding = samples[samples["flags"] & 1 == 1][-1]
    before = samples[samples["seq"] < deciding["seq"]][-1]
    slope_V_s = (deciding["voltage_V"] - before["voltage_V"]) / (deciding["time_s"] - before["time_s"])
    assert before["voltage_V"] < 2.0
    assert 2.0 <= deciding["voltage_V"] <= 2.0 + 1e-3 + slope_V_s * 0.2


def test_what_was_recorded_is_what_flowed_with_the_spectra_counted(half_cell):
    recorded_C = half_cell.of("edge")[-1].body.charge_C
    error_C = recorded_C - half_cell.truth.charge_C
    assert abs(error_C) <= 20e-6 * true_throughput_C(half_cell)


def test_every_segment_is_right_and_not_only_their_sum(half_cell):
    for end in half_cell.of("segment_end"):
        recorded_C = [
            event for event in half_cell.events if event.seq < end.seq and hasattr(event.body, "charge_C")
        ]
        if recorded_C:
            true_C = half_cell.true_charge_C("segment_end", end.body.ordinal)
            assert recorded_C[-1].body.charge_C == pytest.approx(true_C, abs=20e-6 * 7.2)


def test_the_sweeps_let_almost_no_charge_through(half_cell):
    for end in half_cell.of("segment_end"):
        if end.body.segment == "Sweep":
            ordinal = end.body.ordinal
            true_C = half_cell.true_charge_C("segment_end", ordinal) - half_cell.true_charge_C(
                "segment", ordinal
            )
            assert abs(true_C) < 100e-6 * WHOLE * FULL_C


def test_five_spectra_of_61_points_at_their_capacities(half_cell, sodiated_C):
    run = open_run(half_cell.result.run)
    assert [spectrum.spectrum for spectrum in run.spectra] == [1, 2, 3, 4, 5]
    for quarter, spectrum in enumerate(run.spectra):
        points = run.points_of(spectrum)
        assert len(points) == 61
        assert points["frequency_Hz"][[0, 10, 60]] == pytest.approx([1e6, 1e5, 1.0], rel=1e-4)
        assert np.all(points["error"] == 0)
        assert abs(spectrum.start.step_charge_C) == pytest.approx(
            sodiated_C * quarter / 4, abs=1e-4 * sodiated_C
        )


def test_a_direct_current_meets_electrolyte_arcs_and_what_is_slower(half_cell):
    """nbh: 35.4 ohm, a charge transfer of 10 ohm, and of the tail at rest what relaxes within some minutes."""
    run = open_run(half_cell.result.run)
    assert dc_resistance_ohm(run, run.spectra[0]) is None  # before any current
    for spectrum in run.spectra[1:]:
        assert 44.0 < dc_resistance_ohm(run, spectrum) < 75.0


def test_the_spectra_show_the_electrolytes_resistance(half_cell):
    """nbh: the pellet's thickness over conductivity and area is what its impedance falls to at high frequency."""
    build = load_cell("nbh").build("half")
    run = open_run(half_cell.result.run)
    for spectrum in run.spectra[1:]:
        points = run.points_of(spectrum)
        low = points["real_ohm"][points["frequency_Hz"] > 9e5].min()
        assert build.area_m2 == pytest.approx(0.785e-4)
        assert 30.0 < low < 45.0  # 35.4 ohm of electrolyte and a little of the charge transfer


def test_readings_come_every_second(half_cell):
    run = open_run(half_cell.result.run)
    for ordinal in sodiation(half_cell):
        times = run.samples["time_s"][run.samples["segment"] == ordinal]
        gaps = np.diff(times)
        assert np.median(gaps) == pytest.approx(1.0, abs=0.01)
        assert gaps.max() < 2.0
    assert all(step.missed_readings == 0 for step in run.steps)


def test_progress_is_the_fold_of_the_journal(half_cell, tiny):
    for seen in (half_cell, tiny):
        folded = fold(read_journal(seen.result.run.with_suffix(".journal")))
        assert folded == fold(seen.events)
        assert folded.ledger.charge_C == pytest.approx(seen.truth.charge_C, abs=2e-4)
        assert folded.ordinal is None
        assert not folded.ledger.connected


def test_what_is_printed_is_what_was_kept_in_order(half_cell):
    kept = list(read_journal(half_cell.result.run.with_suffix(".journal")))
    assert [event.json() for event in kept] == [event.json() for event in half_cell.events]
    assert all(b.seq == a.seq + 1 for a, b in pairwise(kept))


@pytest.mark.long
@pytest.mark.parametrize(("cell", "efficiency"), [("nyzc", 0.0), ("nps", 0.66), ("nbh", 0.82)])
@pytest.mark.parametrize("seed", [1, 2])
def test_with_gain_and_offset_errors_it_is_right_within_what_is_stated(tmp_path, cell, efficiency, seed):
    """Charge within 0.2 %, the class of the instruments; the efficiency, where gain cancels, far closer."""
    wanted = request(tmp_path / "a.h5", "half-cell", cell, quiet_bench(errors="typical"), seed=seed)
    seen = seen_run(wanted)
    first, second = open_run(seen.result.run).steps
    middle_C = seen.true_charge_C("segment", int(seen.of("segment")[-1].body.ordinal))
    true = [middle_C, seen.truth.charge_C - middle_C]
    assert first.charge_C == pytest.approx(true[0], rel=2e-3)
    assert second.charge_C == pytest.approx(true[1], rel=2e-3, abs=2e-3)
    zero = next(event for event in reversed(seen.of("zero")))
    stated = 3 * zero.body.stderr_A / CURRENT_A + 20e-6
    recorded = pairs_of([first, second])[0].coulombic_efficiency
    assert recorded == pytest.approx(true[1] / -true[0], abs=max(stated, 1e-3))
    assert recorded == pytest.approx(efficiency, abs=0.03 if cell == "nyzc" else 0.02)


@pytest.mark.long
@pytest.mark.parametrize("cell", ["nps", "nyzc"])
def test_the_other_electrolytes_stop_and_count_as_exactly(tmp_path, cell):
    seen = seen_run(request(tmp_path / "a.h5", "half-cell", cell, quiet_bench(latency_s=5e-3), seed=3))
    _, last = sodiation(seen)
    assert abs(seen.true_charge_C("segment_end", last)) == pytest.approx(WHOLE * FULL_C, rel=1e-6)
    assert abs(seen.of("edge")[-1].body.charge_C - seen.truth.charge_C) <= 20e-6 * true_throughput_C(seen)
