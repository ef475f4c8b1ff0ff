"""Cell: the mounted cell, its properties, and the conditions to be stored with the run."""

import re
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from solbench.gui.models.common.words import tr
from solbench.gui.models.context import Context, note_unsaved
from solbench.gui.models.protocol.comments import saved_words
from solbench.gui.models.protocol.drafts import draft_path
from solbench.gui.models.protocol.telling import told_of
from solbench.gui.models.setup.cell_editor import BUILD_FIELDS, CONDITION_FIELDS, RECORD_FIELDS, CellEditor
from solbench.gui.screens.form_view import FormView, TextEntry
from solbench.gui.screens.parts import Facts, Note, button, fill_choices, heading, row
from solbench.gui.screens.screen import SetupScreen
from solbench.gui.values import ChoiceBox
from solbench.protocols import shipped_cells
from solbench.protocols.errors import BadInput

REMEMBERED = "cells"
KEPT = ("operator", "temperature", "stack_pressure")


class CellScreen(SetupScreen):
    """For choosing the cell record and entering the cell's id and the conditions of the run."""

    key = "cell"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.model = CellEditor(context.settings.texts(REMEMBERED))
        for name in KEPT:
            self.model.set_condition(name, context.settings.get(f"cell.{name}", ""))
        self.tour_part = self.record = ChoiceBox()
        self.record.setAccessibleName(tr("Cell record"))
        self.record.setMinimumWidth(260)
        self.record.setPlaceholderText(tr("choose a cell record"))
        self.record.activated.connect(lambda index: self._open_instead(self.record.itemData(index)))
        self.builds = ChoiceBox()
        self.builds.setAccessibleName(tr("Build"))
        self.builds.setMinimumWidth(140)
        self.builds.textActivated.connect(self.model.choose_build)
        self.save = button(
            tr("Save"),
            self._save,
            tr("Write the changed record to its file, or to one of your own"),
            "Ctrl+S",
        )
        self.save.setObjectName("primary")
        self.copy = button(
            tr("Copy as…"), self._save_as, tr("Write the record to another file, under a name of its own")
        )
        self.note = Note(keep=True)
        self.conditions = FormView(
            CONDITION_FIELDS,
            lambda name: self.model.conditions.get(name) or None,
            lambda value, name: self.model.set_condition(name, _as_text(value)),
            numbers=context.numbers,
        )
        self.geometry_form = FormView(
            BUILD_FIELDS,
            self.model.value,
            self.model.set,
            numbers=context.numbers,
            later=True,  # there is nothing to be shown before a record is chosen
        )
        self.electrolyte_form = FormView(
            RECORD_FIELDS, self.model.of_record, self.model.set_of_record, numbers=context.numbers, later=True
        )
        self.facts = Facts(context.numbers)
        self._build()
        context.cell.subscribe(self._from_outside)
        self.model.changed.subscribe(self._changed)
        self._from_outside(context.cell.value)
        self._changed()

    def enter(self) -> None:
        """Put the cursor where a barcode reader types."""
        self.conditions.focus_on("cell_id")

    def leave(self) -> None:
        """Pass the input to the other screens."""
        self._hand_over()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        open_file = button(tr("Open record…"), self._open, tr("Choose a cell record file"))
        parts = (
            QLabel(tr("Cell record")),
            self.record,
            open_file,
            self.copy,
            QLabel(tr("Build")),
            self.builds,
            None,
            self.save,
        )
        layout.addLayout(row(*parts))
        layout.addWidget(self.note)
        self._entry("cell_id").edit.returnPressed.connect(self._id_scanned)
        for name in ("temperature", "stack_pressure"):
            self._entry(name).edit.setPlaceholderText(tr("as in the protocol"))
        columns = QHBoxLayout()
        left = QWidget()
        left.setLayout(
            _column(
                tr("This run"),
                self.conditions,
                heading(tr("Electrolyte")),
                self.electrolyte_form,
                self._facts_box(),
            )
        )
        right = QWidget()
        right.setLayout(_column(tr("The build, as its record says"), self.geometry_form))
        columns.addWidget(_scrolled(left), 5)
        columns.addWidget(_scrolled(right), 5)
        layout.addLayout(columns, 1)

    def _facts_box(self) -> QWidget:
        box = QWidget()
        inside = QVBoxLayout(box)
        inside.setContentsMargins(0, 8, 0, 0)
        inside.addWidget(heading(tr("Derived values")))
        inside.addLayout(self.facts)
        inside.addStretch(1)
        return box

    def _entry(self, name: str) -> TextEntry:
        entry = self.conditions.entries[(name,)]
        assert isinstance(entry, TextEntry)
        return entry

    def _id_scanned(self) -> None:
        """A barcode reader ends with Enter: take the id and move to the next field."""
        self._hand_over()
        self._entry("operator").take_focus()

    def _open(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, tr("Cell record"), "", tr("Cell records (*.yaml *.json)"))
        if name:
            self._open_instead(name)

    def _save(self) -> None:
        if self.model.ships or self.model.reference is None:
            self._save_as()
        else:
            self.save_to(Path(self.model.reference))

    def _save_as(self) -> None:
        stem = re.sub(r"[^A-Za-z0-9-]+", "-", str(self.model.of_record("name") or "cell")).strip("-")
        suggested = f"{stem}-2.yaml" if stem in shipped_cells() else f"{stem}.yaml"
        folder = (
            Path(self.model.reference).parent if self.model.reference and not self.model.ships else Path()
        )
        name, _ = QFileDialog.getSaveFileName(
            self, tr("Cell record"), str(folder / suggested), tr("Cell records (*.yaml *.json)")
        )
        if name:
            self.save_to(Path(name))

    def save_to(self, path: Path) -> None:
        """Write the record to a file; problems are shown on the screen."""
        try:
            self.model.save(path)
        except BadInput as error:
            self.note.say(f"\u2717 {error}", "bad")
        else:
            self.note.say(saved_words(path, self.model.kept), "good")

    def _from_outside(self, reference: str | None) -> None:
        if reference is not None and reference not in (self.model.reference, str(draft_path("cell"))):
            self._open_record(reference)

    def _open_instead(self, reference: str) -> None:
        """Open another record; ask first where that would lose changes."""
        if not self.model.modified:
            self._open_record(reference)
            return
        name = Path(self.model.reference or "").stem
        self.context.ask(
            tr(
                "The changes of the cell record {name} are not saved: opening {reference} loses them.",
                name=name,
                reference=Path(reference).stem,
            ),
            [
                (tr("Keep the changes"), self._show_choices),
                (tr("Open without saving"), lambda: self._open_record(reference)),
            ],
        )

    def _open_record(self, reference: str) -> None:
        try:
            self.model.open(reference)
        except BadInput as error:
            self.note.say(str(error), "bad")

    def _changed(self) -> None:
        self.context.settings.set_texts(REMEMBERED, self.model.recent)
        for name in KEPT:
            self.context.settings.set(f"cell.{name}", self.model.conditions.get(name, ""))
        self._show_choices()
        self.conditions.refresh()
        for form in (self.geometry_form, self.electrolyte_form):
            form.setVisible(self.model.reference is not None)
            if self.model.reference is not None:
                form.refresh()
        for each in (self.save, self.copy):
            each.setEnabled(self.model.reference is not None)
        note_unsaved(self.context, tr("the cell record"), self.model.modified)
        self.facts.show_facts(self.model.facts)
        self._say()
        self._hand_over()

    def _hand_over(self) -> None:
        """Pass on the record and settings for `solbench run`; a changed record is a draft."""
        self.context.changes.set(self.model.settings)
        if self.model.record is None:
            self.context.cell.set(None)  # a run must not use the record as it was before the mistake
        elif self.model.modified:
            draft = draft_path("cell")
            self.model.write(draft)
            self.context.cell.set(str(draft))
        else:
            self.context.cell.set(self.model.reference)

    def _say(self) -> None:
        findings = self.model.findings
        for form, start in (
            (self.conditions, "conditions."),
            (self.geometry_form, f"builds.{self.model.build_name}."),
            (self.electrolyte_form, "electrolyte."),
        ):
            form.tell(
                [
                    (f.field.removeprefix(start), f"\u2717 {told_of(f)[0]}")
                    for f in findings
                    if f.field.startswith(start)
                ]
            )
        if findings:
            message, cure = told_of(findings[0])
            self.note.say(f"\u2717 {findings[0].field}: {message}. {cure}.", "bad")
        elif self.model.reference is None:
            self.note.say(tr("Choose the record of the cell that is mounted."), "note")
        elif self.model.modified:
            self.note.say(
                tr("The record is changed; runs take it as it is here. Save it to keep it."), "note"
            )
        else:
            self.note.say("")

    def _show_choices(self) -> None:
        choices = ((Path(reference).stem, reference) for reference in self.model.choices)
        fill_choices(self.record, choices, self.model.reference)
        self.builds.clear()
        self.builds.addItems(self.model.builds)
        self.builds.setCurrentText(self.model.build_name)

    def show_habit(self) -> None:
        """Write numbers with the decimal sign chosen by the user."""
        super().show_habit()
        self.facts.show_facts(self.model.facts)


def _scrolled(inside: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its fields scroll into view by themselves
    area.setWidget(inside)
    return area


def _as_text(value: object) -> str:
    """Return what was typed as one text: several values with semicolons between them."""
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _column(title: str, *parts: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setContentsMargins(0, 0, 8, 0)
    column.addWidget(heading(title))
    for part in parts:
        column.addWidget(part)
    column.addStretch(1)
    return column
