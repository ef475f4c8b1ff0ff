"""One specimen of the instruments: its settings, drawn from the table by its number.

    specimen({"unit": 7})                                    number 7, in any program and on any machine
    specimen({"unit": 7, "interface": {"lag_s": [...]}})     number 7 with another lag

`ideal` is made of the settings' own defaults, `typical` lies in the middle of every law. What a unit is shows in its
settings: for tests, and for nothing that measures.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from solbench.simulators.electronics.settings import IDEAL, BenchSettings, SettingError
from solbench.simulators.unchecked import Block, Value
from solbench.simulators.units.table import TABLE

TYPICAL = "typical"
DEFAULT_UNIT = IDEAL
IMPEDANCE_SHOWN: Block = {"after_reset": ("SO1,3",)}
"""Who works with the 1260 by itself has it show V1/I: two programs that never choose it get an impedance."""
WITHOUT_I = "1255B"
SHOWN_WHOLE = ("leads",)
SHOWN = ("lag_s", "lag_shape", "resistor_pole_Hz", "v_out_polarity", "i_out_polarity")
"""What a spectrum shows of a unit, beside the errors of its gains: groups of the settings, and names in `interface`."""


def specimen(given: Block) -> BenchSettings:
    """Make the settings of the unit that `given` names, and put what else it gives in their place.

    Raises SettingError on a unit that is none, and on what the settings refuse.
    """
    name = unit_name(given.get("unit", DEFAULT_UNIT))
    below = drawn(name)
    if given.get("wiring") == "analyzer_alone":
        below = _laid_over(below, {"analyzer": IMPEDANCE_SHOWN})
    analyzer, drawn_of = given.get("analyzer"), below.get("analyzer")
    if (
        isinstance(analyzer, Mapping)
        and analyzer.get("family") == WITHOUT_I
        and isinstance(drawn_of, Mapping)
    ):
        kept = {key: value for key, value in drawn_of.items() if key not in ("after_reset", "front_panel")}
        below = {**below, "analyzer": kept}  # what was set on a 1260 may be what this one does not have
    return BenchSettings.from_mapping(_laid_over(below, {**given, "unit": name}))


def called(settings: BenchSettings) -> str:
    """Return what a specimen is called: the name of its unit, and whether it was changed in what spectra show of it."""
    own = specimen({"unit": settings.unit})
    changed = any(getattr(own, group) != getattr(settings, group) for group in SHOWN_WHOLE) or any(
        getattr(own.interface, name) != getattr(settings.interface, name) for name in SHOWN
    )
    return f"{settings.unit}, changed" if changed else settings.unit


def unit_name(value: Value) -> str:
    """Return the name of a unit, `ideal`, `typical` or a number; raises SettingError."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if isinstance(text, str):
        if text in (IDEAL, TYPICAL):
            return text
        if text.isascii() and text.isdigit():
            return str(int(text))
    raise SettingError(
        f"unit is {value!r}; it takes {IDEAL}, {TYPICAL}, or a whole number from 0, which draws one"
    )


def drawn(name: str) -> dict[str, Value]:
    """Return the settings that make a unit differ from the ideal one, in groups as `BenchSettings` has them."""
    found: dict[str, Value] = {}
    groups: dict[str, dict[str, Value]] = {}
    for row in TABLE if name != IDEAL else ():
        # by the row's own name, so that another row changes no unit
        value = row.law.typical if name == TYPICAL else row.law.draw(random.Random(f"{name} {row.setting}"))
        group, _, setting = row.setting.rpartition(".")
        (groups.setdefault(group, {}) if group else found)[setting] = value
    return {**found, **groups}


def _laid_over(below: Mapping[str, Value], above: Mapping[str, Value]) -> dict[str, Value]:
    """Return two mappings as one, group by group; what is above wins."""
    merged = dict(below)
    for name, value in above.items():
        under = merged.get(name)
        merged[name] = (
            _laid_over(under, value) if isinstance(under, Mapping) and isinstance(value, Mapping) else value
        )
    return merged
