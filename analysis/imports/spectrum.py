"""A spectrum that was read from a file of another program, and what all such readers need.

What cannot be read is told in one paragraph that names file, line and cure.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from solbench.protocols.errors import BadInput

Array = np.ndarray[Any, Any]
Line = tuple[int, list[str]]  # number in the file, from 1, and its fields

LARGEST_FILE_BYTES = 100_000_000
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True, eq=False)
class Spectrum:
    """One impedance spectrum as a file holds it.

    Z = Z' + jZ'' in ohm with its true sign (capacitive is negative), frequencies in Hz in the order of the
    file, `time_s` in s where the file has times. `meta` holds what the file says of itself, as text.
    """

    frequency_Hz: Array
    impedance_ohm: Array
    time_s: Array | None = None
    meta: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Columns:
    """Which fields of a line hold what, and the factors to Hz and ohm (below zero where a file holds -Z'')."""

    frequency: int
    real: int
    imaginary: int
    time: int | None = None
    frequency_Hz: float = 1.0
    real_ohm: float = 1.0
    imaginary_ohm: float = 1.0


def read_lines(path: Path) -> list[str]:
    """Read the lines of a text file in UTF-8 or, where it is not, Latin-1; raises BadInput, OSError."""
    if path.stat().st_size > LARGEST_FILE_BYTES:
        raise BadInput("the file is too large to be a spectrum", "Check the name", file=str(path))
    data = path.read_bytes()
    if b"\0" in data:
        raise BadInput(
            "this is a binary file", "Export it as text in the program that wrote it", file=str(path)
        )
    try:
        return data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return data.decode("latin-1").splitlines()


def make_spectrum(path: Path, lines: Iterable[Line], columns: Columns, meta: dict[str, str]) -> Spectrum:
    """Make a spectrum of the lines of a table; raises BadInput that names the line."""
    rows = [_row(path, number, fields, columns) for number, fields in lines]
    if not rows:
        raise BadInput("this file contains no points", "Check that the measurement was saved", file=str(path))
    table = np.array(rows)
    impedance = table[:, 1] * columns.real_ohm + 1j * table[:, 2] * columns.imaginary_ohm
    time_s = table[:, 3] if columns.time is not None else None
    return Spectrum(table[:, 0] * columns.frequency_Hz, impedance, time_s, meta)


def _row(path: Path, number: int, fields: list[str], columns: Columns) -> tuple[float, ...]:
    places = [columns.frequency, columns.real, columns.imaginary]
    if columns.time is not None:
        places.append(columns.time)
    if len(fields) <= max(places):
        raise bad_line(path, number, f"{len(fields)} fields where {max(places) + 1} are needed")
    values = tuple(number_of(path, number, fields[place]) for place in places)
    if values[0] <= 0:
        raise bad_line(path, number, f"the frequency {fields[columns.frequency]} is not above zero")
    return values


def number_of(path: Path, line: int, text: str) -> float:
    """Read a number with decimal point or comma; raises BadInput that names the line."""
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        raise bad_line(path, line, f"'{text[:40]}' is not a number")
    value = float(text.replace(",", "."))
    if not math.isfinite(value):
        raise bad_line(path, line, f"'{text[:40]}' is too large")
    return value


def bad_line(path: Path, line: int, message: str, cure: str = "") -> BadInput:
    """Make the paragraph about one line."""
    cure = cure or "Correct this line, or leave it out if the measurement broke off there"
    return BadInput(message, cure, file=f"{path}, line {line}")
