"""Spectra and samples as files, read back by impedance.py, csv and pandas."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from impedance import preprocessing

from solbench.acquisition.errors import OutputExists, RunFileError
from solbench.acquisition.record.reader import Run, open_run
from solbench.analysis.exports.formats import FORMATS, export_run
from solbench.analysis.exports.zplot import exponential
from solbench.analysis.imports.files import read_spectra
from solbench.protocols.errors import BadInput
from tests.acquisition.runs import quiet_bench, request, run_it
from tests.analysis.exports.reading import read_table
from tests.tiers import few


def impedance_of(points: np.ndarray) -> np.ndarray:
    return points["real_ohm"] + 1j * points["imaginary_ohm"]


@pytest.mark.parametrize("kind", ["z", "csv"])
def test_a_spectrum_comes_back_as_it_was(tiny: Path, tiny_run: Run, tmp_path: Path, kind: str) -> None:
    files = [path for path in export_run(tiny, kind, tmp_path) if "_spectrum_" in path.name]
    assert len(files) == len(tiny_run.spectra) == 2
    for path, record in zip(files, tiny_run.spectra, strict=True):
        points = tiny_run.points_of(record)
        (found,) = read_spectra(path)
        assert np.array_equal(found.frequency_Hz, points["frequency_Hz"])
        assert np.array_equal(found.impedance_ohm, impedance_of(points))
        assert "SIMULATED" in found.meta
        assert found.time_s is not None
        since = record.time_s if kind == "z" else 0.0
        assert np.allclose(found.time_s, points["time_s"] - since, rtol=0, atol=1e-6)


@few("kind", ["z", "csv"], 1)
def test_points_for_which_the_bench_was_not_known_are_marked_and_not_read_back(
    tmp_path: Path, kind: str
) -> None:
    run_it(request(tmp_path / "r.h5", bench=quiet_bench(leads={"inductance_H": 1e-6})))
    run = open_run(tmp_path / "r.h5")
    files = [
        path for path in export_run(tmp_path / "r.h5", kind, tmp_path / kind) if "_spectrum_" in path.name
    ]
    for path, record in zip(files, run.spectra, strict=True):
        points = run.points_of(record)
        known = points["untrusted"] == 0
        assert 0 < known.sum() < len(known)
        (found,) = read_spectra(path)
        assert np.array_equal(found.frequency_Hz, points["frequency_Hz"][known])
        assert any("the bench was not known" in note for note in found.notes)


def test_impedance_py_takes_the_z_files(tiny: Path, tiny_run: Run, tmp_path: Path) -> None:
    for path, record in zip(export_run(tiny, "z", tmp_path), tiny_run.spectra, strict=True):
        f, z = preprocessing.readZPlot(str(path))
        points = tiny_run.points_of(record)
        assert np.array_equal(f, points["frequency_Hz"])
        assert np.array_equal(z, impedance_of(points))


def test_z_file_has_the_lines_of_zplot(tiny: Path, tmp_path: Path) -> None:
    data = export_run(tiny, "z", tmp_path)[0].read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n")
    lines = data.decode("ascii").split("\r\n")
    assert lines[0] == "ZPLOT2 ASCII"
    end = lines.index("End Comments")
    assert lines[end - 1] == "  Freq(Hz)\tAmpl\tBias\tTime(Sec)\tZ'(a)\tZ''(b)\tGD\tErr\tRange"
    assert lines[end + 1].startswith("1.000000E+06\t3.0000E-02\t")
    assert any(line.startswith("  SIMULATED") for line in lines[:end])


@given(value=st.floats(allow_nan=False, allow_infinity=False), digits=st.integers(3, 8))
def test_every_number_comes_back(value: float, digits: int) -> None:
    assert float(exponential(value, digits)) == value


@pytest.mark.parametrize("kind", FORMATS)
def test_every_export_is_marked_and_overwrites_nothing(tiny: Path, tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "new" / "folder"
    written = export_run(tiny, kind, folder)
    assert sorted(folder.iterdir()) == sorted(written)
    assert [path.name for path in written if "SIMULATED" not in path.name] == []
    before = {path: path.read_bytes() for path in written}
    with pytest.raises(OutputExists):
        export_run(tiny, kind, folder)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_a_failed_export_leaves_nothing_behind(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "tiny_SIMULATED_spectrum_0002.csv").write_text("mine")
    with pytest.raises(OutputExists):
        export_run(tiny, "csv", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["tiny_SIMULATED_spectrum_0002.csv"]


def test_a_run_whose_program_died_is_exported_from_its_journal(
    tiny: Path, tiny_run: Run, tmp_path: Path
) -> None:
    journal = tiny.with_suffix(".journal").read_bytes()
    torn = tmp_path / "torn.journal"
    torn.write_bytes(journal[: len(journal) // 2])
    (tmp_path / "torn.h5").write_bytes(b"\x89HDF\r\n\x1a\n torn")
    path = export_run(tmp_path / "torn.h5", "csv", tmp_path / "out")[0]
    voltage = read_table(path)["voltage / V"].to_numpy()
    assert 10 < len(voltage) < len(tiny_run.samples)
    assert np.array_equal(voltage, tiny_run.samples["voltage_V"][: len(voltage)])


def test_what_cannot_be_exported_is_said_in_words(tmp_path: Path, tiny: Path) -> None:
    (tmp_path / "no.h5").write_bytes(b"no")
    with pytest.raises(RunFileError, match="no journal beside it"):
        export_run(tmp_path / "no.h5", "csv", tmp_path / "out")
    with pytest.raises(BadInput, match="Did you mean 'csv'"):
        export_run(tiny, "cvs", tmp_path / "out")
    dc = tmp_path / "dc.h5"
    settings = (
        "steps.polarization.baseline=5 s",
        "steps.polarization.at_most=10 s",
        "steps.polarization.steady_over=5 s",
    )
    run_it(request(dc, "dc-polarization", "nps", quiet_bench(), settings))
    with pytest.raises(BadInput, match="no spectrum"):
        export_run(dc, "z", tmp_path / "out")
    assert not (tmp_path / "out").exists()
