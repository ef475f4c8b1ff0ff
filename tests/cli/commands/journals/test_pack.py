"""`solbench pack`: what is packed, what stays and why, and a folder of which some runs cannot be packed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from solbench.acquisition.record.final_file import build_final
from solbench.cli.main import app_of
from tests.acquisition.runs import RUNS_0_1


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("pellet", "short", "dc"):
        shutil.copy(RUNS_0_1 / f"{name}.journal", tmp_path)
    build_final(tmp_path / "pellet.h5")
    build_final(tmp_path / "short.h5")
    (tmp_path / "dc.h5").write_bytes(b"a run that goes on")
    lines = (RUNS_0_1 / "dc.journal").read_bytes().splitlines(keepends=True)
    (tmp_path / "dc.journal").write_bytes(b"".join(lines[:-1]))
    return tmp_path


def _solbench(*arguments: object) -> int | None:
    code = app_of(["pack"])([*map(str, arguments)], standalone_mode=False)
    return code if isinstance(code, int) else None


def test_of_a_folder_the_completed_runs_are_packed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _solbench("pack", folder, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [Path(one["journal"]).name for one in told["packed"]] == ["pellet.journal.gz", "short.journal.gz"]
    assert told["left"] == {}
    assert (folder / "dc.journal").exists()
    assert _solbench("pack", folder) == 0
    assert "nothing to pack" in capsys.readouterr().out


def test_of_a_folder_it_is_told_which_completed_run_stays(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(RUNS_0_1 / "dc.journal", folder)
    assert _solbench("pack", folder, "--json") == 1
    assert list(json.loads(capsys.readouterr().out)["left"]) == [str(folder / "dc.h5")]
    assert (folder / "dc.journal").exists()


def test_a_folder_without_a_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _solbench("pack", tmp_path) == 2
    assert "there is no run in this folder" in capsys.readouterr().err


def test_a_run_that_was_named_says_why_it_stays(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(RUNS_0_1 / "dc.journal", folder)
    assert _solbench("pack", folder / "short.h5", folder / "dc.h5") == 1
    out, err = capsys.readouterr()
    assert "short.journal.gz" in out
    assert "solbench recover dc.h5" in err


def test_a_folder_that_takes_nothing_is_told_with_what_to_check(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(run: Path, told: object) -> None:
        raise PermissionError(13, "Permission denied", str(run))

    monkeypatch.setattr("solbench.cli.commands.journals.pack.pack", refuse)
    assert _solbench("pack", folder / "pellet.h5") == 1
    assert "pellet.h5: permission denied. Check the name, the permissions" in capsys.readouterr().err
