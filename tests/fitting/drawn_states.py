"""Half cells drawn at random, as the cell's and the bench's physics make their spectra, in rooms of every kind.

Only the electrolyte and the leads are the same in all states of one cell; what the electrodes do is drawn for each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from solbench.fitting.circuit import MeasuringChain
from tests.analysis.cells import noisy
from tests.analysis.halfcells import AREA_CM2, CELLS, FREQUENCY_HZ, HalfCell
from tests.fitting.chains import Known, transfer

JW = 2j * np.pi * FREQUENCY_HZ
HOURS = np.array([0.0, 2.6, 5.2, 7.8, 10.4])
T0_K = 298.15
E_A_eV = {"nyzc": 0.35, "nps": 0.35, "nbh": 0.35, "slow": 0.42, "thin": 0.31, "calm": 0.38}
ELECTROLYTES = {
    **CELLS,
    "slow": HalfCell(1270.0, 40.0, (0, 157.0, 255.0, 333.0, 399.3), (0, 5.3, 8.6, 11.3, 13.5)),
    "thin": HalfCell(96.0, 15.0, (0, 24.0, 41.0, 55.0, 68.0), (0, 9.0, 15.0, 21.0, 26.0)),
    "calm": HalfCell(151.0, 30.0, (0, 0, 0, 0, 0), (0, 0, 0, 0, 0)),
}

Room = Callable[[np.random.Generator], np.ndarray]
ROOMS: dict[str, Room] = {
    "steady": lambda rng: np.zeros(5),
    "ramp": lambda rng: rng.choice([-1, 1]) * rng.choice([0.05, 0.1]) * HOURS,
    "sine": lambda rng: np.sin(2 * np.pi * (HOURS / 24.0 + rng.uniform())),
    "saw": lambda rng: 0.4 * ((HOURS * 3.0 + rng.uniform()) % 1.0 - 0.5),
    "step": lambda rng: 3.0 * rng.choice([-1, 1]) * (rng.integers(1, 5) <= np.arange(5)),
    "as supposed": lambda rng: rng.normal(0.0, 2.0**-0.5, 5),
    "heating off at night": lambda rng: -rng.uniform(0.5, 1.5) * (1 - np.exp(-HOURS / rng.uniform(2, 8))),
    "warm": lambda rng: rng.uniform(3.0, 6.0) * HOURS / 15.0,
}
COMMISSIONED = Known(30e-9, 0.1e-9, 0.5, 0.1, 1.1e-6, 5e-9)


@dataclass(frozen=True)
class Drawn:
    """Spectra of one cell, what a thermometer or a person says of its temperature, and the truth."""

    spectra: list[tuple[np.ndarray, np.ndarray]]
    chains: list[MeasuringChain]
    temperatures_K: list[float]
    stderrs_K: list[float] | None
    sse: np.ndarray
    interphase: np.ndarray
    transfer: np.ndarray

    @property
    def growth(self) -> float:
        """The growth of the interphase in ohm."""
        return float(self.interphase[-1] - self.interphase[0])


def _arc(R: float, C: float, n: float) -> np.ndarray:
    return R / (1 + (JW * R * C) ** n) if R else np.zeros(len(JW))


def draw(
    name: str, room: str, seed: int, *, measured: bool, noise: float = 0.001, spread: float = 1.0
) -> Drawn:
    """Draw a cell of an electrolyte in a room; `spread` 0 leaves the electrodes as they are in all states."""
    rng = np.random.default_rng([seed, *map(ord, name + room)])
    cell = ELECTROLYTES[name]
    kelvin = T0_K + ROOMS[room](rng)
    sse = cell.sse * np.exp(E_A_eV[name] / 8.617333e-5 * (1 / kelvin - 1 / T0_K))
    transfer_ohm = cell.transfer * np.exp(spread * rng.uniform(np.log(0.3), np.log(3.0), 5))
    layer_F = 2e-6 * AREA_CM2 * np.exp(spread * rng.uniform(np.log(0.5), np.log(2.0), 5))
    area = 1 + spread * rng.uniform(-0.2, 0.2, 5)
    counter = (rng.uniform(3, 30), rng.uniform(1e-6, 2e-5) * AREA_CM2, rng.uniform(0.8, 0.95))
    has_counter = spread and rng.uniform() < 0.5
    tail_F = 6.0 / (2 * np.pi) * np.exp(spread * rng.uniform(-0.7, 0.7, 5))
    interphase = np.array(cell.interphase) / area
    truth = COMMISSIONED.draw(rng)
    spectra = []
    for k in range(5):
        z = JW * cell.inductance + _arc(0.7 * sse[k], 17e-12, 1.0) + _arc(0.3 * sse[k], 1e-9, 0.92)
        z = z + _arc(interphase[k], 30e-9 * AREA_CM2 * area[k] / (1 + cell.layers_um[k] / 10), 0.80)
        z = z + _arc(1e5 if k == 0 else transfer_ohm[k] / area[k], layer_F[k] * area[k], 0.85)
        if has_counter:
            z = z + _arc(*counter)
        if k:
            z = z + sum(R / (1 + JW * tau * tail_F[k]) for R, tau in ((6, 5), (12, 60), (25, 600)))
        else:
            z = z + sum(R / (1 + JW * tau) for R, tau in ((6, 5), (12, 60), (25, 600)))
        raw = noisy(
            (z + JW * truth.inductance_H) / transfer(truth.lag_s, truth.share), noise, 1000 * seed + k
        )
        known = COMMISSIONED
        spectra.append((FREQUENCY_HZ, raw * transfer(known.lag_s, known.share) - JW * known.inductance_H))
    told = kelvin + rng.normal(0.0, 0.1, 5) if measured else np.full(5, T0_K)
    stderrs = [0.2 / 2**0.5] * 5 if measured else None
    chains = [COMMISSIONED.chain()] * 5
    return Drawn(spectra, chains, told.tolist(), stderrs, sse, interphase, transfer_ohm)
