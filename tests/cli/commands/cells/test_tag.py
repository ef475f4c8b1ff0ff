"""`solbench tag`, and the runs that have a tag."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from solbench.acquisition.record.journal import journal_path
from solbench.acquisition.record.reader import open_run
from solbench.analysis.summary import summarise
from solbench.cli.whole import app
from tests.acquisition.runs import SHORT, request, run_it


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run that began with tags, the same before its end, and a run of the first version."""
    made = tmp_path_factory.mktemp("runs")
    run_it(replace(request(made / "a.h5", SHORT), tags=("Pressed twice", "ß")))
    shutil.copy(made / "a.tags", made / "cut.tags")
    lines = journal_path(made / "a.h5").read_bytes().splitlines(keepends=True)
    (made / "lone.journal").write_bytes(b"".join(lines))
    (made / "cut.journal").write_bytes(b"".join(lines[:-4]))
    old = next((Path(__file__).parents[3] / "fixtures" / "runs_0_1").glob("*.h5"))
    shutil.copy(old, made / "old.h5")
    return made


def invoke(*arguments: str | Path, code: int = 0) -> str:
    """Return what a command prints."""
    found = CliRunner().invoke(app, [str(one) for one in arguments])
    assert found.exit_code == code, found.output
    return found.stdout


def names(folder: Path, *tags: str) -> set[str]:
    """Return the names of the runs that have all of these tags."""
    asked = (part for tag in tags for part in ("--tag", tag))
    return {Path(one["path"]).name for one in json.loads(invoke("runs", folder, *asked, "--json"))["files"]}


@pytest.mark.long
def test_runs_old_and_new_are_given_tags_found_by_them_and_lose_them_again(folder: Path) -> None:
    assert names(folder) == {"a.h5", "cut.journal", "lone.journal", "old.h5"}
    assert names(folder, "pressed TWICE", "SS") == {"a.h5", "cut.journal"}
    said = json.loads(invoke("tag", folder / "old", folder / "a.h5", "--add", "pressed twice", "--json"))
    assert [one["tags"] for one in said["runs"]] == [["pressed twice"], ["Pressed twice", "ß"]]
    assert names(folder, "Pressed twice") == {"a.h5", "cut.journal", "old.h5"}
    invoke("recover", folder / "a.h5")
    assert summarise(open_run(folder / "a.h5")).tags == ("Pressed twice", "ß")
    assert "tags: Pressed twice, ß" in invoke("summary", folder / "a.h5").splitlines()
    assert invoke("tag", folder / "cut", "--remove", "PRESSED TWICE").strip() == "cut.h5: ß"
    assert "tags: ß" in invoke("summary", folder / "cut.journal").splitlines()  # not what was kept of it
    assert "[Pressed twice, ß]" in invoke("cell", "nbh", "--folder", folder)
    invoke("tag", folder / "lone", "--add", "=1+1")
    assert "\n'=1+1\n" in invoke("runs", folder, "--tag", "=1+1", "--columns", "tags", "--csv")
    invoke("tag", folder / "a", "--remove", "never had", code=1)
    invoke("tag", folder / "a", "--add", "good", "--add", "a,b", code=2)
    assert names(folder, "good") == set()


def test_columns_are_those_that_were_asked_for_and_say_what_the_summary_says(folder: Path) -> None:
    wanted = "file,started,tags,spectra,r_sse,sigma,end,state"
    rows = list(csv.DictReader(invoke("runs", folder, "--columns", wanted, "--csv").splitlines()))
    assert [*rows[0]][:3] == ["file", "started", "tags"]
    by_name = {row["file"]: row for row in rows}
    for name in ("a.h5", "old.h5"):
        summary = summarise(open_run(folder / name))
        assert by_name[name]["tags"] == ", ".join(summary.tags)
        assert by_name[name]["spectra"] == str(len(summary.spectra))
        sigma = summary.ionic_conductivity_S_cm
        assert by_name[name]["sigma / S cm-1"] == (f"{sigma:.3e}" if sigma is not None else "")
        assert by_name[name]["end"] == summary.end_reason
    assert by_name["cut.journal"]["state"] == "interrupted"
    assert by_name["lone.journal"]["state"] == "completed"
    invoke("runs", folder, "--columns", "file,colour", code=2)
    invoke("runs", folder / "none", code=2)
