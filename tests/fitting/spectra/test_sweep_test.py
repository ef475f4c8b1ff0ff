"""Sweeps with a defect whose Kramers-Kronig residual is small, and sound ones of any kind."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from solbench.fitting.linear_kk import kramers_kronig
from solbench.fitting.spectra.sweep_test import defects, points_apart, z_hit
from tests.fitting.spectra.drawn_spectra import drawn

N = 61
F = np.geomspace(1e6, 1.0, N)
S = 2j * np.pi * F
DONE = np.linspace(0.0, 1.0, N)  # share of the sweep that is over at each point


def cell(middle_ohm: float = 200.0) -> np.ndarray:
    arcs = [(100.0, 1e-6, 0.9), (middle_ohm, 1e-4, 0.85), (150.0, 1e-2, 0.9)]
    return np.asarray(50 + sum(r / (1 + (S * tau) ** n) for r, tau, n in arcs))


def growing(share: float) -> np.ndarray:
    return np.array([cell(200.0 * (1 + share * done))[k] for k, done in enumerate(DONE)])


BAD: dict[str, Callable[[], np.ndarray]] = {
    "drift": lambda: cell() * (1 + 0.05 * DONE),
    "step": lambda: cell() * np.where(F < 900, 1.02, 1.0),
    "arc": lambda: growing(0.2),
    "outlier": lambda: cell() * np.where(np.arange(N) == 25, 1.05, 1.0),
}


def noisy(z: np.ndarray, seed: int, noise: float = 1e-3) -> np.ndarray:
    scatter = np.random.default_rng(seed).normal(0, noise, (2, len(z)))
    return np.asarray(z * (1 + scatter[0] + 1j * scatter[1]))


@pytest.mark.parametrize("name", BAD)
def test_a_bad_sweep_is_flagged_though_its_residual_is_small(name: str) -> None:
    for seed in range(5):
        z = noisy(BAD[name](), seed)
        assert kramers_kronig(F, z).residual < 0.006
        assert defects(F, z)


def test_a_step_a_drift_and_a_point_are_told_with_place_and_size() -> None:
    (step,) = defects(F, noisy(BAD["step"](), 9))
    assert (step.code, step.size) == ("step", pytest.approx(0.02, rel=0.1))
    assert step.at_Hz == pytest.approx(F[F < 900][0], rel=0.3)
    (point,) = defects(F, noisy(BAD["outlier"](), 9))
    assert (point.code, point.size, point.at_Hz) == ("outlier", pytest.approx(0.05, rel=0.15), F[25])
    (drift,) = defects(F, noisy(BAD["drift"](), 9))
    assert (drift.code, drift.size) == ("drift", pytest.approx(0.05, rel=0.2))


def alarms(count: int) -> int:
    spectra = [drawn(20_000 + seed) for seed in range(count)]
    return sum(bool(defects(d.frequency_Hz, d.impedance_ohm)) for d in spectra)


def test_sound_spectra_raise_no_alarm() -> None:
    assert alarms(60) <= 2


@pytest.mark.long
@pytest.mark.parametrize("factor", [0.9, 1.05, 1.0 + 0.05j])
def test_points_that_are_off_are_told_from_sound_ones(factor: complex) -> None:
    """One or two of each spectrum, away from its ends; sound spectra whose noise is a fifth of the limit have none."""
    rng = np.random.default_rng(4)
    quiet = [one for one in map(drawn, range(30_000, 30_060)) if one.noise <= 0.004]
    assert len(quiet) > 20
    for one in quiet:
        f, z = one.frequency_Hz, one.impedance_ohm
        assert points_apart(f, z, 0.02) == {}
        off = rng.choice(np.arange(6, len(f) - 6), rng.integers(1, 3), replace=False).tolist()
        z = z.copy()
        z[off] *= factor
        found = points_apart(f, z, 0.02)
        assert set(found) == set(off)


@pytest.mark.long
def test_less_than_two_in_a_hundred_sound_spectra_raise_an_alarm() -> None:
    assert alarms(1000) < 20


def test_z_hit_reconstructs_the_modulus_of_a_charge_transfer() -> None:
    """Its second-order formula is good to a per cent for arcs; a modulus that drifts by 10 % is seen."""
    f = np.geomspace(1e5, 0.1, 61)
    z = 10 + 100 / (1 + (2j * np.pi * f * 1e-3) ** 0.8)
    sound = z_hit(f, np.abs(z), np.angle(z))
    assert np.abs(sound).max() < 0.02
    bad = z_hit(f, np.abs(z) * np.linspace(1.0, 1.1, 61), np.angle(z))
    assert np.abs(bad).max() > 0.04


def test_a_sharp_arc_alone_raises_no_alarm() -> None:
    """It needs more elements than the first number that seems enough."""
    for seed in range(140, 200):
        random = np.random.default_rng(seed)
        f = np.geomspace(1e6, 0.1, int(random.integers(60, 90)))
        z = 10.0 + 10 ** random.uniform(1, 3) / (1 + 2j * np.pi * f * 10 ** random.uniform(-5.5, -1))
        scatter = 10 ** random.uniform(-4, -3) * random.normal(size=(2, len(f)))
        assert defects(f, z + np.abs(z) * (scatter[0] + 1j * scatter[1])) == (), seed
