"""Half-cycles of symmetric cells: polarization, resistance, sudden drops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.analysis.views.symmetric import half_cycle, with_falls, without_offset

TIME_S = np.arange(0.0, 600.0, 2.0)


@given(st.floats(1.0, 1e4), st.floats(-0.02, 0.02), st.floats(1e-5, 1e-3), st.integers(2, 12), st.booleans())
def test_an_offset_of_the_voltage_is_no_resistance(
    ohm: float, offset_V: float, current_A: float, count: int, first_is_positive: bool
) -> None:
    signs = [(-1.0) ** (k + first_is_positive) for k in range(count)]
    found = without_offset(
        [
            half_cycle(k, s * current_A, TIME_S, np.full(300, s * current_A * ohm + offset_V))
            for k, s in enumerate(signs)
        ]
    )
    assert [one.resistance_ohm for one in found[1:]] == pytest.approx([ohm] * (count - 1), rel=1e-6, abs=1e-6)


def test_a_short_within_a_half_cycle_is_told_with_its_time() -> None:
    volts = np.where(TIME_S < 300.0, 0.05, 0.01)
    drop = half_cycle(1, -1e-4, TIME_S, -volts).drop
    assert drop is not None
    assert (drop.before_V, drop.after_V, drop.after_s) == (0.05, 0.01, 300.0)


@pytest.mark.parametrize("spoilt", ["one reading", "reversal", "slow", "noise about zero"])
def test_what_is_no_short_is_none(spoilt: str) -> None:
    volts = np.full(300, 0.05)
    if spoilt == "one reading":
        volts[100] = 0.0
    elif spoilt == "reversal":
        volts[:2] = 0.4
    elif spoilt == "slow":
        volts = 0.05 * np.exp(-TIME_S / 300.0)
    else:
        volts = 1e-3 * np.sin(TIME_S)
    assert half_cycle(1, 1e-4, TIME_S, volts).drop is None


def test_a_fall_between_half_cycles_of_one_direction_is_told() -> None:
    levels = [0.05, 0.06, 0.05, 0.06, 0.02, 0.06]
    found = with_falls(
        [
            half_cycle(k, (-1.0) ** k * 1e-4, TIME_S, np.full(300, (-1.0) ** k * v))
            for k, v in enumerate(levels)
        ]
    )
    assert [one.drop is not None for one in found] == [False, False, False, False, True, False]
    assert found[4].drop is not None
    assert found[4].drop.after_s is None
