import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QFormLayout, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from solbench.gui.palette import LOOKS, apply
from solbench.gui.screens.parts import Elided, Note, Toned


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


@pytest.mark.parametrize("shown", [True, False])
def test_said_texts_have_the_colours_of_every_look(qtbot: QtBot, shown: bool) -> None:
    part = QWidget()
    qtbot.addWidget(part)
    apply(part, LOOKS["light"])
    layout = QVBoxLayout(part)
    said: dict[str, Toned] = {
        "plain": Note(),
        "good": Elided(),
        "note": Note(),
        "bad": Note(),
        "quiet": Elided(),
    }
    for tone, text in said.items():
        layout.addWidget(text)
        text.say(tone, tone)
    if shown:
        part.show()
    try:
        for look in (*LOOKS.values(), LOOKS["light"]):
            apply(part, look)
            colours = [look.text, look.good, look.accent, look.warning, look.faint]
            found = [text.palette().color(QPalette.ColorRole.WindowText) for text in said.values()]
            assert found == [QColor(colour) for colour in colours]
            assert [text.whole for text in said.values()] == list(said)
    finally:
        apply(part, LOOKS["light"])
