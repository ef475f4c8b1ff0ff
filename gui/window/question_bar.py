"""Questions as a bar in the window: a dialog would stand between people and Stop."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QWidget
from shiboken6 import isValid

from solbench.gui.screens.parts import Button

Answer = tuple[str, Callable[[], None]]


def give_focus_back(bar: QWidget, before: QWidget | None = None) -> None:
    """Take the focus out of a bar that is about to hide: Qt would give it to the next button, which may be Pause.

    It goes to `before` where that can still take it, else to the window itself, where no key acts by itself.
    """
    focus = QApplication.focusWidget()
    if focus is None or not bar.isAncestorOf(focus):
        return
    taken = before is not None and isValid(before) and before.isVisible() and not bar.isAncestorOf(before)
    if taken and before is not None:
        before.setFocus()
    else:
        bar.window().setFocus()


class QuestionBar(QFrame):
    """Asks one question at a time; a later one takes the place of an earlier one. The first answer is the default."""

    def __init__(self) -> None:
        super().__init__()
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.buttons: list[Button] = []
        self._before: QWidget | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 6, 12, 6)
        self._row.addWidget(self.text, 1)
        self.hide()

    def ask(self, text: str, answers: Sequence[Answer]) -> None:
        """Show a question with its answers; each hides the bar and calls its function."""
        for button in self.buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        self.buttons = [self._button(*answer) for answer in answers]
        self.buttons[0].setObjectName("primary")
        self.text.setText(text)
        if not self.isVisible():
            self._before = QApplication.focusWidget()
        self.show()
        self.buttons[0].setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the question back with Esc: nothing is done."""
        if event.key() == Qt.Key.Key_Escape:
            give_focus_back(self, self._before)
            self.hide()
        else:
            super().keyPressEvent(event)

    def _button(self, text: str, work: Callable[[], None]) -> Button:
        def answer() -> None:
            give_focus_back(self, self._before)
            self.hide()
            work()

        button = Button(text)
        button.setMinimumHeight(32)
        button.clicked.connect(answer)
        self._row.addWidget(button)
        return button
