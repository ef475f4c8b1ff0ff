"""Work that ends when the test says so."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from solbench.gui.models.common.jobs import Finished, Jobs


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
