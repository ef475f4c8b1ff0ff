"""The line of a run that has ended is read once, and says afterwards what its files say, whatever happened to them."""

from __future__ import annotations

import math
import os
import re
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest

from solbench.acquisition.control import registry
from solbench.acquisition.record.beside.tags import change_tags
from solbench.analysis.listing.line import RunLine, find_runs
from solbench.cli import kept_lines
from solbench.cli.kept_lines import lines_of
from tests.acquisition.runs import RUNS_0_1

LONG_AGO_S = 1.7e9


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two finished runs that nobody has touched for long."""
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path / "state"))
    folder = tmp_path / "runs"
    folder.mkdir()
    for name in ("dc.h5", "pellet.h5"):
        os.utime(shutil.copy(RUNS_0_1 / name, folder), (LONG_AGO_S, LONG_AGO_S))
    return folder


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The runs whose files were read for a list."""
    paths: list[Path] = []
    inner = RunLine.of
    monkeypatch.setattr(
        kept_lines.RunLine, "of", lambda path, running=False: paths.append(path) or inner(path, running)
    )
    return paths


def anew(folder: Path) -> list[RunLine]:
    return [RunLine.of(path) for path in find_runs(folder)]


def test_the_second_time_no_run_is_read(folder: Path, read: list[Path]) -> None:
    first = lines_of(folder, [])
    assert len(read) == 2
    assert lines_of(folder, []) == first
    assert len(read) == 2
    assert first == anew(folder)


@pytest.mark.parametrize(
    "what",
    [
        "another file",
        "in place",
        "journal",
        "packed journal",
        "corrections",
        "program",
        "torn",
        "no lines",
        "zone",
    ],
)
def test_what_changed_is_read_anew(
    what: str, folder: Path, read: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    if what == "zone" and not hasattr(time, "tzset"):
        pytest.skip("this system sets no time zone for one program")
    lines_of(folder, [])
    [place] = (folder.parent / "state" / "lists").iterdir()
    run, again = folder / "dc.h5", 1
    if what == "another file":
        shutil.copy(RUNS_0_1 / "pellet.h5", run)
        os.utime(run, (LONG_AGO_S, LONG_AGO_S))
    elif what == "in place":
        size = run.stat().st_size
        with run.open("r+b") as file:
            file.write(bytes(size))
        os.utime(run, (LONG_AGO_S, LONG_AGO_S))
    elif what == "journal":
        shutil.copy(RUNS_0_1 / "dc.journal", folder)
    elif what == "packed journal":
        (folder / "dc.journal.gz").write_bytes(b"")
    elif what == "corrections":
        (folder / "dc.corrections").write_bytes(b"no correction\n")
    else:
        again = 2
        if what == "program":
            monkeypatch.setattr(kept_lines, "program_stamps", lambda: (1,))
        elif what == "torn":
            place.write_text(place.read_text()[:-9])
        elif what == "no lines":
            place.write_text('{"dc.h5": 3, "pellet.h5": {"line": {"colour": "red"}, "stamps": []}}')
        else:
            monkeypatch.setenv("TZ", "Asia/Kathmandu" if time.localtime().tm_gmtoff != 20700 else "UTC")
            time.tzset()
    del read[:]
    try:
        found = lines_of(folder, [])
        assert len(read) == again
        assert found == anew(folder)
    finally:
        monkeypatch.undo()
        if what == "zone":
            time.tzset()


@pytest.mark.parametrize("unix_s", [math.nan, math.inf, 1e300, -1e300, 1e18, -1e18, 3e11])
def test_a_run_whose_clock_was_out_of_range_is_listed_and_not_kept(
    unix_s: float, folder: Path, read: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = kept_lines.RunLine.of
    monkeypatch.setattr(
        kept_lines.RunLine, "of", lambda path, running=False: replace(inner(path, running), unix_s=unix_s)
    )
    assert [line.standing for line in lines_of(folder, [])] == ["completed"] * 2
    assert len(lines_of(folder, [])) == 2
    assert len(read) == 4
    monkeypatch.undo()


@pytest.mark.parametrize("unix_s", ["NaN", "1e300", "-1e18"])
def test_a_kept_time_out_of_range_is_read_anew(unix_s: str, folder: Path, read: list[Path]) -> None:
    lines_of(folder, [])
    [place] = (folder.parent / "state" / "lists").iterdir()
    for offset_s in ("0.0", "null"):
        torn = re.sub(r'"unix_s": [^,]*', f'"unix_s": {unix_s}', place.read_text())
        place.write_text(re.sub(r'"offset_s": [^,]*', f'"offset_s": {offset_s}', torn))
        del read[:]
        assert lines_of(folder, []) == anew(folder)
        assert len(read) == 4  # twice by each


def test_tags_are_put_in_afresh(folder: Path, read: list[Path]) -> None:
    run = lines_of(folder, [])[0]
    for given, taken in (("cycled", "none"), ("to repeat", "cycled")):
        tags = change_tags(run.path, run.run, [given], [taken])
        assert [line.tags for line in lines_of(folder, []) if line.path == run.path] == [tags]
    assert len(read) == 2


def test_what_goes_on_or_has_just_changed_is_not_kept(folder: Path, read: list[Path]) -> None:
    run = folder / "dc.h5"
    shutil.copy(RUNS_0_1 / "pellet.h5", folder / "new.h5")
    entry = registry.Entry("id", str(run), 1, "", 0, "", "", "", "", "", "", "")
    for _ in range(2):
        standings = {line.path.name: line.standing for line in lines_of(folder, [entry])}
        assert standings == {"dc.h5": "running", "pellet.h5": "completed", "new.h5": "completed"}
    assert sorted(path.name for path in read) == ["dc.h5", "dc.h5", "new.h5", "new.h5", "pellet.h5"]
