"""Samples as CSV, read back by pandas."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np

from solbench.acquisition.bench.bench_file import GaugeEntry
from solbench.acquisition.record.events import GaugeRead
from solbench.acquisition.record.journal import read_journal
from solbench.acquisition.record.reader import Run, open_run
from solbench.analysis.exports.formats import export_run
from solbench.analysis.summary import summarise
from solbench.analysis.summary_text import as_text
from tests.acquisition.runs import SHORT, quiet_bench, request, run_it
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


def test_gauges_have_a_table_of_their_own_and_a_summary_in_bdf(tmp_path: Path) -> None:
    names = ("cell, inside", "oven")
    bench = quiet_bench().model_copy(update={"gauges": tuple(GaugeEntry(name=name) for name in names)})
    assert run_it(request(tmp_path / "a.h5", SHORT, bench=bench)).completed
    reads = [
        (e.time_s, e.body) for e in read_journal(tmp_path / "a.journal") if isinstance(e.body, GaugeRead)
    ]
    written = export_run(tmp_path / "a.h5", "csv", tmp_path / "csv")
    (path,) = (path for path in written if path.name == "a_SIMULATED_gauges.csv")
    with path.open(newline="") as stream:
        header, *rows = csv.reader(stream)
    assert header == ["gauge", "test time / s", "value", "unit", "simulated / 1"]
    found = [(name, float(time), float(value), unit, mark) for name, time, value, unit, mark in rows]
    assert sorted(found) == sorted((read.name, time_s, read.value, "K", "1") for time_s, read in reads)
    (sidecar,) = (
        path for path in export_run(tmp_path / "a.h5", "bdf", tmp_path / "bdf") if path.suffix == ".json"
    )
    short = json.loads(sidecar.read_text(encoding="utf-8"))["extras"]["gauges"]
    assert [(gauge["name"], gauge["unit"]) for gauge in short] == [(name, "K") for name in names]
    assert sum(gauge["readings"] for gauge in short) == len(rows)
    assert "oven: 25.00 degC (25.00 to 25.00, " in as_text(summarise(open_run(tmp_path / "a.h5")))


def test_a_run_without_gauges_has_no_table_of_them(tiny: Path, tmp_path: Path) -> None:
    assert not [path for path in export_run(tiny, "csv", tmp_path) if "gauges" in path.name]
