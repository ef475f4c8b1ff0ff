"""Spectra of ZPlot and ZView (`.z`), both dialects.

The newer one begins with `ZPLOT2 ASCII`, its rows are separated by tabs; the older one begins with a quoted
`ZPlotW Data File`, its rows by comma and space. Z'' carries its true sign in both.
"""

import re
from pathlib import Path

from solbench.analysis.imports.spectrum import Columns, Line, Spectrum, make_spectrum, read_lines
from solbench.protocols.errors import BadInput

_SEPARATOR = re.compile(r"\t|, ")
_NAMES = ("Freq(Hz)", "Z'(a)", "Z''(b)", "Time(Sec)")


def read_zplot(path: Path) -> Spectrum:
    """Read a `.z` file; raises BadInput, OSError. `meta` holds the lines `Key: value` of its header."""
    lines = read_lines(path)
    head = next((number for number, line in enumerate(lines) if "Freq(Hz)" in line), None)
    if head is None:
        raise BadInput(
            "no line names the columns (Freq(Hz), Z'(a), Z''(b))",
            "Save it in ZPlot or ZView as a .z file with its header",
            file=str(path),
        )
    ends = [number for number, line in enumerate(lines) if line.strip() == "End Comments"]
    first = (ends[-1] if ends else head) + 1
    rows: list[Line] = [
        (number, _SEPARATOR.split(line.strip()))
        for number, line in enumerate(lines[first:], first + 1)
        if line.strip()
    ]
    return make_spectrum(path, rows, _columns(path, head, lines[head]), _meta(lines[:head]))


def _columns(path: Path, head: int, line: str) -> Columns:
    names = [name.strip(' "') for name in re.split(r"\t|,", line.strip())]
    missing = [name for name in _NAMES[:3] if name not in names]
    if missing:
        raise BadInput(
            f"the column {' and '.join(missing)} is missing",
            "Save frequency, Z' and Z''",
            file=f"{path}, line {head + 1}",
        )
    frequency, real, imaginary = (names.index(name) for name in _NAMES[:3])
    time = names.index(_NAMES[3]) if _NAMES[3] in names else None
    return Columns(frequency, real, imaginary, time)


def _meta(lines: list[str]) -> dict[str, str]:
    found = {"format": "ZPlot"}
    for line in lines:
        key, colon, value = line.strip().strip('"').partition(":")
        if colon and key and not key.startswith(("Begin ", "End ")):
            found[key.strip()] = value.strip()
    return found
