"""Start: the check before a run, line by line, and the button that starts it."""

from __future__ import annotations

import math
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QInputDialog,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from solbench.acquisition.record.beside.file_names import FIELDS, TEMPLATE
from solbench.gui.layouts import Pages
from solbench.gui.models.common.jobs import Finished
from solbench.gui.models.common.number_format import speed_words
from solbench.gui.models.common.observed import Observers
from solbench.gui.models.common.settings import default_folder
from solbench.gui.models.common.words import tr
from solbench.gui.models.context import Context
from solbench.gui.models.setup.idle import LOOKS_AFTER_S, IdleBench
from solbench.gui.models.setup.start import NAMES, SPEEDS, Grade, Plan, StartModel, is_paced
from solbench.gui.palette import LIGHT, Colors
from solbench.gui.screens.parts import CommandLine, Note, Table, Tone, button, row
from solbench.gui.screens.screen import SetupScreen
from solbench.gui.values import ChoiceBox
from solbench.protocols.errors import BadInput

if TYPE_CHECKING:
    from solbench.gui.screens.bench.manual import ManualPage

FOLDER = "runs_folder"
CHECK_AFTER_MS = 300
PRACTICE, FROM_FILE = tr("practice: a secret"), tr("a scenario…")


class StartScreen(SetupScreen):
    """Checks bench, cell, protocol and disk, and starts the run; nothing is switched on by the check."""

    key = "start"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.model = StartModel(context.jobs, Path(context.settings.get(FOLDER, str(default_folder()))))
        with suppress(BadInput):
            self.model.set_template(context.settings.get(NAMES, TEMPLATE))
        self.refused = Observers()
        self.refused.subscribe(self._refused)
        self.starting = False
        self._since_s = math.inf
        self._colors = LIGHT
        self.summary = Note(tone="plain")
        self.idle = IdleBench(context.jobs)
        self.now = Note(tone="plain", keep=True)
        self.now.setAccessibleName(tr("What the bench shows now"))
        self.idle.changed.subscribe(self._show_now)
        self._check_soon = QTimer(self, singleShot=True, interval=CHECK_AFTER_MS)
        self._check_soon.timeout.connect(self.model.check)
        self.table = Table(("", tr("Looked at"), tr("Found")), tr("Start check"), numbers=context.numbers)
        self.table.setSelectionMode(Table.SelectionMode.NoSelection)
        self.check = button(
            tr("Check again"), self.model.check, tr("Ask bench, cell and disk; nothing is switched on")
        )
        self.tour_part = self.start = button(
            tr("Start run"), self._start, tr("Start the run that is described here"), "F5"
        )
        self.start.setObjectName("primary")
        self.by_hand = button(
            tr("By hand…"),
            self._by_hand,
            tr("Set currents and voltages by hand, with limits, in a run of its own"),
        )
        self.by_hand.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.manual: ManualPage | None = None
        self.pages = Pages()
        self.queue = button(
            tr("Put in the queue"), self._enqueue, tr("Add this run to the queue instead of starting it")
        )
        self.speed = ChoiceBox()
        self.speed.setAccessibleName(tr("Speed of the simulated bench"))
        for speed in SPEEDS:
            self.speed.addItem(speed_words(speed), speed)
        self.speed.setCurrentIndex(self.speed.findData(context.speed.value))
        self.speed.activated.connect(lambda *_: context.speed.set(self.speed.currentData()))
        self.speed_label = QLabel(tr("Simulator runs"))
        self.dummy = QCheckBox(tr("a dummy cell is mounted"))
        self.dummy.setToolTip(tr("Allows a run on a bench that was not commissioned within the last year."))
        self.dummy.clicked.connect(lambda *_: self._aim())
        self.truth = ChoiceBox()
        self.truth.setAccessibleName(tr("What is truly on the simulated bench"))
        self.truth.setToolTip(
            tr(
                "For practice: something is wrong, or nothing, and you are not told what. Afterwards solbench "
                "practice --reveal RUN tells what it was."
            )
        )
        self.truth.addItems((tr("as the record says"), PRACTICE, FROM_FILE))
        self.truth.activated.connect(lambda *_: self._choose_truth())
        self.scenario: str | None = None
        self.folder = QLineEdit(str(self.model.folder))
        self.name = QLineEdit()
        self.twin = CommandLine()
        self.note = Note()
        self._build()
        for chosen in (context.protocol, context.cell, context.bench):
            chosen.subscribe(lambda _: self._aim())
        context.changes.subscribe(lambda _: self._aim())
        context.speed.subscribe(self._speed_chosen)
        context.bench_simulated.subscribe(lambda _: self._simulated_or_not())
        self.model.changed.subscribe(self._changed)
        self._aim()
        self._changed()

    def enter(self) -> None:
        """Check the present inputs; the texts of drafts may have changed."""
        if self._is_by_hand:
            assert self.manual is not None
            self.manual.enter()
            return
        self._aim(again=True)
        self.model.check()
        self._since_s = time.monotonic()

    def _build(self) -> None:
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self.pages)
        first = QWidget()
        self.pages.addWidget(first)
        layout = QVBoxLayout(first)
        layout.addLayout(row(self.summary, self.by_hand))
        layout.addWidget(self.now)
        layout.addWidget(self.table, 1)
        for edit, name in (
            (self.folder, tr("Folder of the run file")),
            (self.name, tr("Name of the run file")),
        ):
            edit.setAccessibleName(name)
            edit.editingFinished.connect(self._output)
        self.name.setToolTip(tr("Without the ending; empty: time, cell and protocol."))
        choose = button("\u2026", self._choose_folder, tr("Choose the folder of the run file"))
        choose.setMaximumWidth(40)
        self.naming = button("{\u2026}", self._ask_for_template, tr("Choose how run files are named"))
        self.naming.setMaximumWidth(44)
        layout.addLayout(
            row(QLabel(tr("Folder")), self.folder, choose, QLabel(tr("File")), self.name, self.naming)
        )
        layout.addWidget(self.twin.line())
        layout.addWidget(self.note)
        parts = (
            self.check,
            self.speed_label,
            self.speed,
            self.truth,
            self.dummy,
            None,
            self.queue,
            self.start,
        )
        layout.addLayout(row(*parts))

    def _plan(self) -> Plan:
        context = self.context
        speed = self.speed.currentData() if is_paced(context.bench.value) else None
        dummy = self.dummy.isChecked() and not context.bench_simulated.value
        chosen = (context.protocol.value, context.cell.value, context.bench.value, context.changes.value)
        scenario = self.scenario if is_paced(context.bench.value) else None
        return Plan(*chosen, speed, dummy, scenario)

    def _choose_truth(self) -> None:
        """Take what is chosen; a file is asked for, and without one it is what is said."""
        text = self.truth.currentText()
        self.scenario = "random" if text == PRACTICE else None
        if text == FROM_FILE:
            name, _ = QFileDialog.getOpenFileName(
                self, tr("A scenario"), "", tr("Scenarios (*.yaml *.yml *.json)")
            )
            self.scenario = name or None
        if self.scenario is None:
            self.truth.setCurrentIndex(0)
        self._aim()
        self._changed()

    def _aim(self, again: bool = False) -> None:
        before = self.model.plan
        self.model.aim(self._plan(), cell_id_of(self.context.changes.value), again)
        if self.isVisible() and self.model.plan != before:
            self._check_soon.start()  # what was changed here needs no click more

    def _speed_chosen(self, speed: float | None) -> None:
        self.speed.setCurrentIndex(self.speed.findData(speed))
        self._aim()

    def _simulated_or_not(self) -> None:
        self._aim()
        self._changed()

    def _output(self) -> None:
        folder = Path(self.folder.text()).expanduser()
        self.context.settings.set(FOLDER, str(folder))
        if (folder, self.name.text().strip()) != (self.model.folder, self.model.name):
            self.model.set_output(folder, self.name.text())

    def _choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Folder of the run files"), self.folder.text())
        if name:
            self.folder.setText(name)
            self._output()

    def _ask_for_template(self) -> None:
        """Ask how run files are named; an empty answer is the name that they have at first."""
        fields = "\n".join(f"{{{name}}}: {words}" for name, words in FIELDS.items())
        text, wanted = QInputDialog.getText(
            self,
            tr("Names of run files"),
            tr("Letters, and any of these:\n{fields}", fields=fields),
            text=self.model.template,
        )
        if not wanted:
            return
        try:
            self.model.set_template(text.strip() or TEMPLATE)
        except BadInput as error:
            self.note.say(f"\u2717 {error}", "bad")
        else:
            self.context.settings.set(NAMES, self.model.template)

    def _start(self) -> None:
        if not self.model.ready or self.starting:
            return
        self.starting = True
        self.idle.stop()
        self._changed()
        self.context.start_run(self.model.run_arguments(), self.model.folder, self.refused)

    def _refused(self, text: str) -> None:
        self.starting = False
        self.model.aim(self.model.plan, self.model.cell_id, again=True)
        self.note.say(f"\u2717 {text}", "bad")

    def leave(self) -> None:
        """The next run has a name of its own; the bench is looked at no more."""
        self._check_soon.stop()
        self._since_s = math.inf
        self.idle.stop()
        if self.manual is not None:
            self.manual.leave()
        if self.starting:
            self.starting = False
            self.name.clear()
            self.model.set_output(self.model.folder, "")

    def tick(self) -> None:
        """Look at the bench, once somebody has stayed here for a moment and nothing begins."""
        if self._is_by_hand and self.manual is not None:
            self.manual.tick()
        elif not self.starting and time.monotonic() - self._since_s > LOOKS_AFTER_S:
            self.idle.watch(self.context.bench.value, self.context.cell.value)

    def close_down(self) -> None:
        """Look at the bench no more; a manual run goes on."""
        self._check_soon.stop()
        self.idle.stop()
        if self.manual is not None:
            self.manual.close_down()

    def set_colors(self, colors: Colors) -> None:
        """Draw what is set by hand in a look."""
        self._colors = colors
        if self.manual is not None:
            self.manual.set_colors(colors)

    @property
    def _is_by_hand(self) -> bool:
        return self.pages.currentIndex() == 1

    def _by_hand(self) -> None:
        """Show what is set by hand; its plots are made when they are first wanted."""
        if self.manual is None:
            from solbench.gui.screens.bench.manual import ManualPage

            self.manual = ManualPage(self.context, self._back)
            self.manual.set_colors(self._colors)
            holder = QWidget()
            QVBoxLayout(holder).addWidget(self.manual)
            self.pages.addWidget(holder)
        self.leave()
        self.pages.setCurrentIndex(1)
        self.manual.enter()

    def _back(self) -> None:
        if self.manual is not None:
            self.manual.leave()
        self.pages.setCurrentIndex(0)
        self.enter()

    def _show_now(self) -> None:
        words = self.context.numbers.localized(self.idle.words)
        self.now.say(
            tr("Now: {words}", words=words) if words else "", "bad" if self.idle.is_doubtful else "plain"
        )

    def _enqueue(self) -> None:
        self.model.make_folder()
        arguments = ["queue", "add", *self.model.plan.run_options(self.model.output.name), "--json"]
        self.context.jobs.command(arguments, self._enqueued, self.model.folder)

    def _enqueued(self, finished: Finished) -> None:
        if finished.ok:
            self.context.show("queue")
        else:
            self.note.say(f"\u2717 {finished.said}", "bad")

    def _changed(self) -> None:
        model = self.model
        self.summary.say(self._words(), "plain")
        self.table.fill(((line.word, line.name, line.text), _TONES[line.grade]) for line in model.page)
        simulated = self.context.bench_simulated.value
        for each in (self.speed, self.speed_label, self.truth):
            each.setVisible(is_paced(model.plan.bench))
        self.dummy.setVisible(not simulated)
        self.check.setEnabled(not model.busy)
        self.start.setEnabled(model.ready and not self.starting)
        is_whole = bool(model.plan.protocol and model.plan.cell)
        self.queue.setEnabled(is_whole and model.plan.scenario is None)  # a queue is for real work
        self.twin.show_command(model.twin())
        self.name.setPlaceholderText(model.output.stem)
        if self.starting:
            self.note.say(tr("starting: the engine is getting ready…"), "note")
        elif model.busy:
            self.note.say(tr("checking: nothing is switched on…"), "note")
        elif model.ready:
            self.note.say(tr("Ready to start."), "good")
        elif any(line.grade == "fail" for line in model.page):
            self.note.say(tr("The run cannot be started before the lines marked ✗ are corrected."), "bad")
        else:
            self.note.say(tr("Not checked yet."), "quiet")

    def _words(self) -> str:
        plan = self.model.plan
        protocol = Path(plan.protocol).stem if plan.protocol else tr("no protocol")
        cell = Path(plan.cell).stem if plan.cell else tr("no cell")
        which = f" ({self.model.cell_id})" if self.model.cell_id else ""
        return tr("{protocol} on {cell}", protocol=protocol, cell=cell) + which


_TONES: dict[Grade, Tone] = {"ok": "good", "note": "note", "fail": "bad"}


def cell_id_of(changes: tuple[str, ...]) -> str:
    """Return the cell id among settings, "" if there is none."""
    start = "conditions.cell_id="
    found = next((change for change in changes if change.startswith(start)), "")
    return found.removeprefix(start).strip("'").replace("''", "'")
