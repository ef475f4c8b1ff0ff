"""What a sweep is worth is said at once, and a bad one is measured again before the cell moves on."""

from __future__ import annotations

import numpy as np
import pytest

from solbench.acquisition.engine.techniques.quality import spectrum_quality
from solbench.acquisition.record.events import SpectrumQuality
from solbench.acquisition.record.reader import open_run
from solbench.drivers.roles import ImpedancePoint
from tests.acquisition.runs import quiet_bench, request, run_it

SWEEP = """
name: sweep
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
steps:
  - {name: s, kind: impedance, from: 1 MHz, to: 10 Hz, points_per_decade: 5, amplitude: 30 mV, integration: 0.2 s%s}
"""


def points(noise: float, seed: int = 1) -> list[ImpedancePoint]:
    """Return a resistor and an arc with relative noise."""
    scatter = np.random.default_rng(seed)
    found = []
    for frequency in np.geomspace(1e6, 1.0, 61):
        z = 100.0 + 200.0 / (1.0 + 1j * frequency / 1e3)
        z += abs(z) * noise * complex(*scatter.normal(size=2))
        found.append(ImpedancePoint(0.0, float(frequency), z, 0.03, 5))
    return found


@pytest.mark.parametrize(("noise", "verdict"), [(0.001, "good"), (0.01, "look"), (0.05, "wrong")])
def test_the_verdict_follows_the_noise(noise: float, verdict: str):
    quality = spectrum_quality(1, points(noise))
    assert quality.verdict == verdict
    assert quality.kk_residual == pytest.approx(noise, rel=0.25)


def test_points_with_an_error_are_counted_and_do_not_spoil_the_residual():
    measured = points(0.001)
    measured[20] = ImpedancePoint(0.0, measured[20].frequency_Hz, 9e9 + 0j, 0.03, 5, error=1, attempts=2)
    quality = spectrum_quality(1, measured)
    assert quality.points_with_error == quality.points_repeated == 1
    assert quality.kk_residual < 0.002
    assert quality.verdict == "look"


def test_a_few_points_get_no_residual():
    assert spectrum_quality(1, points(0.001)[:6]).kk_residual is None


def test_a_sweep_too_noisy_is_repeated_and_every_attempt_is_kept(tmp_path):
    run = tmp_path / "r.h5"
    protocol = SWEEP % ", repeat_above: 0.2 %, repeats: 2"
    assert run_it(request(run, protocol, "nps", quiet_bench(noise_scale=8.0))).completed
    found = open_run(run)
    assert [quality.verdict for _, quality in found.bodies(SpectrumQuality)] == ["look"] * 3
    assert sorted(set(found.points["attempt"])) == [1, 2, 3]
    assert [spectrum.attempt for spectrum in found.spectra] == [3]
    assert len(found.points_of(found.spectra[0])) == 26


def test_a_sound_sweep_is_measured_once(tmp_path):
    run = tmp_path / "r.h5"
    assert run_it(request(run, SWEEP % ", repeat_above: 0.5 %", "nps")).completed
    assert len(open_run(run).bodies(SpectrumQuality)) == 1
