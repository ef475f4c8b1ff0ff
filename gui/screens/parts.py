"""Small building blocks of the screens: tones, tables, notes, rows of buttons."""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Literal

from PySide6.QtCore import QEvent, QSignalBlocker, Qt
from PySide6.QtGui import QBrush, QColor, QGuiApplication, QKeyEvent, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QTableView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from solbench.gui.models.common.numbers import Numbers
from solbench.gui.models.common.words import tr
from solbench.gui.palette import present_look

WITHOUT_COMMANDS = "without_commands"
Tone = Literal["plain", "good", "note", "bad", "quiet"]


def tone_colour(tone: Tone) -> QColor:
    """Return the colour of a tone on the present palette."""
    if tone == "plain":
        return QGuiApplication.palette().color(QPalette.ColorRole.WindowText)
    colors = present_look()
    names = {"good": colors.good, "note": colors.accent, "bad": colors.warning, "quiet": colors.faint}
    return QColor(names[tone])


class Toned(QLabel):
    """A text in a tone, which stays that of the look while the look changes."""

    _tone: Tone = "quiet"
    _toned = False

    def say(self, text: str, tone: Tone = "quiet") -> None:
        """Show a text."""
        if tone != self._tone or not self._toned:
            self._tone = tone
            self._colour()
        self.setText(text)

    def changeEvent(self, event: QEvent) -> None:
        """Apply the tone again when the look changes: the last of that is the style sheet."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self._toned:
            self._colour()

    def _colour(self) -> None:
        self._toned = True
        palette = QGuiApplication.palette()
        palette.setColor(QPalette.ColorRole.WindowText, tone_colour(self._tone))
        self.setPalette(palette)

    @property
    def whole(self) -> str:
        """Get the text, however much of it is shown."""
        return self.text()


class Note(Toned):
    """A text that wraps, in a tone; hidden while it is empty unless it keeps its place."""

    def __init__(self, text: str = "", tone: Tone = "quiet", keep: bool = False) -> None:
        super().__init__()
        self._keep = keep
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.say(text, tone)

    def say(self, text: str, tone: Tone = "quiet") -> None:
        """Show a text."""
        super().say(text, tone)
        self._come_or_go()

    def _come_or_go(self) -> None:
        wanted = bool(self.text()) or self._keep
        if wanted and self.parentWidget() is None:
            # shown now, it would be a window and take the focus; it appears with its parent
            self.setAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide, False)  # noqa: FBT003
        else:
            self.setVisible(wanted)


class Elided(Toned):
    """A text of one line that ends in an ellipsis where there is less room than it needs; the whole is its hint.

    It asks for no width, so that no text pushes others aside.
    """

    def __init__(self, text: str = "", mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> None:
        super().__init__()
        self._whole, self._mode = "", mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setText(text)

    @property
    def whole(self) -> str:
        """Get the text, however much of it is shown."""
        return self._whole

    def setText(self, text: str) -> None:
        """Show a text."""
        self._whole = text
        self.setToolTip(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show what fits."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, self._mode, max(self.width() - 2, 0))
        if shown != self.text():
            super().setText(shown)


class Remark(Elided):
    """A remark beside a field, in a tone and in one line; the whole is its hint."""


def heading(text: str) -> QLabel:
    """Return a heading for a part of a screen."""
    label = QLabel(text)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label


def literal(text: str) -> str:
    """Return the text of a button that shows a name as it is: an ampersand would make the next letter a key."""
    return text.replace("&", "&&")


class Button(QPushButton):
    """A button that Enter presses, too, as Space does: Qt leaves Enter to dialogs."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press it."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self.click()
        else:
            super().keyPressEvent(event)


def name_button(made: QAbstractButton, hint: str) -> None:
    """Name a button by its text, so that who says what is seen presses it, and describe it by what it does.

    A text of signs alone, such as an arrow, is no name: the hint is.
    """
    text = made.text().replace("&", "").rstrip("\u2026")
    spoken = any(letter.isalnum() for letter in text)
    made.setAccessibleName(text if spoken else hint)
    made.setAccessibleDescription(hint)


def button(text: str, act: Callable[[], None], hint: str = "", key: str = "") -> QPushButton:
    """Return a button with an accessible name and a hint that includes its key."""
    made = Button(text)
    made.setToolTip(f"{hint} ({key})" if key else hint)
    name_button(made, hint or text)
    made.setMinimumHeight(32)
    made.clicked.connect(lambda *_: act())
    if key:
        made.setShortcut(key)
    return made


def row(*parts: QWidget | QLayout | None) -> QHBoxLayout:
    """Return parts beside each other; None takes up the rest of the line."""
    layout = QHBoxLayout()
    for part in parts:
        if part is None:
            layout.addStretch(1)
        elif isinstance(part, QLayout):
            layout.addLayout(part)
        else:
            layout.addWidget(part)
    return layout


def stacked(*parts: QWidget | QLayout | None) -> QWidget:
    """Return parts below each other without a margin, labels as low as their text; None takes up the rest."""
    holder = QWidget()
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(3)
    for part in parts:
        if part is None:
            layout.addStretch(1)
        elif isinstance(part, QLayout):
            layout.addLayout(part)
        else:
            layout.addWidget(part, 0 if isinstance(part, QLabel) else 1)
    return holder


class Facts(QFormLayout):
    """A list of facts: a label and a text per line."""

    def __init__(self, numbers: Numbers) -> None:
        super().__init__()
        self._numbers = numbers

    def show_facts(self, facts: Iterable[tuple[str, str]]) -> None:
        """Show these in place of the previous ones."""
        while self.rowCount():
            self.removeRow(0)
        for label, text in facts:
            self.addRow(label, Note(self._numbers.localized(text), "plain"))


def fill_choices(box: QComboBox, choices: Iterable[tuple[str, str | None]], chosen: str | None) -> None:
    """Offer choices, each a text and its value, and select `chosen`, or none if it is not among them."""
    listed = list(choices)
    box.clear()
    for text, reference in listed:
        box.addItem(text, reference)
    references = [reference for _, reference in listed]
    box.setCurrentIndex(references.index(chosen) if chosen in references else -1)


class CommandLine(QLineEdit):
    """The command equivalent to a screen's action, for reading, selecting and copying."""

    def __init__(self, name: str = tr("The same on the command line")) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setAccessibleName(name)
        self.setToolTip(tr("{name}; it can be copied", name=name))

    def show_command(self, text: str) -> None:
        """Show a command from its start; the selection in an unchanged command is kept."""
        if text != self.text():
            self.setText(text)
            self.setCursorPosition(0)

    def copy_whole(self) -> None:
        """Copy the command to the clipboard."""
        QGuiApplication.clipboard().setText(self.text())

    def line(
        self, label: str = tr("On the command line"), hint: str = tr("Copy the command line")
    ) -> QWidget:
        """Return the command with its label and the button that copies it."""
        return CommandRow(row(QLabel(label), self, button(tr("Copy"), self.copy_whole, hint)))


class CommandRow(QWidget):
    """A line for a command; hidden in a window of which the property `WITHOUT_COMMANDS` is set."""

    def __init__(self, parts: QLayout) -> None:
        super().__init__()
        parts.setContentsMargins(0, 0, 0, 0)
        self.setLayout(parts)

    def showEvent(self, event: QShowEvent) -> None:
        """Stay hidden where the window has no room for it."""
        super().showEvent(event)
        if self.window().property(WITHOUT_COMMANDS):
            self.hide()


def put_between(before: QWidget, part: QWidget, after: QWidget) -> None:
    """Put a part that was made later into the Tab order between two others."""
    inside = [each for each in _chain(part) if part.isAncestorOf(each)]
    put_in_order(before, *inside, after)


def put_in_place(part: QWidget) -> None:
    """Put what was made later in a part into the Tab order where the part itself is.

    In a box that takes the focus that is behind the box: the part was perhaps left behind when the box was put where it
    is, since Qt moves only what takes the focus.
    """
    box = part.parentWidget()
    if box is not None and box.focusPolicy() != Qt.FocusPolicy.NoFocus:
        before, chain = box, _chain(box)
    else:
        before, chain = None, _chain(part)
    around = [each for each in chain if each is not box and not part.isAncestorOf(each)]
    if around and len(around) < len(chain):
        put_between(before or around[-1], part, around[0])


def _chain(part: QWidget) -> list[QWidget]:
    """Return what takes the focus, in Tab order from a part on: Qt orders nothing else."""
    found = []
    each = part.nextInFocusChain()
    while each is not None and each is not part:
        if each.focusPolicy() != Qt.FocusPolicy.NoFocus:
            found.append(each)
        each = each.nextInFocusChain()
    return found


def put_in_order(*widgets: QWidget) -> None:
    """Set the Tab order of widgets."""
    for one, next_one in pairwise(widgets):
        QWidget.setTabOrder(one, next_one)


def make_list(table: QTableView, name: str) -> None:
    """Make a table a read-only list of which whole rows are selected; `name` is what it is called when read aloud."""
    table.setAccessibleName(name)
    table.verticalHeader().hide()
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setTabKeyNavigation(False)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class Table(QTableWidget):
    """A read-only table: whole rows are selected, the last column takes the rest of the width."""

    def __init__(
        self, headers: Sequence[str], name: str, stretch: int | None = None, numbers: Numbers | None = None
    ) -> None:
        super().__init__(0, len(headers))
        self._numbers = numbers or Numbers()
        self._listed: list[tuple[Sequence[str], Tone]] = []
        self.setHorizontalHeaderLabels(list(headers))
        make_list(self, name)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setWordWrap(True)
        self._wide = len(headers) - 1 if stretch is None else stretch
        self._fit_columns()

    def fill(self, rows: Iterable[tuple[Sequence[str], Tone]]) -> None:
        """Show rows of texts, each row's first cell in a tone; the selected row number is kept."""
        chosen = self.currentRow()
        self._listed = listed = list(rows)
        tones: set[Tone] = {tone for _, tone in listed}
        brushes = {tone: QBrush(tone_colour(tone)) for tone in tones}
        with QSignalBlocker(self):
            # While columns fit their contents, setting a cell measures all rows: 70 s for 500 rows.
            self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            self.setRowCount(len(listed))
            for number, (texts, tone) in enumerate(listed):
                for column, text in enumerate(texts):
                    item = QTableWidgetItem(self._numbers.localized(text))
                    item.setToolTip(text)
                    if column == 0 and tone != "plain":
                        item.setForeground(brushes[tone])
                    self.setItem(number, column, item)
            self._fit_columns()
            if 0 <= chosen < len(listed):
                self.setCurrentCell(chosen, 0)
        if self.wordWrap():
            self.resizeRowsToContents()

    def _fit_columns(self) -> None:
        header, modes = self.horizontalHeader(), QHeaderView.ResizeMode
        for column in range(self.columnCount()):
            header.setSectionResizeMode(
                column, modes.Stretch if column == self._wide else modes.ResizeToContents
            )

    def show_habit(self) -> None:
        """Write numbers with the decimal sign chosen by the user."""
        self.fill(self._listed)
