"""Values of series: ranges, names that stand for them, and what is refused."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from solbench.protocols.errors import BadInput
from solbench.protocols.kinds.series import MOST_STEPS, MOST_VALUES, Values, bind
from solbench.protocols.protocol import Protocol, dump_protocol, from_data, parse_protocol
from solbench.protocols.quantities.quantity import C_RATE, quantity

UNITS = {"V": ("mV", "V", "uV"), "A": ("mA", "uA"), "K": ("K",), "degC": ("K", "degC"), "mA/cm2": ("mA/cm2",)}


def texts_of(begin: str, end: str, step: str) -> tuple[str, ...]:
    return Values.model_validate({"from": begin, "to": end, "step": step}).texts()


@given(
    some.integers(-500, 500),
    some.integers(1, 60),
    some.sampled_from([1, -1]),
    some.integers(1, 40),
    some.sampled_from([1, 10, 100, 1000]),
)
def test_a_range_has_the_values_that_exact_arithmetic_has(
    begin: int, step: int, way: int, count: int, parts: int
) -> None:
    exact = [Fraction(begin + way * step * place, parts) for place in range(count + 1)]
    found = texts_of(f"{float(exact[0])} V", f"{float(exact[-1])} V", f"{step * 1000 / parts} mV")
    assert [Fraction(text.removesuffix(" V")) for text in found] == exact


@pytest.mark.parametrize(
    ("begin", "end", "step", "values"),
    [
        ("25 degC", "80 degC", "20 K", ["25 degC", "45 degC", "65 degC", "80 degC"]),
        ("60 degC", "25 degC", "20 degC", ["60 degC", "40 degC", "25 degC"]),
        ("0 V", "1 V", "400 mV", ["0 V", "0.4 V", "0.8 V", "1 V"]),
        ("100mV", "-100mV", "0.1 V", ["100 mV", "0 mV", "-100 mV"]),
        ("1,5 V", "2,5 V", "500 mV", ["1.5 V", "2 V", "2.5 V"]),
    ],
)
def test_a_range_keeps_its_unit_and_ends_at_its_end(
    begin: str, end: str, step: str, values: list[str]
) -> None:
    found = texts_of(begin, end, step)
    assert list(found) == values
    assert quantity(found[-1]).value == quantity(end).value


def test_a_range_of_c_rates_is_written_in_multiples() -> None:
    assert texts_of("C/10", "C/2", "C/10") == ("0.1 C", "0.2 C", "0.3 C", "0.4 C", "0.5 C")
    assert texts_of("-1C", "-C/2", "C/4") == ("-1 C", "-0.75 C", "-0.5 C")
    over = {"current": {"from": "C/10", "to": "1C", "step": "0.3C"}, "hold": ["1 h"] * 4}
    loop: Any = series(over, FORTH).steps[0]
    assert {body[0].current.kind for body in loop.different_bodies()} == {C_RATE}


def test_a_sign_before_a_name_turns_the_value_around() -> None:
    for text, turned in (("0.1 mA", "-0.1 mA"), ("-C/4", "C/4"), ("+2 V", "-2 V"), ("\u22125 mV", "5 mV")):
        assert bind({"current": "-$x"}, {"x": text}) == {"current": turned}
        assert bind({"current": "$x"}, {"x": text}) == {"current": text}
        assert quantity(turned).value == -quantity(text).value


def test_names_notes_and_kinds_are_no_places_for_values() -> None:
    data = {"name": "$x", "kind": "$x", "notes": "$x", "until": {"time": "$x"}, "marks": ["$x", "5 %"]}
    found = bind(data, {"x": "1 h"})
    assert found == {**data, "until": {"time": "1 h"}, "marks": ["1 h", "5 %"]}


def series(over: Any, *steps: dict[str, Any], **more: Any) -> Protocol:
    loop = {"name": "series", "kind": "loop", "over": over, "steps": list(steps), **more}
    head = {"name": "t", "build": "symmetric"}
    conditions = {"temperature": "25 degC", "stack_pressure": "unknown"}
    return from_data({**head, "conditions": conditions, "steps": [loop]}, "test")


FORTH = {"name": "forth", "kind": "constant_current", "current": "$current", "until": {"time": "$hold"}}
BOTH = {"current": ["C/10", "0.5 C", "0.1 mA/cm2"], "hold": {"from": "1 h", "to": "3 h", "step": "60 min"}}


def test_a_series_is_written_as_it_was_read() -> None:
    inner = {"name": "inner", "kind": "loop", "over": {"hold": ["$hold", "5 s"]}, "steps": [FORTH]}
    for protocol in (series(BOTH, FORTH), series(BOTH, FORTH, inner)):
        text = dump_protocol(protocol)
        assert "current: $current" in text
        assert parse_protocol(text, "again") == protocol


@pytest.mark.parametrize(
    ("over", "field", "says"),
    [
        (
            {"current": ["1 mA", "0 A"], "hold": ["1 h", "1 h"]},
            "steps.forth.current",
            "where current 0 A, hold",
        ),
        ({"current": ["1 mA", "2 V"], "hold": ["1 h", "1 h"]}, "steps.forth.current", "'2 V' is a voltage"),
        ({"current": ["1 mA", "2 mA"], "hold": ["1 h"]}, "", "equally many: 'current' has 2, 'hold' has 1"),
        ({"current": "1 mA", "hold": ["1 h"]}, "over.current", "this is one value"),
        ({"current": ["1"], "hold": ["1 h"]}, "over.current.values[1]", "has no unit"),
        ({"current": [], "hold": []}, "over.current", "does not say which values"),
        ({"hold": ["1 h"]}, "steps.forth.current", "no loop around this step has a value 'current'"),
        ({**BOTH, "x": ["1 V", "2 V", "3 V"]}, "over.x", "no step of the loop uses '$x'"),
        ({}, "over", "there is no series here"),
        ({"my-current": ["1 mA"]}, "over.my-current", "begins with a letter. Write for example 'my_current'"),
        ({"2nd": ["1 mA"]}, "over.2nd", "Write for example 'nd'"),
        (
            {"current": {"from": "C/10", "to": "2 mA", "step": "C/10"}},
            "over.current",
            "'2 mA' is a current, not a C-rate",
        ),
        (["1 V"], "over", "is not a mapping"),
        ({"hold": {"from": "1 h", "to": "2 h", "step": "0 h"}}, "over.hold.step", "leads nowhere"),
        (
            {"hold": {"from": "1 h", "to": "2 V", "step": "1 h"}},
            "over.hold.to",
            "'2 V' is a voltage, '1 h' a time",
        ),
        ({"hold": {"from": "1 s", "to": "9 h", "step": "1 s"}}, "over.hold.step", f"more than {MOST_VALUES}"),
    ],
)
def test_what_is_no_series_is_refused_at_its_field(over: Any, field: str, says: str) -> None:
    with pytest.raises(BadInput) as refused:
        series(over, FORTH)
    assert refused.value.field == f"steps.series.{field}".rstrip(".")
    assert says in str(refused.value)


def test_series_in_series_make_no_more_steps_than_can_be_checked() -> None:
    many = {"from": "1 s", "to": "1000 s", "step": "1 s"}
    inner = {"name": "r", "kind": "loop", "over": {"b": many}, "steps": [{**REST, "time": "$b"}]}
    with pytest.raises(BadInput, match=f"more than {MOST_STEPS} steps"):
        series({"a": many}, {**REST, "time": "$a"}, inner)


REST = {"name": "rest", "kind": "rest"}


def test_the_name_of_an_inner_series_hides_that_of_an_outer_one() -> None:
    inner = {"name": "in", "kind": "loop", "over": {"a": ["3 s"]}, "steps": [{**REST, "time": "$a"}]}
    protocol = series({"a": ["1 s", "2 s"]}, {**REST, "time": "$a"}, inner)
    loop: Any = protocol.steps[0]
    times = [(body[0].time.text, body[1].body(1)[0].time.text) for body in loop.different_bodies()]
    assert times == [("1 s", "3 s"), ("2 s", "3 s")]
