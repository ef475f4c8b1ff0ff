"""A mask: which points of spectra are left out, written as frequencies and ranges of them.

    50 Hz, 100 kHz-1 MHz, 3: 1 kHz to 2 kHz

A frequency is the points within 2 % of it; a range holds its ends. A number before a colon is that of a spectrum, to
which the entry then applies alone; the name of its file may stand before the number. No Qt, no arrays: everything that
fits or draws spectra takes it from here.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from solbench.protocols.errors import FieldError
from solbench.protocols.quantities.quantity import read

SAME = 0.02  # of a frequency: generators and files round it, and measured ones are further apart
EDGE = 1e-5  # of an end of a range: one written with six digits holds its point
LONGEST = 20_000  # characters: a point of each of some thousand spectra
_CURE = "Write frequencies and ranges, such as '50 Hz, 100 kHz-1 MHz' or '3: 50 Hz' for spectrum 3 alone"
_BETWEEN = re.compile(r"[;\n]|,(?!\d)|(?<!\d),")  # a comma between two digits is a decimal sign
_RANGE = re.compile(r"\s+to\s+|(?<![eE])\s*[-–—−]\s*", re.IGNORECASE)
_WHERE = re.compile(r"(?:(?P<source>.*\S)\s+)?(?P<number>\d+)\s*")


@dataclass(frozen=True)
class Band:
    """Frequencies that are left out, from `low_Hz` to `high_Hz`; of one spectrum and one file where these are named."""

    low_Hz: float
    high_Hz: float
    spectrum: int | None = None
    source: str = ""

    def holds(self, frequency_Hz: float) -> bool:
        """Say whether a frequency is left out."""
        share = SAME if self.low_Hz == self.high_Hz else EDGE
        return self.low_Hz * (1.0 - share) <= frequency_Hz <= self.high_Hz * (1.0 + share)

    def is_of(self, source: str, spectrum: int) -> bool:
        """Say whether it applies to a spectrum of a file (its name without ending)."""
        return self.spectrum in (None, spectrum) and self.source in ("", plain_name(source))

    @property
    def text(self) -> str:
        """Get it as it is written."""
        where = "" if self.spectrum is None else f"{self.source} {self.spectrum}: ".lstrip()
        if self.low_Hz == self.high_Hz:
            return f"{where}{written(self.low_Hz, 4)}"
        return f"{where}{written(self.low_Hz)} to {written(self.high_Hz)}"


@dataclass(frozen=True)
class Mask:
    """The bands that are left out, none by default."""

    bands: tuple[Band, ...] = ()

    def __bool__(self) -> bool:
        """Say whether anything is left out."""
        return bool(self.bands)

    def of(self, source: str, spectrum: int) -> "Mask":
        """Return what applies to one spectrum of a file (its name without ending)."""
        return Mask(tuple(band for band in self.bands if band.is_of(source, spectrum)))

    def holds(self, frequency_Hz: float) -> bool:
        """Say whether any band holds a frequency, whatever spectrum it is written for."""
        return any(band.holds(frequency_Hz) for band in self.bands)

    def left_out(self, frequencies_Hz: Iterable[float]) -> list[bool]:
        """Say of each frequency whether it is left out."""
        return [self.holds(each) for each in frequencies_Hz]

    def with_points(
        self, taken_Hz: Sequence[float], measured_Hz: Sequence[float], spectrum: int, source: str = ""
    ) -> "Mask":
        """Return it with points of one spectrum left out, too; neighbours among the measured ones become a range."""
        new = (
            Band(ends[0], ends[-1], spectrum, plain_name(source))
            for ends in _neighbours(measured_Hz, lambda each: each in taken_Hz)
        )
        return Mask((*self.bands, *new))

    def without_points(self, taken_Hz: Sequence[float], measured_Hz: Sequence[float]) -> "Mask":
        """Return it without these points; of a band that holds one, what else it holds of the measured ones stays."""
        kept: list[Band] = []
        for band in self.bands:
            if any(band.holds(each) for each in taken_Hz):
                inside = [each for each in measured_Hz if band.holds(each)]
                parts = _neighbours(inside, lambda each: each not in taken_Hz)
                kept += (replace(band, low_Hz=ends[0], high_Hz=ends[-1]) for ends in parts)
            else:
                kept.append(band)
        return Mask(tuple(kept))

    @property
    def text(self) -> str:
        """Get it as it is written."""
        return ", ".join(band.text for band in self.bands)


def read_mask(text: str) -> Mask:
    """Read a mask as written, "" for none; raises FieldError.

    >>> read_mask("50 Hz, 1,5 kHz; 100-200 kHz, 3: 1 kHz to 2 kHz").text
    '50 Hz, 1.5 kHz, 100 kHz to 200 kHz, 3: 1 kHz to 2 kHz'
    """
    if len(text) > LONGEST:
        raise FieldError(f"{len(text)} characters are too many", "Write ranges in the place of single points")
    return Mask(tuple(dict.fromkeys(_bands(text))))


def _bands(text: str) -> Iterator[Band]:
    for entry in filter(None, (part.strip() for part in _BETWEEN.split(text))):
        where, colon, what = entry.rpartition(":")
        found = _WHERE.fullmatch(where.strip()) if colon else None
        if colon and found is None:
            raise FieldError(f"'{entry}' does not begin with the number of a spectrum", _CURE)
        spectrum = int(found["number"]) if found is not None else None
        source = plain_name(found["source"] or "") if found is not None else ""
        ends = _ends(what.strip(), entry)
        yield Band(min(ends), max(ends), spectrum, source)


def _ends(text: str, entry: str) -> tuple[float, float]:
    parts = _RANGE.split(text)
    if not 1 <= len(parts) <= 2 or not all(parts):
        raise FieldError(f"'{entry}' is neither a frequency nor a range of two", _CURE)
    unit = re.sub(r"^[\d.,\s]+(?:[eE][+-]?\d+)?\s*", "", parts[-1])
    if len(parts) == 2 and re.fullmatch(r"[\d.,\s]+(?:[eE][+-]?\d+)?", parts[0]):
        parts[0] = f"{parts[0]} {unit}".strip()  # "100-200 kHz"
    low, high = (_frequency(part, entry) for part in (parts[0], parts[-1]))
    return low, high


def _frequency(text: str, entry: str) -> float:
    try:
        return read(text, "frequency")
    except FieldError as error:
        where = f"'{entry}': " if f"'{entry}'" not in error.message else ""
        raise FieldError(f"{where}{error.message}", _CURE) from None


def _neighbours(measured_Hz: Sequence[float], taken: Callable[[float], bool]) -> Iterator[list[float]]:
    for is_taken, group in groupby(sorted(measured_Hz), taken):
        if is_taken:
            yield list(group)


def plain_name(source: str) -> str:
    """Return the name of a file as it stands in a mask: without the signs that divide one.

    >>> plain_name("cell 4; 25 degC")
    'cell 4 25 degC'
    """
    return " ".join(re.sub(r"[,;:\n]", " ", source).split())


def written(frequency_Hz: float, digits: int = 7) -> str:
    """Write a frequency with as many digits at most.

    >>> written(50.0), written(1258925.41), written(0.01)
    ('50 Hz', '1.258925 MHz', '10 mHz')
    """
    for factor, prefix in ((1e6, "M"), (1e3, "k"), (1.0, "")):
        if frequency_Hz >= factor * (1 - 1e-9):
            return f"{frequency_Hz / factor:.{digits}g} {prefix}Hz"
    return f"{frequency_Hz * 1e3:.{digits}g} mHz"
