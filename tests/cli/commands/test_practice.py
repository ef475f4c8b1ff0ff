"""`solbench practice`: it deals, runs or serves, and tells at the end or when it is asked."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from solbench.acquisition.bench.scenario import load_scenario
from solbench.acquisition.record.reader import open_run
from solbench.acquisition.run.start import truth_path
from solbench.analysis.noticed import Notice
from solbench.cli.commands.practice import notices_in_words
from solbench.cli.whole import app

QUICK = [
    *("--set", "steps.spectrum.to=10 kHz", "--set", "steps.spectrum.integration=0.1 s"),
    *("--set", "interruptions.wait_for_user=1 min"),
]
OTHER_CELL = 2  # what this seed deals for a pellet of nps


def practice(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["practice", *arguments, "-o", str(folder / "a.h5")])


def test_it_tells_at_the_end_what_it_was(tmp_path: Path) -> None:
    done = practice(tmp_path, "ionic-conductivity", "--cell", "nps", "--seed", str(OTHER_CELL), *QUICK)
    assert done.exit_code == 1, done.output  # it was noticed, and nobody came
    assert "alarm electrolyte_resistance" in done.stdout
    scenario = load_scenario(truth_path(tmp_path / "a.h5"))
    assert scenario.cell.record == "nbh"
    assert "record: nbh" in done.stdout
    said = open_run(tmp_path / "a.h5").header
    assert said.cell.name == "nps"


def test_a_secret_is_kept_until_it_is_asked_for(tmp_path: Path) -> None:
    done = practice(
        tmp_path, "ionic-conductivity", "--cell", "nps", "--seed", str(OTHER_CELL), "--secret", *QUICK
    )
    assert "nbh" not in done.output
    told = CliRunner().invoke(app, ["practice", "--reveal", str(tmp_path / "a"), "--json"])
    assert told.exit_code == 0
    plain = json.loads(told.stdout)
    assert plain["scenario"]["cell"] == {"record": "nbh"}
    assert isinstance(plain["noticed"], list)


def test_with_json_there_is_nothing_else_on_stdout(tmp_path: Path) -> None:
    arguments = ["ionic-conductivity", "--cell", "nps", "--seed", str(OTHER_CELL), "--json", *QUICK]
    done = practice(tmp_path, *arguments)
    assert json.loads(done.stdout)["scenario"]["cell"] == {"record": "nbh"}
    assert "NOT COMPLETED" in done.stderr


def test_what_came_often_is_told_once_and_an_outcome_does_not_repeat_its_alarm() -> None:
    jumps = [Notice("after", "comparison", "voltage_jumped", f"it moved by {number} mV") for number in (7, 9)]
    alarm = Notice("during", "alarm", "current_not_reached", "the current is 0 A")
    end = Notice("during", "outcome", "fault", "the current is 0 A. Nobody resumed it")
    assert [*notices_in_words([jumps[0], alarm, jumps[1], end])] == [
        "Noticed in the results (comparison voltage_jumped), 2 times, first: it moved by 7 mV",
        "Noticed during the run (alarm current_not_reached): the current is 0 A",
        "Noticed during the run (outcome fault): Nobody resumed it",
    ]


@pytest.mark.parametrize(
    ("alarms", "reason", "left"),
    [
        (["the voltage is off"], "the voltage is off: 4.3 V", ": 4.3 V"),
        (["the voltage is off."], "the voltage is off. ; Nobody resumed it", ": Nobody resumed it"),
        (["the voltage", "the voltage is off"], "the voltage is off.", ""),
        (["the voltage is off"], "the voltage is off", ""),
        (["the limit is 4"], "the limit is 4.3 V", ": the limit is 4.3 V"),
        (["the volt"], "the voltage is off", ": the voltage is off"),
        ([""], ". and so on", ": . and so on"),
        ([], "the voltage is off", ": the voltage is off"),
    ],
)
def test_an_outcome_is_cut_where_a_sentence_of_its_alarm_ends(
    alarms: list[str], reason: str, left: str
) -> None:
    notices = [Notice("during", "alarm", f"a{n}", alarm) for n, alarm in enumerate(alarms)]
    *_, last = notices_in_words([*notices, Notice("during", "outcome", "fault", reason)])
    assert last == f"Noticed during the run (outcome fault){left}"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--cell", "nps"], "no protocol is given"),
        (["half-cell"], "no cell is given"),
        (["--reveal", "missing"], "no such run"),
        (["half-cell", "--cell", "nbh", "--bench-out", "b.yaml"], "no bench is served"),
    ],
)
def test_what_is_missing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["practice", *arguments])
    assert done.exit_code == 2
    assert words in done.output


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_served_bench_is_told_at_its_end(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-c", "from solbench.cli.main import main; main()", "practice"]
    arguments = ["ionic-conductivity", "--cell", "nps", "--serve", "--seed", str(OTHER_CELL)]
    process = subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    assert process.stdout is not None
    where = json.loads(process.stdout.readline())
    assert {"adapter", "control", "addresses"} <= set(where)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60.0)
    assert process.returncode == 0
    assert "record: nbh" in out
