"""`solbench meters`: one look, in words and as JSON."""

import json

import pytest
from typer.testing import CliRunner

from solbench.cli.commands.bench.meters import Shown
from solbench.cli.main import app_of

APP = app_of(["meters"])


def test_one_look_at_the_simulated_bench():
    done = CliRunner().invoke(APP, ["meters", "--bench", "simulated", "--cell", "nbh", "--json"])
    assert done.exit_code == 0
    shown = Shown(**json.loads(done.stdout))
    assert shown.simulated
    assert shown.voltage_V == pytest.approx(0.9, abs=0.1)
    assert "V" in CliRunner().invoke(APP, ["meters", "--bench", "simulated"]).stdout
