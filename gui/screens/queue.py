"""Queue: several runs in order on their benches; each cell is confirmed before its run starts."""

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QSignalBlocker, QTimer
from PySide6.QtWidgets import QCheckBox, QVBoxLayout

from solbench.acquisition.record.beside.file_names import TEMPLATE
from solbench.gui.models.common.words import tr
from solbench.gui.models.context import Context, is_simulated
from solbench.gui.models.setup.queue import QueueModel, QueueRow
from solbench.gui.models.setup.start import NAMES
from solbench.gui.screens.parts import CommandLine, Note, Table, Tone, button, row
from solbench.gui.screens.runs.queue_entry import QueueEntry
from solbench.gui.screens.screen import Screen

LOOK_MS = 1000
HEADERS = (
    tr("No."),
    tr("Cell"),
    tr("Protocol"),
    tr("State"),
    tr("Takes"),
    tr("Started"),
    tr("Ends"),
    tr("Run file"),
    tr("Bench"),
)


class QueueScreen(Screen):
    """Shows the queued runs; polls once a second, even behind other screens, so that the next run starts."""

    key = "queue"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.model = QueueModel(context.jobs)
        self._selected: list[int] = []
        self.table = Table(HEADERS, tr("Queue"), 3, context.numbers)
        self.table.setSelectionMode(Table.SelectionMode.ExtendedSelection)
        self.table.itemSelectionChanged.connect(self._enable)
        self.confirm = button(
            tr("Cell is mounted"),
            self._confirm,
            tr("Confirm that the cells of the selected runs are mounted, each on its bench"),
        )
        self.change = button(
            tr("Change…"), self._change, tr("Change the cell, the run file or settings of a run that waits")
        )
        self.batch = button(
            tr("For more cells…"), self._batch, tr("Add the same run once for each of a list of cells")
        )
        self.editor = QueueEntry(self._apply, self._add_copies)
        self.hold = button(
            tr("Hold"), self._hold, tr("Keep the run from starting, or let it wait for its turn again")
        )
        self.up = button("\u2191", lambda: self._move(-1), tr("Move the run towards the front"), "Alt+Up")
        self.down = button("\u2193", lambda: self._move(1), tr("Move the run towards the end"), "Alt+Down")
        self.copy = button(tr("Copy"), self._copy, tr("Add the same run once more"), "Ctrl+D")
        self.remove = button(
            tr("Remove"),
            self._remove,
            tr("Take the run out of the queue; one that was started keeps running"),
        )
        self.next = button(
            tr("Start next"), self.model.start_next, tr("Start the first run that waits and is not held")
        )
        self.next.setObjectName("primary")
        self.by_itself = QCheckBox(tr("start the next run by itself"))
        self.by_itself.setToolTip(
            tr("Only on the same cell, or on one that was confirmed; never on another by itself.")
        )
        self.by_itself.clicked.connect(self.model.let_go_on)
        self.note = Note()
        self.twin = CommandLine()
        self.twin.setToolTip(tr("What was done last, as a command; it can be copied."))
        self._build()
        self.model.changed.subscribe(self._changed)
        self.model.followed.subscribe(self._follow)
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.model.tick)
        self._timer.start()
        self._changed()

    @property
    def simulated(self) -> bool:
        """Get whether every run that waits is for a simulated bench; if none waits, whether the chosen one is."""
        return self._simulated if self._benches else self.context.bench_simulated.value

    def enter(self) -> None:
        """Show the queue as it is now."""
        self.model.refresh()

    def close_down(self) -> None:
        """Stop polling; the queue is kept on disk."""
        self._timer.stop()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        tools = (self.confirm, self.hold, self.up, self.down, self.change, self.copy, self.batch, self.remove)
        layout.addLayout(row(*tools, None))
        layout.addWidget(self.table, 1)
        layout.addWidget(self.editor)
        layout.addWidget(self.note)
        layout.addWidget(self.twin.line())
        layout.addLayout(row(self.by_itself, None, self.next))

    def _number(self) -> int | None:
        chosen = self._chosen()
        return chosen[0].number if len(chosen) == 1 else None

    def _chosen(self) -> list[QueueRow]:
        """Return the selected runs."""
        places = sorted({index.row() for index in self.table.selectedIndexes()})
        return [self.model.rows[place] for place in places if place < len(self.model.rows)]

    def _confirm(self) -> None:
        if numbers := [row.number for row in self._chosen() if row.confirm]:
            self.model.confirm(*numbers)

    def _change(self) -> None:
        for chosen in self._chosen()[:1]:
            self.editor.edit(chosen)

    def _batch(self) -> None:
        for chosen in self._chosen()[:1]:
            self.editor.list_cells(chosen)

    def _apply(self, number: int, cell_id: str, output: str, settings: Sequence[str]) -> None:
        if self.model.change(number, cell_id, output, settings):
            self.editor.hide()

    def _add_copies(self, number: int, cells: Sequence[str]) -> None:
        if self.model.copy_for(number, cells, self.context.settings.get(NAMES, TEMPLATE)):
            self.editor.hide()

    def _hold(self) -> None:
        for chosen in self._chosen()[:1]:
            self.model.hold(chosen.number, not chosen.held)

    def _move(self, by: int) -> None:
        if (number := self._number()) is not None:
            self.model.move(number, by)

    def _copy(self) -> None:
        if (number := self._number()) is not None:
            self.model.duplicate(number)

    def _remove(self) -> None:
        for chosen in self._chosen():
            self.model.remove(chosen.number)

    def _follow(self, run: str) -> None:
        self.context.follow(run)

    def _changed(self) -> None:
        self._benches = {row.bench for row in self.model.rows if row.waits}
        self._simulated = all(map(is_simulated, self._benches))
        model, chosen = self.model, self._selected
        self.table.fill(
            (
                (
                    str(each.number),
                    each.cell,
                    each.protocol,
                    each.condition,
                    each.duration,
                    each.started,
                    each.ends,
                    each.output.rpartition("/")[2].rpartition("\\")[2],
                    each.bench_name,
                ),
                _TONES.get(each.kind, "plain"),
            )
            for each in model.rows
        )
        self._select(chosen)
        self.by_itself.setChecked(model.by_itself)
        self.twin.show_command(model.twin)
        self.next.setEnabled(model.startable)
        self._say()
        self._enable()

    def _say(self) -> None:
        model = self.model
        if model.busy:
            self.note.say(tr("starting: the engine is getting ready…"), "note")
        elif model.problem:
            self.note.say(f"\u2717 {model.problem}", "bad")
        elif not model.rows:
            self.note.say(tr("Nothing waits. The screen Start puts runs here."), "quiet")
        elif model.blocked:
            self.note.say(tr("The next run waits: {blocked}.", blocked=model.blocked), "note")
        else:
            self.note.say(tr("The next run can start.") if model.startable else "", "good")

    def _enable(self) -> None:
        every = self._chosen()
        self._selected = [row.number for row in every]
        chosen = every[0] if len(every) == 1 else None
        for each in (self.copy, self.batch):
            each.setEnabled(chosen is not None)
        self.remove.setEnabled(bool(every))
        self.change.setEnabled(chosen is not None and (chosen.waits or chosen.held))
        movable = chosen is not None and chosen.waits
        for each in (self.up, self.down):
            each.setEnabled(movable)
        self.hold.setEnabled(movable or (chosen is not None and chosen.held))
        self.hold.setText(tr("Release") if chosen is not None and chosen.held else tr("Hold"))
        self.confirm.setEnabled(any(row.confirm for row in every))

    def _select(self, numbers: Sequence[int]) -> None:
        """Select the same runs again, wherever they stand now."""
        model = self.table.selectionModel()
        flags = QItemSelectionModel.SelectionFlag
        with QSignalBlocker(self.table):
            places = [place for place, each in enumerate(self.model.rows) if each.number in numbers]
            model.clear()
            for place in places:
                model.select(self.table.model().index(place, 0), flags.Select | flags.Rows)
            if places:
                model.setCurrentIndex(self.table.model().index(places[0], 0), flags.NoUpdate)


_TONES: dict[str, Tone] = {
    "refused": "bad",
    "not_completed": "bad",
    "broke_off": "bad",
    "damaged": "bad",
    "no_run_file": "bad",
    "running": "good",
    "completed": "good",
    "unconfirmed": "note",
    "paused": "note",
    "stopping": "note",
}
