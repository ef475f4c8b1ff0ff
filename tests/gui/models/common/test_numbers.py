import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.gui.models.common import numbers
from solbench.gui.models.common.numbers import Numbers
from solbench.protocols.errors import FieldError
from solbench.protocols.quantities.quantity import quantity

HABITS = pytest.mark.parametrize("habit", ["point", "comma"])


def test_numbers_do_what_their_examples_say():
    assert doctest.testmod(numbers) == (0, 4)


@HABITS
@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1,5 V", 1.5),
        ("1.5 V", 1.5),
        ("-0,25 V", -0.25),
        (",5 V", 0.5),
        ("1.234,5 mV", 1.2345),
        ("1,234.5 mV", 1.2345),
        ("1.234.567,8 uV", 1.2345678),
        ("1,234,567.8 uV", 1.2345678),
        ("0,125 V", 0.125),
        ("1.234 V", 1.234),
        ("1500 mV", 1.5),
        ("1,5e-3 kV", 1.5),
        ("12,3456 V", 12.3456),
    ],
)
def test_german_and_english_numbers_are_read_in_both_habits(habit, typed, value):
    text = Numbers(habit).to_file(typed)
    assert "," not in text
    assert quantity(text).value == pytest.approx(value, rel=1e-12)


def test_comma_before_three_digits_is_refused_where_points_are_the_habit():
    with pytest.raises(FieldError, match="decimal comma or with a thousands separator"):
        quantity(Numbers("point").to_file("1,234 V"))
    comma = Numbers("comma")
    assert comma.to_file("1,234 V") == "1.234 V"
    assert comma.understood("1.234 V") == "read as 1,234 V"


@HABITS
@pytest.mark.parametrize(
    "typed", ["1.234.567 V", "1,234,567 V", "12.34,5 V", "1'234 V", "1 234,5 V", "1,2,3 V"]
)
def test_what_cannot_be_told_is_refused_in_words(habit, typed):
    with pytest.raises(FieldError):
        quantity(Numbers(habit).to_file(typed))


@HABITS
@given(st.integers(-(10**7), 10**7), st.integers(0, 6), st.sampled_from(["V", "mA/cm2", "%"]))
def test_what_is_shown_is_read_as_it_was(habit, digits, places, unit):
    numbers = Numbers(habit)
    text = f"{digits / 10**places:.{places}f} {unit}"
    assert numbers.to_file(numbers.shown(text)) == text
    assert numbers.understood(numbers.shown(text)) == ""
    assert ("." in numbers.shown(text)) == ("." in text and habit == "point")


@given(st.text(max_size=80))
def test_any_text_is_taken(text):
    for habit in ("point", "comma"):
        n = Numbers(habit)
        n.to_file(text), n.shown(text), n.localized(text), n.understood(text)


def test_names_addresses_and_quoted_texts_stay_as_they_are():
    localized = Numbers("comma").localized
    for text in (
        "run 1.5 mA.h5",
        "/data/1.5 mA",
        r"C:\runs 1.5",
        "socket://192.168.1.5:1234",
        "'1.5' has no unit",
        "v1.2",
    ):
        assert localized(text) == text
    assert localized("(344.252 ± 0.087) Ω, 0.5 mAh/cm²") == "(344,252 ± 0,087) Ω, 0,5 mAh/cm²"
