"""What is told against a record follows the record as it was corrected."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from solbench.acquisition.record import reader
from solbench.acquisition.record.correcting.corrections import correct
from solbench.acquisition.record.events import Compared, Event
from solbench.acquisition.record.reader import Run, open_run
from solbench.analysis.compared import _passed_C, compared
from tests.acquisition.runs import RUNS_0_1


@pytest.fixture(name="run")
def pellet(tmp_path) -> Path:
    run = tmp_path / "pellet.h5"
    shutil.copy(RUNS_0_1 / "pellet.h5", run)
    return run


def with_compared(run: Run, **fields) -> Run:
    one = Compared(grade="doubt", unit="ohm", causes=("thickness",), **fields)
    return replace(run, events=[*run.events, Event(run.events[-1].seq + 1, run.events[-1].time_s, one)])


def thicker(run: Path, times: float) -> Run:
    found = open_run(run)
    thickness_um = found.recorded.cell.required("thickness_m") * 1e6 * times
    correct(run, found.recorded, [f"thickness={thickness_um} um"], "E. Example", "measured")
    return open_run(run)


def test_without_corrections_it_is_what_the_run_found(run):
    told = with_compared(open_run(run), code="voltage_jumped", seen=0.1, low=None, high=0.05)
    assert [one.code for _, one in compared(told)] == ["voltage_jumped"]


@pytest.mark.parametrize("times", [1.2, 0.9])
def test_a_doubt_goes_where_the_corrected_record_explains_what_was_seen(run, times):
    now = thicker(run, times)
    low, high = 80.0, 100.0  # of the recorded thickness; now both are `times` as much
    for seen, stays in ((low * times * 1.05, False), (low * times * 0.95, True), (high * times * 1.05, True)):
        told = with_compared(now, code="electrolyte_resistance", seen=seen, low=low, high=high, spectrum=1)
        found = [one for _, one in compared(told) if one.seen == seen]
        assert bool(found) is stays
        for one in found:
            assert (one.low, one.high) == pytest.approx((low * times, high * times))


def test_what_has_nothing_to_do_with_the_record_stays(run):
    told = with_compared(thicker(run, 1.1), code="voltage_jumped", seen=0.1, low=None, high=0.05)
    assert [one.code for _, one in compared(told)] == ["voltage_jumped"]


def test_a_spectrum_that_the_corrected_record_contradicts_is_told(run):
    found = compared(thicker(run, 6.0))
    assert [(one.code, one.grade, one.spectrum) for _, one in found][:1] == [
        ("electrolyte_resistance", "stop", 1)
    ]


@pytest.mark.parametrize("rows", [1, 13, 10_000])
def test_what_had_passed_before_a_spectrum_is_found_in_one_pass(rows: int, monkeypatch) -> None:
    monkeypatch.setattr(reader, "BLOCK_ROWS", rows)
    run = open_run(RUNS_0_1 / "short.h5")
    passed = _passed_C(run)
    samples = run.samples
    rng = np.random.default_rng(rows)
    for until_s in sorted(
        [-1.0, *rng.uniform(0.0, 1.1 * samples["time_s"][-1], 9), *samples["time_s"][50:53]]
    ):
        charge_C = samples["charge_C"][samples["time_s"] <= until_s]
        assert passed(until_s) == charge_C.max(initial=0.0) - charge_C.min(initial=0.0)
