"""What a finding says in the window is what the command line says of it, in one language."""

import pytest

from solbench.gui.models.protocol.telling import in_one, told, told_of
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


def test_what_nobody_knows_is_told_as_it_came() -> None:
    assert told("of.a.later.version", "so it is", "Do this", {}) == ("so it is", "Do this")
