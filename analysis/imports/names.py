"""What the columns of a table are: their names, units and signs as programs and people write them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Meaning = Literal["frequency", "real", "imaginary", "modulus", "phase", "time", "error", "label", "untrusted"]

_WORDS: dict[Meaning, str] = {
    "frequency": "f freq freq. frequency freq(hz) frequenz",
    "real": "z' z'(a) zs' re rez re(z) real realz realpart realimpedance impedancereal zre zreal zr",
    "imaginary": "z'' z''(b) zs'' im imz im(z) imag imagz imaginary imaginarypart imaginaryimpedance "
    "impedanceimaginary imagimpedance zim zimag zimg zimaginary zi",
    "modulus": "|z| z impedance absz abs(z) zabs mod(z) zmod zmodulus modulus magnitude zmag impedancemagnitude "
    "absoluteimpedance impedancemodulus totalimpedance",
    "phase": "phase phase(z) phz zphz zphase phasez phaseangle impedancephase theta phi",
    "time": "time t testtime elapsedtime",
    "error": "err error errorcode",
    "untrusted": "untrusted",
    "label": "cyclenumber zcycle cycle loop loopnumber ns segment# segment sweep spectrum scan",
}
_MEANINGS: dict[str, Meaning] = {word: meaning for meaning, words in _WORDS.items() for word in words.split()}
_WITH_UNIT = re.compile(r"(.+?)\s*(?:\(([^()]*)\)|\[([^\[\]]*)\]|/\s*([^/]+))")
_PREFIXES = {"n": 1e-9, "µ": 1e-6, "u": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9}
_SCALED = re.compile(r"([nµumkKMG]?)\s*(Hz|hz|HZ|ohms?|Ohms?|OHMS?|\N{GREEK CAPITAL LETTER OMEGA})")
_TIMES = {"s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "ms": 1e-3, "min": 60.0, "h": 3600.0}
_DEGREES, _RADIANS = ("deg", "deg.", "degree", "degrees", "°", "º"), ("rad", "radian", "radians")
DEGREES_PER_RADIAN = 57.29577951308232
_MINUS = ("-", "negative", "minus")
_ALIKE = str.maketrans(
    {
        "\N{PRIME}": "'",
        "\N{DOUBLE PRIME}": "''",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT DOUBLE QUOTATION MARK}": "''",
        "\N{ACUTE ACCENT}": "'",
        '"': "''",
        "\N{OHM SIGN}": "\N{GREEK CAPITAL LETTER OMEGA}",
        "\N{GREEK SMALL LETTER MU}": "µ",
        "\N{MINUS SIGN}": "-",
        "\N{EN DASH}": "-",
    }
)


@dataclass(frozen=True)
class Column:
    """A column of a table: its place, its name as written, the factor to Hz, ohm, s or degrees with its sign.

    `unit` is as written, empty where there is none; one that is not known, or may be two, has no factor.
    """

    meaning: Meaning
    place: int
    name: str
    factor: float | None
    unit: str


def understand(name: str, place: int = 0, unit: str = "") -> Column | None:
    """Return what a column is, None where its name says nothing; `unit` is one that stands elsewhere.

    >>> column = understand("-Im(Z) / kOhm", 2)
    >>> column.meaning, column.factor
    ('imaginary', -1000.0)
    >>> understand("Ewe/V") is None
    True
    """
    text = name.strip().translate(_ALIKE)
    found, inner = _meaning(text), ""
    if found is None and (matched := _WITH_UNIT.fullmatch(text)):
        found = _meaning(matched[1])
        inner = next(part for part in matched.groups()[1:] if part is not None).strip()
    if found is None:
        return None
    meaning, sign = found
    unit = inner or unit.strip().translate(_ALIKE)
    factor = _factor(meaning, unit)
    return Column(meaning, place, name.strip(), None if factor is None else sign * factor, unit)


def understand_all(names: Sequence[str], units: Sequence[str] = ()) -> list[Column]:
    """Return the columns whose names say something."""
    padded = [*units, *[""] * (len(names) - len(units))]
    found = (
        understand(name, place, unit)
        for place, (name, unit) in enumerate(zip(names, padded[: len(names)], strict=True))
    )
    return [column for column in found if column is not None]


def _meaning(text: str) -> tuple[Meaning, float] | None:
    word = re.sub(r"[\s_]", "", text).lower()
    sign = 1.0
    if word.startswith("(") and word.endswith(")"):
        word = word[1:-1]
    for mark in _MINUS:
        if word.startswith(mark):
            word, sign = word.removeprefix(mark), -1.0
            break
    if word.startswith("(") and word.endswith(")"):
        word = word[1:-1]
    meaning = _MEANINGS.get(word)
    return None if meaning is None else (meaning, sign)


def _factor(meaning: Meaning, unit: str) -> float | None:
    """Return the factor to Hz, ohm, s or degrees, None for a unit that is not known or may be two."""
    if meaning in ("error", "label", "untrusted") or not unit:
        return 1.0
    if meaning == "time":
        return _TIMES.get(unit.lower())
    if meaning == "phase":
        return 1.0 if unit.lower() in _DEGREES else DEGREES_PER_RADIAN if unit.lower() in _RADIANS else None
    matched = _SCALED.fullmatch(unit)
    if matched is None:
        return None
    of_frequency = matched[2].lower() == "hz"
    either = of_frequency and matched[1] in ("m", "M") and matched[2] != "Hz"  # MHZ, mhz: milli or mega
    return None if either or of_frequency != (meaning == "frequency") else _PREFIXES[matched[1]]
