"""Spectra that reach to lower frequencies than the circuits of a cell are made for.

What tells electrolyte, interphase and charge transfer is in most cells' customary spectrum, down to a hertz. Below,
diffusion, electrons that leak and the potential that follows the charge show one after the other, and the cell changes
while it is measured: no circuit of a few elements describes all of these. Arcs that are given to them by the fit are
lost to what is faster, without a misfit that shows it. So a cell with electrodes is fitted from a tenth of a hertz on,
unless the whole spectrum shows a charge transfer that is as slow: its arc has the capacitance of a double layer, and
that of storage or diffusion has hundreds of times as much. Where that, or the whole spectrum of a pellet, is not
described, it is fitted without more of its slow end, and this is said.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from solbench.fitting.circuit import MeasuringChain
from solbench.fitting.elements import Array, Complex
from solbench.fitting.linear_kk import LEAST_POINTS

CUSTOMARY_Hz = 1.0
"""The lowest frequency of a customary spectrum: no point above is left out."""
SLOWEST_Hz = 0.1
"""What is slower is not fitted where there are electrodes, unless it is a charge transfer."""
MOST_OF_BARE_METAL = 100.0
"""Times the most that an interphase has: an electrode without sodium has no more capacitance (20 uF/cm2)."""
FLANK_IN_WORDS = "an electrode's arc is not told: it ends far below the lowest frequency"
"""Said of a spectrum that shows no more than the beginning of an arc: its ohms would be extrapolated."""
_MOST_OF_TRANSFER = 6e4  # likewise, of the double layer of a porous electrode: 12 mF/cm2
_TOLD = 1 / 3  # relative standard error
_ROUNDING = 1e-6  # of a frequency in a file


@dataclass(frozen=True, eq=False)
class Measured:
    """One spectrum (Hz, ohm), and what is uncertain about the way in which it was measured."""

    frequency_Hz: Array
    impedance_ohm: Complex
    chain: MeasuringChain | None = None

    def above(self, least_Hz: float) -> Measured:
        """Return it without the points below a frequency (Hz)."""
        inside = self.frequency_Hz > least_Hz * (1.0 - _ROUNDING)
        chain = None if self.chain is None else self.chain.within(inside)
        return Measured(self.frequency_Hz[inside], self.impedance_ohm[inside], chain)


def without_slow_end(spectra: Sequence[Measured]) -> Iterator[tuple[float, list[Measured]]]:
    """Return the spectra from a frequency (Hz) on, for each decade that is above the lowest point, up to a hertz.

    As long as every one of them that loses points has enough left to tell its quality.

    >>> f = np.geomspace(1e3, 1e-2, 51)
    >>> [(least_Hz, len(one.frequency_Hz)) for least_Hz, [one] in without_slow_end([Measured(f, f + 0j)])]
    [(0.1, 41), (1.0, 31)]
    """
    lowest_Hz = min(float(np.min(one.frequency_Hz)) for one in spectra)
    first = math.floor(math.log10(lowest_Hz) + _ROUNDING) + 1
    for decade in range(first, round(math.log10(CUSTOMARY_Hz)) + 1):
        least_Hz = 10.0**decade
        cut = [one.above(least_Hz) for one in spectra]
        if any(
            len(left.frequency_Hz) < min(LEAST_POINTS, len(one.frequency_Hz))
            for one, left in zip(spectra, cut, strict=True)
        ):
            return
        yield least_Hz, cut


def is_slow_transfer(
    values: Mapping[str, float],
    stderr: Mapping[str, float],
    interphase_F: float,
    below_Hz: float = CUSTOMARY_Hz,
) -> bool:
    """Tell whether a state shows the arc of an electrode, with its apex below a frequency (Hz) and a double layer.

    `values` and `stderr` by the names of the circuit; `interphase_F`: what an interphase of this area has at most.
    """
    for name in ("3", "6"):
        if f"R{name}" not in values:
            continue
        r, q, n = (values[part] for part in (f"R{name}", f"CPE{name}_0", f"CPE{name}_1"))
        apex_Hz = (r * q) ** (-1.0 / n) / (2.0 * math.pi)
        capacitance_F = 1.0 / (2.0 * math.pi * apex_Hz * r)
        is_told = stderr.get(f"R{name}", math.inf) < _TOLD * r
        if is_told and apex_Hz < below_Hz and capacitance_F < _MOST_OF_TRANSFER * interphase_F:
            return True
    return False


def in_words(least_Hz: float, used: int, measured: int, *, described: bool) -> str:
    """Return what is said of a spectrum that is fitted from a frequency (Hz) on, by so many of its points.

    `described`: it may have been, below.

    >>> in_words(0.01, 70, 87, described=False)
    'below 0.01 Hz the circuit does not describe it: fitted without those points, by 70 of 87'
    """
    if described:
        return f"fitted from {least_Hz:g} Hz on, by {used} of {measured} points"
    return (
        f"below {least_Hz:g} Hz the circuit does not describe it: fitted without those points, "
        f"by {used} of {measured}"
    )
