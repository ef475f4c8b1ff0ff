"""A run on a bench whose current lags: with its commissioning record the truth, without it no conclusion."""

from __future__ import annotations

import cmath
import math
from datetime import UTC, datetime
from pathlib import Path

import h5py
import pytest

from solbench.acquisition.bench.bench_file import BenchFile, FoundRecord
from solbench.acquisition.bench.commissioning.record import parse_record
from solbench.acquisition.record.events import SessionStart, StartCheck
from solbench.acquisition.record.journal import journal_path
from solbench.acquisition.record.reader import from_journal, open_run
from solbench.protocols.errors import BadInput
from tests.acquisition.bench.commissioning.records import LAG_S, POLE_HZ, known, record
from tests.acquisition.runs import SHORT, quiet_bench, request, resume_it, run_it

LAGGING = {"interface": {"resistor_pole_Hz": [POLE_HZ] * 8}}
OLD = datetime(2020, 1, 1, tzinfo=UTC)


def commissioned(**given: object) -> BenchFile:
    made = record("test bench", **given)
    return quiet_bench(**LAGGING).with_record(FoundRecord("b.commissioning.json", made.text(), made))


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("commissioned")
    benches = {"with": commissioned(), "without": quiet_bench(**LAGGING), "ideal": quiet_bench()}
    for name, bench in benches.items():
        assert run_it(request(folder / f"{name}.h5", SHORT, bench=bench)).completed
    return {name: folder / f"{name}.h5" for name in benches}


def test_every_point_has_what_was_measured_and_what_is_true(runs):
    found, ideal = open_run(runs["with"]).points, open_run(runs["ideal"]).points
    assert len(found) == len(ideal) == 3
    for point, true in zip(found, ideal, strict=True):
        raw = complex(point["raw_real_ohm"], point["raw_imaginary_ohm"])
        corrected = complex(point["real_ohm"], point["imaginary_ohm"])
        pole = 1.0 + 2j * math.pi * point["frequency_Hz"] * LAG_S
        assert corrected == pytest.approx(raw / pole, rel=1e-12)
        assert corrected == pytest.approx(complex(true["real_ohm"], true["imaginary_ohm"]), rel=0.01)
        assert point["correction_stderr_ohm"] > 0.0
        assert not point["untrusted"]
    assert abs(cmath.phase(complex(found["raw_real_ohm"][0], found["raw_imaginary_ohm"][0]) / raw)) > 0.1
    assert ideal["raw_real_ohm"].tolist() == ideal["real_ohm"].tolist()


def test_journal_and_file_carry_the_record_and_give_it_back(runs):
    for run in (open_run(runs["with"]), from_journal(journal_path(runs["with"]))):
        assert run.commissioning is not None
        assert parse_record(run.commissioning.text, run.commissioning.name) == record("test bench")
        assert not run.not_commissioned
    with h5py.File(runs["with"]) as file:
        group = file["entry/commissioning"]
        assert group.attrs["NX_class"] == "NXnote"
        assert group["data"].asstr()[()] == record("test bench").text()
    with h5py.File(runs["without"]) as file:
        assert "commissioning" not in file["entry"]


def test_without_it_nothing_above_100_kHz_counts_and_the_run_says_which_unit_it_was(runs):
    run = open_run(runs["without"])
    assert (run.commissioning, run.not_commissioned, run.unit) == (None, True, "ideal, changed")
    assert {point["frequency_Hz"]: bool(point["untrusted"]) for point in run.points} == {
        1e6: True,
        1e5: False,
        1e4: False,
    }
    told = [line.text for _, check in run.bodies(StartCheck) for line in check.findings]
    assert any("1000 kHz" in text and "up to 100 kHz" in text and "on the range" in text for text in told)


def test_the_ideal_unit_is_as_it_was(runs):
    run = open_run(runs["ideal"])
    assert (run.commissioning, run.not_commissioned, run.unit) == (None, False, "ideal")
    assert not run.points["untrusted"].any()
    assert not run.points["correction_stderr_ohm"].any()


def test_the_record_of_another_unit_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(BadInput, match=r"b.commissioning.json, field unit: .* of the unit '7'"):
        run_it(request(tmp_path / "r.h5", SHORT, bench=commissioned(unit="7")))
    assert list(tmp_path.iterdir()) == []
    assert run_it(request(tmp_path / "r.h5", SHORT, bench=commissioned(unit="ideal, changed"))).completed


@pytest.mark.long
def test_a_resume_goes_on_with_the_record_with_which_the_run_began_whatever_its_age(tmp_path):
    run = tmp_path / "r.h5"

    def interrupts(event):
        if event.kind == "point":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_it(request(run, SHORT, bench=commissioned(made=OLD, values=known(stderr_s=2e-9))), interrupts)
    assert resume_it(run).completed
    sessions = [body for _, body in open_run(run).bodies(SessionStart)]
    assert len(sessions) == 2
    assert sessions[0].commissioning == sessions[1].commissioning != None  # noqa: E711 - one comparison
    assert len({point["frequency_Hz"] for point in open_run(run).points}) == 3
    last = open_run(run).points[-3:]
    assert (last["raw_real_ohm"] != last["real_ohm"]).all()
