"""What a spectrum or its fit is worth: the verdicts as data, the reference of an interface, and the words for people.

If the first of several spectra shows no interphase of its own, its series resistance belongs to the
electrolyte, and growth counts from there: its interfacial resistance is 0 by definition, not by measurement,
and has no error.
"""

from collections.abc import Sequence
from typing import Literal

Verdict = Literal["good", "look", "wrong"]

VERDICT_WORDS: dict[Verdict, str] = {"good": "good", "look": "doubtful", "wrong": "wrong"}
"""Run files and `--json` hold the verdicts; this is how they are shown."""

BY_DEFINITION = "0 by definition"


def is_reference(r_interface_ohm: float | None, stderr_ohm: float | None) -> bool:
    """Tell whether an interfacial resistance (ohm) is the reference's: an estimate is never 0 without error.

    >>> is_reference(0.0, 0.0), is_reference(0.0, 0.1), is_reference(None, None)
    (True, False, False)
    """
    return r_interface_ohm == 0.0 and stderr_ohm == 0.0


def remark_lines(said: Sequence[tuple[int, Sequence[str]]]) -> list[str]:
    """Return what must be known of fits of spectra, by their numbers, as lines for people: each remark once.

    >>> remark_lines([(1, ["fitted from 0.1 Hz on"]), (2, ["fitted from 0.1 Hz on"])])
    ['all spectra: fitted from 0.1 Hz on']
    >>> remark_lines([(1, ["a"]), (2, []), (3, ["a", "b"])])
    ['spectra 1, 3: a', 'spectrum 3: b']
    """
    numbers: dict[str, list[int]] = {}
    for number, remarks in said:
        for remark in remarks:
            numbers.setdefault(remark, []).append(number)
    lines = []
    for remark, own in numbers.items():
        named = f"spectr{'a' if len(own) > 1 else 'um'} {', '.join(map(str, own))}"
        lines.append(f"{'all spectra' if len(own) == len(said) > 1 else named}: {remark}")
    return lines
