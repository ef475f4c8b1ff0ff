"""Numbers in registers, against words that the manuals of devices and IEEE 754 have."""

from __future__ import annotations

import pytest

from solbench.drivers.errors import OutOfRange
from solbench.drivers.sensors.register_map import RegisterMap, in_kelvin, kelvin_a_step, shown_unit


@pytest.mark.parametrize(
    ("type_", "swapped", "words", "number"),
    [
        ("int16", False, [0x00FA], 250),
        ("int16", False, [0xFFFF], -1),
        ("uint16", False, [0xFFFE], 65534),
        ("int32", False, [0xFFFF, 0xFF38], -200),
        ("uint32", True, [0x86A0, 0x0001], 100_000),
        ("float32", False, [0x41C8, 0x0000], 25.0),  # 0x41C80000 of IEEE 754
        ("float32", True, [0x0000, 0x41C8], 25.0),
    ],
)
def test_words_are_numbers(type_, swapped, words, number):
    assert RegisterMap(1, type=type_, swapped=swapped).number(words) == number


@pytest.mark.parametrize(
    ("type_", "words"),
    [
        ("int16", [0x7FFF]),
        ("int16", [0x8000]),
        ("uint16", [0xFFFF]),
        ("float32", [0x7FC0, 0]),
        ("float32", [0x7F80, 0]),
    ],
)
def test_what_means_an_open_sensor_is_no_value(type_, words):
    where = RegisterMap(1, type=type_)
    assert not where.has_value(where.number(words))


def test_a_devices_own_code_is_no_value():
    assert not RegisterMap(1, no_values=(9999.0,)).has_value(9999.0)
    assert RegisterMap(1, no_values=(9999.0,)).has_value(9998.0)


@pytest.mark.parametrize(
    ("changes", "words", "can_be"),
    [
        ({"type": "float32"}, [0x41C8, 0x0000], True),  # 25.0 degC
        ({"type": "float32", "swapped": True}, [0x41C8, 0x0000], False),  # 2.4e-41
        ({"type": "float32", "swapped": True}, [0x41CA, 0xF5C3], False),  # -5e32
        ({"type": "float32", "swapped": True}, [0x41C8, 0x1999], False),  # 7.9e-24 degC
        ({"type": "float32", "swapped": True, "unit": "kPa"}, [0x41C8, 0x0000], False),
        ({"type": "float32", "unit": "mbar"}, [0x3089, 0x705F], True),  # 1e-9 of a vacuum
        ({"type": "float32"}, [0x0000, 0x0000], True),
        ({"type": "float32", "unit": "K"}, [0x0000, 0x0000], False),
        ({"scale": 0.1}, [0xD8F1], False),  # -999.9 degC
        ({"scale": 0.1, "unit": "kPa"}, [0xD8F1], True),
        ({"unit": "degF"}, [0x2710], False),  # 10000 degF
        ({}, [0x07D0], True),  # 2000 degC
    ],
)
def test_a_number_that_no_sensor_shows_is_told_from_one_that_may_be(changes, words, can_be):
    where = RegisterMap(1, **changes)
    assert where.can_be(where.number(words)) is can_be


def test_scale_and_unit():
    assert RegisterMap(1, scale=0.1, offset=-40.0).value(650) == pytest.approx(25.0)
    assert [
        in_kelvin(*pair) for pair in ((25.0, "degC"), (77.0, "degF"), (298.15, "K"), (3.0, "kPa"))
    ] == pytest.approx([298.15, 298.15, 298.15, 3.0])
    assert [shown_unit(unit) for unit in ("degC", "degF", "K", "kPa")] == ["K", "K", "K", "kPa"]
    assert kelvin_a_step("degF") == pytest.approx(5.0 / 9.0)


@pytest.mark.parametrize("words", [[], [1, 2], [70000], [-1]])
def test_other_words_are_refused(words):
    with pytest.raises(ValueError, match="registers of 16 bits"):
        RegisterMap(1).number(words)


def test_a_register_beyond_the_last_is_refused():
    RegisterMap(0xFFFF)
    for wrong in ({"register": 0xFFFF, "type": "float32"}, {"register": -1}, {"register": 1, "unit_id": 256}):
        with pytest.raises(OutOfRange):
            RegisterMap(**wrong)
