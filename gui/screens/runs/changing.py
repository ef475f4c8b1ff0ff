"""The dialog that changes a step of the run on show, while it is under way."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QLabel, QScrollArea, QVBoxLayout, QWidget

from solbench.gui.models.common.numbers import Numbers
from solbench.gui.models.common.words import tr
from solbench.gui.models.protocol.form import Field, meaning
from solbench.gui.models.runs.changing import Changing
from solbench.gui.screens.form_view import FormView
from solbench.gui.screens.parts import CommandLine, Note, button, row
from solbench.gui.values import ChoiceBox

QUIET = tr("Type another value; what would happen is shown here before anything is changed.")


class ChangeDialog(QDialog):
    """The fields of one step, what would happen, and the button that makes the change."""

    def __init__(self, parent: QWidget, model: Changing, numbers: Numbers) -> None:
        super().__init__(parent)
        self.model, self._numbers = model, numbers
        self.setWindowTitle(tr("Change {plan}", plan=model.plan.title))
        self.resize(640, 560)
        self.step = ChoiceBox()
        self.step.setAccessibleName(tr("Step"))
        for path, words in model.steps:
            self.step.addItem(words, path)
        self.step.setCurrentIndex(self.step.findData(model.path))
        self.step.activated.connect(lambda *_: self._choose())
        self._scrolled = QScrollArea()
        self._scrolled.setWidgetResizable(True)
        self.note = Note("", "quiet", keep=True)
        self.note.setMinimumHeight(64)
        self.twin = CommandLine()
        self.change = button(tr("Change"), model.make, tr("Change the step, from the next reading on"))
        self.change.setObjectName("primary")
        self.close_it = button(tr("Close"), self.reject, tr("Close without a change"))
        layout = QVBoxLayout(self)
        layout.addLayout(row(QLabel(tr("Step")), self.step, None))
        layout.addWidget(self._scrolled, 1)
        layout.addWidget(self.note)
        layout.addWidget(self.twin.line())
        layout.addLayout(row(None, self.close_it, self.change))
        self._show_form()
        model.changed.subscribe(self._changed)
        self._changed()

    def _choose(self) -> None:
        self.model.choose(str(self.step.currentData()))
        self._show_form()

    def _show_form(self) -> None:
        model = self.model
        self.form = FormView(model.fields, model.get, model.put, self._explain, numbers=self._numbers)
        self.form.setContentsMargins(8, 8, 8, 8)
        self._scrolled.setWidget(self.form)

    def _explain(self, field: Field, text: str) -> str:
        return meaning(field, text, self.model.plan.build)

    def _changed(self) -> None:
        model, found = self.model, self.model.foreseen
        self.form.tell(found.findings)
        self.change.setEnabled(found.possible)
        words = self._numbers.localized(found.words)
        if model.failed or (found.words and not found.possible):
            self.note.say(f"\u2717 {words}", "bad")
        else:
            self.note.say(words or QUIET, "plain" if words else "quiet")
        self.twin.show_command(model.twin)
        if model.done:
            self.accept()
