"""Spectra of other programs, against their literal lines and against impedance.py's readers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from impedance import preprocessing

from solbench.analysis.imports.files import read_spectra
from solbench.protocols.errors import BadInput
from tests.analysis.imports.files import ZPLOT2, ZPLOTW, dta, mpt

ROWS = [(1e5, 10.25, -1.5, 1.0, 1.0), (1e3, 20.5, 3.25, 2.0, 1.0), (10.0, 31.0, 0.125, 4.0, 1.0)]


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


@pytest.mark.parametrize(
    ("names", "times_s"),
    [
        ("Time / min", [60.0, 120.0]),
        ("Time / hr", None),
        ("T / K", None),
        ("T / degC,Elapsed Time / h", [3600.0, 7200.0]),
    ],
)
def test_only_a_time_whose_unit_is_known_is_one(
    tmp_path: Path, names: str, times_s: list[float] | None
) -> None:
    rows = [",".join([str(n)] * (names.count(",") + 1)) for n in (1, 2)]
    text = f"f / Hz,Z' / ohm,Z'' / ohm,{names}\n1000,5.5,-2,{rows[0]}\n10,6,-3,{rows[1]}\n"
    (found,) = read_spectra(write(tmp_path / "a.csv", text))
    assert found.impedance_ohm.tolist() == [5.5 - 2j, 6 - 3j]
    assert (None if found.time_s is None else found.time_s.tolist()) == times_s


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.z", ZPLOT2.replace("2.9046E+01", "2.9O46E+01"), ["a.z, line 12", "'2.9O46E+01' is not a number"]),
        ("a.z", ZPLOT2[:-60], ["a.z, line 12", "fields where 9 are needed", "broke off"]),
        ("a.z", ZPLOT2.replace("Z''(b)", "Y"), ["a.z, line 9", "no column is the imaginary part"]),
        ("a.z", "ZPLOT2 ASCII\n", ["no line names the columns"]),
        ("a.z", ZPLOT2[: ZPLOT2.index("5.0000")], ["contains no points"]),
        ("a.mpt", "hello\n", ["line 1", "no column is the frequency"]),
        ("a.mpt", "EC-Lab ASCII FILE\nhello\n", ["line 2", "'Nb header lines' is missing"]),
        ("a.mpt", mpt(ROWS).replace("lines : 8", "lines : 80"), ["line 2", "80 header lines"]),
        ("a.mpt", mpt(ROWS).replace("-Im(Z)/Ohm", "Ewe/V"), ["line 8", "-Im(Z)/Ohm is missing"]),
        ("a.mpr", "BIO-LOGIC MODULAR FILE\x1a\0", ["binary file of EC-Lab", "Export it as text"]),
        ("a.DTA", "EXPLAIN\nTAG\tCV\n", ["no table ZCURVE"]),
        ("a.par", "<Application>\n</Application>\n", ["no segment of it holds a spectrum"]),
        ("a.csv", "when,what\n1,2\n", ["line 1", "no column is the frequency", "'frequency / Hz'"]),
        ("a.csv", "f,re,im\n1,2\n", ["line 2", "2 fields where 3 are needed"]),
        ("a.csv", "f,re,im\n-1,2,3\n", ["line 2", "-1 is not above zero"]),
        ("a.csv", "f,re,im\n0,2,3\n", ["line 2", "0 is not above zero"]),
        ("a.csv", "f,re,im\n1,nan,3\n", ["line 2", "'nan' is not a number"]),
        ("a.csv", "f,re,im\n1,1e999,3\n", ["line 2", "too large"]),
        ("a.csv", "f,re,im\n10,2,3\nover,load,!\n1,2,3\n", ["line 3", "'over' is not a number"]),
        ("a.csv", "10,2,3\nf,re,im\n1,2,3\n", ["line 1", "numbers stand above the names", "line 2"]),
        ("a.csv", "f,re,im,im\n10,2,3,4\n", ["line 1", "'im' and 'im' may both be the imaginary"]),
        ("a.csv", "", ["empty"]),
        ("a.csv", "a\0b", ["binary"]),
        ("a.xlsx", "PK\x03\x04", ["workbook", "Save its sheet as CSV"]),
    ],
)
def test_what_cannot_be_read_is_said_in_words(tmp_path: Path, name: str, text: str, words: list[str]) -> None:
    with pytest.raises(BadInput) as caught:
        read_spectra(write(tmp_path / name, text))
    said = str(caught.value)
    assert str(tmp_path / name) in said
    assert [word for word in words if word not in said] == []
    assert said.count("\n") == 0


AMBIGUOUS = {
    "thousands, or decimal commas": (
        "f\tre\tim\n10,000\t124\t-50\n1,000\t150\t-20\n",
        ["line 2", "'10,000'"],
    ),
    "commas and points": ("f\tre\tim\n10,5\t124.2\t-50\n", ["'10,5' has a comma", "point ('124.2')"]),
    "points of thousands": ("f;re;im\n10.000;5;-1\n1.000;6;-2\n100;7;-3\n", ["line 2", "'10.000'"]),
    "a running number, or Hz": ("1,10,5,-2\n2,1,6,-3\n", ["line 1", "4 columns without a header"]),
    "a sign that nobody wrote": ("10,5,2\n1,6,3\n", ["line 1", "is this -Z''?"]),
    "degrees or radians": ("f,|Z|,phase\n10,5,-0.5\n1,6,-0.7\n", ["line 1", "degrees or radians"]),
    "milli or mega": ("f (MHZ),re,im\n10,5,-2\n", ["line 1", "'MHZ'"]),
    "an area that is not in the file": ("f,Z' (ohm cm2),Z''\n10,5,-2\n", ["line 1", "'ohm cm2'", "area"]),
    "disorder, or several": ("f,re,im\n1,5,-2\n10,5,-2\n5,4,-1\n7,4,-1\n6,3,-1\n", ["line 4", "up and down"]),
    "a real part below zero": ("f,re,im\n10,-5,-2\n1,-6,-3\n", ["line 2", "is this -Z'"]),
    "|Z| of something else": ("f,re,im,|Z|\n10,3,-4,5\n1,3,-4,8\n", ["line 3", "'|Z|' is not that"]),
    "a last number that is torn": (
        "f,re,im\n9,1.25,-2.25\n8,1.25,-2.25\n7,1.25,-2.25\n6,1.25,-2",
        ["line 5", "ends within this line"],
    ),
}


def table(rows: Callable[[float, complex], tuple[float, ...]], names: str = "f,re,im") -> str:
    """A table of an arc and a tail, each point written as `rows` says."""
    f = np.geomspace(1e5, 1.0, 20)
    s = 2j * np.pi * f
    z = 20 + 100 / (1 + s * 1e-3) + 1 / (s * 1e-3)
    lines = [",".join(map(repr, rows(*point))) for point in zip(f.tolist(), z.tolist(), strict=True)]
    return "\n".join([*([names] if names else []), *lines, ""])


CONTRADICTIONS = {
    "-Z'' called Z''": (
        table(lambda f, z: (f, z.real, -z.imag)),
        "with the other sign of the imaginary part",
    ),
    "Z' and Z'' exchanged": (table(lambda f, z: (f, -z.imag, z.real)), "'re' and 'im' were exchanged"),
    "f and Z' exchanged": (table(lambda f, z: (z.real, f, z.imag)), "'f' and 're' were exchanged"),
    "a number in place of f": (
        table(lambda f, z: (float(np.log(f) + 2), z.real, z.imag, f), "f,re,im,time"),
        "'time' in equal ratios, as a frequency",
    ),
    "log f called f": (table(lambda f, z: (float(np.log10(f)) + 0.1, z.real, z.imag)), "a logarithm"),
    "modulus and phase without a header": (
        table(lambda f, z: (f, abs(z), float(np.degrees(np.angle(z)))), ""),
        "|Z| and phase in degrees",
    ),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_columns_that_no_impedance_has_are_refused(tmp_path: Path, case: str) -> None:
    text, words = CONTRADICTIONS[case]
    with pytest.raises(BadInput) as caught:
        read_spectra(write(tmp_path / "a.csv", text))
    assert words in str(caught.value)
    assert ", line " in str(caught.value)


def test_what_is_no_contradiction_is_read(tmp_path: Path) -> None:
    f = np.geomspace(1e5, 1.0, 20)
    bar = "\n".join(f"{x!r},0.005,{2e-6 * np.pi * x!r}" for x in f.tolist())
    (found,) = read_spectra(write(tmp_path / "bar.csv", "f,Z',Z''\n" + bar + "\n"))
    assert np.all(found.impedance_ohm.imag > 0)  # an inductance, as declared
    (noisy,) = read_spectra(
        write(
            tmp_path / "a.csv", table(lambda f, z: (f, float(z.real * (1 + 0.1 * np.sin(7e3 * f))), z.imag))
        )
    )
    assert len(noisy.frequency_Hz) == 20


@pytest.mark.parametrize("case", AMBIGUOUS)
def test_what_can_be_read_in_two_ways_is_refused_with_its_line(tmp_path: Path, case: str) -> None:
    text, words = AMBIGUOUS[case]
    with pytest.raises(BadInput) as caught:
        read_spectra(write(tmp_path / "a.csv", text))
    assert [word for word in words if word not in str(caught.value)] == []


def test_points_with_an_error_are_left_out_and_told(tmp_path: Path) -> None:
    text = ZPLOT2.replace("0.0000E+00\t0\t4\n", "0.0000E+00\t82\t4\n", 1).replace(
        "Points:                2", "Points: 9"
    )
    (found,) = read_spectra(write(tmp_path / "a.z", text))
    assert found.frequency_Hz.tolist() == [39716.41]
    assert found.notes == (
        "2 of 9 points that the file declares",
        "1 row with an error of the instrument left out (error 82; line 11)",
    )
    with pytest.raises(BadInput, match="each of its points has an error"):
        read_spectra(write(tmp_path / "b.z", text.replace("0.0000E+00\t0\t4", "0.0000E+00\t7\t4")))


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("f,re,im\n9,1,-1\n5,1,-1\n1,1,-1\n9,1,-1\n5,1,-1\n1,1,-1\n", [3, 3]),
        ("f,re,im\n9,1,-1\n5,1,-1\n1,1,-1\n\nf,re,im\n9,1,-1\n", [3, 1]),
        ("f,re,im\n9,1,-1\n5,1,-1\n1,1,-1\n1,1,-1\n5,1,-1\n9,1,-1\n", [3, 3]),
        ("cycle,f,re,im\n1,9,1,-1\n1,5,1,-1\n1,3,1,-1\n2,2,1,-1\n2,1,1,-1\n2,.5,1,-1\n", [3, 3]),
        ("cycle,f,re,im\n1,9,1,-1\n2,5,1,-1\n3,1,1,-1\n", [3]),
    ],
)
def test_sweeps_in_one_table_are_parted(tmp_path: Path, text: str, sizes: list[int]) -> None:
    assert [len(found.frequency_Hz) for found in read_spectra(write(tmp_path / "a.csv", text))] == sizes


def test_names_decide_nothing(tmp_path: Path) -> None:
    assert len(read_spectra(write(tmp_path / "eclab.txt", mpt(ROWS)))) == 1
    assert len(read_spectra(write(tmp_path / "zplot.csv", ZPLOT2 + "\x1a"))) == 1
    assert len(read_spectra(write(tmp_path / "excel.dat", "f\tre\tim\n9\t1\t-1\n", "utf-16"))) == 1


def test_what_a_reader_leaves_to_the_user_is_told(tmp_path: Path) -> None:
    rows = [(t, f, re, -im) for f, re, im, t, _ in ROWS]
    aborted = dta(rows).replace("Zphz", "ZrealDrCor") + "EXPERIMENTABORTED\tTOGGLE\tT\tExperiment Aborted\n"
    (found,) = read_spectra(write(tmp_path / "a.DTA", aborted.replace("ZCURVE\tTABLE", "ZCURVE\tTABLE\t5")))
    assert found.notes == (
        "the experiment was aborted",
        "values as measured; those corrected for drift (ZrealDrCor, ...) left out",
        "3 of 5 points that the file declares",
    )
