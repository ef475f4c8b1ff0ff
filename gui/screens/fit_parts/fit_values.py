"""Start values and fixed values of a circuit's parameters, as an editable table with a slider for each."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from solbench.gui.models.common.numbers import Numbers
from solbench.gui.models.common.words import tr
from solbench.gui.models.fit.fit_choice import shown_name
from solbench.gui.models.fit.fit_spectra import Spectrum
from solbench.gui.models.fit.fitting import Fitting
from solbench.gui.screens.parts import Note, button, row
from solbench.gui.values import ValueSlider

HEADERS = (tr("Parameter"), tr("Value"), tr("Unit"), tr("Held"), tr("Drag"))
_NAME, _VALUE, _UNIT, _HELD, _DRAG = range(5)
_READ = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
REACH = 150  # steps of a slider to either side
DECADE = 100  # steps
EXPONENTS = (0.3, 1.0)


class Drag(ValueSlider):
    """A slider that multiplies a value, up to thirtyfold either way; let go of, it counts from there.

    Of an exponent it is the value itself.
    """

    def __init__(self, name: str, exponent: bool, moved: Callable[[float], None]) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(-REACH, REACH)
        self.setMinimumWidth(90)
        self.setAccessibleName(tr("Drag {name}", name=name))
        self.setToolTip(tr("Drag to change the value; the dashed curve follows"))
        self._exponent, self._moved, self._middle = exponent, moved, 1.0
        self.valueChanged.connect(lambda step: self._moved(self._value(step)))
        self.sliderReleased.connect(lambda: self.count_from(self._value(self.value())))

    def count_from(self, value: float) -> None:
        """Let the present place of the slider be a value."""
        with QSignalBlocker(self):
            if self._exponent:
                low, high = EXPONENTS
                self.setValue(round(REACH * (2.0 * (value - low) / (high - low) - 1.0)))
            else:
                self._middle = value
                self.setValue(0)

    def _value(self, step: int) -> float:
        low, high = EXPONENTS
        if self._exponent:
            return low + (high - low) * (step + REACH) / (2 * REACH)
        return float(self._middle * 10.0 ** (step / DECADE))


class Typing(QStyledItemDelegate):
    """Tells when something is typed into a cell."""

    typed = Signal()

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        """Return the field in which a value is typed."""
        editor = super().createEditor(parent, option, index)
        if isinstance(editor, QLineEdit):
            editor.textEdited.connect(lambda _text: self.typed.emit())
        return editor


class FitValues(QWidget):
    """One line per parameter: its value, empty if the search finds its own start, and whether it is fixed."""

    def __init__(self, model: Fitting, spectrum: Callable[[], Spectrum | None], numbers: Numbers) -> None:
        super().__init__()
        self.model, self._numbers, self._spectrum = model, numbers, spectrum
        self.table = QTableWidget(0, len(HEADERS))
        self.note = Note()
        self.typing = Typing(self.table)
        self.table.setItemDelegate(self.typing)
        self.propose = button(
            tr("Propose"),
            lambda: self.model.propose(self._spectrum()),
            tr("Give a start value to each parameter that has none; then the curve can be dragged"),
        )
        self.take_over = button(
            tr("Take over the fit"),
            lambda: self.model.take_over(self._spectrum()),
            tr("Take circuit and values of the chosen spectrum's fit as start values"),
        )
        self.clear = button(
            tr("Clear"), model.clear_values, tr("Clear all values and release all parameters")
        )
        self.sliders: dict[str, Drag] = {}
        self._filling = False
        self._build()
        model.dragged.subscribe(self._show_values)

    @property
    def is_typed(self) -> bool:
        """Get whether a value is being typed."""
        editor = self._editor()
        return editor is not None and editor.isModified()

    def take_typed(self) -> None:
        """Take the value that is being typed."""
        editor = self._editor()
        if editor is not None:
            self.table.commitData(editor)

    def _editor(self) -> QLineEdit | None:
        editor = self.table.indexWidget(self.table.currentIndex())
        return editor if isinstance(editor, QLineEdit) else None

    def show_rows(self) -> None:
        """Show the choices."""
        rows = self.model.choice.rows
        self._filling = True
        self.table.setRowCount(len(rows))
        for place, (name, unit, text, held) in enumerate(rows):
            self._put(place, _NAME, shown_name(name), _READ).setData(Qt.ItemDataRole.UserRole, name)
            self._put(place, _VALUE, self._numbers.shown(text), _READ | Qt.ItemFlag.ItemIsEditable)
            self._put(place, _UNIT, unit, _READ)
            item = self._put(place, _HELD, "", _READ | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if held else Qt.CheckState.Unchecked)
        self._show_sliders()
        self._filling = False
        self.table.setVisible(bool(rows))
        self.clear.setEnabled(any(text or held for _, _, text, held in rows))
        self.propose.setEnabled(bool(rows) and self._spectrum() is not None)
        self.note.say(
            tr("Empty: the search chooses the start value. Values in SI, or with their unit, such as 10 µF.")
            if rows
            else tr(
                "Choose a circuit to give start values, or to hold parameters; or take over those of a fit."
            )
        )

    def _show_sliders(self) -> None:
        """Give each parameter that has a value a slider at it; one that is being dragged stays."""
        circuit, values = self.model.choice.parsed, self.model.choice.values
        names = [] if circuit is None else circuit.names
        if list(self.sliders) != list(names):
            self.sliders = {}
            for place, name in enumerate(names):
                exponent = circuit is not None and circuit.parameters[place].kind == "exponent"
                slider = Drag(shown_name(name), exponent, partial(self._drag, name))
                slider.sliderReleased.connect(self.model.changed)
                self.sliders[name] = slider
                self.table.setCellWidget(place, _DRAG, slider)
        for name, slider in self.sliders.items():
            slider.setEnabled(name in values)
            if name in values and not slider.isSliderDown() and not slider.hasFocus():
                slider.count_from(values[name])

    def _drag(self, name: str, value: float) -> None:
        self.model.drag(name, value)
        if not self.sliders[name].isSliderDown():  # a key, or a click beside the handle
            self.model.changed()

    def _show_values(self) -> None:
        self._filling = True
        for place, (_, _, text, _) in enumerate(self.model.choice.rows):
            item = self.table.item(place, _VALUE)
            if item is not None:
                item.setText(self._numbers.shown(text))
        self._filling = False

    def _put(self, place: int, column: int, text: str, flags: Qt.ItemFlag) -> QTableWidgetItem:
        item = self.table.item(place, column)
        if item is None:
            item = QTableWidgetItem()
            item.setFlags(flags)  # once: each change would take back what is being typed
            if column == _VALUE:
                item.setToolTip(
                    tr("Above zero, in SI or with its unit; empty: the search chooses the start value")
                )
            elif column == _HELD:
                item.setToolTip(tr("Hold the parameter at its value"))
            self.table.setItem(place, column, item)
        if item.text() != text:
            item.setText(text)
        return item

    def _edited(self, item: QTableWidgetItem) -> None:
        name = self.table.item(item.row(), _NAME)
        if self._filling or name is None:
            return
        if item.column() == _VALUE:
            self.model.set_value(name.data(Qt.ItemDataRole.UserRole), self._numbers.to_file(item.text()))
        elif item.column() == _HELD:
            self.model.hold(name.data(Qt.ItemDataRole.UserRole), item.checkState() is Qt.CheckState.Checked)

    def _build(self) -> None:
        self.table.setHorizontalHeaderLabels(list(HEADERS))
        self.table.setAccessibleName(tr("Start values"))
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QTableWidget.EditTrigger.AllEditTriggers)
        self.table.setTabKeyNavigation(False)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column in range(len(HEADERS)):
            wide = column in (_VALUE, _DRAG)
            header.setSectionResizeMode(
                column, QHeaderView.ResizeMode.Stretch if wide else QHeaderView.ResizeMode.ResizeToContents
            )
        self.table.itemChanged.connect(self._edited)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addWidget(self.note)
        layout.addWidget(self.table, 1)
        layout.addLayout(row(self.propose, self.take_over, self.clear, None))
