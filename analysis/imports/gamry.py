"""Spectra of Gamry (`.DTA`): the tables ZCURVE, with decimal points or, from European computers, commas."""

from pathlib import Path

from solbench.analysis.imports.spectrum import Columns, Line, Spectrum, bad_line, make_spectrum, read_lines
from solbench.protocols.errors import BadInput

_IMPEDANCE = ("Freq", "Zreal", "Zimag")


def read_gamry(path: Path) -> list[Spectrum]:
    """Read the spectra of a `.DTA` file, one for each table ZCURVE; raises BadInput, OSError."""
    lines = read_lines(path)
    if not lines or lines[0].strip() != "EXPLAIN":
        raise BadInput("this does not begin as a Gamry file (EXPLAIN)", "Check the name", file=str(path))
    tables = [number for number, line in enumerate(lines) if _is_table(line)]
    if not tables:
        raise BadInput(
            "there is no table ZCURVE in it", "Take a file of an impedance experiment", file=str(path)
        )
    meta = _meta(lines[: tables[0]])
    return [_table(path, lines, first, meta) for first in tables]


def _is_table(line: str) -> bool:
    fields = line.split("\t")
    return fields[0].startswith("ZCURVE") and fields[1:2] == ["TABLE"]


def _table(path: Path, lines: list[str], first: int, meta: dict[str, str]) -> Spectrum:
    if len(lines) < first + 3:
        raise bad_line(path, first + 1, "the table breaks off before its names and units", "Export it again")
    names = [name.strip() for name in lines[first + 1].split("\t")]
    missing = [name for name in _IMPEDANCE if name not in names]
    if missing:
        raise bad_line(path, first + 2, f"the column {missing[0]} is missing", "Export it again")
    frequency, real, imaginary = (names.index(name) for name in _IMPEDANCE)
    time = names.index("Time") if "Time" in names else None
    rows: list[Line] = []
    for number, line in enumerate(lines[first + 3 :], first + 4):
        if not line.startswith("\t"):
            break
        rows.append((number, line.split("\t")))
    return make_spectrum(path, rows, Columns(frequency, real, imaginary, time), meta)


def _meta(lines: list[str]) -> dict[str, str]:
    found = {"format": "Gamry"}
    for line in lines:
        fields = line.split("\t")
        if len(fields) >= 3 and fields[0] and fields[1] != "TABLE":
            found[fields[0]] = fields[2].strip()
    return found
