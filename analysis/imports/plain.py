"""Spectra from tables of any program: words may stand before the table, its header says what the columns are.

Fields are separated by tabs, semicolons, commas or blanks; decimal marks may be commas except where these separate.
Names as programs write them, one of each:

    frequency / Hz,real impedance / ohm,imaginary impedance / ohm      this program
    Freq/Hz, Z'/ohm, Z"/ohm, Z/ohm, Phase/deg                          CH Instruments
    Index;Frequency (Hz);Z' (ohm);-Z'' (ohm);Z (ohm);-Phase (deg)      Nova (Autolab)
    Frequency  Zre  Zimg                                               PowerSuite
    Potential (V)  Current (A)  Elapsed Time (s)  Frequency (Hz)  Zre (ohms)  Zim (ohms)    PowerSuite, PARSTAT
    Number  Frequency/Hz  Impedance/Ohm  Phase/deg  Significance  Time/s                    Thales (Zahner)
    freq,Zre,-Zim                                                      scripts

Without a header three columns are frequency (Hz), Z' and Z'' (ohm) with its true sign, as impedance.py reads them.
"""

import csv
import re
from collections.abc import Iterator

from solbench.analysis.imports.numbers import is_number
from solbench.analysis.imports.spectrum import Spectrum, Text
from solbench.analysis.imports.table import Header, Row, Table, make_header, spectra_of
from solbench.protocols.errors import BadInput

_MARK = "simulated / 1"  # the last column of tables that this program exported
_REMARK = re.compile(r"\s*(#|%|//|!)+\s*")
_MARKS = ("\t", ";", ",", "  ", " ")
_ASSUMED = ("frequency / Hz", "Z' / ohm", "Z'' / ohm")


def read_plain(text: Text) -> list[Spectrum]:
    """Read the spectra of a table; raises BadInput."""
    lines = [(number, line) for number, line in enumerate(text.lines, 1) if line.strip()]
    if not lines:
        raise text.bad_file("the file is empty", "Check the name")
    heads = list(_headers(lines))
    if not heads:
        return spectra_of(text, _without_header(text, lines))
    _refuse_numbers_before(text, lines[: heads[0][0]], heads[0][1])
    meta = _meta(line for _, line in lines[: heads[0][0]])
    ends = [*(place for place, _ in heads[1:]), len(lines)]
    return [
        spectrum
        for (place, header), end in zip(heads, ends, strict=True)
        for spectrum in spectra_of(text, _under(text, header, lines[place + 1 : end], meta))
    ]


def _headers(lines: list[tuple[int, str]]) -> Iterator[tuple[int, Header]]:
    """Find the lines that name the columns of a spectrum; such a line may be marked as a remark."""
    for place, (number, line) in enumerate(lines):
        if not re.search("[A-Za-z|]", line):
            continue
        for mark in _MARKS:
            names = _split(_REMARK.sub("", line, count=1) if _REMARK.match(line) else line, mark)
            if len(names) < 3:
                continue
            header = make_header(number, names)
            if not header.missing:
                yield place, header
                break


def _split(line: str, mark: str) -> list[str]:
    """Split a line at a mark; two blanks stand for two or more, one for one or more."""
    if mark.isspace() and mark != "\t":
        return [
            field.strip('"') for field in re.split(r"\s{2,}|\t" if mark == "  " else r"\s+", line.strip())
        ]
    fields = next(csv.reader([line], delimiter=mark, skipinitialspace=True), [])
    return [field.strip() for field in fields]


def _refuse_numbers_before(text: Text, lines: list[tuple[int, str]], header: Header) -> None:
    wanted = len(header.names)
    for number, line in lines:
        if not _REMARK.match(line) and any(_is_row(_split(line, mark), wanted) for mark in _MARKS):
            raise text.bad(
                number,
                f"numbers stand above the names of the columns (line {header.line})",
                "Put the names above all rows, and leave out what does not belong to the table",
            )


def _is_row(fields: list[str], wanted: int) -> bool:
    while fields and not fields[-1]:
        fields = fields[:-1]
    return len(fields) == wanted and all(is_number(field) for field in fields)


def _under(text: Text, header: Header, lines: list[tuple[int, str]], meta: dict[str, str]) -> Table:
    """Read the rows under a header; a line of units may stand between them."""
    lines = [(number, line) for number, line in lines if not _REMARK.match(line)]
    declared = int(lines[0][1]) if lines and lines[0][1].strip().isdigit() else None  # Elchemea, and others
    lines = lines[1:] if declared is not None else lines
    mark = _mark_of_rows(header, lines)
    rows = [Row(number, _split(line, mark)) for number, line in lines]
    if rows and _are_units(rows[0].fields, header):
        header = make_header(header.line, header.names, rows[0].fields)
        rows = rows[1:]
    simulated = _MARK in header.names and any(row.fields[-1:] == ["1"] for row in rows)
    return Table(header, rows, {**meta, **({"SIMULATED": "yes"} if simulated else {})}, declared)


def _are_units(fields: list[str], header: Header) -> bool:
    """Say whether a row holds units: no number, and no digits but those of powers."""
    words = [re.sub(r"\^?-?[12]\b", "", field) for field in fields if not is_number(field)]
    return len(words) == len(fields) <= len(header.names) and not any(
        re.search(r"\d", word) for word in words
    )


def _mark_of_rows(header: Header, lines: list[tuple[int, str]]) -> str:
    """Return what separates the fields of the first row with numbers: with it there are as many as names."""
    needed = [column.place for column in header.columns if column.meaning in ("frequency", "real", "modulus")]
    for _, line in lines:
        for mark in _MARKS:
            fields = _split(line, mark)
            while len(fields) > len(header.names) and not fields[-1]:
                fields = fields[:-1]
            if len(fields) == len(header.names) and all(is_number(fields[place]) for place in needed):
                return mark
    line = lines[0][1] if lines else ""
    return next((mark for mark in _MARKS if mark in line), " ")


def _without_header(text: Text, lines: list[tuple[int, str]]) -> Table:
    """Read three columns without names; raises BadInput for anything else."""
    lines = [(number, line) for number, line in lines if not _REMARK.match(line)]
    if not lines:
        raise text.bad_file("there is nothing but remarks in it", "Check the name")
    number, line = lines[0]
    readings = [_split(line, mark) for mark in _MARKS]
    numeric = [
        (mark, fields) for mark, fields in zip(_MARKS, readings, strict=True) if _is_row(fields, len(fields))
    ]
    if not any(len(fields) >= 3 for _, fields in numeric):
        raise _no_header(text, lines)
    mark = next((mark for mark, fields in numeric if len(fields) == 3), None)
    if mark is None:
        count = max(len(fields) for _, fields in numeric)
        raise text.bad(
            number,
            f"{count} columns without a header that names them",
            "Write a header line such as: frequency / Hz, real impedance / ohm, imaginary impedance / ohm",
        )
    rows = [Row(number, _split(line, mark)) for number, line in lines]
    return Table(make_header(number, _ASSUMED), rows, {"format": "table"}, assumed=True)


def _no_header(text: Text, lines: list[tuple[int, str]]) -> BadInput:
    """Make the paragraph about the line that should name the columns: the last one before the numbers."""
    place = next(
        (
            n
            for n, (_, line) in enumerate(lines)
            if any(len(f := _split(line, m)) > 1 and _is_row(f, len(f)) for m in _MARKS)
        ),
        1,
    )
    number, line = lines[max(place - 1, 0)]
    mark = next((mark for mark in _MARKS if mark in line), " ")
    header = make_header(number, _split(line, mark))
    return text.bad(
        number,
        header.missing or "no line names the columns",
        "Name the columns 'frequency / Hz', 'real impedance / ohm' and 'imaginary impedance / ohm'",
    )


def _meta(lines: Iterator[str]) -> dict[str, str]:
    found = {"format": "table"}
    for line in lines:
        key, mark, value = re.sub(_REMARK, "", line, count=1).partition(":" if ":" in line else "=")
        if mark and key.strip():
            found[key.strip()] = value.strip()
    return found
