"""A finished run is summarised once: what was said is said again, and anew when what it follows from has changed."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import solbench.analysis.summary
from solbench.acquisition.record.beside.tags import change_tags
from solbench.acquisition.record.reader import open_run
from solbench.cli import kept_summary
from solbench.cli.main import app_of
from tests.acquisition.runs import RUNS_0_1

Said = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path / "state"))
    return Path(shutil.copy(RUNS_0_1 / "dc.h5", tmp_path))


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    def say(*arguments: object) -> str:
        app_of(["summary"])(["summary", *(str(argument) for argument in arguments)], standalone_mode=False)
        return capsys.readouterr().out

    return say


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every run that was summarised."""
    runs: list[object] = []
    inner = solbench.analysis.summary.summarise
    monkeypatch.setattr(solbench.analysis.summary, "summarise", lambda run: runs.append(run) or inner(run))
    return runs


def test_the_second_time_nothing_is_worked_out(run: Path, said: Said, counted: list[object]) -> None:
    first = said(run)
    assert said(run) == first == said(run.with_suffix(""))
    assert json.loads(said(run, "--json"))["run"] == str(run)
    assert "steps before these" not in said(run, "--all")
    assert len(counted) == 1


@pytest.mark.parametrize("what", ["file", "in place", "corrections", "program", "kept file", "other name"])
def test_what_changed_is_worked_out_anew(
    what: str, run: Path, said: Said, counted: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = said(run)
    if what == "file":
        os.utime(run, ns=(1, 1))
    elif what == "in place":
        found = run.stat()
        with run.open("r+b") as file:
            file.write(run.read_bytes())
        os.utime(run, ns=(found.st_atime_ns, found.st_mtime_ns))
    elif what == "corrections":
        run.with_suffix(".corrections").write_bytes(b"")
    elif what == "program":
        monkeypatch.setattr(kept_summary, "program_stamps", lambda: (1,))
    elif what == "kept file":
        for kept in (run.parent / "state" / "summaries").iterdir():
            kept.write_text('{"short": "torn')
    else:
        run = run.rename(run.with_name("other.h5"))
        before = before.replace("dc.h5", "other.h5")
    assert said(run) == before
    assert len(counted) == 2


def test_tags_are_put_in_afresh_and_nothing_is_worked_out(
    run: Path, said: Said, counted: list[object]
) -> None:
    first, plain = said(run), json.loads(said(run, "--json"))
    assert "tags:" not in first
    for tags in (("cycled", "größe"), ("cycled",), ()):
        change_tags(
            run, open_run(run).header.run, tags, [tag for tag in ("größe", "cycled") if tag not in tags]
        )
        now = said(run)
        assert [line for line in now.splitlines() if line not in first.splitlines()] == (
            [f"tags: {', '.join(tags)}"] if tags else []
        )
        assert said(run, "--all").count("tags: ") == bool(tags)
        assert json.loads(said(run, "--json")) == plain | {"tags": list(tags)}
    assert first == said(run)
    assert len(counted) == 1


def test_a_run_that_changes_while_it_is_read_is_not_kept(run: Path) -> None:
    place = kept_summary.place_of(run)
    words = kept_summary.KeptSummary(simulated=False, is_withheld=False, short="s", whole="w", json="{}")
    os.utime(run, ns=(1, 1))
    kept_summary.keep(place, run, words)
    assert kept_summary.kept(place) is None
    kept_summary.keep(place := kept_summary.place_of(run), run, words)
    assert kept_summary.kept(place) == words


def test_what_was_recorded_and_what_goes_on_are_never_kept(
    run: Path, said: Said, counted: list[object], tmp_path: Path
) -> None:
    said(run, "--as-recorded")
    assert not (tmp_path / "state" / "summaries").exists()
    shutil.copy(RUNS_0_1 / "dc.journal", tmp_path / "live.journal")
    lines = (tmp_path / "live.journal").read_bytes().splitlines(keepends=True)
    (tmp_path / "live.journal").write_bytes(b"".join(lines[:-1]))  # it has not ended
    (tmp_path / "live.h5").write_bytes(b"no HDF5 file: it is read through its journal")
    said(tmp_path / "live")
    said(tmp_path / "live")
    assert len(counted) == 3


def test_the_oldest_are_forgotten(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_summary, "MOST_KEPT", 2)
    words = kept_summary.KeptSummary(simulated=False, is_withheld=False, short="s", whole="w", json="{}")
    for time_ns in (10, 20, 30):
        os.utime(run, ns=(time_ns, time_ns))
        kept_summary.keep(place := kept_summary.place_of(run), run, words)
    assert place is not None
    assert len(list(place.parent.iterdir())) == 2
    assert kept_summary.kept(place) == words
