"""Steps that are changed while a run is under way, against what really flowed through the cell."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from solbench.acquisition.control.messages import ChangeRequest, ManualRequest, Outcome
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Answer, State, Verb
from solbench.acquisition.engine.manual.changes import StepChanges
from solbench.acquisition.record.events import Event, ProtocolChanged
from solbench.acquisition.record.journal import journal_path, read_journal
from solbench.acquisition.record.progress import Progress, fold
from solbench.acquisition.record.reader import open_run
from solbench.analysis.summary import changes_of
from solbench.protocols import load_cell, parse_protocol
from solbench.protocols.errors import BadInput
from solbench.protocols.plausible import Instruments
from tests.acquisition.asked import killed, sessions
from tests.acquisition.runs import SHORT, Seen, request, resume_it, seen_run
from tests.tiers import few

AREA_CM2, DOWN_C = 0.785, 0.0008e-3 * 3600 * 0.785
BARE = """
name: bare
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 2 s}
steps:
  - {name: down, kind: constant_current, current: -0.16 mA/cm2, until: {capacity: 0.0008 mAh/cm2}}
  - {name: pause, kind: rest, time: 8 s}
  - {name: hold, kind: constant_voltage, voltage: 0.8 V, current_limit: 0.2 mA/cm2, until: {time: 8 s}}
"""
MARKS = SHORT.replace("[50 %]", "[25 %, 50 %, 75 %, 100 %]")
CYCLES = """
name: cycles
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
steps:
  - {name: cycling, kind: loop, count: 4, steps: [{name: pause, kind: rest, time: 3 s}]}
  - {name: end, kind: rest, time: 2 s}
"""


def nth(kind: str, number: int) -> Callable[[Event], bool]:
    """Say yes at the n-th event of a kind, once."""
    met: list[int] = []

    def when(event: Event) -> bool:
        if event.kind == kind:
            met.append(event.seq)
        return event.kind == kind and len(met) == number

    return when


def changed(
    path: Path, when: Callable[[Event], bool], *settings: str, text: str = BARE, step: str = ""
) -> tuple[Seen, list[Answer]]:
    seen, answers, _ = changed_and_told(path, when, *settings, text=text, step=step)
    return seen, answers


def changed_and_told(
    path: Path, when: Callable[[Event], bool], *settings: str, text: str = BARE, step: str = ""
) -> tuple[Seen, list[Answer], dict[int, Outcome]]:
    """Change a run that is seen; return the answers too, and what became of each request by its number."""
    answers: list[Answer] = []
    with sessions() as made:

        def look(event: Event) -> None:
            if when(event):
                wish = ChangeRequest(step=step, settings=list(settings))
                answers.append(made[0].ask_change(wish, "E. Example"))

        seen = seen_run(request(path, text), look)
    return seen, answers, {each.request: each for each in made[0].run_control.outcomes}


def ends(seen: Seen, name: str = "segment_end") -> list[tuple[int, str]]:
    return [(event.body.step, event.body.outcome) for event in seen.of(name)]


def require_true(seen: Seen, largest_A: float) -> None:
    """Hold what the run says of each stretch against what went through the cell, and the current against its limit."""
    begun: dict[int, float] = {}
    counted: dict[int, float] = {}
    for event, charge_C, _ in seen.truths:
        body = event.body
        if event.kind == "segment" and body.step.index not in begun:
            begun[body.step.index] = charge_C
        elif event.kind == "segment_end":
            counted[body.step] = body.step_charge_C
            assert charge_C - begun[body.step] == pytest.approx(body.step_charge_C, abs=2e-6), event
    assert all(abs(event.body.current_A) <= 1.02 * largest_A for event in seen.of("sample"))
    assert seen.is_safe


def require_as_changed(seen: Seen, settings: dict[str, str]) -> None:
    """Hold the steps against the values that they had when they ended."""
    begin = {event.body.step.index: event.time_s for event in reversed(seen.of("segment"))}
    last = {event.body.step: event.body for event in seen.of("segment_end")}
    asked = seen.of("changed")
    after_s = asked[0].time_s if asked else float("inf")
    if "until.capacity" in settings and begin[0] <= after_s:
        target_C = float(settings["until.capacity"].split()[0]) * 1e-3 * 3600 * AREA_CM2
        before = [event.body.charge_C for event in seen.of("sample") if event.time_s <= after_s + 1.0]
        passed_C = min(before, default=0.0)
        if last[0].duration_s and seen.of("segment_end")[0].time_s > after_s:
            assert -last[0].step_charge_C == pytest.approx(max(target_C, -passed_C), abs=4e-5)


LARGEST_A = 0.2e-3 * AREA_CM2
CASES = (
    {"until.capacity": "0.0004 mAh/cm2"},
    {"until.capacity": "0.0012 mAh/cm2"},
    {"current": "-0.08 mA/cm2"},
    {"until.voltage": "0.2 V"},
    {"until.time": "10 s"},
    {"time": "3 s"},
    {"time": "15 s"},
    {"voltage": "0.75 V"},
    {"current_limit": "0.1 mA/cm2"},
)


def test_a_current_that_is_changed_behind_a_spectrum_is_a_change_of_its_step(tmp_path: Path) -> None:
    """A quarter of the charge flows before, and the rest by half of the current."""
    seen, answers = changed(tmp_path / "a.h5", nth("point", 1), "current=-0.08 mA/cm2", text=MARKS)
    assert answers[0].accepted, answers[0].text
    (step,) = open_run(tmp_path / "a.h5").steps
    assert (step.changed, step.suspended) == (True, 0)
    assert step.current_A == pytest.approx(-0.08e-3 * AREA_CM2)
    assert step.mean_current_A == pytest.approx(-0.16e-3 * AREA_CM2 / (0.25 + 0.75 * 2.0), rel=0.02)
    assert step.charge_C == pytest.approx(seen.truth.charge_C, rel=2e-3)


def one_at_random(path: Path, seed: int) -> None:
    draw = random.Random(seed)
    settings = CASES[seed % len(CASES)]
    at = draw.randint(3, 45)
    wanted = (f"{k}={v}" for k, v in settings.items())
    seen, answers, told = changed_and_told(path, lambda event: event.seq == at, *wanted)
    assert seen.result.completed, seen.result
    require_true(seen, LARGEST_A)
    require_as_changed(seen, settings)
    outcomes = [told[answer.request] for answer in answers if answer.accepted]  # none is left without one
    done = sum(outcome.done for outcome in outcomes)
    assert len(seen.of("changed")) == done
    assert [one.by for one in changes_of(open_run(path))] == ["E. Example"] * done
    for (
        outcome
    ) in outcomes:  # behind the last reading of the last segment there is none that could take a change up
        assert outcome.done or outcome.text == "the steps were not changed: the run ended before"
        assert outcome.done or at >= len(seen.truths) - 4


@few("seed", range(3), 1)
def test_a_change_is_safe_at_every_moment(tmp_path: Path, seed: int):
    one_at_random(tmp_path / "r.h5", seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3, 300))
def test_a_change_is_safe_at_every_moment_of_many(tmp_path: Path, seed: int):
    one_at_random(tmp_path / "r.h5", seed)


def test_an_end_is_moved_with_the_cell_as_it_is_and_a_mark_that_is_passed_is_left_out(tmp_path: Path):
    seen, answers = changed(tmp_path / "r.h5", nth("sample", 4), "until.capacity=0.00005 mAh/cm2", text=MARKS)
    assert "passed already" in answers[0].text
    (change,) = seen.of("changed")
    assert change.body.by == "E. Example"
    assert change.body.words == "steps.sodiation.until.capacity: 0.00005 mAh/cm2 instead of 0.0005 mAh/cm2"
    assert [outcome for _, outcome in ends(seen)] == ["segment", "segment", "done", "done"]
    assert seen.result.completed
    run = open_run(tmp_path / "r.h5")
    assert [one.start.fraction for one in run.spectra] == [1.0]
    switched = [
        event.body for event in seen.of("edge") if event.time_s <= change.time_s and event.body.connected
    ]
    assert len(switched) == 2, "on, and its current: nothing else before the end"


def test_another_current_is_set_with_the_cell_off_in_between_and_the_charge_goes_on(tmp_path: Path):
    seen, answers = changed(tmp_path / "r.h5", nth("sample", 5), "current=-0.1 mA/cm2")
    assert answers[0].accepted
    assert ends(seen)[:2] == [(0, "aside"), (0, "segment")]
    total_C = seen.truths[0][1] - next(c for e, c, _ in seen.truths if ends_of_step(e, 0))
    assert total_C == pytest.approx(DOWN_C, abs=2e-6)


def ends_of_step(event: Event, step: int) -> bool:
    return event.kind == "segment_end" and event.body.step == step and event.body.outcome != "aside"


def test_what_is_measured_stays_as_it_is_and_what_comes_is_another(tmp_path: Path):
    text = MARKS.replace("[25 %", "[0 %")
    _, answers = changed(
        tmp_path / "r.h5", nth("point", 2), "spectrum.to=100 kHz", "until.capacity=0.0003 mAh/cm2", text=text
    )
    assert "stays as it is" in answers[0].text
    run = open_run(tmp_path / "r.h5")
    assert [len(run.points_of(one)) for one in run.spectra] == [3, 2, 2, 2]
    assert run.steps[0].charge_C == pytest.approx(-DOWN_C * 3 / 8, rel=1e-3)


@pytest.mark.parametrize(("count", "passes"), [(1, 2), (6, 6)])
def test_the_passes_of_a_loop_are_more_or_fewer(tmp_path: Path, count: int, passes: int):
    seen, answers = changed(
        tmp_path / "r.h5", nth("segment", 2), f"count={count}", text=CYCLES, step="cycling"
    )
    assert answers[0].accepted
    assert seen.result.completed
    assert [step.cycle for step in open_run(tmp_path / "r.h5").steps] == [*range(1, passes + 1), None]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["current=0.1 mA/cm2"], "same way"),
        (["current=-80 mA/cm2"], "current"),
        (["until.capacity=99 mAh/cm2"], "in theory"),
        (["until.voltage=-9 V"], "V"),
        (["until.capacity=0.0005 mAh/cm2"], "already"),
        (["until.capacity=0.0005"], "unit"),
        (["spectra_at=[10 %]"], "another step"),
        (["name=other"], "no value"),
        (["until.capactiy=1 mAh"], "Did you mean 'capacity'"),
        (["steps.sodiation"], "PATH=VALUE"),
        (["safety.voltage_mx=3 V"], "no field"),
        (["limits.voltage_max=30 V"], "wider than the build 'half' of 'nbh' allows"),
        (["limits.voltage_min=-9 V"], "limits.voltage_min: this is wider"),
        (["safety.current_max=0.5 A"], "wider"),
        (["limits.current_max=0.3"], "unit"),
        (["limits.voltage_min=2.1 V", "limits.voltage_max=2 V"], "2 V"),
    ],
)
def test_what_is_refused_says_why_and_touches_nothing(settings: list[str], words: str):
    protocol, record = parse_protocol(SHORT, "test"), load_cell("nbh")
    begun = Progress(step_path="steps.sodiation", step_index=0, ordinal=0)
    changes = StepChanges(protocol, record.build("half"), record, begun, Instruments(), ("impedance",))
    answer = changes.ask(ChangeRequest(settings=settings), "a test")
    assert not answer.accepted
    assert words in answer.text
    assert not changes.is_pending
    assert changes.protocol == protocol


def test_a_run_that_dies_or_pauses_goes_on_as_changed(tmp_path: Path):
    path, control = tmp_path / "r.h5", RunControl()
    answers: list[Answer] = []

    def look(event: Event) -> None:
        if event.kind == "sample" and event.seq == 14:
            control.ask(Verb.PAUSE, "a test")
        elif event.kind == "paused":
            wish = ChangeRequest(step="down", settings=["until.capacity=0.0006 mAh/cm2"])
            answers.append(made[-1].ask_change(wish, "a test"))
            if not answers[-1].accepted:
                control.ask(Verb.RESUME, "a test")
        elif event.kind == "changed":
            control.ask(Verb.RESUME, "a test")

    with sessions() as made:
        killed(
            request(path, BARE),
            lambda event: event.kind == "sample" and event.seq > 30,
            look,
            run_control=control,
        )
    assert answers[0].accepted
    assert len(fold(read_journal(journal_path(path))).changes) == 1
    assert resume_it(path).completed
    run = open_run(path)
    assert run.steps[0].charge_C == pytest.approx(-DOWN_C * 6 / 8, rel=2e-3)
    assert [changed.ordinal for _, changed in run.bodies(ProtocolChanged)] == [0]


@few("seed", range(3), 1)
def test_limits_of_the_run_are_moved_at_once_and_hold(tmp_path: Path, seed: int):
    """The first reading beyond the new limit ends the run, be it the one at hand; without one the run completes."""
    draw = random.Random(seed)
    limit_V, at = round(draw.uniform(0.3, 0.6), 3), draw.randint(2, 6)
    name = draw.choice(["limits", "safety"])
    seen, answers = changed(tmp_path / "r.h5", nth("sample", at), f"{name}.voltage_min={limit_V} V")
    assert answers[0].accepted
    (change,) = seen.of("changed")
    readings = [event for event in seen.of("sample") if event.seq >= change.seq - 1]
    beyond = [event for event in readings if event.body.voltage_V <= limit_V]
    assert answers[0].text.startswith(
        f"safety.voltage_min: {limit_V} V instead of that of the cell's record; "
    )
    assert "passed already" not in answers[0].text or beyond[0] is readings[0]
    assert seen.is_safe
    end = open_run(tmp_path / "r.h5").end
    assert end is not None
    if not beyond:
        assert end.outcome == "completed"
        return
    assert (end.outcome, end.quantity, end.limit) == ("limit", "safety", limit_V)
    assert beyond == readings[-1:]
    after_C = {charge_C for event, charge_C, _ in seen.truths if event.seq > beyond[0].seq}
    assert max(after_C) - min(after_C) < 1e-7


def test_moved_limits_are_those_of_the_resumed_run_and_of_what_is_set_by_hand(tmp_path: Path):
    path, limits = tmp_path / "r.h5", ["limits.voltage_max=1.9 V", "limits.voltage_min=0.30 V"]

    def look(event: Event) -> None:
        if event.kind == "sample" and event.seq == 14:
            assert made[0].ask_change(ChangeRequest(settings=limits), "a test").accepted

    with sessions() as made:
        killed(request(path, BARE), lambda event: event.kind == "sample" and event.seq > 30, look)
        assert resume_it(path).completed
    for session in made:
        watch = session.setup.limits
        assert (watch.voltage_min_V, watch.voltage_max_V) == (0.3, 1.9)
        answer = session.setup.changes.ask(ChangeRequest(step="down"), "a test")
        assert "of the whole run: limits.voltage_min=0.30 V; limits.voltage_max=1.9 V" in answer.text
        held = session.setup.manual._segment
        with pytest.raises(BadInput, match="2 V"):
            held(ManualRequest(voltage="2 V", current_limit="1 mA", time="5 s"))


@pytest.mark.parametrize("state", [State.STARTING, State.STOPPING, State.ENDED])
def test_it_is_refused_where_no_run_goes_on(state: State):
    control = RunControl()
    control.state = state
    assert not control.ask(Verb.CHANGE, "a test").accepted
