"""Battery Data Format, read back by batterydf, pandas and pyarrow."""

from __future__ import annotations

import importlib
import json
import re
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest

from solbench.acquisition.errors import OutputExists
from solbench.acquisition.record import reader as reader_module
from solbench.acquisition.record.reader import Run
from solbench.analysis.exports.bdf import export_csv
from solbench.analysis.exports.bdf_columns import _Steps, bdf_blocks
from solbench.analysis.exports.folder import Folder
from solbench.analysis.exports.formats import export_run
from solbench.analysis.exports.source import Source
from tests.acquisition.runs import SHORT, request, run_it
from tests.analysis.exports.reading import read_table

if TYPE_CHECKING:
    import pandas as pd

REQUIRED = ["Test Time / s", "Voltage / V", "Current / A"]


@pytest.fixture(scope="module")
def batterydf() -> ModuleType:
    """The library of the format; importing it takes so long that only the worker that needs it does so."""
    return importlib.import_module("bdf")


@pytest.fixture(scope="module")
def table_file(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_run(tiny, "bdf", tmp_path_factory.mktemp("bdf"), "Jülich, IMD")[0]


@pytest.fixture(scope="module")
def table(table_file: Path) -> pd.DataFrame:
    return read_table(table_file)


@pytest.mark.long
def test_batterydf_finds_nothing_missing(batterydf: ModuleType, table_file: Path) -> None:
    report = batterydf.validate(str(table_file), report=False)
    assert report["ok"]
    assert report["missing"] == []
    assert report["time_stats"]["monotonic"]
    assert report["legacy_labels"] == []


def test_readings_are_those_of_the_run_file(tiny: Path, table: pd.DataFrame) -> None:
    readings = table[table["Frequency / Hz"].isna()]
    with h5py.File(tiny) as file:
        samples = {name: data[:] for name, data in file["entry/samples"].items()}
    for label, name in {
        "Test Time / s": "test_time_second",
        "Voltage / V": "voltage_volt",
        "Current / A": "current_ampere",
        "Unix Time / s": "unix_time_second",
        "Cycle Count / 1": "cycle_count",
        "Step Count / 1": "segment_count",
        "Record Index / 1": "record_index",
    }.items():
        assert np.array_equal(readings[label].to_numpy(), samples[name]), label
    for label, name in {
        "Charging Capacity / Ah": "charging_capacity_ah",
        "Discharging Capacity / Ah": "discharging_capacity_ah",
    }.items():
        assert np.allclose(readings[label], samples[name], rtol=1e-12, atol=1e-18), label
    assert np.allclose(
        readings["Net Capacity / Ah"] * 3600, samples["net_charge_coulomb"], rtol=1e-9, atol=1e-15
    )


def test_points_are_those_of_the_run_file(tiny: Path, table: pd.DataFrame) -> None:
    points = table[table["Frequency / Hz"].notna()]
    with h5py.File(tiny) as file:
        spectra = list(file["entry/spectra"].values())
        frequency = np.concatenate([s["frequency_hertz"][:] for s in spectra])
        real = np.concatenate([s["real_impedance_ohm"][:] for s in spectra])
        imaginary = np.concatenate([s["imaginary_impedance_ohm"][:] for s in spectra])
        held = np.concatenate([np.full(len(s["frequency_hertz"]), s.attrs["dc_voltage_V"]) for s in spectra])
    assert np.array_equal(points["Frequency / Hz"], frequency)
    assert np.array_equal(points["Real Impedance / ohm"], real)
    assert np.array_equal(points["Imaginary Impedance / ohm"], imaginary)
    assert np.array_equal(points["Voltage / V"], held)
    assert np.allclose(points["Absolute Impedance / ohm"], np.hypot(real, imaginary), rtol=1e-14)
    assert np.allclose(points["Phase / deg"], np.degrees(np.arctan2(imaginary, real)), rtol=1e-12)
    assert set(points["Step Type"]) == {"EIS"}


def test_identities_of_the_format_hold(table: pd.DataFrame) -> None:
    charging, discharging = table["Charging Capacity / Ah"], table["Discharging Capacity / Ah"]
    assert np.array_equal(table["Net Capacity / Ah"], charging - discharging)
    assert np.array_equal(table["Cumulative Capacity / Ah"], charging + discharging)
    assert table["Cumulative Capacity / Ah"].is_monotonic_increasing
    assert table["Test Time / s"].is_monotonic_increasing
    assert table["Record Index / 1"].is_unique
    assert (table["Step Time / s"] >= 0).all()
    assert table["Test Time / s"].diff().sum() == pytest.approx(table["Unix Time / s"].diff().sum(), abs=1e-6)


def test_sodiation_of_a_half_cell_is_discharge(table: pd.DataFrame, table_file: Path) -> None:
    sodiation = table[(table["Step ID"] == "sodiation") & (table["Step Type"] == "CC_DCH")]
    desodiation = table[table["Step ID"] == "desodiation"]
    driven = sodiation["Current / A"][
        sodiation["Current / A"].abs() > 1e-6
    ]  # not yet on in the first reading
    assert len(driven) > 40
    assert (driven < 0).all()
    assert set(desodiation["Step Type"]) == {"CC_CHG"}
    assert set(table[table["Step ID"] == "pause"]["Step Type"]) == {"REST"}
    described = json.loads(
        table_file.with_name(table_file.name.replace(".csv", ".metadata.json")).read_text()
    )
    words = described["extras"]["sign"]
    assert "sodiation of Sn discharges the cell and is NEGATIVE current" in words
    assert "desodiation of Sn charges it and is POSITIVE current" in words


def test_name_metadata_and_mark_of_a_simulated_run(
    table_file: Path, table: pd.DataFrame, tiny_run: Run
) -> None:
    assert re.fullmatch(r"J-lich-IMD__nbh-half-SIMULATED__20\d{6}_001\.bdf\.csv", table_file.name)
    assert (table["Simulated / 1"] == 1).all()
    described = json.loads(
        table_file.with_name(table_file.name.replace(".csv", ".metadata.json")).read_text()
    )
    assert described["extras"]["simulated"] is True
    assert described["extras"]["run"] == tiny_run.header.run
    assert described["extras"]["protocol"]["text"] == tiny_run.header.protocol.text
    assert described["extras"]["instruments"]["1287"]["settings"]["RG"] == "3"
    assert len(described["extras"]["spectra"]) == 2


def test_records_of_battinfo_hold_only_their_own_fields(table_file: Path, tiny_run: Run) -> None:
    """They are closed: the fields of BattINFO's record of a test that are written here, after its schema."""
    sidecar = table_file.with_name(table_file.name.replace(".csv", ".metadata.json"))
    described = json.loads(sidecar.read_text(encoding="utf-8"))
    assert set(described) == {"battinfo_test", "raw", "extras"}
    record = described["battinfo_test"]
    assert set(record) == {"test", "provenance"}
    assert record["provenance"] == {"source_file": "tiny.h5", "source_type": "simulation"}
    started = datetime.fromisoformat(tiny_run.header.started).timestamp()
    assert record["test"] == {
        "name": "tiny",
        "identifier": tiny_run.header.run,
        "instrument_name": tiny_run.header.bench.name,
        "protocol_name": "tiny",
        "started_at": int(started),
        "status": "completed",
    }


@pytest.mark.long
def test_parquet_holds_the_same(
    batterydf: ModuleType, tiny: Path, table: pd.DataFrame, tmp_path: Path
) -> None:
    path = export_run(tiny, "bdf-parquet", tmp_path)[0]
    import pandas as pd

    pd.testing.assert_frame_equal(pd.read_parquet(path), table, check_dtype=False, check_exact=True)
    assert batterydf.validate(str(path), report=False)["ok"]


def test_both_formats_share_their_metadata_and_a_second_run_gets_a_second_number(
    tiny: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    export_run(tiny, "bdf", folder)
    export_run(tiny, "bdf-parquet", folder)
    names = sorted(path.name.split("_001.")[1] for path in folder.iterdir())
    assert names == ["bdf.csv", "bdf.metadata.json", "bdf.parquet"]
    with pytest.raises(OutputExists, match=r"_001\.bdf\.csv"):
        export_run(tiny, "bdf", folder)
    other = tmp_path / "other.h5"
    run_it(request(other, SHORT))
    assert all("_002." in path.name for path in export_run(other, "bdf", folder))


def test_blocks_and_journal_make_no_difference(
    tiny: Path, table_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_module, "BLOCK_ROWS", 7)
    assert len(list(bdf_blocks(Source(tiny)))) > 10
    for name, path in (("blocks", tiny), ("journal", tiny.with_suffix(".journal"))):
        with Folder(tmp_path / name) as folder:
            export_csv(Source(path), folder)
        assert folder.written[0].read_bytes() == table_file.read_bytes(), name


def test_an_overload_has_neither_voltage_nor_current(tiny: Path, tmp_path: Path) -> None:
    """No reading of an overload may pass for a measurement in a format that knows no flags."""
    copy = tmp_path / "overload.h5"
    copy.write_bytes(tiny.read_bytes())
    with h5py.File(copy, "r+") as file:
        file["entry/samples/status_flags"][5] = 2
        index = int(file["entry/samples/record_index"][5])
    table = read_table(export_run(copy, "bdf", tmp_path / "out")[0])
    row = table[table["Record Index / 1"] == index]
    assert row[REQUIRED[1:]].isna().to_numpy().all()
    assert table[REQUIRED[1:]].isna().to_numpy().sum() == 2


def test_what_the_protocol_states_of_the_surroundings_is_there(batterydf: ModuleType, tmp_path: Path) -> None:
    run = tmp_path / "warm.h5"
    stated = SHORT.replace("temperature: unknown", "temperature: 60 degC").replace(
        "stack_pressure: unknown", "stack_pressure: 75 MPa"
    )
    run_it(request(run, stated))
    table = read_table(export_run(run, "bdf", tmp_path / "out")[0])
    assert set(table["Ambient Temperature / degC"]) == {60.0}
    assert set(table["Applied Pressure / Pa"]) == {75e6}
    assert batterydf.validate(str(next((tmp_path / "out").glob("*.csv"))), report=False)["ok"]


NESTED = """
name: nested
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 1 s}
steps:
  - name: outer
    kind: loop
    count: 2
    steps:
      - {name: before, kind: rest, time: 2 s}
      - {name: inner, kind: loop, count: 3, steps: [{name: rest, kind: rest, time: 2 s}]}
      - {name: once, kind: loop, count: 1, steps: [{name: single, kind: rest, time: 2 s}]}
  - {name: last, kind: rest, time: 2 s}
"""


def test_counts_never_fall(batterydf: ModuleType, tmp_path: Path) -> None:
    run = tmp_path / "nested.h5"
    run_it(request(run, NESTED))
    file, _ = export_run(run, "bdf", tmp_path / "bdf")
    table = read_table(file)
    cycles, steps = table["Cycle Count / 1"], table["Step Count / 1"]
    assert cycles.is_monotonic_increasing
    assert steps.is_monotonic_increasing
    assert cycles[table["Step ID"] == "rest"].nunique() == 6  # each pass of the inner loop
    assert (np.diff(steps) <= 1).all()
    assert batterydf.validate(str(file), report=False)["ok"]


def test_what_goes_on_after_a_spectrum_on_demand_has_a_number_of_its_own() -> None:
    steps = _Steps(np.array([0, 10, 20, 40]), np.array([0, 1, -1, 2]))
    rows = np.array([(1, 0), (12, 1), (21, -1), (25, 1), (30, 1)], [("seq", "u8"), ("segment", "i8")])
    assert steps.of(rows).tolist() == [0, 1, 2, 3, 3]
    rows = np.array([(35, 1), (41, 2), (50, 2)], rows.dtype)
    assert steps.of(rows).tolist() == [3, 4, 4]
