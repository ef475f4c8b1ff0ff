"""A bench that is as its record says is verified; one of which something has moved is told what."""

import pytest

from solbench.acquisition.bench.commissioning.shipped_record import shipped_record
from solbench.acquisition.commission.itself import ByItself
from solbench.acquisition.commission.operator import NotAtHand
from solbench.acquisition.commission.procedure import commissioned_of
from solbench.acquisition.commission.verify import verify
from solbench.acquisition.commission.workbench import Workbench
from solbench.protocols.errors import BadInput
from tests.acquisition.commission.specimens import commission, specimen

UNIT = "typical"


def recorded():
    record = shipped_record(UNIT, "b")
    assert record is not None
    return record


def moved(record, missing=frozenset(), **simulation):
    with specimen(UNIT, **simulation) as bench:
        on = Workbench(commissioned_of(bench), bench.clock, ByItself(bench, lambda text: None, missing))
        return [one.name for one in verify(on, record) if one.moved]


@pytest.mark.parametrize(
    ("simulation", "what"),
    [
        ({}, []),
        (
            {"interface": {"lag_s": [5e-9, 5e-9, 15e-9, 64e-9, 25e-9, 0.0, 0.0, 0.0]}},
            ["L (leads, lag)"],
        ),
        ({"leads": {"inductance_H": 2.0e-6}}, ["L (leads, lag)"]),
        (
            {"calibration": {"resistor_error": [0.0, 0.0, 0.0, 8e-3, 0.0, 0.0, 0.0, 0.0]}},
            ["R0 of the dummy cell", "R1 of the dummy cell"],
        ),
        (
            {"calibration": {"ammeter_offset": [0.0, 0.0, 0.0, 6e-4, 0.0, 0.0, 0.0, 0.0]}},
            ["zero of range 4"],
        ),
    ],
)
def test_it_says_what_has_moved(simulation, what):
    found = moved(recorded(), **simulation)
    assert [name for name in found if "capac" not in name and not name.startswith("C1")] == what


def test_without_the_dummy_cell_nothing_is_verified():
    with pytest.raises(NotAtHand):
        moved(recorded(), frozenset({"R-(R||C)"}))
    with pytest.raises(BadInput, match="step H"):
        moved(commission(UNIT, only=("A",)).record)
