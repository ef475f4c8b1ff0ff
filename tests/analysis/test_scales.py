"""No resistance claims more than the range on which it was measured, and a common factor cancels where it must."""

from __future__ import annotations

import numpy as np
import pytest

from solbench.analysis.scales import Scale, with_scales
from solbench.fitting.joint_fit import StatesResult, fit_states

GAIN = 0.001
F = np.geomspace(1e6, 1.0, 41)


def state(added_ohm: float, factor: float = 1.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """An electrolyte of 300 ohm, an interphase, and a tail, with hardly any noise."""
    scatter = np.random.default_rng(seed).normal(size=(2, len(F)))
    arcs = [(150.0, 3e-7, 0.9), (added_ohm, 4e-6, 0.9), (30.0, 1e-3, 0.85)]
    z = 150.0 + sum(r / (1.0 + (2j * np.pi * F * tau) ** n) for r, tau, n in arcs) + 0.5 / (2j * np.pi * F)
    return F, factor * z * (1.0 + 1e-4 * (scatter[0] + 1j * scatter[1]))


@pytest.fixture(scope="module")
def fitted() -> StatesResult:
    return fit_states([state(1e-9), state(60.0, seed=1)])


def test_on_one_range_the_factor_counts_in_proportion(fitted: StatesResult):
    found = with_scales(fitted, [Scale("RR4", GAIN)] * 2)
    assert found.growth is not None
    assert fitted.growth is not None
    for one, before in zip(found.states, fitted.states, strict=True):
        assert one.r_sse_ohm == before.r_sse_ohm
        assert one.r_sse_stderr_ohm == pytest.approx(
            np.hypot(before.r_sse_stderr_ohm, GAIN * before.r_sse_ohm)
        )
    assert found.states[0].is_reference
    assert found.growth.value_ohm == fitted.growth.value_ohm
    assert found.growth.stderr_ohm < np.hypot(fitted.growth.stderr_ohm, 1.5 * GAIN * 60.0)


def test_between_two_ranges_a_growth_holds_what_they_may_differ_by(fitted: StatesResult):
    found = with_scales(fitted, [Scale("RR4", GAIN), Scale("RR5", GAIN)])
    assert found.growth is not None
    assert found.growth.stderr_ohm > np.sqrt(2.0) * GAIN * 290.0


@pytest.mark.long
def test_growth_between_two_ranges_lies_in_its_interval():
    """Random gains of both ranges, of the size that is stated: 95 % within two standard errors."""
    scatter, within = np.random.default_rng(5), 0
    for draw in range(40):
        factors = 1.0 + GAIN * scatter.normal(size=2)
        fit = fit_states([state(1e-9, factors[0], 2 * draw), state(60.0, factors[1], 2 * draw + 1)])
        growth = with_scales(fit, [Scale("RR4", GAIN), Scale("RR5", GAIN)]).growth
        within += growth is not None and abs(growth.value_ohm - 60.0) <= 1.96 * growth.stderr_ohm
    assert within >= 35
