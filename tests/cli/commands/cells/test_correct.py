"""`solbench correct` as it is typed, and what follows from it everywhere."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

import solbench
from solbench.analysis.exports.formats import export_run
from solbench.cli.whole import app
from tests.acquisition.runs import RUNS_0_1


@pytest.fixture(name="run")
def pellet(tmp_path) -> Path:
    run = tmp_path / "pellet.h5"
    shutil.copy(RUNS_0_1 / "pellet.h5", run)
    return run


def said(*arguments, code=0):
    result = CliRunner().invoke(app, [*map(str, arguments)])
    assert result.exit_code == code, result.output
    return result.stdout


def correct(run, *settings):
    sets = [part for setting in settings for part in ("--set", setting)]
    return said("correct", run, *sets, "--who", "E. Example", "--why", "measured after the run", "--json")


def test_conclusions_follow_a_correction_and_show_it(run, tmp_path):
    before = json.loads(said("summary", run, "--json").splitlines()[-1])
    thickness_um = solbench.open(run).run.header.cell.required("thickness_m") * 1e6
    told = json.loads(correct(run, f"thickness={1.1 * thickness_um} um", "cell_id=A-17").splitlines()[-1])
    assert told["corrections"][0]["changes"][-1]["field"] == "thickness"
    after = json.loads(said("summary", run, "--json").splitlines()[-1])
    assert after["ionic_conductivity_S_cm"] == pytest.approx(
        1.1 * before["ionic_conductivity_S_cm"], rel=1e-9
    )
    assert "CORRECTED" in said("summary", run)
    recorded = json.loads(said("summary", run, "--json", "--as-recorded").splitlines()[-1])
    assert recorded["ionic_conductivity_S_cm"] == before["ionic_conductivity_S_cm"]
    opened = solbench.open(run)
    assert opened.corrections["field"].tolist() == ["cell_id", "thickness"]
    assert "A-17" in opened._repr_html_()
    table, sidecar = export_run(run, "bdf", tmp_path / "bdf")
    assert "A-17" in table.name
    extras = json.loads(sidecar.read_text())["extras"]
    assert extras["corrections"][0]["who"] == "E. Example"
    assert extras["recorded"]["cell"]["quantities"]["thickness_m"][0] == pytest.approx(thickness_um * 1e-6)
    assert "CORRECTED: cell_id" in export_run(run, "z", tmp_path / "z")[0].read_text(encoding="utf-8")


def test_what_the_corrected_record_contradicts_is_withheld_and_told_again_when_it_is_right(run):
    thickness_um = solbench.open(run).run.header.cell.required("thickness_m") * 1e6
    correct(run, f"thickness={6 * thickness_um} um")
    assert "withheld" in said("summary", run, code=1)
    correct(run, f"thickness={thickness_um} um")
    assert "withheld" not in said("summary", run)


def test_without_set_the_fields_are_listed(run):
    assert "thickness" in said("correct", run)
    said("correct", run, "--who", "E. Example", code=2)
    said("correct", run, "--set", "thickness=1 V", "--who", "E", "--why", "x", code=2)


@pytest.mark.long
def test_points_are_left_out_and_told_of_and_what_was_not_measured_is_refused(run):
    whole = json.loads(said("summary", run, "--json").splitlines()[-1])["spectra"][0]
    first = solbench.open(run).run.spectra[0]
    highest_Hz = solbench.open(run).run.points_of(first)["frequency_Hz"].max()
    assert (
        "no spectrum has a point at"
        in CliRunner()
        .invoke(app, ["correct", str(run), "--set", "left_out=1 uHz", "--who", "a", "--why", "b"])
        .stderr
    )
    correct(run, f"left_out=1: {highest_Hz:.6g} Hz")
    found = json.loads(said("summary", run, "--json").splitlines()[-1])["spectra"][0]
    assert (found["points"], found["points_left_out"]) == (whole["points"], 1)
    assert found["r_sse_ohm"] != whole["r_sse_ohm"]
    assert found["r_sse_ohm"] == pytest.approx(whole["r_sse_ohm"], rel=0.05)
    assert "1 point left out" in said("fit", run)
