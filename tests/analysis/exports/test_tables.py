"""Samples as CSV, read back by pandas."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from solbench.acquisition.record.reader import Run
from solbench.analysis.exports.formats import export_run
from tests.analysis.exports.reading import read_table


def test_samples_as_csv(tiny: Path, tiny_run: Run, tmp_path: Path) -> None:
    path = export_run(tiny, "csv", tmp_path)[0]
    table = read_table(path)
    for label, name in {
        "test time / s": "time_s",
        "voltage / V": "voltage_V",
        "current / A": "current_A",
        "net charge / C": "charge_C",
        "step count / 1": "step",
        "status flags / 1": "flags",
    }.items():
        assert np.array_equal(table[label], tiny_run.samples[name]), label
    with path.open(newline="") as stream:
        header, *rows = csv.reader(stream)
    assert all(" / " in name for name in header)
    assert {row[-1] for row in rows} == {"1"}
    assert header[-1] == "simulated / 1"
