"""The runs that are not on show: told from each other, asked beside the window, heard of when they end."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from solbench.acquisition.control.messages import Status
from solbench.acquisition.control.registry import Entry
from solbench.acquisition.control.verbs import State
from solbench.acquisition.queue import standing
from solbench.acquisition.queue.standing import Condition
from solbench.gui.models.context import Context
from solbench.gui.models.live import beside
from solbench.gui.models.live.beside import BesideRuns
from solbench.gui.models.live.control import words_of
from tests.gui.models.fakes import until_idle


def entry(run: str, bench: str = "b", protocol: str = "p", cell: str = "c") -> Entry:
    return Entry(run, f"/x/{run}.h5", 1, "", 1, "", bench, "", protocol, cell, run, "")


def status(run: str, **values: object) -> Status:
    told = {"state": State.RUNNING, "step": "rest", "voltage_V": 3.5, "current_A": 1e-3, **values}
    return Status.model_validate(
        {
            "run": run,
            "path": "",
            "simulated": True,
            "seq": 0,
            "flushed_seq": 0,
            "samples": 1,
            "time_s": 1.0,
            **told,
        }
    )


def test_words_tell_every_run_from_all_others_and_are_short_where_they_can_be() -> None:
    kinds = itertools.product(("one", "two"), ("p", "q"), ("c", "d"), range(2))
    live = [entry(f"r{n}", bench, protocol, cell) for n, (bench, protocol, cell, _) in enumerate(kinds)]
    assert len({words_of(each, live) for each in live}) == len(live)
    assert words_of(live[0], live[:1]) == words_of(live[0]) == "p on c"
    assert words_of(live[0], [live[0], live[4]]) == "p on c"  # another cell
    assert words_of(live[0], [live[0], live[8]]) == "p on c, one"  # the same on another bench


@pytest.fixture
def runs(context: Context, monkeypatch: pytest.MonkeyPatch) -> BesideRuns:
    """Two runs that go on; engines and files are made up."""
    made = BesideRuns(context)
    monkeypatch.setattr(standing, "status_of", lambda each: status(each.run))
    monkeypatch.setattr(
        standing, "ending", lambda path: Condition("not_completed", f"not completed: {path.stem}")
    )
    made.take((entry("r1", "one"), entry("r2", "two")))
    made.tick()
    until_idle(context.jobs)
    return made


def test_every_run_has_its_reading_and_its_step(runs: BesideRuns) -> None:
    assert [(row.name, row.reading, row.place) for row in runs.rows] == [
        ("one", "3.5000 V  1.0000 mA", "rest · p on c"),
        ("two", "3.5000 V  1.0000 mA", "rest · p on c"),
    ]


def test_how_a_run_ended_stays_until_somebody_has_taken_note(runs: BesideRuns, context: Context) -> None:
    runs.take((entry("r2", "two"),))
    until_idle(context.jobs)
    ended = runs.rows[0]
    assert (ended.state, ended.place, ended.reading) == ("not completed", "p on c: not completed: r1", "")
    runs.dismiss("r1")
    assert [row.name for row in runs.rows] == ["two"]
    runs.take((entry("r1", "one"), entry("r2", "two")))  # resumed
    assert [row.ended for row in runs.rows] == [None, None]


def test_an_alarm_is_heard_though_its_run_is_not_on_show_and_once(
    runs: BesideRuns, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        standing, "status_of", lambda each: status(each.run, alarms=["NOT SAFE"] if each.run == "r2" else [])
    )
    monkeypatch.setattr(beside, "ASK_EVERY_S", 0.0)
    for _ in range(2):
        runs.tick()
        until_idle(context.jobs)
    assert [alarm.text for alarm in context.alarms.open] == ["p on c, two: NOT SAFE"]


def test_an_engine_that_does_not_answer_shows_no_reading_of_before(
    runs: BesideRuns, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "status_of", lambda each: None)
    monkeypatch.setattr(beside, "ASK_EVERY_S", 0.0)
    runs.tick()
    until_idle(context.jobs)
    assert {(row.state, row.reading) for row in runs.rows} == {("no answer", "")}
    assert replace(runs.rows[0], status=status("r1", voltage_V=None)).reading == ""
