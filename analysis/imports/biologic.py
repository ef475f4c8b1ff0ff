"""Spectra of EC-Lab as text (`.mpt`, or any other ending); the binary `.mpr` is refused with what to do.

    EC-Lab ASCII FILE
    Nb header lines : 8
    ...
    freq/Hz  Re(Z)/Ohm  -Im(Z)/Ohm  |Z|/Ohm  Phase(Z)/deg  time/s  cycle number
    1.0000000E+05  2.9036000E+01  -6.3662000E-01  2.9043000E+01  1.2560000E+00  2.580E+00  1.0

Tabs separate the fields, with another one at the end of each line; decimal marks may be commas. Rows without a
frequency are readings between spectra.
"""

import re

from solbench.analysis.imports.spectrum import Spectrum, Text
from solbench.analysis.imports.table import Row, Table, make_header, spectra_of

_FIRST = ("EC-Lab ASCII FILE", "BT-Lab ASCII FILE")
_COUNT = re.compile(r"Nb header lines\s*:\s*(\d+)")
_IMPEDANCE = ("freq/Hz", "Re(Z)/Ohm", "-Im(Z)/Ohm")


def is_biologic(text: Text) -> bool:
    """Say whether the first line is EC-Lab's."""
    return text.lines[0].startswith(_FIRST)


def read_biologic(text: Text) -> list[Spectrum]:
    """Read the spectra of a text file of EC-Lab, one for each sweep; raises BadInput."""
    head = _header_lines(text)
    names = _fields(text.lines[head - 1])
    missing = [name for name in _IMPEDANCE if name not in names]
    if missing:
        raise text.bad(head, f"the column {missing[0]} is missing", "Export an impedance technique (PEIS)")
    rows = [
        Row(number, _fields(line)) for number, line in enumerate(text.lines[head:], head + 1) if line.strip()
    ]
    return spectra_of(text, Table(make_header(head, names), rows, _meta(text.lines[2 : head - 1])))


def _fields(line: str) -> list[str]:
    return [field.strip() for field in line.removesuffix("\t").split("\t")]


def _header_lines(text: Text) -> int:
    found = _COUNT.search(text.lines[1]) if len(text.lines) > 1 else None
    if found is None:
        raise text.bad(2, "'Nb header lines' is missing", "Export the file as text (.mpt) with its header")
    count = int(found[1])
    if not 2 < count <= len(text.lines):
        raise text.bad(
            2, f"it declares {count} header lines, the file has {len(text.lines)}", "Export it again"
        )
    return count


def _meta(lines: list[str]) -> dict[str, str]:
    found = {"format": "EC-Lab"}
    for line in lines:
        key, colon, value = line.partition(" : ")
        if colon and key.strip():
            found[key.strip()] = value.strip()
    return found
