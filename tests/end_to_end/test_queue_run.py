"""`solbench queue run` with real engines: confirmation, stop and restart of the program in between."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from solbench.acquisition.control.registry import entries
from solbench.acquisition.queue.run_queue import RunQueue
from solbench.acquisition.queue.standing import condition
from solbench.acquisition.record.reader import open_run
from tests.end_to_end.programs import Process, begin, finish, inputs, solbench


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path / "state"))
    inputs(tmp_path)
    yield tmp_path
    for entry in entries():
        if entry.alive:
            solbench(tmp_path, "stop", entry.path)


def add(folder: Path, name: str, cell_id: str, *more: str) -> None:
    arguments = (
        "tiny.yaml",
        "--cell",
        "nbh",
        "--bench",
        "bench.yaml",
        "--set",
        f"conditions.cell_id={cell_id}",
    )
    done = solbench(folder, "queue", "add", *arguments, *more, "-o", f"{name}.h5")
    assert done.code == 0, done.err


def listed(folder: Path) -> list[dict[str, Any]]:
    return json.loads(solbench(folder, "queue", "list", "--json").out[-1])["queue"]


def state(number: int) -> str:
    """How a run of the queue stands, as the command line says it."""
    waiting = RunQueue()
    return condition(waiting.get(number), entries()).text


def confirm(number: int) -> None:
    RunQueue().confirm(number)


def until(what: Callable[[], bool], process: Process | None = None) -> None:
    end = time.monotonic() + 60.0
    while not what():
        assert process is None or process.poll() is None, process.communicate()[1] if process else ""
        assert time.monotonic() < end
        time.sleep(0.05)


def test_two_runs_the_second_waits_for_its_cell(folder: Path) -> None:
    add(folder, "a", "A1", "--seed", "7")
    add(folder, "b", "B2", "--seed", "8")
    confirm(1)
    process = begin(folder, "queue", "run")
    until(lambda: state(1) == "completed", process)
    assert state(2) == "waiting: confirm the cell"
    time.sleep(2.5)  # longer than it takes to look again
    assert state(2) == "waiting: confirm the cell"
    solbench(folder, "queue", "confirm", "2")
    done = finish(process)
    assert done.code == 0
    said = done.err.splitlines()
    assert [line for line in said if line.endswith("has begun")] == [
        f"{folder / 'a.h5'} has begun",
        f"{folder / 'b.h5'} has begun",
    ]
    assert sum("confirm first that the cell B2 is mounted" in line for line in said) == 1
    runs = [open_run(folder / f"{name}.h5") for name in ("a", "b")]
    assert [run.completed for run in runs] == [True, True]
    assert [run.header.seed for run in runs] == [7, 8]
    assert [run.header.conditions.cell_id for run in runs] == ["A1", "B2"]


def test_the_program_is_ended_and_killed_and_begun_again_while_a_run_goes_on(folder: Path) -> None:
    """Ctrl-C and kill -9 end the queue's program alone; another takes the queue up where it stands."""
    add(folder, "a", "A1", "--speed", "25")
    add(folder, "b", "A1")
    confirm(1)
    first = begin(folder, "queue", "run")
    until(lambda: state(1) == "running", first)
    first.send_signal(signal.SIGINT)
    ended = finish(first)
    assert ended.code == 0
    assert "the queue is left as it is; the run continues" in ended.err
    item = listed(folder)[0]
    assert item["condition"] == "running"
    assert item["step"] in ("sodiation", "desodiation", "")
    second = begin(folder, "queue", "run")
    time.sleep(1.0)
    second.kill()
    second.communicate()
    assert state(1) == "running"
    before = listed(folder)[0]["progress"]
    until(lambda: (listed(folder)[0]["progress"] or 1.0) > before)
    third = begin(folder, "queue", "run")
    done = finish(third)  # the same cell, completed: the second run asks nobody
    assert done.code == 0
    assert [item["condition"] for item in listed(folder)] == ["completed", "completed"]
    assert open_run(folder / "a.h5").completed


def test_a_run_that_is_stopped_lets_nobody_in_on_the_same_cell_without_a_word(folder: Path) -> None:
    add(folder, "a", "A1", "--speed", "25")
    add(folder, "b", "A1")
    confirm(1)
    process = begin(folder, "queue", "run")
    until(lambda: state(1) == "running", process)
    assert solbench(folder, "stop").code == 0
    until(lambda: state(1).startswith("not completed"), process)
    time.sleep(2.5)
    assert state(2) == "waiting: confirm the cell"
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    done = finish(process)
    assert "confirm first that the cell A1 is mounted" in done.err
    assert not (folder / "b.journal").exists()


def test_a_cell_is_not_confirmed_while_another_is_in_use_and_a_run_by_hand_needs_it_anew(
    folder: Path,
) -> None:
    add(folder, "b", "B2")
    confirm(1)
    arguments = ("tiny.yaml", "--cell", "nbh", "--bench", "bench.yaml", "--set", "conditions.cell_id=A1")
    engine = begin(folder, "run", *arguments, "--speed", "25", "-o", "a.h5")
    until(lambda: any(entry.alive for entry in entries()), engine)
    until(lambda: state(1) == "waiting: confirm the cell", engine)
    refused = solbench(folder, "queue", "confirm", "1")
    assert refused.code == 1
    assert "a.h5 is running there with another cell" in refused.err
    assert solbench(folder, "stop").code == 0
    finish(engine)
    assert "confirm first that the cell B2 is mounted" in solbench(folder, "queue", "next").err
    assert solbench(folder, "queue", "confirm", "1").code == 0
