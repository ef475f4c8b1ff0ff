"""`solbench meters`: one look, in words and as JSON."""

import json
from importlib.util import find_spec

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


@pytest.mark.skipif(
    any(map(find_spec, ("gpib", "gpib_ctypes"))), reason="a library for GPIB cards is installed"
)
def test_a_pc_without_a_library_for_gpib_cards_says_which_to_install(tmp_path):
    bench = tmp_path / "lab.yaml"
    bench.write_text(
        "{name: lab, kind: visa, visa_library: '@py', positive_terminal: we_re2, "
        "analyzer_1260: {address: 'GPIB0::4::INSTR'}, potentiostat_1287: {address: 'GPIB0::6::INSTR'}}"
    )
    done = CliRunner().invoke(APP, ["meters", "--bench", str(bench)])
    said = (done.stdout + done.stderr).strip()
    assert done.exit_code == 1
    assert "\n" not in said
    assert "Install NI-VISA" in said
