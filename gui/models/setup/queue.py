"""The queue on the screen: rows of what waits, what can be done with them, and the next start when it is due."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from solbench.acquisition.control.messages import Status
from solbench.acquisition.control.registry import entries
from solbench.acquisition.errors import AcquisitionError
from solbench.acquisition.host.platform import as_typed
from solbench.acquisition.queue.queued_run import QueuedRun
from solbench.acquisition.queue.rewriting import for_cell
from solbench.acquisition.queue.run_queue import RunQueue
from solbench.acquisition.queue.standing import (
    Condition,
    condition,
    ending,
    needs_confirmation,
    progress,
    progress_words,
    status_of,
    why_none_begins,
)
from solbench.acquisition.record.beside.file_names import TEMPLATE
from solbench.acquisition.record.journal import run_file
from solbench.gui.models.common.answers import Started
from solbench.gui.models.common.jobs import Finished, Jobs
from solbench.gui.models.common.observed import Observers
from solbench.gui.models.common.words import day_and_month, tr
from solbench.protocols import format_duration
from solbench.protocols.errors import BadInput

LONGEST_S = 90.0
ENOUGH = 0.02  # a share of the run that says how fast it goes
UNREAD = Condition("unread", tr("reading…"))


@dataclass(frozen=True)
class QueueRow:
    """One run of the queue as it is shown; `confirm`: its cell has to be confirmed; `running`: it has an engine.

    `kind` is that of the condition, or the engine's state where that is known.
    """

    number: int
    cell: str
    protocol: str
    condition: str
    kind: str
    duration: str
    started: str
    ends: str
    output: str
    waits: bool
    held: bool
    confirm: bool
    running: bool = False
    bench: str | None = None
    cell_id: str = ""
    bench_name: str = ""


class QueueModel:
    """Rows of the queue; `by_itself` starts the next run when nothing hinders it.

    `followed` is called with the file of a run that was started here.
    """

    def __init__(self, jobs: Jobs, queue: RunQueue | None = None) -> None:
        self.changed = Observers()
        self.followed = Observers()
        self._jobs = jobs
        self._queue = queue or RunQueue()
        self.rows: list[QueueRow] = []
        self.problem = ""
        self.blocked = ""
        self.by_itself = False
        self.busy = False
        self.twin = "solbench queue list"
        self._asking = self._reading = False
        self._statuses: dict[str, Status] = {}
        self._ends: dict[Path, Condition | None] = {}  # as they were read last; None: not yet
        self.refresh()

    def refresh(self) -> None:
        """Read the queue again: the command line may have changed it."""
        try:
            items, known = self._queue.items(), entries()
        except BadInput as error:
            self._show([], str(error), "")
            return
        before, self._ends = self._ends, {}

        def how_ended(run: Path) -> Condition:
            found = self._ends[run] = before.get(run)
            return found or UNREAD

        rows = [
            _row(item, condition(item, known, how_ended), self._statuses.get(item.output)) for item in items
        ]
        if {row.number for row in rows} != {row.number for row in self.rows}:
            self.problem = ""  # it was about another queue
        self._show(rows, self.problem, why_none_begins(items, known))
        if None in self._ends.values():
            self._read_ends()

    def _show(self, rows: list[QueueRow], problem: str, blocked: str) -> None:
        if (rows, problem, blocked) != (self.rows, self.problem, self.blocked):
            self.rows, self.problem, self.blocked = rows, problem, blocked
            self.changed()

    @property
    def startable(self) -> bool:
        """Get whether a run waits that nothing hinders."""
        return not self.busy and not self.blocked and any(row.waits and not row.held for row in self.rows)

    def tick(self) -> None:
        """Look at the queue, and start the next run if that is requested and possible."""
        self.refresh()
        self._ask()
        self._read_ends()
        if self.by_itself and self.startable:
            self.start_next()

    def _ask(self) -> None:
        """Ask the engines of the live runs where they are; beside the window, and one question at a time."""
        outputs = {row.output for row in self.rows if row.running}
        asked = [entry for entry in entries() if entry.path in outputs and entry.alive]
        if self._asking or not asked:
            return
        self._asking = True

        def done(found: dict[str, Status | None]) -> None:
            self._asking = False
            self._statuses = {path: status for path, status in found.items() if status is not None}

        def failed(_error: Exception) -> None:
            self._asking = False

        self._jobs.call(lambda: {entry.path: status_of(entry) for entry in asked}, done, failed)

    def _read_ends(self) -> None:
        """Read how runs ended, beside the window: of one that broke off the whole journal is looked at."""
        if self._reading or not self._ends:
            return
        self._reading, runs = True, tuple(self._ends)

        def done(found: dict[Path, Condition]) -> None:
            self._reading = False
            self._ends = {run: found.get(run) for run in self._ends}
            self.refresh()

        def failed(_error: Exception) -> None:
            self._reading = False

        self._jobs.call(lambda: {run: ending(run) for run in runs}, done, failed)

    def let_go_on(self, by_itself: bool) -> None:
        """Choose whether the next run starts by itself (solbench queue run)."""
        self.by_itself = by_itself
        self.twin = f"solbench queue {'run' if by_itself else 'list'}"
        self.changed()

    def start_next(self) -> None:
        """Start the next run (solbench queue next)."""
        if self.busy:
            return
        self.busy, self.problem, self.twin = True, "", "solbench queue next"
        self._jobs.command(["queue", "next", "--json"], self._started, timeout_s=LONGEST_S)
        self.changed()

    def _started(self, finished: Finished) -> None:
        self.busy = False
        started = finished.read(Started)
        if finished.ok and started is not None:
            self.followed(started.run)
        else:
            self.problem, waited = finished.said, self._waiting()
            self.refresh()
            self.by_itself = (
                self.by_itself and self._waiting() != waited
            )  # one was refused: the next has its turn
        self.refresh()
        self.changed()

    def _waiting(self) -> set[int]:
        return {row.number for row in self.rows if row.waits}

    def confirm(self, *numbers: int) -> None:
        """Confirm that the cells of runs are mounted now, each on its bench (solbench queue confirm)."""

        def confirm() -> None:
            refused = []
            for number in numbers:
                try:
                    self._queue.confirm(number)
                except (BadInput, AcquisitionError) as error:
                    refused.append(str(error))
            if refused:
                raise BadInput("; ".join(refused))

        self._do(f"confirm {' '.join(map(str, numbers))}", confirm)

    def change(self, number: int, cell_id: str, output: str, settings: Sequence[str]) -> bool:
        """Change a run that has not begun (solbench queue change); say whether it was, else `problem` says why."""
        before = next((row for row in self.rows if row.number == number), None)
        if before is None:
            return False
        changes = [*settings, *([for_cell(cell_id)] if cell_id != before.cell_id else [])]
        path = run_file(Path(before.output).parent / output) if output else Path(before.output)
        other = path if str(path) != before.output else None
        written = [
            *(part for change in changes for part in ("--set", change)),
            *(["-o", str(path)] if other else []),
        ]

        def change() -> None:
            if other is not None and self._queue.free_output(other) != other:
                raise BadInput(
                    tr("{other} is there already, or another run is to write it", other=other.name),
                    tr("Choose another name"),
                )
            self._queue.rewrite(number, changes, other)

        self._do(as_typed("change", str(number), *written), change)
        return not self.problem

    def copy_for(self, number: int, cells: Sequence[str], template: str = TEMPLATE) -> bool:
        """Add the same run for other cells (solbench queue copy --for); say whether all were added."""

        def copy() -> None:
            for cell in cells:
                self._queue.copy_for(number, cell, template)

        named = [part for cell in cells for part in ("--for", cell)]
        named += ["--template", template] if template != TEMPLATE else []
        self._do(as_typed("copy", str(number), *named), copy)
        return not self.problem

    def hold(self, number: int, held: bool) -> None:
        """Keep a run from starting, or let it wait for its turn again (solbench queue hold, release)."""
        self._do(f"{'hold' if held else 'release'} {number}", lambda: self._set_held(number, held))

    def _set_held(self, number: int, held: bool) -> None:
        if held:
            self._queue.change(number, held=True)
        else:
            self._queue.release(number)

    def move(self, number: int, by: int) -> None:
        """Move a run towards the front (-1) or the end (+1) (solbench queue up, down)."""
        self._do(f"{'up' if by < 0 else 'down'} {number}", lambda: self._queue.move(number, by))

    def remove(self, number: int) -> None:
        """Take a run out of the queue (solbench queue remove)."""
        self._do(f"remove {number}", lambda: self._queue.remove(number))

    def duplicate(self, number: int) -> None:
        """Add the same run once more, under the next free name (solbench queue copy)."""
        try:
            output = self._queue.free_output(Path(self._queue.get(number).output))
        except BadInput:  # the command line took it out a moment ago
            self.refresh()
            return
        self._do(f"copy {number} -o {as_typed(str(output))}", lambda: self._queue.copy(number, output))

    def _do(self, command: str, change: Callable[[], object]) -> None:
        self.problem, self.twin = "", f"solbench queue {command}"
        try:
            change()
        except (BadInput, AcquisitionError, OSError) as error:
            self.problem = str(error)
        self.refresh()
        self.changed()


def _row(item: QueuedRun, how: Condition, status: Status | None) -> QueueRow:
    begun = datetime.fromisoformat(item.started) if item.started else None
    running = how.kind == "running"
    done = progress(item, status) if running and status is not None else 0.0
    return QueueRow(
        number=item.id,
        cell=item.cell_id or item.cell_name,
        protocol=item.protocol_name,
        condition=progress_words(item, status) if running and status is not None else how.text,
        kind=status.state.value if running and status is not None else how.kind,
        duration=format_duration(item.duration_s),
        started=_when(begun),
        ends=_when(_end(item, begun, done) if running else _ended(item)),
        output=item.output,
        waits=item.state == "waiting",
        held=item.held or item.state == "refused",
        confirm=needs_confirmation(item),
        running=running,
        bench=item.bench,
        cell_id=item.cell_id,
        bench_name=item.bench_name,
    )


def _end(item: QueuedRun, begun: datetime | None, done: float) -> datetime | None:
    """Get when a run is expected to end: by what is done so far, before that by the estimate.

    A simulated one without a speed is too quick to say before it has begun.
    """
    if begun is not None and done > ENOUGH:
        return begun + max(datetime.now(UTC) - begun, timedelta(0)) / done
    if begun is None or (item.bench == "simulated" and item.speed is None):
        return None
    return begun + timedelta(seconds=item.duration_s / (item.speed or 1.0))


def _ended(item: QueuedRun) -> datetime | None:
    """Get when a run had ended: when its file was written last."""
    if not item.started or item.state == "waiting":
        return None
    with suppress(OSError):
        return datetime.fromtimestamp(Path(item.output).stat().st_mtime, UTC)
    return None


def _when(moment: datetime | None) -> str:
    if moment is None:
        return ""
    today = datetime.now(UTC).astimezone().date()
    here = moment.astimezone()
    at = f"{here:%H:%M}"
    return at if here.date() == today else f"{day_and_month(here)} {at}"
