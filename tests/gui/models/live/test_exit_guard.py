"""What closing the window asks, and what follows the answer."""

from types import SimpleNamespace
from typing import Any

import pytest

from solbench.gui.models.live import exit_guard
from solbench.gui.models.live.exit_guard import ExitGuard, question_about

ONE, TWO = (SimpleNamespace(protocol=name, cell="nbh") for name in ("tiny", "half-cell"))


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The runs that are live."""
    runs: list[Any] = []
    monkeypatch.setattr(exit_guard, "live_entries", lambda: runs)
    return runs


@pytest.fixture
def stopped() -> list[str]:
    return []


@pytest.fixture
def unsaved() -> set[str]:
    return set()


@pytest.fixture
def guard(live: list[Any], stopped: list[str], unsaved: set[str]) -> ExitGuard:
    return ExitGuard(SimpleNamespace(stop_all=lambda: stopped.append("all")), unsaved)  # type: ignore[arg-type]


def test_without_a_run_nothing_is_asked(guard: ExitGuard) -> None:
    assert question_about([], []) is None
    assert guard.question is None
    assert guard.after_stop(alarmed=False) == "wait"


def test_every_live_run_is_named() -> None:
    assert question_about([ONE], []).text.startswith("tiny on nbh is running.")
    assert question_about([ONE, TWO], []).text.startswith(
        "2 runs are running: tiny on nbh, half-cell on nbh."
    )


def test_what_is_not_saved_is_named_and_staying_comes_first(guard: ExitGuard, unsaved: set[str]) -> None:
    unsaved.add("the protocol")
    asked = guard.question
    assert asked is not None
    assert asked.text == "The protocol is not saved: closing the window loses the changes."
    assert (asked.close, asked.stop, asked.loses) == ("Close without saving", "", True)
    guard.leave()
    assert guard.question is None


def test_runs_and_what_is_not_saved_are_one_question() -> None:
    asked = question_about([ONE], ["the protocol", "the cell record"])
    assert asked.text.startswith("tiny on nbh is running.")
    assert asked.text.endswith(
        "The cell record and the protocol are not saved: closing the window loses the changes."
    )
    assert asked.stop == "Stop the run and close"


def test_who_leaves_is_asked_no_more_and_stops_nothing(
    guard: ExitGuard, live: list[Any], stopped: list[str]
) -> None:
    live.append(ONE)
    assert guard.question is not None
    guard.leave()
    assert (guard.question, guard.waiting, stopped) == (None, False, [])


@pytest.mark.parametrize(("alarmed", "then"), [(False, "close"), (True, "stay")])
def test_after_a_stop_the_window_waits_and_an_alarm_keeps_it_open(
    guard: ExitGuard, live: list[Any], stopped: list[str], alarmed: bool, then: str
) -> None:
    live.append(ONE)
    guard.stop()
    assert (stopped, guard.waiting, guard.after_stop(alarmed)) == (["all"], True, "wait")
    live.clear()
    assert guard.after_stop(alarmed) == then
    assert guard.after_stop(alarmed) == ("wait" if alarmed else "close")
