"""The dialog for tags: several runs at once, by the command that it shows."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from solbench.gui.models.runs.tagging import Tagging
from solbench.gui.screens.runs.tagging import TagsDialog
from tests.gui.models.fakes import FakeJobs

A, B = Path("a.h5"), Path("b.h5")


def test_ticks_say_who_has_a_tag_and_become_one_command(qtbot: QtBot, jobs: FakeJobs) -> None:
    made: list[None] = []
    runs: dict[Path, tuple[str, ...]] = {A: ("Cycled", "both"), B: ("BOTH",)}
    model = Tagging(jobs, runs, ("other",), lambda: made.append(None))
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = TagsDialog(parent, model)
    items = {dialog.tags.item(place).text(): dialog.tags.item(place) for place in range(dialog.tags.count())}
    states = {tag: item.checkState() for tag, item in items.items()}
    on, off, some = Qt.CheckState.Checked, Qt.CheckState.Unchecked, Qt.CheckState.PartiallyChecked
    assert states == {"Cycled": some, "both": on, "other": off}
    assert not dialog.apply.isEnabled()

    qtbot.keyClicks(dialog.new, "no, comma")
    qtbot.keyClick(dialog.new, Qt.Key.Key_Return)
    assert "comma" in dialog.note.text()
    assert dialog.new.text() == "no, comma"
    dialog.new.clear()
    qtbot.keyClicks(dialog.new, "CYCLED")
    qtbot.keyClick(dialog.new, Qt.Key.Key_Return)
    assert items["Cycled"].checkState() == on  # it is that tag
    items["both"].setCheckState(off)
    qtbot.keyClicks(dialog.new, "-neu")
    assert dialog.apply.isEnabled()
    qtbot.mouseClick(dialog.apply, Qt.MouseButton.LeftButton)
    assert jobs.given == [["tag", "a.h5", "b.h5", "--add=Cycled", "--remove=both", "--add=-neu", "--json"]]
    jobs.finish(None, 2, "a.tags: another program is writing this file")
    assert not made
    assert "another program" in dialog.note.text()
    qtbot.mouseClick(dialog.apply, Qt.MouseButton.LeftButton)
    jobs.finish({"runs": [{"run": "a.h5", "tags": ["Cycled", "-neu"]}]})
    assert made == [None]
    assert dialog.result() == TagsDialog.DialogCode.Accepted
