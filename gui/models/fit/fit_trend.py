"""A parameter of the fits over several spectra: against capacity, cycle, or the number of the spectrum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from solbench.fitting.circuit import parse
from solbench.fitting.reference_state import is_reference
from solbench.gui.models.common.arrays import Array
from solbench.gui.models.fit.fit_choice import shown_unit
from solbench.gui.models.fit.fit_spectra import Spectrum

RESULTS = {"R interface": "r_interface", "R electrolyte": "r_sse"}


@dataclass(frozen=True)
class Axis:
    """What a parameter is drawn against: a name with its unit, and its value for a spectrum (None: unknown)."""

    name: str
    of: Callable[[Spectrum], float | None]


AXES = (
    Axis("areal capacity (mAh/cm²)", lambda spectrum: spectrum.capacity_mAh_cm2),
    Axis("cycle", lambda spectrum: spectrum.cycle),
    Axis("spectrum", lambda spectrum: spectrum.number),
)


@dataclass(frozen=True, eq=False)
class Trend:
    """One source's values of a parameter with standard errors (0: unknown); `reference` marks 0 by definition."""

    name: str
    x: Array
    y: Array
    stderr: Array
    reference: np.ndarray


def axes_of(spectra: Sequence[Spectrum]) -> list[Axis]:
    """Return the axes that tell these spectra apart; the number always does."""
    found = []
    for axis in AXES:
        known = {axis.of(spectrum) for spectrum in spectra}
        if None not in known and (len(known) > 1 or axis is AXES[-1]):
            found.append(axis)
    return found


def parameters_of(spectra: Sequence[Spectrum]) -> list[str]:
    """Return the names of all parameters that the fits have, results first."""
    found: dict[str, None] = {}
    for spectrum in spectra:
        found |= {name: None for name, key in RESULTS.items() if spectrum.found.get(f"{key}_ohm") is not None}
    for spectrum in spectra:
        found |= dict.fromkeys(spectrum.found.get("values", {}))
    return list(found)


def unit_of(spectra: Sequence[Spectrum], parameter: str) -> str:
    """Return the unit of a parameter, as it is shown."""
    if parameter in RESULTS:
        return "Ω"
    for spectrum in spectra:
        if parameter in spectrum.found.get("values", {}):
            circuit = parse(spectrum.found["circuit"])
            return shown_unit(circuit.units[circuit.index(parameter)])
    return ""


def trends(spectra: Sequence[Spectrum], parameter: str, axis: Axis) -> list[Trend]:
    """Return the values of a parameter, a trend for each source; spectra without it are left out."""
    rows: dict[str, list[tuple[float, float, float, bool]]] = {}
    for spectrum in spectra:
        x, found = axis.of(spectrum), value_of(spectrum, parameter)
        if x is not None and found is not None:
            value, stderr = found
            reference = parameter == "R interface" and is_reference(value, stderr)
            rows.setdefault(spectrum.source.stem, []).append((float(x), value, stderr or 0.0, reference))
    return [_trend(name, each) for name, each in rows.items()]


def _trend(name: str, rows: list[tuple[float, float, float, bool]]) -> Trend:
    x, y, stderr = np.array([row[:3] for row in rows]).T
    return Trend(name, x, y, stderr, np.array([row[3] for row in rows]))


def value_of(spectrum: Spectrum, parameter: str) -> tuple[float, float | None] | None:
    """Return a parameter's value and standard error in SI, None where the fit has none."""
    found = spectrum.found
    if parameter in RESULTS:
        value, stderr = (found.get(f"{RESULTS[parameter]}_{end}") for end in ("ohm", "stderr_ohm"))
    else:
        value, stderr = (found.get(key, {}).get(parameter) for key in ("values", "stderr"))
    return None if value is None else (float(value), stderr)


def as_table(spectra: Sequence[Spectrum]) -> str:
    """Write all values of all fits as lines for a spreadsheet: tab-separated, SI, point decimals, unknown empty."""
    names = parameters_of(spectra)
    head = [
        "spectrum",
        "areal capacity (mAh/cm2)",
        "cycle",
        "circuit",
        "from (Hz)",
        "to (Hz)",
        "chi2_nu",
        "kk_residual",
    ]
    for name in names:
        unit = unit_of(spectra, name).replace("Ω", "ohm")
        head += [f"{name} ({unit})" if unit else name, f"{name} standard error"]
    lines = [head]
    for spectrum in spectra:
        found = spectrum.found
        values = [value_of(spectrum, name) or (None, None) for name in names]
        lines.append(
            [
                spectrum.name,
                _text(spectrum.capacity_mAh_cm2),
                _text(spectrum.cycle),
                found.get("circuit", ""),
                *(_text(found.get(key)) for key in ("from_Hz", "to_Hz", "chi2_nu", "kk_residual")),
                *(_text(number) for pair in values for number in pair),
            ]
        )
    return "\n".join("\t".join(line) for line in lines)


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:.8g}"
