"""A verdict that can say wrong, and does not where the fit is right."""

from __future__ import annotations

import numpy as np
import pytest

from solbench.fitting.circuit_fit import fit
from solbench.fitting.linear_kk import kramers_kronig
from solbench.fitting.spectra.judgement import judge
from tests.fitting.spectra.drawn_spectra import drawn

F = np.geomspace(1e6, 1.0, 61)
S = 2j * np.pi * F


def noisy(z: np.ndarray, seed: int = 0, noise: float = 1e-3) -> np.ndarray:
    scatter = np.random.default_rng(seed).normal(0, noise, (2, len(z)))
    return np.asarray(z * (1 + scatter[0] + 1j * scatter[1]))


@pytest.mark.parametrize("seed", range(12))
def test_a_circuit_that_misses_the_points_is_never_good(seed: int) -> None:
    """Two or more drawn processes, described by one arc."""
    spectrum = drawn(seed + 300, 2 + seed % 3)
    result = fit(spectrum.frequency_Hz, spectrum.impedance_ohm, "L0-R0-p(R1,CPE1)")
    off = spectrum.misfit(result.model(spectrum.frequency_Hz))
    assert off < 1.0 or judge(result).verdict == "wrong", spectrum.made_of


def test_the_right_circuit_is_good() -> None:
    z = noisy(30 + 100 / (1 + (S * 1e-4) ** 0.9))
    assert judge(fit(F, z, "R0-p(R1,CPE1)")).verdict == "good"


def test_a_resistance_beyond_the_window_is_doubted() -> None:
    z = noisy(30 + 100 / (1 + (S * 1e-4) ** 0.9) + 5e4 / (1 + (S * 30.0) ** 0.9))
    (doubt, *_) = judge(fit(F, z, "R0-p(R1,CPE1)-p(R2,CPE2)")).doubts
    assert (doubt.code, doubt.parameter) == ("beyond_window", "R2")
    assert doubt.seen is not None
    assert doubt.seen < F.min()


def test_a_parameter_without_information_is_doubted() -> None:
    z = noisy(3e4 + 1e5 / (1 + S * 1e-4))
    found = judge(fit(F, z, "L0-R0-p(R1,C1)"))
    assert found.verdict == "look"
    assert ("no_information", "L0") in [(doubt.code, doubt.parameter) for doubt in found.doubts]


def test_a_step_in_the_gain_is_a_doubt_beside_a_circuit_that_follows_it() -> None:
    z = noisy(30 + 100 / (1 + (S * 1e-4) ** 0.9)) * np.where(F < 500, 1.02, 1.0)
    found = judge(fit(F, z, "R0-p(R1,CPE1)"))
    assert found.verdict != "good"
    assert "step" in [doubt.code for doubt in found.doubts]


def test_few_points_are_not_called_good() -> None:
    f = F[::8]
    z = 30 + 100 / (1 + 2j * np.pi * f * 1e-4)
    found = judge(fit(f, z, "R0-p(R1,C1)"))
    assert found.verdict == "look"
    assert [doubt.code for doubt in found.doubts] == ["too_few_points"]


def test_a_misfit_below_the_accuracy_of_any_analyser_is_not_wrong() -> None:
    """A dummy cell of a tenth of a per mille of noise, with an exponent of 0.9997 where the circuit has a capacitor."""
    z = noisy(30 + 100 / (1 + (S * 1e-4) ** 0.9997), noise=3e-5)
    result = fit(F, z, "R0-p(R1,C1)")
    assert result.fit_over_kk > 2
    assert judge(result).verdict == "look"


def test_exact_data_are_good_up_to_the_digits_of_a_file() -> None:
    z = 30 + 100 / (1 + S * 1e-4)
    written = np.array([complex(f"{a.real:.5e}{a.imag:+.5e}j") for a in z])
    assert judge(fit(F, written, "R0-p(R1,C1)")).verdict == "good"


@pytest.mark.parametrize("points", [12, 14])
def test_few_points_over_many_decades_are_not_called_noisy(points: int) -> None:
    """They are too few for a description without a circuit, which then tells more of itself than of the noise."""
    f = np.geomspace(1e6, 0.1, points)
    s = 2j * np.pi * f
    z = noisy(10 + 100 / (1 + (s * 1e-4) ** 0.9) + 50 / (1 + (s * 0.03) ** 0.85))
    assert kramers_kronig(f, z).residual > 0.02
    assert judge(fit(f, z, "R0-p(R1,CPE1)-p(R2,CPE2)")).verdict == "good"
