"""Work that ends when the test says so."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from solbench.gui.models.common.jobs import Finished, Jobs

T = TypeVar("T")


def until_idle(jobs: Jobs) -> None:
    """Deliver until nothing is under way; the work has the processor meanwhile."""
    while jobs.busy:
        jobs.deliver()
        time.sleep(0.002)


class FakeJobs(Jobs):
    """Keeps the commands that were given; `finish` ends the oldest."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[list[str]] = []
        self.folders: list[Path | None] = []
        self._waiting: list[Callable[[Finished], None]] = []

    def command(
        self,
        arguments: Sequence[str],
        done: Callable[[Finished], None],
        folder: Path | None = None,
        timeout_s: float | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.given.append(list(arguments))
        self.folders.append(folder)
        self._waiting.append(done)

    def finish(self, result: dict[str, Any] | None, code: int = 0, said: str = "") -> None:
        self._waiting.pop(0)(Finished(code, result, said))


class LateJobs(FakeJobs):
    """Does calls at once and keeps what came of them; `answer` hands it over, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self._answers: list[Callable[[], None]] = []

    def call(
        self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]
    ) -> None:
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - handed over, as by a thread
            self._answers.append(partial(failed, error))
        else:
            self._answers.append(partial(done, result))

    def answer(self, place: int) -> None:
        self._answers.pop(place)()
