"""The storage thread: fsync of the journal and everything HDF5, behind a bounded queue.

The engine never waits for it. If it falls behind, the live file is caught up from the journal; if HDF5 fails,
the live file is given up (a failed handle is poisoned) and the run continues: the journal is the truth.
"""

import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from solbench.acquisition.record.checkpoint import Checkpoint, CheckpointWriter, read_checkpoint
from solbench.acquisition.record.events import Event, SegmentEnd, SegmentStart
from solbench.acquisition.record.hdf5 import why
from solbench.acquisition.record.journal import BEGINNING, Journal, Place, Told, read_journal, untold
from solbench.acquisition.record.live_file import LiveFile, kept_rows
from solbench.acquisition.record.rows import Rows

FLUSH_S = 1.0  # host time
WATCHED_FLUSH_S = 0.2  # while a viewer watches
QUEUE_EVENTS = 100_000
TOLD_AGAIN_S = (
    600.0  # a disk that keeps nothing fails every second, and an alarm each time would bury all others
)
TICK_EVENTS = 1000  # some milliseconds of reading a journal


def ticking(events: Iterator[Event], tick: Callable[[], None]) -> Iterator[Event]:
    """Yield `events` and call `tick` now and then: a long journal takes longer to read than a lease lasts."""
    for number, event in enumerate(events):
        if number % TICK_EVENTS == 0:
            tick()
        yield event


class Storage:
    """Keeps a live file and makes both durable, once a host second and at each segment.

    While `watched` (asked from the storage thread) says so, viewers see what is new five times a second.
    `tick` is called now and then while a live file is made of a journal, in the calling thread. `error`
    is the text of what went wrong last, for an alarm; the caller that has taken it sets it to None. `checkpoint`: what
    vouches for the journal's beginning, so that it need not be read again; `told` hears of a long reading.
    """

    def __init__(
        self,
        run: Path,
        journal: Journal,
        tick: Callable[[], None] = lambda: None,
        watched: Callable[[], bool] = lambda: False,
        checkpoint: Checkpoint | None = None,
        told: Told = untold,
    ) -> None:
        self._told = told
        self._checkpoint = CheckpointWriter(journal.path, checkpoint)
        self._next_seq = 0  # all records below it have been taken from the queue, or from the journal
        self._journal = journal
        self._tick = tick
        self._watched = watched
        self._queue: deque[Event] = deque()
        self._behind = False  # the queue lacks records that the journal has
        self._volatile = False  # rows are in the live file that may not be on the disk yet
        self._wake = threading.Event()
        self._stop = False
        self.flushed_seq = 0  # all records below it are in the live file, for viewers to see
        self.error: str | None = None
        self._told_s = -math.inf  # when it was told that the journal is not durable
        self.poisoned = False
        self._run = run
        self._graveyard: list[LiveFile] = []
        self._live: LiveFile | None = self._open_live(run, self._checkpointed)
        if self._live is None:
            for _event in self._checkpointed(self._checkpoint.place):
                pass
        self._checkpoint.mark()
        self._next_seq = self._due_seq = self._checkpoint.next_seq
        self._thread = threading.Thread(target=self._work, name="storage", daemon=True)
        self._thread.start()

    def take(self, event: Event) -> None:
        """Take an event from the engine; never blocks."""
        seq, _, body = event
        if seq != self._due_seq:  # written, and then an interruption came before it was handed on
            self._behind = True
        self._due_seq = seq + 1
        queue = self._queue
        if len(queue) >= QUEUE_EVENTS:
            self._behind = True
            return
        queue.append(event)
        if isinstance(body, SegmentEnd):
            self._wake.set()

    def rebuild(self) -> None:
        """Make the live file again from the journal if it was given up."""
        if self._live is None:
            self._live = self._open_live(self._run, self._records)

    def close(self) -> None:
        """Write what is left, close the live file and end the thread."""
        if self._journal.next_seq != self._due_seq:
            self._behind = True
        self._stop = True
        self._wake.set()
        self._thread.join()
        if self._live is not None:
            self._guarded(self._live.close)
        self._checkpoint.close()

    def _work(self) -> None:
        durable_s = time.monotonic()
        while True:
            woken = self._wake.wait(WATCHED_FLUSH_S if self._watched() else FLUSH_S)
            self._wake.clear()
            stopping = self._stop
            durable = woken or time.monotonic() - durable_s > FLUSH_S - WATCHED_FLUSH_S / 2
            if durable:
                durable_s = time.monotonic()
                self._sync_journal()
            self._guarded(partial(self._write, durable))
            if stopping:
                return

    def _sync_journal(self) -> None:
        try:
            os.fsync(self._journal.descriptor)
        except OSError as error:
            if time.monotonic() - self._told_s > TOLD_AGAIN_S:
                self._told_s = time.monotonic()
                self._tell(
                    f"the journal could not be made durable ({why(error)}), so that what is written from now on may "
                    "be lost if this PC fails; look at the disk, or at the connection to the network share"
                )

    def _tell(self, text: str) -> None:
        waiting = self.error  # not taken yet
        self.error = text if waiting is None else f"{waiting}. And {text}"

    def _write(self, durable: bool) -> None:
        events = self._drain()
        self._checkpoint.add(events)
        if self._live is None:
            return
        events = [event for event in events if event.seq >= self.flushed_seq]
        if events:
            self._live.append(events)
            self.flushed_seq = events[-1].seq + 1
        if events or (durable and self._volatile):
            self._live.flush(durable)
            self._volatile = not durable

    def _drain(self) -> list[Event]:
        """Return the events that were not taken yet; from the journal if the queue lacks some."""
        events = []
        while self._queue:
            events.append(self._queue.popleft())
        if self._behind:
            self._behind = False
            events = list(read_journal(self._journal.path, self._checkpoint.place))
        events = [event for event in events if event.seq >= self._next_seq]
        if events:
            self._next_seq = events[-1].seq + 1
        return events

    def _open_live(self, run: Path, records: Callable[[Place], Iterator[Event]]) -> LiveFile | None:
        """Make the live file; `records` gives those of the journal from a place on."""
        try:
            live = self._made(run, records)
        except (OSError, RuntimeError, ValueError) as error:
            self.error = f"no live file: {why(error)}"
            self.poisoned = True  # it may have failed half-way, with a handle that cannot be closed
            return None
        self.flushed_seq = live.next_seq
        return live

    def _made(self, run: Path, records: Callable[[Place], Iterator[Event]]) -> LiveFile:
        """Make the live file of the one that lies there and what came after it, or else of the whole journal."""
        known = read_checkpoint(self._journal.path)
        if known is not None:
            rows = Rows()
            for event in known.records.of((SegmentStart,)):
                rows.see(event)
            with suppress(OSError, RuntimeError, LookupError, ValueError):
                kept = kept_rows(run, known.place.seq, known.header, self._tick)
                return LiveFile(run, records(known.place), kept, rows)
        return LiveFile(run, records(BEGINNING))

    def _records(self, start: Place) -> Iterator[Event]:
        return ticking(read_journal(self._journal.path, start, self._told), self._tick)

    def _checkpointed(self, start: Place) -> Iterator[Event]:
        """Yield records of the journal that are brought into the checkpoint on the way."""
        for event in self._records(start):
            self._checkpoint.add((event,))
            yield event

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - this thread must live on: it makes the journal durable
            # Its handle stays open on purpose: closing one that failed can take the interpreter down.
            told = "close what else has it open. The journal is complete"
            self._tell(f"the live file was given up ({why(error)}); {told}")
            self.poisoned = True
            if self._live is not None:
                self._graveyard.append(self._live)
            self._live = None
