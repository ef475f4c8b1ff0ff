"""Arrhenius' law: intervals that hold the truth, whatever all points share, and what is not told."""

import math

import numpy as np
import pytest

from solbench.fitting.laws.arrhenius import INTERVAL, Plateau, Shared, arrhenius
from solbench.fitting.state_fit import BOLTZMANN_eV_K

UP_AND_DOWN_K = np.array([298.15, 273.15, 293.15, 313.15, 333.15, 353.15, 343.15, 323.15, 303.15, 298.15])
SHARED = Shared(0.5, 0.01, 0.3, 0.02)


def true_sigma(kelvin, energy_eV, sigma_S_m, bent=0.0):
    x = (1.0 / kelvin - 1.0 / 298.15) / BOLTZMANN_eV_K
    return sigma_S_m * 298.15 / kelvin * np.exp(-energy_eV * x + bent * x**2)


def drawn(rng, energy_eV=0.35, sigma_S_m=0.02, *, aged=0.0, bent=0.0, own_K=0.15, shared=SHARED):
    """Plateaus as a bench shows them: the sample is not where the sensor is, and the plungers have a contact."""
    shown_K = UP_AND_DOWN_K
    there_K = shown_K + rng.normal() * shared.offset_K + rng.normal() * shared.gradient * (shown_K - 296.0)
    there_K = there_K + rng.normal(size=len(shown_K)) * own_K
    constant = 64.0 * (1.0 + rng.normal() * shared.geometry)  # L/A
    sigma = true_sigma(there_K, energy_eV, sigma_S_m, bent)
    down = np.arange(len(shown_K)) > 5
    sigma = sigma * np.where(down, 1.0 + aged, 1.0)
    ohm = constant / sigma + rng.normal() * shared.contact_ohm
    ohm = ohm * (1.0 + 1e-3 * rng.normal(size=len(ohm)))
    return [
        Plateau(k, 64.0 / r, r, 1e-3 * r, own_K, bool(d)) for k, r, d in zip(shown_K, ohm, down, strict=True)
    ]


def test_intervals_hold_the_truth_and_one_line_is_not_called_curved_or_changed():
    rng = np.random.default_rng(5)
    energies, sigmas, curved, changed = [], [], 0, 0
    for _ in range(300):
        energy_eV, sigma_S_m = rng.uniform(0.2, 0.6), 10 ** rng.uniform(-3, 0)
        found = arrhenius(drawn(rng, energy_eV, sigma_S_m), SHARED)
        energies.append((found.of_sigma_T.energy_eV - energy_eV) / found.of_sigma_T.energy_stderr_eV)
        sigmas.append((found.sigma_S_m - sigma_S_m) / found.sigma_stderr_S_m)
        curved += found.is_curved
        changed += found.way_back.is_significant or found.before_after.is_significant
    for errors in (energies, sigmas):
        inside = np.mean(np.abs(errors) < INTERVAL)
        assert 0.90 < inside < 0.99, inside
    assert curved < 6
    assert changed < 9


@pytest.mark.parametrize("bent", [-0.01, 0.01])
def test_a_curve_has_no_single_energy(bent):
    found = [arrhenius(drawn(np.random.default_rng(seed), bent=bent), SHARED) for seed in range(10)]
    assert all(one.is_curved for one in found)
    assert all((one.local_eV[0] > one.local_eV[1]) == (bent < 0) for one in found)


def test_a_pellet_that_has_changed_is_told():
    found = [arrhenius(drawn(np.random.default_rng(seed), aged=-0.1), SHARED) for seed in range(10)]
    assert all(one.way_back.is_significant and one.before_after.is_significant for one in found)
    assert np.mean([one.way_back.relative for one in found]) == pytest.approx(-0.1, abs=0.02)


def test_too_little_is_refused_and_25_degC_is_not_extrapolated_to():
    points = drawn(np.random.default_rng(1))
    with pytest.raises(ValueError, match="3 temperatures"):
        arrhenius(points[2:4], SHARED)
    warm = [point for point in points if point.temperature_K > 310.0]
    assert arrhenius(warm, SHARED).sigma_S_m is None
    assert math.isfinite(arrhenius(warm, SHARED).of_sigma_T.energy_eV)
