"""A screen fills the room that there is, and is scrolled only where that is less than it needs."""

import pytest
from PySide6.QtWidgets import QApplication


@pytest.mark.long
def test_screens_with_texts_that_wrap_do_not_outgrow_the_window(qtbot, window):
    window.resize(1366, 768)
    for key in ("data", "fit", "report"):
        window.show_screen(key)
        QApplication.processEvents()
        room = window.screens.parentWidget().parentWidget()
        assert window.screens.height() == room.height()


def test_screens_keep_what_they_need_in_a_small_window(qtbot, window):
    window.resize(640, 360)
    for key in ("data", "fit", "report"):
        window.show_screen(key)
        for _ in range(3):
            QApplication.processEvents()
        needed = window.screens[key].minimumSizeHint()
        assert window.screens.height() >= needed.height()
        assert window.screens.width() >= needed.width()


@pytest.mark.long
def test_no_screen_is_scrolled_because_another_page_needs_more_room(qtbot, window):
    window.show_screen("start")
    start = window.screens["start"]
    start.by_hand.click()
    start.manual.setMinimumHeight(900)
    window.resize(1280, 720)
    bar = window.scroller.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(100)
    window.show_screen("live")
    qtbot.waitUntil(lambda: bar.maximum() == 0)
    window.show_screen("start")
    assert bar.value() == 100
