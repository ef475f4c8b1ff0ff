"""What holds a value that the wheel must not change on its way: closed lists, and sliders without the focus.

The wheel goes on to what scrolls around them. The window uses no list, number or slider but these. They are classes,
and no filter of the whole program: that would be asked about every event of every part, half the work of a window.
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QSlider, QWidget


class ChoiceBox(QComboBox):
    """A closed list: the wheel never chooses another entry. An open one is a window of its own, and scrolls."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to what is around."""
        event.ignore()


class ValueSlider(QSlider):
    """A slider that the wheel moves only while it has the focus."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Move it, or leave the wheel to what is around."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class NumberBox(QDoubleSpinBox):
    """A number with arrows that the wheel never changes."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to what is around."""
        event.ignore()


def take_no_focus_from_wheel(part: QWidget) -> None:
    """Let no widget in `part` get the focus by the wheel, with which the next turn or key could change a value."""
    for widget in part.findChildren(QWidget):
        if widget.focusPolicy() == Qt.FocusPolicy.WheelFocus:
            widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
