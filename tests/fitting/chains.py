"""Half cells measured on benches whose lag and leads are known with an uncertainty; the truth is drawn within it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solbench.fitting.circuit import MeasuringChain
from tests.analysis.cells import noisy
from tests.analysis.halfcells import FREQUENCY_HZ, HalfCell

JW = 2j * np.pi * FREQUENCY_HZ


def transfer(lag_s: float, share: float) -> np.ndarray:
    """A pole and a delay in turn."""
    return np.exp(-JW * lag_s * (1 - share)) / (1 + JW * lag_s * share)


@dataclass(frozen=True)
class Known:
    """What a commissioning record says: values and their standard uncertainties."""

    lag_s: float
    lag_stderr_s: float
    share: float
    share_stderr: float
    inductance_H: float
    inductance_stderr_H: float

    def corrected(
        self, cell: HalfCell, truth: Known, noise: float, seed: int
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """Spectra of a cell that were measured on the bench that is `truth`, corrected by what is known of it."""
        found = []
        for k in range(5):
            at_leads = cell.impedance(k) + JW * truth.inductance_H
            raw = noisy(at_leads / transfer(truth.lag_s, truth.share), noise, 1000 * seed + k)
            found.append((FREQUENCY_HZ, raw * transfer(self.lag_s, self.share) - JW * self.inductance_H))
        return found

    def chain(self) -> MeasuringChain:
        """By finite differences of the formulae, so that nothing is taken from what is tested."""

        def ln_ratio(lag_s: float, share: float) -> np.ndarray:
            return np.log(transfer(self.lag_s, self.share) / transfer(self.lag_s + lag_s, self.share + share))

        by_lag = ln_ratio(1e-12, 0.0) / 1e-12 * self.lag_stderr_s
        by_share = ln_ratio(0.0, 1e-6) / 1e-6 * self.share_stderr
        relative = np.array([by_lag, by_share, 0 * by_lag])
        leads = JW * self.inductance_H  # which a wrong lag has taken off wrongly, too
        additive = np.array([by_lag * leads, by_share * leads, JW * self.inductance_stderr_H])
        return MeasuringChain(("lag", "share", "leads"), relative, additive)

    def draw(self, random: np.random.Generator) -> Known:
        """A bench of which all this is true."""
        share = float(np.clip(random.normal(self.share, self.share_stderr), 0.0, 1.0))
        if self.share_stderr > 0.2:  # not told apart: either, or between
            share = float(random.choice([0.0, 1.0, random.uniform()]))
        return Known(
            random.normal(self.lag_s, self.lag_stderr_s),
            0.0,
            share,
            0.0,
            random.normal(self.inductance_H, self.inductance_stderr_H),
            0.0,
        )
