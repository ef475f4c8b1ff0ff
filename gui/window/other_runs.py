"""Strips for the runs in progress that are not on show: one for each bench, with its state, its reading, its STOP."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from solbench.acquisition.control.registry import Entry
from solbench.gui.models.common.numbers import Numbers
from solbench.gui.models.common.words import term, tr
from solbench.gui.models.live.beside import Beside, BesideRuns
from solbench.gui.screens.parts import Button, Elided, literal, name_button
from solbench.gui.window.status_strip import SYMBOLS

NARROWEST = 440  # pixels of a strip beside another
NAME = 130  # pixels of the name of a bench
GAP = 6


class OtherRuns(QWidget):
    """One strip for each run that is not on show; hidden while there is none.

    `show_run` is called with a run's id, `stop` with its entry.
    """

    def __init__(
        self,
        runs: BesideRuns,
        numbers: Numbers,
        show_run: Callable[[str], None],
        stop: Callable[[Entry], None],
    ) -> None:
        super().__init__()
        self._runs, self._numbers, self._show_run, self._stop = runs, numbers, show_run, stop
        self.strips: dict[str, RunStrip] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(GAP, 2, GAP, 2)
        self._grid.setSpacing(GAP)
        runs.changed.subscribe(self._show)
        self.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay as many beside each other as there is room for."""
        super().resizeEvent(event)
        self._lay_out()

    def minimumSizeHint(self) -> QSize:
        """Ask for no width: what does not fit beside another goes below it."""
        return QSize(0, super().minimumSizeHint().height())

    def _show(self) -> None:
        rows = {row.entry.run: row for row in self._runs.rows}
        for run in self.strips.keys() - rows.keys():
            gone = self.strips.pop(run)
            self._grid.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for run, row in rows.items():
            if run not in self.strips:
                self.strips[run] = RunStrip(row.entry, self._show_run, self._stop, self._runs.dismiss)
            self.strips[run].show_row(row, self._numbers)
        self.strips = {run: self.strips[run] for run in rows}
        self._lay_out()
        self.setVisible(bool(self.strips))

    def _lay_out(self) -> None:
        across = max(1, min(self.width() // NARROWEST, len(self.strips)))
        for place, strip in enumerate(self.strips.values()):
            self._grid.addWidget(strip, place // across, place % across)
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, 1 if column < across else 0)


class RunStrip(QFrame):
    """The strip of one run: a click on its name shows it, its button stops it and no other."""

    def __init__(
        self,
        entry: Entry,
        show_run: Callable[[str], None],
        stop: Callable[[Entry], None],
        dismiss: Callable[[str], None],
    ) -> None:
        super().__init__()
        self.setObjectName("run_strip")
        self._over = False  # the run has ended
        self.state, self.reading, self.place = QLabel(), QLabel(), Elided()
        for label, name in (
            (self.state, tr("state")),
            (self.reading, tr("reading")),
            (self.place, tr("step")),
        ):
            label.setAccessibleName(name)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.reading.setObjectName("value")
        self.name = Button("")
        self.name.clicked.connect(lambda: show_run(entry.path if self._over else entry.run))
        self.stop = QPushButton(tr("■ STOP"))
        self.stop.setObjectName("stop")
        self.stop.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Tab and Space must not reach it by chance
        self.stop.clicked.connect(lambda: stop(entry))
        self.dismiss = Button("✕")
        self.dismiss.setMaximumWidth(32)
        self.dismiss.setToolTip(tr("Take note that this run has ended"))
        name_button(self.dismiss, self.dismiss.toolTip())
        self.dismiss.clicked.connect(lambda: dismiss(entry.run))
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(6, 2, 6, 2)
        for part in (self.state, self.name, self.reading):
            part.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
            row.addWidget(part)
        row.addWidget(self.place, 1)
        row.addWidget(self.stop)
        row.addWidget(self.dismiss)

    def show_row(self, row: Beside, numbers: Numbers) -> None:
        """Show where the run is."""
        self._over = row.ended is not None
        warn = bool(row.alarms) or (self._over and row.state != "completed")
        symbol = "!" if row.alarms else SYMBOLS.get(row.state, "○")
        self.state.setText(f"{symbol} {term(row.state).upper()}")
        self.reading.setText(numbers.localized(row.reading))
        self.place.setText(numbers.localized("; ".join(row.alarms) or row.place))
        short = self.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideMiddle, NAME)
        self.name.setText(literal(short))
        self.name.setToolTip(tr("Show {run}", run=row.words))
        name_button(self.name, self.name.toolTip())
        self.stop.setToolTip(tr("End {run} safely, the cell off", run=row.words))
        self.stop.setAccessibleName(tr("STOP {name}: {run}", name=row.name, run=row.words))
        self.stop.setVisible(not self._over)
        self.dismiss.setVisible(self._over)
        if self.property("warns") is not warn:
            self.setProperty("warns", warn)
            self.style().polish(self)
        self._row.activate()  # at once: no word is drawn where a shorter one stood
