"""Queue: several runs in order on their benches; each cell is confirmed before its run starts."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QCheckBox, QVBoxLayout

from solbench.gui.models.context import Context, is_simulated
from solbench.gui.models.setup.queue import QueueModel
from solbench.gui.screens.parts import CommandLine, Note, Table, Tone, button, row
from solbench.gui.screens.screen import Screen

LOOK_MS = 1000
HEADERS = ("No.", "Cell", "Protocol", "State", "Takes", "Started", "Ends", "Run file")


class QueueScreen(Screen):
    """Shows the queued runs; polls once a second, even behind other screens, so that the next run starts."""

    key = "queue"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.model = QueueModel(context.jobs)
        self.table = Table(HEADERS, "Queue", 3, context.numbers)
        self.table.currentCellChanged.connect(lambda *_: self._enable())
        self.confirm = button(
            "Cell is mounted", self._confirm, "Confirm that the cell of this run is mounted"
        )
        self.hold = button(
            "Hold", self._hold, "Keep the run from starting, or let it wait for its turn again"
        )
        self.up = button("\u2191", lambda: self._move(-1), "Move the run towards the front", "Alt+Up")
        self.down = button("\u2193", lambda: self._move(1), "Move the run towards the end", "Alt+Down")
        self.copy = button("Copy", self._copy, "Add the same run once more", "Ctrl+D")
        self.remove = button(
            "Remove", self._remove, "Take the run out of the queue; one that was started keeps running"
        )
        self.next = button(
            "Start next", self.model.start_next, "Start the first run that waits and is not held"
        )
        self.next.setObjectName("primary")
        self.by_itself = QCheckBox("start the next run by itself")
        self.by_itself.setToolTip(
            "Only on the same cell, or on one that was confirmed; never on another by itself."
        )
        self.by_itself.clicked.connect(self.model.let_go_on)
        self.note = Note()
        self.twin = CommandLine()
        self.twin.setToolTip("What was done last, as a command; it can be copied.")
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
        layout.addLayout(row(self.confirm, self.hold, self.up, self.down, self.copy, self.remove, None))
        layout.addWidget(self.table, 1)
        layout.addWidget(self.note)
        layout.addWidget(self.twin.line())
        layout.addLayout(row(self.by_itself, None, self.next))

    def _number(self) -> int | None:
        place = self.table.currentRow()
        return self.model.rows[place].number if 0 <= place < len(self.model.rows) else None

    def _confirm(self) -> None:
        if (number := self._number()) is not None:
            self.model.confirm(number)

    def _hold(self) -> None:
        place = self.table.currentRow()
        if 0 <= place < len(self.model.rows):
            chosen = self.model.rows[place]
            self.model.hold(chosen.number, not chosen.held)

    def _move(self, by: int) -> None:
        number = self._number()
        if number is None:
            return
        self.model.move(number, by)
        numbers = [each.number for each in self.model.rows]
        self.table.setCurrentCell(numbers.index(number), 0)

    def _copy(self) -> None:
        if (number := self._number()) is not None:
            self.model.duplicate(number)

    def _remove(self) -> None:
        if (number := self._number()) is not None:
            self.model.remove(number)

    def _follow(self, run: str) -> None:
        self.context.follow(run)

    def _changed(self) -> None:
        self._benches = {row.bench for row in self.model.rows if row.waits}
        self._simulated = all(map(is_simulated, self._benches))
        model = self.model
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
                ),
                _TONES.get(each.kind, "plain"),
            )
            for each in model.rows
        )
        self.by_itself.setChecked(model.by_itself)
        self.twin.show_command(model.twin)
        self.next.setEnabled(model.startable)
        self._say()
        self._enable()

    def _say(self) -> None:
        model = self.model
        if model.busy:
            self.note.say("starting: the engine is getting ready\u2026", "note")
        elif model.problem:
            self.note.say(f"\u2717 {model.problem}", "bad")
        elif not model.rows:
            self.note.say("Nothing waits. The screen Start puts runs here.", "quiet")
        elif model.blocked:
            self.note.say(f"The next run waits: {model.blocked}.", "note")
        else:
            self.note.say("The next run can start." if model.startable else "", "good")

    def _enable(self) -> None:
        place = self.table.currentRow()
        chosen = self.model.rows[place] if 0 <= place < len(self.model.rows) else None
        for each in (self.copy, self.remove):
            each.setEnabled(chosen is not None)
        movable = chosen is not None and chosen.waits
        for each in (self.up, self.down):
            each.setEnabled(movable)
        self.hold.setEnabled(movable or (chosen is not None and chosen.held))
        self.hold.setText("Release" if chosen is not None and chosen.held else "Hold")
        self.confirm.setEnabled(chosen is not None and chosen.confirm)


_TONES: dict[str, Tone] = {
    "refused": "bad",
    "not_completed": "bad",
    "broke_off": "bad",
    "no_run_file": "bad",
    "running": "good",
    "completed": "good",
    "unconfirmed": "note",
    "paused": "note",
    "stopping": "note",
}
