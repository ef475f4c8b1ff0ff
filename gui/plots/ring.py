"""The ring around the plot that has the focus: a border would cut the axis titles, which fill the whole widget."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QWidget


class FocusRing(QFrame):
    """Lies over a widget and is visible while the widget has the focus; transparent to the mouse."""

    def __init__(self, around: QWidget) -> None:
        super().__init__(around)
        self.setObjectName("ring")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setVisible(around.hasFocus())
        around.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Appear and disappear with the focus, and follow the size."""
        if isinstance(watched, QWidget):
            if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
                self.setVisible(event.type() == QEvent.Type.FocusIn)
            if event.type() in (QEvent.Type.FocusIn, QEvent.Type.Resize):
                self.setGeometry(watched.rect())
                self.raise_()
        return False
