"""By hand: the bench as it is now, and currents and voltages set by hand, with limits, in a run of their own."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QFormLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from solbench.acquisition.host.platform import as_typed
from solbench.gui.models.common.observed import Observers
from solbench.gui.models.common.settings import default_folder
from solbench.gui.models.common.words import tr
from solbench.gui.models.context import Context
from solbench.gui.models.live.control import Control
from solbench.gui.models.setup.idle import LOOKS_AFTER_S, IdleBench
from solbench.gui.models.setup.manual import Held, ManualRun, builds_of, is_manual, output_name
from solbench.gui.palette import LIGHT, Colors
from solbench.gui.plots.traces.time_plot import TimePlot
from solbench.gui.screens.parts import CommandLine, Note, button, heading, row, stacked
from solbench.gui.values import ChoiceBox

if TYPE_CHECKING:
    from solbench.acquisition.control.messages import Reply
    from solbench.gui.models.run.run import RunModel

BEGINS = tr("the manual run begins: nothing is switched on…")
SCREEN = "start"  # on which this page is
FOLDER, LIMITS = "runs_folder", "manual_limits"


class ManualPage(QWidget):
    """The idle bench, the limits, what is held, and its trace; `back` shows what was there before."""

    def __init__(self, context: Context, back: Callable[[], None]) -> None:
        super().__init__()
        self.context = context
        self.back = button(tr("← Start"), back, tr("Back to Start; a manual run goes on"))
        self.control = Control(context)
        self.idle = IdleBench(context.jobs)
        self.refused = Observers()
        self.refused.subscribe(self._refused)
        self._starting, self._since_s, self._drawn = False, math.inf, (0, -1)
        self._output = ""  # the name of the run file of the manual run that was begun last
        self.now = Note("", "plain", keep=True)
        self.now.setObjectName("value")
        self.now.setAccessibleName(tr("What the bench shows now"))
        self.cell = QLabel()
        self.build = ChoiceBox()
        self.build.setAccessibleName(tr("Build"))
        kept = context.settings.texts(LIMITS)
        names = (tr("Lowest voltage"), tr("Highest voltage"), tr("Largest current"))
        hints = ("0.05 V", "2.5 V", tr("from the cell record"))
        self.limits = [QLineEdit(text) for text in (*kept, "", "", "")[:3]]
        for edit, name, hint in zip(self.limits, names, hints, strict=True):
            edit.setAccessibleName(name)
            edit.setPlaceholderText(hint)
            edit.textChanged.connect(lambda _: self._changed())
        self.dummy = QCheckBox(tr("a dummy cell is mounted"))
        self.begin = button(
            tr("Begin"), self._begin, tr("Begin a manual run: the cell stays off until something is set")
        )
        self.begin.setObjectName("primary")
        self.what = ChoiceBox()
        self.what.setAccessibleName(tr("What is held"))
        self.what.addItem(tr("Current"), "current")
        self.what.addItem(tr("Voltage"), "voltage")
        self.value, self.limit, self.time, self.until = (
            QLineEdit(),
            QLineEdit(),
            QLineEdit("1 min"),
            QLineEdit(),
        )
        for edit, name in (
            (self.value, tr("Value")),
            (self.limit, tr("Largest current on the way")),
            (self.time, tr("Duration")),
            (self.until, tr("Or until the voltage is")),
        ):
            edit.setAccessibleName(name)
            edit.textChanged.connect(lambda _: self._changed())
        self.limit.setPlaceholderText("0.1 mA")
        self.until.setPlaceholderText(tr("optional"))
        self.what.activated.connect(lambda *_: self._changed())
        self.on = button(tr("Cell on"), self._hold, tr("Switch the cell on with this value"))
        self.on.setObjectName("primary")
        self.off = button(tr("Cell off"), self._off, tr("Switch the cell off; the run goes on at rest"))
        self.finish = button(tr("Finish"), self._finish, tr("End the manual run as completed, the cell off"))
        self.note = Note("", "plain", keep=True)
        self.twin = CommandLine()
        self.trace = TimePlot(LIGHT)
        self._build()
        for chosen in (context.bench, context.cell):
            chosen.subscribe(lambda _: self._aim())
        context.live.subscribe(lambda _: self._aim())
        self.idle.changed.subscribe(self._show_now)
        self._aim()

    def set_colors(self, colors: Colors) -> None:
        """Set the colours of the trace."""
        self.trace.set_colors(colors)
        self._drawn = (0, -1)

    def enter(self) -> None:
        """Look at the bench from now on."""
        self._since_s = time.monotonic()
        self._aim()

    def leave(self) -> None:
        """Look at the bench no more."""
        self._since_s = math.inf
        self.idle.stop()

    def close_down(self) -> None:
        """Look at the bench no more; a manual run goes on."""
        self.idle.stop()

    def tick(self) -> None:
        """Show the run by hand as it goes."""
        run = self.context.run.value
        manual = run if is_manual(run) else None
        if self._starting and run is not None and run.path.name == self._output:
            self._begun(run)
        if manual is not None or self._starting:
            self.idle.stop()
        elif time.monotonic() - self._since_s > LOOKS_AFTER_S:
            self.idle.watch(self.context.bench.value, self.context.cell.value)
        version = (manual.number, manual.version) if manual is not None else (0, 0)
        if version == self._drawn:
            return
        self._drawn = version
        self._changed()
        self._show_now()
        if manual is not None:
            self.trace.show_limits(manual.limits)
            self.trace.show_marks(manual.traces.marks)
            self.trace.show_trace(manual.trace, None, manual.steps[-1].start_s if manual.steps else 0.0)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row(self.back, heading(tr("By hand")), None))
        layout.addWidget(self.now)
        before, held = QFormLayout(), QFormLayout()
        before.addRow(tr("Cell"), row(self.cell, self.build, None))
        for edit in self.limits:
            before.addRow(edit.accessibleName(), edit)
        before.addRow(row(self.dummy, None, self.begin))
        held.addRow(row(self.what, self.value))
        for edit in (self.time, self.until, self.limit):
            held.addRow(edit.accessibleName(), edit)
        held.addRow(row(None, self.on, self.off, self.finish))
        self._rows = held
        forms = row(_form(tr("1. Limits"), before), _form(tr("2. Set by hand"), held))
        layout.addLayout(forms)
        layout.addWidget(self.note)
        layout.addWidget(self.trace, 1)
        layout.addWidget(self.twin.line())

    @property
    def manual_run(self) -> ManualRun:
        """Get what a manual run would begin with."""
        low, high, current = (edit.text() for edit in self.limits)
        context = self.context
        dummy = self.dummy.isChecked() and not context.bench_simulated.value
        return ManualRun(
            context.bench.value, context.cell.value, self.build.currentText(), low, high, current, dummy
        )

    @property
    def held(self) -> Held:
        """Get what is to be held."""
        is_current = self.what.currentData() == "current"
        return Held(is_current, self.value.text(), self.limit.text(), self.time.text(), self.until.text())

    def _aim(self) -> None:
        """Be about the chosen bench and cell; look at the bench while this screen is in front."""
        cell = self.context.cell.value
        builds = list(builds_of(cell))
        if [self.build.itemText(number) for number in range(self.build.count())] != builds:
            self.build.clear()
            self.build.addItems(builds)
        self.cell.setText(Path(cell).stem if cell else tr("none"))
        self.dummy.setVisible(not self.context.bench_simulated.value)
        self._changed()

    def _begin(self) -> None:
        run, folder = self.manual_run, Path(self.context.settings.get(FOLDER, str(default_folder())))
        self.context.settings.set_texts(LIMITS, [edit.text() for edit in self.limits])
        self._starting = True
        self._changed()
        self._output = output_name(run.cell, datetime.now())
        arguments = run.arguments(self._output, self.context.numbers)
        if folder == default_folder():
            folder.mkdir(exist_ok=True)
        self.context.start_run(arguments, folder, self.refused, command="manual", then=SCREEN)

    def _begun(self, run: RunModel) -> None:
        """Take what came of the run that was begun: it goes on, or has ended before anything could be set."""
        if is_manual(run):
            self._starting = False
        elif run.end is not None or run.engine_gone:
            self._refused(tr("the run has ended: {end}", end=run.nearest_end or run.state))

    def _refused(self, text: str) -> None:
        self._starting = False
        self._changed()
        self.note.say(f"\u2717 {text}", "bad")

    def _hold(self) -> None:
        self.control.manual(self.held.request(self.context.numbers), self._answered)

    def _off(self) -> None:
        from solbench.acquisition.control.messages import ManualRequest

        self.control.manual(ManualRequest(do="off"), self._answered)

    def _finish(self) -> None:
        from solbench.acquisition.control.messages import ManualRequest

        self.control.manual(ManualRequest(do="finish"), self._answered)

    def _answered(self, reply: Reply) -> None:
        text = self.context.numbers.localized(reply.text)
        self.note.say(text if reply.accepted else f"\u2717 {text}", "plain" if reply.accepted else "bad")

    def _changed(self) -> None:
        run = self.context.run.value
        on = is_manual(run)
        ready = run is not None and on and run.state == "running"
        held, begun = self.held, self.manual_run
        for each in (*self.limits, self.build, self.dummy):
            each.setEnabled(not on and not self._starting)
        self.begin.setEnabled(not on and not self._starting and not begun.lacks)
        self.on.setEnabled(ready and bool(held.value.strip() and (held.time.strip() or held.until_voltage)))
        self.off.setEnabled(ready)
        self.finish.setEnabled(ready)
        self._rows.setRowVisible(self.limit, not held.is_current)
        self._rows.setRowVisible(self.until, held.is_current)
        self.value.setPlaceholderText(tr("10 µA (positive charges)") if held.is_current else "1.2 V")
        if on and run is not None:
            self.twin.show_command(held.twin(run.path.name, self.context.numbers))
        else:
            arguments = begun.arguments("my-run.h5", self.context.numbers)
            self.twin.show_command(as_typed("solbench", "manual", *arguments))
        if on and self.note.text().startswith(BEGINS):
            self.note.say(tr("Say what is held, and until when; Cell on switches the cell on."), "quiet")
        if self._starting:
            self.note.say(BEGINS, "note")
        elif not on and begun.lacks:
            self.note.say(begun.lacks, "quiet")
        elif not on and not self.note.text().startswith("\u2717"):
            self.note.say("")

    def _show_now(self) -> None:
        run = self.context.run.value
        status = run.status if run is not None and is_manual(run) else None
        if run is not None and status is not None and status.voltage_V is not None:
            words = (
                f"{status.voltage_V:.4f} V   {(status.current_A or 0.0) * 1e6:.2f} \u00b5A   {run.cell_word}"
            )
            self.now.say(self.context.numbers.localized(words), "plain")
        else:
            words = self.idle.words or tr("looking at the bench…")
            self.now.say(self.context.numbers.localized(words), "bad" if self.idle.is_doubtful else "plain")


def _form(title: str, form: QFormLayout) -> QWidget:
    return stacked(heading(title), form, None)
