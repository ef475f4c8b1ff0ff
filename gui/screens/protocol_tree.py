"""The steps of a protocol as a tree: names, and what each step does."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem

from solbench.gui.models.common.numbers import Numbers
from solbench.gui.models.common.plain import Data
from solbench.gui.models.protocol import step_tree
from solbench.gui.models.protocol.step_tree import Place
from solbench.gui.models.protocol.wording import KIND_WORDS, step_words

_PLACE = Qt.ItemDataRole.UserRole


class StepTree(QTreeWidget):
    """Shows the steps; `step_chosen` tells the place of the one chosen by the user, None for the protocol itself."""

    step_chosen = Signal(object)

    def __init__(self, numbers: Numbers) -> None:
        super().__init__()
        self._numbers = numbers
        self.setAccessibleName("Steps")
        self.setHeaderLabels(["Step", "What it does"])
        self.setColumnWidth(0, 170)
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

    def _item(self, loop: QTreeWidgetItem | None, place: Place, step: Data) -> QTreeWidgetItem:
        words = self._numbers.localized(f"{KIND_WORDS.get(str(step.get('kind')), '?')}: {step_words(step)}")
        texts = [str(step.get("name") or "(no name)"), words]
        item = QTreeWidgetItem(loop, texts) if loop is not None else QTreeWidgetItem(self, texts)
        item.setToolTip(1, words)
        item.setData(0, _PLACE, place)
        item.setExpanded(True)
        return item

    def _chosen(self, item: QTreeWidgetItem | None, _before: QTreeWidgetItem | None) -> None:
        if item is not None:
            self.step_chosen.emit(item.data(0, _PLACE))
