"""What a sweep is worth is said at once, and a bad one is measured again before the cell moves on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from solbench.acquisition.bench.scenario import parse_scenario
from solbench.acquisition.engine.techniques.quality import FIRST_POINTS, first_residual, spectrum_quality
from solbench.acquisition.record.events import SpectrumQuality
from solbench.acquisition.record.reader import open_run
from solbench.drivers.roles import ImpedancePoint
from tests.acquisition.runs import Seen, quiet_bench, request, run_it, seen_run
from tests.tiers import few

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


def test_points_for_which_the_bench_is_not_known_say_nothing_of_the_spectrum():
    """A lag above 100 kHz turns them as far as below zero; the rest is good, and so it is told."""
    known = points(0.001)
    beyond = [
        replace(point, impedance_ohm=-point.impedance_ohm, trusted=False)
        if point.frequency_Hz > 1e5
        else point
        for point in known
    ]
    found = spectrum_quality(1, beyond)
    assert (found.verdict, found.points_untrusted, found.points_with_error) == ("good", 10, 0)
    assert first_residual(beyond[: 10 + FIRST_POINTS]) == pytest.approx(
        first_residual(known[10 : 10 + FIRST_POINTS])
    )
    assert first_residual(beyond[:FIRST_POINTS]) == 0.0


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


def scenario_run(path: Path, change: str, protocol: str, seed: int = 0) -> Seen:
    scenario = parse_scenario(f"changes: [{change}]", "s")
    return seen_run(replace(request(path, protocol, "nps", seed=seed), scenario=scenario))


WAITS = SWEEP.replace("steps:", "interruptions: {wait_for_user: 10 s}\nsteps:") % ""


def bodies(seen: Seen, kind: str) -> list[Any]:
    return [event.body for event in seen.of(kind)]


LOOSE = "{kind: loose_contact, resistance: 20 kohm, interval: 1 s%s}"


def require_told(seen: Seen) -> None:
    """Whenever a loose contact is noticed, which is chance: a sweep is left off, or its spectrum WRONG."""
    judged = [event.body.verdict for event in seen.events if isinstance(event.body, SpectrumQuality)]
    assert judged in ([], ["wrong"])
    last = bodies(seen, "segment_end")[-1].outcome
    alarms = bodies(seen, "alarm")
    assert ["contact" in alarm.text for alarm in alarms] == [True] * (last == "interrupted")
    assert last == ("done" if seen.result.completed else "interrupted")
    assert seen.is_safe


@few("seed", range(16), 2)
def test_a_contact_that_is_loose_from_within_a_sweep_on_is_left_off_and_measured_again(tmp_path, seed):
    seen = scenario_run(tmp_path / "r.h5", LOOSE % ", from: 25 s", WAITS, seed)
    require_told(seen)
    first, second = bodies(seen, "segment_end")
    assert first.outcome == "repeat" != second.outcome
    assert [body.attempt for body in bodies(seen, "point")].count(1) == FIRST_POINTS


@few("seed", range(16), 2)
def test_a_contact_that_is_always_loose_is_told_when_it_is_met(tmp_path, seed):
    """By what is read before the sweep, by its first points, or by all together."""
    require_told(scenario_run(tmp_path / "r.h5", LOOSE % "", WAITS, seed))


@few("command", ["PB9", "FI1", "VX0", "IX0"], (0, 2))
def test_a_sweep_in_which_somebody_set_an_instrument_is_not_believed(tmp_path, command):
    by_hand = f"{{kind: front_panel, instrument: '1287', command: {command}, from: 25 s}}"
    seen = scenario_run(tmp_path / "r.h5", by_hand, WAITS)
    (alarm,) = bodies(seen, "alarm")
    assert alarm.code == "settings_changed"
    assert [name.split()[-1] for name in alarm.parameters] == [command[:2]]
    assert not any(isinstance(event.body, SpectrumQuality) for event in seen.events)
    assert seen.is_safe
