"""How spectra are to be fitted, and reading it: window of frequencies, points left out, start values, weights."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from solbench.fitting.circuit import Circuit, CircuitError
from solbench.fitting.elements import Array, Complex
from solbench.protocols.corrections.mask import Mask, read_mask
from solbench.protocols.errors import BadInput, FieldError
from solbench.protocols.quantities.quantity import read
from solbench.protocols.quantities.units import parse

Weighting = Literal["modulus", "unit"]
WEIGHTINGS: tuple[Weighting, ...] = get_args(Weighting)
_EDGE = 1e-5  # of a frequency: an end of the window that was written with six digits holds its point
_DIMENSIONS = {
    "ohm": (1, 2, -3, -2, 0, 0),
    "F": (-1, -2, 4, 2, 0, 0),
    "H": (1, 2, -2, -2, 0, 0),
    "s": (0, 0, 1, 0, 0, 0),
}


@dataclass(frozen=True)
class FitSettings:
    """How spectra are fitted.

    `from_Hz` and `to_Hz` are the ends of the window, both within it; `mask` leaves points out of it, of single spectra,
    too; `start` and `fixed` are values by parameter name (SI), fewer than all of them; `weight` is that of
    `solbench.fitting.circuit_fit.fit`.
    """

    from_Hz: float = 0.0
    to_Hz: float = math.inf
    start: Mapping[str, float] = field(default_factory=dict)
    fixed: Mapping[str, float] = field(default_factory=dict)
    weight: Weighting = "modulus"
    mask: Mask = field(default_factory=Mask)

    def of(self, source: Path | str, spectrum: int) -> "FitSettings":
        """Return the settings for one spectrum of a file, its mask without what is written for others."""
        return replace(self, mask=self.mask.of(Path(source).stem, spectrum)) if self.mask else self

    @property
    def has_window(self) -> bool:
        """Get whether not all frequencies are to be fitted."""
        return self.from_Hz > 0.0 or self.to_Hz < math.inf

    def within(self, frequency_Hz: Array, impedance_ohm: Complex) -> tuple[Array, Complex]:
        """Return the part of a spectrum (Hz, ohm) that lies in the window.

        >>> f, z = FitSettings(from_Hz=2.0, to_Hz=30.0).within(np.array([1.0, 2.0, 30.0, 40.0]), np.ones(4))
        >>> f.tolist(), len(z)
        ([2.0, 30.0], 2)
        """
        inside = self.inside(frequency_Hz)
        return frequency_Hz[inside], impedance_ohm[inside]

    def inside(self, frequency_Hz: Array) -> np.ndarray:
        """Mark the frequencies (Hz) in the window that the mask does not leave out."""
        f = np.asarray(frequency_Hz, float)
        window = (f >= self.from_Hz * (1 - _EDGE)) & (f <= self.to_Hz * (1 + _EDGE))
        return np.asarray(window & ~self.masked(f))

    def masked(self, frequency_Hz: Array) -> np.ndarray:
        """Mark the frequencies (Hz) that the mask leaves out."""
        return np.array(self.mask.left_out(np.asarray(frequency_Hz, float).tolist()), bool)

    @property
    def window_words(self) -> str:
        """Get the window as text, "" for all frequencies."""
        if not self.has_window:
            return ""
        if self.to_Hz == math.inf:
            return f"from {self.from_Hz:g} Hz"
        return f"up to {self.to_Hz:g} Hz" if not self.from_Hz else f"{self.from_Hz:g} to {self.to_Hz:g} Hz"


USUAL = FitSettings()


def read_frequency(text: str) -> float:
    """Read a frequency (Hz) as written: "100 Hz", "1,5 kHz"; raises FieldError.

    >>> read_frequency("10 mHz"), read_frequency("1e3 Hz")
    (0.01, 1000.0)
    """
    try:
        return read(text, "frequency")
    except FieldError as error:
        raise FieldError(error.message, f"Write a frequency such as {_in_hertz(text)}") from None


def _in_hertz(text: str) -> str:
    """Return an example of a frequency, with the number that was typed where it was no more than that."""
    return f"'{text} Hz'" if re.fullmatch(r"[\d.,]*[1-9][\d.,]*", text) else "'10 Hz' or '1 kHz'"


def read_parameter(text: str, unit: str) -> float:
    """Read a value of a circuit's parameter as written, in SI or with its unit; raises FieldError.

    >>> read_parameter("4,7 kohm", "ohm"), read_parameter("2e-6", "S s^alpha"), read_parameter("10 uF", "F")
    (4700.0, 2e-06, 1e-05)
    """
    parsed = parse(text)
    if parsed.has_unit and parsed.dimension != _DIMENSIONS.get(unit):
        known = unit in _DIMENSIONS
        cure = f"Write it in {unit}, or as a bare number" if known else "Write a bare number in SI"
        raise FieldError(f"'{text}' has another unit than the parameter, which is in {_named(unit)}", cure)
    if not parsed.value > 0.0:
        raise FieldError(f"'{text}' is not above zero", "Parameters of a circuit are above zero")
    return parsed.value


def _named(unit: str) -> str:
    return "no unit" if unit == "1" else unit


def read_values(texts: list[str], circuit: Circuit, option: str) -> dict[str, float]:
    """Read texts NAME=VALUE for a circuit; raises BadInput that names the option.

    >>> from solbench.fitting.circuit import parse as circuit
    >>> read_values(["R1=35 ohm", "C1=1e-5"], circuit("R0-p(R1,C1)"), "--start")
    {'R1': 35.0, 'C1': 1e-05}
    """
    found: dict[str, float] = {}
    for text in texts:
        name, sign, value = (part.strip() for part in text.partition("="))
        if not (name and sign and value):
            example = next((name for name in circuit.names if name.startswith("R")), circuit.names[0])
            raise BadInput(f"'{text}' is not NAME=VALUE", f"Write {option} {example}=35", field=option)
        if name in found:
            raise BadInput(f"{name} is given twice", "Give it once", field=option)
        try:
            found[name] = read_parameter(value, circuit.units[circuit.index(name)])
        except CircuitError as error:
            raise BadInput(str(error), "Write one of these names", field=option) from None
        except FieldError as error:
            raise BadInput(error.message, error.cure, field=f"{option} {name}") from None
    return found


def read_settings(
    circuit: Circuit | None,
    *,
    from_text: str | None = None,
    to_text: str | None = None,
    start: list[str] | None = None,
    fix: list[str] | None = None,
    weight: str = "modulus",
    mask: str | None = None,
) -> FitSettings:
    """Read what `solbench fit` was given; raises BadInput that names option and cure."""
    window = _window(from_text, to_text)
    left_out = _mask(mask or "")
    if weight not in WEIGHTINGS:
        raise BadInput(
            f"there is no weighting '{weight}'", f"Write {' or '.join(WEIGHTINGS)}", field="--weight"
        )
    if circuit is None:
        _refuse_without_circuit(start, fix, weight)
        return FitSettings(*window, mask=left_out)
    values = read_values(start or [], circuit, "--start")
    held = read_values(fix or [], circuit, "--fix")
    if both := sorted(set(values) & set(held)):
        raise BadInput(f"{both[0]} has a start value and is held", "Leave one of the two out", field="--fix")
    if len(held) == len(circuit.names):
        raise BadInput("every parameter is held, nothing is left to fit", "Leave one out", field="--fix")
    return FitSettings(*window, values, held, weight, left_out)


def require_points(mask: Mask, spectra: Iterable[tuple[Path | str, int, Array]], option: str) -> None:
    """Raise BadInput for what a mask names and no spectrum has; each is its file, its number and frequencies (Hz)."""
    known = [(Path(source).stem, number, np.asarray(f).tolist()) for source, number, f in spectra]
    for band in mask.bands:
        own = [f for source, number, f in known if band.is_of(source, number)]
        if any(band.holds(each) for f in own for each in f):
            continue
        all_Hz = [each for f in own for each in f]
        ends = f" They go from {min(all_Hz):g} to {max(all_Hz):g} Hz" if all_Hz else ""
        raise BadInput(
            f"no spectrum has a point at {band.text}",
            f"Write frequencies that were measured, and numbers of spectra that there are.{ends}",
            field=option,
        )


def _mask(text: str) -> Mask:
    try:
        return read_mask(text)
    except FieldError as error:
        raise BadInput(error.message, error.cure, field="--mask") from None


def _window(from_text: str | None, to_text: str | None) -> tuple[float, float]:
    ends = []
    for text, option, default in ((from_text, "--from", 0.0), (to_text, "--to", math.inf)):
        try:
            ends.append(default if text is None else read_frequency(text))
        except FieldError as error:
            raise BadInput(error.message, error.cure, field=option) from None
    if not ends[0] < ends[1]:
        raise BadInput(
            f"the window from {ends[0]:g} to {ends[1]:g} Hz holds nothing",
            "Write the lower frequency after --from and the higher one after --to",
            field="--from",
        )
    return ends[0], ends[1]


def _refuse_without_circuit(start: list[str] | None, fix: list[str] | None, weight: str) -> None:
    for option, given in (("--start", start), ("--fix", fix), ("--weight", weight != "modulus")):
        if given:
            raise BadInput(
                "this has a meaning for a named circuit only",
                "Name it, such as --circuit 'L0-R0-p(R1,CPE1)-CPE2'",
                field=option,
            )
