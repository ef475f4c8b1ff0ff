"""Units that people write, and the parser for "number, unit, at most one quotient".

Values are computed as exact fractions and rounded once, so that "30 mV" is the float nearest to 0.03.
"""

import difflib
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache

from solbench.protocols.errors import FieldError

Dimension = tuple[int, int, int, int, int, int]
"""Exponents of kg, m, s, A, K, and of periods of a sine: a number of them is no fraction."""

LONGEST_TEXT = 64

_PREFIXES = {
    "p": Fraction(1, 10**12),
    "n": Fraction(1, 10**9),
    "u": Fraction(1, 10**6),
    "m": Fraction(1, 1000),
    "c": Fraction(1, 100),
    "k": Fraction(1000),
    "M": Fraction(10**6),
    "G": Fraction(10**9),
}
_COMMON = "pnumkMG"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as a factor to SI, its dimension, and the prefixes that it takes."""

    factor: Fraction
    dimension: Dimension
    prefixes: str = ""


_ELECTRON_VOLT_J = Fraction("1.602176634e-19")  # exact in the SI of 2019

_UNITS = {
    "A": Unit(Fraction(1), (0, 0, 0, 1, 0, 0), _COMMON),
    "V": Unit(Fraction(1), (1, 2, -3, -1, 0, 0), _COMMON),
    "Ah": Unit(Fraction(3600), (0, 0, 1, 1, 0, 0), _COMMON),
    "C": Unit(Fraction(1), (0, 0, 1, 1, 0, 0), _COMMON),
    "ohm": Unit(Fraction(1), (1, 2, -3, -2, 0, 0), _COMMON),
    "S": Unit(Fraction(1), (-1, -2, 3, 2, 0, 0), _COMMON),
    "F": Unit(Fraction(1), (-1, -2, 4, 2, 0, 0), _COMMON),
    "H": Unit(Fraction(1), (1, 2, -2, -2, 0, 0), _COMMON),
    "W": Unit(Fraction(1), (1, 2, -3, 0, 0, 0), _COMMON),
    "J": Unit(Fraction(1), (1, 2, -2, 0, 0, 0), _COMMON),
    "eV": Unit(_ELECTRON_VOLT_J, (1, 2, -2, 0, 0, 0), "mk"),
    "Hz": Unit(Fraction(1), (0, 0, -1, 0, 0, 0), "umkMG"),
    "s": Unit(Fraction(1), (0, 0, 1, 0, 0, 0), "pnum"),
    "min": Unit(Fraction(60), (0, 0, 1, 0, 0, 0)),
    "h": Unit(Fraction(3600), (0, 0, 1, 0, 0, 0)),
    "d": Unit(Fraction(86400), (0, 0, 1, 0, 0, 0)),
    "m": Unit(Fraction(1), (0, 1, 0, 0, 0, 0), "pnumck"),
    "g": Unit(Fraction(1, 1000), (1, 0, 0, 0, 0, 0), "numk"),
    "K": Unit(Fraction(1), (0, 0, 0, 0, 1, 0), "m"),
    "degC": Unit(Fraction(1), (0, 0, 0, 0, 1, 0)),
    "Pa": Unit(Fraction(1), (1, -1, -2, 0, 0, 0), _COMMON),
    "bar": Unit(Fraction(10**5), (1, -1, -2, 0, 0, 0), "m"),
    "%": Unit(Fraction(1, 100), (0, 0, 0, 0, 0, 0)),
    "ppm": Unit(Fraction(1, 10**6), (0, 0, 0, 0, 0, 0)),
    "cycle": Unit(Fraction(1), (0, 0, 0, 0, 0, 1)),
    "cycles": Unit(Fraction(1), (0, 0, 0, 0, 0, 1)),
}
UNIT_NAMES = frozenset(_UNITS)
_DIMENSIONLESS: Dimension = (0, 0, 0, 0, 0, 0)
ZERO_DEGC_K = 273.15  # exactly, by the definition of the degree Celsius
_CELSIUS_ZERO_K = Fraction(str(ZERO_DEGC_K))

_SPELLINGS = str.maketrans(
    {"\u00b5": "u", "\u03bc": "u", "\u03a9": "ohm", "\u2126": "ohm", "\u00b2": "2", "\u00b3": "3", "^": ""}
    | {"\u207b": "-", "\u00b9": "1", "\u00b7": " ", "\u22c5": " "}
)
_NEGATIVE_POWER = re.compile(r"(\S+)\s+([^\W\d]+)-([123])")  # "mA cm-2" is mA/cm2
_DASHES = "\u2010\u2011\u2012\u2013\u2014\uff0d"  # which word processors make of a minus
_SEVERAL = re.compile(r"(?:^|[\s:+\u00b1\u00d7x*\u2010-\u2014-])\s*[.,]?[0-9]")
_WORDS = {  # as they are written elsewhere; refused with the unit, since one file may hold only one way
    "A": "amp amps ampere amperes",
    "V": "volt volts",
    "ohm": "ohms",
    "Hz": "hertz",
    "s": "sec secs second seconds sek sekunde sekunden",
    "min": "mins minute minutes minuten",
    "h": "hr hrs hour hours std std. stunde stunden",
    "d": "day days tag tage",
    "degC": "\u2103 \u00bac \u00b0 celsius",
    "%": "percent prozent pct",
    "um": "micron microns",
    "cm2": "qcm sqcm",
    "cycles": "period periods",
}
_MEANT = {word: unit for unit, words in _WORDS.items() for word in words.split()}
_DIGITS = r"(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
_NUMBER = rf"[+-]?{_DIGITS}"
_QUANTITY = re.compile(rf"({_NUMBER})\s*([^\s/].*)?", re.DOTALL)
_SPACES = "' \u00a0\u2009\u202f\u2019_"
_GROUPS = rf"(?:[.,{_SPACES}]+[0-9]+){{2,}}|[{_SPACES}][0-9]+"
_THOUSANDS = re.compile(rf"[+-]?[0-9]+(?:{_GROUPS})")
_AMBIGUOUS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}(?![0-9])")
_C_OVER = re.compile(rf"([+-]?)C\s*/\s*({_NUMBER})")


@dataclass(frozen=True, slots=True)
class Parsed:
    """An SI value with its dimension; `c_rate` marks a multiple of the capacity an hour, then in 1/s."""

    value: float
    dimension: Dimension
    has_unit: bool = True
    c_rate: bool = False


@lru_cache(maxsize=4096)  # a cell's record is read several times a run
def parse(text: str, *, c_rate: bool = False) -> Parsed:
    """Read a number with its unit; with `c_rate`, "C/10" and "2 C" are rates and not coulombs.

    Raises `FieldError` with words for everything else; time is linear in the length, which is limited.
    """
    clean = _cleaned(text)
    if c_rate and (rate := _c_rate(text, clean)) is not None:
        return rate
    if _C_OVER.fullmatch(clean):
        raise FieldError(f"'{text}' is a C-rate, which has no meaning here", "Write the value with its unit")
    number, unit = _split(text, clean)
    factor, dimension, offset = _unit(text, unit) if unit else (Fraction(1), _DIMENSIONLESS, Fraction(0))
    return Parsed(_rounded(text, number * factor + offset), dimension, has_unit=bool(unit))


def leading_number(text: str) -> str | None:
    """Return the number that a text begins with, as it was typed; None where it begins with none.

    >>> leading_number("-0.16"), leading_number("-5 mV"), leading_number("about 3 V")
    ('-0.16', '-5', None)
    """
    found = re.match(rf"\s*([-+\u2212]?{_DIGITS})", text[:LONGEST_TEXT])
    return found[1] if found else None


def _cleaned(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise FieldError(f"a quantity of {len(text)} characters ('{text[:20]}...') is not readable")
    return text.strip().replace("\u2212", "-").replace("\u00b0C", "degC")


def _split(text: str, clean: str) -> tuple[Fraction, str]:
    _refuse_thousands(text, clean)
    match = _QUANTITY.fullmatch(clean)
    if match is None:
        cure = f"Write a plain minus: '-{clean[1:].strip()}'" if clean[:1] in tuple(_DASHES) else ""
        raise FieldError(f"'{text}' is not a number with a unit", cure)
    return _number(match[1]), (match[2] or "").strip()


def _refuse_thousands(text: str, clean: str) -> None:
    if _THOUSANDS.match(clean):
        raise FieldError(
            f"'{text}' has a thousands separator, which is refused because it can be misread",
            "Write the digits together with at most one decimal sign, as in '1500 V' or '1.5 kV'",
        )
    if _AMBIGUOUS.match(clean):
        digits = clean.split(",", 1)
        raise FieldError(
            f"'{text}' can be read with a decimal comma or with a thousands separator",
            f"Write '{digits[0]}.{digits[1]}' for the first or '{digits[0]}{digits[1]}' for the second",
        )


def _number(text: str) -> Fraction:
    return Fraction(text.replace(",", "."))


def _rounded(text: str, value: Fraction) -> float:
    try:
        found = float(value)
    except OverflowError:
        raise FieldError(f"'{text}' is too large for any instrument", "Write a smaller value") from None
    if value and not found:
        raise FieldError(f"'{text}' is too small for any instrument", "Write a larger value, or zero")
    return found


def _c_rate(text: str, clean: str) -> Parsed | None:
    if match := _C_OVER.fullmatch(clean):
        hours = _number(match[2])
        if hours <= 0:
            raise FieldError(f"'{text}' divides by {match[2]}", "Write a C-rate such as 'C/10'")
        sign = -1 if match[1] == "-" else 1
        return Parsed(float(sign / hours / 3600), _DIMENSIONLESS, c_rate=True)
    if clean.endswith("C") and (match := re.fullmatch(rf"({_NUMBER})\s*C", clean)):
        _refuse_thousands(text, clean)
        return Parsed(_rounded(text, _number(match[1]) / 3600), _DIMENSIONLESS, c_rate=True)
    return None


def _unit(text: str, symbol: str) -> tuple[Fraction, Dimension, Fraction]:
    plain = symbol.translate(_SPELLINGS)
    if power := _NEGATIVE_POWER.fullmatch(plain):
        plain = f"{power[1]}/{power[2]}{power[3].replace('1', '')}"
    upper, slash, lower = plain.partition("/")
    upper, lower = upper.strip(), lower.strip()
    if upper == "degC" and not slash:
        return Fraction(1), _UNITS["degC"].dimension, _CELSIUS_ZERO_K
    if "degC" in (upper, lower):
        raise FieldError(f"'{text}' has degC in a quotient", "Write K there")
    above = _known(text, upper)
    if not slash:
        return above.factor, above.dimension, Fraction(0)
    below = _known(text, lower)
    dimension = tuple(a - b for a, b in zip(above.dimension, below.dimension, strict=True))
    return above.factor / below.factor, dimension, Fraction(0)  # type: ignore[return-value]


def _known(text: str, symbol: str) -> Unit:
    unit = _lookup(symbol)
    if unit is None and _SEVERAL.search(symbol):
        raise FieldError(
            f"'{text}' holds more than one number",
            "Write one number with its unit, as in '1.5 h' or '1e-3 A'",
        )
    if unit is None:
        raise FieldError(f"'{text}' has the unknown unit '{symbol}'", _suggestion(symbol))
    return unit


@cache
def _lookup(symbol: str) -> Unit | None:
    if symbol in _UNITS:
        return _UNITS[symbol]
    if symbol[-1:] in ("2", "3") and symbol[-2:-1] == "m" and (length := _lookup(symbol[:-1])) is not None:
        power = int(symbol[-1])
        return (
            Unit(length.factor**power, (0, power, 0, 0, 0, 0))
            if length.dimension == (0, 1, 0, 0, 0, 0)
            else None
        )
    unit = _UNITS.get(symbol[1:])
    if unit is not None and symbol[0] in unit.prefixes:
        return Unit(_PREFIXES[symbol[0]] * unit.factor, unit.dimension)
    return None


@cache
def _symbols() -> list[str]:
    prefixed = [prefix + symbol for symbol, unit in _UNITS.items() for prefix in unit.prefixes]
    return [*_UNITS, *prefixed, "mm2", "cm2", "m2", "cm3", "m3"]


def _suggestion(symbol: str) -> str:
    meant = _MEANT.get("".join(symbol.lower().split()))
    same = [known for known in _symbols() if known.lower() == symbol.lower()]
    close = [meant] if meant else same or difflib.get_close_matches(symbol, _symbols(), n=3)
    if not close:
        return ""
    if meant:
        return f"Write the known unit {meant}"
    return f"Did you mean {' or '.join(close)}? Upper and lower case matter"
