"""A material of the user's own: what is put into its file comes out of the runs, inside the stated intervals."""

from __future__ import annotations

from pathlib import Path

import pytest

from solbench.acquisition.record.reader import open_run
from solbench.analysis.summary import summarise
from solbench.protocols import CellRecord, load_cell
from solbench.protocols.files import SHIPPED
from solbench.simulators.cell import build_cell
from tests.acquisition.runs import quiet_bench, request, run_it, watched_benches

CHANGES = {
    "name: nps": "name: my-own",
    "ionic_conductivity: 0.185 mS/cm": "ionic_conductivity: 0.42 mS/cm",
    "electronic_conductivity_reduced: 1e-7 S/cm": "electronic_conductivity_reduced: 4e-8 S/cm",
    "layer_resistance: 35 ohm": "layer_resistance: 150 ohm",
}


@pytest.fixture(scope="module")
def record(tmp_path_factory) -> CellRecord:
    text = (SHIPPED / "cells" / "nps.yaml").read_text()
    for old, new in CHANGES.items():
        assert old in text, old
        text = text.replace(old, new)
    file = tmp_path_factory.mktemp("cell") / "my-own.yaml"
    file.write_text(text)
    return load_cell(str(file))


@pytest.mark.long
def test_growth_and_coulombic_efficiency_of_the_half_cell(record: CellRecord, tmp_path: Path):
    benches = []
    with watched_benches(benches.append):
        assert run_it(request(tmp_path / "r.h5", "half-cell", record, quiet_bench())).completed
    cell = benches[0].truth.cell
    summary = summarise(open_run(tmp_path / "r.h5"))
    growth, stderr = summary.r_interface_growth_ohm, summary.r_interface_growth_stderr_ohm
    # at the end of the run: the interphase has not grown during desodiation
    assert growth == pytest.approx(cell.interface_resistance_ohm, abs=3.0 * stderr, rel=0.01)
    assert growth == pytest.approx(150.0, rel=0.03)
    true_efficiency = cell.charged_C / cell.discharged_C
    assert summary.coulombic_efficiency[0] == pytest.approx(true_efficiency, abs=1e-4)


def test_ionic_conductivity_of_the_pellet(record: CellRecord, tmp_path: Path):
    assert run_it(request(tmp_path / "r.h5", "ionic-conductivity", record, quiet_bench())).completed
    summary = summarise(open_run(tmp_path / "r.h5"))
    sigma, stderr = summary.ionic_conductivity_S_cm, summary.ionic_conductivity_stderr_S_cm
    assert sigma == pytest.approx(0.42e-3, abs=2.0 * stderr)
    assert stderr < 0.03 * sigma


@pytest.mark.long
def test_electronic_conductivity_of_the_reduced_electrolyte(record: CellRecord, tmp_path: Path):
    wanted = request(
        tmp_path / "r.h5", "dc-polarization", record, quiet_bench(), settings=("build=dc_reduced",)
    )
    assert run_it(wanted).completed
    summary = summarise(open_run(tmp_path / "r.h5"))
    assert summary.steady_state
    assert summary.electronic_conductivity_S_cm == pytest.approx(4e-8, rel=0.05)


def test_the_simulated_cell_is_the_one_that_the_file_describes(record: CellRecord):
    cell = build_cell(record.build("half").simulated_cell())
    assert cell.electrolyte_resistance_ohm == pytest.approx(0.05 / (0.42e-3 * 0.785), rel=1e-3)
