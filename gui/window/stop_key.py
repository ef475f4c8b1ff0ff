"""F12 while a modal dialog is open: it blocks the shortcuts of the main window, but not Stop."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow

KEY = Qt.Key.Key_F12


class StopKey(QObject):
    """Listens to whichever other window of the program has the focus."""

    def __init__(self, parent: QObject, main: Callable[[], QWindow | None], stop: Callable[[], None]) -> None:
        super().__init__(parent)
        self._main = main
        self._stop = stop
        self._window: QWindow | None = None
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.focusWindowChanged.connect(self._focus)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take F12 before the dialog does."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == KEY:
            self._stop()
            return True
        return False

    def _focus(self, window: QWindow | None) -> None:
        if self._window is not None:
            self._window.removeEventFilter(self)
            self._window = None
        if window is not None and window is not self._main():
            window.installEventFilter(self)
            self._window = window
            window.destroyed.connect(self._forget)

    def _forget(self) -> None:
        self._window = None
