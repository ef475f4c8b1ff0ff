"""No text of a table is a formula, whatever somebody typed; numbers and other texts are as they were."""

import csv
import io
import random

import pytest

from solbench.analysis.exports.spreadsheet import write_csv

SIGNS = "=+-@\t\r\n ,;\"'1aé＝"


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("between", [",", "\t"])
def test_a_text_that_begins_like_a_formula_is_a_text_and_a_number_stays_one(between: str) -> None:
    draw = random.Random(between)
    cells = ["", "=1+1", "-0.5", "-inf", "-1e-9", "+3", "- swapped", "'=1", "R0-p(R1,CPE1)", "@SUM(A1)"]
    cells += ["".join(draw.choices(SIGNS, k=draw.randint(1, 6))) for _ in range(990)]
    cells += [repr(draw.gauss(0, 1e3)) for _ in range(200)]
    out = io.StringIO(newline="")
    write_csv(out, [cells[first : first + 4] for first in range(0, len(cells), 4)], between)
    found = [
        cell for row in csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=between) for cell in row
    ]
    expected = [cell.replace("\r\n", "\n").replace("\r", "\n") for cell in cells]  # one kind of line end
    for cell, was in zip(found, expected, strict=True):
        assert cell in (was, f"'{was}")
        assert is_number(cell) or not cell.startswith(tuple("=+-@\t\r\n＝"))
        if (is_number(was) and was.isprintable()) or not was.startswith(tuple("=+-@\t\n＝")):
            assert cell == was
