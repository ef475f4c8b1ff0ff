"""Below the queue: what of a run that waits is to be changed, or for which other cells it is to be added."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QFormLayout, QLineEdit, QPlainTextEdit, QStackedWidget, QVBoxLayout, QWidget

from solbench.gui.models.common.words import tr
from solbench.gui.models.setup.queue import QueueRow
from solbench.gui.screens.parts import button, heading, row

Apply = Callable[[int, str, str, Sequence[str]], None]


class QueueEntry(QWidget):
    """Hidden until a run is to be changed or copied; `apply` and `add` get what was typed, with the run's number."""

    def __init__(self, apply: Apply, add: Callable[[int, Sequence[str]], None]) -> None:
        super().__init__()
        self._number = 0
        self.title = heading("")
        self.cell_id, self.output, self.settings = QLineEdit(), QLineEdit(), QLineEdit()
        self.cells = QPlainTextEdit()
        self.cells.setAccessibleName(tr("Cell ids, one a line"))
        self.cells.setPlaceholderText(tr("one cell id a line, typed, scanned, or pasted from a spreadsheet"))
        self.cells.setTabChangesFocus(True)
        self.cells.setMaximumHeight(120)
        self.settings.setPlaceholderText(
            tr("NAME=VALUE; NAME=VALUE, such as steps.sodiation.current=-0.1 mA/cm2")
        )
        self.apply = button(
            tr("Apply"),
            lambda: apply(
                self._number, self.cell_id.text().strip(), self.output.text().strip(), self.changes
            ),
            tr("Check the changed run, and let it wait in its place"),
        )
        self.add = button(
            tr("Add"),
            lambda: add(self._number, self.ids),
            tr("Add the run once for each cell, at the end of the queue"),
        )
        form = QFormLayout()
        for label, edit in (
            (tr("Cell id"), self.cell_id),
            (tr("Run file"), self.output),
            (tr("Settings"), self.settings),
        ):
            edit.setAccessibleName(tr("{label} of the queued run", label=label))
            edit.returnPressed.connect(self.apply.click)
            form.addRow(label, edit)
        self.pages = QStackedWidget()
        for inside, act in ((form, self.apply), (row(self.cells), self.add)):
            page = QWidget()
            column = QVBoxLayout(page)
            column.setContentsMargins(0, 0, 0, 0)
            column.addLayout(inside)
            column.addLayout(row(None, button(tr("Cancel"), self.hide, tr("Change nothing")), act))
            self.pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.title)
        layout.addWidget(self.pages)
        self.hide()

    @property
    def changes(self) -> list[str]:
        """Get the settings that were typed."""
        return [part.strip() for part in self.settings.text().split(";") if part.strip()]

    @property
    def ids(self) -> list[str]:
        """Get the cells that were listed, each once: of a line that was pasted from a spreadsheet, the first cell."""
        lines = (line.split("\t")[0].strip() for line in self.cells.toPlainText().splitlines())
        return [*dict.fromkeys(line for line in lines if line)]

    def edit(self, run: QueueRow) -> None:
        """Begin to change a run."""
        self._show(run, 0, tr("Change run {number}, {protocol}", number=run.number, protocol=run.protocol))
        self.cell_id.setText(run.cell_id)
        self.output.setText(Path(run.output).name)
        self.settings.clear()
        self.cell_id.setFocus()
        self.cell_id.selectAll()

    def list_cells(self, run: QueueRow) -> None:
        """Begin to list cells for which a run is to be added."""
        self._show(run, 1, tr("Add {protocol} for these cells as well", protocol=run.protocol))
        self.cells.clear()
        self.cells.setFocus()

    def _show(self, run: QueueRow, page: int, title: str) -> None:
        self._number = run.number
        self.title.setText(title)
        self.pages.setCurrentIndex(page)
        self.show()
