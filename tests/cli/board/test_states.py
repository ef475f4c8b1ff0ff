"""A board says of each cell what its run says, and of one about which nobody can say anything that it is unknown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from solbench.acquisition.control.client import NoEngine
from solbench.acquisition.control.messages import Status
from solbench.acquisition.control.registry import Entry
from solbench.acquisition.control.verbs import State
from solbench.acquisition.record.events import Event, RunEnd
from solbench.cli.board import states
from solbench.cli.board.states import Watcher, topic_of
from tests.acquisition.runs import RUNS_0_1

ENTRY = Entry(
    "r" * 32, "/runs/a.h5", 1, "", 2, "t", "Bench 4/β +#", "key", "half-cell", "nbh", "2026-11-29", "1"
)
STATUS = Status(
    run=ENTRY.run,
    path=ENTRY.path,
    state=State.RUNNING,
    simulated=True,
    seq=1,
    flushed_seq=1,
    samples=7,
    time_s=3.5,
)


class Engine:
    """Answers with a status, or not at all."""

    def __init__(self, status: Status | None) -> None:
        self.status_now = status
        self.closed = 0

    def status(self) -> Status:
        if self.status_now is None:
            raise NoEngine("it hangs")
        return self.status_now

    def close(self) -> None:
        self.closed += 1


@contextmanager
def _bench(
    monkeypatch: pytest.MonkeyPatch, engine: Engine, *found: Entry, alive: bool = True
) -> Iterator[Watcher]:
    monkeypatch.setattr(states, "entries", lambda: list(found))
    monkeypatch.setattr(states, "Client", lambda _entry, timeout_s: engine)
    monkeypatch.setattr(Entry, "alive", property(lambda _entry: alive))
    watcher = Watcher()
    yield watcher
    watcher.close()


@pytest.mark.parametrize(
    ("changes", "cell"),
    [
        ({"connected": True}, "connected"),
        ({"connected": False, "state": State.PAUSED}, "off"),
        ({"connected": True, "searching_since": "2026-11-29T10:00:00+00:00"}, "unknown"),
        ({"connected": False, "searching_since": "2026-11-29T10:00:00+00:00"}, "unknown"),
    ],
)
def test_a_cell_is_as_its_run_says(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], cell: str
) -> None:
    with _bench(monkeypatch, Engine(STATUS.model_copy(update=changes)), ENTRY) as watcher:
        [state] = watcher.look()
    assert (state.cell, state.samples, state.simulated) == (cell, 7, True)
    assert bool(state.why) == (cell == "unknown")


@pytest.mark.parametrize("alive", [True, False])
def test_a_program_that_does_not_answer_leaves_the_cell_unknown(
    monkeypatch: pytest.MonkeyPatch, alive: bool
) -> None:
    engine = Engine(None)
    with _bench(monkeypatch, engine, ENTRY, alive=alive) as watcher:
        [state] = watcher.look()
    assert (state.cell, state.state) == ("unknown", "silent" if alive else "dead")
    assert engine.closed == alive


def test_a_guardian_that_has_verified_it_makes_a_dead_programs_cell_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(states, "read_guard_file", lambda _run: 12.0)
    with _bench(monkeypatch, Engine(None), ENTRY, alive=False) as watcher:
        monkeypatch.setattr(states, "read_duty", lambda _key: None)
        assert watcher.look()[0].cell == "off"
        monkeypatch.setattr(states, "read_duty", lambda _key: "it is not done yet")
        assert watcher.look()[0].cell == "unknown"


@pytest.mark.parametrize("verified", [True, False, None])
def test_a_run_that_is_gone_is_told_once_by_its_last_record(
    monkeypatch: pytest.MonkeyPatch, verified: bool | None
) -> None:
    entry = replace(ENTRY, path=str(RUNS_0_1 / "dc.h5"))
    if verified is not True:
        end = RunEnd(
            completed=False,
            outcome="fault",
            reason="lost",
            quantity="",
            limit=None,
            value=None,
            verified_safe=False,
        )
        monkeypatch.setattr(
            states, "read_last", lambda _path: Event(1, 0.0, end) if verified is False else None
        )
    with _bench(monkeypatch, Engine(STATUS), entry) as watcher:
        watcher.look()
        monkeypatch.setattr(states, "entries", list)
        [state] = watcher.look()
        assert (state.state, state.cell) == ("ended", "off" if verified else "unknown")
        assert watcher.look() == []


def test_a_topic_names_one_bench_and_nothing_that_a_broker_would_read_otherwise() -> None:
    topic = topic_of(ENTRY)
    assert not set(topic) & set("+# ")
    assert topic.count("/") == 1
    assert topic == topic_of(replace(ENTRY, run="another", path="/runs/b.h5"))
    assert topic != topic_of(replace(ENTRY, bench_key="other instruments"))
    unkeyed = replace(ENTRY, bench_key="")
    assert topic_of(unkeyed) != topic_of(replace(unkeyed, path=str(Path("/runs/b.h5"))))
