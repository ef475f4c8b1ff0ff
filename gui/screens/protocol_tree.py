"""The steps of a protocol as a tree: names, and what each step does."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem

from solbench.gui.models.common.numbers import Numbers
from solbench.gui.models.common.plain import Data
from solbench.gui.models.common.words import tr
from solbench.gui.models.protocol import step_tree
from solbench.gui.models.protocol.step_tree import Place
from solbench.gui.models.protocol.wording import KIND_WORDS, step_words

Row = tuple[Place | None, str, str]
_PLACE = Qt.ItemDataRole.UserRole
_IS_LOOP = Qt.ItemDataRole.UserRole + 1


class StepTree(QTreeWidget):
    """Shows the steps; `step_chosen` tells the place of the one chosen by the user, None for the protocol itself.

    `steps_marked` tells the places of all that are selected (Ctrl or Shift and click). `steps_dropped` tells that these
    were dragged: their places, the loop in which they were dropped, and their number there.
    """

    step_chosen = Signal(object)
    steps_marked = Signal(object)
    steps_dropped = Signal(object, object, int)

    def __init__(self, numbers: Numbers) -> None:
        super().__init__()
        self._numbers = numbers
        self.setAccessibleName(tr("Steps"))
        self.setHeaderLabels([tr("Step"), tr("What it does")])
        self.setColumnWidth(0, 170)
        self.setDragDropMode(QTreeWidget.DragDropMode.InternalMove)
        self.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        self._closed: set[str] = set()
        self._rows: list[Row] = []
        self._items: dict[Place | None, QTreeWidgetItem] = {}
        self._data: Data = {}
        self.currentItemChanged.connect(self._chosen)
        self.itemSelectionChanged.connect(lambda: self.steps_marked.emit(self._marked()))
        self.itemCollapsed.connect(lambda item: self._open_or_close(item, closed=True))
        self.itemExpanded.connect(lambda item: self._open_or_close(item, closed=False))

    def show_steps(self, data: Data, chosen: Place | None, marked: Sequence[Place] = ()) -> None:
        """Show the steps of a protocol, and which are chosen and marked; what was closed or scrolled away stays so."""
        self._data = data
        listed = [(place, *self._texts(step)) for place, step in step_tree.places(data)]
        rows = [(None, tr("Protocol"), str(data.get("name", ""))), *listed]
        with QSignalBlocker(self):
            if not self._change_texts(rows):  # else what is selected stays, in the middle of a click as well
                self._make(rows)
            here = self._items.get(chosen, self._items[None])
            if self.currentItem() is not here:
                self.setCurrentItem(here)
            for place in marked:
                if place in self._items:
                    self._items[place].setSelected(True)

    def _change_texts(self, rows: list[Row]) -> bool:
        """Write what has changed where that is texts of steps alone; say whether it was."""
        if [place for place, *_ in rows] != [place for place, *_ in self._rows]:
            return False
        changed = [new for new, old in zip(rows, self._rows, strict=True) if new != old]
        places = [place for place, *_ in changed if place is not None]
        kinds = [step_tree.step_at(self._data, place).get("kind") for place in places]
        if "loop" in kinds or any(self._items[place].data(0, _IS_LOOP) for place in places):
            return False  # which are open is remembered by their names
        for place, name, words in changed:
            item = self._items[place]
            item.setText(0, name)
            item.setText(1, words)
            item.setToolTip(1, words if place is not None else "")
        self._rows = rows
        return True

    def _make(self, rows: list[Row]) -> None:
        bar = self.verticalScrollBar()
        scrolled = bar.value()
        self.clear()
        self._rows, self._items = rows, {}
        for place, name, words in rows:
            loop = self._items[place[:-1]] if place is not None and len(place) > 1 else self
            item = self._items[place] = QTreeWidgetItem([name, words])
            item.setToolTip(1, words if place is not None else "")
            item.setData(0, _PLACE, place)
            if isinstance(loop, QTreeWidgetItem):
                loop.addChild(item)
            else:
                loop.addTopLevelItem(item)
        for place, item in self._items.items():
            if place is not None:
                step = step_tree.step_at(self._data, place)
                item.setData(0, _IS_LOOP, step.get("kind") == "loop")
                item.setExpanded(step_tree.path_of(self._data, place) not in self._closed)
        bar.setValue(scrolled)

    def _texts(self, step: Data) -> tuple[str, str]:
        words = self._numbers.localized(f"{KIND_WORDS.get(str(step.get('kind')), '?')}: {step_words(step)}")
        return str(step.get("name") or tr("(no name)")), words

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell where the step was dropped; the protocol, not the tree, is what changes."""
        target = self.itemAt(event.position().toPoint())
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        if places := self._marked():
            self.steps_dropped.emit(places, *self._dropped_at(target, self.dropIndicatorPosition()))

    def _marked(self) -> tuple[Place, ...]:
        places = (item.data(0, _PLACE) for item in self.selectedItems())
        return tuple(sorted(place for place in places if place is not None))

    def _open_or_close(self, item: QTreeWidgetItem, closed: bool) -> None:
        """Remember which loops are closed: each change of the protocol makes the tree anew."""
        place = item.data(0, _PLACE)
        if place is not None:
            path = step_tree.path_of(self._data, place)
            self._closed = self._closed | {path} if closed else self._closed - {path}

    def _dropped_at(
        self, target: QTreeWidgetItem | None, where: QTreeWidget.DropIndicatorPosition
    ) -> tuple[Place, int]:
        """Return the list (the place of its loop) and the number in it to which a place of the tree belongs."""
        if target is None:
            return (), self.topLevelItemCount() - 1
        there: Place | None = target.data(0, _PLACE)
        if there is None:
            return (), 0
        if where == QTreeWidget.DropIndicatorPosition.OnItem and target.data(0, _IS_LOOP):
            return there, target.childCount()
        above = where == QTreeWidget.DropIndicatorPosition.AboveItem
        return there[:-1], there[-1] if above else there[-1] + 1

    def _chosen(self, item: QTreeWidgetItem | None, _before: QTreeWidgetItem | None) -> None:
        if item is not None:
            self.step_chosen.emit(item.data(0, _PLACE))
