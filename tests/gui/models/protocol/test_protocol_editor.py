import copy
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from solbench.gui.models.protocol import step_tree
from solbench.gui.models.protocol.protocol_editor import ProtocolEditor
from solbench.gui.models.protocol.wording import step_words
from solbench.protocols import load_cell, load_protocol, shipped_protocols
from solbench.protocols.errors import BadInput
from solbench.protocols.kinds import STEP_KINDS
from solbench.protocols.protocol import to_data


@pytest.fixture
def editor() -> ProtocolEditor:
    made = ProtocolEditor("half-cell")
    made.set_cell(load_cell("nbh"))
    return made


def names(editor: ProtocolEditor) -> list[str]:
    return [step_tree.path_of(editor.data, place) for place, _ in step_tree.places(editor.data)]


@pytest.mark.parametrize("name", shipped_protocols())
def test_what_ships_is_written_back_as_it_is(name: str, tmp_path: Path) -> None:
    editor = ProtocolEditor(name)
    editor.save(tmp_path / "copy.yaml")
    assert load_protocol(tmp_path / "copy.yaml") == load_protocol(name)
    assert not editor.modified


def test_a_value_out_of_range_is_shown_and_never_clipped(editor: ProtocolEditor) -> None:
    editor.set("1 GHz", "spectrum", "from")
    assert editor.value("spectrum", "from") == "1 GHz"
    finding = editor.judgement.findings[0]
    assert (finding.grade, finding.field) == ("error", "steps.sodiation.spectrum.from")
    assert editor.judgement.expected is None
    editor.set("100 kHz", "spectrum", "from")
    assert editor.judgement.runnable


def test_half_typed_text_is_a_finding_at_its_field(editor: ProtocolEditor) -> None:
    editor.set("0.16", "current")
    finding = editor.judgement.findings[0]
    assert finding.field == "steps.sodiation.current"
    assert "no unit" in finding.message
    assert editor.data["steps"][0]["current"] == "0.16"


def test_every_refusal_is_a_finding(editor: ProtocolEditor) -> None:
    editor.set("fast", "current")
    editor.set(None, "spectrum", "amplitude")
    fields = {finding.field for finding in editor.judgement.findings}
    assert {"steps.sodiation.current", "steps.sodiation.spectrum.amplitude"} <= fields


def test_a_finding_leads_to_its_step_and_field() -> None:
    editor = ProtocolEditor("full-cell")
    assert editor.choose_field_of("steps.cycling.steps.charge.until.voltage") == "until.voltage"
    assert editor.chosen == (1, 0)
    assert editor.choose_field_of("conditions.temperature") == "conditions.temperature"
    assert editor.chosen is None


def test_the_decimal_comma_is_taken_and_kept(editor: ProtocolEditor) -> None:
    editor.choose((1,))
    editor.set("1,5 V", "until", "voltage")
    assert editor.judgement.runnable
    assert yaml.safe_load(editor.text())["steps"][1]["until"]["voltage"] == "1,5 V"


def test_steps_are_added_moved_copied_and_removed() -> None:
    editor = ProtocolEditor("full-cell")
    editor.add("impedance")
    assert names(editor)[:3] == ["steps.zero", "steps.spectrum", "steps.cycling"]
    editor.move(+1)
    assert names(editor)[1:3] == ["steps.cycling", "steps.cycling.steps.spectrum"]
    editor.move(+1)
    assert editor.chosen == (1, 1)
    editor.move(-1)
    editor.move(-1)
    assert names(editor)[:3] == ["steps.zero", "steps.spectrum", "steps.cycling"]
    editor.duplicate()
    assert names(editor)[1:3] == ["steps.spectrum", "steps.spectrum-2"]
    editor.remove()
    editor.choose((2,))
    editor.add("rest")
    assert names(editor)[-1] == "steps.cycling.steps.rest"


def test_the_first_step_does_not_move_up() -> None:
    editor = ProtocolEditor("half-cell")
    editor.move(-1)
    assert names(editor) == ["steps.sodiation", "steps.desodiation"]
    assert editor.chosen == (0,)


def test_a_protocol_without_steps_can_be_told_of_and_mended(editor: ProtocolEditor) -> None:
    editor.remove()
    editor.remove()
    assert editor.chosen is None
    assert editor.judgement.findings[0].field == "steps"
    editor.add("rest")
    assert names(editor) == ["steps.rest"]
    assert editor.judgement.runnable


def test_aliases_follow_a_step_that_is_renamed_or_moved_and_go_with_it() -> None:
    editor = ProtocolEditor("full-cell")
    editor.choose((1,))
    editor.set("", "name")
    editor.set("ageing", "name")
    assert editor.data["aliases"]["cycles"] == "steps.ageing.count"
    editor.move(-1)
    editor.duplicate()
    assert editor.data["aliases"]["cycles"] == "steps.ageing.count"
    editor.choose((0,))
    editor.remove()
    assert "cycles" not in editor.data["aliases"]
    assert editor.judgement.findings == ()
    for _ in range(5):
        editor.undo()
    assert editor.data["aliases"]["cycles"] == "steps.cycling.count"


def test_undo_goes_back_to_what_was_read_and_redo_forward_again(editor: ProtocolEditor) -> None:
    original = to_data(load_protocol("half-cell"))
    for text in ("-0.1", "-0.1 mA", "-0.1 mA/cm2"):
        editor.set(text, "current")
    editor.add("loop")
    changed = yaml.safe_load(editor.text())
    editor.undo()
    editor.undo()
    assert editor.data == original
    assert not editor.modified
    assert not editor.can_undo
    editor.redo()
    editor.redo()
    assert yaml.safe_load(editor.text()) == changed


def test_totals_are_those_of_the_command_line(editor: ProtocolEditor) -> None:
    line = editor.judgement.totals(datetime(2026, 9, 29, 20, 0))
    assert line.startswith("18.1 h")
    assert "5 spectra" in line
    assert line.endswith("ends Wed 14:04")


def test_without_a_cell_there_are_no_totals_and_the_line_says_why() -> None:
    editor = ProtocolEditor("half-cell")
    assert "choose a cell" in editor.judgement.totals(datetime(2026, 9, 29))
    editor.set("", "current")
    assert "errors" in editor.judgement.totals(datetime(2026, 9, 29))


def test_a_cell_without_the_build_is_an_error_at_build(editor: ProtocolEditor) -> None:
    editor.choose(None)
    editor.set("fulll", "build")
    assert editor.judgement.findings[0].field == "build"


def test_a_folder_that_is_not_there_is_told_in_words(editor: ProtocolEditor, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not saved"):
        editor.save(tmp_path / "no" / "p.yaml")
    assert not (tmp_path / "no").exists()


def test_a_file_that_cannot_be_read_leaves_the_present_one(editor: ProtocolEditor, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("name: [", encoding="utf-8")
    with pytest.raises(BadInput):
        editor.open(str(tmp_path / "bad.yaml"))
    assert editor.reference == "half-cell"


def test_a_form_without_steps_and_kind(editor: ProtocolEditor) -> None:
    assert [field.name for field in editor.form][:3] == ["name", "current", "until"]
    editor.add("loop")
    assert [field.name for field in editor.form] == ["name", "count", "over", "until", "notes"]
    editor.choose(None)
    assert "steps" not in [field.name for field in editor.form]


def test_steps_in_words() -> None:
    data = to_data(load_protocol("half-cell"))["steps"]
    assert step_words(data[0]) == "-0.16 mA/cm2 until 95 %, spectra at 5 states"
    assert step_words(data[1]) == "0.16 mA/cm2 until V > 2.0 V"
    assert step_words({"kind": "constant_current"}) == "? until ?"
    down = {"kind": "constant_current", "current": "-1 mA", "until": {"voltage": "1.7 V", "time": "2 h"}}
    assert step_words(down) == "-1 mA until V < 1.7 V or 2 h"


@pytest.mark.parametrize("kind", STEP_KINDS)
def test_a_new_step_of_each_kind_is_right_in_form(kind: str) -> None:
    editor = ProtocolEditor("half-cell")
    editor.add(kind)
    assert editor.judgement.findings == ()


def every_place(editor: ProtocolEditor) -> list[tuple[tuple[int, ...], int]]:
    """Every list of the protocol with every number in it."""
    loops = [place for place, step in step_tree.places(editor.data) if step["kind"] == "loop"]
    return [
        (parent, index)
        for parent in [(), *loops]
        for index in range(len(step_tree.steps_at(editor.data, parent)) + 1)
    ]


@given(st.sets(st.integers(0, 9), min_size=1, max_size=5), st.integers(0, 30))
@settings(max_examples=25)
def test_steps_are_dropped_together_in_their_order_and_come_back(numbers: set[int], where: int) -> None:
    editor = ProtocolEditor("full-cell")
    every = [place for place, _ in step_tree.places(editor.data)]
    marked = [every[number % len(every)] for number in numbers]
    names = [step_tree.step_at(editor.data, place)["name"] for place in step_tree.outermost(marked)]
    before = copy.deepcopy(editor.data)
    parent, index = every_place(editor)[where % len(every_place(editor))]
    editor.move_to(marked, parent, index)
    assert sorted(step["name"] for _, step in step_tree.places(editor.data)) == sorted(
        step["name"] for _, step in step_tree.places(before)
    )
    if editor.data != before:
        assert [step["name"] for step in editor.kept_steps] == names
        assert len({place[:-1] for place in editor.marked}) == 1  # side by side
        editor.undo()
    assert editor.data == before


@pytest.mark.parametrize("marked", [[(0,), (1,)], [(1,), (1, 0)], [(0,)]])
def test_marked_steps_are_copied_and_deleted_together(marked: list[tuple[int, ...]]) -> None:
    editor = ProtocolEditor("full-cell")
    before = copy.deepcopy(editor.data)
    editor.marked = tuple(marked)
    group = [step_tree.step_at(editor.data, place)["name"] for place in step_tree.outermost(marked)]
    editor.duplicate()
    assert len(editor.data["steps"]) == len(before["steps"]) + len(group)
    editor.remove()  # the copies are marked
    assert editor.data["steps"] == before["steps"]
    editor.undo()
    editor.undo()
    assert editor.data == before


def test_a_step_is_dropped_before_what_stands_there_and_nothing_is_lost() -> None:
    first = ProtocolEditor("full-cell")
    before = sorted(step["name"] for _, step in step_tree.places(first.data))
    for place, _ in step_tree.places(first.data):
        for parent, index in every_place(first):
            editor = ProtocolEditor("full-cell")
            step = step_tree.step_at(editor.data, place)
            there = step_tree.steps_at(editor.data, parent)
            behind = there[index]["name"] if index < len(there) else None
            inside_itself = parent[: len(place)] == place
            editor.move_to([place], parent, index)
            assert sorted(step["name"] for _, step in step_tree.places(editor.data)) == before
            assert editor.chosen is not None
            assert step_tree.step_at(editor.data, editor.chosen)["name"] == step["name"]
            if inside_itself:
                assert editor.data == first.data
            elif behind not in (None, step["name"]):
                after = step_tree.steps_at(editor.data, editor.chosen[:-1])
                assert after[editor.chosen[-1] + 1]["name"] == behind
            editor.undo()
            assert editor.data == first.data or inside_itself
