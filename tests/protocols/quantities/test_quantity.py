import math
import re
import time
from decimal import Decimal
from functools import cache
from typing import Any, get_args

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as some

from solbench.protocols.errors import FieldError
from solbench.protocols.quantities import quantity as quantities
from solbench.protocols.quantities.quantity import C_RATE, Accepts, Quantity, parse_generic, quantity

VOLTAGE = Accepts(("voltage",))
CURRENT = Accepts(("current density", "current", "specific current", C_RATE), "not zero")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.16 mA/cm2", 1.6),
        ("-0.16 mA/cm2", -1.6),
        ("30 mV", 0.03),
        ("1,5 V", 1.5),
        ("1.500 V", 1.5),
        ("0,785 cm2", 0.785e-4),
        ("12,3456 V", 12.3456),
        ("1234,567 V", 1234.567),
        ("1 MHz", 1e6),
        ("1mHz", 1e-3),
        ("95 %", 0.95),
        ("1.4 mAh/cm2", 50400.0),
        ("847 mAh/g", 847 * 3600.0),
        ("10 min", 600.0),
        ("2 h", 7200.0),
        ("1 d", 86400.0),
        ("500 um", 500e-6),
        ("500 \u00b5m", 500e-6),
        ("500 \u03bcm", 500e-6),
        ("60 \u03a9", 60.0),
        ("60 k\u2126", 60e3),
        ("0.785 cm\u00b2", 0.785e-4),
        ("1.8 mS/cm", 0.18),
        ("1.366 mg", 1.366e-6),
        ("25 degC", 298.15),
        ("25 \u00b0C", 298.15),
        ("75 MPa", 75e6),
        ("0.35 eV", 0.35 * 1.602176634e-19),
        ("30 nF/cm2", 3e-4),
        ("1 mV/min", 1e-3 / 60),
        ("0.8 uH", 0.8e-6),
        ("\u22124.5 V", -4.5),
        (".5 V", 0.5),
        ("5e-10 S/cm", 5e-8),
        ("2 C", 2.0),
        ("0.2 mA cm-2", 2.0),
        ("0.2 mA cm^-2", 2.0),
        ("0.2 mA\u00b7cm\u207b\u00b2", 2.0),
        ("0.2 mA cm\u22122", 2.0),
        ("85 mA g\u207b\u00b9", 85.0),
        ("3 mS cm-1", 0.3),
        ("1 mV s-1", 1e-3),
        ("1e-3A", 1e-3),
    ],
)
def test_value_in_si(text: str, value: float) -> None:
    assert parse_generic(text) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    "text",
    [
        "1,500.0 V",
        "1.500,0 V",
        "1 500 V",
        "1'500 V",
        "1’500 V",
        "1\u202f500 V",
        "1\xa0500 V",
        "1_500 V",
        "1,500,000 V",
        "1.500.000 V",
        "12 345,6 V",
    ],
)
def test_thousands_separators_are_refused(text: str) -> None:
    with pytest.raises(FieldError, match="thousands separator, which is refused"):
        parse_generic(text)


@pytest.mark.parametrize(
    ("text", "first", "second"), [("1,500 V", "1.500", "1500"), ("-12,345 mA", "-12.345", "-12345")]
)
def test_three_digits_after_a_comma_are_refused_with_both_readings(
    text: str, first: str, second: str
) -> None:
    with pytest.raises(FieldError) as caught:
        parse_generic(text)
    assert "decimal comma or with a thousands separator" in caught.value.message
    assert f"'{first} " in caught.value.cure
    assert f"'{second} " in caught.value.cure


@pytest.mark.parametrize(
    "text",
    [
        "nan V",
        "inf V",
        "-inf V",
        "1e999 V",
        "9**9**9 V",
        "0x10 V",
        "1..2 V",
        "V",
        "",
        " ",
        "1 V V",
        "1 mV/s/s",
        "--1 V",
        "1 /V",
        "1 V/",
        "1 e3 V",
        "١ V",
        "1 kmin",
        "1 m%",
        "1 kdegC",
        "5 degC/min",
        "1 Kelvin",
    ],
)
def test_odd_texts_are_refused_in_words(text: str) -> None:
    with pytest.raises(FieldError) as caught:
        VOLTAGE.read(text)
    assert caught.value.message


@pytest.mark.parametrize(
    ("text", "cure"),
    [("2 mhz", "mHz or MHz"), ("1 MHZ", "MHz"), ("1 mv", "mV or MV"), ("1 volt", "known unit V")]
    + [("10 Std", "unit h"), ("2 Tage", "unit d"), ("30 sec", "unit s"), ("25 \u2103", "unit degC")]
    + [
        ("3 parsnips", "for example V"),
        ("\u20130.2 mA", "'-0.2 mA'"),
        ("1e-400 V", "larger"),
        ("1e400 V", "smaller"),
    ]
    + [
        (several, "Write one number")
        for several in ("1 h 30 min", "1:30", "10 kHz - 1 kHz", "1 V \u00b1 2 V", "1 s/2")
    ]
    + [("1.0\u00d710^-3 A", "'1e-3 A'")],
)
def test_unknown_units_come_with_the_ones_that_were_meant(text: str, cure: str) -> None:
    with pytest.raises(FieldError) as caught:
        parse_generic(text)
    assert cure in caught.value.cure


@pytest.mark.parametrize(
    ("value", "cure"),
    [(5, "'5 V'"), (-0.16, "'-0.16 V'"), ("5 ", "'5 V'"), ("-0,5", "'-0,5 V'"), ("\u22123", "'\u22123 V'")],
)
def test_a_bare_number_is_refused_with_an_example_that_keeps_it(value: object, cure: str) -> None:
    with pytest.raises(FieldError, match="has no unit") as caught:
        VOLTAGE.read(value)
    assert cure in caught.value.cure


@pytest.mark.parametrize("text", ["-0.16", "-0.16 V", "-0.16 mA/cm", "-0.16 foo", "\u22120,16 s"])
def test_no_cure_turns_a_sign_or_another_number(text: str) -> None:
    with pytest.raises(FieldError) as caught:
        Accepts(("current density", "current", "C-rate")).read(text)
    numbers = re.findall(r"'([^' ]+) [^']*'", caught.value.cure)
    assert all(number in text for number in numbers)


@pytest.mark.parametrize("value", [True, None, [1], {"V": 1}, b"1 V"])
def test_what_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(FieldError, match="is not a quantity"):
        VOLTAGE.read(value)


def test_another_kind_is_named() -> None:
    with pytest.raises(FieldError, match="'10 S' is a conductance, not a time"):
        Accepts(("time",)).read("10 S")
    with pytest.raises(FieldError, match="'1 mAh/cm2' is an areal capacity, not a voltage"):
        VOLTAGE.read("1 mAh/cm2")


@pytest.mark.parametrize(
    ("text", "per_hour"),
    [("C/10", 0.1), ("-C/10", -0.1), ("C / 8,75", 1 / 8.75), ("2 C", 2.0), ("0.5C", 0.5), ("+C/2", 0.5)],
)
def test_c_rates_where_a_current_is_wanted(text: str, per_hour: float) -> None:
    read = CURRENT.read(text)
    assert isinstance(read, Quantity)
    assert read.kind == C_RATE
    assert read.value * 3600 == pytest.approx(per_hour, rel=1e-15)


@pytest.mark.parametrize("text", ["C/0", "C/-5", "2C/5", "C/", "C", "C/1,500,0"])
def test_odd_c_rates_are_refused(text: str) -> None:
    with pytest.raises(FieldError):
        CURRENT.read(text)


def test_a_c_rate_has_no_meaning_for_a_voltage() -> None:
    with pytest.raises(FieldError, match="C-rate"):
        VOLTAGE.read("C/10")


def test_signs_are_checked() -> None:
    with pytest.raises(FieldError, match="'0 mA/cm2' is zero"):
        CURRENT.read("0 mA/cm2")
    with pytest.raises(FieldError, match="'-5 s' is not above zero"):
        Accepts(("time",), "positive").read("-5 s")
    with pytest.raises(FieldError, match="'-5 %' is below zero"):
        Accepts(("fraction",), "not negative").read("-5 %")


def test_a_quantity_keeps_the_text_as_written() -> None:
    read = VOLTAGE.read(" 1,50 V")
    assert str(read) == " 1,50 V"
    assert read == VOLTAGE.read(read)
    assert read != VOLTAGE.read("1.5 V")
    assert quantity("30 mV") == Quantity("30 mV", 0.03, "voltage")
    assert quantity("-C/10").kind == C_RATE


numbers = some.decimals(min_value="-1e6", max_value="1e6", places=5).map(lambda number: f"{number:f}")
PINT_NAMES = {
    "mV": "mV",
    "mA/cm2": "mA/cm**2",
    "mAh/cm2": "mA*hour/cm**2",
    "mAh/g": "mA*hour/g",
    "uF/cm2": "uF/cm**2",
    "mS/cm": "mS/cm",
    "kohm": "kohm",
    "MHz": "1/us",
    "min": "minute",
    "d": "day",
    "um": "um",
    "mm2": "mm**2",
    "mg": "mg",
    "MPa": "MPa",
    "mbar": "mbar",
    "eV": "eV",
    "mV/min": "mV/minute",
    "pA": "pA",
    "uW": "uW",
    "kJ": "kJ",
    "g/cm3": "g/cm**3",
}


@cache
def registry() -> pint.UnitRegistry[Any]:
    return pint.UnitRegistry(cache_folder=None)


@pytest.mark.parametrize(("unit", "name"), PINT_NAMES.items())
def test_factors_agree_with_pint(unit: str, name: str) -> None:
    expected = registry().Quantity(1.25, name).to_base_units()
    assert parse_generic(f"1.25 {unit}") == pytest.approx(expected.magnitude, rel=1e-12)


@given(numbers, some.sampled_from(["V", "mV", "uV", "kV"]))
def test_the_value_is_the_float_nearest_to_the_decimal(number: str, unit: str) -> None:
    factor = {"V": "1", "mV": "1e-3", "uV": "1e-6", "kV": "1e3"}[unit]
    assert parse_generic(f"{number} {unit}") == float(Decimal(number) * Decimal(factor))


@given(numbers.filter(lambda number: "." in number), some.sampled_from(["V", "mA/cm2", "S/cm"]))
def test_decimal_comma_and_point_read_alike_or_the_comma_is_refused(number: str, unit: str) -> None:
    assert parse_generic(f"{number.replace('.', ',')} {unit}") == parse_generic(f"{number} {unit}")


@given(some.text(max_size=80))
def test_any_text_gives_a_finite_number_or_words(text: str) -> None:
    try:
        value = parse_generic(text)
    except FieldError:
        return
    assert math.isfinite(value)


@given(some.text(alphabet="0123456789.,'eE+-*/ CVmA%_", max_size=64))
def test_texts_that_look_like_quantities_give_a_finite_number_or_words(text: str) -> None:
    try:
        read = CURRENT.read(text)
    except FieldError:
        return
    assert isinstance(read, Quantity)
    assert math.isfinite(read.value)


@pytest.mark.parametrize(
    "text", ["9**9**9 V", "1" * 10**6 + " V", "1e999999999 V", "1" + ",1" * 10**6, "1 " + "c" * 63]
)
def test_no_text_makes_the_parser_hang(text: str) -> None:
    start = time.process_time()
    with pytest.raises(FieldError):
        parse_generic(text)
    assert time.process_time() - start < 0.5


FIELDS = {
    name: next(one for one in get_args(alias) if isinstance(one, Accepts))
    for name, alias in vars(quantities).items()
    if any(isinstance(one, Accepts) for one in get_args(alias))
}


@given(some.floats(1e-9, 1e9), some.sampled_from(sorted(FIELDS)))
def test_no_field_takes_a_bare_number(number: float, field: str) -> None:
    for value in (number, f"{number:.6g}", f" {number:.4f}".replace(".", ",")):
        with pytest.raises(FieldError, match="has no unit") as caught:
            FIELDS[field].read(value)
        assert caught.value.cure.startswith("Write it with one, for example '")


@given(
    some.sampled_from(sorted(FIELDS)), some.sampled_from(["furlong", "Std", "min 3 s", "mA per cm2", "m/m/m"])
)
def test_every_field_says_what_to_write_for_another_unit(field: str, unit: str) -> None:
    with pytest.raises(FieldError) as caught:
        FIELDS[field].read(f"1.5 {unit}")
    assert len(caught.value.cure.split()) > 2
