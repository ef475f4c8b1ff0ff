"""Decimal commas and points: what is typed is turned into what files and the parser take, what is shown into the user's
habit. Files, commands and copied values always have points. No Qt.

The parser of `protocols` stays the judge: what cannot be told ("1,234 V" where points are the habit) is handed over as
it was typed, and is refused there with the reason. Everything else that was read in another way than it was typed is
shown as it was understood.
"""

from __future__ import annotations

import re
from typing import Literal

from solbench.gui.models.common.observed import Observed

Style = Literal["point", "comma"]
STYLE: Observed[Style] = Observed("point")
"""The habit of the user, for the whole window: `point` is 1.5, `comma` is 1,5."""

_TYPED = re.compile(r"(\s*[+\-\u2212]?\s*(?:C\s*/\s*)?)([0-9.,]*[0-9][.,]?)(.*)", re.DOTALL)
_AMBIGUOUS = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")
_GROUPED = {
    ",": re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]*"),  # 1.234,5
    ".": re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]*"),  # 1,234.5
}
_SHOWN = re.compile(
    r"(?<![\w.,/\\'\"=:])([+\-\u2212]?[0-9]+)\.([0-9]+)(?=(?:[eE][+\-]?[0-9]+)?(?!\w|[.,]\w))"
)
_FILE = re.compile(r"(?:^|\s)~?/\S|\\|\.[A-Za-z]\w{0,6}$")


def to_file(text: str) -> str:
    """Return a typed quantity, or several with semicolons between them, with a decimal point and no groups.

    >>> [to_file(text) for text in ("1,5 V", "1.234,5 mA", "1,234.5 mA", "C/2,5", "1,234 V", "1.5 V")]
    ['1.5 V', '1234.5 mA', '1234.5 mA', 'C/2.5', '1,234 V', '1.5 V']
    """
    return ";".join(_one_to_file(part) for part in text.split(";"))


def shown(text: str) -> str:
    """Return a quantity from a file in the habit of the user; what is no quantity comes back as it is."""
    return ";".join(_one_shown(part) for part in text.split(";"))


def understood(text: str) -> str:
    """Say how a typed quantity was read, "" where it is shown as it was typed."""
    read = shown(to_file(text))
    return f"read as {read.strip()}" if read != text else ""


def localized(text: str) -> str:
    """Write the numbers in a text that is only looked at in the habit of the user; names of files stay as they are.

    >>> STYLE.set("comma"); [localized(text) for text in ("9.3 h, -0.16 mA/cm2", "a 1.5.h5", "1.2.3", "1.9e-08 A")]
    ['9,3 h, -0,16 mA/cm2', 'a 1.5.h5', '1.2.3', '1,9e-08 A']
    >>> STYLE.set("point"); localized("9.3 h")
    '9.3 h'
    """
    if STYLE.value == "point" or _FILE.search(text):
        return text
    return _SHOWN.sub(r"\1,\2", text)


def _one_to_file(text: str) -> str:
    match = _TYPED.fullmatch(text)
    if match is None:
        return text
    sign, number, rest = match.groups()
    return f"{sign}{_number_to_file(number)}{rest}"


def _number_to_file(number: str) -> str:
    for decimal, pattern in _GROUPED.items():
        if pattern.fullmatch(number):
            whole, _, part = number.rpartition(decimal)
            return f"{whole.replace('.', '').replace(',', '')}.{part}"
    if number.count(",") != 1 or "." in number:
        return number
    if STYLE.value == "point" and _AMBIGUOUS.fullmatch(number):
        return number
    return number.replace(",", ".")


def _one_shown(text: str) -> str:
    match = _TYPED.fullmatch(text)
    if match is None or sum(match[2].count(mark) for mark in ".,") != 1:
        return text
    sign, number, rest = match.groups()
    mark = "." if STYLE.value == "point" else ","
    return text if _ambiguous(number) else f"{sign}{number.replace('.', mark).replace(',', mark)}{rest}"


def _ambiguous(number: str) -> bool:
    return STYLE.value == "point" and _AMBIGUOUS.fullmatch(number) is not None
