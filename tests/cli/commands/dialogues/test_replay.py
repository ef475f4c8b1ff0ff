"""`solbench replay`: what it prints, and what it says of a dialogue that leads elsewhere."""

from __future__ import annotations

import dataclasses
import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from solbench.cli.commands.dialogues import replay
from solbench.cli.whole import app
from tests.acquisition.runs import SHORT, request, run_it


@pytest.fixture(scope="module")
def dialogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("replay") / "a.h5"
    run_it(dataclasses.replace(request(run, SHORT), dialogue=True))
    return run.with_suffix(".dialogue")


def said(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["replay", *map(str, arguments)])


def test_the_same_run_is_told_and_kept(dialogue: Path, tmp_path: Path) -> None:
    found = said(dialogue, "-o", tmp_path / "b.h5", "--json")
    shown = json.loads(found.stdout)
    assert found.exit_code == 0
    assert (shown["is_same"], shown["outcome"], shown["over"]) == (True, "completed", "")
    assert set(shown) == {field.name for field in dataclasses.fields(replay.Shown)}
    assert shown["lines"] > 500
    assert "REPLAY: no instrument is connected" in found.stderr
    summary = CliRunner().invoke(app, ["summary", str(tmp_path / "b.h5")])
    assert "SIMULATED, REPLAY of a.dialogue" in summary.stdout
    refused = said(dialogue, "-o", tmp_path / "b.h5")
    assert (refused.exit_code, "never overwritten" in refused.stderr) == (2, True)


def test_another_run_is_one_paragraph_and_exit_code_1(dialogue: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.dialogue"
    text = gzip.decompress(dialogue.read_bytes()).decode()
    other.write_bytes(gzip.compress(text.replace('"PW1"', '"PW0"', 1).encode()))
    found = said(other, "-o", tmp_path / "b.h5")
    assert found.exit_code == 1
    assert "'PW0' is written to 1287 in the dialogue, and 'PW1' is written to 1287 by this" in found.stderr
    assert "Traceback" not in found.stderr


def test_what_is_no_dialogue_is_bad_input(dialogue: Path, tmp_path: Path) -> None:
    found = said(dialogue.with_suffix(".journal"), "-o", tmp_path / "b.h5")
    assert found.exit_code == 2
    assert "no dialogue of a run" in found.stderr
