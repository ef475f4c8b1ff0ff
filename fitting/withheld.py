"""Why a conclusion is withheld: the reasons as data, and the words for people.

What must hold for a growth to be told stands in `solbench.fitting.state_fit`.
"""

from dataclasses import dataclass
from typing import Literal

WithheldCode = Literal[
    "not_described",
    "not_steady",
    "resistance_changed",
    "no_capacitance",
    "no_double_layer",
    "series_resistance",
    "time_constant_changed",
    "ambiguous",
    "not_the_record",
    "not_commissioned",
]


@dataclass(frozen=True)
class Withheld:
    """Why a conclusion is not told: the first state that shows it (from 0), what was seen, and the limit.

    `seen` and `limit`: chi2_nu over that of Kramers-Kronig (not_described), Kramers-Kronig residual (not_steady), R_SSE
    over that of the first state (resistance_changed), capacitance in F (no_capacitance, no_double_layer), ohm
    (series_resistance), the ratio of time constants (time_constant_changed), or the growths by two descriptions in ohm
    (ambiguous). Both None where the record contradicts (not_the_record), and where the bench is not known well enough
    (not_commissioned).
    """

    code: WithheldCode
    state: int
    seen: float | None = None
    limit: float | None = None


def in_words(why: Withheld, number: int) -> str:
    """Return why a conclusion is withheld, for people; `number` is that of the spectrum that shows it.

    >>> in_words(Withheld("resistance_changed", 4, 1.18, 1.03), 5)
    'R_SSE of spectrum 5 is 1.18 times that of the first: contact, pressure or temperature has changed'
    >>> in_words(Withheld("series_resistance", 1, -1.44, 0.98), 2).split(",")[0]
    'spectrum 2 has 1.44 ohm less in series than the first'
    """
    match why.code:
        case "not_described":
            return f"the circuit does not describe spectrum {number} (F = {why.seen:.1f})"
        case "not_steady":
            return (
                f"spectrum {number}, from or to which it counts, has a Kramers-Kronig residual of {why.seen:.2%}: "
                "noise, drift or a loose contact"
            )
        case "resistance_changed":
            return (
                f"R_SSE of spectrum {number} is {why.seen:.3g} times that of the first: contact, pressure or "
                "temperature has changed"
            )
        case "no_capacitance":
            return (
                f"what was added in spectrum {number} has a capacitance of {why.seen:.1e} F: no interphase; look for a "
                "loose contact or lost pressure"
            )
        case "no_double_layer":
            return (
                f"what is called charge transfer in spectrum {number} has a capacitance of {why.seen:.1e} F, less "
                f"than a double layer's ({why.limit:.1e} F): part of it is a contact or an interphase"
            )
        case "series_resistance":
            seen_ohm = why.seen or 0.0
            return (
                f"spectrum {number} has {abs(seen_ohm):.3g} ohm {'more' if seen_ohm > 0.0 else 'less'} in series than "
                f"the first, without a capacitance, beyond the {why.limit:.2g} ohm that the temperature may explain: "
                "contact, pressure, temperature, or an interphase that is too fast for the window"
            )
        case "time_constant_changed":
            return (
                f"the arcs up to spectrum {number} differ in their time constants by a factor of {why.seen:.2g}: not "
                "one growing interphase; look for a contact that changed"
            )
        case "ambiguous":
            return (
                f"a growth of {why.seen:.3g} ohm up to spectrum {number} describes the spectra as well as one of "
                f"{why.limit:.3g} ohm: measure the temperature with each, or more points up to higher frequencies"
            )
        case "not_the_record":
            return f"spectrum {number} is not that of the cell in the record"
        case "not_commissioned":
            return (
                "the bench was not commissioned for spectra: the lag of its current, its leads and its accuracy are "
                "unknown"
            )
