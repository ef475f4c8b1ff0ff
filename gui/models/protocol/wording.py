"""Steps in a few words, from data as typed: a step that is not right yet has words too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KIND_WORDS = {
    "rest": "Rest",
    "constant_current": "Constant current",
    "constant_voltage": "Constant voltage",
    "impedance": "Impedance",
    "dc_polarization": "DC polarization",
    "loop": "Loop",
}


def step_words(step: Mapping[str, Any]) -> str:
    """Say what a step does and when it ends: "-0.16 mA/cm2 until 95 %, spectra at 5 states"."""
    maker = _MAKERS.get(str(step.get("kind")))
    return maker(step) if maker else "unknown kind of step"


def _rest(step: Mapping[str, Any]) -> str:
    if step.get("time") is not None:
        return f"for {step['time']}"
    return f"until below {_shown(step, 'slope')}, at most {_shown(step, 'at_most')}"


def _constant_current(step: Mapping[str, Any]) -> str:
    words = f"{_shown(step, 'current')} until {_ends(step.get('until'), step)}"
    marks = step.get("spectra_at")
    if isinstance(marks, (list, tuple)) and marks:
        words += f", spectra at {len(marks)} states"
    return words


def _constant_voltage(step: Mapping[str, Any]) -> str:
    return f"{_shown(step, 'voltage')} until {_ends(step.get('until'), step)}"


def _impedance(step: Mapping[str, Any]) -> str:
    return f"{_shown(step, 'from')} to {_shown(step, 'to')}, {_shown(step, 'amplitude')} rms"


def _dc_polarization(step: Mapping[str, Any]) -> str:
    signs = "both signs, " if step.get("both_signs") is True else ""
    return f"{_shown(step, 'voltage')}, {signs}until steady or {_shown(step, 'at_most')}"


def _loop(step: Mapping[str, Any]) -> str:
    return f"{_shown(step, 'count')} times"


def _ends(ends: Any, step: Mapping[str, Any]) -> str:
    if not isinstance(ends, Mapping):
        return "?"
    falling = str(step.get("current", "")).lstrip().startswith(("-", "\u2212"))
    sign = "<" if falling else ">"
    words = []
    for name, value in ends.items():
        if value is None:
            continue
        if name == "voltage":
            words.append(f"V {sign} {value}")
        elif name == "current":
            words.append(f"|I| < {value}")
        else:
            words.append(str(value))
    return " or ".join(words) or "?"


def _shown(step: Mapping[str, Any], name: str) -> str:
    value = step.get(name)
    return "?" if value is None or value == "" else str(value)


_MAKERS = {
    "rest": _rest,
    "constant_current": _constant_current,
    "constant_voltage": _constant_voltage,
    "impedance": _impedance,
    "dc_polarization": _dc_polarization,
    "loop": _loop,
}
