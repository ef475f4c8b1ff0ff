"""Connect: the bench, the instruments that answer on it, its wiring, and the dialogue."""

from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSplitter,
    QVBoxLayout,
)

from solbench.gui.models.context import Context
from solbench.gui.models.setup.bench import MOST_LINES, BenchModel
from solbench.gui.screens.cabling import CablingBox
from solbench.gui.screens.parts import Facts, Note, Table, button, fill_choices, heading, row, stacked
from solbench.gui.screens.screen import SetupScreen
from solbench.gui.values import ChoiceBox

REMEMBERED = "benches"


class ConnectScreen(SetupScreen):
    """For choosing the bench and identifying its instruments; nothing is switched or set."""

    title = "Connect"
    key = "connect"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.model = BenchModel(context.jobs, context.settings.texts(REMEMBERED))
        self.tour_part = self.choice = ChoiceBox()
        self.choice.setAccessibleName("Bench")
        self.choice.setMinimumWidth(300)
        self.choice.activated.connect(self._chosen)
        self.test = button("Test", self.model.ask, "Ask the instruments of this bench who they are")
        self.adapter = QLineEdit()
        self.adapter.setPlaceholderText("socket://192.168.1.5:1234")
        self.adapter.setAccessibleName("Network adapter to look at too")
        self.adapter.setToolTip(
            "A Prologix adapter in the network; serial ports and GPIB cards are found without."
        )
        self.everywhere = QCheckBox("all GPIB addresses")
        self.search = button(
            "Find", self._find, "Look at every serial port, GPIB card and the adapter named here"
        )
        self.write = button("Write bench file\u2026", self._write, "Write what is found as a bench file")
        self.rows = Table(
            ("State", "Address", "Instrument", "Identity, or what to do", "Last error"), "Instruments", 3
        )
        self.rows.setSelectionMode(Table.SelectionMode.NoSelection)
        self.note = Note()
        self.facts = Facts(context.numbers)
        self.facts.setRowWrapPolicy(Facts.RowWrapPolicy.WrapLongRows)
        self.dialogue = QPlainTextEdit()
        self.dialogue.setReadOnly(True)
        self.dialogue.setMaximumBlockCount(MOST_LINES)
        self.dialogue.setAccessibleName("Dialogue")
        self._build()
        context.bench.subscribe(self._from_outside)
        self.model.changed.subscribe(self._changed)
        self._from_outside(context.bench.value)
        self._changed()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        open_file = button("Open bench file\u2026", self._open, "Choose a bench file")
        layout.addLayout(row(QLabel("Bench"), self.choice, open_file, self.test, None))
        layout.addLayout(row(QLabel("Adapter"), self.adapter, self.everywhere, self.search, self.write))
        layout.addWidget(self.note)
        layout.addWidget(self.rows, 1)
        below = QSplitter()
        below.addWidget(stacked(heading("This bench"), self.facts, None))
        below.addWidget(stacked(heading("Cabling"), CablingBox(self.context)))
        below.addWidget(stacked(heading(f"Dialogue (last {MOST_LINES} lines)"), self.dialogue))
        below.setSizes([290, 500, 370])
        below.setChildrenCollapsible(False)
        layout.addWidget(below, 3)

    def _chosen(self, index: int) -> None:
        self.context.bench.set(self.choice.itemData(index))
        self.model.choose(self.choice.itemData(index))

    def _from_outside(self, reference: str | None) -> None:
        if reference != self.model.reference:
            self.model.choose(reference)

    def _find(self) -> None:
        self.model.look(self.adapter.text(), self.everywhere.isChecked())

    def _open(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Bench file", "", "Bench files (*.yaml *.json)")
        if name:
            self.context.bench.set(name)

    def _write(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Bench file", "bench.yaml", "Bench files (*.yaml)")
        if name:
            self.model.write(Path(name), self.adapter.text())

    def _changed(self) -> None:
        self.context.look_at_bench()
        self.context.settings.set_texts(REMEMBERED, self.model.recent)
        self._show_choices()
        for each in (self.test, self.search, self.write):
            each.setEnabled(not self.model.busy)
        if self.model.busy:
            self.note.say("asking\u2026", "note")
        else:
            self.note.say(self.model.problem, "bad")
        self._show_rows()
        self.facts.show_facts(self.model.facts)
        self.dialogue.setPlainText("\n".join(self.model.lines))
        self.dialogue.verticalScrollBar().setValue(self.dialogue.verticalScrollBar().maximum())

    def _show_choices(self) -> None:
        fill_choices(self.choice, self.model.choices, self.model.chosen)

    def _show_rows(self) -> None:
        shown = []
        for found in self.model.rows:
            words = f"{found.problem}. {found.cure}." if found.problem else found.identity
            texts = (found.word, found.address, found.kind, words, found.last_error)
            shown.append((texts, "good" if found.healthy else "bad"))
        if not shown:
            words = "Nothing asked yet: Test asks this bench, Find looks everywhere."
            shown.append((("", "", "", words, ""), "plain"))
        self.rows.fill(shown)  # type: ignore[arg-type]

    def show_habit(self) -> None:
        """Write numbers with the decimal sign chosen by the user."""
        super().show_habit()
        self.facts.show_facts(self.model.facts)
