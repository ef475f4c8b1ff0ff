"""Where a conclusion is withheld it is withheld everywhere: run, summary, fit and report, with exit code 1."""

import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from solbench.acquisition.record.reader import open_run
from solbench.analysis.batch import Job, fit_job
from solbench.analysis.report.contents import read_contents
from solbench.analysis.report.numbers import DASH
from solbench.analysis.report.tables import half_cells, spectra
from solbench.analysis.views.fit_table import read_geometry, write_table
from solbench.analysis.withheld import conductivity_withheld, growth_withheld, words
from solbench.cli.whole import app
from solbench.fitting.joint_fit import fit_pellets
from solbench.fitting.state_fit import undescribed
from tests.analysis.cells import noisy
from tests.analysis.halfcells import FREQUENCY_HZ, arc, sound_fit
from tests.analysis.report_runs import HALF

LOST_PRESSURE = "changes: [{kind: series_resistance, resistance: 60 ohm, from: 0.01 mAh/cm2}]\n"


def invoke(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    folder = tmp_path_factory.mktemp("withheld")
    protocol, scenario, out = folder / "half.yaml", folder / "lost.yaml", folder / "lost.h5"
    protocol.write_text(HALF, "utf-8")
    scenario.write_text(LOST_PRESSURE, "utf-8")
    answer = invoke("run", protocol, "--cell", "nbh", "--scenario", scenario, "-o", out, "--json")
    return out, answer


def test_the_run_completes_and_says_that_no_growth_can_be_told(ran):
    out, answer = ran
    found = json.loads(answer.stdout)
    assert open_run(out).completed
    assert found["r_interface_growth_ohm"] is found["r_interface_growth_stderr_ohm"] is None
    assert {one["conclusion"] for one in found["withheld"]} == {"growth"}
    assert {spectrum["r_interface_ohm"] for spectrum in found["spectra"]} == {None}
    assert answer.exit_code == 1


def test_so_do_summary_and_the_tables_of_a_report(ran):
    out, _ = ran
    summary = invoke("summary", out)
    assert summary.exit_code == 1
    assert "growth of the interfacial resistance withheld" in summary.stdout
    contents = read_contents([out])
    cells = half_cells(contents)
    assert "withheld" in cells.rows[0]
    assert all(words in cells.note for words in contents[0].withheld)
    assert {row[cells_column(spectra(contents), "interface")] for row in spectra(contents).rows} == {DASH}


def cells_column(table, word):
    return next(k for k, name in enumerate(table.head) if word in name)


@pytest.mark.long
def test_so_do_fit_and_the_command_that_makes_a_report(ran):
    out, answer = ran
    fit = invoke("fit", out, "--json")
    assert fit.exit_code == 1
    [result] = json.loads(fit.stdout)["results"]
    assert result["withheld"] == json.loads(answer.stdout)["withheld"]
    assert result["r_interface_growth_ohm"] is None
    report = invoke("report", out, "-o", out.with_name("lost.html"))
    assert report.exit_code == 1
    assert "growth of the interfacial resistance withheld" in report.stderr
    assert out.with_name("lost.html").exists()


def test_a_spectrum_that_is_not_the_record_takes_its_conclusions_with_it():
    fit = sound_fit("nps")
    assert growth_withheld(fit.withheld, (1, 2, 3, 4, 5), ()) == ()
    [found] = growth_withheld(fit.withheld, (1, 2, 3, 4, 6), (6,))
    assert words(found).endswith("spectrum 6 is not that of the cell in the record")
    assert conductivity_withheld(fit.withheld, (1, 2, 3, 4, 6), (2,)) == ()
    [found] = conductivity_withheld(fit.withheld, (1, 2, 3, 4, 6), (6,))
    assert (found.conclusion, found.spectrum) == ("ionic_conductivity", 6)


def test_a_conductivity_is_withheld_if_its_own_spectrum_is_not_described_whatever_others_are():
    """Six sharp arcs, a decade apart: no part of a pellet's circuit."""
    omega = 2 * np.pi * FREQUENCY_HZ
    z = 100 + sum(arc(80, 10.0**-power, 1.0) for power in range(4, 10)) + 1 / (1j * omega * 1e-6)
    both = fit_pellets([(FREQUENCY_HZ, noisy(z, 0.001, seed)) for seed in (1, 2)]).states
    assert [state.verdict for state in both] == ["wrong", "wrong"]
    [found] = conductivity_withheld(undescribed(both), (3, 5), ())
    assert (found.conclusion, found.code, found.spectrum) == ("ionic_conductivity", "not_described", 5)
    assert found.seen == both[-1].fit_over_kk
    good = sound_fit("nps").states
    assert conductivity_withheld(undescribed((both[0], good[0])), (3, 5), ()) == ()


@pytest.mark.parametrize("known", [True, False])
def test_a_fit_of_a_pellet_tells_no_conductivity_that_a_summary_withholds(tmp_path, known):
    omega = 2 * np.pi * FREQUENCY_HZ
    z = noisy(100 + arc(80, 1e-6, 0.9) + 1 / (1j * omega * 1e-6), 0.001, 1)
    job = Job("pellet", ((FREQUENCY_HZ, z),), (4,), joint=True, interphase=False, pellet=True)
    result = fit_job(replace(job, not_commissioned=not known))
    assert [(one.conclusion, one.code, one.spectrum) for one in result.withheld] == (
        [] if known else [("ionic_conductivity", "not_commissioned", 4)]
    )
    write_table(tmp_path / "a.csv", [result], read_geometry("10 mm", None, "0.5 mm"))
    table = (tmp_path / "a.csv").read_text()
    assert "R_SSE" in table
    assert ("sigma(R_SSE)" in table) is known
    assert ("ionic conductivity withheld: the bench was not commissioned" in table) is not known
