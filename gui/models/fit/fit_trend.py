"""A parameter of the fits over several spectra: against capacity, cycle, or the number of the spectrum."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from solbench.analysis.exports.spreadsheet import write_csv
from solbench.fitting.circuit import parse
from solbench.fitting.verdicts import is_reference
from solbench.gui.models.common.answers import SpectrumResult
from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.words import tr
from solbench.gui.models.fit.fit_choice import shown_unit
from solbench.gui.models.fit.fit_spectra import Spectrum

RESULTS: dict[str, Callable[[SpectrumResult], tuple[float | None, float | None]]] = {
    "R interface": lambda found: found.interface,
    "R electrolyte": lambda found: found.electrolyte,
}
SHOWN = {"R interface": tr("R interface"), "R electrolyte": tr("R electrolyte")}
"""What a result is called on the screen; a table for a spreadsheet has its name in English."""


@dataclass(frozen=True)
class Axis:
    """What a parameter is drawn against: a name with its unit, and its value for a spectrum (None: unknown)."""

    name: str
    of: Callable[[Spectrum], float | None]


AXES = (
    Axis(tr("areal capacity (mAh/cm²)"), lambda spectrum: spectrum.capacity_mAh_cm2),
    Axis(tr("cycle"), lambda spectrum: spectrum.cycle),
    Axis(tr("spectrum"), lambda spectrum: spectrum.number),
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
        found |= {name: None for name in RESULTS if value_of(spectrum, name) is not None}
    for spectrum in spectra:
        found |= dict.fromkeys(spectrum.found.values if spectrum.found is not None else ())
    return list(found)


def unit_of(spectra: Sequence[Spectrum], parameter: str) -> str:
    """Return the unit of a parameter, as it is shown."""
    if parameter in RESULTS:
        return "Ω"
    for spectrum in spectra:
        fit = spectrum.found
        if fit is not None and fit.circuit and parameter in fit.values:
            circuit = parse(fit.circuit)
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
    if found is None:
        return None
    if parameter in RESULTS:
        value, stderr = RESULTS[parameter](found)
    else:
        value, stderr = found.values.get(parameter), found.stderr.get(parameter)
    return None if value is None else (value, stderr)


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
        "left out (Hz)",
    ]
    for name in names:
        unit = unit_of(spectra, name).replace("Ω", "ohm")
        head += [f"{name} ({unit})" if unit else name, f"{name} standard error"]
    lines = [head]
    for spectrum in spectra:
        values = [value_of(spectrum, name) or (None, None) for name in names]
        lines.append(
            [
                spectrum.name,
                _text(spectrum.capacity_mAh_cm2),
                _text(spectrum.cycle),
                *_fit_texts(spectrum.found),
                *(_text(number) for pair in values for number in pair),
            ]
        )
    out = io.StringIO()
    write_csv(out, lines, "\t")
    return out.getvalue().removesuffix("\n")


def _fit_texts(found: SpectrumResult | None) -> list[str]:
    if found is None:
        return [""] * 6
    numbers = found.from_Hz, found.to_Hz, found.chi2_nu, found.kk_residual
    left_out = " ".join(f"{value:.6g}" for value in sorted(found.left_out_Hz))
    return [found.circuit or "", *map(_text, numbers), left_out]


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:.8g}"
