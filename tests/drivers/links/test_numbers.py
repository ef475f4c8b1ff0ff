"""What instruments write is a number, and nothing that `float` would take beside it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.drivers.links.numbers import first_integer, integer, number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("+0.0000E+00", 0.0),
        ("-9.0510E-01", -0.9051),
        ("1.0E+6", 1e6),
        ("+298.150", 298.15),
        ("5", 5.0),
        (" 12.5 ", 12.5),
    ],
)
def test_the_forms_of_instruments_are_numbers(text, value):
    assert number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "29.05100E-01",
        "+2.0x00E-03",
        "nan",
        "inf",
        "1_0",
        "\u0661",
        "1.0e-5",
        "",
        "+",
        "1E",
        "1.0E+",
        "1.0E+100",
        "1.0 2.0",
    ],
)
def test_nothing_else_is(text):
    with pytest.raises(ValueError, match=r".*"):
        number(text)


@given(st.floats(-1e9, 1e9), st.integers(0, 10), st.sampled_from("0123456789+-.E?,x"))
def test_one_more_character_is_found_or_leaves_a_number_of_the_same_form(value, place, character):
    written = f"{value:+.4E}"
    spoilt = written[:place] + character + written[place:]
    try:
        read = number(spoilt)
    except ValueError:
        return
    mantissa, _, exponent = spoilt.partition("E")
    assert read == float(spoilt)
    assert len(mantissa.strip("+-").partition(".")[0]) == 1 or not exponent


@pytest.mark.parametrize(("text", "value"), [("5", 5), ("-1", -1), (" 07 ", 7)])
def test_whole_numbers(text, value):
    assert integer(text) == value


@pytest.mark.parametrize("text", ["5.0", "+5E0", "", "1_0", "0x1", "5,0"])
def test_what_is_no_whole_number(text):
    with pytest.raises(ValueError, match=r".*"):
        integer(text)


@pytest.mark.parametrize(("text", "value"), [("00", 0), ("03,00", 3), ("31 ,no reading", 31), ("7", 7)])
def test_the_first_field_of_an_error_is_its_code(text, value):
    assert first_integer(text) == value


@pytest.mark.parametrize("text", ["+2.07035E-03,+1.51106E-08,00,00", "", "-1", "0x", "1234", ",00"])
def test_what_does_not_begin_with_one_is_no_code(text):
    with pytest.raises(ValueError, match=r".*"):
        first_integer(text)
