"""The table of runs: ticks, and columns that are chosen, moved and made wider, as they were when it is opened again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from heapq import nlargest
from typing import NamedTuple

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QMouseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHeaderView, QMenu, QTableView

from solbench.gui.models.common.numbers import Numbers
from solbench.gui.models.common.settings import Settings
from solbench.gui.models.common.words import tr
from solbench.gui.models.runs.columns import HEADS, NAMES, USUAL, read_names
from solbench.gui.screens.parts import Tone, make_list, tone_colour

TICK_WIDTH = 24  # pixels at the left of the first column
BESIDE = 8  # pixels between a text and the next column
LEAST, MOST = 40, 220  # pixels of a column that nobody has made wider
NARROWEST = 110  # pixels of a text that is cut where the columns do not fit beside each other
CUT = frozenset({"cell", "file", "tags", "electrolyte", "build", "operator", "bench", "end", "notes"})
"""Columns of texts, whose hints show them whole; no number is cut, and no protocol, behind which stands SIMULATED."""
LONGEST = 8  # texts of a column that are measured for its width: those with the widest letters
Line = tuple[Sequence[str], Tone]
Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
COLUMNS, WIDTHS, ORDER = "data_columns", "data_widths", "data_sorted_by"  # settings


class ColumnChoice(NamedTuple):
    """An entry of the menu of columns: its text, what it does, and whether it is ticked (None: no tick)."""

    text: str
    work: Callable[[], None]
    ticked: bool | None


class _Widths(dict[str, int]):
    """The widths (pixels) of letters: their sum ranks thousands of texts that would take long to be laid out."""

    def __init__(self, metrics: QFontMetrics) -> None:
        super().__init__()
        self._metrics = metrics

    def __missing__(self, letter: str) -> int:
        width = self[letter] = self._metrics.horizontalAdvance(letter)
        return width

    def of(self, text: str) -> int:
        """Return about how wide a text is (pixels)."""
        return sum(map(self.__getitem__, text))


class Lines(QAbstractTableModel):
    """The lines of the list; the table asks for what is in view alone, so that thousands cost no more than a few."""

    def __init__(self, parent: QObject, numbers: Numbers) -> None:
        super().__init__(parent)
        self.lines: list[Line] = []
        self.chosen: set[int] = set()
        self._numbers = numbers

    def show_lines(self, lines: Iterable[Line]) -> None:
        """Show these lines; what is selected and in view keeps its place."""
        new, before = list(lines), len(self.lines)
        if len(new) < before:
            self.beginRemoveRows(ROOT, len(new), before - 1)
            self.lines = new
            self.endRemoveRows()
        elif len(new) > before:
            self.beginInsertRows(ROOT, before, len(new) - 1)
            self.lines = new
            self.endInsertRows()
        self.lines = new
        if new:
            self.dataChanged.emit(self.index(0, 0), self.index(len(new) - 1, len(NAMES) - 1))

    def rowCount(self, parent: Index = ROOT) -> int:
        """Return how many lines there are."""
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = ROOT) -> int:
        """Return how many columns there are, on show or not."""
        return 0 if parent.isValid() else len(NAMES)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        """Return the head of a column."""
        across = orientation == Qt.Orientation.Horizontal
        return HEADS[NAMES[section]] if across and role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the text of a cell, or its hint, colour or tick."""
        texts, tone = self.lines[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._numbers.localized(texts[index.column()])
            case Qt.ItemDataRole.ToolTipRole:
                return texts[index.column()]
            case Qt.ItemDataRole.ForegroundRole if index.column() == 0 and tone != "plain":
                return tone_colour(tone)
            case Qt.ItemDataRole.CheckStateRole if index.column() == 0:
                return Qt.CheckState.Checked if index.row() in self.chosen else Qt.CheckState.Unchecked
            case _:
                return None


class RunTable(QTableView):
    """The list of runs: a click chooses one alone, a click on the tick before its state takes it in or out.

    `arranged` is emitted when other columns are on show, or the list is to be sorted in another way.
    """

    ticked = Signal(int)
    arranged = Signal()

    def __init__(self, numbers: Numbers, settings: Settings) -> None:
        self._settings = settings
        self._arranging = True
        self._held = False
        self._widths: dict[str, int] = {}
        self._needed: dict[str, int] = {}  # pixels, of the columns on show
        super().__init__()
        self.lines = Lines(self, numbers)
        self.setModel(self.lines)
        make_list(self, tr("Runs"))
        self.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        self.setWordWrap(False)
        kept: dict[str, object] = settings.get(WIDTHS, {})
        self._widths = {
            name: width for name, width in kept.items() if isinstance(width, int) and width >= LEAST
        }
        header = self.horizontalHeader()
        header.setSectionsMovable(True)
        header.setSectionsClickable(True)
        header.setStretchLastSection(True)
        header.setMinimumSectionSize(LEAST)
        header.setSortIndicatorShown(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._offer)
        header.setToolTip(tr("Click to sort, drag to move; the right button chooses columns"))
        header.sectionClicked.connect(self._sort)
        header.sectionMoved.connect(self._moved)
        header.viewport().installEventFilter(self)
        header.sectionResized.connect(self._resized)
        self._arranging = False
        self.show_columns(read_names(settings.texts(COLUMNS)) or USUAL)
        self._show_order()

    @property
    def columns(self) -> tuple[str, ...]:
        """Get the names of the columns on show, from left to right."""
        header = self.horizontalHeader()
        places = (header.logicalIndex(place) for place in range(len(NAMES)))
        return tuple(NAMES[place] for place in places if not self.isColumnHidden(place))

    @property
    def order(self) -> tuple[str, bool] | None:
        """Get by which column the list is sorted, and whether downwards; None as it was found."""
        text = self._settings.get(ORDER, "")
        name = text.removeprefix("-")
        return (name, text.startswith("-")) if name in HEADS else None

    def fill(self, lines: Iterable[Line], chosen: Iterable[int] = ()) -> None:
        """Show lines of texts, the first of each in a tone; those at the places `chosen` are ticked."""
        self.lines.chosen = set(chosen)
        self.lines.show_lines(lines)
        self._fit_columns()

    def show_habit(self) -> None:
        """Write numbers with the decimal sign chosen by the user."""
        self.fill(self.lines.lines, self.lines.chosen)

    def changeEvent(self, event: QEvent) -> None:
        """Fit the columns to texts in another style."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and not self._arranging:
            self._fit_columns()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the columns to another width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._share_width()

    def showEvent(self, event: QShowEvent) -> None:
        """Fit the columns to the width, which is not known before."""
        super().showEvent(event)
        self._share_width()

    def show_columns(self, names: Sequence[str]) -> None:
        """Show these columns, from left to right; the state is always among them."""
        names = read_names(names)
        header = self.horizontalHeader()
        self._arranging = True
        for column, name in enumerate(NAMES):
            self.setColumnHidden(column, name not in names)
        for place, name in enumerate(names):
            header.moveSection(header.visualIndex(NAMES.index(name)), place)
        self._arranging = False
        self._fit_columns()
        self._keep_columns()
        self.arranged.emit()

    def choices(self) -> list[ColumnChoice]:
        """Return what a menu offers: each column with a tick where it is on show, and the arrangement at first."""
        shown = self.columns
        found = [ColumnChoice(HEADS[name], self._toggler(name), name in shown) for name in NAMES[1:]]
        return [*found, ColumnChoice(tr("As at first"), self.reset_columns, None)]

    def reset_columns(self) -> None:
        """Show the usual columns, as wide as they need to be, as the runs were found."""
        self._widths = {}
        self._settings.set(WIDTHS, {})
        self._settings.set(ORDER, "")
        self._show_order()
        self.show_columns(USUAL)

    def sizeHintForColumn(self, column: int) -> int:
        """Return the width of a column, with room for the tick, which the style sheet leaves out of account."""
        rows = {texts[column]: row for row, (texts, _) in enumerate(self.lines.lines)}
        letters = _Widths(self.fontMetrics())
        longest = (rows[text] for text in nlargest(LONGEST, rows, key=letters.of))
        needed = (self.sizeHintForIndex(self.lines.index(row, column)).width() for row in longest)
        return max(needed, default=0) + (TICK_WIDTH if column == 0 else 0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tick, or choose."""
        index = self.indexAt(event.position().toPoint())
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        inside = event.position().x() - self.visualRect(index).left() < TICK_WIDTH
        if index.isValid() and index.column() == 0 and inside and plain:
            self.ticked.emit(index.row())
        else:
            super().mousePressEvent(event)

    def _toggler(self, name: str) -> Callable[[], None]:
        return lambda: self._toggle(name)

    def _toggle(self, name: str) -> None:
        shown = self.columns
        self.show_columns([each for each in shown if each != name] if name in shown else [*shown, name])

    def _offer(self, where: QPoint) -> None:
        menu = QMenu(self)
        for choice in self.choices():
            action = menu.addAction(choice.text)
            action.setCheckable(choice.ticked is not None)
            action.setChecked(bool(choice.ticked))
            action.triggered.connect(lambda _on, work=choice.work: work())
        menu.popup(self.horizontalHeader().mapToGlobal(where))

    def _sort(self, column: int) -> None:
        """Sort by a column; by the same again the other way round, and then as they were."""
        name, before = NAMES[column], self.order
        now = name if before is None or before[0] != name else "" if before[1] else f"-{name}"
        self._settings.set(ORDER, now)
        self._show_order()
        self.arranged.emit()

    def _show_order(self) -> None:
        order = self.order
        down = order is not None and order[1]
        way = Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(-1 if order is None else NAMES.index(order[0]), way)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note whether the mouse holds the header: a column that is drawn elsewhere moves once it lets go."""
        kinds = QEvent.Type
        if watched is self.horizontalHeader().viewport():
            if event.type() in (kinds.MouseButtonPress, kinds.MouseButtonDblClick):
                self._held = True
            elif event.type() == kinds.MouseButtonRelease:
                self._held = False
        return super().eventFilter(watched, event)

    def _resized(self, column: int, _before: int, width: int) -> None:
        """Keep a width that the user chose; what Qt gives to columns when others move, go or come is none."""
        header = self.horizontalHeader()
        is_last = NAMES[column] == self.columns[-1]  # it takes what is left
        if (
            self._held
            and not self._arranging
            and not is_last
            and header.sectionSize(column) == width >= LEAST
        ):
            self._widths[NAMES[column]] = width
            self._settings.set(WIDTHS, dict(self._widths))

    def _moved(self) -> None:
        self._keep_columns()
        if not self._arranging:
            self._fit_columns()

    def _keep_columns(self) -> None:
        if not self._arranging:
            self._settings.set_texts(COLUMNS, self.columns)

    def _fit_columns(self) -> None:
        """Make each column as wide as somebody has made it, else as it needs to be."""
        header = self.horizontalHeader()
        self._needed = {
            name: min(
                max(self.sizeHintForColumn(column) + BESIDE, header.sectionSizeHint(column), LEAST), MOST
            )
            for column, name in enumerate(NAMES)
            if not self.isColumnHidden(column)
        }
        self._share_width()

    def _share_width(self) -> None:
        """Cut the widest texts where all columns together are wider than the table, so that it need not be moved."""
        header, before = self.horizontalHeader(), self._arranging
        self._arranging = True
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        wanted = self._needed | {name: self._widths[name] for name in self._needed if name in self._widths}
        free = [name for name in wanted if name in CUT and name not in self._widths]
        heads = {name: header.sectionSizeHint(NAMES.index(name)) for name in free}
        room, most, shared = self.viewport().width(), MOST, wanted
        while self.isVisible() and most > NARROWEST and sum(shared.values()) > room:
            most -= 1
            shared = wanted | {name: min(wanted[name], max(most, heads[name])) for name in free}
        for name, width in shared.items():
            header.resizeSection(NAMES.index(name), width)
        self._arranging = before
