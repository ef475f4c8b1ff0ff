"""Time in tests that does not depend on what else the machine does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from solbench.acquisition.host.platform import host_s

_NAP_S = 0.005


class Stopwatch:
    """Times a block: `host_s`, and `elapsed_s`, which is less by what the machine took away.

    That is by how much a thread that only naps woke up late.
    """

    def __init__(self) -> None:
        self.host_s = self.elapsed_s = 0.0
        self._stolen_s = 0.0
        self._late: list[tuple[float, float]] = []  # when (`host_s`) it woke up, and how late (s)
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

    def latest_s(self, from_s: float, to_s: float) -> float:
        """Get how late it woke up at most (s) in a time (`host_s`): so long may others have waited for a turn then.

        0 on a quiet machine.
        """
        naps = ((woke_s - late_s, woke_s, late_s) for woke_s, late_s in self._late)
        return max(
            (late_s for due_s, woke_s, late_s in naps if due_s < to_s and woke_s > from_s), default=0.0
        )

    def _nap(self) -> None:
        while not self._over.is_set():
            began_s = time.monotonic()
            self._over.wait(_NAP_S)
            late_s = time.monotonic() - began_s - _NAP_S
            if late_s > _NAP_S:
                self._stolen_s += late_s
                self._late.append((host_s(), late_s))


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
