"""The event log below all screens: what happened, with a filter and a field for notes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from solbench.gui.models.common.number_format import elapsed
from solbench.gui.models.common.words import tr
from solbench.gui.models.live.control import Control
from solbench.gui.palette import Colors
from solbench.gui.values import ChoiceBox

if TYPE_CHECKING:
    from solbench.gui.models.run.log import LogLine
    from solbench.gui.models.run.run import RunModel

SHOWN_LINES = 2000
_LEVELS = (
    (tr("all"), ("info", "warning", "alarm")),
    (tr("warnings"), ("warning", "alarm")),
    (tr("alarms"), ("alarm",)),
)


class EventLog(QWidget):
    """Shows the log of one run; the newest line is at the bottom."""

    def __init__(self, control: Control, colors: Colors) -> None:
        super().__init__()
        self._colors = colors
        self._run: RunModel | None = None
        self._shown = 0
        self._control = control
        self.view = QPlainTextEdit()
        self.view.setReadOnly(True)
        self.view.setMaximumBlockCount(SHOWN_LINES)
        self.view.setAccessibleName(tr("Event log"))
        self.view.setTabChangesFocus(True)
        self.level = ChoiceBox()
        for words, levels in _LEVELS:
            self.level.addItem(words, levels)
        self.level.setAccessibleName(tr("Level of the lines shown"))
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("find in the log"))
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName(tr("Find in the log"))
        self.note = QLineEdit()
        self.note.setPlaceholderText(tr("note for the run file, then Enter"))
        self.note.setAccessibleName(tr("Note for the run file"))
        self.level.currentTextChanged.connect(self._again)
        self.search.textChanged.connect(self._again)
        self.note.returnPressed.connect(self._keep_note)
        self._lay_out()

    def show_run(self, run: RunModel | None) -> None:
        """Show another run's log."""
        self._run = run
        self._again()

    def tick(self) -> None:
        """Add the lines that are new."""
        if self._run is None or self._run.log.total == self._shown:
            return
        log = self._run.log
        new = min(log.total - self._shown, len(log.lines))
        self._shown = log.total
        wanted = [line for line in list(log.lines)[len(log.lines) - new :] if self._wanted(line)]
        for level, lines in groupby(wanted[-SHOWN_LINES:], lambda line: line.level):
            self._append(level, [self._text(line) for line in lines])
        self.view.verticalScrollBar().setValue(self.view.verticalScrollBar().maximum())

    def set_colors(self, colors: Colors) -> None:
        """Change the look."""
        self._colors = colors
        self._again()

    def _again(self) -> None:
        self.view.clear()
        self._shown = 0
        self.note.setEnabled(self._run is not None and self._run.alive)
        self.tick()

    def _wanted(self, line: LogLine) -> bool:
        wanted = self.search.text().casefold()
        return line.level in self.level.currentData() and wanted in line.text.casefold()

    def _append(self, level: str, lines: Sequence[str]) -> None:
        """Add lines of one level at once: a style for each takes fifty times as long."""
        color = {"warning": self._colors.warning, "alarm": self._colors.alarm}.get(level, self._colors.text)
        style = QTextCharFormat()
        style.setForeground(QColor(color))
        cursor = QTextCursor(self.view.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if not self.view.document().isEmpty():
            cursor.insertBlock()
        cursor.insertText("\n".join(lines), style)

    def _text(self, line: LogLine) -> str:
        mark = {"warning": tr("WARN "), "alarm": tr("ALARM ")}.get(line.level, "")
        said = self._colors.numbers.localized(line.text)
        return f"{elapsed(line.time_s)}  {mark}{line.source}: {said}"

    def _keep_note(self) -> None:
        if (text := self.note.text().strip()) and self._control.note(text):
            self.note.clear()

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.addWidget(self.level)
        bar.addWidget(self.search, 1)
        bar.addWidget(self.note, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 2, 8, 6)
        column.setSpacing(4)
        column.addWidget(self.view, 1)
        column.addLayout(bar)
        self.view.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
