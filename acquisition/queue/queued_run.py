"""One run of the queue: copies of what is to run, on which bench, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from solbench.acquisition.control.bench_history import BenchHistory, history_key
from solbench.acquisition.control.duties import Process

State = Literal["waiting", "started", "refused"]
ACCEPTED = "%Y-%m-%dT%H:%M:%S%z"


@dataclass(frozen=True)
class WhichBench:
    """Which bench is meant: by its key (adapter and addresses), and by its name where one has none."""

    key: str
    name: str

    def is_same(self, other: WhichBench) -> bool:
        """Say whether two are one."""
        return self.key == other.key if self.key and other.key else self.name == other.name

    @property
    def history(self) -> BenchHistory:
        """Get who drove it."""
        return BenchHistory(history_key(self.key, self.name))


class QueuedRun(BaseModel):
    """One run of the queue.

    `protocol` and `cell` are the copies, `bench` None is the user's own, `output` the run file; `duration_s` is what
    the run is expected to take in experiment time. `text` is why it was refused. `bench_key` tells instruments from
    others whatever the bench file calls them, "" of a bench in the run's own process. `accepted`: when it was found fit
    for its bench (ISO 8601, UTC), "" of one from before that was kept: a commissioning that ends while it waits does
    not stop it. `continues`: the run file, or the id of the cell, from where its cell goes on, "" where it is said by
    the protocol; runs of the cell are looked for below the folder `continues_in`.

    `confirmed`: a user said that its cell is mounted, when the history of the bench was `confirmed_at` bytes long and
    the run `confirmed_during` was running there ("": none). What has happened since decides whether that still counts.
    `starter`: the program that marked it as started; `begun`: it is known to have become a run.
    """

    model_config = ConfigDict(extra="forbid", defer_build=True)

    id: int
    protocol: str
    cell: str
    bench: str | None
    bench_name: str
    bench_key: str = ""
    changes: list[str]
    speed: float | None
    output: str
    cell_id: str
    protocol_name: str
    cell_name: str
    duration_s: float
    seed: int = 0
    dummy_cell: bool = False
    accepted: str = ""
    dialogue: bool = False
    continues: str = ""
    continues_in: str = ""
    tags: list[str] = []
    held: bool = False
    confirmed: bool = False
    confirmed_at: int = -1
    confirmed_during: str = ""
    state: State = "waiting"
    started: str | None = None
    starter: Process | None = None
    begun: bool = True
    text: str = ""

    @property
    def where(self) -> WhichBench:
        """Get its bench."""
        return WhichBench(self.bench_key, self.bench_name)

    @property
    def shown_cell(self) -> str:
        """Get what its cell is called."""
        return self.cell_id or self.cell_name

    @property
    def arguments(self) -> list[str]:
        """Get what `solbench run` is given."""
        bench = [] if self.bench is None else ["--bench", self.bench]
        changes = [part for change in self.changes for part in ("--set", change)]
        speed = [] if self.speed is None else ["--speed", f"{self.speed:g}"]
        seed = ["--seed", str(self.seed)] if self.seed else []
        dummy = ["--dummy-cell"] if self.dummy_cell else []
        accepted = ["--accepted", self.accepted] if self.accepted else []
        dialogue = ["--dialogue"] if self.dialogue else []
        continues = ["--continues", self.continues] if self.continues else []
        tags = [f"--tag={tag}" for tag in self.tags]  # it may begin with a dash
        return [
            self.protocol,
            "--cell",
            self.cell,
            *bench,
            *changes,
            *speed,
            *seed,
            *dummy,
            *accepted,
            *dialogue,
            *continues,
            *tags,
            "-o",
            self.output,
        ]
