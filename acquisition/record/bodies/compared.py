"""The record of what does not agree with the record of the cell, and its words."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from solbench.acquisition.record.codec import OMITTED

ComparisonCode = Literal[
    "electrolyte_resistance",
    "charge_beyond_electrodes",
    "charge_returned",
    "sodium_plated",
    "rest_when_full",
    "voltage_jumped",
    "short_circuit",
    "electronic_resistance",
    "no_voltage",
    "first_charge",
    "efficiency",
    "resistance_grown",
    "electrodes_not_blocking",
    "electrodes_blocking",
    "leads_inductive",
]
Grade = Literal["doubt", "stop"]
Unit = Literal["ohm", "V", "C", ""]
Cause = Literal[
    "area",
    "thickness",
    "temperature",
    "other_cell",
    "other_build",
    "counter_electrode",
    "short_circuit",
    "contact",
    "tin_mass",
    "electrode_mass",
    "not_fresh",
    "leads_exchanged",
    "lead_off",
    "side_reaction",
    "interphase",
    "long_leads",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What was measured does not agree with what the cell's record lets expect.

    `segment`: ordinal
    `code`: what was compared
    `grade`: doubt, the run goes on; stop, it pauses
    `seen`: what was measured, in SI
    `low`, `high`: between which it was expected; null where there is no bound
    `unit`: of these
    `causes`: the likeliest first
    `spectrum`: its number, where it is one that was compared
    """

    kind: ClassVar[Literal["compared"]] = "compared"
    when: ClassVar[str] = "what is measured does not agree with the cell's record"
    segment: int = 0
    code: ComparisonCode
    grade: Grade
    seen: float
    low: float | None
    high: float | None
    unit: Unit
    causes: tuple[Cause, ...]
    spectrum: int | None = field(default=None, metadata=OMITTED)


WHAT: dict[ComparisonCode, str] = {
    "electrolyte_resistance": "the resistance of the electrolyte",
    "charge_beyond_electrodes": "the charge that flowed one way",
    "charge_returned": "the charge that came back beyond what went in",
    "sodium_plated": "the voltage at rest",
    "rest_when_full": "the voltage at rest of the filled electrode",
    "voltage_jumped": "the change of the voltage from one reading to the next",
    "short_circuit": "the voltage that a current leaves",
    "electronic_resistance": "the resistance to electrons at the end of a polarization",
    "no_voltage": "the voltage of a cell that has taken up charge",
    "first_charge": "the charge of the first filling",
    "efficiency": "what came back of the charge that went in",
    "resistance_grown": "what the resistance of the filled cell is more than that of the electrolyte",
    "electrodes_not_blocking": "the imaginary part at the lowest frequency",
    "electrodes_blocking": "the capacitive part at the lowest frequency",
    "leads_inductive": "the inductive part at the highest frequency",
}
CAUSES: dict[Cause, str] = {
    "area": "a wrong area or diameter in the record",
    "thickness": "a wrong thickness in the record",
    "temperature": "another temperature than typed",
    "other_cell": "another cell than that of the record",
    "other_build": "another build than that of the record",
    "counter_electrode": "another counter or reference electrode than that of the record",
    "short_circuit": "a short circuit through the electrolyte",
    "contact": "a poor contact or lost pressure",
    "tin_mass": "a wrong mass of tin in the record",
    "electrode_mass": "a wrong mass of an electrode, or part of it without contact",
    "not_fresh": "a cell that was not fresh",
    "leads_exchanged": "a cell that is upside down, or leads that are exchanged",
    "lead_off": "a lead that has come off",
    "side_reaction": "a side reaction that takes up charge",
    "interphase": "an interphase that has grown",
    "long_leads": "long leads, or leads that lie apart",
}
_SCALES = ((1.0, ""), (1e-3, "m"), (1e-6, "u"), (1e-9, "n"))


def in_words(compared: Compared) -> str:
    """Return what was seen, what was expected, and the likeliest causes, as a sentence."""
    seen, unit = _shown(compared.seen, compared.unit), compared.unit
    if compared.low is not None and compared.high is not None:
        wanted = f"{_shown(compared.low, unit)} to {_shown(compared.high, unit)} was expected"
    elif compared.high is not None:
        wanted = f"at most {_shown(compared.high, unit)} was expected"
    elif compared.low is not None:
        wanted = f"at least {_shown(compared.low, unit)} was expected"
    else:
        wanted = "none was expected"
    return f"{WHAT[compared.code]} is {seen}, {wanted}; look for {causes_of(compared)}"


def causes_of(compared: Compared) -> str:
    """Return the likeliest causes in words."""
    return ", ".join(CAUSES[cause] for cause in compared.causes)


def _shown(value: float, unit: Unit) -> str:
    if not unit:
        return f"{100.0 * value:.3g} %"
    if unit == "ohm":
        return f"{value:.4g} ohm"
    scale, prefix = next((one for one in _SCALES if abs(value) >= one[0]), (1.0, ""))
    return f"{value / scale:.4g} {prefix}{unit}"
