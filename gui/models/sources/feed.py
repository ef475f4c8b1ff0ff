"""A live engine as a source: one thread speaks with it, another reads the file; the window waits for neither."""

import threading
import time
from contextlib import suppress
from pathlib import Path

from solbench.acquisition.control.client import Client, NoEngine
from solbench.acquisition.control.messages import EventNews, Status
from solbench.acquisition.control.registry import Entry
from solbench.acquisition.errors import AcquisitionError
from solbench.acquisition.record.events import Header
from solbench.acquisition.record.follow import Deduplicator, FileRows, Follower, JournalRows, LiveRows, News
from solbench.acquisition.record.journal import journal_path
from solbench.acquisition.record.reader import BLOCK_ROWS, is_finished
from solbench.acquisition.record.rows import Rows
from solbench.acquisition.record.slices import JournalSlices, LiveSlices, Slices, slices_of
from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.words import tr
from solbench.gui.models.sources.detail import DetailReader
from solbench.gui.models.sources.source import Batch, Kind, Link, read_ahead

RETRY_S = 0.5
WAITING_ROWS = 6 * BLOCK_ROWS  # that are read before the window has taken them
STUCK_S = 5.0  # a live file that does not move for so long, while the engine does, was given up


class Feed:
    """Follows one run from its beginning, through a restart of its engine, until it has ended."""

    def __init__(self, entry: Entry) -> None:
        self.path = Path(entry.path)
        self.run = entry.run
        self.entry = entry
        self._lock = threading.Lock()
        self._batch = Batch()
        self._status: Status | None = None
        self._heard_s = time.monotonic()
        self._over = ""
        self._problem = ""
        self._closing = threading.Event()
        self._wake = threading.Event()
        self._gone = threading.Event()
        self._client: Client | None = None
        self._seen = Deduplicator()
        self._rows = Rows()
        self._count = 0
        self._read_below = -1
        self._detail = DetailReader(self._slices)
        self._journal = JournalSlices(journal_path(self.path))
        self._flushed_seq, self._moved_s, self._stuck = -1, time.monotonic(), False
        self._threads = [
            threading.Thread(target=self._listen, name="link", daemon=True),
            threading.Thread(target=self._read, name="rows", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def kind(self) -> Kind:
        """Get that an engine gives the news."""
        return "engine"

    def take(self) -> Batch:
        """Return what is new since the last call; never blocks for long."""
        over = self._over  # before the rows: what comes last is handed over before it is said to be the last
        with self._lock:
            batch, self._batch = self._batch, Batch()
            batch.status, self._status = self._status, None
        batch.detail = self._detail.take()
        silent_s = time.monotonic() - self._heard_s
        text = over or self._problem or tr("engine ok")
        batch.link = Link(silent_s, text, over=bool(over))
        return batch

    def want(self, blocks: Array) -> None:
        """Ask for the samples of some blocks of the trace."""
        self._detail.want(blocks)

    def close(self) -> None:
        """Let go of the engine, which keeps running, and of the file."""
        self._detail.close()
        self._closing.set()
        self._wake.set()
        if self._client is not None:
            self._client.close()
        for thread in self._threads:
            thread.join(timeout=2.0)

    def _listen(self) -> None:
        while not self._closing.is_set():
            with suppress(NoEngine, OSError), Client(self.entry) as client:
                self._client = client
                for message in client.news():
                    self._hear(message)
                    if self._closing.is_set():
                        return
            if not self.entry.alive:
                break
            self._problem = tr("connecting to the engine again")
            self._closing.wait(RETRY_S)
        self._gone.set()
        self._wake.set()

    def _hear(self, message: Status | EventNews) -> None:
        self._heard_s = time.monotonic()
        self._problem = ""
        if isinstance(message, Status):
            with self._lock:
                self._status = message
            if message.flushed_seq > self._read_below:
                self._wake.set()
            self._watermark(message)

    def _watermark(self, status: Status) -> None:
        """Note when the live file stands still although the engine does not."""
        now = time.monotonic()
        if status.flushed_seq > self._flushed_seq or status.seq < status.flushed_seq:
            self._read_below = -1
            self._flushed_seq, self._moved_s = status.flushed_seq, now
        self._stuck = now - self._moved_s > STUCK_S and status.seq > status.flushed_seq

    def _read(self) -> None:
        reader: Follower = LiveRows(self.path)
        while not self._closing.is_set():
            self._wake.wait(1.0)
            self._wake.clear()
            if self._gone.is_set():
                break
            if self._stuck and isinstance(reader, LiveRows):
                reader.close()
                reader = JournalRows(journal_path(self.path), self._seen.all_below, self._rows)
            self._read_on(reader)
        reader.close()
        if not self._closing.is_set():
            self._finish()

    def _read_on(self, reader: Follower) -> None:
        """Read until there is nothing more."""
        below = self._flushed_seq
        with suppress(OSError, RuntimeError, KeyError, ValueError):
            while not (self._closing.is_set() or self._gone.is_set()):
                news = reader.read()
                if news.empty:
                    self._read_below = below
                    break
                self._keep(news)

    def _keep(self, news: News) -> None:
        """Hand over those rows that are new."""
        fresh = self._seen.new(news)
        self._count += sum(len(rows) for rows in fresh.samples)
        for event in fresh.events:
            self._rows.see(event)
            if isinstance(event.body, Header):
                read_ahead(event.body)
        with self._lock:
            self._batch.add(fresh)
        while self._waiting() > WAITING_ROWS and not self._closing.wait(0.01):
            pass

    def _waiting(self) -> int:
        with self._lock:
            return sum(len(rows) for rows in self._batch.samples)

    def _slices(self) -> Slices:
        """Return what reads the samples that the window has let go of."""
        if self._stuck and not self._over:
            return self._journal
        found = slices_of(self.path) if self._over else LiveSlices(self.path)
        return self._journal if isinstance(found, JournalSlices) else found

    def _finish(self) -> None:
        """Read the rest of a run whose engine has gone, unless another one has taken it up."""
        text = tr("the engine has ended")
        try:
            reader: Follower = (
                FileRows(self.path, self._count) if is_finished(self.path) else self._rest_of_journal()
            )
            while not (news := reader.read()).empty and not self._closing.is_set():
                self._keep(news)
        except (AcquisitionError, OSError, KeyError, ValueError) as error:
            text = tr("the engine has ended, and its file cannot be read: {error}", error=error)
        self._over = text

    def _rest_of_journal(self) -> JournalRows:
        return JournalRows(journal_path(self.path), self._seen.all_below, self._rows)
