"""Tables of other cyclers, each as its program writes it, of one measurement that is known on paper."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from solbench.analysis.imports.cycling.files import read_cycler
from solbench.analysis.imports.cycling.record import net_charge_C
from solbench.protocols.errors import BadInput

AREA_CM2 = 0.785
TIME_S = np.arange(0.0, 7210.0, 10.0)
CURRENT_A = np.where(TIME_S == 0, 0.0, np.where(TIME_S <= 3600, -2e-4, np.where(TIME_S <= 3660, 0.0, 2e-4)))
VOLTAGE_V = np.where(TIME_S <= 3600, 0.9 - TIME_S / 4000, 0.02 + (TIME_S - 3600) / 4000)
CHARGE_C = -2e-4 * 3600 + 2e-4 * 3540


def corrware() -> str:
    head = "CORRW ASCII\n  CorrWare for Windows: Version 3.5c\nGalvanic Cycle\nDate: 11-02-2026\nTime: 14:00:00\n"
    head += "Begin Information: Cell Information\n  Surface Area:               0.785\nEnd Information\n"
    rows = "".join(
        f"{v:.4E}\t{i / AREA_CM2:.6E}\t{t:.4E}\n"
        for t, v, i in zip(TIME_S, VOLTAGE_V, CURRENT_A, strict=True)
    )
    return f"{head}Data Points: {len(TIME_S)}\n  E(Volts)\tI(A/cm2)\tT(Seconds)\nEnd Comments\n{rows}"


def eclab(comma: bool = False) -> str:
    columns = "mode\tNs\ttime/s\tEwe/V\tI/mA\tcycle number\t"
    head = ["EC-Lab ASCII FILE", "Nb header lines : 6                         ", "", "Galvanostatic Cycling"]
    head += ["Acquisition started on : 11/02/2026 14:00:00.000", columns]
    rows = [
        f"1\t0\t{t:.6E}\t{v:.6E}\t{i * 1e3:.6E}\t0.0\t"
        for t, v, i in zip(TIME_S, VOLTAGE_V, CURRENT_A, strict=True)
    ]
    return "\r\n".join([*head, *((row.replace(".", ",") if comma else row) for row in rows)]) + "\r\n"


def landt() -> str:
    rows = "".join(
        f"1,{1 + (t > 3600)},{t},{i},{v}\n" for t, v, i in zip(TIME_S, VOLTAGE_V, CURRENT_A, strict=True)
    )
    return "cycle_index,step_index,test_time_s,current_a,voltage_v\n" + rows


def unsigned() -> str:
    """Maccor and Landt as text: magnitudes, and a column of the state."""
    states = ["R" if i == 0 else "D" if i < 0 else "C" for i in CURRENT_A]
    rows = "".join(
        f"{n}\t1\t{t:.2f}\t{abs(i):.6f}\t{v:.5f}\t{s}\n"
        for n, (t, v, i, s) in enumerate(zip(TIME_S, VOLTAGE_V, CURRENT_A, states, strict=True), 1)
    )
    return "Rec#\tCycle\tTest(Sec)\tAmps\tVolts\tState\n" + rows


def neware_csv() -> str:
    rows = "".join(
        f"1,2026-11-02 14:00:00,{t},{i * 1e3:.5f},{v}\n"
        for t, v, i in zip(TIME_S, VOLTAGE_V, CURRENT_A, strict=True)
    )
    return "Cycle,DateTime,Total Time(s),Current(mA),Voltage(V)\n" + rows


def bdf() -> str:
    rows = "".join(f"{t},{v},{i},{1.8e9 + t}\n" for t, v, i in zip(TIME_S, VOLTAGE_V, CURRENT_A, strict=True))
    return "Test Time / s,Voltage / V,Current / A,Unix Time / s\n" + rows


FILES = {
    "a.cor": (corrware(), "CorrWare"),
    "a.mpt": (eclab(), "EC-Lab"),
    "b.mpt": (eclab(comma=True), "EC-Lab"),
    "landt.csv": (landt(), "a table"),
    "maccor.txt": (unsigned(), "a table"),
    "neware.csv": (neware_csv(), "a table"),
    "a.bdf.csv": (bdf(), "BDF"),
}


def read(folder: Path, name: str, text: str):
    path = folder / name
    path.write_text(text, encoding="latin-1", newline="")
    return read_cycler(path)


@pytest.mark.parametrize("name", FILES)
def test_readings_are_those_that_were_made(tmp_path, name):
    text, program = FILES[name]
    found = read(tmp_path, name, text)
    assert found.program == program
    assert found.time_s == pytest.approx(TIME_S)
    assert found.voltage_V == pytest.approx(VOLTAGE_V, abs=1e-4)
    assert found.current_A == pytest.approx(CURRENT_A, rel=1e-4, abs=1e-9)
    charge_C, gaps = net_charge_C(found)
    assert (charge_C[-1], gaps) == (pytest.approx(CHARGE_C, rel=2e-3, abs=2e-3), 0)


@pytest.mark.parametrize("name", ["a.cor", "a.mpt", "neware.csv", "a.bdf.csv"])
def test_when_it_began_is_read_where_it_is_written(tmp_path, name):
    assert read(tmp_path, name, FILES[name][0]).started_unix_s is not None


def test_a_table_without_area_says_that_its_currents_are_per_area(tmp_path):
    found = read(tmp_path, "a.cor", corrware().replace("0.785", "0"))
    assert found.per_area
    assert found.current_A.min() == pytest.approx(-2e-4 / (AREA_CM2 * 1e-4), rel=1e-4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n".join(unsigned().replace("\tState", "\tRemark").splitlines()), "lost their sign"),
        (landt().replace("current_a", "current"), "with their units"),
        (neware_csv().replace("Current(mA)", "Current(furlong)"), "with their units"),
        (bdf().replace("50.0,0.8875", "50.0,abc"), "is not a number"),
        (bdf().replace("\n60.0,", "\n1.0,"), "before that of the one above"),
        (eclab().replace("I/mA", "control/V"), "I/mA is missing"),
        (corrware().replace("End Comments", ""), "End Comments"),
        (bdf().replace("1800000000.0", "today"), "'today' is not a number"),
        (
            eclab().replace("mode\t", "freq/Hz\t").replace("\n1\t0\t1.000000E+01", "\nx\t0\t1.000000E+01"),
            "fewer than",
        ),
        (landt().splitlines()[0] + "\n1,1,0,1e-3,1\n", "fewer than two readings"),
    ],
)
def test_what_cannot_be_read_or_in_two_ways_is_refused_in_a_paragraph(tmp_path, text, message):
    with pytest.raises(BadInput, match=message):
        read(tmp_path, "x.txt", text)


def test_a_file_of_neware_is_read_step_by_step(tmp_path, monkeypatch):
    """Its `Time` begins anew with each step, and its times of day are whole seconds."""
    neware = pytest.importorskip("NewareNDA")
    pandas = pytest.importorskip("pandas")
    steps = np.where(TIME_S <= 3600, 1, np.where(TIME_S <= 3660, 2, 3))
    starts = np.array([0.0, 3600.0, 3660.0])[steps - 1]
    table = pandas.DataFrame(
        {
            "Step": steps,
            "Time": TIME_S - starts,
            "Voltage": VOLTAGE_V,
            "Current(mA)": CURRENT_A * 1e3,
            "Timestamp": pandas.to_datetime(1.8e9 + np.floor(TIME_S), unit="s"),
        }
    )
    monkeypatch.setattr(neware, "read", lambda _path: table)
    path = tmp_path / "a.ndax"
    path.write_bytes(b"PK")
    found = read_cycler(path)
    assert found.time_s == pytest.approx(TIME_S, abs=1.0)
    assert net_charge_C(found)[0][-1] == pytest.approx(CHARGE_C, abs=2e-3)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (([], [], []), "fewer than two readings"),
        (([1.0, 2.0], [None, None], [None, None]), "fewer than two readings"),
        ((["1", "x"], [1.0, 1.0], [0.0, 0.0]), "something else than numbers"),
    ],
)
def test_a_parquet_table_without_readings_is_refused(tmp_path, columns, message):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    names = ("Test Time / s", "Voltage / V", "Current / A")
    parquet.write_table(pyarrow.table(dict(zip(names, columns, strict=True))), tmp_path / "a.parquet")
    with pytest.raises(BadInput, match=message):
        read_cycler(tmp_path / "a.parquet")


@pytest.mark.parametrize("data", [b"PAR1", b"PAR1" + b"x" * 100 + b"PAR1"])
def test_a_damaged_parquet_file_is_refused(tmp_path, data):
    pytest.importorskip("pyarrow")
    path = tmp_path / "a.parquet"
    path.write_bytes(data)
    with pytest.raises(BadInput, match="pyarrow cannot read it"):
        read_cycler(path)


def test_a_binary_file_that_is_none_is_refused(tmp_path):
    path = tmp_path / "a.nda"
    path.write_bytes(b"no such thing")
    with pytest.raises(BadInput, match="NewareNDA"):
        read_cycler(path)
