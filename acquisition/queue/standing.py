"""How the runs of the queue stand: what each waits for, whether its cell is known to be mounted, how it ended.

One potentiostat holds one cell. Which one was mounted last is derived from everything that drove the bench, and a
user's word that another one is mounted now counts only as long as nothing but a completed run has happened since.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from solbench.acquisition.control.bench_history import mounted_last
from solbench.acquisition.control.client import Client
from solbench.acquisition.control.messages import Status
from solbench.acquisition.control.registry import Entry
from solbench.acquisition.errors import AcquisitionError
from solbench.acquisition.queue.queued_run import QueuedRun, WhichBench
from solbench.acquisition.record.beside.packed import is_kept
from solbench.acquisition.record.events import RunEnd
from solbench.acquisition.record.journal import journal_path, read_header, read_last

ANSWER_S = 2.0
LOST_AFTER_S = 30.0  # a program that was started makes the run's journal first, sooner than that

ConditionKind = Literal[
    "refused",
    "held",
    "unconfirmed",
    "waiting",
    "running",
    "completed",
    "not_completed",
    "broke_off",
    "damaged",
    "no_run_file",
    "unread",
]


@dataclass(frozen=True)
class Condition:
    """How a run of the queue stands, and the same as text; "unread": it ended, and nobody has looked yet how."""

    kind: ConditionKind
    text: str


def bench_of_run(entry: Entry) -> WhichBench:
    """Return the bench of a run in progress."""
    return WhichBench(entry.bench_key, entry.bench)


def same_cell(one: str, other: str) -> bool:
    """Say whether two cells are one by their ids; one without an id is like no other."""
    return bool(one) and one == other


def next_of(items: Sequence[QueuedRun]) -> QueuedRun | None:
    """Return the first run that waits and is not held."""
    return next(iter(next_of_each_bench(items)), None)


def next_of_each_bench(items: Sequence[QueuedRun]) -> list[QueuedRun]:
    """Return of each bench the first run that waits and is not held: one bench waits for no other."""
    found: list[QueuedRun] = []
    for item in items:
        waits = item.state == "waiting" and not item.held
        if waits and not any(item.where.is_same(first.where) for first in found):
            found.append(item)
    return found


def needs_confirmation(item: QueuedRun) -> bool:
    """Say whether a user has to confirm that this run's cell is mounted."""
    return bool(why_to_confirm(item))


def why_to_confirm(item: QueuedRun) -> str:
    """Say why a user has to confirm that this run's cell is mounted, "" where none has to.

    None has to where the run that drove the bench last had the same cell by its id and was completed, and after a
    confirmation since which nothing else has happened there.
    """
    if item.state != "waiting":
        return ""
    events = item.where.history.events()
    last = mounted_last(events)
    if item.confirmed:
        since = [event for event in events if event.place >= item.confirmed_at]
        runs_on = last is not None and last.running and last.run == item.confirmed_during
        ended = any(event.kind == "ended" and event.run == item.confirmed_during for event in since)
        if all(event.completed for event in since) and (runs_on or ended or not item.confirmed_during):
            return ""
    if last is None:
        return "it is not known which cell was mounted last"
    if not last.is_cell(item.cell_id):
        return last.as_words()
    return "" if last.completed else f"{Path(last.path).name} was not completed ({last.how})"


def running_there(where: WhichBench, known: Sequence[Entry]) -> Entry | None:
    """Return the run in progress on a bench, None if there is none."""
    return next((entry for entry in known if entry.alive and where.is_same(bench_of_run(entry))), None)


def mount_conflict(item: QueuedRun, items: Sequence[QueuedRun], known: Sequence[Entry]) -> str:
    """Say why the cell of a run cannot be the one that is mounted now, "" if it can."""
    if item.state != "waiting":
        return f"it is not waiting, it is {item.state}"
    entry = running_there(item.where, known)
    if entry is not None and not same_cell(_cell_of(entry), item.cell_id):
        return f"{Path(entry.path).name} is running there with another cell; confirm when that one is mounted"
    for other in items[: items.index(item)]:
        waits = other.state == "waiting" and not other.held and other.where.is_same(item.where)
        if waits and not same_cell(other.cell_id, item.cell_id):
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
    entry = running_there(item.where, known)
    if entry is not None:
        return f"{item.bench_name} is taken by {Path(entry.path).name}"
    begins = next(
        (other for other in items if other.where.is_same(item.where) and is_about_to_begin(other)), None
    )
    if begins is not None:
        return f"run {begins.id} is about to begin there"
    if why := why_to_confirm(item):
        return f"confirm first that the cell {item.shown_cell} is mounted (solbench queue confirm {item.id}): {why}"
    return taken_output(item)


def why_none_begins(items: Sequence[QueuedRun], known: Sequence[Entry]) -> str:
    """Say why no run of the queue can begin now, "" where one can, or where one is to be refused before the next."""
    reasons = []
    for item in next_of_each_bench(items):
        reason = blocking_reason(item, items, known)
        if not reason or taken_output(item):
            return ""
        reasons.append(f"run {item.id}: {reason}")
    return "; ".join(reasons)


def goes_on(items: Sequence[QueuedRun], known: Sequence[Entry]) -> bool:
    """Say whether anything waits, is about to begin, or is running."""
    alive = {entry.path for entry in known if entry.alive}
    begins = (item.output in alive or is_about_to_begin(item) for item in items)
    return next_of(items) is not None or any(begins)


def taken_output(item: QueuedRun) -> str:
    """Say that the run file of a run that waits is there already, "" if it is not."""
    if Path(item.output).exists() or is_kept(journal_path(Path(item.output))):
        return f"{item.output} exists already and is never overwritten"
    return ""


def is_about_to_begin(item: QueuedRun) -> bool:
    """Say whether a run is marked as started and has not become a run yet."""
    return item.state == "started" and not has_begun(item) and not is_lost(item)


def has_begun(item: QueuedRun) -> bool:
    """Say whether a run that is marked as started has become one: its files may have been moved away since."""
    if item.begun or is_kept(journal_path(Path(item.output))):
        return True
    begun = (event.path for event in item.where.history.events() if event.kind == "began")
    return item.output in begun


def is_lost(item: QueuedRun) -> bool:
    """Say whether a run was marked as started by a program that was killed before it could begin."""
    if item.state != "started" or item.starter is None or item.starter.alive or item.started is None:
        return False
    waited_s = time.time() - datetime.fromisoformat(item.started).timestamp()
    return not 0.0 <= waited_s <= LOST_AFTER_S and not has_begun(item)  # below 0: the clock was set back


def condition(
    item: QueuedRun, known: Sequence[Entry], how_ended: Callable[[Path], Condition] | None = None
) -> Condition:
    """Return how a run stands; `how_ended` may know it of one that has ended, for reading that can take a second."""
    if item.state == "refused":
        return Condition("refused", f"refused: {item.text}")
    if item.state == "waiting":
        if item.held:
            return Condition("held", "held")
        if needs_confirmation(item):
            return Condition("unconfirmed", "waiting: confirm the cell")
        return Condition("waiting", "waiting")
    if any(entry.path == item.output and entry.alive for entry in known):
        return Condition("running", "running")
    if is_about_to_begin(item):
        gone = item.starter is not None and not item.starter.alive
        cure = f"; its program was killed, solbench queue release {item.id} brings it back" if gone else ""
        return Condition("no_run_file", f"about to begin{cure}")
    return (how_ended or ending)(Path(item.output))


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
    """Return how a run ended, by the last record of its journal; one that is damaged does not tell it."""
    journal = journal_path(run)
    last = read_last(journal)
    if last is None:
        return Condition("no_run_file", "no run file there")
    if journal.exists():  # what is packed was whole then
        from solbench.acquisition.record.reader import damage_beside  # loads more than a list of runs needs

        damage = damage_beside(run)
        if damage is not None:
            return Condition("damaged", f"damaged: {damage.told}")
    if not isinstance(last.body, RunEnd):
        return Condition("broke_off", "broke off: solbench resume continues it")
    if last.body.completed:
        return Condition("completed", "completed")
    return Condition("not_completed", f"not completed: {last.body.reason}")
