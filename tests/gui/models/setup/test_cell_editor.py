from pathlib import Path

import pytest

from solbench.gui.models.protocol.form import Field
from solbench.gui.models.setup.cell_editor import CONDITION_FIELDS, CellEditor
from solbench.protocols import load_cell, load_protocol, shipped_cells, with_settings
from solbench.protocols.errors import BadInput


@pytest.fixture
def editor() -> CellEditor:
    made = CellEditor()
    made.open("nbh")
    return made


def test_the_shipped_records_are_offered_and_none_is_taken_by_itself() -> None:
    editor = CellEditor()
    assert editor.choices == shipped_cells()
    assert editor.record is None
    assert editor.build is None


def test_facts_of_the_half_cell(editor: CellEditor) -> None:
    facts = dict(editor.facts)
    assert facts["Capacity"] == "1.157 mAh = 1.474 mAh/cm2"  # 1.366 mg x 847 mAh/g on 0.785 cm2
    assert facts["1 C is"] == "1.157 mA = 1.474 mA/cm2"
    assert facts["Safe window"] == "-5 V to 2.5 V, at most 10 mA"


def test_a_build_without_tin_says_that_c_rates_cannot_be_used(editor: CellEditor) -> None:
    editor.choose_build("pellet")
    assert "cannot be used" in dict(editor.facts)["Capacity"]
    editor.choose_build("nonsense")
    assert editor.build_name == "pellet"


def test_an_edited_record_is_saved_and_read_back(editor: CellEditor, tmp_path: Path) -> None:
    editor.set("1,5 mg", "tin_mass")
    assert editor.modified
    editor.save(tmp_path / "mine.yaml")
    assert not editor.modified
    assert load_cell(tmp_path / "mine.yaml").build("half").tin_mass_kg == pytest.approx(1.5e-6)
    assert editor.choices[-1] == str(tmp_path / "mine.yaml")
    again = CellEditor(editor.recent)
    assert str(tmp_path / "mine.yaml") in again.choices


def test_a_wrong_field_is_named_and_there_is_no_record_meanwhile(editor: CellEditor) -> None:
    editor.set("0.785 cm", "area")
    assert editor.record is None
    assert editor.findings[0].field == "builds.half.area"
    assert editor.findings[0].source == "cell"
    editor.set("0.785 cm2", "area")
    assert editor.findings == ()
    assert not editor.modified


def test_conditions_become_settings_that_the_command_line_takes(editor: CellEditor) -> None:
    editor.set_condition("cell_id", "007")
    editor.set_condition("operator", "Ada O'Neil")
    editor.set_condition("temperature", "25 degC")
    editor.set_condition("notes", "[dry] room: 3 %")
    protocol = with_settings(load_protocol("half-cell"), editor.settings)
    assert protocol.conditions.cell_id == "007"
    assert protocol.conditions.operator == "Ada O'Neil"
    assert protocol.conditions.temperature_K == pytest.approx(298.15)
    assert protocol.conditions.notes == "[dry] room: 3 %"


@pytest.mark.parametrize("field", CONDITION_FIELDS, ids=lambda field: field.name)
def test_every_condition_is_taken_as_it_is_typed(editor: CellEditor, field: Field) -> None:
    typed = field.example or next((choice for choice in field.choices if choice), "7")
    typed = f"{typed}; {typed}" if field.kind == "quantities" else typed
    editor.set_condition(field.name, typed)
    assert [each for each in editor.findings if each.grade == "error"] == []
    conditions = with_settings(load_protocol("half-cell"), editor.settings).conditions
    assert getattr(conditions, field.name) not in (None, ())


def test_a_wrong_condition_is_a_finding_and_still_a_setting_that_the_run_refuses(editor: CellEditor) -> None:
    editor.set_condition("temperature", "25 V")
    assert editor.findings[0].field == "conditions.temperature"
    with pytest.raises(BadInput, match="temperature"):
        with_settings(load_protocol("half-cell"), editor.settings)
    editor.set_condition("temperature", "")
    assert editor.findings == ()


def test_the_last_ten_records_are_remembered(editor: CellEditor, tmp_path: Path) -> None:
    for number in range(12):
        editor.save(tmp_path / f"cell{number}.yaml")
    assert len(editor.recent) == 10
    assert editor.recent[0].endswith("cell11.yaml")
    (tmp_path / "cell11.yaml").unlink()
    assert not any(name.endswith("cell11.yaml") for name in editor.choices)


def test_a_record_that_is_not_there_keeps_the_present_one(editor: CellEditor) -> None:
    with pytest.raises(BadInput):
        editor.open("nbz")
    assert editor.reference == "nbh"


def test_a_build_keeps_its_place_with_another_record(editor: CellEditor) -> None:
    editor.choose_build("full")
    editor.open("nps")
    assert editor.build_name == "full"
