"""The interval of the growth holds the truth, whatever the electrodes and the room do, and is no wider than need be."""

from __future__ import annotations

import numpy as np
import pytest

from solbench.fitting.joint_fit import StatesResult, fit_states
from tests.fitting.drawn_states import ELECTROLYTES, ROOMS, Drawn, draw

WIDEST_OHM = {("nbh", True): 0.7, ("nbh", False): 3.5, ("nps", True): 4.0}
"""Half-widths of the 95 % interval, by electrolyte and whether the temperature is measured."""


def fitted(drawn: Drawn) -> StatesResult:
    return fit_states(
        drawn.spectra,
        temperatures_K=drawn.temperatures_K,
        temperature_stderrs_K=drawn.stderrs_K,
        chains=drawn.chains,
    )


def off(drawn: Drawn) -> tuple[float, float] | None:
    """By how many standard errors the growth is off, and the half-width of its 95 % interval; None where withheld."""
    growth = fitted(drawn).growth
    if growth is None:
        return None
    return (growth.value_ohm - drawn.growth) / growth.stderr_ohm, 1.96 * growth.stderr_ohm


@pytest.mark.parametrize(
    ("name", "room", "measured"),
    [("nbh", "sine", False), pytest.param("nps", "saw", True, marks=pytest.mark.long)],
)
def test_the_growth_is_that_of_the_interphase(name: str, room: str, measured: bool) -> None:
    found = off(draw(name, room, 1, measured=measured))
    assert found is not None
    assert abs(found[0]) < 3.0
    assert found[1] < 1.5 * WIDEST_OHM[name, measured]


@pytest.mark.long
@pytest.mark.parametrize("measured", [True, False])
@pytest.mark.parametrize("name", ELECTROLYTES)
def test_coverage_over_all_rooms(name: str, measured: bool) -> None:
    found = [off(draw(name, room, seed, measured=measured)) for room in ROOMS for seed in range(15)]
    told = [one for one in found if one is not None]
    assert len(told) > 0.7 * len(found)
    sigmas = np.abs([one[0] for one in told])
    assert np.mean(sigmas < 1.96) >= 0.9
    assert np.mean(sigmas > 3.0) <= 0.01 + 1 / len(told)
    assert np.max(sigmas) < 5.0
    steady = [off(draw(name, "as supposed", seed, measured=measured)) for seed in range(15)]
    widths = [one[1] for one in steady if one is not None]
    assert np.median(widths) <= WIDEST_OHM.get((name, measured), np.inf)
