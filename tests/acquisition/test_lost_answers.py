"""Answers that are lost outside a step: in the first questions, in the start check, at the end of the plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import solbench.simulators.bench
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.record.journal import journal_path, read_journal
from tests.acquisition.away import adapter
from tests.acquisition.run.test_ladder import at_sample, once, run_with
from tests.acquisition.runs import TINY, Seen, resume_it, watched_benches
from tests.acquisition.test_resume import CURRENT_A, SECONDS, die_with_the_cell_on
from tests.faults.timeline import Timeline
from tests.tiers import few

LIMITED = """
name: limited
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
safety: {voltage_min: 0.6 V}
record: {every: 1 s}
steps:
  - {name: sodiation, kind: constant_current, current: -0.16 mA/cm2, until: {time: 1 h}}
  - {name: back, kind: constant_current, current: 0.16 mA/cm2, until: {time: 1 h}}
"""


@pytest.fixture
def timeline(monkeypatch: pytest.MonkeyPatch) -> Timeline:
    """The clock of the bench that is opened next."""
    clock = Timeline()
    monkeypatch.setattr(solbench.simulators.bench, "VirtualClock", lambda _speed, _start_s: clock)
    return clock


def at_opening(path: Path, deed: Callable[[Any], None], protocol: str = TINY) -> Seen:
    """Carry out a protocol on a bench that has something as soon as it is opened."""
    with watched_benches(deed):
        return run_with(path, lambda *_: None, protocol)


@few(
    ("name", "fault", "count"),
    [
        ("1287", "drop_replies", 7),
        pytest.param("1287", "garble_replies", 3, marks=pytest.mark.long),
        ("1287", "tear_replies", 7),
        pytest.param("1260", "drop_replies", 3, marks=pytest.mark.long),
        ("1260", "garble_replies", 7),
        ("1260", "tear_replies", 3),
    ],
    (0, 5),
)
def test_the_first_questions_are_asked_again(tmp_path, name, fault, count):
    seen = at_opening(tmp_path / "a.h5", lambda bench: getattr(bench.truth.faults, fault)(name, count))

    assert seen.result.completed
    assert seen.of("paused") == []


def test_an_instrument_that_is_silent_for_a_moment_when_the_run_begins_is_waited_for(tmp_path):
    silent: list[float] = []

    def deed(event: Any, seen: Seen, _control: Any) -> None:
        if event.kind == "session":  # the start check comes next
            seen.bench.truth.faults.kill("1287")
            silent.append(event.time_s)
        elif event.kind == "alarm":
            seen.bench.truth.faults.revive()

    seen = run_with(tmp_path / "a.h5", deed, TINY)

    assert silent
    assert [event.body.code for event in seen.of("alarm")] == ["connection_lost"]
    assert seen.result.completed
    assert seen.result.alarms == ()


def test_a_bench_that_never_answers_is_not_waited_for_as_long_as_one_that_was_lost(tmp_path):
    seen = at_opening(tmp_path / "a.h5", lambda bench: bench.truth.faults.kill("1260", "1287"))

    assert seen.result.outcome == "fault"
    assert "did not react" in seen.result.reason
    assert 10.0 <= seen.events[-1].time_s <= 60.0


def test_the_first_questions_of_a_resumed_run_are_asked_again_and_its_charge_is_whole(tmp_path, monkeypatch):
    run = tmp_path / "a.h5"
    die_with_the_cell_on(run, monkeypatch, 60)
    benches: list[Any] = []

    def opened(bench: Any) -> None:
        benches.append(bench)
        bench.truth.faults.kill("1287")

    def alarmed(event: Any) -> None:
        if event.kind == "alarm":
            benches[0].truth.faults.revive()

    with watched_benches(opened):
        assert resume_it(run, alarmed).completed
    events = list(read_journal(journal_path(run)))
    assert [event.body.cause for event in events if event.kind == "gap"] == ["program"]
    end = [event.body for event in events if event.kind == "segment_end"][-1]
    assert end.step_charge_C == pytest.approx(benches[0].truth.truth.charge_C, rel=1e-3)
    assert abs(end.step_charge_C) <= CURRENT_A * (SECONDS + 30.0)


@few("for_s", [5.0, 200.0], (1,))
def test_an_adapter_that_is_away_when_all_is_done_is_waited_for(tmp_path, for_s):
    with adapter() as away:

        def leave(seen: Seen) -> None:
            away.leave(seen.bench.clock.now(), for_s)

        last = once(lambda event: event.kind == "segment_end" and event.body.ordinal == 6, leave)
        seen = run_with(tmp_path / "a.h5", last, TINY)

    assert seen.result.completed
    assert seen.of("end")[0].body.verified_safe
    assert seen.of("end")[0].time_s > seen.of("segment_end")[-1].time_s + for_s
    assert not seen.truth.polarized


def test_a_run_that_a_limit_ended_stays_ended_where_the_cell_was_not_verified_off(tmp_path):
    run = tmp_path / "a.h5"
    with adapter() as away:

        def leave(seen: Seen) -> None:
            away.leave(seen.bench.clock.now(), 1e9)

        seen = run_with(run, once(lambda event: event.kind == "segment_end", leave), LIMITED)
    assert seen.result.outcome == "fault"
    assert "NOT VERIFIED SAFE" in seen.result.reason
    assert "safety limit" in seen.result.reason

    assert resume_it(run).outcome == "limit"
    events = list(read_journal(journal_path(run)))
    assert [event.body.ordinal for event in events if event.kind == "segment"] == [0]
    assert events[-1].body.verified_safe


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (lambda faults: faults.garble_replies("1287", 40), "reply_refused"),
        (lambda faults: faults.kill("1287"), "connection_lost"),
    ],
)
def test_the_alarm_says_what_an_instrument_does_not_do(tmp_path, fault, code):
    act = once(at_sample(20), lambda seen: fault(seen.bench.truth.faults))

    def mend(event: Any, seen: Seen, control: Any) -> None:
        act(event, seen, control)
        if event.kind == "alarm" and event.body.code == "connection_lost":
            seen.bench.truth.faults.revive()

    seen = run_with(tmp_path / "a.h5", mend)

    assert seen.of("alarm")[0].body.code == code
    assert seen.result.completed


def test_an_off_that_is_refused_in_a_pause_is_tried_until_it_is_taken_and_its_charge_counts(
    tmp_path, timeline
):
    """What may flow until then is counted, although each standby was answered."""
    since: list[float] = []

    def act(event: Any, seen: Seen, control: RunControl) -> None:
        faults = seen.bench.truth.faults
        if event.kind == "sample" and len(seen.of("sample")) == 20:
            control.ask(Verb.PAUSE, "the technician")
            faults.refuse("1287", "PW", 4)
        if event.kind == "alarm" and not since:
            since.append(event.time_s)
            timeline.at(timeline.now() + 60.0, faults.accept_all)

    seen = run_with(tmp_path / "a.h5", act)

    assert [event.body.code for event in seen.of("alarm")][:1] == ["command_refused"]
    assert seen.result.completed
    (gap,) = seen.of("gap")
    assert gap.body.unwatched_s == pytest.approx(60.0, abs=10.0)
    end = seen.of("segment_end")[-1].body
    stated_C = gap.body.uncertainty_C + 3.0 * CURRENT_A
    assert end.step_charge_C == pytest.approx(seen.truth.charge_C, abs=stated_C)
