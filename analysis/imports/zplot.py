"""Spectra of ZPlot and ZView, of both dialects, and of programs that write as ZPlot does (Autolab, CorrTest).

The newer dialect begins with `ZPLOT2 ASCII`, its rows are separated by tabs:

      Freq(Hz)  Ampl  Bias  Time(Sec)  Z'(a)  Z''(b)  GD  Err  Range
    End Comments
    1.000000E+05  1.0000E-02  0.0000E+00  2.580000E+00  2.9036E+01  6.3662E-01  0.0000E+00  0  4

The older one begins with a quoted `ZPlotW Data File` or `Z60W Data File`; the number of points and the quoted names,
separated by blanks or commas, stand before the rows, which are separated by commas:

    2
    "  Freq(Hz)    Ampl     Bias   Time(Sec)   Z'(a)    Z''(b)    GD   Err   Range"
    1.0000E+05, 1.0000E-02, 0.0000E+00, 2.5800E+00, 2.9036E+01, 6.3662E-01, 0.0000E+00, 0, 4

Z'' carries its true sign in both. `Err` is the error digit of the analyzer.
"""

import re

from solbench.analysis.imports.spectrum import Spectrum, Text
from solbench.analysis.imports.table import Row, Table, make_header, spectra_of

UNTRUSTED = "UNTRUSTED, no fit uses them"
"""Key of the comment in which a file of this program names frequencies for which its bench was not known."""
_FIRST = re.compile(r'\s*("?ZPLOT2 ASCII|"?(ZPlotW|Z60W) Data File)', re.IGNORECASE)
_BETWEEN_NAMES = re.compile(r'\t|"?\s*,\s*"?|\s{2,}')
_BETWEEN_FIELDS = re.compile(r"\t|,\s*")
_DECLARED = re.compile(r"\s*(?:Data Points:\s*)?(\d+)\s*")


def is_zplot(text: Text) -> bool:
    """Say whether the first line is one of ZPlot's."""
    return _FIRST.match(text.lines[0]) is not None


def read_zplot(text: Text) -> list[Spectrum]:
    """Read the spectra; raises BadInput. `meta` holds the lines `Key: value` of the header."""
    starts = [number for number, line in enumerate(text.lines) if _FIRST.match(line)]
    ends = [*starts[1:], len(text.lines)]
    return [
        spectrum
        for start, end in zip(starts, ends, strict=True)
        for spectrum in spectra_of(text, _table(text, start, end))
    ]


def _table(text: Text, start: int, end: int) -> Table:
    """Read the lines from `start` to `end` (from 0) as one table."""
    head = next((n for n in range(start, end) if re.search(r"Freq\s*\(Hz\)", text.lines[n])), None)
    if head is None:
        raise text.bad_file(
            "no line names the columns (Freq(Hz), Z'(a), Z''(b))",
            "Save it in ZPlot or ZView as a .z file with its header",
        )
    names = [name.strip(' "') for name in _BETWEEN_NAMES.split(text.lines[head].strip(' "'))]
    first = head + 1
    if first < end and text.lines[first].strip() == "End Comments":
        first += 1
    rows = [
        Row(number + 1, _fields(text.lines[number]))
        for number in range(first, end)
        if text.lines[number].strip()
    ]
    header = make_header(head + 1, names)
    meta = _meta(text.lines[start:head])
    marked = meta.get(UNTRUSTED, "").split()
    untrusted = frozenset(row.line for row in rows if row.fields[0] in marked)
    return Table(header, rows, meta, _declared(text.lines[start:head]), untrusted=untrusted)


def _fields(line: str) -> list[str]:
    """Split at tabs where there are any: then a comma is a decimal mark."""
    line = line.strip()
    return line.split("\t") if "\t" in line else _BETWEEN_FIELDS.split(line)


def _declared(lines: list[str]) -> int | None:
    """Return the number of points; in the older dialect it stands alone in the last line before the names."""
    marked = [line for line in lines if line.strip().startswith("Data Points:")]
    found = _DECLARED.fullmatch((marked or lines[-1:] or [""])[-1])
    return int(found[1]) if found else None


def _meta(lines: list[str]) -> dict[str, str]:
    found = {"format": "ZPlot"}
    for line in lines:
        key, colon, value = line.strip().strip('"').partition(":")
        if colon and key and not key.startswith(("Begin ", "End ")):
            found[key.strip()] = value.strip()
    return found
