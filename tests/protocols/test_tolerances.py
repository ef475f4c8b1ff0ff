"""How far what is measured may be from the record: written in a build, replaced by a protocol, by name."""

import pytest

from solbench.protocols import load_cell, parse_cell, parse_protocol
from solbench.protocols.cells import dump_cell
from solbench.protocols.errors import BadInput
from solbench.protocols.tolerances import USUAL, Tolerances

PROTOCOL = """
name: rest
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
tolerances: {charge: 130 %, jump: 1 V}
steps: [{name: rest, kind: rest, time: 1 min}]
"""


def test_a_protocol_replaces_what_it_names_and_leaves_the_rest_to_the_build():
    protocol, build = parse_protocol(PROTOCOL, "p"), load_cell("nbh").build("half")
    found = build.tolerances.widened(protocol.tolerances)
    assert (found.charge.value, found.jump.value) == (pytest.approx(1.3), 1.0)
    assert found.plating is not None
    assert found.plating.value == -0.18
    assert found.resistance == USUAL.resistance
    assert build.tolerances.widened(None) == build.tolerances


def test_a_span_that_does_not_hold_the_record_itself_is_refused():
    text = PROTOCOL.replace("charge: 130 %", "resistance: [110 %, 150 %]")
    with pytest.raises(BadInput, match="does not hold 100 %") as refused:
        parse_protocol(text, "p")
    assert refused.value.field == "tolerances.resistance"


def test_a_record_keeps_its_tolerances_as_written():
    record = load_cell("nps")
    assert parse_cell(dump_cell(record), "c") == record
    assert isinstance(record.builds["half"].tolerances, Tolerances)
