import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solbench.fitting.linear_kk import (
    correct_drift,
    drift,
    kramers_kronig,
)
from tests.analysis.cells import FREQUENCY_HZ, SCENARIOS, arc, cpe, noisy, spectrum
from tests.tiers import few


@pytest.mark.parametrize("name", SCENARIOS)
@few("noise", [0.001, 0.003, 0.01], (1,))
def test_the_residual_is_the_noise(name, noise):
    found = [kramers_kronig(FREQUENCY_HZ, noisy(spectrum(name), noise, k)).residual for k in range(30)]
    assert np.mean(found) == pytest.approx(noise, rel=0.1)
    assert np.std(found) < 0.1 * noise


@few("points", [12, 15, 22, 61], 1)
def test_what_a_sound_circuit_has_by_chance_is_just_within_the_limit(points):
    """The circuit is the truth itself, without a free parameter: what is left of it is the noise."""
    f = np.geomspace(3e4, 100.0, points)
    z = 100.0 + arc(f, 200.0, 1e-4, 0.9)
    found = []
    for seed in range(400):
        raw = noisy(z, 0.01, seed)
        test = kramers_kronig(f, raw)
        own = float(np.mean(np.abs((raw - z) / np.abs(raw)) ** 2)) / 2
        found.append(own / test.chi2_nu / test.f_by_chance(2 * points))
    assert 0.5 < max(found) < 1.0


def test_inductance_and_blocking_obey_the_relations():
    f = FREQUENCY_HZ
    z = 35 + 2j * np.pi * f * 3e-6 + 1 / (2j * np.pi * f * 1e-4)
    assert kramers_kronig(f, noisy(z, 0.001, 0)).residual < 0.0012


def test_a_spectrum_that_breaks_the_relations_is_seen():
    f = FREQUENCY_HZ
    step = np.where(f < 300, 1.05, 1.0)  # a change of range in the middle of the sweep
    assert kramers_kronig(f, spectrum("separated") * step).residual > 0.005


@settings(max_examples=25, deadline=None)
@given(st.floats(1e-3, 1e6), st.integers(0, 1000))
def test_the_residual_does_not_depend_on_the_scale_or_the_order(scale, seed):
    z = noisy(spectrum("nps"), 0.002, seed)
    one = kramers_kronig(FREQUENCY_HZ, z)
    other = kramers_kronig(FREQUENCY_HZ[::-1], scale * z[::-1])
    assert other.residual == pytest.approx(one.residual, rel=1e-3)


def test_residuals_are_one_a_point_and_make_the_rms():
    result = kramers_kronig(FREQUENCY_HZ, noisy(spectrum("nyzc"), 0.002, 1))
    squares = np.sum(np.abs(result.residuals) ** 2)
    assert np.sqrt(squares / (122 - result.parameters)) == pytest.approx(result.residual)
    assert result.chi2_nu == pytest.approx(result.residual**2)


def drifting(growth, begin_s, seed, noise=0.001, sweep_s=110.0):
    """A sweep downwards during which R2 = 500 ohm grows by `growth` a sweep; its times and impedances."""
    f = FREQUENCY_HZ
    time_s = begin_s + np.linspace(0, sweep_s, len(f))
    R2 = 500 * (1 + growth * time_s / sweep_s)
    z = 50 + arc(f, 300, 1e-6, 0.9) + arc(f, R2, 5e-3, 0.85) + cpe(f, 1e-3, 0.6)
    return time_s, noisy(z, noise, seed)


def test_kramers_kronig_does_not_see_a_slow_drift_but_a_second_sweep_does():
    (t1, z1), (t2, z2) = drifting(0.02, 0.0, 0), drifting(0.02, 110.0, 1)
    assert kramers_kronig(FREQUENCY_HZ, z1).residual < 0.00125
    found = drift(FREQUENCY_HZ, z1, t1, z2, t2)
    assert found.significant
    assert 0.005 < found.per_sweep < 0.02
    assert found.per_hour == pytest.approx(found.per_sweep * 3600 / 110)


def test_no_drift_is_not_significant():
    false = 0
    for seed in range(40):
        (t1, z1), (t2, z2) = drifting(0.0, 0.0, seed), drifting(0.0, 110.0, seed + 1000)
        false += drift(FREQUENCY_HZ, z1, t1, z2, t2).significant
    assert false <= 4


@pytest.mark.parametrize("growth", [0.02, 0.1, 0.3])
def test_two_sweeps_interpolated_are_the_spectrum_of_one_moment(growth):
    (t1, z1), (t2, z2) = drifting(growth, 0.0, 0, noise=0), drifting(growth, 110.0, 1, noise=0)
    begun = correct_drift(z1, t1, z2, t2, 0.0)
    worst = np.max(np.abs(begun / spectrum("separated") - 1))
    assert worst < 0.3 * growth**2 + 1e-4
    assert worst < 0.5 * np.max(np.abs(z1 / spectrum("separated") - 1))


@given(st.floats(-1e4, 1e4))
def test_the_corrected_spectrum_passes_through_both_sweeps(value):
    t1, t2 = np.array([0.0, 1.0]), np.array([5.0, 3.0])
    z1, z2 = np.array([1 + 1j, value]), np.array([value, 3 - 2j])
    assert correct_drift(z1, t1, z2, t2, 0.0)[0] == z1[0]
    assert correct_drift(z1, t1, z2, t2, 3.0)[1] == pytest.approx(z2[1])


@pytest.mark.parametrize(
    ("f", "z", "message"),
    [
        ([1.0, 2.0], [1.0], "differ in shape"),
        ([1.0, 2.0], [1.0, 2.0], "too short"),
        (np.arange(10.0), np.ones(10), "above zero"),
        (np.arange(1.0, 11.0), np.full(10, np.nan), "infinite"),
        (np.arange(1.0, 11.0), np.zeros(10), "not zero"),
    ],
)
def test_what_is_no_spectrum_is_refused(f, z, message):
    with pytest.raises(ValueError, match=message):
        kramers_kronig(f, z)


def test_sweeps_that_do_not_match_are_refused():
    with pytest.raises(ValueError, match="same points"):
        correct_drift([1, 2], np.zeros(2), [1], np.ones(1), 0.0)
    with pytest.raises(ValueError, match="same time"):
        correct_drift([1], np.zeros(1), [1], np.zeros(1), 0.0)
