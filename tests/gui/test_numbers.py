"""Decimal commas and points in the window, never in files."""

import re

import pytest
import yaml
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QMenu

from solbench.gui.window import habit
from solbench.gui.window.main_window import MainWindow
from tests.gui.engines import show

COMMA = re.compile(r"(?<=[0-9]),(?=[0-9])")


def choose(window, text):
    menu = next(menu for menu in window.findChildren(QMenu) if menu.title() == "&Numbers")
    next(action for action in menu.actions() if action.text() == text).trigger()


def line_of(window, *names):
    return window.screens["protocol"].form.entries[names]


def test_values_are_typed_and_shown_with_commas_and_kept_with_points(qtbot, window, tmp_path):
    window.show_screen("protocol")
    screen = window.screens["protocol"]
    choose(window, "1,5  decimal &comma")
    screen.tree.setCurrentItem(screen.tree.topLevelItem(1))
    entry = line_of(window, "current")
    assert (entry.edit.text(), entry.unit.currentText()) == ("-0,16", "mA/cm²")
    assert screen.tree.topLevelItem(1).text(1).startswith("Constant current: -0,16 mA/cm²")
    assert "2,0" in line_of(window, "until", "voltage").edit.placeholderText()
    entry.edit.selectAll()
    qtbot.keyClicks(entry.edit, "-0,125 mA/cm2")
    assert entry.edit.text() == "-0,125 mA/cm2"
    assert "read as" not in entry.note.whole
    screen.save_to(tmp_path / "mine.yaml")
    step = yaml.safe_load((tmp_path / "mine.yaml").read_text())["steps"][0]
    assert step["current"] == "-0.125 mA/cm2"


def test_what_is_read_otherwise_than_typed_is_said(qtbot, window):
    window.show_screen("protocol")
    screen = window.screens["protocol"]
    screen.tree.setCurrentItem(screen.tree.topLevelItem(1))
    entry = line_of(window, "until", "voltage")
    qtbot.keyClicks(entry.edit, "1.234,5 mV")
    assert entry.note.whole == "read as 1234.5 mV"
    entry.edit.selectAll()
    qtbot.keyClicks(entry.edit, "1,234 V")
    assert "decimal comma or with a thousands separator" in entry.note.whole


@pytest.mark.long
def test_strip_lists_and_axes_follow_the_habit_at_once(qtbot, window, finished):
    show(qtbot, window, finished)
    assert "." in window.strip.text("capacity")
    choose(window, "1,5  decimal &comma")
    window.tick()
    live = window.live
    assert "," in window.strip.text("capacity")
    assert "." not in window.strip.text("capacity")
    rows = [live.steps.topLevelItem(row).text(2) for row in range(live.steps.topLevelItemCount())]
    row, detail = next((row, text) for row, text in enumerate(rows) if COMMA.search(text))
    axis = live.bode.phase.getAxis("left")
    assert axis.tickStrings([0.5], 1.0, 0.1) == ["0,5"]
    choose(window, "1.5  decimal &point")
    assert axis.tickStrings([0.5], 1.0, 0.1) == ["0.5"]
    window.tick()
    assert live.steps.topLevelItem(row).text(2) == COMMA.sub(".", detail)


@pytest.mark.parametrize(
    ("kept", "style"), [("point", "point"), ("comma", "comma"), ("system", "comma"), ("broken", "comma")]
)
def test_habit_is_remembered_and_else_that_of_the_system(qtbot, context, monkeypatch, kept, style):
    german = type("Locale", (), {"system": staticmethod(lambda: QLocale("de_DE"))})
    monkeypatch.setattr(habit, "QLocale", german)
    context.settings.set("numbers", kept)
    window = MainWindow(context)
    qtbot.addWidget(window)
    assert context.numbers.style == style
    window.close()
