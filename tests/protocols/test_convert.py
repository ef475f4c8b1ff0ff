import random

import pytest

from solbench.protocols import load_cell
from solbench.protocols.convert import amperes, coulombs, in_steps, is_lost
from solbench.protocols.errors import FieldError
from solbench.protocols.quantities.quantity import quantity

HALF = load_cell("nps").build("half")


@pytest.mark.parametrize(
    ("text", "expected_A"),
    [
        ("0.126 mA", 0.126e-3),
        ("-0.16 mA/cm2", -1.256e-4),
        ("100 mA/g", 1.366e-4),
        ("C/10", 1.366e-6 * 847 * 3600 / 36000),
        ("-C/10", -1.366e-6 * 847 * 3600 / 36000),
    ],
)
def test_currents_in_every_spelling(text: str, expected_A: float) -> None:
    assert amperes(quantity(text), HALF) == pytest.approx(expected_A)


@pytest.mark.parametrize(
    ("text", "expected_C"),
    [
        ("1 mAh", 3.6),
        ("1.4 mAh/cm2", 50400 * 0.785e-4),
        ("800 mAh/g", 800 * 3600 * 1.366e-6),
        ("100 %", 4.1652072),
    ],
)
def test_capacities_in_every_spelling(text: str, expected_C: float) -> None:
    assert coulombs(quantity(text), HALF) == pytest.approx(expected_C)


def test_a_share_of_a_mass_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FieldError, match="'95 %' refers to a mass, and the build 'pellet'"):
        coulombs(quantity("95 %"), load_cell("nps").build("pellet"))


def test_whole_steps_are_the_nearest_and_a_voltage_is_lost_to_0_alone() -> None:
    draw = random.Random(8)
    for _ in range(500):
        step_V, volts = draw.choice([1e-3, 5e-5, 0.2]), draw.uniform(-3.0, 3.0) * draw.choice([1.0, 1e-3])
        stands_V = in_steps(volts, step_V)
        assert abs(stands_V - volts) <= 0.5 * step_V * (1.0 + 1e-9)
        assert abs(stands_V / step_V - round(stands_V / step_V)) < 1e-6
        assert is_lost(volts, step_V) == (stands_V == 0.0)
        assert in_steps(volts, 0.0) == volts
        assert not is_lost(volts, 0.0)
    assert not is_lost(0.0, 1e-3)
