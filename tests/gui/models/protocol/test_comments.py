from pathlib import Path

import pytest

from solbench.gui.models.protocol.comments import has_comments, keep_comments, saved_words
from solbench.gui.models.protocol.protocol_editor import ProtocolEditor
from solbench.gui.models.setup.cell_editor import CellEditor
from solbench.protocols import dump_cell, dump_protocol, load_cell, load_protocol
from solbench.protocols.errors import BadInput

REMARK = "# tin of batch 7, see page 12 of the book\n"


@pytest.mark.parametrize(
    ("text", "there"),
    [("# a\nb: 1\n", True), ("b: 1  # why\n", True), ("b:\n  # c\n  d: 1\n", True), ("b: a#c\n", False)],
)
def test_comments_are_seen(text: str, there: bool) -> None:
    assert has_comments(text) is there


def test_a_protocol_that_is_written_over_keeps_its_comments_beside(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    before = REMARK + dump_protocol(load_protocol("half-cell"))
    path.write_text(before)
    editor = ProtocolEditor(str(path))
    editor.set("50 %", "until", "capacity")
    editor.save(path)
    assert editor.kept == tmp_path / "p.yaml.bak"
    assert editor.kept.read_text() == before
    assert "50 %" in path.read_text()
    assert "p.yaml.bak" in saved_words(path, editor.kept)
    editor.save(path)
    assert editor.kept is None
    assert sorted(found.name for found in tmp_path.glob("p.*")) == ["p.yaml", "p.yaml.bak"]


def test_a_record_that_is_written_over_keeps_its_comments_beside(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(REMARK + dump_cell(load_cell("nbh")))
    editor = CellEditor()
    editor.open(str(path))
    editor.set("1.5 mg", "tin_mass")
    editor.save(path)
    assert (tmp_path / "c.yaml.bak").read_text().startswith(REMARK)


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
    path.write_text(REMARK + dump_protocol(load_protocol("half-cell")))
    before = path.read_text()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("solbench.gui.models.protocol.comments.shutil.copy2", full)
    editor = ProtocolEditor(str(path))
    with pytest.raises(BadInput, match="no space left"):
        editor.save(path)
    assert path.read_text() == before
