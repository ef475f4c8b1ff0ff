"""What people get wrong, from the file or the setting to the paragraph that they read."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from solbench.protocols import (
    BadInput,
    check,
    dump_protocol,
    half_cell,
    load_cell,
    load_protocol,
    raise_errors,
    with_settings,
)
from solbench.protocols.cells import dump_cell, parse_cell

HALF_CELL = dump_protocol(half_cell())


def paragraph(path: Path, cell: str = "nps", settings: Sequence[str] = ()) -> str:
    """Go the way of a run up to the instruments and get what is said."""
    record = parse_cell(cell, "cell.yaml") if "\n" in cell else load_cell(cell)
    with pytest.raises(BadInput) as caught:
        raise_errors(check(with_settings(load_protocol(path), settings), record), path.name, "cell.yaml")
    return str(caught.value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mine.yaml"


@pytest.mark.parametrize(
    ("old", "new", "field", "says"),
    [
        pytest.param(
            "current: -0.16",
            "curent: -0.16",
            "steps.sodiation.curent",
            "there is no field 'curent'. Did you mean 'current'?",
            id="misspelt field",
        ),
        pytest.param(
            "current: 0.16 mA/cm2",
            "current: 0.16",
            "steps.desodiation.current",
            "'0.16' has no unit. Write it with one, for example '0.16 mA/cm2'",
            id="missing unit",
        ),
        pytest.param(
            "current: -0.16 mA/cm2",
            "current: -0.16 A/cm2",
            "steps.sodiation.current",
            "'-0.16 A/cm2' is 160 mA/cm2, far beyond what these cells carry. Did you mean '-0.16 mA/cm2'?",
            id="A for mA",
        ),
        pytest.param(
            "voltage: 2.0 V",
            "voltage: 1,500.0 mV",
            "steps.desodiation.until.voltage",
            "'1,500.0 mV' has a thousands separator, which is refused because it can be misread.",
            id="thousands separator",
        ),
        pytest.param(
            "voltage: 2.0 V",
            "voltage: 1,500 mV",
            "steps.desodiation.until.voltage",
            "Write '1.500 mV' for the first or '1500 mV' for the second.",
            id="ambiguous comma",
        ),
        pytest.param(
            "from: 1 MHz",
            "from: 2 MHz",
            "steps.sodiation.spectrum.from",
            "'2 MHz' is above 1 MHz, which the 1260 with the 1287 cannot measure. Start at 1 MHz.",
            id="pair above 1 MHz",
        ),
        pytest.param(
            "instruments: pair",
            "instruments: 1260",
            "steps.sodiation.spectrum.instruments",
            "the analyzer alone would discharge the live cell 'half' through its 50 ohm generator. Write 'pair'",
            id="1260 alone on a live cell",
        ),
        pytest.param(
            "- name: desodiation\n",
            "- name: cycling\n  kind: loop\n  count: 1000\n  steps: []\n- name: desodiation\n",
            "steps.cycling.steps",
            "this is empty. Write at least one entry.",
            id="loop without a body",
        ),
        pytest.param(
            "build: half",
            "build: pouch",
            "build",
            "the cell record 'nps' has no build 'pouch'.",
            id="build that the record lacks",
        ),
    ],
)
def test_misuse_of_a_protocol(path: Path, old: str, new: str, field: str, says: str) -> None:
    assert old in HALF_CELL
    path.write_text(HALF_CELL.replace(old, new, 1), encoding="utf-8")
    text = paragraph(path)
    assert "mine.yaml" in text.split(", field ")[0]
    assert f", field {field}: " in text
    assert says in text
    assert "\n" not in text


def test_percent_of_theoretical_without_a_mass(path: Path) -> None:
    path.write_text(HALF_CELL, encoding="utf-8")
    record = dump_cell(load_cell("nps")).replace("    tin_mass: 1.366 mg\n", "")
    assert paragraph(path, record) == (
        "mine.yaml, field steps.sodiation.until.capacity: '95 %' refers to a mass, and the build 'half' of the cell "
        "record 'nps' has no tin_mass. Add builds.half.tin_mass to the record, or write it per area. Also to be "
        "corrected: steps.desodiation.cut_short.capacity."
    )


def test_a_reduced_build_that_nbh_lacks(path: Path) -> None:
    path.write_text(dump_protocol(load_protocol("dc-polarization")), encoding="utf-8")
    assert paragraph(path, "nbh", ["build=dc_reduced"]) == (
        "mine.yaml, field build: the cell record 'nbh' has no build 'dc_reduced'. "
        "There are: dc_pristine, full, half, pellet, symmetric."
    )


def test_a_decimal_comma_is_accepted(path: Path) -> None:
    path.write_text(HALF_CELL.replace("voltage: 2.0 V", "voltage: 1,5 V"), encoding="utf-8")
    protocol = load_protocol(path)
    assert check(protocol, load_cell("nps")) == []
    assert "voltage: 1,5 V" in dump_protocol(protocol)


def test_several_slips_are_one_paragraph_with_each_sentence_ended_once(path: Path):
    text = HALF_CELL.replace("current: -0.16", "curent: -0.16")
    path.write_text(text.replace("current: 0.16 mA/cm2", "current: 0.16"))
    said = paragraph(path)
    assert "Also to be corrected" in said
    assert "?." not in said
    assert ".." not in said
