"""A form made from a model's fields: texts as typed, optional groups, a message for each field."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QGroupBox,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from solbench.gui.models.common.numbers import Numbers
from solbench.gui.models.protocol.form import Field, names_of, problem, series_of, series_text
from solbench.gui.screens.parts import Note
from solbench.gui.values import ChoiceBox

Names = tuple[str, ...]


class FormView(QWidget):
    """Shows fields and passes the input on unchanged.

    `get(*names)` returns a field's value, `put(value, *names)` takes the input, `explain(field, text)` gives the
    meaning of a valid text.
    """

    def __init__(
        self,
        fields: Sequence[Field],
        get: Callable[..., object],
        put: Callable[..., None],
        explain: Callable[[Field, str], str] = lambda field, text: "",
        label: Callable[[Field], str] = lambda field: field.label.capitalize(),
        numbers: Numbers | None = None,
    ) -> None:
        super().__init__()
        self._numbers = numbers or Numbers()
        self._get, self._put, self._explain, self._label = get, put, explain, label
        self.entries: dict[Names, Entry] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._rows(fields, ()))
        layout.addStretch(1)
        self.refresh()

    def refresh(self) -> None:
        """Show the fields' present values; the text under the cursor stays as typed."""
        for names, entry in self.entries.items():
            entry.show_value(self._get(*names))

    def show_habit(self) -> None:
        """Show all numbers with the decimal sign chosen by the user."""
        for entry in self.entries.values():
            if isinstance(entry, TextEntry):
                entry.show_habit()

    def focus_on(self, path: str) -> bool:
        """Put the cursor into the field of a dotted path, or of the part of it that exists."""
        names = tuple(part for part in path.replace("[", ".").split(".") if part)
        while names:
            if names in self.entries:
                self.entries[names].take_focus()
                return True
            names = names[:-1]
        return False

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
        rows = self._rows(field.fields, names)
        rows.setContentsMargins(0, 0, 0, 0)
        holder.setLayout(rows)
        inner.addWidget(holder)
        self.entries[names] = GroupEntry(box, holder, field, lambda value: self._put(value, *names))
        return box

    def _entry(self, field: Field, names: Names) -> Entry:
        def put(value: object) -> None:
            self._put(value, *names)

        self.entries[names] = entry = self._made(field, put)
        return entry

    def _made(self, field: Field, put: Callable[[object], None]) -> Entry:
        if field.kind == "choice":
            return ChoiceEntry(field, put)
        if field.kind == "flag":
            return FlagEntry(field, put)
        return TextEntry(field, put, self._explain, self._numbers)


class Entry:
    """One field on the screen; `widget` is what the form's row holds."""

    widget: QWidget

    def show_value(self, value: object) -> None:
        """Show the field's value."""
        raise NotImplementedError

    def take_focus(self) -> None:
        """Put the cursor here."""
        self.widget.setFocus()


class TextEntry(Entry):
    """A line of text with a message below it: an error, or the meaning of the text."""

    def __init__(
        self,
        field: Field,
        put: Callable[[object], None],
        explain: Callable[[Field, str], str],
        numbers: Numbers,
    ) -> None:
        self._field, self._put, self._explain, self._numbers = field, put, explain, numbers
        self.edit = QLineEdit()
        self.edit.setAccessibleName(field.label)
        self._hint()
        self.note = Note()
        self.edit.textEdited.connect(self._typed)
        self.widget = QWidget()
        layout = QVBoxLayout(self.widget)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(1)
        layout.addWidget(self.edit)
        layout.addWidget(self.note)

    def take_focus(self) -> None:
        """Put the cursor into the line and select its text."""
        self.edit.setFocus()
        self.edit.selectAll()

    def show_value(self, value: object) -> None:
        """Show a value as text; an equivalent text is not changed while the user types."""
        if self._value_of(self.edit.text()) != self._value_of(_text_of(value)):
            self.edit.setText(self._shown(_text_of(value)))
        self._judge()

    def show_habit(self) -> None:
        """Show the value with the decimal sign chosen by the user."""
        if not self.edit.hasFocus():
            self.edit.setText(self._shown(self._numbers.to_file(self.edit.text())))
        self._hint()
        self._judge()

    def _hint(self) -> None:
        example = self._field.example
        self.edit.setPlaceholderText(f"e.g. {self._shown(example)}" if example else "")
        self.edit.setToolTip(self._numbers.localized(self._field.hint))
        self.edit.setAccessibleDescription(self._field.hint)

    def _shown(self, text: str) -> str:
        return self._numbers.shown(text) if self._field.accepts is not None else text

    def _typed(self, text: str) -> None:
        self._put(self._value_of(text))
        self._judge()

    def _value_of(self, text: str) -> object:
        if not text.strip():
            return None
        if self._field.kind == "quantities":
            return [part.strip() for part in self._numbers.to_file(text).split(";")]
        if self._field.kind == "names":
            return names_of(text)
        if self._field.kind == "series":
            return series_of(text)
        if self._field.kind == "count" and text.strip().isascii() and text.strip().isdigit():
            return int(text)
        return self._numbers.to_file(text.strip()) if self._field.accepts is not None else text

    def _judge(self) -> None:
        typed = self.edit.text()
        if self._field.accepts is None:
            wrong = problem(self._field, typed) if self._field.kind in ("names", "series") else ""
            self.note.say(
                f"\u2717 {wrong}" if wrong else self._explain(self._field, typed), "bad" if wrong else "quiet"
            )
            return
        text = self._numbers.to_file(typed)
        wrong = problem(self._field, text)
        if wrong:
            self.note.say(f"\u2717 {wrong}", "bad")
        else:
            words = (
                self._numbers.understood(typed),
                self._numbers.localized(self._explain(self._field, text)),
            )
            self.note.say(", ".join(part for part in words if part), "quiet")


def _text_of(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return series_text(value)
    return "; ".join(str(item) for item in value) if isinstance(value, (list, tuple)) else str(value)


class ChoiceEntry(Entry):
    """One of a few options."""

    def __init__(self, field: Field, put: Callable[[object], None]) -> None:
        self._field = field
        self.widget = self.box = ChoiceBox()
        self.box.addItems(field.choices)
        self.box.setToolTip(field.hint)
        self.box.setAccessibleName(field.label)
        self.box.textActivated.connect(put)

    def show_value(self, value: object) -> None:
        """Show a value; one that is not in the list is shown too, since a file may contain it."""
        text = str(self._field.default if value is None else value)
        if self.box.findText(text) < 0:
            self.box.addItem(text)
        self.box.setCurrentText(text)


class FlagEntry(Entry):
    """Yes or no."""

    def __init__(self, field: Field, put: Callable[[object], None]) -> None:
        self.widget = self.check = QCheckBox()
        self.check.setToolTip(field.hint)
        self.check.setAccessibleName(field.label)
        self.check.clicked.connect(put)

    def show_value(self, value: object) -> None:
        """Show a value."""
        self.check.setChecked(value is True)


class GroupEntry(Entry):
    """An optional group; its fields are shown while it is present."""

    def __init__(self, box: QGroupBox, inside: QWidget, field: Field, put: Callable[[object], None]) -> None:
        self.widget = self._box = box
        self._inside, self._field, self._put = inside, field, put
        if not field.required:
            box.setCheckable(True)
            box.clicked.connect(lambda there: self._put({} if there else None))
            box.setToolTip("Clear the check box to leave this out.")

    def show_value(self, value: object) -> None:
        """Show whether the group is present."""
        there = self._field.required or isinstance(value, dict)
        if self._box.isCheckable():
            self._box.setChecked(there)
        self._inside.setVisible(there)
