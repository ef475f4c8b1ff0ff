"""Laws of growth: told right or not at all, with rates and exponents inside their intervals."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pytest

from solbench.fitting.laws.growth import growth_law
from tests.tiers import few

HOURLY_S = (np.arange(25) + 0.5) * 3600.0
BY_A_THIRD_S = np.geomspace(60.0, 86400.0, 25)
PRESSED_S, SODIATED_S = (0.0, 0.0), (-9 * 3600.0, 0.0)
NAMES = {0.0: "neither", 0.5: "parabolic", 1.0: "linear"}
BETWEEN = (0.25, 0.35, 0.65, 0.75, 0.85)


@dataclass
class Told:
    """What is told of so many drawn growths: laws, and the shares of rates and exponents inside their intervals."""

    laws: Counter[str] = field(default_factory=Counter)
    wrong: float = 0.0
    rates: float = 0.0
    exponents: float = 0.0


def told(exponent, sigmas, count, time_s=HOURLY_S, contact_s=PRESSED_S, seed=0):
    """Draw growths whose rate is so many standard errors, where law and beginning are known (at its earliest)."""
    rng, found = np.random.default_rng(seed), Told()
    hours = (time_s - contact_s[0]) / 3600.0
    shape = hours**exponent if exponent else np.log1p(1e3 * hours / hours[-1])
    k = sigmas / np.std(shape) / len(shape) ** 0.5
    name = NAMES.get(exponent, "neither")
    for _ in range(count):
        growth = growth_law(
            time_s, 10.0 + k * shape + rng.normal(size=len(shape)), np.ones(len(shape)), contact_s
        )
        found.laws[growth.law] += 1
        found.wrong += growth.law not in (name, "cannot be told", "no growth")
        rate = {"parabolic": growth.parabolic, "linear": growth.linear}.get(name)
        found.rates += rate is not None and abs(rate.k - k) < 1.96 * rate.stderr
        found.exponents += growth.exponent[1] <= exponent <= growth.exponent[2]
    found.wrong, found.rates, found.exponents = (
        one / count for one in (found.wrong, found.rates, found.exponents)
    )
    return found


@few("exponent", [*NAMES, 0.35, 0.65, 0.85], 4)
def test_no_law_is_told_wrongly(exponent):
    drawn = told(exponent, 30, 30, BY_A_THIRD_S, seed=5)
    assert drawn.wrong <= 0.1
    assert drawn.exponents >= 0.8


@pytest.mark.parametrize("exponent", NAMES)
def test_much_growth_tells_its_law(exponent):
    drawn = told(exponent, 120, 15, BY_A_THIRD_S, seed=6)
    assert drawn.laws[NAMES[exponent]] >= 14


@pytest.mark.long
@pytest.mark.parametrize("exponent", [*NAMES, *BETWEEN])
@pytest.mark.parametrize("sigmas", [5, 10, 15, 30, 60])
@pytest.mark.parametrize("contact_s", [PRESSED_S, SODIATED_S])
@pytest.mark.parametrize("time_s", [HOURLY_S, BY_A_THIRD_S], ids=["hourly", "by a third"])
def test_laws_are_right_and_rates_inside_their_intervals(exponent, sigmas, contact_s, time_s):
    drawn = told(exponent, sigmas, 200, time_s, contact_s, seed=sigmas)
    print(exponent, sigmas, contact_s, drawn)
    assert drawn.wrong <= 0.05
    assert drawn.exponents >= 0.87 or exponent == 0.0  # of a logarithm there are many
    assert drawn.rates >= 0.9 or NAMES.get(exponent, "neither") == "neither"


def test_a_contact_of_which_nobody_knows_when_it_began_makes_a_parabola_look_straight():
    assert told(0.5, 15, 10, contact_s=(-30 * 86400.0, 0.0)).laws["linear"] == 0


def test_the_better_law_is_the_likelier_one():
    rng = np.random.default_rng(3)
    for exponent, is_straight in ((0.5, False), (1.0, True)):
        ohm = 10.0 + 12.0 * (HOURLY_S / 86400.0) ** exponent + rng.normal(size=25)
        growth = growth_law(HOURLY_S, ohm, np.ones(25), PRESSED_S)
        assert (growth.straighter < 0.0) is is_straight


def test_five_points_are_too_few():
    with pytest.raises(ValueError, match="6 points"):
        growth_law(HOURLY_S[:5], np.ones(5), np.ones(5), PRESSED_S)
