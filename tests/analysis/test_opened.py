"""A run in one line: tables that pandas takes and that a notebook shows."""

from __future__ import annotations

import sys
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pytest

import solbench
from solbench.acquisition.errors import UNEXPECTED_EXIT, RunFileError
from solbench.acquisition.record.reader import Run, open_run
from solbench.analysis.opened import Columns, OpenedRun


@pytest.fixture
def opened(tiny: Path) -> OpenedRun:
    return solbench.open(str(tiny))


def test_samples_and_steps_are_tables(opened: OpenedRun, tiny_run: Run) -> None:
    frame = opened.samples.to_pandas()
    assert len(frame) == len(opened.samples) == len(tiny_run.samples)
    assert np.array_equal(frame["voltage_V"], tiny_run.samples["voltage_V"])
    assert frame.attrs["simulated"] is True
    steps = opened.steps.to_pandas()
    assert list(steps["name"]) == [step.name for step in tiny_run.steps]
    assert list(steps["charge_C"]) == [step.charge_C for step in tiny_run.steps]


def test_spectra_are_those_of_the_run(opened: OpenedRun, tiny_run: Run) -> None:
    assert len(opened.spectra) == len(tiny_run.spectra) == 2
    for one, record in zip(opened.spectra, tiny_run.spectra, strict=True):
        points = tiny_run.points_of(record)
        assert np.array_equal(one.frequency_Hz, points["frequency_Hz"])
        assert np.array_equal(one.impedance_ohm, points["real_ohm"] + 1j * points["imaginary_ohm"])
        assert np.array_equal(one.points["untrusted"], points["untrusted"])
    together = opened.spectra.to_pandas()
    assert list(together["spectrum"].unique()) == [record.spectrum for record in tiny_run.spectra]
    last = together[together["spectrum"] == tiny_run.spectra[-1].spectrum]
    assert np.array_equal(last["real_ohm"], opened.spectra[-1].to_pandas()["real_ohm"])


def test_a_notebook_shows_what_it_is(opened: OpenedRun) -> None:
    page = opened._repr_html_()
    assert "SIMULATED" in page
    assert "tiny.h5" in page
    assert page.count("<table>") == page.count("</table>") == 2
    shown = opened.samples._repr_html_()
    assert f"samples, {len(opened.samples)} rows" in shown
    assert shown.count("<tr>") < 12
    assert "..." in shown


def test_a_run_without_an_end_is_not_just_not_completed(tiny: Path) -> None:
    run = open_run(tiny)
    whole = OpenedRun(run)._repr_html_()
    cell = replace(run.header.cell, name="A & B")
    first = run.events[0]._replace(body=replace(run.header, cell=cell, replays="morning"))
    cut = OpenedRun(replace(run, events=[first, *run.events[1:-1]]))._repr_html_()
    assert ", completed, " in whole
    assert f"not completed: {UNEXPECTED_EXIT}" in unescape(cut)
    assert "A &amp; B" in cut
    assert "REPLAY of morning" in cut
    assert "REPLAY" not in whole


def test_what_a_cell_is_called_is_text_in_a_notebook() -> None:
    table = Columns("a <b>", "", lambda: {"name": np.array(["<script>"], object)})
    assert "<script>" not in table._repr_html_()
    assert "<b>" not in table._repr_html_()
    assert "SIMULATED" not in table._repr_html_()


def test_without_pandas_the_columns_are_there(opened: OpenedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert opened.samples["voltage_V"].dtype == float
    with pytest.raises(ImportError, match="pip install pandas"):
        opened.samples.to_pandas()


def test_a_file_that_is_no_run_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.h5").write_bytes(b"no")
    with pytest.raises(RunFileError):
        solbench.open(tmp_path / "no.h5")
