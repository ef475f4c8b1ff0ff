"""Spectra from tables of numbers: comma, semicolon or tab between the fields, with or without a header.

Without a header the first three columns are frequency (Hz), Z' and Z'' (ohm) with its true sign. With
semicolons or tabs numbers may have decimal commas.
"""

import csv
import re
from pathlib import Path

from solbench.analysis.imports.spectrum import Columns, Line, Spectrum, bad_line, make_spectrum, read_lines
from solbench.protocols.errors import BadInput

_MARK = "simulated / 1"  # the last column of tables that this program exported
_PREFIXES = {"m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6}
_UNIT = re.compile(r"^(.*?)\s*(?:[/(\[]\s*([mkM]?)\s*(Hz|ohms?|Ohms?|Ω|s|sec)\s*[\])]?)?$")
_MEANINGS = {
    "frequency": {"frequency", "freq", "f"},
    "real": {"realimpedance", "real", "re", "rez", "re(z)", "zreal", "z'", "zre", "z_real", "zr"},
    "imaginary": {"imaginaryimpedance", "imaginary", "imag", "im", "imz", "im(z)", "zimag", "z''", "zim"},
    "time": {"testtime", "time", "t"},
}


def read_csv(path: Path) -> Spectrum:
    """Read a table with one spectrum; raises BadInput, OSError."""
    lines = [
        (number, line)
        for number, line in enumerate(read_lines(path), 1)
        if line.strip() and not line.startswith("#")
    ]
    if not lines:
        raise BadInput("the file is empty", "Check the name", file=str(path))
    delimiter = _delimiter(lines[0][1])
    rows: list[Line] = [(number, next(csv.reader([line], delimiter=delimiter))) for number, line in lines]
    meta = {"format": "CSV"}
    if _is_number(rows[0][1][0]):
        columns = Columns(0, 1, 2)
    else:
        (number, names), rows = rows[0], rows[1:]
        columns = _columns(path, number, names)
        if _MARK in names and any(fields[-1:] == ["1"] for _, fields in rows):
            meta["SIMULATED"] = "yes"
    return make_spectrum(path, rows, columns, meta)


def _delimiter(line: str) -> str:
    return next((mark for mark in ("\t", ";") if mark in line), ",")


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True


def _columns(path: Path, line: int, names: list[str]) -> Columns:
    found = {}
    for place, name in enumerate(names):
        meaning, factor = _understood(name)
        if meaning and meaning not in found:
            found[meaning] = (place, factor)
    missing = [meaning for meaning in ("frequency", "real", "imaginary") if meaning not in found]
    if missing:
        raise bad_line(
            path,
            line,
            f"no column of the header is the {missing[0]} part"
            if missing[0] != "frequency"
            else "no column of the header is the frequency",
            "Name the columns 'frequency / Hz', 'real impedance / ohm' and 'imaginary impedance / ohm'",
        )
    (f, f_Hz), (re_, re_ohm), (im, im_ohm) = (found[name] for name in ("frequency", "real", "imaginary"))
    return Columns(f, re_, im, found["time"][0] if "time" in found else None, f_Hz, re_ohm, im_ohm)


def _understood(name: str) -> tuple[str | None, float]:
    """Return what a column is and the factor to Hz, ohm or s, with the sign of a negative imaginary part."""
    matched = _UNIT.match(name.strip())
    assert matched  # its parts are all optional
    word = re.sub(r"[\s_]", "", matched[1]).lower().replace("”", "''").replace('"', "''")
    negative = word.startswith(("-", "negative"))
    word = word.removeprefix("-").removeprefix("negative")
    for meaning, words in _MEANINGS.items():
        if word in words:
            sign = -1.0 if negative and meaning == "imaginary" else 1.0
            return meaning, sign * _PREFIXES[matched[2] or ""]
    return None, 1.0
