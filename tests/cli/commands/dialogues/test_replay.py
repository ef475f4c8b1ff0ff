"""`solbench replay`: what it prints, and what it says of a dialogue that leads elsewhere."""

from __future__ import annotations

import dataclasses
import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from solbench.acquisition.bench.bench_file import SIMULATED
from solbench.acquisition.bench.dialogue.file import DialogueText
from solbench.acquisition.commission.procedure import dialogue_of, opened
from solbench.acquisition.control.run_control import RunControl
from solbench.cli.commands.dialogues import replay
from solbench.cli.whole import app
from solbench.protocols.errors import BadInput
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


@pytest.mark.parametrize(
    "text", [b"\xff\xfe\x00\n", b'{"format": "solbench dialogue 1"}\n', b'["a"]\n', b"{}", b""]
)
def test_a_packed_file_of_another_kind_is_bad_input(tmp_path: Path, text: bytes) -> None:
    other = tmp_path / "other.dialogue"
    other.write_bytes(gzip.compress(text))
    found = said(other, "-o", tmp_path / "b.h5")
    assert (found.exit_code, "no dialogue of a run" in found.stderr) == (2, True)


def test_a_commissioning_is_no_run(tmp_path: Path) -> None:
    control = RunControl()
    recorder = dialogue_of(SIMULATED, tmp_path / "r.json", control)
    with opened(SIMULATED, control, tmp_path / "r.json", dialogue=recorder):
        pass
    found = said(recorder.path, "-o", tmp_path / "b.h5")
    assert (found.exit_code, "dialogue of a commissioning" in found.stderr) == (2, True)
    assert not (tmp_path / "b.h5").exists()


def test_a_line_that_is_damaged_is_named(dialogue: Path, tmp_path: Path) -> None:
    first, *lines = gzip.decompress(dialogue.read_bytes()).split(b"\n")
    for damaged in (b"\xff" + lines[20], b"1.0\t0\t5\ta\tgauge\tok\t7", b"1.0\t0\t5"):
        other = tmp_path / "other.dialogue"
        other.write_bytes(gzip.compress(b"\n".join([first, *lines[:20], damaged, *lines[21:]])))
        with pytest.raises(BadInput, match="line 22 of this dialogue is damaged"):
            list(DialogueText(other).lines())
