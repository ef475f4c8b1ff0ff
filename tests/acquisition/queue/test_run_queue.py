import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from solbench.acquisition.control.messages import Status
from solbench.acquisition.control.registry import Entry, this_process
from solbench.acquisition.control.verbs import State
from solbench.acquisition.queue.run_queue import (
    Blocked,
    QueuedRun,
    RunQueue,
    WhichBench,
    blocking_reason,
    condition,
    progress_words,
    status_of,
)
from solbench.acquisition.record.events import Conditions, Event
from solbench.protocols.errors import BadInput
from tests.records import filled, record


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunQueue:
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path / "state"))
    return RunQueue()


def add(queue: RunQueue, tmp_path: Path, name: str, cell_id: str = "A", **values: Any) -> QueuedRun:
    item = QueuedRun(
        id=0,
        protocol="half-cell",
        cell="nbh",
        bench="simulated",
        bench_name="simulated bench",
        changes=[],
        speed=None,
        output=str(tmp_path / f"{name}.h5"),
        cell_id=cell_id,
        protocol_name=name,
        cell_name="nbh",
        duration_s=3600.0,
    )
    return queue.add(item.model_copy(update=values), f"protocol of {name}", "record")


def end(item: QueuedRun, completed: bool) -> None:
    """Write a journal whose last record says how the run ended."""
    events = [record("header"), record("end", 1.0, 1, completed=completed, reason="stop")]
    journal = Path(item.output).with_suffix(".journal")
    journal.write_bytes(b"".join(map(_line, events)))


def _line(event: Event) -> bytes:
    text = event.json().encode()
    return text + b"\t%08x\n" % zlib.crc32(text)


def running(item: QueuedRun) -> Entry:
    pid, started = this_process()
    return Entry("id", item.output, pid, started, 1, "t", item.bench_name, "k", "p", "c", "2026", "0")


def names(queue: RunQueue) -> list[str]:
    return [item.protocol_name for item in queue.items()]


def test_the_queue_survives_the_program_with_its_own_copies(queue: RunQueue, tmp_path: Path) -> None:
    item = add(queue, tmp_path, "a")
    again = RunQueue().items()
    assert again == [item]
    assert Path(again[0].protocol).read_text(encoding="utf-8") == "protocol of a"
    assert again[0].arguments[1:5] == ["--cell", item.cell, "--bench", "simulated"]


def test_runs_are_moved_copied_and_removed(queue: RunQueue, tmp_path: Path) -> None:
    for name in "abc":
        add(queue, tmp_path, name)
    queue.move(3, -1)
    queue.move(1, -1)
    assert names(queue) == ["a", "c", "b"]
    copied = queue.copy(3, tmp_path / "d.h5")
    assert (copied.id, copied.protocol_name, copied.output) == (4, "c", str(tmp_path / "d.h5"))
    assert Path(copied.cell).name == Path(queue.get(3).cell).name
    queue.remove(3)
    assert names(queue) == ["a", "b", "c"]
    assert add(queue, tmp_path, "e").id == 5
    with pytest.raises(BadInput, match="no run 3"):
        queue.get(3)


def test_no_run_begins_before_its_cell_is_confirmed(queue: RunQueue, tmp_path: Path) -> None:
    add(queue, tmp_path, "a")
    with pytest.raises(Blocked, match="confirm first that the cell A is mounted"):
        queue.take_next()
    queue.change(1, confirmed=True)
    assert queue.take_next().id == 1
    with pytest.raises(Blocked, match="no run is waiting"):
        queue.take_next()


@pytest.mark.parametrize(
    ("cell_id", "completed", "begins"),
    [("A", True, True), ("A", False, False), ("B", True, False), ("", True, False)],
)
def test_only_the_same_cell_after_a_completed_run_needs_no_confirmation(
    queue: RunQueue, tmp_path: Path, cell_id: str, completed: bool, begins: bool
) -> None:
    first = add(queue, tmp_path, "a", confirmed=True)
    second = add(queue, tmp_path, "b", cell_id)
    queue.take_next()
    end(first, completed)
    assert (blocking_reason(second, queue.items(), []) == "") is begins


def test_a_cell_confirmed_for_one_bench_is_not_for_another(queue: RunQueue, tmp_path: Path) -> None:
    first = add(queue, tmp_path, "a", confirmed=True)
    queue.take_next()
    end(first, True)
    other = add(queue, tmp_path, "b", bench_name="bench 2")
    assert "confirm first" in blocking_reason(other, queue.items(), [])


def test_a_bench_that_is_taken_a_held_run_and_a_file_that_exists(queue: RunQueue, tmp_path: Path) -> None:
    item = add(queue, tmp_path, "a", confirmed=True)
    assert blocking_reason(item, [item], [running(item)]) == "simulated bench is taken by a.h5"
    held = queue.change(1, held=True)
    assert blocking_reason(held, [held], []) == "it is held"
    with pytest.raises(Blocked, match="no run is waiting"):
        queue.take_next()
    (tmp_path / "a.h5").touch()
    assert "never overwritten" in blocking_reason(item, [item], [])


def test_how_a_run_stands(queue: RunQueue, tmp_path: Path) -> None:
    item = add(queue, tmp_path, "a")
    assert condition(item, [item], []).text == "waiting: confirm the cell"
    item = queue.change(1, confirmed=True)
    assert condition(item, [item], []).text == "waiting"
    item = queue.take_next()
    assert condition(item, [item], []).text == "no run file there"
    assert condition(item, [item], [running(item)]).text == "running"
    end(item, True)
    assert condition(item, [item], []).text == "completed"
    end(item, False)
    assert condition(item, [item], []).text == "not completed: stop"
    Path(item.output).with_suffix(".journal").write_bytes(_line(record("sample")))
    assert condition(item, [item], []).text.startswith("interrupted")


def test_a_damaged_queue_is_told_of_and_not_written_over(queue: RunQueue, tmp_path: Path) -> None:
    queue.path.write_text("{", encoding="utf-8")
    with pytest.raises(BadInput, match="cannot be read"):
        queue.items()
    with pytest.raises(BadInput, match="cannot be read"):
        add(queue, tmp_path, "a")
    assert queue.path.read_text(encoding="utf-8") == "{"


def test_what_run_takes_is_given_to_the_run(queue: RunQueue, tmp_path: Path) -> None:
    plain = add(queue, tmp_path, "a")
    assert "--seed" not in plain.arguments
    assert "--dummy-cell" not in plain.arguments
    item = add(queue, tmp_path, "b", seed=7, dummy_cell=True, speed=60.0)
    assert queue.get(2) == item
    assert item.arguments[-7:] == ["--speed", "60", "--seed", "7", "--dummy-cell", "-o", item.output]


def test_progress_is_by_the_estimate_and_never_whole_before_the_end(queue: RunQueue, tmp_path: Path) -> None:
    item = add(queue, tmp_path, "a")
    status = Status(
        run="r",
        path=item.output,
        state=State.RUNNING,
        simulated=True,
        seq=9,
        flushed_seq=9,
        samples=5,
        time_s=1548.0,
        step="sodiation",
    )
    assert progress_words(item, status) == "running: sodiation, about 43 %"
    paused = status.model_copy(update={"state": State.PAUSED, "time_s": 99999.0, "step": ""})
    assert progress_words(item, paused) == "paused: about 99 %"


def test_an_engine_that_does_not_answer_has_no_status(queue: RunQueue, tmp_path: Path) -> None:
    assert status_of(running(add(queue, tmp_path, "a"))) is None


def goes_on(queue: RunQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cell_id: str) -> None:
    """Let a run with a cell go on, on the bench of the queue's runs, that is not of the queue."""
    header = record("header", conditions=filled(Conditions, cell_id=cell_id))
    (tmp_path / "other.journal").write_bytes(_line(header))
    pid, started = this_process()
    path = str(tmp_path / "other.h5")
    entry = Entry("id", path, pid, started, 1, "t", "simulated bench", "k", "p", "c", "2026", "0")
    monkeypatch.setattr("solbench.acquisition.queue.run_queue.entries", lambda: [entry])


@pytest.mark.parametrize(
    ("running", "wanted", "taken"), [("A", "B", False), ("A", "A", True), ("", "A", False), ("", "", False)]
)
def test_no_cell_is_mounted_while_a_run_with_another_goes_on(
    queue: RunQueue,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    running: str,
    wanted: str,
    taken: bool,
) -> None:
    add(queue, tmp_path, "a", wanted)
    elsewhere = add(queue, tmp_path, "b", wanted, bench_name="bench 2")
    goes_on(queue, tmp_path, monkeypatch, running)
    assert queue.confirm(elsewhere.id).confirmed
    if taken:
        assert queue.confirm(1).confirmed
    else:
        with pytest.raises(
            Blocked, match=r"run 1 is not confirmed: other\.h5 is running there with another cell"
        ):
            queue.confirm(1)
        assert not queue.get(1).confirmed


def test_the_cell_of_a_later_run_is_not_mounted_before_its_turn(queue: RunQueue, tmp_path: Path) -> None:
    for name, cell_id in (("a", "A"), ("b", "B"), ("c", "A")):
        add(queue, tmp_path, name, cell_id)
    with pytest.raises(Blocked, match="run 1 is ahead of it with another cell"):
        queue.confirm(2)
    with pytest.raises(Blocked, match="run 2 is ahead of it"):
        queue.confirm(3)
    queue.confirm(1)
    queue.change(1, held=True)
    queue.confirm(2)
    assert [item.confirmed for item in queue.items()] == [False, True, False]  # one bench holds one cell
    queue.change(1, held=False)
    with pytest.raises(Blocked, match="confirm first that the cell A"):
        queue.take_next()


def test_a_confirmation_lapses_when_a_run_begins_on_the_bench(queue: RunQueue, tmp_path: Path) -> None:
    """Also one for the same cell: it may have been given before the run that begins now ended badly."""
    for name, bench in (("a", "simulated bench"), ("b", "simulated bench"), ("c", "bench 2")):
        add(queue, tmp_path, name, bench_name=bench)
    for number in (1, 2, 3):
        queue.confirm(number)
    first = queue.take_next()
    assert [item.confirmed for item in queue.items()] == [True, False, True]
    end(first, completed=False)
    assert "confirm first" in blocking_reason(queue.get(2), queue.items(), [])
    with pytest.raises(Blocked, match="it is not waiting, it is started"):
        queue.confirm(1)


@pytest.mark.parametrize(("begun", "left"), [("A", True), ("B", False), ("", False)])
def test_a_run_that_is_begun_by_hand_lets_what_was_confirmed_of_other_cells_lapse(
    queue: RunQueue, tmp_path: Path, begun: str, left: bool
) -> None:
    add(queue, tmp_path, "a", "A")
    queue.confirm(1)
    queue.run_started(WhichBench("", "bench 2"), "B")
    assert queue.get(1).confirmed
    queue.run_started(WhichBench("", "simulated bench"), begun)
    assert queue.get(1).confirmed is left


def test_benches_of_one_name_do_not_wait_for_each_other(queue: RunQueue, tmp_path: Path) -> None:
    busy = add(queue, tmp_path, "a", bench="a.yaml", bench_name="bench", bench_key="0a")
    free = add(queue, tmp_path, "b", "B", bench="b.yaml", bench_name="bench", bench_key="0b", confirmed=True)
    entry = replace(running(busy), bench_key="0a")
    assert blocking_reason(free, queue.items(), [entry]) == ""
    assert queue.confirm(free.id).confirmed


def test_a_bench_is_the_same_under_another_name(queue: RunQueue, tmp_path: Path) -> None:
    busy = add(queue, tmp_path, "a", bench="a.yaml", bench_name="left bench", bench_key="0a")
    other = add(queue, tmp_path, "b", bench="b.yaml", bench_name="my bench", bench_key="0a", confirmed=True)
    entry = replace(running(busy), bench_key="0a")
    assert "taken by a.h5" in blocking_reason(other, queue.items(), [entry])
    queue.run_started(WhichBench("0a", "left bench"), "A")
    assert queue.get(other.id).confirmed
    queue.run_started(WhichBench("0a", "left bench"), "C")
    assert not queue.get(other.id).confirmed
