"""A quantity as a form shows it: its number in a field, its unit in a list beside it. No Qt."""

import re

from solbench.protocols.errors import FieldError
from solbench.protocols.quantities.quantity import Accepts
from solbench.protocols.quantities.units import leading_number

UNITS: dict[str, tuple[str, ...]] = {
    "current": ("mA", "uA", "nA", "A"),
    "current density": ("mA/cm2", "uA/cm2"),
    "specific current": ("mA/g",),
    "C-rate": ("C",),
    "voltage": ("V", "mV"),
    "voltage slope": ("mV/s", "mV/min", "mV/h"),
    "charge": ("mAh", "uAh"),
    "areal capacity": ("mAh/cm2", "uAh/cm2"),
    "specific capacity": ("mAh/g",),
    "fraction": ("%",),
    "time": ("s", "min", "h", "d"),
    "frequency": ("MHz", "kHz", "Hz", "mHz"),
    "length": ("mm", "um", "cm"),
    "area": ("cm2", "mm2"),
    "mass": ("mg", "g", "ug"),
    "conductivity": ("mS/cm", "S/cm", "uS/cm"),
    "resistance": ("ohm", "kohm", "Mohm"),
    "conductance": ("mS", "S", "uS"),
    "inductance": ("uH", "nH"),
    "temperature": ("degC", "K"),
    "pressure": ("MPa", "bar", "kPa"),
    "energy": ("eV", "meV"),
    "number of cycles": ("cycles",),
}
"""What is offered for each kind of quantity, in the units of the trade; any other may be typed."""


_MORE_OF_A_NUMBER = re.compile(r"[.,0-9]|[eE][+-]?[0-9]|[eE]$")


def units_of(accepts: Accepts) -> tuple[str, ...]:
    """Return the units offered for a field, without those that it refuses (an amplitude has no C-rate)."""
    offered = [unit for kind in accepts.kinds or UNITS for unit in UNITS.get(kind, ())]
    offered += [split(text)[1] for text in accepts.example_texts()]  # of a kind that is not in the table
    return tuple(
        unit for unit in dict.fromkeys(offered) if unit and _takes(accepts, f"1 {unit}", f"-1 {unit}")
    )


def split(text: str) -> tuple[str, str]:
    """Return number and unit of a text, or of several with semicolons that have one unit; ("", "") for all else.

    >>> split("-0.16 mA/cm2"), split("0 %; 50 %; 100 %"), split("0.35 eV"), split("C/10"), split("1 V; 5 mV")
    (('-0.16', 'mA/cm2'), ('0; 50; 100', '%'), ('0.35', 'eV'), ('', ''), ('', ''))
    """
    numbers, units = [], set()
    for part in text.split(";"):
        number = leading_number(part)
        unit = part.strip()[len(number) :].strip() if number is not None else ""
        if number is None or not unit or _MORE_OF_A_NUMBER.match(unit):
            return "", ""
        numbers.append(number)
        units.add(unit)
    return ("; ".join(numbers), units.pop()) if len(units) == 1 else ("", "")


def joined(text: str, unit: str) -> str:
    """Return what was typed with the unit behind each bare number; what has a unit, or is none, stays as it is.

    >>> joined("25", "degC"), joined("0; 50 %", "%"), joined("C/10", "mA"), joined("$current", "mA"), joined("", "V")
    ('25 degC', '0 %; 50 %', 'C/10', '$current', '')
    """
    return "; ".join(_one(part.strip(), unit) for part in text.split(";"))


def _one(part: str, unit: str) -> str:
    return f"{part} {unit}" if unit and leading_number(part) == part else part


def _takes(accepts: Accepts, *texts: str) -> bool:
    for text in texts:
        try:
            accepts.read(text)
        except FieldError:
            continue
        return True
    return False
