"""What a window does while it is used: how long it stood still, and where; what it complained of."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

from PySide6.QtCore import QEventLoop, Qt, QTimer, QtMsgType, qInstallMessageHandler

QUIET = ("This plugin does not support", "propagateSizeHints")
BEAT_MS = 5
LATE_S = 0.06  # without a beat: from then on it is looked where the window is
LOOK_S = 0.01
HERE = "solbench/"


class Complaints:
    """Everything that was raised or said by Qt from now on, which is printed as well; `found` lists it."""

    def __init__(self) -> None:
        self.found: list[str] = []
        sys.excepthook = self._raised
        threading.excepthook = lambda given: self._raised(
            given.exc_type, given.exc_value, given.exc_traceback
        )
        qInstallMessageHandler(self._said)

    def _raised(self, kind, error, trace):  # type: ignore[no-untyped-def]
        self._add("".join(traceback.format_exception(kind, error, trace)))

    def _said(self, kind: QtMsgType, _place: object, text: str) -> None:
        if not any(words in text for words in QUIET):
            self._add(f"{kind.name}: {text}")

    def _add(self, text: str) -> None:
        self.found.append(text)
        print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Took:
    """How long something took to be shown, the longest time without a beat meanwhile, and of that the processor's.

    All in s; `where` is what most of the longest time was spent in, "" where nothing was late.
    """

    shown_s: float
    block_s: float
    block_cpu_s: float
    where: str


class Watch:
    """Lets a window live and notes how long it stands still: a timer beats, a thread looks where it does not."""

    def __init__(self) -> None:
        self._timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._main = threading.get_ident()
        self._places: Counter[str] = Counter()
        self._worst = (0.0, 0.0, "")
        self._beaten_s, self._beaten_cpu_s = time.perf_counter(), time.thread_time()
        self._beating = False
        threading.Thread(target=self._look, name="watch", daemon=True).start()

    def took(
        self,
        act: Callable[[], object],
        shown: Callable[[], bool],
        longest_s: float = 120.0,
        settle_s: float = 0.3,
    ) -> Took:
        """Do something and let the window live until it is shown, and `settle_s` longer; raises TimeoutError."""
        loop, began, done = QEventLoop(), time.perf_counter(), False
        self._worst, self._beating = (0.0, 0.0, ""), True
        self._places.clear()
        self._beaten_s, self._beaten_cpu_s = began, time.thread_time()
        self._timer.start()

        def do() -> None:
            nonlocal done
            try:
                act()
            finally:
                done = True

        QTimer.singleShot(0, do)
        painted = False  # a round of events after it was done: what was asked to be painted has been
        while not painted and time.perf_counter() - began < longest_s:
            painted = done and shown()
            QTimer.singleShot(BEAT_MS, loop.quit)
            loop.exec()
        seen = time.perf_counter() - began
        if seen >= longest_s:
            raise TimeoutError(f"not shown within {longest_s:g} s")
        QTimer.singleShot(int(1e3 * settle_s), loop.quit)
        loop.exec()
        self._timer.stop()
        self._beating = False
        return Took(seen, *self._worst)

    def _beat(self) -> None:
        now_s, cpu_s = time.perf_counter(), time.thread_time()
        late_s = now_s - self._beaten_s
        if late_s > self._worst[0]:
            [(where, _count)] = self._places.most_common(1) or [("", 0)]
            self._worst = late_s, cpu_s - self._beaten_cpu_s, where
        self._places.clear()
        self._beaten_s, self._beaten_cpu_s = now_s, cpu_s

    def _look(self) -> None:
        while True:
            time.sleep(LOOK_S)
            if self._beating and time.perf_counter() - self._beaten_s > LATE_S:
                self._places[_place(sys._current_frames().get(self._main))] += 1


def _place(frame: FrameType | None) -> str:
    """Return the functions of this program that a thread is in, the inner ones last; elsewhere where it is."""
    names: list[str] = []
    own: list[str] = []
    while frame is not None:
        path = frame.f_code.co_filename
        if "benchmarks" not in path:
            names.append(f"{path.rpartition('/')[2]}:{frame.f_lineno} {frame.f_code.co_name}")
            own.append(names[-1]) if HERE in path and "site-packages" not in path else None
        frame = frame.f_back
    return " > ".join(reversed(own[:5] or names[:2]))
