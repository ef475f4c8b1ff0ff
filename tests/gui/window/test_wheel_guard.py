"""The wheel over every list, number and slider of the window: it scrolls what is around, and changes nothing."""

import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QScrollArea,
    QScrollBar,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)


def turn(widget: QWidget, notches: int = -1) -> None:
    """Turn the wheel over the middle of a widget, as the window system reports it."""
    window = widget.window()
    place = widget.mapTo(window, widget.rect().center())
    QTest.wheelEvent(window.windowHandle(), QPointF(place), QPoint(0, 120 * notches))


def held(window: QWidget) -> list[QWidget]:
    """Return what holds a value that the wheel could change."""
    found = window.findChildren(QWidget)
    return [
        each
        for each in found
        if isinstance(each, QComboBox | QAbstractSpinBox | QAbstractSlider)
        and not isinstance(each, QScrollBar)
    ]


def value(widget: QWidget) -> object:
    return widget.currentIndex() if isinstance(widget, QComboBox) else widget.value()


def in_view(widget: QWidget) -> bool:
    return widget.visibleRegion().contains(widget.rect().center())


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


@pytest.fixture
def dialog(qtbot, window):
    """A dialog made later, with a number and a slider in a part that scrolls."""
    made = QDialog(window)
    inside = QWidget()
    inside.setMinimumHeight(2000)
    column = QVBoxLayout(inside)
    for each in (QSpinBox(), QSlider(), QComboBox()):
        column.addWidget(each)
    column.addStretch(1)
    area = QScrollArea(made)
    area.setWidget(inside)
    made.resize(400, 400)
    area.resize(400, 400)
    made.show()
    QApplication.processEvents()
    return made


def test_over_a_value_the_wheel_scrolls_what_is_around_it(dialog):
    bar = dialog.findChild(QScrollArea).verticalScrollBar()
    for widget in held(dialog):
        widget.clearFocus()
        bar.setValue(0)
        turn(widget)
        assert bar.value() > 0


def test_a_number_with_the_focus_is_changed_by_the_wheel(qtbot, dialog):
    box = dialog.findChild(QSpinBox)
    box.setFocus()
    qtbot.waitUntil(box.hasFocus)
    turn(box, 1)
    assert box.value() == 1
