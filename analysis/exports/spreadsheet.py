"""Tables of any texts as CSV, of which a spreadsheet computes nothing.

Names, tags and notes are whatever somebody typed. A spreadsheet takes what begins like a formula for one, and a formula
may start a program (https://owasp.org/www-community/attacks/CSV_Injection): an apostrophe before it makes it a text.
"""

import csv
from collections.abc import Iterable
from typing import IO

_BEGINNINGS = tuple("=+-@\t\n＝＋－＠")


def write_csv(stream: IO[str], rows: Iterable[Iterable[object]], between: str = ",") -> None:
    """Write rows of cells with `between` them; numbers stay as they are, negative ones too."""
    writer = csv.writer(stream, delimiter=between, lineterminator="\n")
    writer.writerows([_inert(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)


def _inert(text: str) -> str:
    if "\r" in text:  # which csv writes without quotes, so that it would end the row
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text.startswith(_BEGINNINGS) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.isprintable()
