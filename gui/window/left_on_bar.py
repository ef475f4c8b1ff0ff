"""The bar above all others while a cell is not verified off: what to press, and a button for whoever has done so."""

from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QVBoxLayout

from solbench.gui.models.common.words import ntr, tr
from solbench.gui.models.live.left_on import LeftOn, LeftOnCells
from solbench.gui.screens.parts import Button
from solbench.gui.window.question_bar import give_focus_back


class LeftOnBar(QFrame):
    """Shows the first of the cells; it cannot be acknowledged, and goes when a reading shows that the cell is off."""

    def __init__(self, cells: LeftOnCells) -> None:
        super().__init__()
        self.setObjectName("left_on_bar")
        self.by_hand = QLabel()
        self.by_hand.setObjectName("title")
        self.text = QLabel()
        for label in (self.by_hand, self.text):
            label.setWordWrap(True)
        self.by_hand.setAccessibleName(tr("What to do now"))
        self.text.setAccessibleName(tr("The cell that is not verified off"))
        self.pressed = Button(tr("I have pressed it"))
        self.pressed.setToolTip(tr("Look at the reading whether the cell is off"))
        self.pressed.setMinimumHeight(32)
        self.pressed.clicked.connect(cells.pressed)
        words = QVBoxLayout()
        words.addWidget(self.by_hand)
        words.addWidget(self.text)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 6)
        row.addLayout(words, 1)
        row.addWidget(self.pressed)
        cells.found.subscribe(self._show)
        self.hide()

    def _show(self, found: tuple[LeftOn, ...]) -> None:
        if not found:
            give_focus_back(self)
        elif not self.isVisible():
            QApplication.beep()
        self.setVisible(bool(found))
        for cell in found[:1]:
            more = (
                " "
                + ntr(
                    "({count} more cell is not verified off.)",
                    "({count} more cells are not verified off.)",
                    len(found) - 1,
                )
                if len(found) > 1
                else ""
            )
            self.by_hand.setText(cell.by_hand)
            self.text.setText(f"{cell.text}{more}")
