"""The dialog that corrects what was typed about the cell of a run."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QDialog, QFormLayout, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from solbench.gui.models.common.words import term, tr
from solbench.gui.models.protocol.form import LABELS
from solbench.gui.models.runs.correcting import Correcting
from solbench.gui.screens.parts import CommandLine, Note, button, row

FIRST = (
    "tin_mass",
    "cathode_mass",
    "thickness",
    "thickness_uncertainty",
    "area",
    "diameter",
    "diameter_uncertainty",
    "temperature",
    "stack_pressure",
    "cell_id",
    "name",
    "build",
    "cell_state",
    "operator",
    "notes",
    "left_out",
)
"""Shown first, in this order: what is typed wrongly most often."""


class CorrectDialog(QDialog):
    """Fields with what holds now; what is edited here becomes a correction with a name and a reason.

    `preset`: fields that are edited already.
    """

    def __init__(self, parent: QWidget, model: Correcting, preset: Mapping[str, str] | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self._preset = dict(preset or {})
        self.setWindowTitle(tr("Correct {run}", run=model.run.stem))
        self.resize(620, 640)
        self.edits: dict[str, QLineEdit] = {}
        self.who, self.why = QLineEdit(), QLineEdit()
        self.note, self.earlier = Note(), Note()
        self.twin = CommandLine()
        self.correct = button(
            tr("Correct"), self._make, tr("Append the correction; what was recorded stays as it is")
        )
        self.correct.setObjectName("primary")
        self.close_button = button(tr("Close"), self.reject, tr("Close without a correction"))
        self._form = QFormLayout()
        self._build()
        model.changed.subscribe(self._changed)
        self._changed()

    def _build(self) -> None:
        holder = QWidget()
        holder.setLayout(self._form)
        scrolled = QScrollArea()
        scrolled.setWidgetResizable(True)
        scrolled.setWidget(holder)
        self.who.setAccessibleName(tr("Who corrects"))
        self.why.setAccessibleName(tr("Why, for those who read the run"))
        for edit in (self.who, self.why):
            edit.textChanged.connect(lambda _text: self._look())
        signed = QFormLayout()
        signed.addRow(tr("Who"), self.who)
        signed.addRow(tr("Why"), self.why)
        layout = QVBoxLayout(self)
        layout.addWidget(
            Note(
                tr("What was measured and recorded stays as it is; every conclusion follows the correction."),
                "plain",
            )
        )
        layout.addWidget(self.earlier)
        layout.addWidget(scrolled, 1)
        layout.addLayout(signed)
        layout.addWidget(self.note)
        layout.addWidget(self.twin.line())
        layout.addLayout(row(None, self.close_button, self.correct))

    def _changed(self) -> None:
        """Show the fields as they are now; texts that are being edited stay."""
        order = {name: place for place, name in reversed(list(enumerate((*self._preset, *FIRST))))}
        fields = sorted(self.model.fields, key=lambda field: order.get(field.field, len(FIRST)))
        if not self.edits:
            for field in fields:
                self._add(field.field)
        for name in self._preset.keys() & self.edits.keys():
            self.edits[name].setText(self._preset.pop(name))
            self.edits[name].setModified(True)
        for field in fields:
            edit = self.edits[field.field]
            if not edit.isModified() or self.model.done:
                edit.setText(field.text)
                edit.setModified(False)
            was = tr("recorded: {value}", value=field.recorded_text or tr("nothing"))
            edit.setPlaceholderText(was if field.recorded != field.present else "")
            edit.setToolTip(was)
        self.earlier.say("\n".join(self.model.earlier), "note")
        self.note.say(self.model.said, "bad" if self.model.failed else "quiet")
        self._look()
        if self.model.done:
            self.accept()

    def _add(self, name: str) -> None:
        edit = QLineEdit()
        label = LABELS.get(name) or term(name.replace("_", " ").capitalize())
        edit.setAccessibleName(label)
        edit.textEdited.connect(lambda _text: self._look())
        self.edits[name] = edit
        self._form.addRow(QLabel(label), edit)

    def _edited(self) -> dict[str, str]:
        return {name: edit.text() for name, edit in self.edits.items()}

    def _look(self) -> None:
        """Show the command, and whether it can be carried out."""
        given = self._edited(), self.who.text(), self.why.text()
        self.twin.show_command(self.model.twin(*given))
        self.correct.setEnabled(self.model.can_make(*given))

    def _make(self) -> None:
        self.model.make(self._edited(), self.who.text(), self.why.text())
