import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from solbench.acquisition.control.messages import Status
from solbench.acquisition.control.registry import Entry, this_process
from solbench.acquisition.control.verbs import State
from solbench.acquisition.queue.run_queue import (
    Hindered,
    Waiting,
    WaitingList,
    condition,
    hindrance,
    last_record,
    progress_words,
    status_of,
)
from solbench.protocols.errors import BadInput


@pytest.fixture
def waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WaitingList:
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path / "state"))
    return WaitingList()


def add(waiting: WaitingList, tmp_path: Path, name: str, cell_id: str = "A", **values: Any) -> Waiting:
    item = Waiting(
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
    return waiting.add(item.model_copy(update=values), f"protocol of {name}", "record")


def end(item: Waiting, completed: bool) -> None:
    """Write a journal whose last record says how the run ended."""
    lines = [
        {"seq": 0, "kind": "header"},
        {"seq": 1, "kind": "end", "completed": completed, "reason": "stop"},
    ]
    journal = Path(item.output).with_suffix(".journal")
    journal.write_bytes(b"".join(_line(json.dumps(line).encode()) for line in lines))


def _line(text: bytes) -> bytes:
    return text + b"\t%08x\n" % zlib.crc32(text)


def running(item: Waiting) -> Entry:
    pid, started = this_process()
    return Entry("id", item.output, pid, started, 1, "t", item.bench_name, "k", "p", "c", "2026", "0")


def names(waiting: WaitingList) -> list[str]:
    return [item.protocol_name for item in waiting.items()]


def test_the_queue_survives_the_program_with_its_own_copies(waiting: WaitingList, tmp_path: Path) -> None:
    item = add(waiting, tmp_path, "a")
    again = WaitingList().items()
    assert again == [item]
    assert Path(again[0].protocol).read_text(encoding="utf-8") == "protocol of a"
    assert again[0].arguments[1:5] == ["--cell", item.cell, "--bench", "simulated"]


def test_runs_are_moved_copied_and_removed(waiting: WaitingList, tmp_path: Path) -> None:
    for name in "abc":
        add(waiting, tmp_path, name)
    waiting.move(3, -1)
    waiting.move(1, -1)
    assert names(waiting) == ["a", "c", "b"]
    copied = waiting.copy(3, tmp_path / "d.h5")
    assert (copied.id, copied.protocol_name, copied.output) == (4, "c", str(tmp_path / "d.h5"))
    assert Path(copied.cell).name == Path(waiting.get(3).cell).name
    waiting.remove(3)
    assert names(waiting) == ["a", "b", "c"]
    assert add(waiting, tmp_path, "e").id == 5
    with pytest.raises(BadInput, match="no run 3"):
        waiting.get(3)


def test_no_run_begins_before_its_cell_is_confirmed(waiting: WaitingList, tmp_path: Path) -> None:
    add(waiting, tmp_path, "a")
    with pytest.raises(Hindered, match="confirm first that the cell A is mounted"):
        waiting.take_next()
    waiting.change(1, confirmed=True)
    assert waiting.take_next().id == 1
    with pytest.raises(Hindered, match="no run waits"):
        waiting.take_next()


@pytest.mark.parametrize(
    ("cell_id", "completed", "begins"),
    [("A", True, True), ("A", False, False), ("B", True, False), ("", True, False)],
)
def test_only_the_same_cell_after_a_completed_run_needs_no_confirmation(
    waiting: WaitingList, tmp_path: Path, cell_id: str, completed: bool, begins: bool
) -> None:
    first = add(waiting, tmp_path, "a", confirmed=True)
    second = add(waiting, tmp_path, "b", cell_id)
    waiting.take_next()
    end(first, completed)
    assert (hindrance(second, waiting.items(), []) == "") is begins


def test_a_cell_confirmed_for_one_bench_is_not_for_another(waiting: WaitingList, tmp_path: Path) -> None:
    first = add(waiting, tmp_path, "a", confirmed=True)
    waiting.take_next()
    end(first, True)
    other = add(waiting, tmp_path, "b", bench_name="bench 2")
    assert "confirm first" in hindrance(other, waiting.items(), [])


def test_a_bench_that_is_taken_a_held_run_and_a_file_that_exists(
    waiting: WaitingList, tmp_path: Path
) -> None:
    item = add(waiting, tmp_path, "a", confirmed=True)
    assert hindrance(item, [item], [running(item)]) == "simulated bench is taken by a.h5"
    held = waiting.change(1, held=True)
    assert hindrance(held, [held], []) == "it is held"
    with pytest.raises(Hindered, match="no run waits"):
        waiting.take_next()
    (tmp_path / "a.h5").touch()
    assert "never overwritten" in hindrance(item, [item], [])


def test_how_a_run_stands(waiting: WaitingList, tmp_path: Path) -> None:
    item = add(waiting, tmp_path, "a")
    assert condition(item, [item], []) == "waiting: confirm the cell"
    item = waiting.change(1, confirmed=True)
    assert condition(item, [item], []) == "waiting"
    item = waiting.take_next()
    assert condition(item, [item], []) == "no run file there"
    assert condition(item, [item], [running(item)]) == "running"
    end(item, True)
    assert condition(item, [item], []) == "completed"
    end(item, False)
    assert condition(item, [item], []) == "not completed: stop"
    Path(item.output).with_suffix(".journal").write_bytes(_line(b'{"seq":0,"kind":"sample"}'))
    assert condition(item, [item], []).startswith("broke off")


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "r.journal"
    path.write_bytes(_line(b'{"seq":0,"kind":"header"}') + b'{"seq":1,"kin')
    assert last_record(path) == {"seq": 0, "kind": "header"}
    assert last_record(tmp_path / "none.journal") is None


def test_a_damaged_queue_is_told_of_and_not_written_over(waiting: WaitingList, tmp_path: Path) -> None:
    waiting.path.write_text("{", encoding="utf-8")
    with pytest.raises(BadInput, match="cannot be read"):
        waiting.items()
    with pytest.raises(BadInput, match="cannot be read"):
        add(waiting, tmp_path, "a")
    assert waiting.path.read_text(encoding="utf-8") == "{"


def test_what_run_takes_is_given_to_the_run(waiting: WaitingList, tmp_path: Path) -> None:
    plain = add(waiting, tmp_path, "a")
    assert "--seed" not in plain.arguments
    assert "--dummy-cell" not in plain.arguments
    item = add(waiting, tmp_path, "b", seed=7, dummy_cell=True, speed=60.0)
    assert waiting.get(2) == item
    assert item.arguments[-7:] == ["--speed", "60", "--seed", "7", "--dummy-cell", "-o", item.output]


def test_progress_is_by_the_estimate_and_never_whole_before_the_end(
    waiting: WaitingList, tmp_path: Path
) -> None:
    item = add(waiting, tmp_path, "a")
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


def test_an_engine_that_does_not_answer_has_no_status(waiting: WaitingList, tmp_path: Path) -> None:
    assert status_of(running(add(waiting, tmp_path, "a"))) is None


def goes_on(waiting: WaitingList, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cell_id: str) -> None:
    """Let a run with a cell go on, on the bench of the queue's runs, that is not of the queue."""
    header = {"seq": 0, "kind": "header", "time_s": 0.0, "conditions": {"cell_id": cell_id}}
    (tmp_path / "other.journal").write_bytes(_line(json.dumps(header).encode()))
    pid, started = this_process()
    path = str(tmp_path / "other.h5")
    entry = Entry("id", path, pid, started, 1, "t", "simulated bench", "k", "p", "c", "2026", "0")
    monkeypatch.setattr("solbench.acquisition.queue.run_queue.entries", lambda: [entry])


@pytest.mark.parametrize(
    ("running", "wanted", "taken"), [("A", "B", False), ("A", "A", True), ("", "A", False), ("", "", False)]
)
def test_no_cell_is_mounted_while_a_run_with_another_goes_on(
    waiting: WaitingList,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    running: str,
    wanted: str,
    taken: bool,
) -> None:
    add(waiting, tmp_path, "a", wanted)
    elsewhere = add(waiting, tmp_path, "b", wanted, bench_name="bench 2")
    goes_on(waiting, tmp_path, monkeypatch, running)
    assert waiting.confirm(elsewhere.id).confirmed
    if taken:
        assert waiting.confirm(1).confirmed
    else:
        with pytest.raises(
            Hindered, match=r"run 1 is not confirmed: other\.h5 goes on there with another cell"
        ):
            waiting.confirm(1)
        assert not waiting.get(1).confirmed


def test_the_cell_of_a_later_run_is_not_mounted_before_its_turn(waiting: WaitingList, tmp_path: Path) -> None:
    for name, cell_id in (("a", "A"), ("b", "B"), ("c", "A")):
        add(waiting, tmp_path, name, cell_id)
    with pytest.raises(Hindered, match="run 1 waits before it with another cell"):
        waiting.confirm(2)
    with pytest.raises(Hindered, match="run 2 waits before it"):
        waiting.confirm(3)
    waiting.confirm(1)
    waiting.change(1, held=True)
    waiting.confirm(2)
    assert [item.confirmed for item in waiting.items()] == [False, True, False]  # one bench holds one cell
    waiting.change(1, held=False)
    with pytest.raises(Hindered, match="confirm first that the cell A"):
        waiting.take_next()


def test_a_confirmation_lapses_when_a_run_begins_on_the_bench(waiting: WaitingList, tmp_path: Path) -> None:
    """Also one for the same cell: it may have been given before the run that begins now ended badly."""
    for name, bench in (("a", "simulated bench"), ("b", "simulated bench"), ("c", "bench 2")):
        add(waiting, tmp_path, name, bench_name=bench)
    for number in (1, 2, 3):
        waiting.confirm(number)
    first = waiting.take_next()
    assert [item.confirmed for item in waiting.items()] == [True, False, True]
    end(first, completed=False)
    assert "confirm first" in hindrance(waiting.get(2), waiting.items(), [])
    with pytest.raises(Hindered, match="it does not wait, it is started"):
        waiting.confirm(1)


@pytest.mark.parametrize(("begun", "left"), [("A", True), ("B", False), ("", False)])
def test_a_run_that_is_begun_by_hand_lets_what_was_confirmed_of_other_cells_lapse(
    waiting: WaitingList, tmp_path: Path, begun: str, left: bool
) -> None:
    add(waiting, tmp_path, "a", "A")
    waiting.confirm(1)
    waiting.begun("bench 2", "B")
    assert waiting.get(1).confirmed
    waiting.begun("simulated bench", begun)
    assert waiting.get(1).confirmed is left
