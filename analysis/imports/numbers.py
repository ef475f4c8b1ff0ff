"""Numbers of a table, with decimal points or decimal commas: one mark for a whole table.

A number that can be read in two ways is refused: `1,000` is a thousand here and one there.
"""

import math
import re
from collections.abc import Sequence

from solbench.analysis.imports.spectrum import Text

Cell = tuple[int, str]  # a line, from 1, and what stands there

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")  # may be a number of thousands
_SMALL = re.compile(r"[+-]?\d{1,3}")
_WHOLE = "Write whole numbers without marks, and decimal numbers with points"


def read_numbers(text: Text, columns: Sequence[Sequence[Cell]]) -> list[list[float]]:
    """Return the columns of one table as numbers; raises BadInput that names the line."""
    cleaned = [
        [(line, cell.strip().replace("\N{MINUS SIGN}", "-")) for line, cell in column] for column in columns
    ]
    for column in cleaned:
        for line, cell in column:
            if not _NUMBER.fullmatch(cell):
                raise text.bad(line, f"'{cell[:40]}' is not a number")
    _refuse_two_marks(text, cleaned)
    _refuse_thousands(text, cleaned)
    _refuse_torn_end(text, cleaned)
    return [[_value(text, line, cell) for line, cell in column] for column in cleaned]


def is_number(cell: str) -> bool:
    """Say whether a field is a number, with whatever decimal mark."""
    return _NUMBER.fullmatch(cell.strip().replace("\N{MINUS SIGN}", "-")) is not None


def _value(text: Text, line: int, cell: str) -> float:
    value = float(cell.replace(",", "."))
    if not math.isfinite(value):
        raise text.bad(line, f"'{cell[:40]}' is too large")
    return value


def _refuse_two_marks(text: Text, columns: Sequence[Sequence[Cell]]) -> None:
    first: dict[str, Cell] = {}
    for column in columns:
        for line, cell in column:
            for mark in ",.":
                if mark in cell:
                    first.setdefault(mark, (line, cell))
    if len(first) == 2:
        line, cell = first[","]
        other = first["."]
        raise text.bad(
            line,
            f"'{cell}' has a comma where line {other[0]} has a point ('{other[1]}'): a decimal mark, or thousands?",
            _WHOLE,
        )


def _refuse_thousands(text: Text, columns: Sequence[Sequence[Cell]]) -> None:
    """Refuse marks that may part thousands.

    Commas, unless one number of the table shows that they are decimal marks. Points, which are decimal nearly
    everywhere, only where each one of a column may be of thousands and the other numbers there, all below a
    thousand, have none.
    """
    cells = [cell for column in columns for cell in column]
    marked = [cell for cell in cells if "," in cell[1]]
    if marked and all(_GROUPED.fullmatch(cell) for _, cell in marked):
        line, cell = marked[0]
        raise text.bad(line, f"'{cell}' may have a decimal comma, or be a number of thousands", _WHOLE)
    for column in columns:
        marked = [cell for cell in column if "." in cell[1]]
        plain = [cell for _, cell in column if "." not in cell]
        if (
            marked
            and plain
            and all(_GROUPED.fullmatch(cell) for _, cell in marked)
            and all(_SMALL.fullmatch(cell) for cell in plain)
        ):
            line, cell = marked[0]
            raise text.bad(line, f"'{cell}' may have a decimal point, or be a number of thousands", _WHOLE)


def _refuse_torn_end(text: Text, columns: Sequence[Sequence[Cell]]) -> None:
    """Refuse a last number that is shorter than all others of its column where the file ends within its line."""
    if text.ended:
        return
    for column in columns:
        *others, (line, last) = column or [(0, "")]
        if line == len(text.lines) and len(others) >= 3 and text.lines[-1].rstrip(' \t"').endswith(last):
            digits = [_digits(cell) for _, cell in others]
            if _digits(last) < min(digits) or re.search(r"[eE][+-]?$|[.,+-]$", last):
                raise text.bad(
                    line,
                    f"the file ends within this line, and '{last}' has fewer digits than all numbers above it",
                    "If the number is whole, end the line with a line break; leave the line out otherwise",
                )


def _digits(cell: str) -> int:
    return len(re.sub(r"\D", "", cell))
