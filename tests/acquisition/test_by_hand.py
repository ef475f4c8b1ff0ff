"""What is set by hand during a run, against what really flowed through the cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from unittest import mock

import pytest

from solbench.acquisition.control.messages import ManualRequest, SpectrumRequest
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Answer, Verb
from solbench.acquisition.engine.manual.requests import NOT_MANUAL, OFF_ALREADY, SPECTRUM_ON
from solbench.acquisition.record.events import Event
from solbench.acquisition.record.folds import steps_of
from solbench.acquisition.record.progress import fold
from solbench.acquisition.record.reader import open_run
from solbench.acquisition.run.session import Session
from tests.acquisition.asked import Killed, sessions
from tests.acquisition.runs import TINY, Seen, request, resume_it, seen_run

MANUAL = """
name: manual
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
interruptions: {wait_for_user: 1 min}
safety: {voltage_min: 0.05 V, voltage_max: 2.0 V, current_max: 0.5 mA}
record: {every: 1 s}
steps:
  - {name: manual, kind: manual, at_most: 30 s}
"""
Say = Callable[[Event], None]
FINISH = ManualRequest(do="finish")
OFF = ManualRequest(do="off")


def hold(**what: str) -> ManualRequest:
    return ManualRequest(**what)


def carried_out(
    path: Path,
    says: Sequence[tuple[Callable[[Event], bool], ManualRequest]],
    text: str = MANUAL,
    run_control: RunControl | None = None,
) -> tuple[Seen, list[Answer]]:
    """Run with requests, each made at the first event that its own condition names, in order."""
    answers: list[Answer] = []
    left = list(says)
    with sessions() as made:

        def look(event: Event) -> None:
            while left and left[0][0](event):
                answers.append(made[0].ask_manual(left.pop(0)[1], "a test"))

        seen = seen_run(request(path, text), look, run_control=run_control)
    assert not left
    return seen, answers


def at(time_s: float) -> Callable[[Event], bool]:
    return lambda event: event.kind == "sample" and event.time_s >= time_s


def in_step(index: int, nth: int = 1) -> Callable[[Event], bool]:
    met: list[float] = []

    def when(event: Event) -> bool:
        if event.kind == "sample" and event.body.step == index and abs(event.body.current_A) > 1e-7:
            met.append(event.time_s)
        return len(met) >= nth

    return when


def at_rest_after(index: int) -> Callable[[Event], bool]:
    """Say yes at a reading of the manual step once the step `index` is over."""
    over: list[int] = []

    def when(event: Event) -> bool:
        if event.kind == "segment_end" and event.body.step == index:
            over.append(index)
        return bool(over) and event.kind == "sample" and event.body.step == 0

    return when


def test_each_value_is_a_step_of_its_own_with_the_charge_that_really_flowed(tmp_path):
    seen, answers = carried_out(
        tmp_path / "a.h5",
        [
            (at(0.0), hold(current="-20 uA", time="60 s")),
            (at_rest_after(1), hold(current="10 uA", capacity="0.1 uAh")),
            (at_rest_after(2), hold(voltage="1.0 V", current_limit="0.1 mA", time="20 s")),
            (at_rest_after(3), FINISH),
        ],
    )
    assert all(answer.accepted for answer in answers)
    assert all(answer.request for answer in answers[:3])
    assert seen.result is not None
    assert seen.result.completed
    assert seen.is_safe
    first, *holds = steps_of(seen.events)
    assert (first.kind, first.charge_C) == ("manual", 0.0)
    assert [step.name for step in holds] == ["manual-1", "manual-2", "manual-3"]
    assert [step.kind for step in holds] == ["constant_current", "constant_current", "constant_voltage"]
    for number, step in enumerate(holds, 1):
        true_C = seen.true_charge_C("segment_end", -2 * number) - seen.true_charge_C("segment", -2 * number)
        assert step.charge_C == pytest.approx(true_C, rel=2e-3, abs=2e-9)
        assert step.finished
    assert holds[0].charge_C == pytest.approx(-20e-6 * 60.0, rel=0.03)  # connecting counts as time
    assert holds[1].charge_C == pytest.approx(0.1e-6 * 3600.0, rel=1e-3)
    run = open_run(tmp_path / "a.h5")
    assert [step.name for step in steps_of(run.events)] == ["manual", "manual-1", "manual-2", "manual-3"]
    samples = [event for event in seen.events if event.kind == "sample" and event.body.step > 0]
    gaps = [b.time_s - a.time_s for a, b in pairwise(samples) if a.body.step == b.body.step]
    assert max(gaps) < 2.0  # every second of it is in the journal


def test_off_ends_what_is_held_and_another_value_replaces_it(tmp_path):
    run_control = RunControl()
    seen, answers = carried_out(
        tmp_path / "a.h5",
        [
            (at(0.0), OFF),
            (at(0.0), hold(current="-20 uA", time="1 h")),
            (in_step(1, 5), hold(current="-40 uA", time="1 h")),
            (in_step(2, 5), OFF),
            (at_rest_after(2), FINISH),
        ],
        run_control=run_control,
    )
    assert answers[0].text == OFF_ALREADY
    told = {outcome.request: outcome.text for outcome in run_control.outcomes if outcome.done}
    asked = [answer.request for answer in answers[1:4]]
    assert [told[one].partition(" ")[0] for one in asked] == ["-20", "-40", "the"]
    assert all(answer.accepted for answer in answers)
    _, one, two = steps_of(seen.events)
    assert one.end is not None
    assert two.end is not None
    assert one.end.text == "a test set something else"
    assert two.end.text == "switched off by a test"
    assert two.end_s - two.start_s < 10.0
    assert seen.is_safe
    off = [polarized for event, _, polarized in seen.truths if event.kind == "segment_end"]
    assert not any(off)  # the cell is off before the end of each is written


def test_what_is_set_in_the_place_of_the_last_value_is_held_as_long_as_it_was_said(tmp_path):
    """As while `solbench manual --current` holds the one thing for which it was started."""
    first = ManualRequest(current="-20 uA", time="1 h", then_finish=True)
    seen, answers = carried_out(
        tmp_path / "a.h5",
        [(at(0.0), first), (in_step(1, 3), hold(current="-40 uA", time="20 s"))],
    )
    assert all(answer.accepted for answer in answers)
    _, one, two = steps_of(seen.events)
    assert one.end is not None
    assert two.end is not None
    assert one.end.text == "a test set something else"
    assert two.end.quantity == "time"
    assert two.charge_C == pytest.approx(-40e-6 * 20.0, rel=0.1)  # connecting counts as time
    assert seen.result is not None
    assert seen.result.completed
    assert seen.is_safe


def test_off_between_the_word_and_the_switch_leaves_nothing_on(tmp_path):
    """Said at the very moment at which the hold is written down, and before anything is switched."""
    seen, answers = carried_out(
        tmp_path / "a.h5",
        [
            (at(0.0), hold(current="-20 uA", time="1 h")),
            (lambda event: event.kind == "hold", OFF),
            (at_rest_after(1), FINISH),
        ],
    )
    assert [answer.accepted for answer in answers] == [True] * 3
    assert not [event for event in seen.events if event.kind == "edge" and event.body.connected]
    assert seen.truth.charge_C == 0.0


def test_finish_with_the_cell_on_switches_it_off_and_completes_the_run(tmp_path):
    seen, _ = carried_out(
        tmp_path / "a.h5",
        [(at(0.0), hold(current="-20 uA", time="1 h")), (in_step(1, 3), FINISH)],
    )
    assert seen.result is not None
    assert seen.result.completed
    assert seen.is_safe


@pytest.mark.parametrize(
    "safety", ["voltage_min: 0.85 V", pytest.param("voltage_max: 0.95 V", marks=pytest.mark.long)]
)
def test_a_limit_that_is_passed_ends_the_run_with_the_cell_off_and_nothing_closes_it_again(tmp_path, safety):
    current = "-0.4 mA" if "min" in safety else "0.4 mA"
    text = MANUAL.replace("voltage_min: 0.05 V, voltage_max: 2.0 V", safety)
    seen, _ = carried_out(tmp_path / "a.h5", [(at(0.0), hold(current=current, time="2 h"))], text)
    assert seen.result is not None
    assert seen.result.outcome == "limit"
    assert seen.is_safe
    assert resume_it(tmp_path / "a.h5").outcome == "limit"
    assert fold(seen.events).ended_by is not None


REFUSED = [
    (hold(), "one of a current and a voltage"),
    (hold(current="10 uA", voltage="1 V", time="1 min"), "one of a current and a voltage"),
    (hold(current="10 uA"), "how long"),
    (hold(current="1 mA", time="1 min"), "0.5 mA"),
    (hold(current="10 uV", time="1 min"), "current"),
    (hold(current="10 uA", until_voltage="3 V"), "3 V"),
    (hold(voltage="2.4 V", current_limit="0.1 mA", time="1 min"), "2.4 V"),
    (hold(voltage="1 V", time="1 min"), "current_limit"),
    (hold(current="0 A", time="1 min"), "current"),
    (hold(current="10 uA", time="minus"), "time"),
]


def test_what_cannot_be_held_is_refused_in_words_and_the_run_goes_on(tmp_path):
    says = [(at(0.0), wish) for wish, _ in REFUSED]
    seen, answers = carried_out(tmp_path / "a.h5", [*says, (at(3.0), FINISH)])
    for answer, (_, words) in zip(answers, REFUSED, strict=False):
        assert not answer.accepted
        assert words in answer.text
    assert seen.result is not None
    assert seen.result.completed
    assert seen.truth.charge_C == 0.0


def test_nothing_is_set_where_the_limits_would_not_act_nor_in_another_step(tmp_path):
    text = MANUAL.replace("voltage_min: 0.05 V", "voltage_min: 1.2 V")  # the fresh cell shows 0.905 V
    _, answers = carried_out(
        tmp_path / "a.h5", [(at(2.0), hold(current="10 uA", time="1 min")), (at(2.0), FINISH)], text
    )
    assert not answers[0].accepted
    assert "outside the limits" in answers[0].text
    _, others = carried_out(tmp_path / "b.h5", [(at(2.0), hold(current="10 uA", time="1 min"))], TINY)
    assert others[0].text == NOT_MANUAL


def test_a_program_that_dies_in_a_hold_goes_on_with_what_is_left_of_it(tmp_path):
    path, samples = tmp_path / "a.h5", 0

    def die(event: Event) -> None:
        nonlocal samples
        samples += event.kind == "sample" and event.body.step == 1
        if samples == 20:
            raise Killed

    nothing_more = mock.patch.object(Session, "_way_out", lambda _self, ending: ending)
    with sessions() as made, nothing_more:

        def ask(event: Event) -> None:
            if event.kind == "start_check":
                made[0].setup.manual.preset(hold(current="-20 uA", time="60 s"), "a test")

        with pytest.raises(Killed):
            seen_run(request(path, MANUAL), ask, die)
    made[0].storage.close()
    made[0].journal.close()
    made[0].bench.close()
    assert resume_it(path).completed
    steps = steps_of(open_run(path).events)
    assert [step.name for step in steps] == ["manual", "manual-1"]
    assert steps[1].interruptions >= 1
    assert steps[1].charge_C == pytest.approx(-20e-6 * 60.0, rel=0.06)
    assert steps[1].finished


@pytest.mark.parametrize("verb", [Verb.PAUSE, Verb.STOP])
def test_pause_and_stop_switch_a_held_cell_off(tmp_path, verb):
    run_control = RunControl()
    with sessions() as made:
        asked: list[Answer] = []

        def look(event: Event) -> None:
            if event.kind == "sample" and not asked:
                asked.append(made[0].ask_manual(hold(current="-20 uA", time="30 s"), "a test"))
            if (
                event.kind == "sample"
                and event.body.step == 1
                and len(asked) == 1
                and event.body.current_A < -1e-5
            ):
                asked.append(run_control.ask(verb, f"{verb} by a test"))
            if event.kind == "paused":
                asked.append(made[0].ask_manual(hold(current="1 uA", time="1 s"), "a test"))
                run_control.ask(Verb.RESUME, "a test")

        seen = seen_run(request(tmp_path / "a.h5", MANUAL), look, run_control=run_control)
    assert seen.is_safe
    assert seen.result is not None
    assert seen.result.outcome == ("completed" if verb is Verb.PAUSE else "interrupted")
    if verb is Verb.PAUSE:
        assert not asked[2].accepted
        assert steps_of(seen.events)[1].charge_C == pytest.approx(
            -20e-6 * 30.0, rel=0.15
        )  # it is connected twice, which counts as time


def test_a_spectrum_can_be_measured_between_two_values(tmp_path):
    with sessions() as made:
        answers: list[Answer] = []

        def look(event: Event) -> None:
            if event.kind == "sample" and not answers:
                wish = SpectrumRequest(rest="2 s", start="1 kHz", stop="100 Hz")
                answers.append(made[0].ask_spectrum(wish, "a test"))
            if event.kind == "point" and len(answers) == 1:
                assert made[0].setup.recorder.progress.connected
                answers.append(made[0].ask_manual(OFF, "a test"))
            if event.kind == "quality":
                answers.append(made[0].ask_manual(FINISH, "a test"))

        seen = seen_run(request(tmp_path / "a.h5", MANUAL), look)
    assert [answer.accepted for answer in answers] == [True, False, True]
    assert answers[1].text == SPECTRUM_ON
    assert len(seen.of("point")) > 5
    assert seen.result is not None
    assert seen.result.completed
