"""Distributions of relaxation times against those known in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest

from solbench.fitting.drt.distribution import Distribution, distribution
from solbench.fitting.drt.inversion import LAMBDAS, Inversion, NonNegative, non_negative
from solbench.fitting.drt.peaks import area, maxima
from solbench.fitting.elements import Array, Complex
from tests.tiers import few

F = np.geomspace(1e6, 0.1, 71)
S = 2j * np.pi * F


def noisy(z: Complex, noise: float = 1e-3, seed: int = 1) -> Complex:
    """The same noise relative to |Z| in both parts."""
    scatter = np.random.default_rng(seed).normal(0.0, noise, (2, len(z)))
    return z + np.abs(z) * (scatter[0] + 1j * scatter[1])


def found(z: Complex, noise: float = 1e-3, seed: int = 1, draws: int = 12) -> Distribution:
    return distribution(F, noisy(z, noise, seed), draws)


def zarc_gamma(tau_s: Array, r_ohm: float, tau0_s: float, n: float) -> Array:
    """Cole and Cole 1941; Boukamp, Electrochim. Acta 154, 35 (2015)."""
    x = n * np.log(tau_s / tau0_s)
    return r_ohm / (2 * np.pi) * math.sin((1 - n) * np.pi) / (np.cosh(x) - math.cos((1 - n) * np.pi))


def gerischer_gamma(tau_s: Array, r_ohm: float, tau0_s: float) -> Array:
    """Z = R/sqrt(1 + s tau0): gamma = R/pi sqrt(tau/(tau0 - tau)) below tau0, nothing above."""
    below = tau_s < tau0_s
    gamma = np.zeros(len(tau_s))
    gamma[below] = r_ohm / np.pi * np.sqrt(tau_s[below] / (tau0_s - tau_s[below]))
    return gamma


@pytest.mark.parametrize("noise", [1e-5, 1e-3, 5e-3])
def test_rc_elements_are_peaks_of_their_resistance_time_and_capacitance(noise: float) -> None:
    z = 20.0 + 100.0 / (1 + S * 2e-5) + 40.0 / (1 + S * 3e-2)
    fast, slow = found(z, noise).named
    assert (fast.resistance_ohm, slow.resistance_ohm) == pytest.approx(
        (100.0, 40.0), rel=max(0.02, 8 * noise)
    )
    assert (fast.tau_s, slow.tau_s) == pytest.approx((2e-5, 3e-2), rel=0.08)
    assert fast.capacitance_F == pytest.approx(2e-7, rel=0.1)


@pytest.mark.parametrize(
    ("n", "off"), [(0.6, 0.05), (0.75, 0.1), (0.9, 0.3)]
)  # sharper than is asked to be smooth
def test_a_depressed_arc_is_the_distribution_of_cole_and_cole(n: float, off: float) -> None:
    drt = found(5.0 + 300.0 / (1 + (S * 1e-3) ** n), 3e-4)
    truth = zarc_gamma(drt.tau_s, 300.0, 1e-3, n)
    inside = (drt.tau_s > drt.window_s[0] * 10) & (drt.tau_s < drt.window_s[1] / 10)
    assert np.max(np.abs(drt.gamma_ohm - truth)[inside]) < off * truth.max()
    [peak] = drt.named
    assert peak.tau_s == pytest.approx(1e-3, rel=0.1)


def test_a_gerischer_impedance_ends_at_its_time_constant() -> None:
    drt = found(10.0 + 200.0 / np.sqrt(1 + S * 1e-2), 1e-4)
    step = math.log(drt.tau_s[1] / drt.tau_s[0])
    below = drt.tau_s < 1e-2 / 30  # away from the pole, which no smooth distribution has
    truth = gerischer_gamma(drt.tau_s, 200.0, 1e-2)
    inside = below & (drt.tau_s > 10 * drt.window_s[0])
    assert np.max(np.abs(drt.gamma_ohm - truth)[inside]) < 3.0
    assert step * drt.gamma_ohm[drt.tau_s > 3e-2].sum() < 0.05 * 200.0
    assert step * drt.gamma_ohm.sum() == pytest.approx(200.0, rel=0.02)


def test_a_finite_warburg_has_its_series_of_time_constants() -> None:
    """Z0 tanh(x)/x = sum of 8 Z0/((2k - 1) pi)^2 at 4 tau0/((2k - 1) pi)^2."""
    x = np.sqrt(S * 1.0)
    drt = found(50.0 * np.tanh(x) / x + 5.0, 1e-4)
    slowest = drt.named[-1]
    assert slowest.tau_s == pytest.approx(4.0 / np.pi**2, rel=0.1)
    assert slowest.resistance_ohm == pytest.approx(8 * 50.0 / np.pi**2, rel=0.05)


def test_what_lies_in_series_is_no_peak() -> None:
    """Leads and a blocking electrode: an inductance and a capacitance."""
    z = 30.0 + S * 2e-6 + 1 / (S * 1e-4) + 100.0 / (1 + S * 1e-3)
    drt = found(z)
    [peak] = drt.named
    assert peak.resistance_ohm == pytest.approx(100.0, rel=0.03)
    assert drt.inductance_H == pytest.approx(2e-6, rel=0.05)
    assert 1 / drt.inverse_capacitance_1_F == pytest.approx(1e-4, rel=0.05)


def test_an_open_warburg_tail_is_no_named_peak() -> None:
    assert found(30.0 + 40.0 / np.sqrt(S)).named == ()


def test_half_an_arc_at_an_end_of_the_window_is_not_named() -> None:
    drt = found(30.0 + 100.0 / (1 + S * 10.0) + 80.0 / (1 + S * 1e-8))
    assert drt.named == ()


def test_noise_alone_makes_no_peak() -> None:
    for seed in range(4):
        assert found(100.0 + 0 * S, 3e-3, seed).named == ()


def test_a_sweep_that_is_not_sound_has_no_named_peak() -> None:
    z = noisy(100.0 / (1 + S * 1e-3) + 10.0)
    drt = distribution(F, np.where(F < 1e3, 1.03 * z, z), 2)
    assert drt.reason
    assert drt.named == ()


def test_an_inductive_loop_is_said_to_have_no_distribution() -> None:
    drt = found(100.0 / (1 + S * 1e-4) + 60.0 - 40.0 / (1 + S * 0.3))
    assert "no distribution of relaxation times describes the spectrum" in drt.reason
    assert drt.named == ()


def test_nothing_is_negative_and_the_band_holds_the_distribution() -> None:
    drt = found(10.0 + 100.0 / (1 + (S * 1e-3) ** 0.8) + 1 / (S * 1e-3))
    assert drt.gamma_ohm.min() >= 0.0
    assert np.all(drt.low_ohm <= drt.gamma_ohm)
    assert np.all(drt.gamma_ohm <= drt.high_ohm)
    assert drt.low_ohm.min() >= 0.0


def test_the_distribution_makes_the_spectrum() -> None:
    """R, L, C and the distribution, summed anew, are the spectrum within the residuals."""
    z = noisy(10.0 + S * 1e-7 + 100.0 / (1 + (S * 1e-3) ** 0.8) + 1 / (S * 1e-3))
    drt = distribution(F, z, 1)
    step = math.log(drt.tau_s[1] / drt.tau_s[0])
    model = drt.resistance_ohm + S * drt.inductance_H + drt.inverse_capacitance_1_F / S
    model = model + step * (drt.gamma_ohm / (1 + S[:, None] * drt.tau_s)).sum(axis=1)
    assert np.allclose((z - model) / np.abs(z), drt.residuals, atol=1e-9)


def test_a_scale_in_ohms_or_in_seconds_changes_nothing_else() -> None:
    z = noisy(10.0 + 100.0 / (1 + (S * 1e-3) ** 0.8))
    one, other = distribution(F, z, 2), distribution(F / 100.0, 1e5 * z, 2)
    assert np.allclose(other.gamma_ohm, 1e5 * one.gamma_ohm, rtol=1e-4, atol=1e-3 * one.gamma_ohm.max() * 1e5)
    assert np.allclose(other.tau_s, 100.0 * one.tau_s)


def test_the_ladder_has_a_tenth_and_ten_times_of_each_rung() -> None:
    assert LAMBDAS[2] / LAMBDAS[0] == pytest.approx(10.0)


def test_more_regularization_fits_less_well() -> None:
    problem = Inversion(F, noisy(10.0 + 100.0 / (1 + (S * 1e-3) ** 0.8)))
    levels = [problem.solve(lam) for lam in (1e-8, 1e-4, 1.0)]
    assert [one.square for one in levels] == sorted(one.square for one in levels)


def test_areas_between_minima_add_up() -> None:
    curve = np.abs(np.sin(np.linspace(0.0, 9.0, 200)))
    parts = [float(area(curve, 0.1, begin, end)) for _, begin, end in maxima(curve)]
    assert sum(parts) == pytest.approx(float(area(curve, 0.1, 0, len(curve) - 1)))


@few("seed", range(8), 3)
def test_another_arc_far_off_or_cut_by_the_window_is_not_in_the_uncertainty_of_a_peak(seed: int) -> None:
    """As a diffusion far larger than the arc, of which only the beginning was measured."""
    random = np.random.default_rng(seed)
    r, tau, n = 10 ** random.uniform(1.0, 2.0), 10 ** random.uniform(-4.5, -3.3), random.uniform(0.85, 1.0)
    slow = S * 10 ** random.uniform(1.0, 2.0)
    share = 1.0 / (1.0 + slow**0.9) if seed % 2 else np.tanh(np.sqrt(slow)) / np.sqrt(slow)
    drt = found(10.0 + r / (1 + (S * tau) ** n) + r * 10 ** random.uniform(0.3, 1.0) * share, 1e-3, seed, 6)
    (peak,) = [peak for peak in drt.named if abs(math.log10(peak.tau_s / tau)) < 0.3]
    assert abs(peak.resistance_ohm - r) < max(2.0 * peak.resistance_stderr_ohm, 0.02 * r)
    assert peak.resistance_stderr_ohm < 0.25 * r


@pytest.mark.long
def test_areas_of_arcs_that_stand_apart_lie_within_their_uncertainty() -> None:
    """Two to three arcs a decade and a half apart, of 0.1 to 0.5 % noise: areas within 5 % or three errors."""
    off, count = 0, 0
    for seed in range(200):
        random = np.random.default_rng(seed)
        taus = 10 ** (-5.0 + np.cumsum(random.uniform(1.7, 2.2, 2)))
        sizes = 10 ** random.uniform(1.0, 2.0, 2)
        ns = random.uniform(0.85, 1.0, 2)
        z = 10.0 + sum(r / (1 + (S * tau) ** n) for r, tau, n in zip(sizes, taus, ns, strict=True))
        drt = found(z, 10 ** random.uniform(-3.0, -2.3), seed, 60)
        for r, tau in zip(sizes, taus, strict=True):
            near = [peak for peak in drt.named if abs(math.log10(peak.tau_s / tau)) < 0.3]
            count += 1
            off += not (
                len(near) == 1
                and abs(near[0].resistance_ohm - r) < max(3 * near[0].resistance_stderr_ohm, 0.05 * r)
            )
    assert off < 0.05 * count


@few("seed", range(6), 3)
def test_non_negative_coefficients_do_not_depend_on_the_guess(seed: int) -> None:
    """Nor on the solution that the others are said to be about."""
    random = np.random.default_rng(seed)
    size = 12
    matrix = np.triu(random.normal(size=(size, size))) + 3.0 * np.eye(size)
    targets = random.normal(random.uniform(-2.0, 2.0), 1.0, (20, size))
    expected = np.array([non_negative(matrix, target) for target in targets])
    gram, rights = matrix.T @ matrix, targets @ matrix
    for share in (0.0, 0.5, 1.0):
        for about in (None, random.random(size) < random.random(), np.zeros(size, bool), np.ones(size, bool)):
            problem = NonNegative(gram, about)
            found = problem.near(rights, random.random(rights.shape) < share)
            np.testing.assert_allclose(found, expected, atol=1e-9)
