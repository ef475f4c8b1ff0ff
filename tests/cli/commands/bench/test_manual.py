"""`solbench manual`: what it refuses, and a value that is held once."""

import json

import pytest
from typer.testing import CliRunner

from solbench.acquisition.record.reader import open_run
from solbench.cli.commands.bench.manual import manual_protocol
from solbench.cli.main import app_of

APP = app_of(["manual", "hold"])
LIMITS = ("--voltage-min", "0.05V", "--voltage-max", "2V")


def invoke(*arguments: str):
    return CliRunner().invoke(APP, ["manual", "simulated", "--cell", "nbh", *arguments])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--build", "half"), "without limits"),
        (("--build", "half", "--voltage-min", "0.05V"), "--voltage-max"),
        (LIMITS, "which build"),
        ((*LIMITS, "--build", "pouch"), "no build 'pouch'"),
        ((*LIMITS, "--build", "half", "--for", "1 min"), "what is held"),
        ((*LIMITS, "--build", "half", "--current", "1uA"), "how long"),
        ((*LIMITS, "--build", "half", "--current", "1uA", "--voltage", "1V", "--for", "1s"), "one of"),
        ((*LIMITS, "--build", "half", "--current", "5A", "--for", "1s"), "5A"),
    ],
)
def test_what_cannot_be_held_is_refused_before_anything_is_opened(tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    done = invoke(*arguments, "-o", "a.h5")
    assert done.exit_code == 2
    assert words in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_current_is_held_once_and_the_run_is_completed(tmp_path, monkeypatch):
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    held = ("--build", "half", "--current=-20uA", "--for", "20s", "-o", "a.h5", "--json")
    done = invoke(*LIMITS, *held)
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["completed"]
    step = open_run(tmp_path / "a.h5").steps[-1]
    assert (step.name, step.kind) == ("manual-1", "constant_current")
    assert step.charge_C == pytest.approx(-20e-6 * 20.0, rel=0.1)


def test_the_protocol_of_a_manual_run_is_one_step_with_its_limits():
    protocol = manual_protocol("half", {"voltage_min": "0.05 V", "voltage_max": "2 V"}, "8 h", "unknown")
    assert [step.name for step in protocol.steps] == ["manual"]
    assert protocol.conditions.cell_state == "used"
