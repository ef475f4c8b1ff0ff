"""Results of fits as texts: values with their errors, how good a fit is."""

import math

import numpy as np

from solbench.fitting.circuit import parse
from solbench.fitting.verdicts import BY_DEFINITION, VERDICT_WORDS, is_reference
from solbench.gui.models.common.number_format import with_prefix
from solbench.gui.models.common.words import ntr, term, tr
from solbench.gui.models.fit.fit_choice import shown_name, shown_unit
from solbench.gui.models.fit.fit_spectra import Spectrum
from solbench.gui.models.fit.fit_trend import SHOWN

NONE = "–"
PLAIN = 2  # powers of ten that are not written as such
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def parameter_rows(spectrum: Spectrum) -> list[tuple[str, str, str]]:
    """Return name, value with standard error, and relative error of each result of a fit."""
    found = spectrum.found
    if found is None or not found.circuit:
        return []
    circuit = parse(found.circuit)
    units = dict(zip(circuit.names, circuit.units, strict=True))
    rows = []
    for name, (resistance, stderr) in (
        ("R electrolyte", found.electrolyte),
        ("R interface", found.interface),
    ):
        if name == "R interface" and is_reference(resistance, stderr):
            rows.append((SHOWN[name], term(BY_DEFINITION), tr("reference")))
        elif resistance is not None:
            rows.append(_row(SHOWN[name], resistance, stderr, "ohm"))
    for name, value in found.values.items():
        row = _row(shown_name(name), value, found.stderr.get(name), units.get(name, ""))
        rows.append((row[0], row[1], tr("held")) if name in found.fixed else row)
    return rows


def verdict(spectrum: Spectrum) -> str:
    """Say how good a fit is: chi2, Kramers-Kronig residual, flags."""
    found = spectrum.found
    if found is None:
        return ntr("{count} point, not fitted", "{count} points, not fitted", len(spectrum.frequency_Hz))
    parts = [
        found.circuit,
        ntr("{count} point", "{count} points", found.points) if found.points is not None else "",
        tr("{count} left out", count=len(found.left_out_Hz)) if found.left_out_Hz else "",
        f"χ²/ν {found.chi2_nu:.3g}" if found.chi2_nu is not None else "",
        f"KK {100 * found.kk_residual:.2f} %" if found.kk_residual is not None else "",
        term(VERDICT_WORDS[found.verdict]) if found.verdict is not None else "",
    ]
    return ", ".join(part for part in parts if part)


def with_error(value: float, stderr: float | None, unit: str) -> str:
    """Write a value and its standard error with one prefix: "(12.30 ± 0.20) kΩ"; without an error the value alone.

    >>> with_error(12300.0, 200.0, "Ω"), with_error(-0.0079, 0.011, "Ω"), with_error(2.0, None, "Ω")
    ('(12.30 ± 0.20) kΩ', '(-8 ± 11) mΩ', '2.0000 Ω')
    """
    if stderr is None or not np.isfinite(stderr) or stderr <= 0.0:
        return with_prefix(value, unit)
    _, _, prefixed = with_prefix(max(abs(value), stderr), unit).partition(" ")
    scale = {"p": 1e-12, "n": 1e-9, "µ": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9}
    factor = scale.get(prefixed[:1], 1.0) if prefixed != unit else 1.0
    digits = max(1 - _power(stderr / factor, 2), 0)
    return f"({value / factor:.{digits}f} ± {stderr / factor:.{digits}f}) {prefixed}"


def in_powers(value: float, stderr: float | None = None, digits: int = 5) -> str:
    """Write a value and its standard error with one power of ten, without an error the value to some digits.

    >>> in_powers(7.741e-7, 1.2e-8), in_powers(0.9, 0.01), in_powers(7.741e-7, digits=2), in_powers(0.0)
    ('(7.74 ± 0.12)×10⁻⁷', '0.900 ± 0.010', '7.7×10⁻⁷', '0')
    >>> in_powers(9.99996e-7), in_powers(9.996e-7, 1e-8), in_powers(float("nan"))
    ('1×10⁻⁶', '(1.000 ± 0.010)×10⁻⁶', '–')
    """
    if not math.isfinite(value):
        return NONE
    if stderr is None or not math.isfinite(stderr) or stderr <= 0.0:
        power = _plain(_power(value, digits))
        written = f"{value / 10.0**power:.{digits}g}"
        return f"{written}{_times(power)}"
    last = _power(stderr, 2) - 1  # the place of the error's second digit
    power = _plain(max(_power(round(value, -last), 16), last + 1))
    places = max(power - last, 0)
    written = f"{value / 10.0**power:.{places}f} ± {stderr / 10.0**power:.{places}f}"
    return f"({written}){_times(power)}" if power else written


def _power(value: float, digits: int) -> int:
    """Return the power of ten of a value once it is rounded to some digits: 1 of 9.996 to three."""
    return int(f"{value:.{digits - 1}e}".partition("e")[2])


def _plain(power: int) -> int:
    return 0 if abs(power) <= PLAIN else power


def _times(power: int) -> str:
    return f"×10{str(power).translate(RAISED)}" if power else ""


def _relative(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.995 else tr("over 100 %")


def _row(name: str, value: float, stderr: float | None, unit: str) -> tuple[str, str, str]:
    is_known = stderr is not None and math.isfinite(stderr) and math.isfinite(value)
    relative = _relative(stderr / abs(value)) if is_known and stderr and value else NONE
    shown = {"ohm": "Ω", "F": "F", "H": "H"}.get(unit)
    if shown is None:  # a constant phase element's own unit, or none: no prefix belongs there
        return name, f"{in_powers(value, stderr)} {shown_unit(unit)}".strip(), relative
    return name, with_error(value, stderr, shown), relative
