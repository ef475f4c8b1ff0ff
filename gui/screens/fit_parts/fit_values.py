"""Start values and fixed values of a circuit's parameters, as an editable table."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from solbench.gui.models.common.numbers import Numbers
from solbench.gui.models.fit.fitting import Fitting
from solbench.gui.screens.parts import Note, button, row

HEADERS = ("Parameter", "Value", "Unit", "Held")
_NAME, _VALUE, _UNIT, _HELD = range(4)
_READ = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class FitValues(QWidget):
    """One line per parameter: its value, empty if the search finds its own start, and whether it is fixed."""

    def __init__(self, model: Fitting, take_over: Callable[[], None], numbers: Numbers) -> None:
        super().__init__()
        self.model, self._numbers = model, numbers
        self.table = QTableWidget(0, len(HEADERS))
        self.note = Note()
        self.take_over = button(
            "Take over the fit",
            take_over,
            "Take circuit and values of the chosen spectrum's fit as start values",
        )
        self.clear = button("Clear", model.clear_values, "Clear all values and release all parameters")
        self._filling = False
        self._build()

    def show_rows(self) -> None:
        """Show the choices."""
        rows = self.model.choice.rows
        self._filling = True
        self.table.setRowCount(len(rows))
        for place, (name, unit, text, held) in enumerate(rows):
            self._put(place, _NAME, name, _READ)
            self._put(place, _VALUE, self._numbers.shown(text), _READ | Qt.ItemFlag.ItemIsEditable)
            self._put(place, _UNIT, unit, _READ)
            item = self._put(place, _HELD, "", _READ | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if held else Qt.CheckState.Unchecked)
        self._filling = False
        self.table.setVisible(bool(rows))
        self.clear.setEnabled(any(text or held for _, _, text, held in rows))
        self.note.say(
            "Empty: the search chooses the start value. Values in SI, or with their unit, such as 10 µF."
            if rows
            else "Choose a circuit to give start values, or to hold parameters; or take over those of a fit."
        )

    def _put(self, place: int, column: int, text: str, flags: Qt.ItemFlag) -> QTableWidgetItem:
        item = self.table.item(place, column)
        if item is None:
            item = QTableWidgetItem()
            self.table.setItem(place, column, item)
        if item.text() != text:
            item.setText(text)
        item.setFlags(flags)
        if column == _VALUE:
            item.setToolTip("Above zero, in SI or with its unit; empty: the search chooses the start value")
        elif column == _HELD:
            item.setToolTip("Hold the parameter at its value")
        return item

    def _edited(self, item: QTableWidgetItem) -> None:
        name = self.table.item(item.row(), _NAME)
        if self._filling or name is None:
            return
        if item.column() == _VALUE:
            self.model.set_value(name.text(), self._numbers.to_file(item.text()))
        elif item.column() == _HELD:
            self.model.hold(name.text(), item.checkState() is Qt.CheckState.Checked)

    def _build(self) -> None:
        self.table.setHorizontalHeaderLabels(list(HEADERS))
        self.table.setAccessibleName("Start values")
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QTableWidget.EditTrigger.AllEditTriggers)
        self.table.setTabKeyNavigation(False)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column in range(len(HEADERS)):
            wide = column == _VALUE
            header.setSectionResizeMode(
                column, QHeaderView.ResizeMode.Stretch if wide else QHeaderView.ResizeMode.ResizeToContents
            )
        self.table.itemChanged.connect(self._edited)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addWidget(self.note)
        layout.addWidget(self.table, 1)
        layout.addLayout(row(self.take_over, self.clear, None))
