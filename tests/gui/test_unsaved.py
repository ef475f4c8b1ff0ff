"""What was typed and is in no file of the user's is not lost without a question."""

import pytest
from PySide6.QtCore import Qt

from tests.gui.test_numbers import line_of

LEFT = Qt.MouseButton.LeftButton
STAY, CLOSE = 0, 1


@pytest.fixture
def edited(qtbot, window):
    """The window with a protocol and a cell record that were changed."""
    window.show_screen("cell")
    cell = window.screens["cell"]
    cell.record.activated.emit(cell.record.findData("nbh"))
    mass = cell.geometry_form.entries[("tin_mass",)].edit
    mass.selectAll()
    qtbot.keyClicks(mass, "2 mg")
    window.show_screen("protocol")
    tree = window.screens["protocol"].tree
    tree.setCurrentItem(tree.topLevelItem(1))
    current = line_of(window, "current").edit
    current.selectAll()
    qtbot.keyClicks(current, "-0.1 mA/cm2")
    return window


def test_closing_asks_and_staying_is_the_default(qtbot, edited):
    edited.close()
    assert edited.isVisible()
    text = edited.question.text.text()
    assert text == "The cell record and the protocol are not saved: closing the window loses the changes."
    assert edited.question.buttons[STAY].hasFocus()
    qtbot.keyClick(edited.question.buttons[STAY], Qt.Key.Key_Space)
    assert edited.isVisible()
    edited.close()
    qtbot.mouseClick(edited.question.buttons[CLOSE], LEFT)
    assert not edited.isVisible()


def test_another_record_asks_and_keeps_the_changes_by_default(qtbot, edited):
    edited.show_screen("cell")
    cell = edited.screens["cell"]
    for answer, record in ((0, "nbh"), (1, "nps")):
        cell.record.activated.emit(cell.record.findData("nps"))
        assert "not saved: opening nps loses them" in edited.question.text.text()
        qtbot.mouseClick(edited.question.buttons[answer], LEFT)
        assert cell.record.currentData() == cell.model.reference == record
    assert not cell.model.modified
    assert edited.context.cell.value == "nps"


def test_a_note_that_no_run_takes_is_not_cleared(qtbot, window):
    window.log.note.setEnabled(True)  # the run has ended while it was typed
    qtbot.keyClicks(window.log.note, "lead touched\r")
    assert window.log.note.text() == "lead touched"
    assert "not running" in window.context.message.value
