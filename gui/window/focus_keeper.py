"""Focus that no one moved: when its widget is disabled or hidden, Qt gives it to the next one, which may be a button
that acts on the cell, and a space typed a moment later would press it."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid


class FocusKeeper(QObject):
    """Puts the focus on the resting place of a window when the widget that had it was disabled or hidden."""

    def __init__(self, window: QWidget, resting_place: Callable[[], QWidget]) -> None:
        super().__init__(window)
        self._window = window
        self._resting_place = resting_place
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._changed)

    def _changed(self, before: QWidget | None, after: QWidget | None) -> None:
        if before is None or after is None or not isValid(before) or not isValid(after):
            return
        if before.isEnabled() and before.isVisible():
            return  # by a key, by the mouse, or by the program on purpose
        if self._window is before.window() and self._window is after.window():
            self._resting_place().setFocus()
