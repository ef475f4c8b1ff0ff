"""A cell that any error of the current carries away is kept near its open circuit by what its voltage shows."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from solbench.acquisition.engine.techniques.residual_current import ResidualCurrent
from solbench.drivers.roles import Reading
from tests.acquisition.test_alternating_current import codes, run_on, step
from tests.tiers import few

FULL_SCALE_A = 2e-4


def voltages(seed: int, capacitance_F: float, leak_S: float = 0.0) -> list[float]:
    """Play sixty readings of a capacitor, with the digits of a fast reading."""
    draw = random.Random(seed)
    zero_A, every_s = draw.choice((-1, 1)) * draw.uniform(2e-5, 1e-4) * FULL_SCALE_A, draw.uniform(0.8, 2.5)
    residual = ResidualCurrent(1.0, FULL_SCALE_A)
    voltage_V, seen = 1.0, []
    for number in range(60):
        voltage_V += (residual.set_A + zero_A - leak_S * (voltage_V - 1.0)) / capacitance_F * every_s
        residual.against(Reading(number * every_s, round(voltage_V + draw.gauss(0.0, 2e-4), 3), 0.0))
        seen.append(voltage_V)
    return seen


@pytest.mark.parametrize(
    "seed", [*range(10), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(10, 30))]
)
def test_a_blocking_cell_comes_back_and_stays(seed: int):
    capacitance_F = 10.0 ** random.Random(seed).uniform(-5.3, -4.0)  # 5 to 100 uF
    alone_V = 1e-4 * FULL_SCALE_A / capacitance_F * 2.5 * 60
    seen = voltages(seed, capacitance_F)
    assert max(abs(one - 1.0) for one in seen) < max(0.05, 0.2 * alone_V)
    assert all(abs(one - 1.0) < 0.015 for one in seen[-20:])


def test_a_cell_that_does_not_drift_is_left_alone():
    residual = ResidualCurrent(1.0, FULL_SCALE_A)
    draw = random.Random(3)
    for number in range(60):
        assert residual.against(Reading(float(number), 1.0 + draw.gauss(0.0, 5e-4), 1e-8)) is None


@few("unit", ["typical", 3], 1)
def test_a_pellet_between_blocking_electrodes_is_measured_to_the_end(tmp_path: Path, unit: str | int):
    steps = step("p", "control: current, amplitude: 10 mV", to="10 Hz", per_decade=8, time="0.3 s")
    seen = run_on(tmp_path / "a.h5", steps, unit=unit)
    assert seen.result is not None
    assert (seen.result.outcome, codes(seen)) == ("completed", set())
    assert max(abs(event.body.voltage_V) for event in seen.of("sample")) < 0.045
    assert seen.is_safe
