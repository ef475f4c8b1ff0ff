"""Connect: the bench, the instruments that answer on it, its wiring, and the dialogue."""

import random

from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from solbench.acquisition.bench.making import Wiring
from solbench.gui.layouts import Pages
from solbench.gui.models.common.words import tr
from solbench.gui.models.context import Context
from solbench.gui.models.setup.bench import MOST_LINES, SIMULATED, BenchModel
from solbench.gui.screens.bench.commissioning import CommissioningPage
from solbench.gui.screens.cabling import CablingBox
from solbench.gui.screens.parts import Facts, Note, Table, button, fill_choices, heading, row, stacked
from solbench.gui.screens.screen import SetupScreen
from solbench.gui.values import ChoiceBox

REMEMBERED = "benches"
MOST_UNIT = 1000


class ConnectScreen(SetupScreen):
    """For choosing the bench and identifying its instruments; nothing is switched or set."""

    key = "connect"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._is_making = False
        self.model = BenchModel(context.jobs, context.settings.texts(REMEMBERED))
        self.tour_part = self.choice = ChoiceBox()
        self.choice.setAccessibleName(tr("Bench"))
        self.choice.setMinimumWidth(300)
        self.choice.activated.connect(self._chosen)
        self.test = button(tr("Test"), self.model.ask, tr("Ask the instruments of this bench who they are"))
        self.adapter = QLineEdit()
        self.adapter.setPlaceholderText(tr("192.168.1.5, or empty: USB, serial and GPIB"))
        self.adapter.setAccessibleName(tr("Network adapter to look at too"))
        self.adapter.setToolTip(
            tr("A Prologix adapter in the network; serial ports and GPIB cards are found without.")
        )
        self.everywhere = QCheckBox(tr("all GPIB addresses"))
        self.search = button(
            tr("Find"), self._find, tr("Look at every serial port, GPIB card and the adapter named here")
        )
        self.adapter.returnPressed.connect(self._find)
        self.name = QLineEdit("bench")
        self.name.setAccessibleName(tr("Name of the bench"))
        self.name.setMaximumWidth(140)
        self.make = button(
            tr("Make this bench"),
            self._make,
            tr("Make a bench of the instruments found, as drawn below, and choose it"),
        )
        self.make.setObjectName("primary")
        self.commission = button(
            tr("Commission…"),
            self._commission,
            tr("Measure this bench on parts of known value, step by step"),
        )
        self.specimen = button(
            tr("Another specimen"),
            self._specimen,
            tr("Simulate instruments with flaws of their own, which commissioning finds"),
        )
        self.cabling = CablingBox(context)
        self.cabling.wiring_changed.subscribe(self._said)
        self.rows = Table(
            (tr("State"), tr("Address"), tr("Instrument"), tr("Identity, or what to do"), tr("Last error")),
            tr("Instruments"),
            3,
        )
        self.rows.setSelectionMode(Table.SelectionMode.NoSelection)
        self.note = Note(keep=True)
        self.facts = Facts(context.numbers)
        self.facts.setRowWrapPolicy(Facts.RowWrapPolicy.WrapLongRows)
        self.dialogue = QPlainTextEdit()
        self.dialogue.setReadOnly(True)
        self.dialogue.setMaximumBlockCount(MOST_LINES)
        self.dialogue.setAccessibleName(tr("Dialogue"))
        self._page: CommissioningPage | None = None
        self.pages = Pages()
        self._build()
        context.recorded.subscribe(lambda _: self.model.read_again())
        context.bench.subscribe(self._from_outside)
        self.model.changed.subscribe(self._changed)
        self._from_outside(context.bench.value)
        self._changed()

    def _build(self) -> None:
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self.pages)
        first = QWidget()
        self.pages.addWidget(first)
        layout = QVBoxLayout(first)
        open_file = button(tr("Open bench file…"), self._open, tr("Choose a bench file"))
        layout.addLayout(
            row(QLabel(tr("Bench")), self.choice, open_file, self.test, self.specimen, None, self.commission)
        )
        looking = QLabel(tr("Adapter")), self.adapter, self.everywhere, self.search
        layout.addLayout(row(*looking, QLabel(tr("Name")), self.name, self.make))
        layout.addWidget(self.note)
        layout.addWidget(self.rows, 2)
        below = QSplitter()
        self.about = heading(tr("This bench"))
        below.addWidget(stacked(self.about, self.facts, None))
        below.addWidget(stacked(heading(tr("Cabling")), self.cabling))
        below.addWidget(
            stacked(heading(tr("Dialogue (last {most_lines} lines)", most_lines=MOST_LINES)), self.dialogue)
        )
        below.setSizes([290, 500, 370])
        below.setChildrenCollapsible(False)
        layout.addWidget(below, 5)

    def _chosen(self, index: int) -> None:
        self.context.bench.set(self.choice.itemData(index))
        self.model.choose(self.choice.itemData(index))

    def _from_outside(self, reference: str | None) -> None:
        if reference != self.model.reference:
            self.model.choose(reference)

    def _find(self) -> None:
        self.model.look(self.adapter.text(), self.everywhere.isChecked())

    def _open(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, tr("Bench file"), "", tr("Bench files (*.yaml *.json)"))
        if name:
            self.context.bench.set(name)

    def _make(self) -> None:
        self.model.make(self.name.text(), self.cabling.said)
        if not self.model.problem:
            self.context.bench.set(self.model.reference)

    def _said(self) -> None:
        """Write what was said on the drawing into the bench file, unless it is about a bench that is to be made."""
        if self.model.can_make:
            self._changed()
        else:
            self.model.set_wiring(self.cabling.said)

    def _specimen(self) -> None:
        self.model.make_unit(random.SystemRandom().randrange(1, MOST_UNIT))
        self.context.bench.set(self.model.reference)

    @property
    def page(self) -> CommissioningPage:
        """Get the page of commissioning, which is made when somebody wants it: the window opens with this screen."""
        if self._page is None:
            self._page = CommissioningPage(self.context, lambda: self.pages.setCurrentIndex(0))
            self.pages.addWidget(_with_margins(self._page))
        return self._page

    def _commission(self) -> None:
        if self.model.bench is not None and self.model.path is not None:
            self.page.show_bench(str(self.model.path), self.model.bench.name)
            self.pages.setCurrentIndex(1)

    def close_down(self) -> None:
        """Let go of a procedure; it ends with the bench safe."""
        if self._page is not None:
            self._page.close_down()

    def _changed(self) -> None:
        self.context.look_at_bench()
        self.context.settings.set_texts(REMEMBERED, self.model.recent)
        self._show_choices()
        for each in (self.test, self.search):
            each.setEnabled(not self.model.busy)
        self.specimen.setVisible(self.model.chosen == SIMULATED)
        self.commission.setEnabled(self.model.bench is not None and self.model.path is not None)
        if self.model.busy:
            self.note.say(tr("asking: nothing is switched or set…"), "note")
        elif self.model.problem:
            self.note.say(self.model.problem, "bad")
        else:
            self.note.say(self.context.numbers.localized(self.model.said), "plain")
        if not self.model.can_make:
            fixed = self.model.path is None
            self.cabling.show_said(self.model.wiring, self.model.polarity_found, fixed=fixed)
        elif not self._is_making:
            self.cabling.show_said(Wiring(mains="50 Hz"), None)
        self._is_making = self.model.can_make
        is_said = self.cabling.said.positive_terminal is not None
        self.make.setEnabled(self.model.can_make and not self.model.busy and is_said)
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
            words = tr("Nothing asked yet: Test asks this bench, Find looks everywhere.")
            shown.append((("", "", "", words, ""), "plain"))
        self.rows.fill(shown)  # type: ignore[arg-type]

    def show_habit(self) -> None:
        """Write numbers with the decimal sign chosen by the user."""
        super().show_habit()
        self.facts.show_facts(self.model.facts)


def _with_margins(part: QWidget) -> QWidget:
    """Return a part with the margins of a screen around it."""
    holder = QWidget()
    QVBoxLayout(holder).addWidget(part)
    return holder
