"""How instruments write numbers: anchored patterns, for a damaged line must never be a number.

`float` takes more than any instrument sends: blanks, underscores, digits of other scripts, and `29.05100E-01`, which a
lost sign makes of `-9.05100E-01`.
"""

import re

# fixed, or with an exponent behind one digit before the point (1250 manual p. 130, 1287 manual p. 88, SCPI's NR2, NR3)
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,12}(?:\.[0-9]{0,12})?|[0-9](?:\.[0-9]{0,12})?E[+-]?[0-9]{1,2})")
_INTEGER = re.compile(r"[+-]?[0-9]{1,6}")
_FIRST_INTEGER = re.compile(r"([0-9]{1,3})(?: *,.*)?")


def number(text: str) -> float:
    """Return the number that a field is, blanks around it aside; raises ValueError."""
    field = text.strip(" ")
    if not _NUMBER.fullmatch(field):
        raise ValueError(text)
    return float(field)


def integer(text: str) -> int:
    """Return the whole number that a field is, blanks around it aside; raises ValueError."""
    field = text.strip(" ")
    if not _INTEGER.fullmatch(field):
        raise ValueError(text)
    return int(field)


def first_integer(text: str) -> int:
    """Return the whole number that begins a line of one or several fields; raises ValueError.

    A program that runs a real 1287 takes the last error from the first field of several.
    """
    found = _FIRST_INTEGER.fullmatch(text.strip(" "))
    if found is None:
        raise ValueError(text)
    return int(found[1])
