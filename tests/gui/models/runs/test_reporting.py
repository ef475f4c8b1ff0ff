import shlex
from pathlib import Path

import pytest

from solbench.gui.models.common.jobs import Jobs
from solbench.gui.models.runs.reporting import FORMATS, Reporting, ReportRequest
from tests.gui.models.fakes import FakeJobs, until_idle


def test_formats_are_those_of_the_export() -> None:
    from solbench.analysis.exports.formats import FORMATS as KNOWN

    assert {key for key, _ in FORMATS} == set(KNOWN)


def test_report_is_the_command_that_is_shown(tmp_path: Path) -> None:
    jobs = FakeJobs()
    model = Reporting(jobs, tmp_path)
    model.make()
    assert jobs.given == []
    model.set_runs([tmp_path / "a.h5", tmp_path / "b.h5", tmp_path / "a.h5"])
    model.make()
    page, figures = tmp_path / "a-report.html", tmp_path / "a-report-figures"
    runs = [str(tmp_path / "a.h5"), str(tmp_path / "b.h5")]
    assert jobs.given == [["report", *runs, "-o", str(page), "--pdf", "--figures", str(figures), "--json"]]
    assert [*shlex.split(model.twin), "--json"] == ["solbench", *jobs.given[0]]
    assert not model.ready
    model.make()
    assert len(jobs.given) == 1
    jobs.finish(None, 2, f"{page}: exists already")
    assert (model.said, model.failed, model.files) == (f"{page}: exists already", True, ())


def test_a_report_that_withholds_a_conclusion_is_made_and_says_so(tmp_path: Path) -> None:
    jobs = FakeJobs()
    model = Reporting(jobs, tmp_path)
    model.set_runs([tmp_path / "a.h5"])
    model.make()
    page = tmp_path / "a-report.html"
    jobs.finish({"files": [str(page)], "withheld": ["a: growth withheld"]}, 1, "a: growth withheld")
    assert (model.said, model.failed, model.files) == ("a: growth withheld", False, (page,))


def test_a_report_of_runs_that_are_chosen_no_more_is_told_and_not_shown_as_that_of_others(
    tmp_path: Path,
) -> None:
    jobs = FakeJobs()
    model = Reporting(jobs, tmp_path)
    model.set_runs([tmp_path / "a.h5"])
    model.make()
    model.set_runs([tmp_path / "b.h5"])
    page = tmp_path / "a-report.html"
    jobs.finish({"files": [str(page)]})
    assert (model.files, model.failed, model.ready) == ((), False, True)
    assert str(page) in model.said


def test_name_is_never_one_that_is_taken_unless_wished(tmp_path: Path) -> None:
    model = Reporting(FakeJobs(), tmp_path)
    model.set_runs([tmp_path / "a.h5"])
    (tmp_path / "a-report.html").touch()
    (tmp_path / "a-report-2.pdf").touch()
    assert model.name == "a-report-3"
    model.set_request(ReportRequest(tmp_path, "mine", pdf=False, figures=False))
    assert model.arguments == ["report", str(tmp_path / "a.h5"), "-o", str(tmp_path / "mine.html")]


def test_every_run_is_exported_and_one_that_fails_is_said(tmp_path: Path) -> None:
    jobs = FakeJobs()
    model = Reporting(jobs, tmp_path)
    model.set_runs([tmp_path / "a.h5", tmp_path / "b.h5"])
    model.export("csv")
    jobs.finish({"files": [str(tmp_path / "a-csv" / "a.csv")]}, 0, "SIMULATION")
    jobs.finish(None, 2, "b.h5: no such file")
    assert [given[:4] for given in jobs.given] == [
        ["export", str(tmp_path / f"{name}.h5"), "--format", "csv"] for name in "ab"
    ]
    assert model.said == "SIMULATION\nb.h5: no such file"
    assert model.failed
    assert model.files == (tmp_path / "a-csv" / "a.csv",)
    assert model.ready


@pytest.mark.long
def test_report_and_export_of_a_real_run(finished: Path, tmp_path: Path) -> None:
    jobs = Jobs()
    model = Reporting(jobs, tmp_path)
    model.set_runs([finished])
    model.make()
    until_idle(jobs)
    assert not model.failed, model.said
    assert model.files[0].read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert model.files[1].read_bytes().startswith(b"%PDF")
    assert model.pictures
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in model.pictures)
    model.export("csv")
    until_idle(jobs)
    assert {path.suffix for path in model.files} >= {".csv"}
    jobs.close()


@pytest.mark.parametrize("key", [key for key, _ in FORMATS])
def test_export_twin_names_the_format(key: str, tmp_path: Path) -> None:
    model = Reporting(FakeJobs(), tmp_path)
    assert model.export_twin(key) == ""
    model.set_runs([tmp_path / "a b.h5"])
    assert shlex.split(model.export_twin(key))[2:5] == [str(tmp_path / "a b.h5"), "--format", key]
