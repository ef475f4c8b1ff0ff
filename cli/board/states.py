"""What the benches of this PC do now, as their runs say through their control channels, for those who are elsewhere."""

from __future__ import annotations

import hashlib
import re
import socket
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from solbench.acquisition.bench.guarded import read_guard_file
from solbench.acquisition.control.client import Client, NoEngine
from solbench.acquisition.control.duties import read_duty
from solbench.acquisition.control.messages import Status
from solbench.acquisition.control.registry import Entry, entries
from solbench.acquisition.record.events import RunEnd
from solbench.acquisition.record.journal import journal_path, read_last

Cell = Literal["connected", "off", "unknown"]
ANSWER_S = 2.0
NOBODY = "nobody reports about this bench any more"


@dataclass(frozen=True)
class BoardState:
    """One bench as a board shows it; SI units.

    `bench` and `host` name it, `topic` is made of both. `cell`: connected, off, or unknown, then `why` says more. `at`:
    when it was so (ISO 8601, UTC).
    """

    topic: str
    host: str
    bench: str
    cell: Cell
    why: str
    state: str
    run: str
    path: str
    protocol: str
    record: str
    at: str
    simulated: bool | None = None
    step: str = ""
    cycle: int | None = None
    time_s: float | None = None
    samples: int | None = None
    voltage_V: float | None = None
    current_A: float | None = None
    alarms: tuple[str, ...] = ()


class Watcher:
    """Looks at all runs of this PC; one that has ended is told once more, by its last record."""

    def __init__(self) -> None:
        self._clients: dict[str, Client] = {}
        self._known: dict[str, Entry] = {}

    def look(self) -> list[BoardState]:
        """Return the state of each bench that has a run, or had one at the last look."""
        now = {entry.run: entry for entry in entries()}
        gone = [entry for run, entry in self._known.items() if run not in now]
        for entry in gone:
            self._forget(entry.run)
        self._known = now
        busy = {topic_of(entry) for entry in now.values()}
        ended = [_ended(entry) for entry in gone if topic_of(entry) not in busy]
        return [*ended, *(self._state(entry) for entry in now.values())]

    def close(self) -> None:
        """Close the connections to the runs; these go on."""
        for run in tuple(self._clients):
            self._forget(run)

    def _state(self, entry: Entry) -> BoardState:
        if not entry.alive:
            self._forget(entry.run)
            return _dead(entry)
        try:
            client = self._clients.get(entry.run)
            if client is None:
                client = self._clients[entry.run] = Client(entry, timeout_s=ANSWER_S)
            return _living(entry, client.status())
        except (NoEngine, OSError, ValueError) as error:
            self._forget(entry.run)
            return _described(entry, "silent", "unknown", f"its program does not answer: {error}")

    def _forget(self, run: str) -> None:
        if (client := self._clients.pop(run, None)) is not None:
            client.close()


def topic_of(entry: Entry) -> str:
    """Return HOST/BENCH as parts of a topic: the same for each run on a bench, another one for every other bench."""
    name = re.sub(r"[^\w-]+", "-", entry.bench).strip("-") or "bench"
    key = hashlib.sha256((entry.bench_key or entry.path).encode()).hexdigest()[:6]
    return f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', socket.gethostname())}/{name}-{key}"


def _living(entry: Entry, status: Status) -> BoardState:
    searching = status.searching_since
    cell: Cell = "unknown" if searching else "connected" if status.connected else "off"
    return _described(
        entry,
        status.state,
        cell,
        f"its instruments have been looked for since {searching}" if searching else "",
        simulated=status.simulated,
        step=status.step,
        cycle=status.cycle,
        time_s=status.time_s,
        samples=status.samples,
        voltage_V=status.voltage_V,
        current_A=status.current_A,
        alarms=tuple(status.alarms),
    )


def _dead(entry: Entry) -> BoardState:
    """Describe a run whose program died: its guardian may have switched the cell off and verified it."""
    if entry.bench_key and read_duty(entry.bench_key) is None:
        with suppress(OSError, ValueError):
            if read_guard_file(Path(entry.path)) is not None:
                return _described(
                    entry, "dead", "off", "its program died; the guardian has switched the cell off"
                )
    return _described(entry, "dead", "unknown", "its program died; solbench make-safe switches the cell off")


def _ended(entry: Entry) -> BoardState:
    last = read_last(journal_path(Path(entry.path)))
    if last is None or not isinstance(last.body, RunEnd):
        return _described(entry, "ended", "unknown", "it left no word of how it ended")
    if not last.body.verified_safe:
        return _described(entry, "ended", "unknown", f"not verified off: {last.body.reason}")
    return _described(entry, "ended", "off", last.body.reason)


def _described(
    entry: Entry,
    state: str,
    cell: Cell,
    why: str,
    *,
    simulated: bool | None = None,
    step: str = "",
    cycle: int | None = None,
    time_s: float | None = None,
    samples: int | None = None,
    voltage_V: float | None = None,
    current_A: float | None = None,
    alarms: tuple[str, ...] = (),
) -> BoardState:
    return BoardState(
        topic=topic_of(entry),
        host=socket.gethostname(),
        bench=entry.bench,
        cell=cell,
        why=why,
        state=state,
        run=entry.run,
        path=entry.path,
        protocol=entry.protocol,
        record=entry.cell,
        at=now_text(),
        simulated=simulated,
        step=step,
        cycle=cycle,
        time_s=time_s,
        samples=samples,
        voltage_V=voltage_V,
        current_A=current_A,
        alarms=alarms,
    )


def now_text() -> str:
    """Return the time of day, as states give it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
