"""Which cell was mounted last, by a file that outlives every program."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from solbench.acquisition.control import bench_history
from solbench.acquisition.control.bench_history import (
    BenchHistory,
    history_key,
    known_off_s,
    mounted_last,
)
from solbench.acquisition.errors import Fault
from solbench.acquisition.host.platform import host_s


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BenchHistory:
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path / "state"))
    return BenchHistory("k")


def began(history: BenchHistory, run: str, cell_id: str) -> None:
    history.began(run, Path(f"/data/{run}.h5"), cell_id, "nbh")


def test_nobody_knows_what_is_mounted_where_nothing_was_driven(history: BenchHistory) -> None:
    assert history.events() == []
    assert mounted_last([]) is None
    assert history.end() == 0


def test_the_last_run_counts_and_how_it_ended(history: BenchHistory) -> None:
    began(history, "one", "A1")
    running = mounted_last(history.events())
    assert running is not None
    assert (running.cell_id, running.running, running.completed) == ("A1", True, False)
    history.ended("one", completed=True, how="completed")
    done = mounted_last(history.events())
    assert done is not None
    assert (done.running, done.completed) == (False, True)
    assert done.as_words() == "A1 was mounted last (one.h5: completed)"
    began(history, "two", "")
    history.ended("two", completed=False, how="stopped by Ctrl-C")
    last = mounted_last(history.events())
    assert last is not None
    assert not last.completed
    assert not last.is_cell("")
    assert last.as_words() == "a nbh without conditions.cell_id was mounted last (two.h5: stopped by Ctrl-C)"


def test_a_run_whose_program_was_killed_broke_off(history: BenchHistory) -> None:
    text = (
        "from pathlib import Path; from solbench.acquisition.control.bench_history import BenchHistory; "
        "BenchHistory('k').began('one', Path('/data/one.h5'), 'A1', 'nbh')"
    )
    subprocess.run([sys.executable, "-c", text], check=True)
    last = mounted_last(history.events())
    assert last is not None
    assert (last.running, last.completed, last.how) == (False, False, "broke off")


def test_making_safe_after_the_end_is_told_and_nothing_counts_as_completed_any_more(
    history: BenchHistory,
) -> None:
    began(history, "one", "A1")
    history.ended("one", completed=True, how="completed")
    history.made_safe("", 12.0, "make-safe was requested")
    last = mounted_last(history.events())
    assert last is not None
    assert not last.completed
    assert last.how == "completed; then make-safe was requested"


@pytest.mark.parametrize("damage", [b"{", b"{}\n", b'{"kind": "began"}\n', b"\xff\xfe\n", b"[]\n"])
def test_what_cannot_be_read_hides_no_cell_that_came_later_and_none_before_it(
    history: BenchHistory, damage: bytes
) -> None:
    began(history, "one", "A1")
    with history.path.open("ab") as file:
        file.write(damage)
    assert mounted_last(history.events()) is None
    began(history, "two", "B2")
    last = mounted_last(history.events())
    assert last is not None
    assert last.cell_id == "B2"


def test_an_empty_line_is_nothing_that_happened(history: BenchHistory) -> None:
    """A line is begun anew by who sees another program's line half written; that one is whole a moment later."""
    began(history, "one", "A1")
    with history.path.open("ab") as file:
        file.write(b"\n")
    history.ended("one", completed=True, how="completed")
    first, second = history.events()
    assert (first.kind, second.kind) == ("began", "ended")
    assert history.path.read_bytes()[second.place :].startswith(b"{")


def test_only_the_end_of_a_long_file_is_read(history: BenchHistory) -> None:
    for number in range(700):
        began(history, f"run-{number}", "A1")
    began(history, "last", "B2")
    place = history.end()
    history.ended("last", completed=True, how="completed")
    events = history.events()
    assert 100 < len(events) < 700
    assert {event.kind for event in events} == {"began", "ended"}
    assert events[-1].place == place
    last = mounted_last(events)
    assert last is not None
    assert (last.run, last.completed) == ("last", True)


def test_a_run_of_which_nothing_can_be_noted_does_not_begin(
    history: BenchHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(
            Fault, match=r"k\.jsonl: it cannot be noted .*No space left.*nothing was switched on"
        ):
            began(history, "one", "A1")
        history.ended("one", completed=True, how="completed")  # that hinders nothing
    assert history.events() == []


@pytest.mark.parametrize("set_by_s", [0.0, 3600.0, -7200.0])
@pytest.mark.parametrize("rebooted", [False, True])
def test_since_when_a_cell_is_known_to_be_off(
    history: BenchHistory, monkeypatch: pytest.MonkeyPatch, set_by_s: float, rebooted: bool
) -> None:
    """Whose clock is set meanwhile: in this boot the host's own time goes on, in another one the time of day alone."""
    began(history, "one", "A1")
    assert known_off_s(history.events(), "one") is None
    history.made_safe("one", None, "tried in vain")
    assert known_off_s(history.events(), "one") is None
    before_s = host_s()
    began(history, "two", "B2")
    after_s = host_s()
    off_s = after_s - 7.0
    history.made_safe("two", time.time() - 7.0, "guardian", off_s)
    began(history, "three", "A1")
    events = history.events()
    if rebooted:
        events = [replace(event, boot="another") for event in events]
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + set_by_s)
    late_s = set_by_s if rebooted else 0.0
    known_s = known_off_s(events, "one")
    assert known_s is not None
    assert before_s - 0.1 <= known_s + late_s <= after_s + 0.1
    assert known_off_s(events, "two") == pytest.approx(off_s - late_s, abs=0.1)
    assert known_off_s(events, "three") is None
    assert known_off_s(events, "never") is None
    again = [*events, replace(events[0], place=99)]  # resumed: counts from there
    assert known_off_s(again, "one") is None


def test_a_bench_in_the_own_process_is_known_by_its_name() -> None:
    assert history_key("abc", "x") == history_key("abc", "y") == "abc"
    assert history_key("", "x") != history_key("", "y")


def test_the_lines_are_told_apart_from_those_that_others_write_at_the_same_time(
    history: BenchHistory,
) -> None:
    text = (
        "from pathlib import Path; from solbench.acquisition.control.bench_history import BenchHistory\n"
        "for n in range(50): BenchHistory('k').ended(str(n), completed=True, how='x' * 200)"
    )
    programs = [subprocess.Popen([sys.executable, "-c", text]) for _ in range(3)]
    assert [program.wait() for program in programs] == [0, 0, 0]
    events = history.events()
    assert len(events) == 150
    assert all(event.kind == "ended" for event in events)
    assert history.end() < bench_history.READ_BYTES
