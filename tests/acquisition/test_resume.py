"""What resuming refuses, and what it only finishes."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import solbench.acquisition.bench.bench as bench_module
from solbench.acquisition.bench.bench_file import BenchFile, dump_bench
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.errors import RunFileError
from solbench.acquisition.record.journal import journal_path, read_header, read_journal, reserve_path
from solbench.acquisition.run.session import Session
from solbench.acquisition.run.setup import is_same_clock
from solbench.acquisition.run.start import OtherBench, resume, world_path
from solbench.drivers.solartron.solartron1287 import Solartron1287
from solbench.protocols import parse_cell
from solbench.protocols.errors import BadInput
from tests.acquisition.runs import (
    CURRENT_A,
    SHORT,
    quiet_bench,
    request,
    resume_it,
    run_it,
    watched_benches,
)
from tests.tiers import few


@pytest.fixture
def ended(tmp_path: Path) -> Path:
    run = tmp_path / "r.h5"
    assert run_it(request(run, SHORT)).completed
    return run


def test_a_run_that_ended_only_gets_its_file_again(ended: Path):
    before = journal_path(ended).read_bytes()
    ended.unlink()
    assert resume_it(ended).completed
    assert ended.exists()
    assert journal_path(ended).read_bytes() == before
    assert not reserve_path(ended).exists()


def test_a_simulated_run_whose_cell_is_gone_is_not_continued_with_a_fresh_one(ended: Path):
    journal = journal_path(ended)
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:20]))
    world_path(ended).unlink()
    with pytest.raises(RunFileError, match="simulated cell of this run is gone"):
        resume_it(ended)
    assert journal.read_bytes() == b"".join(lines[:20])


SECONDS = 120.0
TIMED = """
name: timed
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 1 s}
steps:
  - {name: sodiation, kind: constant_current, current: -0.16 mA/cm2, until: {time: 120 s}}
"""


def no_way_out(self, ending):
    """Leave as a program that is killed does."""
    self.storage.close()
    self.journal.close(keep_reserve=True)
    self.bench.close()
    return ending


def die_with_the_cell_on(
    run: Path, monkeypatch: pytest.MonkeyPatch, at_sample: int, count: list[int] | None = None
) -> None:
    """Carry out the first seconds of a run, as if the program were killed then; `count` gets longer with each."""

    count = [] if count is None else count

    def die(event):
        count.extend([1] if event.kind == "sample" else [])
        if len(count) == at_sample:
            raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(Session, "_way_out", no_way_out)
        patched.setattr("solbench.acquisition.engine.engine.Engine.try_switch_off", lambda self: None)
        patched.setattr("solbench.acquisition.engine.engine.Engine._conclude", lambda *_: None)
        with pytest.raises(RuntimeError, match="killed"):
            run_it(request(run, TIMED), die)


@few(("at_sample", "failed"), [(8, 0), (60, 1), (8, 2)], (2,))
def test_a_timed_step_carries_its_charge_however_often_a_resume_fails(
    tmp_path, monkeypatch, at_sample, failed
):
    run = tmp_path / "a.h5"
    die_with_the_cell_on(run, monkeypatch, at_sample)
    for _ in range(failed):
        with watched_benches(lambda bench: bench.truth.faults.kill("1287")):
            assert resume_it(run).outcome == "fault"
    benches: list[Any] = []
    with watched_benches(benches.append):
        assert resume_it(run).completed
    truth_C = benches[0].truth.truth.charge_C
    (gap, *_) = [event.body for event in read_journal(journal_path(run)) if event.kind == "gap"]
    assert gap.cause == "program"
    last = [event.body for event in read_journal(journal_path(run)) if event.kind == "segment_end"][-1]
    assert last.step_charge_C == pytest.approx(truth_C, abs=1e-3 * abs(truth_C))
    assert truth_C == pytest.approx(-CURRENT_A * SECONDS, abs=4.0 * CURRENT_A)


@few(("clock_s", "off_s"), [(-36000.0, None), (-36000.0, 5.0), (20.0, None), (4000.0, 9e9)], (0, 3))
def test_a_clock_that_was_set_back_before_another_boot_brings_no_time_before_the_last_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock_s: float, off_s: float | None
) -> None:
    """Only the time of day goes on across boots, also where it says when the cell was switched off (`off_s`)."""
    run = tmp_path / "a.h5"
    die_with_the_cell_on(run, monkeypatch, 60)
    journal, real = journal_path(run), bench_module.open_at
    before, unix_s = [*read_journal(journal)], read_header(journal).unix_s
    monkeypatch.setattr(bench_module, "open_at", lambda *wanted: replace(real(*wanted), time_base="another"))
    monkeypatch.setattr("solbench.acquisition.run.setup.time.time", lambda: unix_s + clock_s)
    monkeypatch.setattr("solbench.acquisition.run.start.off_from_outside", lambda *_: off_s)
    if clock_s < 0.0:
        with pytest.raises(BadInput, match=r"clock of this PC shows .* Set the clock"):
            resume_it(run)
        assert [*read_journal(journal)] == before
        result = resume(run, RunControl(), clock_was_wrong=True)
        assert result.completed, result.reason
    else:
        resume_it(run)
    times_s = [event.time_s for event in read_journal(journal)][len(before) - 1 :]
    assert (
        min(after_s - before_s for before_s, after_s in pairwise(times_s)) > -1.0
    )  # a reading is noted behind it
    (gap, *_) = [event.body for event in read_journal(journal) if event.kind == "gap"]
    assert 0.0 <= gap.unwatched_s <= max(clock_s + 70.0, 1.0)
    if clock_s < 0.0:  # for how long it was on is not known
        assert (
            gap.uncertainty_C == parse_cell(read_header(journal).cell.text, "cell").build("half").capacity_C
        )


@pytest.mark.parametrize(
    ("now", "then", "is_same"), [("a", "a", True), ("a", "b", False), ("", "a", False), ("", "", False)]
)
def test_a_clock_of_which_nothing_is_known_is_not_the_one_of_the_run(now, then, is_same):
    assert is_same_clock(SimpleNamespace(time_base=now), SimpleNamespace(time_base=then)) == is_same


@pytest.mark.parametrize("set_by_s", [-7200.0, 3600.0])
@few("at_sample", [3, 30, 59], (1,))
def test_a_clock_that_is_set_during_a_run_changes_no_time_of_it(tmp_path, monkeypatch, set_by_s, at_sample):
    """Neither in the run nor behind a boot, where only the time of day tells for how long nobody watched the cell."""
    run, real = tmp_path / "a.h5", time.time
    samples: list[int] = []
    monkeypatch.setattr(time, "time", lambda: real() + (set_by_s if len(samples) >= at_sample else 0.0))
    die_with_the_cell_on(run, monkeypatch, 60, samples)
    before = [*read_journal(journal_path(run))]
    assert all(0.0 <= two.time_s - one.time_s < 2.0 for one, two in pairwise(before[1:]))
    assert sum(event.kind == "wall" for event in before) == 1
    opened = bench_module.open_at
    monkeypatch.setattr(
        bench_module, "open_at", lambda *wanted: replace(opened(*wanted), time_base="another")
    )
    assert resume_it(run).completed
    (gap, *_) = [event.body for event in read_journal(journal_path(run)) if event.kind == "gap"]
    assert 0.0 <= gap.unwatched_s < 120.0


@few("set_by_s", [-5400.0, 40.0, 86400.0], (0, 2))
def test_a_clock_that_is_set_while_the_run_is_paused_changes_no_time_of_it(tmp_path, monkeypatch, set_by_s):
    run, real, run_control = tmp_path / "a.h5", time.time, RunControl()
    samples: list[int] = []
    looks: list[int] = []

    def pause(event):
        samples.extend([1] if event.kind == "sample" else [])
        if len(samples) == 30:
            run_control.ask(Verb.PAUSE, "a test")

    def wait(*_):
        looks.append(1)
        if len(looks) == 4:
            raise RuntimeError("killed")

    monkeypatch.setattr(time, "time", lambda: real() + (set_by_s if len(looks) > 1 else 0.0))
    with monkeypatch.context() as patched:
        patched.setattr(Session, "_way_out", no_way_out)
        patched.setattr("solbench.acquisition.run.session.idle", wait)
        with pytest.raises(RuntimeError, match="killed"):
            run_it(request(run, TIMED), pause, run_control=run_control)
    before = [*read_journal(journal_path(run))]
    assert sum(event.kind == "wall" for event in before) == 1
    opened = bench_module.open_at
    monkeypatch.setattr(
        bench_module, "open_at", lambda *wanted: replace(opened(*wanted), time_base="another")
    )
    assert resume_it(run).completed
    after = next(event for event in read_journal(journal_path(run)) if event.seq > before[-1].seq)
    assert 0.0 <= after.time_s - before[-1].time_s < 30.0


def test_a_run_is_not_continued_on_a_bench_of_another_kind(tmp_path, monkeypatch):
    run = tmp_path / "a.h5"
    die_with_the_cell_on(run, monkeypatch, 8)
    real = BenchFile(name="real", kind="prologix", positive_terminal="we_re2", adapter="socket://127.0.0.1:1")
    before = journal_path(run).read_bytes()
    with pytest.raises(BadInput, match=r"^real\.yaml, field --bench: the run was begun on a simulated bench"):
        resume(run, RunControl(), other=OtherBench(real, "", "real.yaml"))
    assert journal_path(run).read_bytes() == before


def test_other_instruments_are_refused_by_name(tmp_path, monkeypatch):
    run = tmp_path / "a.h5"
    die_with_the_cell_on(run, monkeypatch, 8)
    monkeypatch.setattr(Solartron1287, "identity", lambda self: "1287 99")
    before = journal_path(run).read_bytes()
    with pytest.raises(BadInput, match=r"the 1287 of the run answered '1287 .*', now it is '1287 99'"):
        resume(run, RunControl(), other=OtherBench(quiet_bench(), "", "other.yaml"))
    assert journal_path(run).read_bytes() == before


def test_a_bench_that_was_named_once_is_known_to_the_next_resume(tmp_path, monkeypatch):
    run = tmp_path / "a.h5"
    die_with_the_cell_on(run, monkeypatch, 8)
    other = quiet_bench().model_copy(update={"name": "other bench"})
    with watched_benches(lambda bench: bench.truth.faults.refuse("1287", "PC", 4)):
        named = resume(run, RunControl(), other=OtherBench(other, dump_bench(other), "other.yaml"))
    assert named.outcome == "fault"
    names: list[str] = []
    with watched_benches(lambda bench: names.append(bench.name)):
        assert resume_it(run).completed
    assert names == ["other bench"]
