"""The wheel over every list and slider of the window: it scrolls what is around, and changes nothing."""

import ast
import re
from pathlib import Path

import pytest
from PySide6 import QtWidgets
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QPlainTextEdit,
    QScrollArea,
    QScrollBar,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)

from solbench.gui.values import ChoiceBox, NumberBox, ValueSlider, take_no_focus_from_wheel
from tests.modules import MODULES

CHANGED_BY_THE_WHEEL = (QComboBox, QAbstractSpinBox, QAbstractSlider)


def turn(widget: QWidget, notches: int = -1) -> None:
    """Turn the wheel over the middle of a widget, as the window system reports it."""
    window = widget.window()
    place = widget.mapTo(window, widget.rect().center())
    QTest.wheelEvent(window.windowHandle(), QPointF(place), QPoint(0, 120 * notches))


def held(window: QWidget) -> list[QWidget]:
    """Return what holds a value that the wheel could change."""
    found = window.findChildren(QWidget)
    return [
        each for each in found if isinstance(each, CHANGED_BY_THE_WHEEL) and not isinstance(each, QScrollBar)
    ]


def value(widget: QWidget) -> object:
    return widget.currentIndex() if isinstance(widget, QComboBox) else widget.value()


def in_view(widget: QWidget) -> bool:
    return widget.visibleRegion().contains(widget.rect().center())


@pytest.mark.long
def test_the_wheel_changes_nothing_on_any_screen(qtbot, window):
    window.context.cell.set("nbh")
    turned = 0
    for key in window.screens.kinds:
        window.show_screen(key)
        if key == "protocol":  # a form that is made later
            tree = window.screens[key].tree
            tree.setCurrentItem(tree.topLevelItem(1))
        QApplication.processEvents()
        for widget in filter(in_view, held(window)):
            focus, before = QApplication.focusWidget(), value(widget)
            for notches in (-1, 1, 1):
                turn(widget, notches)
            assert value(widget) == before, widget.accessibleName()
            assert QApplication.focusWidget() is focus
            turned += 1
    assert turned >= 15
    assert window.context.cell.value == "nbh"
    parts = window.findChildren(QWidget)
    assert [each for each in parts if each.focusPolicy() == Qt.FocusPolicy.WheelFocus] == []
    assert sum(each.focusPolicy() == Qt.FocusPolicy.StrongFocus for each in parts) > 50


def changed_by_the_wheel(name: str) -> bool:
    kind = getattr(QtWidgets, name, None)
    return (
        isinstance(kind, type) and issubclass(kind, CHANGED_BY_THE_WHEEL) and not issubclass(kind, QScrollBar)
    )


def made_in(source: str) -> set[str]:
    """The widgets of Qt's own that a file makes and that the wheel would change."""
    named = set(filter(changed_by_the_wheel, re.findall(r"\bQ\w+", source)))
    if not named:
        return set()  # to parse it takes longer
    calls = (node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return named & {call.id if isinstance(call, ast.Name) else getattr(call, "attr", "") for call in calls}


def test_what_holds_a_value_is_nowhere_one_of_qts_own():
    """A list, number or slider of another kind needs a class beside these, which leaves the wheel alone."""
    files = [path for name, path in MODULES.items() if name.startswith("solbench.gui.")]
    found = {path.name: made_in(Path(path).read_text(encoding="utf-8")) for path in files}
    assert len(found) > 60
    assert {name: kinds for name, kinds in found.items() if kinds} == {}


@pytest.mark.parametrize("line", ["QComboBox()", "QtWidgets.QDateEdit(self)", "a.b = QDoubleSpinBox(x)"])
def test_one_of_qts_own_would_be_found(line):
    assert len(made_in(f"def build(self):\n    {line}\n")) == 1
    assert made_in("QScrollBar(); QLabel(); ChoiceBox()") == set()


@pytest.fixture
def scrolled(qtbot):
    """A list, a slider, a table and a text in a part that scrolls."""
    area = QScrollArea()
    qtbot.addWidget(area)
    inside = QWidget()
    inside.setMinimumHeight(2000)
    column = QVBoxLayout(inside)
    choice = ChoiceBox()
    choice.addItems(["one", "two", "three"])
    for each in (
        choice,
        ValueSlider(Qt.Orientation.Horizontal),
        NumberBox(),
        QTableWidget(1, 1),
        QPlainTextEdit(),
    ):
        column.addWidget(each)
    column.addStretch(1)
    area.setWidget(inside)
    take_no_focus_from_wheel(area)
    area.resize(400, 400)
    area.show()
    QApplication.processEvents()
    return area


def test_over_a_value_the_wheel_scrolls_what_is_around_it(scrolled):
    bar = scrolled.verticalScrollBar()
    for widget in held(scrolled):
        before = value(widget)
        widget.clearFocus()
        bar.setValue(0)
        turn(widget)
        assert bar.value() > 0
        assert value(widget) == before


@pytest.mark.parametrize("kind", [ChoiceBox, ValueSlider, NumberBox, QTableWidget, QPlainTextEdit])
def test_the_wheel_gives_the_focus_to_none(scrolled, kind):
    widget = scrolled.findChild(kind)
    widget.clearFocus()
    turn(widget)
    assert not widget.hasFocus()


def test_a_slider_with_the_focus_is_moved_by_the_wheel_and_a_list_is_not(qtbot, scrolled):
    slider, choice = scrolled.findChild(ValueSlider), scrolled.findChild(ChoiceBox)
    for widget in (slider, choice):
        widget.setFocus()
        qtbot.waitUntil(widget.hasFocus)
        turn(widget, 1 if widget is slider else -1)
    assert slider.value() > 0
    assert choice.currentIndex() == 0
