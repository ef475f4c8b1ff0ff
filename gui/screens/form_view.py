"""A form made from a model's fields: texts as typed, optional groups, a message for each field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from solbench.gui.models.common.numbers import Numbers, typeset
from solbench.gui.models.common.words import term, tr
from solbench.gui.models.protocol.form import (
    Field,
    bands_of,
    bands_text,
    label_of,
    names_of,
    problem,
    series_of,
    series_text,
)
from solbench.gui.models.protocol.units import joined, split, units_of
from solbench.gui.screens.parts import Remark, Tone, put_in_place
from solbench.gui.values import ChoiceBox

Names = tuple[str, ...]
NARROWEST, UNIT_WIDTH = 70, 96  # pixels of a line, of the list of units
AROUND = (9, 9, 9, 9)  # pixels around the fields of a group


class FormView(QWidget):
    """Shows fields and passes the input on unchanged.

    `get(*names)` returns a field's value, `put(value, *names)` takes the input, `explain(field, text)` gives the
    meaning of a valid text, `fill(*names)` what a group holds when it is taken in. Fields of a group that is left out
    are made when it is taken in; with `later`, all of them at the first `refresh`.
    """

    def __init__(
        self,
        fields: Sequence[Field],
        get: Callable[..., object],
        put: Callable[..., None],
        explain: Callable[[Field, str], str] = lambda field, text: "",
        label: Callable[[Field], str] = label_of,
        numbers: Numbers | None = None,
        fill: Callable[..., object] = lambda *names: {},
        later: bool = False,
    ) -> None:
        super().__init__()
        self._numbers, self._fill = numbers or Numbers(), fill
        self._get, self._put, self._explain, self._label = get, put, explain, label
        self.entries: dict[Names, Entry] = {}
        self._fields = fields
        if not later:
            self.refresh()

    def refresh(self) -> None:
        """Show the fields' present values; the text under the cursor stays as typed."""
        if self.layout() is None:
            layout = QVBoxLayout(self)
            layout.setContentsMargins(0, 0, 0, 0)
            layout.addLayout(self._rows(self._fields, ()))
            layout.addStretch(1)
            self._show_values(self.entries)  # which makes its groups, before it is put in place as a whole
            put_in_place(self)
        else:
            self._show_values(self.entries)

    def _show_values(self, which: Iterable[Names]) -> None:
        for names in tuple(which):
            self.entries[names].show_value(self._get(*names))

    def show_habit(self) -> None:
        """Show all numbers with the decimal sign chosen by the user."""
        for entry in self.entries.values():
            if isinstance(entry, TextEntry):
                entry.show_habit()

    def focus_on(self, path: str) -> bool:
        """Put the cursor into the field of a dotted path, or of the part of it that exists."""
        entry = self._at(path)
        if entry is None:
            return False
        entry.take_focus()
        QTimer.singleShot(0, entry.widget, partial(_bring_into_view, entry.widget))  # once it is laid out
        return True

    def tell(self, findings: Sequence[tuple[str, str]]) -> None:
        """Say beside their fields what was found with the whole; each a dotted path, and words with their mark."""
        told: dict[Entry, list[str]] = {}
        for path, words in findings:  # the worst first
            if (entry := self._at(path)) is not None:
                told.setdefault(entry, []).append(words)
        for entry in self.entries.values():
            entry.tell("  ".join(told.get(entry, ())))

    def _at(self, path: str) -> Entry | None:
        names = tuple(part for part in path.replace("[", ".").split(".") if part)
        lengths = range(len(names), 0, -1)
        return next((self.entries[names[:n]] for n in lengths if names[:n] in self.entries), None)

    def _rows(self, fields: Sequence[Field], parents: Names) -> QFormLayout:
        layout = QFormLayout()
        layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        layout.setVerticalSpacing(4)
        for field in fields:
            names = (*parents, field.name)
            if field.kind == "group":
                layout.addRow(self._group(field, names))
            else:
                entry = self._entry(field, names)
                layout.addRow(self._label(field), entry.widget)
        return layout

    def _group(self, field: Field, names: Names) -> QGroupBox:
        box = QGroupBox(self._label(field))
        box.setAccessibleName(self._label(field))
        inner = QVBoxLayout(box)
        holder = QWidget()
        inner.addWidget(holder)

        def make() -> None:
            before = set(self.entries)
            rows = self._rows(field.fields, names)
            rows.setContentsMargins(0, 0, 0, 0)
            holder.setLayout(rows)
            self._show_values([inside for inside in self.entries if inside not in before])
            put_in_place(holder)

        self.entries[names] = GroupEntry(
            box, holder, field, make, lambda there: self._put(self._fill(*names) if there else None, *names)
        )
        return box

    def _entry(self, field: Field, names: Names) -> Entry:
        def put(value: object) -> None:
            self._put(value, *names)

        self.entries[names] = entry = self._made(
            field, put, " ".join(term(name.replace("_", " ")) for name in names)
        )
        return entry

    def _made(self, field: Field, put: Callable[[object], None], name: str) -> Entry:
        if field.kind == "choice":
            return ChoiceEntry(field, put, name)
        if field.kind == "flag":
            return FlagEntry(field, put, name)
        return TextEntry(field, put, self._explain, self._numbers, name)


class Entry:
    """One field on the screen; `widget` is what the form's row holds."""

    widget: QWidget

    def show_value(self, value: object) -> None:
        """Show the field's value."""
        raise NotImplementedError

    def take_focus(self) -> None:
        """Put the cursor here."""
        self.widget.setFocus()

    def tell(self, words: str) -> None:
        """Say what was found here, "" if nothing was."""
        self.widget.setStatusTip(words)


class TextEntry(Entry):
    """A line of text, the unit of its number, and a remark beside it: an error, or what the text comes to.

    A remark below would move the fields under the hand of whoever types.
    """

    def __init__(
        self,
        field: Field,
        put: Callable[[object], None],
        explain: Callable[[Field, str], str],
        numbers: Numbers,
        name: str = "",
    ) -> None:
        self._field, self._put, self._explain, self._numbers = field, put, explain, numbers
        self.edit = QLineEdit()
        self.edit.setMinimumWidth(NARROWEST)
        self.edit.setAccessibleName(name or term(field.label))
        self._told = ""
        self._offered = units_of(field.accepts) if field.accepts is not None else ()
        self.note = Remark()
        self.widget = QWidget()
        layout = QHBoxLayout(self.widget)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.edit, 5)
        if self._offered:
            self.unit = ChoiceBox()
            self.unit.setAccessibleName(tr("unit of {field}", field=name or term(field.label)))
            self.unit.setFixedWidth(UNIT_WIDTH)
            for unit in self._offered:
                self._offer(unit)
            self.unit.activated.connect(self._unit_chosen)
            layout.addWidget(self.unit)
        layout.addWidget(self.note, 4)
        self._hint()
        self._suggest_unit()
        self.edit.textEdited.connect(self._typed)
        self.edit.editingFinished.connect(self._tidy)
        if not self._offered:
            self.note.hide()

    @property
    def text(self) -> str:
        """Get what is typed, with its unit, as a file has it."""
        return (
            joined(self._numbers.to_file(self.edit.text()), self._present_unit)
            if self._offered
            else self.edit.text()
        )

    def _offer(self, unit: str) -> None:
        """List a unit as it is printed; a file has it in plain letters."""
        self.unit.addItem(typeset(f"1 {unit}")[2:], unit)

    @property
    def _present_unit(self) -> str:
        return str(self.unit.currentData() or "") if self._offered else ""

    def take_focus(self) -> None:
        """Put the cursor into the line and select its text."""
        self.edit.setFocus()
        self.edit.selectAll()

    def _remark(self, text: str, tone: Tone) -> None:
        self.note.say(text, tone)
        self.note.setVisible(bool(self._offered or text))  # a text without a unit has all the room

    def _say_told(self) -> None:
        self._remark(self._told, "bad" if self._told.startswith("\u2717") else "note")

    def tell(self, words: str) -> None:
        """Say what was found here, unless the line itself is wrong."""
        if words != self._told:
            self._told = words
            self._judge()

    def show_value(self, value: object) -> None:
        """Show a value as text; an equivalent text is not changed while the user types."""
        if self._value_of(self.edit.text()) != self._value_of(_text_of(value)):
            self._show(_text_of(value))
        self._judge()

    def show_habit(self) -> None:
        """Show the value with the decimal sign chosen by the user."""
        if not self.edit.hasFocus():
            self._show(self.text)
        self._hint()
        self._judge()

    def _hint(self) -> None:
        number, unit = split(self._field.example)
        example = number if unit in self._offered else self._field.example
        self.edit.setPlaceholderText(tr("e.g. {example}", example=self._shown(example)) if example else "")
        self.edit.setToolTip(self._numbers.localized(self._field.hint))
        self.edit.setAccessibleDescription(self.edit.toolTip())

    def _shown(self, text: str) -> str:
        return self._numbers.shown(text) if self._field.accepts is not None else text

    def _show(self, text: str) -> None:
        """Show a text of the file: its number in the line and its unit in the list, where it has one."""
        number, unit = split(text) if self._offered else ("", "")
        if number:
            if self.unit.findData(unit) < 0:
                self._offer(unit)
            self.unit.setCurrentIndex(self.unit.findData(unit))
        elif not text:
            self._suggest_unit()
        self.edit.setText(self._shown(number or text))
        self.edit.setCursorPosition(0)

    def _suggest_unit(self) -> None:
        unit = split(self._field.example)[1]
        if self._offered:
            self.unit.setCurrentIndex(max(self.unit.findData(unit), 0))

    def _typed(self, text: str) -> None:
        unit = split(self._numbers.to_file(text))[1]
        if self._offered and (place := self.unit.findData(unit)) >= 0:
            self.unit.setCurrentIndex(place)
        self._put(self._value_of(text))
        self._judge()

    def _tidy(self) -> None:
        """Move a unit that was typed into the list, once the line is left."""
        if self._offered and problem(self._field, self.text) == "":
            self._show(self.text)
            self._judge()

    def _unit_chosen(self) -> None:
        """Give the number another unit; the number stays, as on a front panel."""
        number = split(self._numbers.to_file(self.edit.text()))[0]
        if number:
            self.edit.setText(self._shown(number))
        if self.edit.text().strip():
            self._typed(self.edit.text())

    def _value_of(self, text: str) -> object:
        if not text.strip():
            return None
        if self._offered:
            text = joined(self._numbers.to_file(text), self._present_unit)
        if self._field.kind == "quantities":
            return [part.strip() for part in self._numbers.to_file(text).split(";")]
        if self._field.kind == "names":
            return names_of(text)
        if self._field.kind == "series":
            return series_of(text)
        if self._field.kind == "bands":
            return bands_of(text)
        if self._field.kind == "count" and text.strip().isascii() and text.strip().isdigit():
            return int(text)
        return self._numbers.to_file(text.strip()) if self._field.accepts is not None else text

    def _judge(self) -> None:
        typed = self.edit.text()
        if self._field.accepts is None:
            wrong = problem(self._field, typed) if self._field.kind in ("names", "series", "bands") else ""
            if not wrong and self._told:
                self._say_told()
                return
            self._remark(
                f"\u2717 {wrong}" if wrong else self._explain(self._field, typed), "bad" if wrong else "quiet"
            )
            return
        text = self.text
        wrong = problem(self._field, text)
        if not wrong and self._told:
            self._say_told()
        elif wrong:
            self._remark(f"\u2717 {wrong}", "bad")
        else:
            words = (
                self._numbers.understood(typed),
                self._numbers.localized(self._explain(self._field, text)),
            )
            self._remark(", ".join(part for part in words if part), "quiet")


def _bring_into_view(widget: QWidget) -> None:
    """Scroll all that is around a widget, so that it is seen."""
    around = widget.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(widget)
        around = around.parentWidget()


def _text_of(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return series_text(value)
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], dict):
        return bands_text(value)
    return "; ".join(str(item) for item in value) if isinstance(value, (list, tuple)) else str(value)


class ChoiceEntry(Entry):
    """One of a few options."""

    def __init__(self, field: Field, put: Callable[[object], None], name: str) -> None:
        self._field = field
        self.widget = self.box = ChoiceBox()
        self.box.addItems(field.choices)
        self.box.setToolTip(field.hint)
        self.box.setAccessibleName(name)
        self.box.textActivated.connect(put)

    def show_value(self, value: object) -> None:
        """Show a value; one that is not in the list is shown too, since a file may contain it."""
        shown = self._field.default if value is None else value
        text = "" if shown is None else str(shown)
        if self.box.findText(text) < 0:
            self.box.addItem(text)
        self.box.setCurrentText(text)


class FlagEntry(Entry):
    """Yes or no."""

    def __init__(self, field: Field, put: Callable[[object], None], name: str) -> None:
        self.widget = self.check = QCheckBox()
        self.check.setToolTip(field.hint)
        self.check.setAccessibleName(name)
        self.check.clicked.connect(put)

    def show_value(self, value: object) -> None:
        """Show a value."""
        self.check.setChecked(value is True)


class GroupEntry(Entry):
    """An optional group; its fields are shown while it is present, and made by `make` when it is for the first time."""

    def __init__(
        self,
        box: QGroupBox,
        inside: QWidget,
        field: Field,
        make: Callable[[], None],
        put: Callable[[bool], None],
    ) -> None:
        self.widget = self._box = box
        self._inside, self._field, self._make, self._put = inside, field, make, put
        if not field.required:
            box.setCheckable(True)
            box.clicked.connect(self._put)
            box.setToolTip(tr("Clear the check box to leave this out."))

    def show_value(self, value: object) -> None:
        """Show whether the group is present."""
        there = self._field.required or isinstance(value, dict)
        if self._box.isCheckable():
            self._box.setChecked(there)
        if there and self._inside.layout() is None:
            self._make()
        self._inside.setVisible(there)
        if self._box.property("absent") is not (not there):  # to polish anything costs time
            if (layout := self._box.layout()) is not None:
                layout.setContentsMargins(*(AROUND if there else (0, 0, 0, 0)))
            self._box.setProperty("absent", not there)
            self._box.style().polish(self._box)
