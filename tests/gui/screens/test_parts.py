import pytest
from PySide6.QtWidgets import QFormLayout, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from solbench.gui.screens.parts import Note


@pytest.mark.parametrize("shown_before", [False, True])
@pytest.mark.parametrize("said_later", [False, True])
def test_note_is_seen_with_the_part_that_it_is_put_into(
    qtbot: QtBot, shown_before: bool, said_later: bool
) -> None:
    part = QWidget()
    qtbot.addWidget(part)
    layout = QFormLayout(part)
    if shown_before:
        part.show()
    note = Note("" if said_later else "text")
    note.say("text")
    assert not note.isVisible()
    layout.addRow("name", note)
    part.show()
    qtbot.waitUntil(note.isVisible)
    qtbot.waitUntil(lambda: note.height() < 100)
    assert not note.isHidden()


def test_note_without_words_takes_no_room_unless_it_keeps_its_place(qtbot: QtBot) -> None:
    part = QWidget()
    qtbot.addWidget(part)
    layout = QVBoxLayout(part)
    empty, kept = Note(), Note(keep=True)
    for note in (empty, kept):
        layout.addWidget(note)
    part.show()
    assert not empty.isVisible()
    assert kept.isVisible()
    empty.say("text")
    assert empty.isVisible()
