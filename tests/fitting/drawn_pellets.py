"""Pellets between plungers drawn at random: from poor to good conductors, with arcs that merge, and a contact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.analysis.cells import noisy
from tests.analysis.halfcells import FREQUENCY_HZ

JW = 2j * np.pi * FREQUENCY_HZ
EPSILON_0 = 8.8541878128e-12
AREA_m2, THICKNESS_m = 0.785e-4, 500e-6


@dataclass(frozen=True)
class DrawnPellet:
    """A spectrum (Hz, ohm), and the truth: resistances (ohm) of bulk and boundaries, conductivity (S/m), eps_r."""

    frequency_Hz: np.ndarray
    impedance_ohm: np.ndarray
    bulk_ohm: float
    boundary_ohm: float
    contact_ohm: float
    sigma_S_m: float
    permittivity: float


def draw_pellet(seed: int, noise: float = 0.001) -> DrawnPellet:
    rng = np.random.default_rng(seed)
    sigma_S_m = 100.0 * 10 ** rng.uniform(-8, -2)
    total = THICKNESS_m / sigma_S_m / AREA_m2
    share = rng.uniform(0.05, 0.6)
    permittivity = 10 ** rng.uniform(0.8, 1.7)
    bulk_F = EPSILON_0 * permittivity * AREA_m2 / THICKNESS_m
    boundary_F = bulk_F * 10 ** rng.uniform(0.5, 2.5)  # the lower end merges with the bulk
    bulk, boundary, contact = (1 - share) * total, share * total, rng.uniform(0.1, 0.5)
    n = rng.uniform(0.85, 1.0)
    z = contact + bulk / (1 + JW * bulk * bulk_F) + boundary / (1 + (JW * boundary * boundary_F) ** n)
    tail_n = rng.choice([1.0, rng.uniform(0.75, 0.98)])
    z = z + 1 / ((JW) ** tail_n * 20e-6 * AREA_m2 * 1e4 * rng.uniform(0.3, 3)) + JW * rng.uniform(2e-8, 5e-7)
    measured = noisy(z, noise, seed)
    return DrawnPellet(FREQUENCY_HZ, measured, bulk, boundary, contact, sigma_S_m, permittivity)
