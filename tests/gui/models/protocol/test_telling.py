"""What a finding says in the window is what the command line says of it, in one language."""

import pytest

from solbench.gui.models.protocol.step_tree import told_at
from solbench.gui.models.protocol.telling import beside, in_one, told, told_of
from solbench.protocols import Protocol, check, load_cell, load_protocol
from solbench.protocols.protocol import to_data

HOLD = {"name": "hold", "kind": "constant_voltage", "voltage": "$v", "current_limit": "1 mA"}


@pytest.mark.parametrize(
    "volts", [["10 V", "0.2 V"], ["10 V", "12 V", "0.2 V"], [f"{n} V" for n in range(9, 40)]]
)
def test_the_other_values_of_a_series_are_named_in_the_window_too(volts: list[str]) -> None:
    steps = [
        {"name": "all", "kind": "loop", "over": {"v": volts}, "steps": [HOLD | {"until": {"time": "1 h"}}]}
    ]
    protocol = Protocol.model_validate(to_data(load_protocol("half-cell")) | {"aliases": {}, "steps": steps})
    found = check(protocol, load_cell("nps"))
    assert found
    for each in found:
        assert in_one(*told_of(each)) == in_one(each.message, each.cure)
        assert told(each.code, each.message, each.cure, each.parameters) == told_of(each)
    assert any(f"'{volts[1]}'" in told_of(each)[1] for each in found) is (volts[1] != "0.2 V")


@pytest.mark.parametrize(
    ("volts", "voltage", "words"),
    [
        (["8 V"], "-$v", "'-$v' turns the sign: the value of the series is written with the other one"),
        (["8 V", "9 V"], "-$v", "The same holds for '-9 V'. '-$v' turns the sign: "),
        (["-8 V"], "-$v", "'-$v' turns the sign: "),
        (["8 V"], "$v", ""),
    ],
)
def test_the_sign_of_a_value_is_told_beside_its_series(volts: list[str], voltage: str, words: str) -> None:
    steps = [
        {
            "name": "all",
            "kind": "loop",
            "over": {"v": volts},
            "steps": [HOLD | {"voltage": voltage, "until": {"time": "1 h"}}],
        }
    ]
    data = to_data(load_protocol("half-cell")) | {"aliases": {}, "steps": steps}
    found = check(Protocol.model_validate(data), load_cell("nps"))
    each = next(one for one in found if one.code == "voltage.outside_window")
    assert told_at(data, each.field) == [((0, 0), "voltage"), ((0,), "over.v")]
    assert words in beside(each)
    assert ("turns" in beside(each)) is bool(words)
    assert in_one(*told_of(each)) == in_one(each.message, each.cure)


def test_a_cure_that_is_a_question_ends_as_one() -> None:
    assert in_one("it is large", "Did you mean '9 mA'?", "So it is") == (
        "it is large. Did you mean '9 mA'? So it is"
    )
    assert in_one() == in_one("") == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("spectra_at", ["$s"]),
        ("spectra_at", ["0 %", "100 %", "$s"]),
        ("spectrum", {"bands": [{"below": "10 Hz"}, {"below": "$s"}]}),
    ],
)
def test_what_stands_in_a_list_is_told_at_the_loop_that_gives_it(field: str, value: object) -> None:
    data = {
        "steps": [{"name": "all", "kind": "loop", "over": {"s": ["1 mAh"]}, "steps": [{field: value}]}],
    }
    path = field if isinstance(value, list) else "spectrum.bands"
    number = len(value) if isinstance(value, list) else 2
    path += f"[{number}]" if isinstance(value, list) else f"[{number}].below"
    assert told_at(data, f"steps.all.steps[1].{path}") == [((0, 0), path), ((0,), "over.s")]
    for other in (f"{field}[7]", f"{field}[1].x", f"{field}.x[1]"):
        assert told_at(data, f"steps.all.steps[1].{other}") == [((0, 0), other)]


def test_what_nobody_knows_is_told_as_it_came() -> None:
    assert told("of.a.later.version", "so it is", "Do this", {}) == ("so it is", "Do this")
