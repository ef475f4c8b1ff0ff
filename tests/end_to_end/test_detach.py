"""Runs left to processes of their own: what is said of those that end at once, and of those that are resumed."""

import json
from pathlib import Path

import pytest
import yaml

from solbench.acquisition.control.registry import entries
from solbench.acquisition.errors import Fault
from solbench.acquisition.queue.run_queue import RunQueue
from solbench.acquisition.queue.standing import condition
from solbench.acquisition.record.reader import open_run
from solbench.cli import detach
from solbench.protocols import dump_cell, load_cell
from tests.end_to_end.programs import inputs, killed_after, solbench


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path / "state"))
    return tmp_path


def wrong_cell(folder: Path) -> list[str]:
    """Arguments of a run whose start check fails: the record says another open-circuit voltage."""
    inputs(folder)
    written = yaml.safe_load(dump_cell(load_cell("nbh")))
    written["builds"]["half"]["fresh_window"] = ["2.3 V", "2.5 V"]
    (folder / "cell.yaml").write_text(yaml.safe_dump(written))
    return ["tiny.yaml", "--cell", "cell.yaml", "--bench", "bench.yaml"]


def test_a_run_that_ends_at_once_says_how_and_where_it_is(folder: Path) -> None:
    done = solbench(folder, "run", *wrong_cell(folder), "-o", "a.h5", "--detach", "--json")
    told = json.loads(done.out[-1])
    assert told["run"] == str(folder / "a.h5")
    if told["id"] is None:  # it was over before anybody could speak to it
        assert done.code == 1
        assert "has ended already: not completed: open-circuit voltage" in done.err
    until_over(folder)
    assert "open-circuit voltage" in Path(told["log"]).read_text()


def test_a_queued_run_that_ends_at_once_is_not_called_refused(folder: Path) -> None:
    solbench(folder, "queue", "add", *wrong_cell(folder), "-o", "a.h5")
    waiting = RunQueue()
    waiting.change(1, confirmed=True)
    solbench(folder, "queue", "next")
    item = waiting.get(1)
    assert item.state == "started"
    until_over(folder)
    assert condition(item, entries()).text.startswith("not completed: open-circuit voltage")


def test_a_killed_run_is_resumed_in_a_process_of_its_own(folder: Path) -> None:
    arguments = inputs(folder)
    killed_after(folder, 30, [*arguments, "--speed", "60"])
    (folder / "a.log").write_text("what the first one said\n")
    done = solbench(folder, "resume", "a.h5", "--detach", "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out[-1])
    assert told["run"] == str(folder / "a.h5")
    until_over(folder)
    assert open_run(folder / "a.h5").completed
    said = Path(told["log"]).read_text()
    assert said.startswith("what the first one said\n")
    assert "SIMULATION" in said


def test_what_is_finished_is_built_at_once_and_not_left_to_anybody(folder: Path) -> None:
    assert solbench(folder, *inputs(folder)).code == 0
    (folder / "a.h5").unlink()
    done = solbench(folder, "resume", "a.journal", "--detach", "--json")
    assert done.code == 0
    assert done.summary["completed"] is True
    assert "nothing is left to run: completed" in done.err
    assert open_run(folder / "a.h5").completed


def until_over(folder: Path) -> None:
    for entry in entries():
        if entry.alive:
            solbench(folder, "attach", entry.path)


def test_an_engine_that_does_not_begin_in_time_is_ended_and_not_left_to_begin_later(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setattr(detach, "STARTED_WITHIN_S", 0.0)
    with pytest.raises(Fault, match="did not begin within 0 s and was ended"):
        detach.start_detached(inputs(folder), folder / "a.h5")
    assert not entries()
    assert not (folder / "a.h5").exists()
