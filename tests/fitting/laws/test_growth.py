"""Laws of growth: told right or not at all, with rates inside their intervals."""

from collections import Counter

import numpy as np
import pytest

from solbench.fitting.laws.growth import growth_law

TIME_S = (np.arange(25) + 0.5) * 3600.0
SHAPES = {
    "parabolic": np.sqrt,
    "linear": lambda h: h,
    "neither": lambda h: np.log1p(1e3 * h / 24.0),
    "no growth": lambda h: 0.0 * h,
}


def told(law, sigmas, count, contact_s=(0.0, 0.0), seed=0):
    """The laws that are told of growth with a rate of so many standard errors, and how many rates are inside."""
    rng = np.random.default_rng(seed)
    shape = SHAPES[law](TIME_S / 3600.0)
    design = np.stack([np.ones(25), shape], axis=1)
    k = sigmas * np.linalg.pinv(design.T @ design)[1, 1] ** 0.5
    found, inside = Counter(), 0
    for _ in range(count):
        growth = growth_law(TIME_S, 10.0 + k * shape + rng.normal(size=25), np.ones(25), contact_s)
        found[growth.law] += 1
        rate = {"parabolic": growth.parabolic, "linear": growth.linear}.get(law)
        inside += rate is not None and abs(rate.k - k) < 1.96 * rate.stderr
    return found, inside / count


@pytest.mark.parametrize("law", SHAPES)
def test_no_law_is_told_wrongly(law):
    wrong = 0
    for sigmas in (5, 15):
        found, _ = told(law, sigmas, 40)
        wrong += 40 - found[law] - found["cannot be told"] - found["no growth"]
    assert wrong <= 4
    assert told(law, 80, 20)[0][law] >= 18


@pytest.mark.parametrize(("power", "sigmas"), [(0.75, 10), (0.75, 15), (0.75, 25), (0.25, 15)])
def test_an_exponent_half_way_between_two_laws_is_told_as_none_of_them(power, sigmas):
    rng, time_s = np.random.default_rng(0), np.geomspace(60.0, 86400.0, 40)
    shape = (time_s / 3600.0) ** power
    design = np.stack([np.ones(40), shape], axis=1)
    k = sigmas * np.linalg.pinv(design.T @ design)[1, 1] ** 0.5
    wrong = inside = 0
    for _ in range(60):
        growth = growth_law(time_s, 10.0 + k * shape + rng.normal(size=40), np.ones(40), (0.0, 0.0))
        wrong += growth.law in ("parabolic", "linear")
        inside += growth.exponent[1] <= power <= growth.exponent[2]
    assert wrong <= 6
    assert inside >= 51


@pytest.mark.long
@pytest.mark.parametrize("law", ["parabolic", "linear"])
@pytest.mark.parametrize("sigmas", [5, 10, 15])
@pytest.mark.parametrize("contact_s", [(0.0, 0.0), (-6 * 3600.0, 0.0)])
def test_rates_are_inside_their_intervals_and_laws_right(law, sigmas, contact_s):
    found, inside = told(law, sigmas, 300, contact_s)
    assert 300 - found[law] - found["cannot be told"] - found["no growth"] <= 15
    assert inside > 0.86


def test_a_contact_of_which_nobody_knows_when_it_began_makes_a_parabola_look_straight():
    found, _ = told("parabolic", 15, 20, (-30 * 86400.0, 0.0))
    assert found["linear"] == 0


def test_five_points_are_too_few():
    with pytest.raises(ValueError, match="6 points"):
        growth_law(TIME_S[:5], np.ones(5), np.ones(5), (0.0, 0.0))
