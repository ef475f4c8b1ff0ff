"""A key typed by mistake must not act on the cell: where the focus is, and where it never comes."""

from itertools import product

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from tests.gui.models.fakes import FakeJobs
from tests.gui.models.setup.test_start import GOOD

KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


def takes_the_focus(widget: QWidget) -> bool:
    return (
        bool(widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value)
        and widget.focusProxy() is None
        and widget.isVisible()
        and widget.isEnabled()
    )


@pytest.fixture
def verbs(window):
    """The buttons of the strip that were pressed."""
    asked: list[QAbstractButton] = []
    for button in (window.strip.stop, window.strip.pause, window.strip.resume):
        button.clicked.connect(lambda *_, button=button: asked.append(button))
    return asked


def test_tab_never_comes_to_stop_pause_or_resume(qtbot, window, verbs):
    for key in window.screens.kinds:
        window.show_screen(key)
        window.screens.in_front.resting_place.setFocus()
        seen: list[QWidget] = []
        while (focus := QApplication.focusWidget()) not in seen:
            assert focus is not None
            assert not window.strip.isAncestorOf(focus)
            seen.append(focus)
            QTest.keyClick(focus, Qt.Key.Key_Tab)
        assert len(seen) > 3
    assert verbs == []


@pytest.mark.long
def test_whatever_is_disabled_or_hidden_gives_the_focus_to_no_button(qtbot, window):
    for key, away in product(window.screens.kinds, (QWidget.setDisabled, QWidget.setHidden)):
        window.show_screen(key)
        screen = window.screens.in_front
        parts = [each for each in window.findChildren(QWidget) if takes_the_focus(each)]
        assert len(parts) > 2
        for part in parts:
            if not takes_the_focus(part):
                continue  # it went with another
            part.setFocus()
            away(part, True)
            assert QApplication.focusWidget() is screen.resting_place or part is screen.resting_place, part
            away(part, False)


@pytest.mark.long
def test_after_the_start_the_keys_are_those_of_the_trace(qtbot, window, monkeypatch, verbs):
    context, jobs = window.context, FakeJobs()
    context.cell.set("nbh")
    context.protocol.set("half-cell")
    monkeypatch.setattr(context.jobs, "command", jobs.command)
    monkeypatch.setattr(window.active_run, "follow", lambda _run: None)
    window.show_screen("start")
    start = window.screens["start"].start
    jobs.finish(GOOD)
    start.setFocus()
    qtbot.mouseClick(start, Qt.MouseButton.LeftButton)
    assert QApplication.focusWidget() is window.screens["start"]
    assert jobs.given[-1][0] == "run"
    given = len(jobs.given)
    jobs.finish({"id": "a", "run": "a"})
    live = window.live
    assert QApplication.focusWidget() is live.time_plot
    QTest.keyClick(live.time_plot, Qt.Key.Key_Space)
    assert live.time_plot.mode == "follow"
    for key in KEYS[1:]:
        QTest.keyClick(live.time_plot, key)
    assert verbs == []
    assert len(jobs.given) == given


def test_a_screen_that_comes_back_does_not_put_the_focus_on_the_button_that_had_it(qtbot, window):
    window.show_screen("start")
    check = window.screens["start"].check
    check.setFocus()
    window.show_screen("data")
    window.show_screen("start")
    assert not isinstance(QApplication.focusWidget(), QAbstractButton)


def test_who_types_a_note_goes_on_typing_when_another_screen_comes(qtbot, window):
    window.log.search.setFocus()
    window.show_screen("data")
    assert QApplication.focusWidget() is window.log.search
