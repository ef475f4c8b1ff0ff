"""`solbench report` as it is called: what it writes, says and refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from solbench.cli.whole import app
from tests.acquisition.runs import TINY, request, run_it


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["report", *(str(argument) for argument in arguments)])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "tiny.h5"
    run_it(request(path, TINY))
    return path


def test_it_writes_what_was_asked_for_and_prints_the_names(run: Path, tmp_path: Path) -> None:
    page, figures = tmp_path / "r.html", tmp_path / "figures"
    result = call(run, "-o", page, "--pdf", "--figures", figures)
    assert result.exit_code == 0
    printed = [Path(line) for line in result.stdout.splitlines()]
    assert printed[:2] == [page, tmp_path / "r.pdf"]
    assert sorted(printed) == sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert (figures / "voltage.svg") in printed
    assert "SIMULATION" in result.stderr


def test_the_ending_of_a_run_may_be_left_out(run: Path, tmp_path: Path) -> None:
    assert call(run.with_suffix(""), "-o", tmp_path / "r.html").exit_code == 0


def test_spectra_too_short_to_fit_leave_the_rest_of_the_report(run: Path, tmp_path: Path) -> None:
    call(run, "-o", tmp_path / "r.html")
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert 'id="figure-voltage"' in text
    assert 'id="figure-nyquist"' not in text  # nine points say nothing about arcs


def test_only_the_wanted_figures_are_drawn(run: Path, tmp_path: Path) -> None:
    figures = tmp_path / "figures"
    call(run, "-o", tmp_path / "r.html", "--figures", figures, "--only", "experiments, half-cells")
    assert {path.stem for path in figures.iterdir()} == {"voltage"}


def test_an_existing_page_stays(run: Path, tmp_path: Path) -> None:
    page = tmp_path / "r.html"
    page.write_text("mine")
    result = call(run, "-o", page)
    assert result.exit_code == 2
    assert "exists already" in result.stderr
    assert page.read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nobody.h5", "-o", "r.html"), ("nobody.h5", "no such run")),
        (("RUN", "-o", "r.txt"), ("r.txt", "field -o", "Write r.html")),
        (("RUN", "-o", "nowhere/r.html"), ("nowhere", "folder does not exist")),
        (("RUN", "RUN", "-o", "r.html"), ("named twice",)),
        (
            ("RUN", "-o", "r.html", "--only", "drt,niquist"),
            ("--only", "no kind of figure 'niquist'", "half-cells"),
        ),
        (
            ("RUN", "-o", "r.html", "--figures", "nowhere/deep"),
            ("--figures", "no folder can be created here"),
        ),
    ],
)
def test_bad_input_is_one_paragraph_and_leaves_no_file(
    run: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    words: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    result = call(*(str(run) if argument == "RUN" else argument for argument in arguments))
    assert result.exit_code == 2
    assert result.stderr.startswith("solbench: ")
    assert len(result.stderr.strip().splitlines()) == 1
    for word in words:
        assert word in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_run_is_named(tmp_path: Path) -> None:
    stranger = tmp_path / "notes.h5"
    stranger.write_text("not HDF5")
    result = call(stranger, "-o", tmp_path / "r.html")
    assert result.exit_code == 2
    assert "notes.h5" in result.stderr
    assert not (tmp_path / "r.html").exists()
