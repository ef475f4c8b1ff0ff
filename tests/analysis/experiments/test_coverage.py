"""Energies and conductivities from spectra drawn without the bus, on samples that are not where the sensor is."""

from __future__ import annotations

import numpy as np
import pytest

from solbench.analysis.run_spectra import CONTACT_OHM
from solbench.fitting.joint_fit import fit_pellets
from solbench.fitting.laws.arrhenius import INTERVAL, Plateau, Shared, arrhenius
from solbench.protocols import load_cell
from solbench.simulators.cell import build_cell
from solbench.simulators.spectra import draw_spectrum
from solbench.simulators.units.unit import specimen

UP_AND_DOWN_K = np.array([298.15, 273.15, 293.15, 313.15, 333.15, 353.15, 343.15, 323.15, 303.15, 298.15])
FREQUENCY_HZ = np.geomspace(1e5, 1.0, 26)
BOLTZMANN_eV_K = 8.617333262e-5
SHARED = Shared(0.5, 0.01, CONTACT_OHM, 0.024)
OWN_K = 0.15


def drawn_and_told(name: str, seed: int) -> tuple[float, float]:
    """Errors of energy and conductivity at 25 degC in standard errors, for a pellet that is drawn."""
    rng = np.random.default_rng(seed)
    build = load_cell(name).build("pellet")
    cell = build_cell(build.simulated_cell(298.15))
    there_K = UP_AND_DOWN_K + 0.5 * rng.normal() + 0.01 * rng.normal() * (UP_AND_DOWN_K - 296.0)
    there_K = there_K + OWN_K * rng.normal(size=len(there_K))
    true_ohm, spectra = [], []
    for place, kelvin in enumerate(UP_AND_DOWN_K):
        cell.temperature_K = float(kelvin)
        true_ohm.append(cell.electrolyte_resistance_ohm)
        cell.temperature_K = float(there_K[place])
        one = draw_spectrum(cell, FREQUENCY_HZ, specimen({"unit": "ideal"}), seed=seed, number=place)
        spectra.append((np.array(one.frequency_Hz), np.array(one.impedance_ohm)))
    constant = build.thickness_m / build.area_m2 * (1.0 + SHARED.geometry * rng.normal())
    points = [
        Plateau(float(k), constant / s.r_sse_ohm, s.r_sse_ohm, s.r_sse_stderr_ohm, OWN_K, cooling=place > 5)
        for place, (k, s) in enumerate(zip(UP_AND_DOWN_K, fit_pellets(spectra).states, strict=True))
    ]
    found = arrhenius(points, SHARED)
    x, ohm = -1.0 / (BOLTZMANN_eV_K * UP_AND_DOWN_K), np.array(true_ohm)
    energy_eV = np.polyfit(x, np.log(UP_AND_DOWN_K / ohm), 1)[0]
    sigma_S_m = build.thickness_m / build.area_m2 / ohm[0]
    assert found.sigma_S_m is not None
    assert found.sigma_stderr_S_m is not None
    return (
        (found.of_sigma_T.energy_eV - energy_eV) / found.of_sigma_T.energy_stderr_eV,
        (found.sigma_S_m - sigma_S_m) / found.sigma_stderr_S_m,
    )


@pytest.mark.long
@pytest.mark.parametrize("name", ["nps", "nbh", "nyzc"])
def test_95_percent_intervals_hold_the_truth(name: str) -> None:
    errors = np.array([drawn_and_told(name, seed) for seed in range(40)])
    inside = np.mean(np.abs(errors) < INTERVAL, axis=0)
    assert np.all(inside >= 0.875)  # 35 of 40
    assert np.all(np.abs(errors) < 4.5)
