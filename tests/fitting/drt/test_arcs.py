"""The resistance of a named peak is that of the arc behind it, and its uncertainty holds what is left of the error."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from solbench.fitting.drt.arcs import Arcs
from solbench.fitting.drt.distribution import distribution
from solbench.fitting.elements import Array, Complex
from tests.tiers import few

from .test_distribution import zarc_gamma

Arc = tuple[float, float, float]  # ohm, s, exponent


def drawn(seed: int, arcs: int | None = None) -> tuple[Array, Complex, list[Arc], float]:
    """Draw frequencies, a spectrum without noise, its arcs, and a noise: flat and sharp, alone and beside others."""
    random = np.random.default_rng(seed)
    top, bottom = 10 ** random.uniform(5.3, 6.8), 10 ** random.uniform(-1.8, 0.0)
    f = np.geomspace(top, bottom, int(math.log10(top / bottom) * random.integers(7, 13)))
    s = 2j * np.pi * f
    r = 10 ** random.uniform(0.0, 6.0)
    fast = 10 ** random.uniform(1.6, 2.8) / (2 * np.pi * top)
    found = [(r, fast, random.uniform(0.5, 1.0))]
    if (arcs or random.integers(1, 3)) == 2:
        gap = random.uniform(2.0, 3.0)
        found.append((r * 10 ** random.uniform(-0.6, 0.6), fast * 10**gap, random.uniform(0.5, 1.0)))
    z = np.full(len(f), r * random.uniform(0.01, 1.0), complex)
    for one, tau, n in found:
        z += one / (1 + (s * tau) ** n)
    if random.random() < 0.5:  # a blocking electrode
        z += r * 10 ** random.uniform(-0.5, 1.3) * (2 * np.pi * bottom / s) ** random.choice([1.0, 0.9])
    if random.random() < 0.5:  # the contacts
        z += s * r * 10 ** random.uniform(-2.5, -0.5) / (2 * np.pi * top)
    return f, z, found, 10 ** random.uniform(-3.3, -1.7)


def ordinary(seed: int) -> tuple[Array, Complex, list[Arc], float]:
    """Draw a cell as it is usually measured: electrolyte, interphase, charge transfer, and the diffusion behind them.

    Returns what `drawn` does.
    """
    random = np.random.default_rng(seed)
    f = np.geomspace(1e6, 0.05, 73)
    s = 2j * np.pi * f
    r = 10 ** random.uniform(1.0, 3.0)
    taus = [10 ** random.uniform(*decades) for decades in ((-6.5, -5.5), (-5.0, -3.5), (-3.0, -0.5))]
    found = [(r * 10 ** random.uniform(-0.7, 0.7), tau, random.uniform(0.6, 1.0)) for tau in taus]
    tail = r * 10 ** random.uniform(-1.0, 0.7) * np.sqrt(2 * np.pi * f[-1] / s)
    z = 0.1 * r + tail + sum(one / (1 + (s * tau) ** n) for one, tau, n in found)
    return f, z, found, 10 ** random.uniform(-4.0, -2.0)


def noisy(z: Complex, noise: float, seed: int) -> Complex:
    scatter = np.random.default_rng(seed).normal(0.0, noise, (2, len(z)))
    return z + np.abs(z) * (scatter[0] + 1j * scatter[1])


def named(f: Array, z: Complex, noise: float, seed: int, arc: Arc) -> tuple[float, float] | None:
    """Return resistance and standard uncertainty of the named peak of an arc, None without one."""
    peaks = distribution(f, noisy(z, noise, seed)).named
    near = [peak for peak in peaks if abs(math.log10(peak.tau_s / arc[1])) < 0.3]
    return (near[0].resistance_ohm, near[0].resistance_stderr_ohm) if len(near) == 1 else None


@pytest.mark.parametrize("n", [0.5, 0.7, 0.95])
def test_arcs_have_the_distribution_of_cole_and_cole(n: float) -> None:
    sharpness = zarc_gamma(np.array([1.0]), 1.0, 1.0, n)
    arcs = Arcs(np.array([80.0]), np.log([2e-3]), sharpness)
    assert arcs.exponent[0] == pytest.approx(n)
    ln_tau = np.linspace(math.log(2e-3) - 60.0, math.log(2e-3) + 1.5, 40_001)
    gamma = zarc_gamma(np.exp(ln_tau), 80.0, 2e-3, n)
    assert arcs.below(ln_tau[-1:])[0, 0] == pytest.approx(np.trapezoid(gamma, ln_tau), rel=1e-4)
    omega = np.geomspace(1.0, 1e5, 7)
    assert np.allclose(arcs.impedance_ohm(omega), 80.0 / (1 + (1j * omega * 2e-3) ** n))


@pytest.mark.parametrize(("n", "beside"), [(0.55, None), (0.65, None), (0.6, 0.95), (0.75, 0.7)])
def test_the_foot_of_a_flat_arc_belongs_to_it(n: float, beside: float | None) -> None:
    """The area between minima is some percent off: that beyond the window, and what the neighbour got."""
    f = np.geomspace(2e6, 0.05, 84)
    s = 2j * np.pi * f
    z = np.asarray(30.0 + 500.0 / (1 + (s * 5e-4) ** n), np.complex128)
    if beside is not None:
        z = z + 400.0 / (1 + (s * 0.08) ** beside)
    for size, tau in [(500.0, 5e-4), (400.0, 0.08)][: 1 if beside is None else 2]:
        found = named(f, z, 5e-4, 3, (size, tau, n))
        assert found is not None
        assert found[0] == pytest.approx(size, rel=0.015)
        assert abs(found[0] - size) < 2.0 * found[1] < 0.15 * size


@pytest.mark.parametrize("seed", [2000, 3065, 3272, 3535, 5102, 7759, 9259, 9838])
def test_a_named_peak_is_no_larger_than_its_spectrum_and_lies_within_its_minima(seed: int) -> None:
    """Arcs that are changed until they show what was measured may go anywhere where the tail shows the same.

    In all but the first a search that was not asked whether it had found them named one of a megohm, or of hours.
    """
    f, z, _, noise = ordinary(seed)
    z = noisy(z, noise, seed)
    for peak in distribution(f, z, 12).named:
        assert peak.resistance_ohm < z.real.max()
        assert peak.resistance_stderr_ohm < 0.5 * peak.resistance_ohm
        assert peak.from_s < peak.tau_s < peak.to_s


@pytest.mark.parametrize("noise", [1e-3, 3e-3])
@pytest.mark.parametrize("n", [0.75, 0.8, 0.85])
def test_small_maxima_beside_a_peak_that_no_arc_explains_are_in_its_uncertainty(
    n: float, noise: float
) -> None:
    """A process of Cole and Davidson is steep on one side: the inversion makes small maxima of its other."""
    f = np.geomspace(1e6, 0.1, 71)
    z = noisy(10.0 + 200.0 / (1 + 2j * np.pi * f * 1e-2) ** n, noise, 1)
    peak = max(distribution(f, z, 12).named, key=lambda one: one.resistance_ohm)
    assert abs(peak.resistance_ohm - 200.0) < 3.0 * peak.resistance_stderr_ohm < 0.3 * 200.0


def pair(seed: int) -> tuple[Array, Complex, list[Arc], float]:
    """Draw two flat arcs less than a decade apart: mostly one maximum. Returns what `drawn` does."""
    random = np.random.default_rng(seed)
    f = np.geomspace(1e6, 0.1, 71)
    fast = 10 ** random.uniform(-4.5, -3.0)
    taus = (fast, fast * 10 ** random.uniform(0.7, 0.95))
    found = [(10 ** random.uniform(1.7, 2.3), tau, random.uniform(0.6, 0.75)) for tau in taus]
    z = 30.0 + sum(one / (1 + (2j * np.pi * f * tau) ** n) for one, tau, n in found)
    return f, np.asarray(z, np.complex128), found, 10 ** random.uniform(-4.0, -3.3)


@few("seed", range(8), 3)
def test_a_maximum_that_two_arcs_share_is_not_named_as_one_of_them_alone(seed: int) -> None:
    """It has another shape than that of one arc; without a look at it, all but one were named, 99 to 306 errors off."""
    f, z, arcs, noise = pair(seed)
    for peak in distribution(f, noisy(z, noise, seed), 12).named:
        assert min(abs(peak.resistance_ohm - one) / peak.resistance_stderr_ohm for one, _, _ in arcs) < 4.0


@few("seed", range(8), 3)
def test_a_maximum_as_sharp_as_one_arc_hides_none(seed: int) -> None:
    """A few points of the grid have hardly a shape."""
    random = np.random.default_rng(seed)
    f = np.geomspace(1e6, 0.1, random.integers(50, 90))
    tau, n = 10 ** random.uniform(-5.0, -1.5), random.choice([1.0, random.uniform(0.9, 1.0)])
    arc = np.asarray(20.0 + 100.0 / (1 + (2j * np.pi * f * tau) ** n), np.complex128)
    (peak,) = distribution(f, noisy(arc, 10 ** random.uniform(-5.5, -3.0), seed), 12).named
    assert abs(peak.resistance_ohm - 100.0) < 4.0 * peak.resistance_stderr_ohm < 10.0


@few("seed", range(8), 3)
def test_sharp_arcs_close_together_are_as_sure_as_the_grid_tells_them_apart(seed: int) -> None:
    """By noise alone a third of such resistances were more than four standard uncertainties off."""
    random = np.random.default_rng(seed)
    f = np.geomspace(1e6, 0.1, 71)
    tau = 10 ** random.uniform(-4.5, -2.0)
    arcs = [(10 ** random.uniform(1.7, 2.3), one) for one in (tau, tau * 10 ** random.uniform(0.45, 0.8))]
    z = np.asarray(30.0 + sum(r / (1 + 2j * np.pi * f * one) for r, one in arcs), np.complex128)
    peaks = distribution(f, noisy(z, 1e-4, seed), 12).named
    for peak, (r, _) in zip(peaks, arcs, strict=True):
        assert abs(peak.resistance_ohm - r) < 3.0 * peak.resistance_stderr_ohm < 0.5 * r


@pytest.mark.long
@pytest.mark.parametrize("draw", [drawn, ordinary])
def test_drawn_arcs_lie_within_two_standard_uncertainties(
    draw: Callable[[int], tuple[Array, Complex, list[Arc], float]],
) -> None:
    """Nine in ten, and nearly all within four; and it is less than three times what the errors are like."""
    errors = list[float]()
    for seed in range(20_000, 20_600):
        f, z, arcs, noise = draw(seed)
        for arc in arcs:
            found = named(f, z, noise, seed, arc)
            if found is not None:
                errors.append(abs(found[0] - arc[0]) / found[1])
    assert len(errors) > 600
    assert np.mean(np.array(errors) < 2.0) >= 0.9
    assert np.mean(np.array(errors) > 4.0) <= 0.02
    assert np.median(errors) > 0.6745 / 3.0  # of a normal distribution half lies within 0.6745
