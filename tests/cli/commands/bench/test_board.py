"""`solbench board`: what is looked at is told, a run that has ended leaves, and the page is written as states come."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from solbench.cli.board.mqtt import Broker
from solbench.cli.board.states import BoardState
from solbench.cli.commands.bench import board
from solbench.cli.main import app_of

RUNNING = BoardState(
    topic="pc/bench-1",
    host="pc",
    bench="bench",
    cell="connected",
    why="",
    state="running",
    run="r",
    path="/r.h5",
    protocol="half-cell",
    record="nbh",
    at="2026-11-29T10:00:00+00:00",
)
ENDED = replace(RUNNING, state="ended", cell="off")
LOOKS = [[RUNNING], [RUNNING, replace(RUNNING, topic="pc/other-2")], [ENDED]]


class Lab:
    """A broker that takes everything, and what the benches do at each look."""

    def __init__(self) -> None:
        self.looks = iter(LOOKS)
        self.told: list[tuple[str, str]] = []
        self.left: list[str] = []
        self.broker: Broker | None = None

    def look(self) -> list[BoardState]:
        found = next(self.looks, None)
        if found is None:
            raise KeyboardInterrupt
        return found

    def close(self) -> None:
        self.left.append("the runs")


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    lab = Lab()

    class Channel:
        def __init__(self, broker: Broker, first: BoardState, _report: Callable[[str], None]) -> None:
            lab.broker, self.topic = broker, first.topic
            self.tell(first)

        def tell(self, state: BoardState) -> None:
            self.is_over = state.state == "ended"
            lab.told.append((state.topic, state.state))

        def close(self) -> None:
            lab.left.append(self.topic)

    monkeypatch.setattr(board, "Channel", Channel)
    monkeypatch.setattr(board, "Watcher", lambda: lab)
    monkeypatch.setattr(threading.Event, "wait", lambda _event, _s: False)
    return lab


def test_what_is_looked_at_is_told_and_what_has_ended_leaves(
    lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "secret").write_text("pass word\nmore")
    order = ["board", "publish", "lab:99", "--user", "u", "--password-file", str(tmp_path / "secret")]
    app_of(["board"])(order, standalone_mode=False)
    first, other = "pc/bench-1", "pc/other-2"
    assert lab.told == [(first, "running"), (first, "running"), (other, "running"), (first, "ended")]
    assert lab.left == [first, other, "the runs"]
    assert lab.broker == Broker("lab", 99, "u", "pass word")
    assert "the runs go on" in capsys.readouterr().err


def test_the_page_is_written_anew_until_it_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, ended = tmp_path / "benches.html", []

    def listen(
        _broker: Broker, hear: Callable[[str, dict[str, Any]], None], _report: Callable[[str], None]
    ) -> Callable[[], None]:
        hear("solbench/pc/bench-1/state", {"bench": "bench 7", "cell": "off"})
        return lambda: ended.append(True)

    def stop(_event: threading.Event, _s: float) -> bool:
        assert "bench 7" in file.read_text()
        return True

    monkeypatch.setattr(board, "listen", listen)
    monkeypatch.setattr(threading.Event, "wait", stop)
    app_of(["board"])(["board", "page", "lab", str(file)], standalone_mode=False)
    assert ended == [True]
