"""Which small maxima before a peak are of one process that ends at a time constant, and which are arcs of their own."""

from __future__ import annotations

import math

import numpy as np
import pytest

from solbench.fitting.drt.distribution import distribution
from solbench.fitting.elements import Array, Complex

from .test_arcs import Arc, noisy


def steep(seed: int) -> tuple[Array, Complex, list[Arc], float]:
    """Draw frequencies, the spectrum of a process that ends at a time constant, the process, and a noise.

    It is Cole and Davidson's or Gerischer's, R/(1 + j omega tau)^n.
    """
    random = np.random.default_rng(seed)
    f = np.geomspace(1e6, 0.1, int(7 * random.integers(6, 13)) + 1)
    n = random.choice([0.5, random.uniform(0.4, 0.9)])
    r, tau = 10 ** random.uniform(0.0, 4.0), 10 ** random.uniform(-3.5, -1.0)
    z = r * (10 ** random.uniform(-2.0, 0.0) + 1.0 / (1 + 2j * np.pi * f * tau) ** n)
    return f, np.asarray(z, np.complex128), [(r, tau, n)], 10 ** random.uniform(-3.0, -2.0)


def errors_of(seeds: range) -> Array:
    """Return the errors of the named peaks of such processes in standard uncertainties; each is told as one peak."""
    errors = list[float]()
    for seed in seeds:
        f, z, [(r, tau, _)], noise = steep(seed)
        for peak in distribution(f, noisy(z, noise, seed), 60).named:
            assert 0.4 * tau < peak.tau_s < 1.1 * tau
            errors.append(abs(peak.resistance_ohm - r) / peak.resistance_stderr_ohm)
    return np.array(errors)


def test_a_skirt_is_in_the_resistance_and_the_uncertainty_of_its_peak() -> None:
    """As small maxima beside it alone, the resistances were about two standard uncertainties too small, some six."""
    errors = errors_of(range(24))
    assert len(errors) > 12
    assert np.max(errors) < 2.0


@pytest.mark.parametrize("seed", range(8))
def test_a_smaller_arc_before_another_is_no_skirt(seed: int) -> None:
    random = np.random.default_rng(seed)
    f = np.geomspace(1e6, 0.1, 71)
    slow, fast = 10 ** random.uniform(-3.0, -1.5), 10 ** random.uniform(-1.8, -1.3)
    arcs = [(100.0 * random.uniform(0.1, 0.45), slow * fast), (100.0, slow)]
    n = random.uniform(0.85, 1.0)
    z = np.asarray(30.0 + sum(r / (1 + (2j * np.pi * f * tau) ** n) for r, tau in arcs), np.complex128)
    peaks = distribution(f, noisy(z, 1e-3, seed), 12).named
    for peak, (r, tau) in zip(peaks, arcs, strict=True):
        assert abs(math.log10(peak.tau_s / tau)) < 0.1
        assert abs(peak.resistance_ohm - r) < 0.1 * r


@pytest.mark.long
def test_drawn_steep_processes_lie_within_two_standard_uncertainties() -> None:
    errors = errors_of(range(30_000, 30_400))
    assert len(errors) > 200
    assert np.mean(errors < 2.0) >= 0.95
    assert np.mean(errors > 4.0) <= 0.01
