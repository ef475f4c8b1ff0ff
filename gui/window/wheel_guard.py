"""The mouse wheel scrolls, and changes no value on its way: one filter for every screen and dialog, also later ones."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractSlider, QAbstractSpinBox, QApplication, QComboBox, QScrollBar, QWidget


class WheelGuard(QObject):
    """Passes the wheel on to what scrolls, over a list that is closed, or over a number or slider without the focus."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Turn the wheel away from values, and keep it from giving the focus, with which it could change them."""
        match event.type():
            case QEvent.Type.Wheel if isinstance(watched, QWidget) and _would_change(watched):
                event.ignore()
                return True  # not accepted: the widget around it gets the wheel
            case QEvent.Type.Polish if isinstance(watched, QWidget):
                if watched.focusPolicy() == Qt.FocusPolicy.WheelFocus:
                    watched.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            case _:
                pass
        return False


def _would_change(widget: QWidget) -> bool:
    if isinstance(widget, QComboBox):  # an open list is a window of its own
        return True
    is_value = isinstance(widget, QAbstractSpinBox | QAbstractSlider) and not isinstance(widget, QScrollBar)
    return is_value and not widget.hasFocus()
