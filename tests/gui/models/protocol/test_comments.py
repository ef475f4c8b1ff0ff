from pathlib import Path

import pytest

from solbench.gui.models.protocol.comments import (
    comments_of,
    has_comments,
    keep_comments,
    saved_words,
    with_comments,
)
from solbench.gui.models.protocol.protocol_editor import ProtocolEditor
from solbench.gui.models.setup.cell_editor import CellEditor
from solbench.protocols import cells, load_cell, load_protocol
from solbench.protocols.errors import BadInput
from solbench.protocols.files import dump_text, parse_text

PROTOCOL = """\
# the tin of batch 7
name: mine   # page 12
build: half
conditions: {temperature: 25 degC, stack_pressure: unknown}
steps:
  # until it is steady
  - {name: wait, kind: rest, time: 10 min}
  - name: in
    kind: constant_current
    current: -0.16 mA/cm2  # C/10
    until: {capacity: 95 %}

  # not above 2 V
  - name: out
    kind: constant_current
    current: 0.16 mA/cm2
    until: {voltage: 2.0 V}
"""
SHIPPED = (Path(cells.__file__).parent / "shipped" / "cells" / "nbh.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "there"),
    [("# a\nb: 1\n", True), ("b: 1  # why\n", True), ("b:\n  # c\n  d: 1\n", True), ("b: a#c\n", False)],
)
def test_comments_are_seen(text: str, there: bool) -> None:
    assert has_comments(text) is there


def test_a_protocol_that_is_written_over_keeps_its_comments(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(PROTOCOL)
    editor = ProtocolEditor(str(path))
    editor.choose((1,))
    editor.set("50 %", "until", "capacity")
    editor.save(path)
    assert path.read_text() == PROTOCOL.replace("95 %", "50 %")
    assert editor.kept is None
    editor.duplicate()
    editor.save(path)
    assert comments_of(path.read_text()) == comments_of(PROTOCOL)
    assert [step.name for step in load_protocol(str(path)).steps] == ["wait", "in", "in-2", "out"]
    assert not list(tmp_path.glob("*.bak*"))


def test_comments_of_a_step_that_is_taken_away_are_kept_beside(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(PROTOCOL)
    editor = ProtocolEditor(str(path))
    editor.choose((1,))
    editor.remove()
    editor.save(path)
    assert [step.name for step in load_protocol(str(path)).steps] == ["wait", "out"]
    assert "# page 12" in path.read_text()
    assert editor.kept == tmp_path / "p.yaml.bak"
    assert editor.kept.read_text() == PROTOCOL
    assert "p.yaml.bak" in saved_words(path, editor.kept)


def test_a_record_that_is_written_over_keeps_its_comments(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(SHIPPED)
    editor = CellEditor()
    editor.open(str(path))
    editor.set("1.5 mg", "tin_mass")
    editor.save(path)
    assert comments_of(path.read_text()) == comments_of(SHIPPED)
    assert load_cell(str(path)).builds["half"].tin_mass.text == "1.5 mg"


WORDS = [
    "no",
    "on",
    "12:30",
    "0147",
    "1e3",
    "2026-11-28",
    "50 %",
    "~",
    "a: b",
    "- x",
    "'",
    "# no comment",
    "null",
    "",
]


@pytest.mark.parametrize("word", WORDS)
def test_what_is_written_is_what_was_typed_however_it_looks(word: str) -> None:
    before = "# of the cell\nname: a  # why\nlist: [x, y]\nsteps:\n  # first\n  - {name: b, kind: rest}\n"
    new = {"name": word, "list": ["x", word, 0.1], "steps": [{"name": word}, {"name": "b", "kind": word}]}
    merged = with_comments(before, dump_text(new))
    assert merged is not None
    assert parse_text(merged, "m.yaml") == new
    assert "# why" in merged


@pytest.mark.parametrize("before", ["# a\na: [1, 2\n", "# a\n- 1\n", "a: 1\na: 2\n", "# only\n"])
def test_a_file_that_cannot_be_read_has_no_layout(before: str) -> None:
    assert with_comments(before, "name: b\n") is None


def test_another_text_gets_a_copy_of_its_own_and_the_same_one_none(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    for text in ("# one\n", "# two\n", "# one\n"):
        path.write_text(text)
        keep_comments(path)
    names = sorted(found.name for found in tmp_path.glob("p.*"))
    assert names == ["p.yaml", "p.yaml.bak", "p.yaml.bak2"]
    assert (tmp_path / "p.yaml.bak").read_text() == "# one\n"


def test_where_no_copy_can_be_kept_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(PROTOCOL)
    before = path.read_text()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("solbench.gui.models.protocol.comments.shutil.copy2", full)
    editor = ProtocolEditor(str(path))
    editor.choose((1,))
    editor.remove()
    with pytest.raises(BadInput, match="no space left"):
        editor.save(path)
    assert path.read_text() == before
