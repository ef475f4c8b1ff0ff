import pytest

from solbench.protocols import load_cell
from solbench.protocols.convert import amperes, coulombs
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
