"""Decimal commas and points: what is typed is turned into what files and the parser take, what is shown into the user's
habit. Files, commands and copied values always have points. No Qt.

The parser of `protocols` stays the judge: what cannot be told ("1,234 V" where points are the habit) is handed over as
it was typed, and is refused there with the reason. Everything else that was read in another way than it was typed is
shown as it was understood.
"""

import re
from functools import lru_cache
from typing import Literal

Style = Literal["point", "comma"]

_TYPED = re.compile(r"(\s*[+\-\u2212]?\s*(?:C\s*/\s*)?)([0-9.,]*[0-9][.,]?)(.*)", re.DOTALL)
_AMBIGUOUS = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")
_GROUPED = {
    ",": re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]*"),  # 1.234,5
    ".": re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]*"),  # 1,234.5
}
_SHOWN = re.compile(
    r"(?<![\w.,/\\'\"=:])([+\-\u2212]?[0-9]+)\.([0-9]+)(?=(?:[eE][+\-]?[0-9]+)?(?!\w|[.,]\w))"
)
_UNITS = (
    (
        re.compile(r"(?:(?<=/)|(?<=·)|(?<=\d )|(?<=\d))([cmk]?m)([23])(?!\w)"),
        lambda found: found[1] + "²³"[int(found[2]) - 2],
    ),
    (re.compile(r"(?:(?<=\d )|(?<=\d))u(?=(?:Ah|A|V|S|F|H|W|m|g|s)(?!\w))"), lambda _found: "µ"),
    (re.compile(r"(?:(?<=\d )|(?<=\d))([kMGmu]?)ohm(?!\w)"), lambda found: found[1].replace("u", "µ") + "Ω"),
    (re.compile(r"(?:(?<=\d )|(?<=\d))degC(?!\w)"), lambda _found: "°C"),
)
_FILE = re.compile(r"(?:^|\s)~?/\S|\\|\.[A-Za-z]\w{0,6}$")


def typeset(text: str) -> str:
    """Return a text with the units behind its numbers as they are printed; files have them in plain letters.

    >>> typeset("5 uA, 0.16 mA/cm2, 25 degC, 3.1 kohm, cell m2, 0.785 cm2, 4uAh, 2 um")
    '5 µA, 0.16 mA/cm², 25 °C, 3.1 kΩ, cell m2, 0.785 cm², 4µAh, 2 µm'
    """
    for pattern, printed in _UNITS:
        text = pattern.sub(printed, text)
    return text


@lru_cache(maxsize=4096)  # lists and strips ask for the same texts ten times a second
def _localized(text: str, style: Style) -> str:
    if _FILE.search(text):
        return text
    text = typeset(text)
    return text if style == "point" else _SHOWN.sub(r"\1,\2", text)


class Numbers:
    """Reads and writes numbers in the habit of a user, `style`: 1.5 with a point, 1,5 with a comma."""

    def __init__(self, style: Style = "point") -> None:
        self.style: Style = style

    def to_file(self, text: str) -> str:
        """Return a typed quantity, or several with semicolons between them, with a decimal point and no groups.

        >>> [Numbers().to_file(text) for text in ("1,5 V", "1.234,5 mA", "1,234.5 mA", "C/2,5", "1,234 V", "1.5 V")]
        ['1.5 V', '1234.5 mA', '1234.5 mA', 'C/2.5', '1,234 V', '1.5 V']
        """
        return ";".join(self._one_to_file(part) for part in text.split(";"))

    def shown(self, text: str) -> str:
        """Return a quantity from a file in the habit of the user; what is no quantity comes back as it is."""
        return ";".join(self._one_shown(part) for part in text.split(";"))

    def understood(self, text: str) -> str:
        """Return how a typed quantity was read, "" where it is shown as it was typed."""
        read = self.shown(self.to_file(text))
        return f"read as {read.strip()}" if read != text else ""

    def localized(self, text: str) -> str:
        """Write the numbers in a text for reading in the habit of the user; names of files stay as they are.

        >>> [Numbers("comma").localized(text) for text in ("9.3 h, -0.16 mA/cm2", "a 1.5.h5", "1.2.3", "1.9e-08 A")]
        ['9,3 h, -0,16 mA/cm²', 'a 1.5.h5', '1.2.3', '1,9e-08 A']
        >>> Numbers("point").localized("9.3 h, 5 uA")
        '9.3 h, 5 µA'
        """
        return _localized(text, self.style)

    def _one_to_file(self, text: str) -> str:
        match = _TYPED.fullmatch(text)
        if match is None:
            return text
        sign, number, rest = match.groups()
        return f"{sign}{self._number_to_file(number)}{rest}"

    def _number_to_file(self, number: str) -> str:
        for decimal, pattern in _GROUPED.items():
            if pattern.fullmatch(number):
                whole, _, part = number.rpartition(decimal)
                return f"{whole.replace('.', '').replace(',', '')}.{part}"
        if number.count(",") != 1 or "." in number or self._is_ambiguous(number):
            return number
        return number.replace(",", ".")

    def _one_shown(self, text: str) -> str:
        match = _TYPED.fullmatch(text)
        if match is None or sum(match[2].count(mark) for mark in ".,") != 1:
            return text
        sign, number, rest = match.groups()
        mark = "." if self.style == "point" else ","
        if self._is_ambiguous(number):
            return text
        return f"{sign}{number.replace('.', mark).replace(',', mark)}{rest}"

    def _is_ambiguous(self, number: str) -> bool:
        return self.style == "point" and _AMBIGUOUS.fullmatch(number) is not None
