"""Spectra of Gamry (`.DTA`): the tables ZCURVE, with decimal points or, from European computers, commas.

    EXPLAIN
    TAG  EISPOT
    ZCURVE  TABLE  29
      Pt  Time  Freq  Zreal  Zimag  Zsig  Zmod  Zphz  Idc  Vdc  IERange
      #  s  Hz  ohm  ohm  V  ohm  deg  A  V  #
      0  2  10000  124.27  -50.04  1  133.97  -21.93  1E-9  0.3  8

Names, units and rows of a table begin with a tab; a table ends where a line of the header's kind follows.
"""

import re

from solbench.analysis.imports.spectrum import Spectrum, Text
from solbench.analysis.imports.table import Row, Table, make_header, spectra_of

_NEXT = re.compile(r"[A-Za-z]\w*\t")  # a line of another table or of the header
_CORRECTED = "ZrealDrCor"


def is_gamry(text: Text) -> bool:
    """Say whether the first line is Gamry's."""
    return text.lines[0].strip() == "EXPLAIN"


def read_gamry(text: Text) -> list[Spectrum]:
    """Read the spectra of a `.DTA` file, those of each table ZCURVE; raises BadInput."""
    tables = [number for number, line in enumerate(text.lines) if _is_table(line)]
    if not tables:
        raise text.bad_file("there is no table ZCURVE in it", "Take a file of an impedance experiment")
    meta = _meta(text.lines[: tables[0]])
    return [spectrum for first in tables for spectrum in spectra_of(text, _table(text, first, meta))]


def _is_table(line: str) -> bool:
    fields = line.split("\t")
    return fields[0].startswith("ZCURVE") and fields[1:2] == ["TABLE"]


def _table(text: Text, first: int, meta: dict[str, str]) -> Table:
    """Read the table whose first line is `first` (from 0)."""
    if len(text.lines) < first + 3:
        raise text.bad(first + 1, "the table breaks off before its names and units", "Export it again")
    names, units = (text.lines[first + after].removeprefix("\t").split("\t") for after in (1, 2))
    rows, notes = [], []
    for number, line in enumerate(text.lines[first + 3 :], first + 4):
        if _NEXT.match(line):
            if line.startswith("EXPERIMENTABORTED\tTOGGLE\tT"):
                notes.append("the experiment was aborted")
            break
        if line.strip():
            rows.append(Row(number, _fields(line, len(names))))
    if _CORRECTED in names:
        notes.append(f"values as measured; those corrected for drift ({_CORRECTED}, ...) left out")
    declared = text.lines[first].split("\t")[2:3]
    return Table(
        make_header(first + 2, names, units),
        rows,
        meta,
        int(declared[0]) if declared and declared[0].strip().isdigit() else None,
        notes=tuple(notes),
    )


def _fields(line: str, wanted: int) -> list[str]:
    """Split at tabs, and at blanks where these have replaced the tabs."""
    fields = line.removeprefix("\t").split("\t")
    return fields if len(fields) == wanted else line.split()


def _meta(lines: list[str]) -> dict[str, str]:
    found = {"format": "Gamry"}
    for line in lines:
        fields = line.split("\t")
        if len(fields) >= 3 and fields[0] and fields[1] != "TABLE":
            found[fields[0]] = fields[2].strip()
    return found
