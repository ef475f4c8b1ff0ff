"""Spectra of Na9Sn4 | solid electrolyte | Sn at five states, from the formulae of their elements."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from solbench.fitting.joint_fit import StatesResult, fit_states
from tests.analysis.cells import noisy

FREQUENCY_HZ = np.geomspace(1e6, 1.0, 61)
AREA_CM2 = 0.785


def arc(R, C, n):
    if R == 0:
        return 0.0
    return R / (1 + (2j * np.pi * FREQUENCY_HZ * R * C) ** n)


@dataclass(frozen=True)
class HalfCell:
    """Resistances in ohm; `layers_um` and `interphase_ohm` at 0, 25, 50, 75 and 100 %."""

    sse: float
    transfer: float
    interphase: tuple[float, ...]
    layers_um: tuple[float, ...]
    inductance: float = 0.8e-6
    fresh: bool = True

    def impedance(self, k, sse_factor=1.0):
        """Impedance of state k: leads, bulk, grain boundaries, interphase, charge transfer, tail."""
        omega = 2 * np.pi * FREQUENCY_HZ
        sse = self.sse * sse_factor
        z = 1j * omega * self.inductance + arc(0.7 * sse, 17e-12, 1.0) + arc(0.3 * sse, 1e-9, 0.92)
        layer_C = 30e-9 * AREA_CM2 / (1 + self.layers_um[k] / 10)
        transfer = 1e5 if self.fresh and k == 0 else self.transfer
        z = z + arc(self.interphase[k], layer_C, 0.80) + arc(transfer, 2e-6 * AREA_CM2, 0.85)
        for R, tau in ((6, 5), (12, 60), (25, 600)):
            z = z + R / (1 + 1j * omega * tau)
        return z

    def spectra(self, noise, seed, states=(0, 1, 2, 3, 4), sse_factors=(1.0,) * 5):
        """Measured spectra as pairs of frequencies and impedances, with Gaussian noise on both parts."""
        return [
            (FREQUENCY_HZ, noisy(self.impedance(k, sse_factors[k]), noise, 1000 * seed + k)) for k in states
        ]

    @property
    def growth(self):
        """What the interphase resistance has grown by, in ohm."""
        return self.interphase[-1] - self.interphase[0]

    def with_initial(self, ohm):
        """The same with an interphase resistance that is there from the beginning."""
        return replace(self, interphase=tuple(R + ohm for R in self.interphase))


CELLS = {
    "nyzc": HalfCell(1015.9, 60, (0, 2385.1, 4673.0, 6874.6, 8999.0), (0, 27.5, 53.8, 79.2, 103.7)),
    "nps": HalfCell(344.3, 25, (0, 13.69, 22.28, 29.10, 34.94), (0, 5.3, 8.6, 11.3, 13.5)),
    "nbh": HalfCell(35.4, 10, (0, 0, 0, 0, 0), (0, 0, 0, 0, 0)),
}


@cache
def sound_fit(name: str) -> StatesResult:
    """The joint fit of the five states of a cell at 0.1 % noise: made once, and only read."""
    return fit_states(CELLS[name].spectra(0.001, 1))
