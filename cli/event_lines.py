"""`--events`: one JSON line an event on stdout, by a thread of its own.

Who reads the lines may be slow, stopped or gone; none of that may delay the engine. Lines wait in memory, and
when too many do, the newest are left out: the journal has them all.
"""

import os
import sys
import threading
from collections import deque

from solbench.acquisition.record.events import Event

WAITING_LINES = 200_000
LAST_WORDS_S = 10.0


class EventLines:
    """Prints events in order, each after it was written to the journal; call `close` before printing anything else."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._descriptor = sys.stdout.fileno()
        self._lines: deque[bytes] = deque()
        self._news = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._print, name="event lines", daemon=True)
        self._thread.start()

    def __call__(self, event: Event) -> None:
        """Take one event; never blocks."""
        if len(self._lines) < WAITING_LINES:
            self._lines.append(event.json().encode() + b"\n")
            self._news.set()

    def close(self) -> None:
        """Print what waits, for a reader that takes it; a stopped reader gets a few seconds."""
        self._closing = True
        self._news.set()
        self._thread.join(timeout=LAST_WORDS_S)

    def _print(self) -> None:
        while True:
            self._news.wait()
            self._news.clear()
            closing = self._closing
            while self._lines:
                if not self._write(self._lines.popleft()):
                    return
            if closing:
                return

    def _write(self, line: bytes) -> bool:
        """Write a whole line; False when the reader is gone."""
        try:
            while line:
                line = line[os.write(self._descriptor, line) :]
        except OSError:
            return False
        return True
