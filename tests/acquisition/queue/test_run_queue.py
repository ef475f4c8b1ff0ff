import os
import time
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from solbench.acquisition.bench.bench_file import load_bench
from solbench.acquisition.bench.guarded import key_if_any
from solbench.acquisition.control.duties import Process
from solbench.acquisition.control.messages import Status
from solbench.acquisition.control.registry import Entry, this_process
from solbench.acquisition.control.verbs import State
from solbench.acquisition.queue.queued_run import QueuedRun
from solbench.acquisition.queue.rewriting import for_cell
from solbench.acquisition.queue.run_queue import Blocked, RunQueue
from solbench.acquisition.queue.standing import (
    blocking_reason,
    condition,
    progress_words,
    status_of,
    why_none_begins,
)
from solbench.acquisition.record import reader
from solbench.acquisition.record.events import Conditions, Event
from solbench.protocols import dump_cell, dump_protocol, load_cell, load_protocol
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


def begin(item: QueuedRun) -> None:
    """Let a program begin to drive the bench of a run."""
    item.where.history.began(f"id of {item.output}", Path(item.output), item.cell_id, item.cell_name)


def by_hand(item: QueuedRun, run: str, cell_id: str, completed: bool = True) -> None:
    """Let somebody drive a bench without the queue, to the end."""
    item.where.history.began(run, Path(f"/by/hand/{run}.h5"), cell_id, "nbh")
    item.where.history.ended(run, completed=completed, how="completed" if completed else "stopped")


def end(item: QueuedRun, completed: bool) -> None:
    """Write a journal whose last record says how the run ended, and the same into the history of its bench."""
    begin(item)
    item.where.history.ended(f"id of {item.output}", completed=completed, how="stop")
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


@pytest.fixture
def whole(queue: RunQueue, tmp_path: Path) -> QueuedRun:
    """A run that waits, its protocol and cell whole."""
    item = add(queue, tmp_path, "a", "A")
    Path(item.protocol).write_text(dump_protocol(load_protocol("half-cell")), encoding="utf-8")
    Path(item.cell).write_text(dump_cell(load_cell("nps")), encoding="utf-8")
    return item


def test_another_cell_needs_a_confirmation_of_its_own_and_another_current_none(
    queue: RunQueue, whole: QueuedRun
) -> None:
    queue.rewrite(whole.id, [for_cell("A")])
    queue.confirm(whole.id)
    assert queue.rewrite(whole.id, ["steps.sodiation.current=-0.1 mA/cm2"]).confirmed
    assert not queue.rewrite(whole.id, [for_cell("B")]).confirmed
    assert load_protocol(whole.protocol).conditions.cell_id == "B"


def test_what_cannot_be_changed_is_left_as_it_was(queue: RunQueue, whole: QueuedRun) -> None:
    text = Path(whole.protocol).read_text(encoding="utf-8")
    with pytest.raises(BadInput):
        queue.rewrite(whole.id, ["steps.sodiation.current=5 V"])
    queue.confirm(whole.id)
    begin(queue.take_next())
    with pytest.raises(Blocked, match="started"):
        queue.rewrite(whole.id, ["conditions.operator=KL"])
    assert Path(whole.protocol).read_text(encoding="utf-8") == text


def test_copies_for_other_cells_have_files_of_their_own(queue: RunQueue, whole: QueuedRun) -> None:
    made = [queue.copy_for(whole.id, cell, "{record}_{step}") for cell in ("B", "C", "'1'")]
    assert [item.cell_id for item in made] == ["B", "C", "'1'"]
    assert len({item.output for item in made}) == 3
    assert {Path(item.output).parent for item in made} == {Path(whole.output).parent}
    assert not any(item.confirmed for item in made)


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
    assert condition(item, []).text == "waiting: confirm the cell"
    item = queue.change(1, confirmed=True)
    assert condition(item, []).text == "waiting"
    item = queue.take_next()
    assert condition(item, []).text == "about to begin"
    assert condition(item, [running(item)]).text == "running"
    end(item, True)
    assert condition(item, []).text == "completed"
    end(item, False)
    assert condition(item, []).text == "not completed: stop"
    Path(item.output).with_suffix(".journal").write_bytes(_line(record("sample")))
    assert condition(item, []).text.startswith("broke off")
    with Path(item.output).with_suffix(".journal").open("ab") as file:
        file.write(b"garbled\n")
    assert condition(item, []).text.endswith("no whole one follows; solbench resume continues it")


def test_the_journal_of_a_run_that_broke_off_is_read_once_until_it_changes(
    queue: RunQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    inner = reader.damage_of
    monkeypatch.setattr(reader, "damage_of", lambda path: read.append(path) or inner(path))
    add(queue, tmp_path, "a", confirmed=True)
    item = queue.take_next()
    journal = Path(item.output).with_suffix(".journal")
    for number, behind in enumerate((b"", b"garbled\n", b"marbled\n"), 1):
        journal.write_bytes(_line(record("sample")) + behind)
        os.utime(journal, ns=(number * 10**9, number * 10**9))
        assert len({condition(item, []).text for _ in range(3)}) == 1
        assert len(read) == number
    written_ns = journal.stat().st_mtime_ns
    journal.write_bytes(_line(record("sample")) + b"garbage\n")
    monkeypatch.setattr(reader.time, "time_ns", lambda: journal.stat().st_mtime_ns + 1000)
    assert written_ns != journal.stat().st_mtime_ns
    for _ in range(2):  # it was written a moment ago, and may be again under the same time
        condition(item, [])
    assert len(read) == 5


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
    assert "about to begin" in blocking_reason(queue.get(2), queue.items(), [])
    assert blocking_reason(queue.get(3), queue.items(), []) == ""
    end(first, completed=False)
    assert "confirm first" in blocking_reason(queue.get(2), queue.items(), [])
    with pytest.raises(Blocked, match="it is not waiting, it is started"):
        queue.confirm(1)


@pytest.mark.parametrize(
    ("begun", "completed", "left"),
    [("A", True, True), ("A", False, False), ("B", True, False), ("", True, False)],
)
def test_a_run_that_is_begun_by_hand_lets_what_was_confirmed_lapse_unless_it_completes_on_the_same_cell(
    queue: RunQueue, tmp_path: Path, begun: str, completed: bool, left: bool
) -> None:
    item = add(queue, tmp_path, "a", "A")
    elsewhere = add(queue, tmp_path, "b", "A", bench_name="bench 2")
    queue.confirm(1)
    by_hand(elsewhere, "other", "B")
    assert blocking_reason(queue.get(1), queue.items(), []) == ""
    by_hand(item, "hand", begun, completed)
    assert (blocking_reason(queue.get(1), queue.items(), []) == "") is left


def test_a_cell_that_somebody_else_drove_last_counts_whatever_the_queue_did(
    queue: RunQueue, tmp_path: Path
) -> None:
    first = add(queue, tmp_path, "a", "A1")
    second = add(queue, tmp_path, "b", "B2")
    third = add(queue, tmp_path, "c", "A1")
    queue.confirm(1)
    queue.take_next()
    end(first, True)
    assert "B2 is mounted" in blocking_reason(second, queue.items(), [])
    assert blocking_reason(third, queue.items(), []) == ""
    by_hand(first, "hand", "B2")
    for row in (1, 2):  # what is removed was driven all the same
        queue.remove(row)
    said = blocking_reason(third, queue.items(), [])
    assert said == (
        "confirm first that the cell A1 is mounted (solbench queue confirm 3): "
        "B2 was mounted last (hand.h5: completed)"
    )


@pytest.mark.parametrize("completed", [True, False])
def test_what_is_confirmed_during_a_run_counts_only_if_that_run_completes(
    queue: RunQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, completed: bool
) -> None:
    item = add(queue, tmp_path, "b", "A")
    goes_on(queue, tmp_path, monkeypatch, "A")
    item.where.history.began("id", tmp_path / "other.h5", "A", "nbh")
    queue.confirm(1)
    assert condition(queue.get(1), []).text == "waiting"
    item.where.history.ended("id", completed=completed, how="completed" if completed else "beyond a limit")
    said = blocking_reason(queue.get(1), queue.items(), [])
    assert (said == "") is completed
    assert completed or "other.h5 was not completed (beyond a limit)" in said


def test_making_the_bench_safe_ends_a_confirmation(queue: RunQueue, tmp_path: Path) -> None:
    item = add(queue, tmp_path, "a", "A")
    queue.confirm(1)
    item.where.history.made_safe("", 1.0, "make-safe was requested")
    assert "confirm first" in blocking_reason(queue.get(1), queue.items(), [])
    queue.confirm(1)
    assert blocking_reason(queue.get(1), queue.items(), []) == ""


def test_a_history_that_is_damaged_confirms_nothing(queue: RunQueue, tmp_path: Path) -> None:
    item = add(queue, tmp_path, "a", "A")
    by_hand(item, "hand", "A")
    assert blocking_reason(item, queue.items(), []) == ""
    with item.where.history.path.open("ab") as file:
        file.write(b"{ torn")
    assert "not known which cell" in blocking_reason(item, queue.items(), [])


def test_a_run_whose_file_is_there_is_refused_and_the_next_one_begins(
    queue: RunQueue, tmp_path: Path
) -> None:
    for name in "ab":
        add(queue, tmp_path, name, confirmed=True)
    (tmp_path / "a.h5").touch()
    assert why_none_begins(queue.items(), []) == ""
    assert queue.take_next().id == 2
    refused = queue.get(1)
    assert (
        condition(refused, []).text == f"refused: {tmp_path / 'a.h5'} exists already and is never overwritten"
    )
    assert queue.release(1, tmp_path / "a2.h5").output == str(tmp_path / "a2.h5")
    assert queue.get(1).state == "waiting"


def test_a_run_that_waits_for_its_cell_holds_up_its_own_bench_alone(queue: RunQueue, tmp_path: Path) -> None:
    for name, bench in (("a", "bench 1"), ("b", "bench 1"), ("c", "bench 2")):
        add(queue, tmp_path, name, name.upper(), bench_name=bench)
    queue.confirm(3)
    assert queue.take_next().id == 3
    with pytest.raises(Blocked, match=r"^run 1 does not start: confirm first"):
        queue.take_next()


def marked_by_a_dead_program(queue: RunQueue, number: int, seconds_ago: float) -> None:
    """Let a run be marked as started by a program that was killed right after it."""
    started = datetime.fromtimestamp(time.time() - seconds_ago, UTC).isoformat(timespec="seconds")
    queue.change(number, starter=Process(1, "never", "another boot"), started=started)


def test_a_run_that_was_marked_and_never_begun_waits_again(queue: RunQueue, tmp_path: Path) -> None:
    for name in "ab":
        add(queue, tmp_path, name, confirmed=True)
    assert queue.take_next().id == 1
    with pytest.raises(Blocked, match="run 1 is about to begin there"):
        queue.take_next()
    marked_by_a_dead_program(queue, 1, 5.0)
    found = queue.get(1)
    assert found.state == "started"
    assert "killed, solbench queue release 1 brings it back" in condition(found, []).text
    assert queue.release(1).state == "waiting"
    for seconds_ago in (60.0, -36000.0):  # the clock was set back by ten hours
        queue.take_next()
        marked_by_a_dead_program(queue, 1, seconds_ago)
        assert queue.get(1).state == "waiting"
    assert queue.take_next().id == 1  # still confirmed: nothing was driven


def test_a_run_that_has_begun_is_never_brought_back_even_where_its_files_were_moved(
    queue: RunQueue, tmp_path: Path
) -> None:
    for name in "abc":
        add(queue, tmp_path, name, confirmed=True, bench_name=f"bench {name}")
    said, seen, noted = (queue.take_next() for _ in range(3))
    queue.has_begun(said.id)
    begin(seen)
    end(noted, completed=True)
    queue.has_begun(99)
    for item in (said, seen, noted):
        marked_by_a_dead_program(queue, item.id, 1e6)
    Path(noted.output).with_suffix(".journal").unlink()
    assert [item.state for item in queue.items()] == ["started"] * 3
    for item in (said, seen, noted):
        with pytest.raises(Blocked, match="has begun: solbench resume"):
            queue.release(item.id)


def test_a_run_that_begins_all_the_same_is_not_refused(queue: RunQueue, tmp_path: Path) -> None:
    for name in "ab":
        add(queue, tmp_path, name, confirmed=True, bench_name=f"bench {name}")
    begun, failed = queue.take_next(), queue.take_next()
    end(begun, completed=True)
    queue.refuse(begun.id, "it exists already")
    queue.refuse(failed.id, "the bench is gone")
    assert condition(queue.get(begun.id), []).text == "completed"
    assert condition(queue.get(failed.id), []).text == "refused: the bench is gone"


def test_a_bench_file_that_has_become_another_bench_is_noticed(queue: RunQueue, tmp_path: Path) -> None:
    bench = tmp_path / "bench.yaml"
    text = "name: b\nkind: prologix\npositive_terminal: we_re2\nadapter: socket://127.0.0.1:1\n"
    addresses = "analyzer_1260: {address: 4}\npotentiostat_1287: {address: 6}\n"
    bench.write_text(text + addresses)
    key = key_if_any(load_bench(str(bench))[0])
    add(queue, tmp_path, "a", bench=str(bench), bench_name="b", bench_key=key, confirmed=True)
    bench.write_text(text + addresses.replace("address: 6", "address: 8"))
    with pytest.raises(Blocked, match="describes other instruments than when the run was added"):
        queue.take_next()
    released = queue.release(1)
    assert released.state == "waiting"
    assert released.bench_key != key


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
    by_hand(busy, "hand", "A")
    assert blocking_reason(other, queue.items(), []) == ""
    by_hand(busy, "again", "C")
    assert "C was mounted last" in blocking_reason(other, queue.items(), [])
