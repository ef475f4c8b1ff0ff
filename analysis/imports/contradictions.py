"""Whether what was read may be the impedance of anything, or only would be if the columns were others.

Real and imaginary part of an impedance determine each other (Kramers and Kronig). Where the columns as they are named
break that and exchanged columns, or the other sign, would not, the names are wrong.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from solbench.analysis.imports.names import DEGREES_PER_RADIAN
from solbench.analysis.imports.spectrum import Array, Text
from solbench.analysis.imports.sweeps import LEAST_OF_SWEEP, sweeps
from solbench.fitting.linear_kk import kramers_kronig

_LEAST_POINTS = 8
_BREAKS = 0.02  # relative residual from which something is wrong
_LARGEST_LOGARITHM = 12.0  # of a frequency in Hz
_STEEPEST = 95.0  # degrees of phase, of a passive impedance with its errors
_GOOD = 0.003  # up to which nothing is
_BETTER, _MUCH_BETTER = 4.0, 8.0  # so many times smaller must the residual of another reading be


@dataclass(frozen=True, eq=False)
class Reading:
    """Columns of numbers read as frequency (Hz) and impedance (ohm); `lines` are those of the points.

    `columns` are all columns of numbers by name; `chosen` are the names of those that are read, `factors` what
    they are multiplied by. `assumed`: nothing in the file says what the columns are.
    """

    lines: Sequence[int]
    labels: Sequence[tuple[str, ...]]
    columns: dict[str, Array]
    chosen: tuple[str, str, str]
    factors: tuple[float, float, float]
    polar: bool
    assumed: bool

    @property
    def frequency_Hz(self) -> Array:
        """Get the frequencies."""
        return self.columns[self.chosen[0]] * self.factors[0]

    @property
    def impedance_ohm(self) -> Array:
        """Get the impedances, of real and imaginary part or of modulus and phase (degrees)."""
        first, second = (self.columns[self.chosen[i]] * self.factors[i] for i in (1, 2))
        impedance: Array = (
            first * np.exp(1j * second / DEGREES_PER_RADIAN) if self.polar else first + 1j * second
        )
        return impedance


def refuse_contradictions(text: Text, reading: Reading) -> None:
    """Raise BadInput where another reading of the columns describes impedances and this one does not."""
    f, z = reading.frequency_Hz, reading.impedance_ohm
    line = reading.lines[0]
    if len(f) > 1 and np.all(f == f[0]):
        raise text.bad(line, "all points have the same frequency: this is no spectrum", "Take another file")
    if np.mean(z.real < 0) > 0.9:
        raise text.bad(
            line,
            "the real part is below zero: is this -Z', or has another column its name?",
            "Write -Z' into the header if it is, and exchange the names otherwise",
        )
    if np.any(z == 0):
        raise text.bad(
            reading.lines[int(np.argmax(z == 0))],
            "this point has a frequency and no impedance",
            "Leave the line out if nothing was measured there",
        )
    _refuse_exchanged_frequency(text, reading)
    residual = _residual(reading)
    other = _better(reading, residual)
    if other is not None:
        raise text.bad(
            line,
            f"the columns contradict each other as they are named, and would not {other}",
            "Correct the names of the columns",
        )
    if reading.assumed and np.all(z.imag >= 0) and np.any(z.imag):
        mirrored = _residual(_mirrored(reading))
        if residual is None or mirrored is None or mirrored < residual * _BETTER:
            raise text.bad(
                line,
                "Z'' is above zero in all points, and no header says what it is: is this -Z''?",
                "Write a header line: 'frequency / Hz', \"Z' / ohm\", \"-Z'' / ohm\" or \"Z'' / ohm\"",
            )
    parts = sweeps(f, reading.labels)
    for part, after in pairwise(parts):
        same = reading.labels[after.start] == reading.labels[part.start]
        if part.stop - part.start < LEAST_OF_SWEEP and same:
            raise text.bad(
                reading.lines[after.start],
                "the frequency goes up and down here: this may be one spectrum in disorder or several",
                "Sort the rows by frequency, or keep one spectrum in the file",
            )


def _refuse_exchanged_frequency(text: Text, reading: Reading) -> None:
    """Raise BadInput where the frequency runs as a number or a time does, and another column as a frequency."""
    mine = reading.chosen[0]
    if not _is_even(np.diff(reading.columns[mine])):
        return
    for name, column in reading.columns.items():
        if name != mine and np.all(column > 0) and _is_even(np.diff(np.log(column))):
            raise text.bad(
                reading.lines[0],
                f"'{mine}' runs in equal steps, as a number or a time, and '{name}' in equal ratios, as a frequency",
                "Correct the names of the columns",
            )


def _is_even(steps: Array) -> bool:
    return len(steps) >= _LEAST_POINTS and bool(np.std(steps) < 0.05 * abs(np.mean(steps)))


def _better(reading: Reading, residual: float | None) -> str | None:
    """Return in words another reading that describes impedances where this one, with its residual, does not."""
    count = len(sweeps(reading.frequency_Hz, reading.labels))
    if residual is not None and residual < _GOOD and count == 1:
        return None
    for words, other in _other_readings(reading):
        parts = len(sweeps(other.frequency_Hz, other.labels))
        fewer = parts < count
        if parts > count or (not fewer and residual is not None and residual < _GOOD):
            continue
        found = _residual(other)
        limit = _limit(residual)
        better = _BETTER if limit >= _BREAKS else _MUCH_BETTER
        if found is not None and (found < limit / better or (fewer and found < limit)):
            return f"{words} (Kramers-Kronig residual {100 * found:.2g} %)"
    return None


def _limit(residual: float | None) -> float:
    """Return the residual that another reading must be much below."""
    if residual is None:
        return _BREAKS
    return residual if math.isfinite(residual) else _BETTER * _BREAKS


def _residual(reading: Reading) -> float | None:
    """Return the largest residual of the sweeps, None where most points are in none that could be tested.

    It is infinite for what is no passive impedance.
    """
    f, z = reading.frequency_Hz, reading.impedance_ohm
    if np.any(f <= 0) or np.any(z == 0) or not np.all(np.isfinite(z)):
        return math.inf
    if reading.polar and np.any(np.abs(reading.columns[reading.chosen[2]] * reading.factors[2]) > _STEEPEST):
        return math.inf
    tested = [part for part in sweeps(f, reading.labels) if part.stop - part.start >= _LEAST_POINTS]
    if 2 * sum(part.stop - part.start for part in tested) <= len(f):
        return None
    return max(kramers_kronig(f[part], z[part]).residual for part in tested)


def _mirrored(reading: Reading) -> Reading:
    first, second, third = reading.factors
    return replace(reading, factors=(first, second, -third))


def _other_readings(reading: Reading) -> Iterator[tuple[str, Reading]]:
    """Read with the other sign, with each chosen column exchanged with any other, and as |Z| and phase."""
    yield "with the other sign of the imaginary part", _mirrored(reading)
    for place, mine in enumerate(reading.chosen):
        for other, column in reading.columns.items():
            if other == mine or other in reading.chosen[:place] or np.all(column == column[0]):
                continue
            if place == 0 and _is_even(np.diff(column)):
                continue  # a number, or a time
            exchange = {mine: other, other: mine}
            names = tuple(exchange.get(name, name) for name in reading.chosen)
            exchanged = replace(reading, chosen=(names[0], names[1], names[2]))
            yield f"if '{mine}' and '{other}' were exchanged", exchanged
            yield f"if '{mine}' and '{other}' were exchanged, with another sign", _mirrored(exchanged)
    frequency = reading.columns[reading.chosen[0]]
    if _is_even(np.diff(frequency)) and np.max(np.abs(frequency)) < _LARGEST_LOGARITHM:
        columns = {**reading.columns, reading.chosen[0]: 10.0**frequency}
        yield "if the frequency were a logarithm", replace(reading, columns=columns)
    if reading.assumed:
        yield "if they were |Z| and phase in degrees", replace(reading, polar=True)
