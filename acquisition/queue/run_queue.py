"""Runs that wait for their bench, in order: kept in the user's state folder, for the command line and the desktop.

What is queued is what will run: protocol and cell record are copied when a run is added. A run on another cell than the
one that was mounted last waits until a user has confirmed that it is mounted; `standing` says when that counts.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from solbench.acquisition.control.duties import Process
from solbench.acquisition.control.registry import entries
from solbench.acquisition.errors import AcquisitionError
from solbench.acquisition.host.platform import FileLock, state_folder, write_private, write_whole
from solbench.acquisition.queue.queued_run import QueuedRun, WhichBench
from solbench.acquisition.queue.rewriting import for_cell, rewritten
from solbench.acquisition.queue.standing import (
    blocking_reason,
    has_begun,
    is_lost,
    mount_conflict,
    next_of_each_bench,
    running_there,
    same_cell,
    taken_output,
)
from solbench.acquisition.record.beside.file_names import TEMPLATE, name_for
from solbench.acquisition.record.beside.packed import is_kept
from solbench.acquisition.record.journal import journal_path
from solbench.protocols import dump_protocol
from solbench.protocols.errors import BadInput

LOCK_WAIT_S = 5.0
REWRITTEN = ("cell_id", "protocol_name", "duration_s", "confirmed")
WAITS_AGAIN: dict[str, Any] = {
    "state": "waiting",
    "text": "",
    "started": None,
    "starter": None,
    "begun": True,
}


class QueueBusy(AcquisitionError):
    """Another program holds the queue's file for longer than it may."""


class Blocked(AcquisitionError):
    """No run of the queue can begin now; the text says why."""


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

    def copy(self, number: int, output: Path, settings: Sequence[str] = ()) -> QueuedRun:
        """Add the same run once more under another run file; it waits for its own confirmation.

        `settings` ("PATH=VALUE") change its protocol. Raises BadInput where they cannot.
        """
        item = self.get(number)
        protocol, cell = (Path(name).read_text(encoding="utf-8") for name in (item.protocol, item.cell))
        if settings:
            item, changed = rewritten(item, settings)
            protocol = dump_protocol(changed)
        fresh = {**WAITS_AGAIN, "output": str(output), "confirmed": False}
        if item.continues == self.get(number).cell_id:
            fresh["continues"] = item.cell_id  # of another cell, its own
        again = item.model_copy(update={**fresh, "cell": item.cell.replace(".cell.yaml", ".yaml")})
        return self.add(again, protocol, cell)

    def copy_for(
        self, number: int, cell_id: str, template: str = TEMPLATE, settings: Sequence[str] = ()
    ) -> QueuedRun:
        """Add the same run once more for another cell, its file beside that of the first, named by a template.

        Raises BadInput where a setting or the template cannot be used.
        """
        changes = [*settings, for_cell(cell_id)]
        item, changed = rewritten(self.get(number), changes)
        name = name_for(template, datetime.now(), changed, item.cell_name)
        return self.copy(number, self.free_output(Path(item.output).with_name(f"{name}.h5")), changes)

    def free_output(self, wanted: Path) -> Path:
        """Return a run file that no run has or is to write: the wanted one, or NAME-2, NAME-3 and so on."""
        taken = {item.output for item in self.items()}
        names = (wanted.stem if number == 1 else f"{wanted.stem}-{number}" for number in count(1))
        paths = (wanted.with_name(f"{name}.h5") for name in names)
        return next(
            path for path in paths if not (str(path) in taken or path.exists() or is_kept(journal_path(path)))
        )

    def rewrite(self, number: int, settings: Sequence[str], output: Path | None = None) -> QueuedRun:
        """Change the settings of a run that has not begun, or its run file; it keeps its place.

        Raises BadInput where the settings cannot be, and Blocked for a run that has been started.
        """
        changed, protocol = rewritten(self.get(number), settings)
        values = {name: getattr(changed, name) for name in REWRITTEN}
        if output is not None:
            values["output"] = str(output)
        with self._changing() as (_, items):
            item = _find(items, number)
            if item.state == "started":
                cure = "solbench queue copy adds it once more, under other settings"
                raise Blocked(f"run {number} is not changed, for it has been started: {cure}")
            write_whole(Path(item.protocol), dump_protocol(protocol))
            return _put(items, item, **values)

    def get(self, number: int) -> QueuedRun:
        """Return one run; raises BadInput when there is none of that number."""
        return _find(self.items(), number)

    def change(self, number: int, **values: Any) -> QueuedRun:
        """Set fields of one run; raises BadInput when there is none of that number."""
        with self._changing() as (_, items):
            return _put(items, _find(items, number), **values)

    def release(self, number: int, output: Path | None = None) -> QueuedRun:
        """Let a run wait for its turn again that was held or refused, or marked as started and never begun.

        `output`: another run file, where the first is taken. Raises Blocked for a run that has begun.
        """
        with self._changing() as (_, items):
            item = _find(items, number)
            if item.state == "started" and has_begun(item):
                cure = "solbench resume continues it, solbench queue copy adds it once more"
                raise Blocked(f"run {number} has begun: {cure}")
            values = {**WAITS_AGAIN, "held": False, "bench_key": _key_now(item)}
            if output is not None:
                values["output"] = str(output)
            return _put(items, item, **values)

    def confirm(self, number: int) -> QueuedRun:
        """Record a user's confirmation that the cell of a run is mounted now; raises Blocked where that cannot be.

        No other cell is mounted on that bench then: what was confirmed of others lapses.
        """
        with self._changing() as (_, items):
            known = entries()
            item = _find(items, number)
            reason = mount_conflict(item, items, known)
            if reason:
                raise Blocked(f"the cell of run {number} is not confirmed: {reason}")
            _revoke_confirmations(items, item.where, item.cell_id, item.id)
            entry = running_there(item.where, known)
            during = entry.run if entry is not None else ""
            at = item.where.history.end()
            return _put(items, item, confirmed=True, confirmed_at=at, confirmed_during=during)

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
        """Mark a run as started and return it: the first that may begin of those that are next on their benches.

        One whose run file exists is marked as refused, and the next one has its turn. Raises Blocked that says why
        none can begin.
        """
        reasons: list[str] = []
        with self._changing() as (_, items):
            known = entries()
            for item in [item for item in items if item.state == "waiting" and not item.held]:
                if refusal := taken_output(item) or _other_bench(item):
                    _put(items, item, state="refused", text=refusal)
                    reasons.append(f"run {item.id} is refused: {refusal}")
            for item in next_of_each_bench(items):
                reason = blocking_reason(item, items, known)
                if not reason:
                    now = datetime.now(UTC).isoformat(timespec="seconds")
                    starter = Process.of(os.getpid())
                    return _put(items, item, state="started", started=now, starter=starter, begun=False)
                reasons.append(f"run {item.id} does not start: {reason}")
        raise Blocked("; ".join(reasons) or "no run is waiting in the queue; add one with solbench queue add")

    def has_begun(self, number: int) -> None:
        """Remember that a run has become one; it may have been taken out of the queue meanwhile."""
        with self._changing() as (_, items):
            for item in [item for item in items if item.id == number]:
                _put(items, item, begun=True)

    def refuse(self, number: int, why: str) -> None:
        """Mark a run as refused that did not begin, unless it has begun all the same."""
        with self._changing() as (_, items):
            for item in [item for item in items if item.id == number]:
                if has_begun(item):
                    _put(items, item, begun=True)
                else:
                    _put(items, item, **{**WAITS_AGAIN, "state": "refused", "text": why})

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
            items = [QueuedRun.model_validate(item) for item in data["items"]]
            return int(data["next"]), [_found_again(item) for item in items]
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


def _put(items: list[QueuedRun], item: QueuedRun, **values: Any) -> QueuedRun:
    """Set fields of one run in the list; return it."""
    place = items.index(item)
    items[place] = item.model_copy(update=values)
    return items[place]


def _key_now(item: QueuedRun) -> str:
    """Return the key of the bench that the bench file of a run describes now; raises BadInput and OSError."""
    from solbench.acquisition.bench.bench_file import load_bench  # who only lists the queue asks no bench
    from solbench.acquisition.bench.guarded import key_if_any

    return key_if_any(load_bench(item.bench)[0])


def _other_bench(item: QueuedRun) -> str:
    """Say that the bench file of a run that waits cannot be used or describes another bench, "" if neither."""
    try:
        key = _key_now(item)
    except (BadInput, OSError) as error:
        return str(error)
    if key == item.bench_key:
        return ""
    named = item.bench or "your bench file"
    return (
        f"{named} describes other instruments than when the run was added; solbench queue release takes them"
    )


def _found_again(item: QueuedRun) -> QueuedRun:
    """Return a run as it stands: one that was marked and never begun waits again."""
    return item.model_copy(update=WAITS_AGAIN) if is_lost(item) else item


def _revoke_confirmations(items: list[QueuedRun], bench: WhichBench, cell_id: str, kept: int) -> None:
    """Forget what was confirmed for runs on a bench that have not begun, but for those on the cell `cell_id`."""
    for item in list(items):
        other = item.id != kept and not same_cell(item.cell_id, cell_id)
        if item.where.is_same(bench) and item.state != "started" and item.confirmed and other:
            _put(items, item, confirmed=False)
