"""The time of day beside the run's time: after another boot nothing else tells for how long nobody watched."""

import time
from collections.abc import Callable

from solbench.acquisition.host.platform import host_s
from solbench.acquisition.record.events import WallClock
from solbench.acquisition.record.recorder import Recorder

EVERY_S = 3600.0  # of experiment time
SET_S = 1.0  # by so much the clock of the PC was set, and not slowly corrected


class WallClockWatch:
    """Notes which time of day it is each hour of experiment time, and as soon as the clock of the PC was set."""

    def __init__(self, recorder: Recorder, now_s: Callable[[], float]) -> None:
        self._recorder = recorder
        self._now_s = now_s
        self._next_s = recorder.progress.last_s + EVERY_S
        self._ahead_s = time.time() - host_s()

    def look(self, time_s: float) -> None:
        """Look at the clock of the PC when the run's time is `time_s` (s); raises JournalFull."""
        unix_s = time.time()
        ahead_s = unix_s - host_s()
        is_due, was_set = time_s >= self._next_s, abs(ahead_s - self._ahead_s) > SET_S
        if is_due or was_set:
            self._next_s += EVERY_S if is_due else 0.0
            self._ahead_s = ahead_s
            self._recorder.emit(self._now_s(), WallClock(unix_s=unix_s))
