import pytest

from solbench.gui.models.protocol.form import Field, fields_of
from solbench.gui.models.protocol.units import joined, split, units_of
from solbench.gui.models.setup.cell_editor import BUILD_FIELDS, CONDITION_FIELDS, RECORD_FIELDS
from solbench.protocols import Protocol
from solbench.protocols.kinds import STEP_KINDS


def quantities(fields: tuple[Field, ...]) -> list[Field]:
    inner = [part for field in fields for part in quantities(field.fields)]
    return [field for field in fields if field.accepts is not None] + inner


STEPS = tuple(field for kind in STEP_KINDS.values() for field in fields_of(kind.model))
FIELDS = quantities((*fields_of(Protocol), *STEPS, *BUILD_FIELDS, *CONDITION_FIELDS, *RECORD_FIELDS))


def test_every_field_offers_units_and_takes_each_of_them() -> None:
    assert len(FIELDS) > 60
    for field in FIELDS:
        assert field.accepts is not None
        offered = units_of(field.accepts)
        assert offered, field.name
        for unit in offered:
            text = f"-0.05 {unit}" if field.accepts.sign == "any" else f"0.05 {unit}"
            number, found = split(text)
            assert joined(number, found) == text
            field.accepts.read(text)


def test_the_unit_of_an_example_is_offered() -> None:
    for field in FIELDS:
        assert field.accepts is not None
        unit = split(field.example)[1]
        assert not unit or unit in units_of(field.accepts), (field.name, field.example)


@pytest.mark.parametrize("text", ["1e-9 S/cm", "2.5e3 ohm", "-5; 2.5 V"])
def test_an_exponent_is_no_unit(text: str) -> None:
    number, unit = split(text)
    assert (not unit) == (";" in text)
    assert not unit or text == f"{number} {unit}"
