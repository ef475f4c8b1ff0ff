"""Which small maxima, and what of other peaks, are of a process that is no arc, and which are arcs of their own."""

from __future__ import annotations

import math
from itertools import combinations, pairwise

import numpy as np
import pytest

from solbench.fitting.drt.distribution import distribution
from solbench.fitting.drt.peaks import Peak
from solbench.fitting.elements import Array, Complex
from tests.tiers import few

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


@pytest.mark.long
def test_a_skirt_is_in_the_resistance_and_the_uncertainty_of_its_peak() -> None:
    """As small maxima beside it alone, the resistances were about two standard uncertainties too small, some six."""
    errors = errors_of(range(24))
    assert len(errors) > 12
    assert np.max(errors) < 2.0


Truth = tuple[
    float, float, float, float
]  # between which resistances (ohm) and maxima (s) a peak of it may be


def among(seed: int) -> tuple[Array, Complex, list[Truth], float]:
    """Draw frequencies, the spectrum of a process that is no arc and of up to two arcs beside it, all, and a noise.

    The process is Cole and Davidson's, Gerischer's, or a bounded diffusion: a series of arcs, of each of which the
    smaller ones may be a part. The arcs are half a decade to three decades away, before it and behind it.
    """
    random = np.random.default_rng(seed)
    top, bottom = 10 ** random.uniform(5.5, 6.7), 10 ** random.uniform(-2.0, -0.7)
    f = np.geomspace(top, bottom, int(math.log10(top / bottom) * random.integers(5, 21)) + 1)
    s = 2j * np.pi * f
    r, tau = 10 ** random.uniform(0.5, 4.0), 10 ** random.uniform(-3.5, -1.0)
    n = random.choice([0.0, 0.5, random.uniform(0.4, 0.9)])
    if n:
        z = r / (1 + s * tau) ** n
        truths = [(r, r, 0.4 * tau, 1.1 * tau)]
    else:
        root = np.sqrt(s * tau)
        z = r * np.tanh(root) / root
        odd = np.arange(1, 15, 2)
        sizes, ends = 8 / (np.pi * odd) ** 2 * r, 4 * tau / (np.pi * odd) ** 2
        whole = r - np.cumsum(sizes) + sizes  # with those that are smaller
        truths = list(zip(sizes, whole, ends, ends, strict=True))
    taken = [*truths[0][2:]]
    for _ in range(random.integers(0, 3)):
        places = tau * 10 ** (random.uniform(0.5, 3.0, 50) * random.choice([-1, 1], 50))
        free = [
            one
            for one in places
            if 10 / top < 2 * np.pi * one < 0.2 / bottom
            and min(abs(math.log10(one / other)) for other in taken) >= 0.5
        ]
        if free:
            size, at = r * 10 ** random.uniform(-0.7, 0.7), free[0]
            z = z + size / (1 + (s * at) ** random.choice([1.0, random.uniform(0.6, 1.0)]))
            truths.append((size, size, at, at))
            taken.append(at)
    z = z + r * 10 ** random.uniform(-2.0, 0.0)
    if random.random() < 0.5:  # the contacts
        z = z + s * r * 10 ** random.uniform(-2.5, -0.5) / (2 * np.pi * top)
    return f, np.asarray(z, np.complex128), truths, 10 ** random.uniform(-3.3, -2.0)


def error_of(peak: Peak, truths: list[Truth]) -> float:
    """Return how many standard uncertainties a peak is off what it can be; infinity where it is at nothing.

    It can be a process, and two or three of which each is less than a decade from the next: these are one peak.
    """
    errors = [math.inf]
    for count in (1, 2, 3):
        for some in combinations(sorted(truths, key=lambda one: one[2]), count):
            least, most = (sum(one[end] for one in some) for end in (0, 1))
            is_one = all(slow[2] < 10.0 * fast[3] for fast, slow in pairwise(some))
            if is_one and some[0][2] / 2.0 < peak.tau_s < 2.0 * some[-1][3]:
                off = max(least - peak.resistance_ohm, peak.resistance_ohm - most, 0.0)
                errors.append(off / peak.resistance_stderr_ohm)
    return min(errors)


def errors_among(seeds: range) -> Array:
    """Return the errors of all named peaks of such spectra."""
    errors = list[float]()
    for seed in seeds:
        f, z, truths, noise = among(seed)
        errors += [error_of(peak, truths) for peak in distribution(f, noisy(z, noise, seed), 60).named]
    return np.array(errors)


def test_an_arc_beside_a_process_that_is_none_gets_nothing_of_it_for_sure() -> None:
    """The inversion gives the one what is of the other: a tenth of the peaks were more than four errors off."""
    errors = errors_among(range(24))
    assert len(errors) > 24
    assert np.mean(errors < 2.0) > 0.9
    assert np.sum(errors > 4.0) <= 1


@few("seed", range(8), 3)
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


@pytest.mark.long
def test_peaks_beside_drawn_processes_that_are_no_arcs_lie_within_four_standard_uncertainties() -> None:
    errors = errors_among(range(40_000, 40_400))
    assert len(errors) > 400
    assert np.mean(errors < 2.0) >= 0.9
    assert np.mean(errors > 4.0) <= 0.01
