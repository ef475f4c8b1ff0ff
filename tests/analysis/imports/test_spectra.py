"""Spectra of other programs, against their literal lines and against impedance.py's readers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from impedance import preprocessing

from solbench.analysis.imports.files import read_spectra
from solbench.protocols.errors import BadInput
from tests.analysis.imports.files import ZPLOT2, ZPLOTW, dta, mpt

ROWS = [(1e5, 10.25, -1.5, 1.0, 1.0), (1e3, 20.5, 3.25, 2.0, 1.0), (10.0, 31.0, 0.125, 4.0, 1.0)]
numbers = st.floats(-1e12, 1e12, allow_nan=False).map(lambda x: x if abs(x) > 1e-12 else 0.0)
points = st.lists(st.tuples(st.floats(1e-6, 1e8), numbers, numbers), min_size=1, max_size=20)


def write(path: Path, text: str, encoding: str = "latin-1") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_newer_zplot(tmp_path: Path, ends: str) -> None:
    path = write(tmp_path / "new.z", ZPLOT2.replace("\n", ends))
    (found,) = read_spectra(path)
    assert found.frequency_Hz.tolist() == [50000.0, 39716.41]
    assert found.impedance_ohm.tolist() == [29.036 + 0.63662j, 29.046 - 0.34713j]
    assert found.time_s is not None
    assert found.time_s.tolist() == [2.59, 3.28]
    assert found.meta["Date"] == "10-12-2018"
    assert found.meta["Open Circuit Potential (V)"] == "0.0033"
    f, z = preprocessing.readZPlot(str(path))
    assert np.array_equal(f, found.frequency_Hz)
    assert np.array_equal(z, found.impedance_ohm)


def test_older_zplot(tmp_path: Path) -> None:
    path = write(tmp_path / "old.z", ZPLOTW)
    (found,) = read_spectra(path)
    assert found.frequency_Hz.tolist() == [50000.0, 39716.0]
    assert found.impedance_ohm.tolist() == [29.036 + 0.63662j, 29.046 - 0.34713j]
    assert np.array_equal(preprocessing.readZPlot(str(path))[1], found.impedance_ohm)


@pytest.mark.parametrize("decimal", [".", ","])
def test_biologic(tmp_path: Path, decimal: str) -> None:
    path = write(tmp_path / "peis.mpt", mpt(ROWS, decimal))
    (found,) = read_spectra(path)
    assert found.frequency_Hz.tolist() == [1e5, 1e3, 10.0]
    assert found.impedance_ohm.tolist() == [10.25 + 1.5j, 20.5 - 3.25j, 31.0 - 0.125j]
    assert found.time_s is not None
    assert found.time_s.tolist() == [1.0, 2.0, 4.0]
    if decimal == ".":
        f, z = preprocessing.readBioLogic(str(path))
        assert np.array_equal(f, found.frequency_Hz)
        assert np.array_equal(z, found.impedance_ohm)


def test_biologic_with_several_cycles(tmp_path: Path) -> None:
    rows = [*ROWS, (0.0, 0.0, 0.0, 5.0, 1.0), *[(f, re + 1, im, t, 2.0) for f, re, im, t, _ in ROWS]]
    first, second = read_spectra(write(tmp_path / "peis.mpt", mpt(rows)))
    assert np.array_equal(second.impedance_ohm, first.impedance_ohm + 1)
    assert first.meta["rows without frequency"] == "1"


@pytest.mark.parametrize("decimal", [".", ","])
def test_gamry(tmp_path: Path, decimal: str) -> None:
    text = dta([(t, f, re, -im) for f, re, im, t, _ in ROWS], decimal)
    path = write(tmp_path / "eis.DTA", text)
    (found,) = read_spectra(path)
    assert found.impedance_ohm.tolist() == [10.25 + 1.5j, 20.5 - 3.25j, 31.0 - 0.125j]
    assert found.meta["DATE"] == "3/12/2021"
    f, z = preprocessing.readGamry(str(path))
    assert np.array_equal(f, found.frequency_Hz)
    assert np.array_equal(z, found.impedance_ohm)


@pytest.mark.parametrize(
    ("text", "impedance"),
    [
        ("1000,5.5,-2\n10,6,-3\n", [5.5 - 2j, 6 - 3j]),
        (
            "frequency / Hz,real impedance / ohm,imaginary impedance / ohm\n1000,5.5,-2\n10,6,-3\n",
            [5.5 - 2j, 6 - 3j],
        ),
        ("freq (kHz);Z' (mohm);-Z'' (mohm)\n1;5,5;2\n0,01;6;3\n", [5.5e-3 - 2e-3j, 6e-3 - 3e-3j]),
        (
            "# a remark\nFrequency/Hz\tRe(Z)/kOhm\t-Im(Z)/Ohm\n1000\t5,5\t2\n10\t6\t3\n",
            [5500 - 2j, 6000 - 3j],
        ),
        ("time [s],Zreal [ohm],Zimag [ohm],f [Hz]\n1,5.5,-2,1000\n2,6,-3,10\n", [5.5 - 2j, 6 - 3j]),
    ],
)
def test_csv(tmp_path: Path, text: str, impedance: list[complex]) -> None:
    (found,) = read_spectra(write(tmp_path / "a.csv", text))
    assert found.frequency_Hz.tolist() == pytest.approx([1000.0, 10.0], rel=1e-15)
    assert found.impedance_ohm.tolist() == pytest.approx(impedance, rel=1e-15)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(points=points, delimiter=st.sampled_from([",", ";", "\t"]))
def test_any_csv_comes_back(tmp_path: Path, points: list[tuple[float, float, float]], delimiter: str) -> None:
    lines = [delimiter.join(("f/Hz", "Z'/ohm", "Z''/ohm"))]
    lines += [delimiter.join(map(repr, point)) for point in points]
    (found,) = read_spectra(write(tmp_path / "any.csv", "\n".join(lines)))
    assert found.frequency_Hz.tolist() == [f for f, _, _ in points]
    assert found.impedance_ohm.tolist() == [complex(re, im) for _, re, im in points]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.z", ZPLOT2.replace("2.9046E+01", "2.9O46E+01"), ["a.z, line 12", "'2.9O46E+01' is not a number"]),
        ("a.z", ZPLOT2[:-60], ["a.z, line 12", "fields where 6 are needed", "broke off"]),
        ("a.z", ZPLOT2.replace("Z''(b)", "Y"), ["a.z, line 9", "Z''(b) is missing"]),
        ("a.z", "nothing", ["no line names the columns"]),
        ("a.z", ZPLOT2[: ZPLOT2.index("5.0000")], ["contains no points"]),
        ("a.mpt", "hello\n", ["EC-Lab ASCII FILE"]),
        ("a.mpt", mpt(ROWS).replace("lines : 8", "lines : 80"), ["line 2", "80 header lines"]),
        ("a.mpt", mpt(ROWS).replace("-Im(Z)/Ohm", "Ewe/V"), ["line 8", "-Im(Z)/Ohm is missing"]),
        ("a.DTA", "EXPLAIN\nTAG\tCV\n", ["no table ZCURVE"]),
        ("a.csv", "when,what\n1,2\n", ["line 1", "frequency", "'frequency / Hz'"]),
        ("a.csv", "f,re,im\n1,2\n", ["line 2", "2 fields where 3 are needed"]),
        ("a.csv", "f,re,im\n-1,2,3\n", ["line 2", "-1 is not above zero"]),
        ("a.csv", "f,re,im\n1,nan,3\n", ["line 2", "'nan' is not a number"]),
        ("a.csv", "f,re,im\n1,1e999,3\n", ["line 2", "too large"]),
        ("a.csv", "", ["empty"]),
        ("a.csv", "a\0b", ["binary"]),
        ("a.xls", "", ["'.xls' are not known", ".dta"]),
    ],
)
def test_what_cannot_be_read_is_said_in_words(tmp_path: Path, name: str, text: str, words: list[str]) -> None:
    with pytest.raises(BadInput) as caught:
        read_spectra(write(tmp_path / name, text))
    said = str(caught.value)
    assert str(tmp_path / name) in said
    assert [word for word in words if word not in said] == []
    assert said.count("\n") == 0
