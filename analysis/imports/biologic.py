"""Spectra of EC-Lab (`.mpt`, text); for `.mpr` use galvani or yadg and save a table."""

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from solbench.analysis.imports.spectrum import (
    Columns,
    Line,
    Spectrum,
    bad_line,
    make_spectrum,
    number_of,
    read_lines,
)
from solbench.protocols.errors import BadInput

_COUNT = re.compile(r"Nb header lines\s*:\s*(\d+)")
_IMPEDANCE = ("freq/Hz", "Re(Z)/Ohm", "-Im(Z)/Ohm")


def read_biologic(path: Path) -> list[Spectrum]:
    """Read the spectra of a `.mpt` file, one for each cycle number; raises BadInput, OSError.

    Rows without a frequency (readings between spectra) are left out; `meta` tells how many.
    """
    lines = read_lines(path)
    head = _header_lines(path, lines)
    names = [name.strip() for name in lines[head - 1].split("\t")]
    missing = [name for name in _IMPEDANCE if name not in names]
    if missing:
        raise bad_line(
            path, head, f"the column {missing[0]} is missing", "Export an impedance technique (PEIS)"
        )
    frequency, real, imaginary = (names.index(name) for name in _IMPEDANCE)
    time = names.index("time/s") if "time/s" in names else None
    columns = Columns(frequency, real, imaginary, time, imaginary_ohm=-1.0)
    rows = [(number, line.split("\t")) for number, line in enumerate(lines[head:], head + 1) if line.strip()]
    kept = list(_with_frequency(path, rows, frequency))
    meta = {**_meta(lines[2 : head - 1]), "rows without frequency": str(len(rows) - len(kept))}
    if not kept:
        return [make_spectrum(path, kept, columns, meta)]  # which says that there is none
    cycle = names.index("cycle number") if "cycle number" in names else None
    return [
        make_spectrum(path, group, columns, {**meta, "cycle number": label})
        for label, group in groupby(kept, lambda row: _field(row, cycle))
    ]


def _header_lines(path: Path, lines: list[str]) -> int:
    found = _COUNT.search(lines[1]) if len(lines) > 1 and lines[0].startswith("EC-Lab ASCII FILE") else None
    if found is None:
        raise BadInput(
            "this does not begin as an EC-Lab text file (EC-Lab ASCII FILE, Nb header lines)",
            "Export it as text (.mpt) with its header",
            file=str(path),
        )
    count = int(found[1])
    if not 2 < count <= len(lines):
        raise bad_line(
            path, 2, f"it declares {count} header lines, the file has {len(lines)}", "Export it again"
        )
    return count


def _with_frequency(path: Path, rows: list[Line], frequency: int) -> Iterator[Line]:
    for number, fields in rows:
        if len(fields) <= frequency or number_of(path, number, fields[frequency]) != 0:
            yield number, fields


def _field(row: Line, place: int | None) -> str:
    return row[1][place].strip() if place is not None and place < len(row[1]) else ""


def _meta(lines: list[str]) -> dict[str, str]:
    found = {"format": "EC-Lab"}
    for line in lines:
        key, colon, value = line.partition(" : ")
        if colon and key.strip():
            found[key.strip()] = value.strip()
    return found
