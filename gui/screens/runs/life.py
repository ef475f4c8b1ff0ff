"""The life of the chosen run's cell: a table and a plot against the cycle."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QSplitter, QVBoxLayout, QWidget

from solbench.gui.models.common.numbers import Numbers
from solbench.gui.models.common.words import tr
from solbench.gui.models.runs.life import HEADERS, LifeModel
from solbench.gui.palette import Colors
from solbench.gui.plots.overlay import OverlayPlot
from solbench.gui.screens.parts import Note, Table, button, row

FILES = tr("Files of cyclers (*.cor *.mpt *.nda *.ndax *.csv *.txt *.parquet);;All files (*)")


class LifeView(QWidget):
    """Shows a life; a file of another cycler is added to it by a button."""

    def __init__(self, model: LifeModel, colors: Colors, numbers: Numbers) -> None:
        super().__init__()
        self.model = model
        self.table = Table(HEADERS, tr("Life of the cell"), stretch=len(HEADERS) - 1, numbers=numbers)
        self.plot = OverlayPlot(colors, tr("Life of the cell"))
        self.note = Note()
        self.add = button(
            tr("Add a file…"), self._add, tr("Add a file of another cycler to the life of this cell")
        )
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.addWidget(self.table)
        parts.addWidget(self.plot)
        parts.setSizes([560, 440])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(parts, 1)
        below = row(self.note, self.add)
        below.setStretch(0, 1)
        layout.addLayout(below)
        model.changed.subscribe(self._changed)
        self._changed()

    def set_colors(self, colors: Colors) -> None:
        """Set the colours."""
        self.plot.set_colors(colors)

    def _changed(self) -> None:
        self.table.fill([(cells, "plain") for cells in self.model.rows])
        self.plot.show_curves(self.model.curves, waits=self.model.reading)
        self.note.say(self.model.said, "bad" if self.model.failed else "quiet")
        self.add.setEnabled(bool(self.model.cell))

    def _add(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, tr("File of another cycler"), str(self.model.folder), FILES
        )
        if name:
            self.model.add(Path(name))
