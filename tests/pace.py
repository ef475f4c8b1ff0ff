"""Time in tests that does not depend on what else the machine does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_NAP_S = 0.005


class Stopwatch:
    """Times a block: `host_s`, and `elapsed_s`, which is less by what the machine took away.

    That is by how much a thread that only naps woke up late; `latest_s` is the longest that it ever did, so long as the
    block may have waited for a single turn (0 on a quiet machine).
    """

    def __init__(self) -> None:
        self.host_s = self.elapsed_s = self.latest_s = 0.0
        self._stolen_s = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._nap, name="stopwatch")

    def __enter__(self) -> Stopwatch:
        self._thread.start()
        self._began_s = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self.host_s = time.monotonic() - self._began_s
        self._over.set()
        self._thread.join()
        self.elapsed_s = max(0.0, self.host_s - self._stolen_s)

    def _nap(self) -> None:
        while not self._over.is_set():
            began_s = time.monotonic()
            self._over.wait(_NAP_S)
            late_s = time.monotonic() - began_s - _NAP_S
            if late_s > _NAP_S:
                self._stolen_s += late_s
                self.latest_s = max(self.latest_s, late_s)


def cpu_s(work: Callable[[], object]) -> float:
    """The seconds of processor that this process spends on `work`; waiting for a turn costs none."""
    began_s = time.process_time()
    work()
    return time.process_time() - began_s


def _reference() -> None:
    """A fixed piece of work of the kind that a reading is: text, numbers, small objects."""
    for number in range(2000):
        fields = f"+2.07035E-03,+1.51106E-08,00,{number % 10:02d}".split(",")
        tuple(map(float, fields[:2])), {field: len(field) for field in fields}


def relative_cost(work: Callable[[], object], rounds: int = 7) -> float:
    """How much more processor `work` takes than a fixed piece of work in the same process, at best."""
    works, references = zip(*((cpu_s(work), cpu_s(_reference)) for _ in range(rounds)), strict=True)
    return min(works) / min(references)
