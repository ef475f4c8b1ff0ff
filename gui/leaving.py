"""What is asked when the window is closed while a run goes on; a bar, so that Stop stays in reach."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton


class LeaveBar(QFrame):
    """Leave the run running (default), stop it, or stay."""

    def __init__(self, leave_running: Callable[[], None], stop: Callable[[], None]) -> None:
        super().__init__()
        self.setObjectName("leave_bar")
        self._text = QLabel()
        self._text.setWordWrap(True)
        self.leave = QPushButton("Leave it running")
        self.leave.setObjectName("primary")
        self.leave.setDefault(True)
        self.stop = QPushButton("Stop the run and close")
        self.stay = QPushButton("Stay")
        self.leave.clicked.connect(lambda: leave_running())
        self.stop.clicked.connect(lambda: stop())
        self.stay.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 6)
        row.addWidget(self._text, 1)
        for button in (self.leave, self.stop, self.stay):
            button.setMinimumHeight(32)
            row.addWidget(button)
        self.hide()

    def ask(self, run: str) -> None:
        """Show the question."""
        self._text.setText(
            f"{run} goes on. Closing the window does not disturb it; solbench gui finds it again."
        )
        self.show()
        self.leave.setFocus()
