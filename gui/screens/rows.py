"""A list of a few columns that shows its whole text, wrapped to the available width."""

import re
from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
)

from solbench.gui.models.common.numbers import Numbers

LAST_LEAST = 104  # pixels of the last column
NAME_LEAST = 48  # pixels of the column before it
AROUND = 12  # pixels beside a text
UNIT = re.compile(r"(?<=\d) (?=[^\W\d]{1,3}\b|%)")  # no line ends between a number and its unit


class RowList(QTreeWidget):
    """The last column takes the rest of the width; the one before it is as wide as it needs, if possible."""

    def __init__(self, name: str, columns: Sequence[str], numbers: Numbers) -> None:
        super().__init__()
        self._numbers = numbers
        self._followed = -1
        self.setAccessibleName(name)
        self.setHeaderLabels(list(columns))
        self.setRootIsDecorated(False)
        self.setMinimumWidth(120)
        self.setWordWrap(True)
        self._name = len(columns) - 2
        header = self.header()
        header.setMinimumSectionSize(24)
        for column in range(self._name):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        for column in (self._name, self._name + 1):
            self.setItemDelegateForColumn(column, _Lines(self))
        header.sectionResized.connect(lambda *_: self.scheduleDelayedItemsLayout())
        self._share()

    def fill(self, rows: Sequence[Sequence[str]], tips: Sequence[str]) -> None:
        """Show rows; existing items keep their place and their selection."""
        while self.topLevelItemCount() > len(rows):
            self.takeTopLevelItem(self.topLevelItemCount() - 1)
        changed = False
        for place, (row, tip) in enumerate(zip(rows, tips, strict=True)):
            texts = [UNIT.sub("\u00a0", self._numbers.localized(text)) for text in row]
            changed |= _write(self.topLevelItem(place) or QTreeWidgetItem(self), texts, tip)
        if changed:
            self._share()

    def follow(self, place: int) -> None:
        """Scroll to a row when it is another than before, -1 to none; who scrolls away meanwhile stays there."""
        if place != self._followed:
            self._followed = place
            item = self.topLevelItem(place) if place >= 0 else None
            if item is not None:
                self.scrollToItem(item)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Distribute the width again."""
        super().resizeEvent(event)
        self._share()

    def _share(self) -> None:
        texts = [self.headerItem().text(self._name)]
        items = [self.topLevelItem(place) for place in range(self.topLevelItemCount())]
        texts += [item.text(self._name) for item in items if item is not None]
        needed = max(self.fontMetrics().horizontalAdvance(text) for text in texts) + AROUND
        before = sum(self.columnWidth(column) for column in range(self._name))
        left = self.viewport().width() - before - LAST_LEAST
        self.setColumnWidth(self._name, max(min(needed, left), NAME_LEAST))


def _write(item: QTreeWidgetItem, row: Sequence[str], tip: str) -> bool:
    """Write the texts of a row; tell whether any has changed."""
    changed = False
    for column, text in enumerate(row):
        if item.text(column) != text:
            item.setText(column, text)
            item.setToolTip(column, f"{text}\n{tip}" if tip else text)
            changed = True
    return changed


class _Lines(QStyledItemDelegate):
    """Gives a row the height of its lines, which a tree does not do by itself."""

    def __init__(self, tree: QTreeWidget) -> None:
        super().__init__(tree)
        self._tree = tree

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the size of the text in the available width."""
        width = max(self._tree.columnWidth(index.column()) - 10, 40)
        lines = QFontMetrics(self._tree.font()).boundingRect(
            QRect(0, 0, width, 1000), Qt.TextFlag.TextWordWrap, str(index.data() or "")
        )
        return QSize(width, lines.height() + 4)
