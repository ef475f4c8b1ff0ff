"""Runs that wait for their bench, in order: kept in the user's state folder, for the command line and the desktop.

What is queued is what will run: protocol and cell record are copied when a run is added. One potentiostat holds one
cell, so that a run on another cell than the one before waits until a user has confirmed that it is mounted. That
means mounted now: it lapses when another run begins on the bench.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from solbench.acquisition.control.client import Client
from solbench.acquisition.control.messages import Status
from solbench.acquisition.control.registry import Entry, entries
from solbench.acquisition.errors import AcquisitionError
from solbench.acquisition.host.platform import FileLock, state_folder, write_private
from solbench.acquisition.record.events import RunEnd
from solbench.acquisition.record.journal import journal_path, read_header, read_last
from solbench.protocols.errors import BadInput

LOCK_WAIT_S = 5.0
ANSWER_S = 2.0

State = Literal["waiting", "started", "refused"]


class QueueBusy(AcquisitionError):
    """Another program holds the queue's file for longer than it may."""


class Blocked(AcquisitionError):
    """No run of the queue can begin now; the text says why."""


ConditionKind = Literal[
    "refused",
    "held",
    "unconfirmed",
    "waiting",
    "running",
    "completed",
    "not_completed",
    "broke_off",
    "no_run_file",
]


@dataclass(frozen=True)
class Condition:
    """How a run of the queue stands, and the same as text."""

    kind: ConditionKind
    text: str


@dataclass(frozen=True)
class WhichBench:
    """Which bench is meant: by its key (adapter and addresses), and by its name where one has none."""

    key: str
    name: str

    def is_same(self, other: WhichBench) -> bool:
        """Say whether two are one."""
        return self.key == other.key if self.key and other.key else self.name == other.name


class QueuedRun(BaseModel):
    """One run of the queue.

    `protocol` and `cell` are the copies, `bench` None is the user's own, `output` the run file; `duration_s` is what
    the run is expected to take in experiment time. `text` is why it was refused. `bench_key` tells instruments from
    others whatever the bench file calls them, "" of a bench in the run's own process.
    """

    model_config = ConfigDict(extra="forbid")

    id: int
    protocol: str
    cell: str
    bench: str | None
    bench_name: str
    bench_key: str = ""
    changes: list[str]
    speed: float | None
    output: str
    cell_id: str
    protocol_name: str
    cell_name: str
    duration_s: float
    seed: int = 0
    dummy_cell: bool = False
    held: bool = False
    confirmed: bool = False
    state: State = "waiting"
    started: str | None = None
    text: str = ""

    @property
    def arguments(self) -> list[str]:
        """Get what `solbench run` is given."""
        bench = [] if self.bench is None else ["--bench", self.bench]
        changes = [part for change in self.changes for part in ("--set", change)]
        speed = [] if self.speed is None else ["--speed", f"{self.speed:g}"]
        seed = ["--seed", str(self.seed)] if self.seed else []
        dummy = ["--dummy-cell"] if self.dummy_cell else []
        return [
            self.protocol,
            "--cell",
            self.cell,
            *bench,
            *changes,
            *speed,
            *seed,
            *dummy,
            "-o",
            self.output,
        ]


class RunQueue:
    """The queue on disk; every change is read, made and written under a lock."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or state_folder() / "queue"
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @property
    def path(self) -> Path:
        """Get the queue's file."""
        return self._folder / "queue.json"

    def items(self) -> list[QueuedRun]:
        """Return all runs in order; raises BadInput when the file is damaged."""
        return self._read()[1]

    def add(self, item: QueuedRun, protocol_text: str, cell_text: str) -> QueuedRun:
        """Put a run at the end, with copies of its protocol and its cell; returns it with its number."""
        with self._changing() as (number, items):
            folder = self._folder / str(number)
            folder.mkdir()
            protocol = folder / f"{_stem(item.protocol)}.yaml"
            cell = folder / f"{_stem(item.cell)}.cell.yaml"
            protocol.write_text(protocol_text, encoding="utf-8")
            cell.write_text(cell_text, encoding="utf-8")
            added = item.model_copy(update={"id": number, "protocol": str(protocol), "cell": str(cell)})
            items.append(added)
        return added

    def copy(self, number: int, output: Path) -> QueuedRun:
        """Add the same run once more under another run file; it waits for its own confirmation."""
        item = self.get(number)
        fresh = {"output": str(output), "state": "waiting", "started": None, "text": "", "confirmed": False}
        texts = [Path(name).read_text(encoding="utf-8") for name in (item.protocol, item.cell)]
        again = item.model_copy(update={**fresh, "cell": item.cell.replace(".cell.yaml", ".yaml")})
        return self.add(again, *texts)

    def get(self, number: int) -> QueuedRun:
        """Return one run; raises BadInput when there is none of that number."""
        return _find(self.items(), number)

    def change(self, number: int, **values: Any) -> QueuedRun:
        """Set fields of one run; raises BadInput when there is none of that number."""
        with self._changing() as (_, items):
            place = items.index(_find(items, number))
            items[place] = items[place].model_copy(update=values)
            return items[place]

    def confirm(self, number: int) -> QueuedRun:
        """Record a user's confirmation that the cell of a run is mounted now; raises Blocked where that cannot be.

        No other cell is mounted on that bench then: what was confirmed of others lapses.
        """
        with self._changing() as (_, items):
            item = _find(items, number)
            reason = mount_conflict(item, items, entries())
            if reason:
                raise Blocked(f"the cell of run {number} is not confirmed: {reason}")
            _revoke_confirmations(items, bench_of(item), item.cell_id, item.id)
            place = items.index(item)
            items[place] = item.model_copy(update={"confirmed": True})
            return items[place]

    def run_started(self, bench: WhichBench, cell_id: str) -> None:
        """Let lapse what was confirmed of other cells on a bench on which a run with this one begins."""
        if any(item.confirmed and item.state != "started" for item in self.items()):
            with self._changing() as (_, items):
                _revoke_confirmations(items, bench, cell_id)

    def move(self, number: int, by: int) -> None:
        """Move a run towards the front (negative) or the end."""
        with self._changing() as (_, items):
            item = _find(items, number)
            place = items.index(item)
            items.remove(item)
            items.insert(max(0, place + by), item)

    def remove(self, number: int) -> None:
        """Take a run out of the queue; one that was started continues."""
        with self._changing() as (_, items):
            items.remove(_find(items, number))
            shutil.rmtree(self._folder / str(number), ignore_errors=True)

    def take_next(self) -> QueuedRun:
        """Mark the first run that waits as started and return it; raises Blocked that says why it cannot begin."""
        with self._changing() as (_, items):
            item = next_of(items)
            if item is None:
                raise Blocked("no run is waiting in the queue; add one with solbench queue add")
            reason = blocking_reason(item, items, entries())
            if reason:
                raise Blocked(f"run {item.id} does not start: {reason}")
            place = items.index(item)
            now = datetime.now(UTC).isoformat(timespec="seconds")
            items[place] = item.model_copy(update={"state": "started", "started": now})
            # Of the same cell, too: how this run leaves it is not known yet.
            _revoke_confirmations(items, bench_of(item), "")
            return items[place]

    @contextmanager
    def _changing(self) -> Iterator[tuple[int, list[QueuedRun]]]:
        lock = FileLock(self._folder / "queue.lock")
        until = time.monotonic() + LOCK_WAIT_S
        while not lock.acquire():
            if time.monotonic() > until:
                raise QueueBusy(f"{self.path}: another program holds the queue; try again")
            time.sleep(0.02)
        try:
            number, items = self._read()
            before = {item.id for item in items}
            yield number, items
            added = {item.id for item in items} - before
            self._write(number + len(added), items)
        finally:
            lock.release()

    def _read(self) -> tuple[int, list[QueuedRun]]:
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
            return int(data["next"]), [QueuedRun.model_validate(item) for item in data["items"]]
        except FileNotFoundError:
            return 1, []
        except (ValueError, KeyError, TypeError, ValidationError) as damage:
            cure = "Move it away; the runs that wait in it are lost, those that began are not"
            raise BadInput("the queue cannot be read", cure, file=str(self.path)) from damage

    def _write(self, number: int, items: Sequence[QueuedRun]) -> None:
        data = {"next": number, "items": [item.model_dump(mode="json") for item in items]}
        write_private(self.path, json.dumps(data, indent=1))


def _stem(reference: str) -> str:
    return Path(reference).name.removesuffix(".yaml").removesuffix(".json").removesuffix(".cell") or "file"


def _find(items: Sequence[QueuedRun], number: int) -> QueuedRun:
    found = next((item for item in items if item.id == number), None)
    if found is None:
        listed = ", ".join(str(item.id) for item in items) or "none"
        raise BadInput(f"there is no run {number} in the queue", f"There are: {listed}", field="ID")
    return found


def _revoke_confirmations(items: list[QueuedRun], bench: WhichBench, cell_id: str, kept: int = 0) -> None:
    """Forget what was confirmed for runs on a bench that have not begun, but for those on the cell `cell_id`."""
    for place, item in enumerate(items):
        other = item.id != kept and not _same_cell(item.cell_id, cell_id)
        if bench_of(item).is_same(bench) and item.state != "started" and item.confirmed and other:
            items[place] = item.model_copy(update={"confirmed": False})


def _same_cell(one: str, other: str) -> bool:
    """Say whether two cells are one by their ids; one without an id is like no other."""
    return bool(one) and one == other


def bench_of(item: QueuedRun) -> WhichBench:
    """Return the bench of a run of the queue."""
    return WhichBench(item.bench_key, item.bench_name)


def bench_of_run(entry: Entry) -> WhichBench:
    """Return the bench of a run in progress."""
    return WhichBench(entry.bench_key, entry.bench)


def next_of(items: Sequence[QueuedRun]) -> QueuedRun | None:
    """Return the first run that waits and is not held."""
    return next((item for item in items if item.state == "waiting" and not item.held), None)


def cell_before(item: QueuedRun, items: Sequence[QueuedRun]) -> QueuedRun | None:
    """Return the run that was started last on the same bench, None if none was."""
    bench = bench_of(item)
    begun = [other for other in items if other.state == "started" and bench_of(other).is_same(bench)]
    return max(begun, key=lambda other: other.started or "", default=None)


def needs_confirmation(item: QueuedRun, items: Sequence[QueuedRun]) -> bool:
    """Say whether a user has to confirm that this run's cell is mounted.

    Not where the run before, on the same bench, had the same cell by its id and was completed.
    """
    if item.confirmed or item.state != "waiting":
        return False
    before = cell_before(item, items)
    if before is None or not _same_cell(before.cell_id, item.cell_id):
        return True
    return ending(Path(before.output)).kind != "completed"


def mount_conflict(item: QueuedRun, items: Sequence[QueuedRun], known: Sequence[Entry]) -> str:
    """Say why the cell of a run cannot be the one that is mounted now, "" if it can."""
    if item.state != "waiting":
        return f"it is not waiting, it is {item.state}"
    bench = bench_of(item)
    for entry in known:
        if (
            entry.alive
            and bench.is_same(bench_of_run(entry))
            and not _same_cell(_cell_of(entry), item.cell_id)
        ):
            return f"{Path(entry.path).name} is running there with another cell; confirm when that one is mounted"
    for other in items[: items.index(item)]:
        waits = other.state == "waiting" and not other.held and bench_of(other).is_same(bench)
        if waits and not _same_cell(other.cell_id, item.cell_id):
            return f"run {other.id} is ahead of it with another cell (up and hold change the order)"
    return ""


def _cell_of(entry: Entry) -> str:
    """Return the id of the cell of a run in progress, "" where it has none or cannot be read."""
    try:
        return read_header(journal_path(Path(entry.path))).conditions.cell_id or ""
    except (AcquisitionError, OSError):
        return ""


def blocking_reason(item: QueuedRun, items: Sequence[QueuedRun], known: Sequence[Entry]) -> str:
    """Say why a run cannot begin now, "" if it can."""
    if item.held:
        return "it is held"
    bench = bench_of(item)
    running = [entry for entry in known if entry.alive and bench.is_same(bench_of_run(entry))]
    if running:
        return f"{item.bench_name} is taken by {Path(running[0].path).name}"
    if needs_confirmation(item, items):
        shown = item.cell_id or item.cell_name
        return f"confirm first that the cell {shown} is mounted (solbench queue confirm {item.id})"
    if Path(item.output).exists() or journal_path(Path(item.output)).exists():
        return f"{item.output} exists already and is never overwritten"
    return ""


def condition(item: QueuedRun, items: Sequence[QueuedRun], known: Sequence[Entry]) -> Condition:
    """Return how a run stands."""
    if item.state == "refused":
        return Condition("refused", f"refused: {item.text}")
    if item.state == "waiting":
        if item.held:
            return Condition("held", "held")
        if needs_confirmation(item, items):
            return Condition("unconfirmed", "waiting: confirm the cell")
        return Condition("waiting", "waiting")
    if any(entry.path == item.output and entry.alive for entry in known):
        return Condition("running", "running")
    return ending(Path(item.output))


def progress(item: QueuedRun, status: Status) -> float:
    """Return how much of a run is done, by experiment time and the estimate: 0 to 0.99 as long as it is in progress."""
    return min(status.time_s / item.duration_s, 0.99) if item.duration_s > 0 else 0.0


def progress_words(item: QueuedRun, status: Status) -> str:
    """Say where a run is: "running: sodiation, about 43 %", "paused: sodiation, about 43 %"."""
    where = f"{status.step}, " if status.step else ""
    return f"{status.state.value}: {where}about {100 * progress(item, status):.0f} %"


def status_of(entry: Entry) -> Status | None:
    """Ask an engine where it is; None when it does not answer within ANSWER_S."""
    try:
        with Client(entry, timeout_s=ANSWER_S) as client:
            return client.status()
    except (AcquisitionError, OSError):
        return None


def ending(run: Path) -> Condition:
    """Return how a run ended, by the last record of its journal."""
    last = read_last(journal_path(run))
    if last is None:
        return Condition("no_run_file", "no run file there")
    if not isinstance(last.body, RunEnd):
        return Condition("broke_off", "interrupted: solbench resume continues it")
    if last.body.completed:
        return Condition("completed", "completed")
    return Condition("not_completed", f"not completed: {last.body.reason}")
