"""What a spectrum or its fit is worth: the verdicts as data, the reference of an interface, and the words for people.

If the first of several spectra shows no interphase of its own, its series resistance belongs to the
electrolyte, and growth counts from there: its interfacial resistance is 0 by definition, not by measurement,
and has no error.
"""

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
