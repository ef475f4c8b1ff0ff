"""What the name of a setting says of the unit that its value has.

Settings of instruments end in their unit (`lag_s`, `heats_K_min`, `gain_error` in none); those of a simulated cell are
called as the quantity that they are (`layer_thickness`).
"""

import math
import re
from collections.abc import Mapping
from typing import Any

from solbench.protocols.errors import FieldError
from solbench.protocols.quantities.quantity import kind_in_words, parse_generic
from solbench.protocols.quantities.units import UNIT_NAMES, leading_number, parse

_CELSIUS = ("degC", "\u00b0C")
_WITH_EXPONENT = re.compile(r"[+-]?[0-9]+\.?[0-9]*[eE][+-]?[0-9]{1,3}")
_WORDS = {  # the last word of a cell's setting, or the whole of it where the last says less
    "A/m2": "current_density",
    "C/kg": "capacity",
    "C/m2": "charge deal_grove_A deal_grove_B sodium",
    "F": "grain_boundary_capacitance own_capacitance parallel_capacitance",
    "F/m2": "capacitance",
    "H": "inductance",
    "J": "energy",
    "K": "temperature",
    "K/s": "temperature_drift",
    "S/m": "conductivity",
    "V": "depletion emf full_depth hysteresis onset potential slope voltage wall_height",
    "V/K": "entropy_coefficient",
    "m": "length thickness",
    "m2/s": "diffusion_coefficient",
    "ohm": "resistance",
    "s": "time time_constant",
    "": "exponent factors fraction permittivity width",
}
_UNIT_OF_WORD = {word: unit for unit, words in _WORDS.items() for word in words.split()}


def unit_at_end(name: str) -> str:
    """Return the unit at the end of a setting's name, "" where it has none.

    >>> [unit_at_end(name) for name in ("lag_s", "heats_K_min", "output_bytes_per_s", "gain_error")]
    ['s', 'K/min', 'Hz', '']
    """
    *before, last = name.split("_")
    if last not in UNIT_NAMES:
        return ""
    if before and before[-1] == "per":
        return "Hz" if last == "s" else ""
    return f"{before[-1]}/{last}" if before and before[-1] in UNIT_NAMES else last


def unit_of_noun(name: str) -> str | None:
    """Return the SI unit of what a cell's setting is called, "" for a number, None where the name does not tell.

    >>> unit_of_noun("charge_transfer_resistance"), unit_of_noun("trapped_fraction"), unit_of_noun("sign")
    ('ohm', '', None)
    """
    parts = name.split("_")
    ends = ("_".join(parts[place:]) for place in range(len(parts)))
    return next((_UNIT_OF_WORD[end] for end in ends if end in _UNIT_OF_WORD), None)


def to_si(value: Any, path: str = "", unit: str | None = None) -> Any:
    """Turn every text that begins like a number into its SI value, at any depth of a cell's block of settings.

    `unit` is that which the name above the value asks for. Raises `FieldError` with the path of what cannot be read.
    """
    if isinstance(value, Mapping):
        return {
            key: to_si(item, f"{path}.{key}".lstrip("."), unit_of_noun(str(key)))
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [to_si(item, f"{path}[{number}]", unit) for number, item in enumerate(value, 1)]
    return number(value, path, unit)


def number(value: Any, path: str, unit: str | None, *, difference: bool = False) -> Any:
    """Return a text that begins like a number as one, in `unit` (None: in SI), and anything else as it is.

    `1.4e7` is a number, which YAML 1.1 takes for a text. `difference`: degrees Celsius are refused, being none. Raises
    `FieldError` with the path for what cannot be read, or has no such unit.
    """
    if isinstance(value, float) and not math.isfinite(value):
        raise FieldError(f"{value} is not a number", "Write a number", field=path)
    if not isinstance(value, str) or not value.lstrip("+-.\u2212 ")[:1].isdigit():
        return value
    if _WITH_EXPONENT.fullmatch(value):
        return float(value)
    try:
        return parse_generic(value) if unit is None else _in_unit(value, unit, difference)
    except FieldError as error:
        raise FieldError(error.message, error.cure, field=path) from None


def _in_unit(text: str, unit: str, difference: bool) -> float:
    si = parse_generic(text)  # refuses what has no unit
    parsed, wanted = parse(text), parse(f"1 {unit}")
    if parsed.dimension[:5] != wanted.dimension[:5]:
        cure = (
            f"Write it in {unit}, for example '{leading_number(text) or 1} {unit}'"
            if unit
            else "Write a number, or a share such as '5 %'"
        )
        raise FieldError(
            f"'{text}' is {kind_in_words(parsed)}, not {f'in {unit}' if unit else 'a number'}", cure
        )
    if difference and unit == "K" and text.strip().endswith(_CELSIUS):
        raise FieldError(f"'{text}' is a temperature, not a difference of two", "Write it in K")
    return si / wanted.value
