"""Runs that version 0.1.0 wrote are read with the same numbers, and its seeds give the same samples."""

from __future__ import annotations

import json
import shutil
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from solbench.acquisition.bench.bench_file import SIMULATED
from solbench.acquisition.record.events import SegmentEnd, decode
from solbench.acquisition.record.journal import read_journal
from solbench.acquisition.record.reader import open_run
from solbench.analysis.exports.formats import FORMATS
from solbench.cli.whole import app
from solbench.protocols import load_protocol
from tests.acquisition.runs import RUNS_0_1 as FIXTURES
from tests.acquisition.runs import request, run_it
from tests.tiers import few

WHOLE = ("short", "dc", "pellet")
CORRECTED = (
    "short.coulombic_efficiency[0]",
    "short.coulombic_efficiency_stderr[0]",  # it left held voltages out
    # a charge is as uncertain as the bend of its range, the drift of its zero and what leaks past the cell make it, too
    *(f"short.steps[{step}].areal_capacity_stderr_mAh_cm2" for step in (0, 2, 4, 5, 7, 8)),
    "short.uncertainty_source",
    # a baseline that hardly falls counts beside the zero of the open leads, and with what it may still fall
    "dc.electronic_conductivity_S_cm",
    "dc.electronic_conductivity_stderr_S_cm",
)
OF_THE_COMMAND = ("run", "wall_s")  # where the file lay, how long `run --json` took
CELL = {"short": ("nps",), "dc": ("nps", "build=dc_reduced")}


def invoke(*arguments: object) -> Any:
    """Call the program; return what it printed on stdout."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("name", [*WHOLE, "killed"])
def test_every_line_of_a_journal_is_encoded_as_it_stands(name: str) -> None:
    """An end gets the one key that later versions added, behind those that it had."""
    lines = (FIXTURES / f"{name}.journal").read_bytes().splitlines()
    assert len(lines) > 100
    for line in lines:
        text = line.rpartition(b"\t")[0]
        event = decode(text)
        expected = text.removesuffix(b"}") + b',"verified_safe":true}' if event.kind == "end" else text
        assert event.json().encode() == expected


@few(("name", "suffix"), list(product(WHOLE, ["h5", "journal"])), (1, 2, 4))
def test_the_summary_has_the_numbers_that_it_had(name: str, suffix: str) -> None:
    then = json.loads((FIXTURES / f"{name}.json").read_text())
    now = json.loads(invoke("summary", FIXTURES / f"{name}.{suffix}", "--json"))
    require_within(then, now, name)


def require_within(then: Any, now: Any, place: str) -> None:
    """Keys may have been added; what was there has the value that it had."""
    if isinstance(then, dict):
        assert then.keys() <= now.keys(), place
        for key, value in then.items():
            if place in WHOLE and key in OF_THE_COMMAND:
                continue
            stderr = now.get(f"{key.removesuffix('_ohm')}_stderr_ohm")
            if key.endswith("_ohm") and stderr is not None and value is not None:
                # A fit of today allows for more that may differ between the states; it says by how much.
                assert now[key] == pytest.approx(value, rel=1e-6, abs=3.0 * stderr), f"{place}.{key}"
            elif not key.endswith("_stderr_ohm") and key != "fit_over_kk":
                require_within(value, now[key], f"{place}.{key}")
    elif isinstance(then, list):
        assert len(then) == len(now), place
        for number, (old, new) in enumerate(zip(then, now, strict=True)):
            require_within(old, new, f"{place}[{number}]")
    elif place in CORRECTED:
        assert now != then
    elif isinstance(then, float):
        assert now == pytest.approx(then, rel=1e-4 if "conductivity" in place else 1e-6), place
    else:
        assert now == then, place


def test_an_efficiency_counts_the_charge_of_a_held_voltage() -> None:
    """Sodiation; then a voltage of 1 V and a constant current, which both desodiate."""
    run = open_run(FIXTURES / "short.h5")
    charge_C = [run.samples[run.samples["step"] == step]["charge_C"][-1] for step in (0, 2)]
    found = json.loads(invoke("summary", run.path, "--json"))["coulombic_efficiency"][0]
    assert found == pytest.approx((charge_C[1] - charge_C[0]) / -charge_C[0], rel=1e-3)


@pytest.mark.parametrize("name", WHOLE)
def test_the_file_and_its_journal_say_the_same(name: str) -> None:
    file, journal = open_run(FIXTURES / f"{name}.h5"), open_run(FIXTURES / f"{name}.journal")
    assert file.events == journal.events
    assert file.completed
    assert np.array_equal(file.samples, journal.samples)
    assert np.array_equal(file.points, journal.points)


@few("name", WHOLE, 1)
@pytest.mark.parametrize("format", FORMATS)
def test_every_export_works(tmp_path: Path, name: str, format: str) -> None:
    if format == "bdf-parquet":
        pytest.importorskip("pyarrow")
    if FORMATS[format].needs_spectra and name == "dc":
        pytest.skip("a polarization has no spectrum to export")
    written = invoke("export", FIXTURES / f"{name}.h5", "--format", format, "-o", tmp_path / "out", "--json")
    files = json.loads(written)["files"]
    assert files
    assert all(Path(file).stat().st_size > 0 for file in files)


@pytest.mark.long
def test_a_report_of_all_works(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    invoke("report", *(FIXTURES / f"{name}.h5" for name in WHOLE), "-o", page)
    text = page.read_text(encoding="utf-8")
    assert "SIMULATED" in text
    assert all(name in text for name in ("short", "dc", "pellet"))


def test_the_killed_run_is_recovered_with_all_that_its_journal_holds(tmp_path: Path) -> None:
    shutil.copyfile(FIXTURES / "killed.journal", tmp_path / "killed.journal")
    invoke("recover", tmp_path / "killed.h5")
    events = list(read_journal(tmp_path / "killed.journal"))
    kinds = [event.kind for event in events]
    run = open_run(tmp_path / "killed.h5")
    assert not run.completed
    assert run.end is None
    assert (len(run.samples), len(run.points)) == (kinds.count("sample"), kinds.count("point")) == (263, 93)
    ends = [event.body for event in events if isinstance(event.body, SegmentEnd)]
    assert [step.name for step in run.steps] == ["sodiation", "hold", "desodiation"]
    assert run.steps[1].charge_C == ends[-1].step_charge_C
    assert [spectrum.spectrum for spectrum in run.spectra] == [1, 2, 3]


@pytest.mark.long
@pytest.mark.parametrize("name", ["short", "dc"])
def test_the_same_seed_gives_the_same_charges_and_spectra(tmp_path: Path, name: str) -> None:
    """0.1.0 read without asking whether a line was there, believed every reading and took fewer after a switching."""
    run = tmp_path / f"{name}.h5"
    cell, *settings = CELL[name]
    protocol = load_protocol(str(FIXTURES / f"{name}.yaml"))
    assert run_it(request(run, protocol, cell, SIMULATED, tuple(settings))).completed
    now, then = open_run(run), open_run(FIXTURES / f"{name}.h5")
    assert len(then.samples) > 200
    largest_C = np.abs(then.samples["charge_C"]).max()
    for step in np.unique(then.samples["step"]):
        ended, before = (one.samples[one.samples["step"] == step]["charge_C"][-1] for one in (now, then))
        assert ended == pytest.approx(before, abs=0.01 * largest_C)
    assert np.array_equal(now.points["frequency_Hz"], then.points["frequency_Hz"])
    now_ohm, then_ohm = (one.points["real_ohm"] + 1j * one.points["imaginary_ohm"] for one in (now, then))
    assert np.all(np.abs(now_ohm - then_ohm) < 0.01 * np.abs(then_ohm))
