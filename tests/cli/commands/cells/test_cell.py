"""`solbench cell` as it is typed."""

import json
import shutil

from typer.testing import CliRunner

from solbench.cli.whole import app
from tests.acquisition.runs import RUNS_0_1


def said(*arguments, code=0):
    result = CliRunner().invoke(app, ["cell", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result


def test_a_file_of_another_cycler_is_added_and_shown(tmp_path):
    rows = "".join(f"{10 * n},0.5,{-1.0 if n < 300 else 0.8 if n < 500 else 0}\n" for n in range(510))
    path = tmp_path / "a.csv"
    path.write_text("Time/s,Voltage/V,Current/mA\n" + rows)
    shutil.copy(RUNS_0_1 / "short.h5", tmp_path / "run.h5")
    assert "nbh" in said("--folder", tmp_path).stdout or said("--folder", tmp_path).stdout.strip()
    shown = said("A-1", "--folder", tmp_path, "--add", path, "--kind", "half", "--area", "0.5 cm2", "--json")
    life = json.loads(shown.stdout.splitlines()[-1])
    assert life["cycles"][0]["first_mAh_cm2"] * 0.5 == life["cycles"][0]["first_mAh"]
    assert abs(life["cycles"][0]["efficiency"] - 0.8 * 200 / 300) < 0.01
    said("A-1", "--folder", tmp_path, "--remove", path, code=2)
    said("A-1", "--folder", tmp_path, "--add", tmp_path / "none.csv", code=2)
    said("A-1", "--folder", tmp_path, "--area", "5 mm", code=2)
    said("A-1", "--folder", tmp_path / "none", code=2)
