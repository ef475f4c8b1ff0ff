from datetime import date, datetime
from pathlib import Path

import pytest

from solbench.acquisition.control.registry import Entry, this_process
from solbench.gui.models.common.jobs import Finished
from solbench.gui.models.setup import start
from solbench.gui.models.setup.start import Plan, StartModel, other_run, page_lines, suggested_name
from tests.gui.models.fakes import FakeJobs

GOOD = {
    "findings": [],
    "estimate": {},
    "start_check": [{"name": "disk", "passed": True, "text": "80 GB free"}],
}
WHOLE = Plan("half-cell", "nbh", "simulated", ("conditions.cell_id='a b'",), 3600.0)


@pytest.fixture
def jobs() -> FakeJobs:
    return FakeJobs()


@pytest.fixture
def model(jobs: FakeJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StartModel:
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return StartModel(jobs, tmp_path)


def failing(model: StartModel) -> list[str]:
    return [line.name for line in model.page if line.grade == "fail"]


def test_nothing_chosen_cannot_be_started_and_says_what_is_missing(model: StartModel, jobs: FakeJobs) -> None:
    model.check()
    assert failing(model) == ["protocol", "cell record"]
    assert not model.ready
    assert jobs.given == []


def test_a_folder_that_takes_no_file_is_refused_before_the_start(
    model: StartModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(dir: Path) -> None:
        raise PermissionError(13, "Permission denied", str(dir))

    monkeypatch.setattr(start, "TemporaryFile", refused)
    model.aim(WHOLE)
    (line,) = (line for line in model.page if line.grade == "fail")
    assert line.name == "run file"
    assert (
        line.text == f"nothing can be written into the folder {tmp_path} (permission denied); choose another"
    )
    assert list(tmp_path.glob("*.h5")) == []


def test_a_good_check_makes_ready(model: StartModel, jobs: FakeJobs) -> None:
    model.aim(WHOLE)
    assert not model.ready
    model.check()
    assert jobs.given == [
        [
            "check",
            "half-cell",
            "--cell",
            "nbh",
            "--bench",
            "simulated",
            "--set",
            "conditions.cell_id='a b'",
            "--json",
        ]
    ]
    jobs.finish(GOOD)
    assert failing(model) == []
    assert model.ready


def test_a_change_after_the_check_takes_ready_away(model: StartModel, jobs: FakeJobs) -> None:
    model.aim(WHOLE)
    model.check()
    jobs.finish(GOOD)
    model.aim(Plan("full-cell", "nbh", "simulated"))
    assert not model.ready
    assert model.lines == []


def test_an_answer_that_comes_after_a_change_does_not_count(model: StartModel, jobs: FakeJobs) -> None:
    model.aim(WHOLE)
    model.check()
    model.aim(Plan("full-cell", "nbh", "simulated"))
    jobs.finish(GOOD)
    assert not model.ready
    assert model.lines == []


def test_a_failed_line_forbids_the_start_and_a_warning_does_not(model: StartModel, jobs: FakeJobs) -> None:
    model.aim(WHOLE)
    model.check()
    warned = {"grade": "warning", "field": "steps.a", "message": "m", "cure": "c", "source": "protocol"}
    jobs.finish(GOOD | {"findings": [warned]})
    assert model.ready
    model.check()
    jobs.finish(GOOD | {"start_check": [{"name": "voltage", "passed": False, "text": "reversed"}]}, code=1)
    assert failing(model) == ["voltage"]
    assert not model.ready


def test_the_twin_is_the_command_that_is_started(model: StartModel) -> None:
    model.aim(WHOLE)
    model.set_output(model.folder, "first")
    assert model.twin() == (
        "solbench run half-cell --cell nbh --bench simulated --set 'conditions.cell_id='\"'\"'a b'\"'\"'' "
        "--speed 3600 -o first.h5 --detach"
    )
    assert model.run_arguments()[-2:] == ["-o", "first.h5"]


def test_a_file_that_exists_is_never_overwritten(model: StartModel, tmp_path: Path) -> None:
    model.aim(WHOLE)
    (tmp_path / "first.journal").touch()
    model.set_output(tmp_path, "first")
    assert failing(model) == ["run file"]
    model.set_output(tmp_path / "missing", "first")
    assert failing(model) == ["run file"]


def test_a_real_bench_asks_for_a_cell_id(model: StartModel, tmp_path: Path) -> None:
    bench = tmp_path / "bench.yaml"
    lines = f"name: b\nkind: visa\npositive_terminal: ce_re1\ncommissioned: {date.today()}\n"
    bench.write_text(lines, encoding="utf-8")
    model.aim(Plan("dc-polarization", "nbh", str(bench)))
    assert failing(model) == ["cell id"]
    model.aim(Plan("dc-polarization", "nbh", str(bench)), "A-17")
    assert failing(model) == []
    model.aim(Plan("half-cell", "nbh", str(bench)), "A-17")
    assert failing(model) == ["bench"]  # a typed date permits no spectra


def test_a_bench_that_is_taken_names_the_run() -> None:
    pid, started = this_process()
    mine = Entry("id", "/data/run.h5", pid, started, 1, "t", "bench", "key 2", "p", "c", "2026", "0")
    dead = Entry("id", "/data/run.h5", pid, "another", 1, "t", "bench", "key 3", "p", "c", "2026", "0")
    assert other_run("key 2", [dead, mine]) == mine
    assert other_run("key 3", [dead, mine]) is None
    assert other_run("", [dead, mine]) is None


def test_a_refusal_is_one_line_that_fails() -> None:
    lines = page_lines(Finished(2, None, "half-cel: there is no protocol."))
    assert [(line.grade, line.text) for line in lines] == [("fail", "half-cel: there is no protocol.")]


def test_a_check_that_did_not_reach_the_bench_does_not_pass() -> None:
    lines = page_lines(Finished(0, {"findings": [], "estimate": {}, "start_check": None}, ""))
    assert lines[-1].grade == "fail"


def test_names_of_run_files() -> None:
    now = datetime(2026, 9, 30, 8, 5)
    assert suggested_name(WHOLE, "", now) == "20260930-0805_nbh_half-cell"
    assert (
        suggested_name(Plan("/x/my protocol.yaml", "nbh", None), "A/17", now)
        == "20260930-0805_A-17_my-protocol"
    )


def test_the_users_own_bench_is_named_for_the_check(model: StartModel, tmp_path: Path) -> None:
    assert "--bench" not in Plan("p", "c", None).options()
    assert Plan("p", "c", None).check_options()[3:5] == ["--bench", "simulated"]
    own = tmp_path / "config" / "solbench" / "bench.yaml"
    own.parent.mkdir(parents=True)
    own.touch()
    assert Plan("p", "c", None).check_options()[3:5] == ["--bench", str(own)]


def test_a_bench_that_is_not_commissioned_takes_a_dummy_cell_only(model: StartModel, tmp_path: Path) -> None:
    bench = tmp_path / "bench.yaml"
    bench.write_text("name: b\nkind: visa\npositive_terminal: ce_re1\n", encoding="utf-8")
    model.aim(Plan("half-cell", "nbh", str(bench)), "A-17")
    assert failing(model) == ["bench"]
    model.aim(Plan("half-cell", "nbh", str(bench), dummy_cell=True), "A-17")
    assert failing(model) == []
    assert "--dummy-cell" in model.twin()
