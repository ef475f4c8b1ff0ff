"""The dialog that gives runs tags and takes them away."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QCompleter,
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from solbench.gui.models.common.words import ntr, tr
from solbench.gui.models.runs.tagging import Tagging
from solbench.gui.screens.parts import CommandLine, Note, button, row

_STATES = {
    True: Qt.CheckState.Checked,
    False: Qt.CheckState.Unchecked,
    None: Qt.CheckState.PartiallyChecked,
}


class TagsDialog(QDialog):
    """The tags in use, ticked where all of the runs have them, half where some have; new ones are typed."""

    def __init__(self, parent: QWidget, model: Tagging) -> None:
        super().__init__(parent)
        self.model = model
        count = len(model.runs)
        named = next(iter(model.runs)).stem if count == 1 else ntr("{count} run", "{count} runs", count)
        self.setWindowTitle(tr("Tags of {runs}", runs=named))
        self.resize(420, 420)
        self.tags = QListWidget()
        self.tags.setAccessibleName(tr("Tags"))
        self.new = QLineEdit()
        self.new.setAccessibleName(tr("Another tag"))
        self.new.setPlaceholderText(tr("another tag, then Enter"))
        completer = QCompleter(list(model.tags), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.new.setCompleter(completer)
        self.note = Note()
        self.twin = CommandLine()
        self.apply = button(
            tr("Change tags"), self._make, tr("Give the runs the ticked tags, and take the others away")
        )
        self.apply.setAutoDefault(False)  # Enter takes what is typed into the list
        close = button(tr("Close"), self.reject, tr("Close without a change"))
        close.setAutoDefault(False)
        layout = QVBoxLayout(self)
        layout.addWidget(self.tags, 1)
        layout.addWidget(self.new)
        layout.addWidget(self.note)
        layout.addWidget(self.twin.line())
        layout.addLayout(row(None, close, self.apply))
        self.new.returnPressed.connect(self._add)
        self.new.textChanged.connect(lambda _text: self._changed())
        self.tags.itemChanged.connect(self._ticked)
        model.changed.subscribe(self._changed)
        self._changed()
        self.new.setFocus()

    def _add(self) -> None:
        if self.model.add(self.new.text()):
            self.new.clear()

    def _ticked(self, item: QListWidgetItem) -> None:
        wanted = {state: word for word, state in _STATES.items()}[item.checkState()]
        self.model.want(item.text(), wanted)

    def _make(self) -> None:
        if self.new.text().strip() and not self.model.add(self.new.text()):
            return
        self.model.make()

    def _changed(self) -> None:
        model = self.model
        with QSignalBlocker(self.tags):
            for place, tag in enumerate(model.tags):
                item = self.tags.item(place)
                if item is None:
                    item = QListWidgetItem(tag)
                    self.tags.addItem(item)
                item.setCheckState(_STATES[model.wanted[tag]])
        self.note.say(model.said, "bad" if model.failed else "quiet")
        self.twin.show_command(model.twin)
        self.apply.setEnabled(model.can_make or bool(self.new.text().strip()))
        if model.done:
            self.accept()
