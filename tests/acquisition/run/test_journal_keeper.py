"""Files of a run that somebody takes away while it is on: the cell is off, and nothing that was written is lost."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.record.checkpoint import checkpoint_path
from solbench.acquisition.record.events import Event
from solbench.acquisition.record.final_file import put_in_place
from solbench.acquisition.record.journal import journal_path, read_journal
from solbench.acquisition.record.reader import is_finished, open_run
from solbench.acquisition.run.journal_keeper import JournalKeeper
from solbench.acquisition.run.session import Session
from tests.acquisition.asked import nth_sample
from tests.acquisition.runs import SHORT, Seen, request, seen_run
from tests.tiers import few

AT = (0, 4)
Act = Callable[[Path], object]


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at every poll: these runs are short."""
    real = JournalKeeper.__init__
    monkeypatch.setattr(JournalKeeper, "__init__", lambda self, journal: real(self, journal, 1))


def played(path: Path, act: Act, paused: Act = lambda _path: None) -> Seen:
    """Carry out a short run; `act` is done at one of its readings, `paused` in the pause that follows."""
    when, control = nth_sample(AT), RunControl()

    def look(event: Event) -> None:
        if when(event):
            act(path)
        if event.kind == "paused":
            paused(path)
            control.ask(Verb.RESUME, "a test")

    return seen_run(request(path, SHORT), look, run_control=control)


def whole(path: Path, seen: Seen) -> None:
    """Hold what is read against what was written."""
    assert list(read_journal(journal_path(path))) == seen.events
    run = open_run(path)
    assert len(run.events) + run.sample_count + len(run.points) == len(seen.events)


def folder_at(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "a.txt").write_text("somebody's")


def replaced(path: Path) -> None:
    path.unlink()
    path.write_text("somebody's")


@few(
    ("act", "beside"),
    [
        (Path.unlink, ""),
        (lambda path: path.rename(path.with_name("old.journal")), ""),
        (replaced, "r.journal.other"),
        (folder_at, "r.journal.other"),
    ],
    (0, 3),
)
def test_a_journal_that_is_taken_away_is_put_back_and_what_lay_there_is_kept(
    tmp_path: Path, act: Act, beside: str
):
    path = tmp_path / "r.h5"
    seen = played(path, lambda run: act(journal_path(run)))
    assert seen.result.completed
    assert seen.is_safe
    assert is_finished(path)
    whole(path, seen)
    (alarm,) = seen.of("alarm")
    assert alarm.body.code == "journal_gone"
    assert seen.result.alarms == (alarm.body.text,)
    assert not beside or beside in alarm.body.text
    assert not beside or (tmp_path / beside).exists()
    assert not list(tmp_path.glob("*.part"))


def refuse(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let nothing be created in a folder any more, as where it may only be read."""
    real = os.open

    def opened(path: str, flags: int, *rest: int, **named: int) -> int:
        if flags & os.O_CREAT and Path(path).parent == folder and not Path(path).exists():
            raise PermissionError(13, os.strerror(13), str(path))
        return real(path, flags, *rest, **named)

    made = Path.open

    def open_path(self: Path, mode: str = "r", *rest: int, **named: str) -> object:
        if "w" in mode and self.parent == folder:
            raise PermissionError(13, os.strerror(13), str(self))
        return made(self, mode, *rest, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "open", opened)
    monkeypatch.setattr(Path, "open", open_path)


def test_where_it_cannot_be_put_back_the_run_pauses_with_the_cell_off_until_it_can(tmp_path: Path):
    path = tmp_path / "r.h5"
    off: list[bool] = []
    with pytest.MonkeyPatch.context() as patch:

        def act(run: Path) -> None:
            journal_path(run).unlink()
            refuse(patch, tmp_path)

        def paused(_run: Path) -> None:
            off.append(True)
            patch.undo()

        seen = played(path, act, paused)
    assert off == [True]
    assert [event.body.code for event in seen.of("alarm")] == ["journal_gone", "journal_gone"]
    assert "Permission denied" in seen.of("alarm")[0].body.text
    polarized = [on for event, _, on in seen.truths if event.kind == "segment_end"]
    assert not any(polarized)
    assert seen.result.completed
    whole(path, seen)


def test_where_it_never_can_be_a_copy_is_kept_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    state, path, control, when = tmp_path / "state", tmp_path / "runs" / "r.h5", RunControl(), nth_sample(AT)
    path.parent.mkdir()
    monkeypatch.setenv("SOLBENCH_STATE", str(state))
    with pytest.MonkeyPatch.context() as patch:

        def look(event: Event) -> None:
            if event.kind == "paused":
                control.ask(Verb.STOP, "a test")
            elif when(event):
                journal_path(path).unlink()
                refuse(patch, path.parent)

        seen = seen_run(request(path, SHORT), look, run_control=control)
    (kept,) = (state / "rescued").iterdir()
    assert str(kept) in seen.result.alarms[-1]
    assert seen.is_safe
    assert seen.result.file_unfinished
    assert list(read_journal(kept)) == seen.events


@few("act", [folder_at, Path.unlink, lambda path: os.truncate(path, 0)], (0, 2))
def test_a_live_file_that_is_taken_away_costs_nothing(tmp_path: Path, act: Act):
    path = tmp_path / "r.h5"
    seen = played(path, act)
    assert seen.result.completed
    assert seen.is_safe
    whole(path, seen)
    if path.is_dir():
        assert "r.h5 is a folder now" in seen.result.alarms[-1]
        path.rename(tmp_path / "folder")
        assert put_in_place(path)
    assert is_finished(path)


@few("act", [folder_at, Path.unlink, replaced, lambda path: os.truncate(path, 10)], (0, 3))
def test_a_checkpoint_that_is_taken_away_costs_nothing(tmp_path: Path, act: Act):
    path = tmp_path / "r.h5"
    seen = played(path, lambda run: act(checkpoint_path(run)))
    assert seen.result.completed
    assert seen.result.alarms == ()
    whole(path, seen)


def appended(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"somebody's\n")


def garbled(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(-300, os.SEEK_END)
        file.write(bytes(40))


@pytest.mark.parametrize("act", [lambda path: os.truncate(path, 3000), appended, garbled])
def test_a_journal_that_another_program_changes_is_told_of_and_nobody_calls_it_complete(
    tmp_path: Path, act: Act
):
    path = tmp_path / "r.h5"
    seen = played(path, lambda run: act(journal_path(run)))
    assert seen.is_safe
    assert seen.result.file_unfinished
    assert "by another program" in seen.result.alarms[0]
    assert not any("complete" in text for text in seen.result.alarms)
    assert checkpoint_path(path).exists()
    assert not is_finished(path)


def test_a_folder_that_is_away_for_a_while_pauses_the_run_in_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path, away = tmp_path / "runs" / "r.h5", tmp_path / "away"
    path.parent.mkdir()
    waited = Session._wait_a_moment

    def back(self: Session, *rest: object) -> None:
        if away.exists():
            away.rename(path.parent)
        waited(self, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Session, "_wait_a_moment", back)
    monkeypatch.setattr(
        "solbench.acquisition.run.disk_space.DiskWatch.is_low", lambda self: not self.has_room()
    )
    when = nth_sample(AT)
    seen = seen_run(request(path, SHORT), lambda event: when(event) and path.parent.rename(away) and None)
    assert seen.result.completed
    (paused,) = seen.of("paused")
    assert "runs is gone" in paused.body.reason
    whole(path, seen)
