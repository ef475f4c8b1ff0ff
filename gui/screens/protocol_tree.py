"""The steps of a protocol as a tree: names, and what each step does."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem

from solbench.gui.models.common.numbers import Numbers
from solbench.gui.models.common.plain import Data
from solbench.gui.models.protocol import step_tree
from solbench.gui.models.protocol.step_tree import Place
from solbench.gui.models.protocol.wording import KIND_WORDS, step_words

_PLACE = Qt.ItemDataRole.UserRole
_IS_LOOP = Qt.ItemDataRole.UserRole + 1


class StepTree(QTreeWidget):
    """Shows the steps; `step_chosen` tells the place of the one chosen by the user, None for the protocol itself.

    `step_dropped` tells that one was dragged: its place, the loop in which it was dropped, and its number there.
    """

    step_chosen = Signal(object)
    step_dropped = Signal(object, object, int)

    def __init__(self, numbers: Numbers) -> None:
        super().__init__()
        self._numbers = numbers
        self.setAccessibleName("Steps")
        self.setHeaderLabels(["Step", "What it does"])
        self.setColumnWidth(0, 170)
        self.setDragDropMode(QTreeWidget.DragDropMode.InternalMove)
        self.currentItemChanged.connect(self._chosen)

    def show_steps(self, data: Data, chosen: Place | None) -> None:
        """Show the steps of a protocol, and which one is chosen."""
        with QSignalBlocker(self):
            self.clear()
            top = QTreeWidgetItem(self, ["Protocol", str(data.get("name", ""))])
            top.setData(0, _PLACE, None)
            items: dict[Place, QTreeWidgetItem] = {}
            for place, step in step_tree.places(data):
                items[place] = self._item(items.get(place[:-1]), place, step)
            self.expandAll()
            self.setCurrentItem(top if chosen is None else items.get(chosen, top))

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell where the step was dropped; the protocol, not the tree, is what changes."""
        dragged, target = self.currentItem(), self.itemAt(event.position().toPoint())
        place = dragged.data(0, _PLACE) if dragged is not None else None
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        if place is not None:
            self.step_dropped.emit(place, *self._dropped_at(target, self.dropIndicatorPosition()))

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

    def _item(self, loop: QTreeWidgetItem | None, place: Place, step: Data) -> QTreeWidgetItem:
        words = self._numbers.localized(f"{KIND_WORDS.get(str(step.get('kind')), '?')}: {step_words(step)}")
        texts = [str(step.get("name") or "(no name)"), words]
        item = QTreeWidgetItem(loop, texts) if loop is not None else QTreeWidgetItem(self, texts)
        item.setToolTip(1, words)
        item.setData(0, _PLACE, place)
        item.setData(0, _IS_LOOP, step.get("kind") == "loop")
        item.setExpanded(True)
        return item

    def _chosen(self, item: QTreeWidgetItem | None, _before: QTreeWidgetItem | None) -> None:
        if item is not None:
            self.step_chosen.emit(item.data(0, _PLACE))
