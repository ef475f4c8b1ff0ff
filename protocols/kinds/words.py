"""Pieces of the texts that describe steps: from data as typed, which may be incomplete, and from steps."""

from collections.abc import Mapping

from solbench.protocols.files import Fields
from solbench.protocols.kinds.fields import CurrentEnds, VoltageCuts, VoltageEnds


def shown(step: Fields, name: str) -> str:
    """Return a field as typed, "?" where it is missing.

    >>> shown({"voltage": "2 V"}, "voltage"), shown({}, "voltage")
    ('2 V', '?')
    """
    value = step.get(name)
    return "?" if value is None or value == "" else str(value)


def typed_ends(step: Fields) -> str:
    """Return the end conditions of a step as typed.

    >>> typed_ends({"current": "-1 mA", "until": {"voltage": "0 V", "time": "1 h"}})
    'V < 0 V or 1 h'
    """
    ends = step.get("until")
    if not isinstance(ends, Mapping):
        return "?"
    falling = str(step.get("current", "")).lstrip().startswith(("-", "\u2212"))
    forms = {"voltage": "V < {}" if falling else "V > {}", "current": "|I| < {}"}
    words = [forms.get(name, "{}").format(value) for name, value in ends.items() if value is not None]
    return " or ".join(words) or "?"


def ends_of(ends: CurrentEnds | VoltageEnds) -> str:
    """Return end conditions for a sentence: "until capacity 95 % or time 3 h"."""
    return f"until {_listed(ends)}"


def cuts_of(cuts: CurrentEnds | VoltageCuts | None) -> str:
    """Return what ends the run, in brackets, "" where nothing does."""
    return "" if cuts is None else f" (cut short at {_listed(cuts)})"


def _listed(ends: CurrentEnds | VoltageEnds | VoltageCuts) -> str:
    return " or ".join(f"{name} {value}" for name, value in ends if value is not None)
