"""Spectra that reach to lower frequencies than the circuits of a cell are made for.

What tells electrolyte, interphase and charge transfer is in a cell's customary spectrum, down to a hertz. Below,
diffusion, electrons that leak and the potential that follows the charge show one after the other, and the cell changes
while it is measured: no circuit of a few elements describes all of these. Arcs that are given to them by the fit are
lost to what is faster, without a misfit that shows it. So a cell with electrodes is fitted from a tenth of a hertz on;
and where that, or the whole spectrum of a pellet, is not described, it is fitted without more of its slow end, and this
is said.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from solbench.fitting.circuit import MeasuringChain
from solbench.fitting.elements import Array, Complex
from solbench.fitting.linear_kk import LEAST_POINTS

CUSTOMARY_Hz = 1.0
"""The lowest frequency of a customary spectrum: no point above is left out."""
SLOWEST_Hz = 0.1
"""What is slower is no charge transfer, and not fitted where there are electrodes."""
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

    As long as every one of them has points enough to tell its quality.

    >>> f = np.geomspace(1e3, 1e-2, 51)
    >>> [(least_Hz, len(one.frequency_Hz)) for least_Hz, [one] in without_slow_end([Measured(f, f + 0j)])]
    [(0.1, 41), (1.0, 31)]
    """
    lowest_Hz = min(float(np.min(one.frequency_Hz)) for one in spectra)
    first = math.floor(math.log10(lowest_Hz) + _ROUNDING) + 1
    for decade in range(first, round(math.log10(CUSTOMARY_Hz)) + 1):
        least_Hz = 10.0**decade
        cut = [one.above(least_Hz) for one in spectra]
        if min(len(one.frequency_Hz) for one in cut) < LEAST_POINTS:
            return
        yield least_Hz, cut


def in_words(least_Hz: float, *, described: bool) -> str:
    """Return what is said of a spectrum that is fitted from a frequency (Hz) on; `described`: it may have been, below.

    >>> in_words(0.01, described=False)
    'below 0.01 Hz the circuit does not describe it: fitted without those points'
    """
    if described:
        return f"fitted from {least_Hz:g} Hz on"
    return f"below {least_Hz:g} Hz the circuit does not describe it: fitted without those points"
