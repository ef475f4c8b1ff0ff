"""The finished file: what any program finds in it, and that it is the journal."""

import json
import shutil

import h5py
import numpy as np
import pytest

from solbench.acquisition.errors import RunFileError
from solbench.acquisition.record import final_file
from solbench.acquisition.record.final_file import build_final
from solbench.acquisition.record.hdf5 import read_file, why, write_final
from solbench.acquisition.record.journal import read_journal
from solbench.acquisition.record.reader import from_journal, open_run


@pytest.fixture(scope="module")
def run(tiny):
    return tiny.result.run


@pytest.fixture
def file(run):
    with h5py.File(run) as opened:
        yield opened


def datasets(file: h5py.File) -> dict[str, h5py.Dataset]:
    found: dict[str, h5py.Dataset] = {}
    file.visititems(lambda name, item: found.update({name: item}) if isinstance(item, h5py.Dataset) else None)
    return found


@pytest.mark.long
def test_every_dataset_has_units_that_a_units_library_knows(file):
    import pint

    registry = pint.UnitRegistry()
    found = datasets(file)
    assert len(found) > 60
    for name, dataset in found.items():
        unit = dataset.attrs["units"]
        assert isinstance(unit, str), name
        registry.parse_units("dimensionless" if unit in ("", "1") else unit)


def test_every_plot_has_its_signal_and_its_axes(file):
    plots = []
    file.visititems(lambda name, item: plots.append(item) if item.attrs.get("NX_class") == "NXdata" else None)
    assert len(plots) == 4  # samples, overview, two spectra
    for plot in plots:
        signal, axes = plot[plot.attrs["signal"]], plot[plot.attrs["axes"]]
        assert len(signal) == len(axes) > 0


def test_the_default_plot_is_found_from_the_root(file):
    entry = file[file.attrs["default"]]
    assert entry.attrs["NX_class"] == "NXentry"
    assert entry[entry.attrs["default"]].attrs["NX_class"] == "NXdata"


def test_protocol_cell_bench_and_settings_are_in_it(file, tiny):
    header = tiny.events[0].body
    entry = file["entry"]
    assert entry["protocol/data"].asstr()[()] == header.protocol.text
    assert "current: -0.16 mA/cm2" in entry["protocol/data"].asstr()[()]
    assert entry["protocol/sha256"].asstr()[()] == header.protocol.sha256
    assert "ionic_conductivity: 1.8 mS/cm" in entry["sample/record"].asstr()[()]
    assert entry["sample/area_m2"][()] == pytest.approx(0.785e-4)
    assert entry["sample/area_m2"].attrs["units"] == "m**2"
    assert "errors: none" in entry["bench/data"].asstr()[()]
    assert "1260" in entry["instrument/1260/identity"].asstr()[()]
    assert (
        entry["instrument/1287/settings/RG"].asstr()[()].strip().lstrip("+").split(".")[0].lstrip("0") == "3"
    )
    assert entry["instrument/1287/settings/OL"].asstr()[()] != "not answered"


def test_the_file_says_that_it_is_simulated_and_complete(file):
    assert bool(file.attrs["simulated"])
    assert bool(file["entry"].attrs["simulated"])
    assert bool(file["entry"].attrs["complete"])


def test_columns_agree_with_each_other(file):
    samples = file["entry/samples"]
    net_ah = samples["net_charge_coulomb"][:] / 3600.0
    assert samples["charging_capacity_ah"][:] - samples["discharging_capacity_ah"][:] == pytest.approx(net_ah)
    assert np.all(np.diff(samples["charging_capacity_ah"][:]) >= 0)
    unix = samples["unix_time_second"][:] - samples["test_time_second"][:]
    assert np.ptp(unix) < 1e-5
    voltage = samples["voltage_volt"][:]
    overview = file["entry/overview"]
    assert overview["voltage_min"][:].min() == voltage.min()
    assert overview["voltage_max"][:].max() == voltage.max()


def test_spectra_carry_their_conditions(file, tiny):
    remarks = tiny.of("spectrum")
    for number, remark in enumerate(remarks, 1):
        attributes = file[f"entry/spectra/{number:04d}"].attrs
        for key in ("step_charge_C", "dc_voltage_V", "dc_current_A", "amplitude_V", "integration_s"):
            assert attributes[key] == getattr(remark.body, key)
        assert json.loads(attributes["settings"])["resistor_ohm"] > 0
        assert abs(remark.body.dc_current_A) < 0.2e-6


def test_it_is_a_format_that_old_programs_read(run):
    """Superblock of version 0 to 2 (version 3 is for single writer, multiple readers) and no open flag."""
    assert run.read_bytes()[8] <= 2


def test_reading_the_file_is_reading_the_journal(run):
    from_file, journal = open_run(run), from_journal(run.with_suffix(".journal"))
    assert [event.json() for event in from_file.events] == [event.json() for event in journal.events]
    assert np.array_equal(from_file.samples, journal.samples)
    assert np.array_equal(from_file.points, journal.points)


def test_reader_and_journal_agree_value_by_value(run, tiny):
    samples = open_run(run).samples
    for row, event in zip(samples, tiny.of("sample"), strict=True):
        assert row["seq"] == event.seq
        assert row["time_s"] == event.time_s
        for name in ("voltage_V", "current_A", "charge_C", "step", "segment", "range"):
            assert row[name] == getattr(event.body, name)
        assert bool(row["flags"] & 1) is event.body.deciding


def copied(run, folder):
    target = folder / "b.h5"
    shutil.copyfile(run.with_suffix(".journal"), folder / "b.journal")
    return target


def test_a_lost_file_is_built_again(run, tmp_path):
    target = copied(run, tmp_path)
    build_final(target)
    assert np.array_equal(open_run(target).samples, open_run(run).samples)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.h5", "b.journal"]


def test_what_does_not_hold_the_journal_is_not_put_in_place(run, tmp_path, monkeypatch):
    target = copied(run, tmp_path)
    target.write_bytes(b"the old file")
    real = final_file._SampleWriter.append
    blocks = []

    def forgetful(self, block):
        blocks.append(block)
        block.samples.pop()
        real(self, block)
        self.columns.count += 1

    monkeypatch.setattr(final_file._SampleWriter, "append", forgetful)
    with pytest.raises((RunFileError, ValueError)):
        build_final(target)
    assert blocks
    assert target.read_bytes() == b"the old file"


def test_an_unfinished_run_has_a_file_of_the_same_format(run, tmp_path):
    target = copied(run, tmp_path)
    journal = tmp_path / "b.journal"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:100]) + lines[100][:20])
    build_final(target)
    found = open_run(target)
    assert not found.completed
    assert found.end is None
    assert len(found.events) + len(found.samples) + len(found.points) == 100
    with h5py.File(target) as file:
        assert not file["entry"].attrs["complete"]
        assert "exited unexpectedly" in file["entry/end_reason"].asstr()[()]


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_a_journal_that_hardly_began_has_a_file_too(run, tmp_path, count):
    target = copied(run, tmp_path)
    lines = (tmp_path / "b.journal").read_bytes().splitlines(keepends=True)
    (tmp_path / "b.journal").write_bytes(b"".join(lines[:count]))
    build_final(target)
    assert len(open_run(target).events) + len(open_run(target).samples) == count


@pytest.mark.parametrize(
    ("content", "says"), [(b"no HDF5 at all", "not an HDF5 file"), (b"", "not an HDF5 file")]
)
def test_what_is_no_run_is_refused_by_name(tmp_path, content, says):
    path = tmp_path / "b.h5"
    path.write_bytes(content)
    with pytest.raises(RunFileError, match=says):
        open_run(path)


@pytest.mark.parametrize("opened", [read_file, write_final])
def test_what_the_system_refuses_is_told_with_the_files_name(tmp_path, opened):
    path = tmp_path / "gone" / "r.h5"
    with pytest.raises(FileNotFoundError) as refused:
        opened(path)
    assert (refused.value.strerror, refused.value.filename) == ("No such file or directory", str(path))
    assert why(refused.value) == "No such file or directory"


def test_a_foreign_hdf5_file_is_refused(tmp_path):
    path = tmp_path / "b.h5"
    with h5py.File(path, "w") as file:
        file["x"] = 1.0
    with pytest.raises(RunFileError, match="not a run file of solbench"):
        open_run(path)


def test_events_are_in_it_in_order(file, tiny):
    texts = [json.loads(text) for text in file["entry/events/json"].asstr()[:]]
    kinds = [event.kind for event in tiny.events if event.kind not in ("sample", "point")]
    assert [text["kind"] for text in texts] == kinds
    journal = list(read_journal(tiny.result.run.with_suffix(".journal")))
    assert len(journal) == len(texts) + len(file["entry/samples/record_index"]) + 18
