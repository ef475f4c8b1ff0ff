"""Where the likelihood of a growth is no parabola, its mean and width are those of the likelihood."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator

from solbench.fitting.growth import SYMMETRIC, resistances
from solbench.fitting.joint_fit import StatesResult, fit_states
from solbench.fitting.spectra.skewed import along_profile, monotone
from tests.analysis.halfcells import CELLS
from tests.fitting.drawn_states import draw


@pytest.fixture(scope="module")
def hidden() -> StatesResult:
    """A thick interphase, under which the charge transfer is hardly seen."""
    return fit_states(CELLS["nyzc"].spectra(0.001, 5, states=(0, 2, 4)))


def test_a_hidden_charge_transfer_makes_the_growth_smaller_and_less_sure(hidden: StatesResult) -> None:
    _, skew = along_profile(hidden.structure, hidden.solution)
    assert -2.0 < skew.shift < 0.0
    assert 1.0 < skew.width < 4.0
    plain = resistances(hidden.structure, hidden.solution)
    best, stderr = plain.growth(0, 2)
    assert hidden.growth is not None
    assert hidden.growth.value_ohm == pytest.approx(best + skew.shift * stderr)
    assert hidden.growth.stderr_ohm == pytest.approx(skew.width * stderr)


def test_what_the_interphase_loses_the_charge_transfer_gains(hidden: StatesResult) -> None:
    plain = resistances(hidden.structure, hidden.solution)
    moved = hidden.growths[-1][0] - plain.growth(0, 2)[0]
    gained = hidden.r_charge_transfer_ohm - plain.charge_transfer(2)[0]
    assert gained == pytest.approx(-moved, rel=0.3)
    # the sum of both is seen, and stays
    assert hidden.states[-1].r_arcs_ohm == pytest.approx(plain.arcs(2)[0], rel=1e-3)


def test_the_interval_holds_a_growth_that_is_fitted_with_the_charge_transfer_given(
    hidden: StatesResult,
) -> None:
    assert hidden.growth is not None
    off = hidden.growth.value_ohm - CELLS["nyzc"].growth
    assert abs(off) < 2.5 * hidden.growth.stderr_ohm


@pytest.mark.parametrize("change", [{"states": 1}, {"blocking": True}, {"first_arc": 3}])
def test_without_an_interphase_nothing_is_skewed(hidden: StatesResult, change: dict[str, Any]) -> None:
    found = along_profile(replace(hidden.structure, **change), hidden.solution)
    assert found == (hidden.solution, SYMMETRIC)


@pytest.mark.long
def test_a_growth_that_is_well_seen_is_nearly_symmetric() -> None:
    result = fit_states(CELLS["nps"].spectra(0.001, 5, states=(0, 4)))
    _, skew = along_profile(result.structure, result.solution)
    assert abs(skew.shift) < 0.5
    assert np.isclose(skew.width, 1.0, atol=0.5)


@given(
    st.lists(
        st.tuples(st.floats(0.01, 10.0), st.floats(-5.0, 5.0).map(lambda y: round(y, 3))),
        min_size=3,
        max_size=9,
    ),
    st.lists(st.floats(0.0, 1.0), min_size=1, max_size=9),
)
def test_a_value_between_points_is_that_of_the_library_without_loading_it(
    points: list[tuple[float, float]], shares: list[float]
) -> None:
    x, y = np.cumsum([width for width, _ in points]), np.array([value for _, value in points])
    at = x[0] + np.array(shares) * (x[-1] - x[0])
    np.testing.assert_allclose(monotone(x, y, at), PchipInterpolator(x, y)(at), atol=1e-9)


@pytest.mark.long
def test_a_profile_that_leads_to_a_better_fit_starts_again_from_there() -> None:
    """Of a commissioned bench the search ended high up in a curved valley, and told 44 +- 0.7 ohm for 37."""
    drawn = draw("nps", "step", 101, measured=True)
    result = fit_states(
        drawn.spectra,
        temperatures_K=drawn.temperatures_K,
        temperature_stderrs_K=drawn.stderrs_K,
        chains=drawn.chains,
    )
    assert result.solution.chi2_nu == pytest.approx(1e-6, rel=0.06)
    assert result.growth is not None
    assert abs(result.growth.value_ohm - drawn.growth) < 2.5 * result.growth.stderr_ohm
