"""Spectra that somebody asks for while a run goes on: where they stand, and that the run is none the worse."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solbench.acquisition.control.messages import SpectrumRequest
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Answer, State, Verb
from solbench.acquisition.record.events import Event
from solbench.acquisition.record.journal import journal_path, read_journal
from solbench.acquisition.record.progress import fold
from solbench.acquisition.record.reader import open_run
from solbench.acquisition.run.session import Session
from tests.acquisition.asked import (
    DESODIATION,
    PAUSE,
    SODIATION,
    SOON,
    Killed,
    asking,
    nth_sample,
    run_asked,
    sessions,
)
from tests.acquisition.runs import CURRENT_A, TINY, quiet_bench, request, resume_it, seen_run
from tests.tiers import few

TARGET_C = 0.002e-3 * 3600 * 0.785  # of TINY's sodiation


@few("step", [SODIATION, PAUSE, pytest.param(DESODIATION, marks=pytest.mark.long)], 1)
def test_a_spectrum_is_measured_and_the_step_goes_on_where_it_was(tmp_path: Path, step: int):
    seen, answers = run_asked(tmp_path / "r.h5", nth_sample((step, 6)))
    assert [answer.accepted for answer in answers] == [True]
    assert seen.result.completed
    run = open_run(tmp_path / "r.h5")
    asked = [record for record in run.spectra if record.start.role == "asked"]
    assert [record.step for record in asked] == [step]
    assert len(run.points_of(asked[0])) == len(run.points_of(run.spectra[0])) == 9
    assert asked[0].start.amplitude_V == 0.03
    assert len({record.spectrum for record in run.spectra}) == len(run.spectra) == 3
    assert [record.spectrum for record in run.spectra] == [1, 2, 3]
    assert run.steps[SODIATION].charge_C == pytest.approx(-TARGET_C, rel=3e-4)
    assert all(record.finished for record in run.steps)


def test_the_cell_is_off_in_the_rest_before_it_and_the_true_charge_is_that_of_the_step(tmp_path: Path):
    seen, _ = run_asked(tmp_path / "r.h5", nth_sample((SODIATION, 5), (SODIATION, 15), (SODIATION, 30)))
    ends = [event for event in seen.of("segment_end") if event.body.step == SODIATION]
    asked = [event for event in ends if event.body.ordinal < 0]
    assert [event.body.segment for event in asked] == ["Rest", "Sweep"] * len(seen.of("asked"))
    off = [not polarized for event, _, polarized in seen.truths if event.kind in ("segment", "segment_end")]
    assert all(off)
    first = next(charge for event, charge, _ in seen.truths if event.kind == "segment")
    last = [charge for event, charge, _ in seen.truths if getattr(event.body, "step", None) == SODIATION][-1]
    # Every sweep, planned or asked for, moves some 0.6 uC by its residual current.
    assert last - first == pytest.approx(-TARGET_C, abs=0.6e-6 * (1 + len(seen.of("asked"))))


@pytest.mark.long
def test_a_rest_by_time_lasts_no_longer_for_it(tmp_path: Path):
    seen, _ = run_asked(tmp_path / "r.h5", nth_sample((PAUSE, 6)), SpectrumRequest())
    rests = [event.body for event in seen.of("segment_end") if event.body.segment == "Rest"]
    own = [data.duration_s for data in rests if data.step == PAUSE and data.ordinal >= 0]
    assert len(own) == 2
    assert sum(own) == pytest.approx(10.0, abs=0.5)
    assert not [data for data in rests if data.ordinal < 0]  # the cell was resting already


def test_what_is_wished_is_measured(tmp_path: Path):
    wish = SpectrumRequest(rest="3 s", start="10 kHz", stop="1 kHz", amplitude="5 mV")
    seen, _ = run_asked(tmp_path / "r.h5", nth_sample((SODIATION, 12)), wish)
    points = [event.body for event in seen.of("point") if event.body.segment < 0]
    assert [point.frequency_Hz for point in points] == pytest.approx([1e4, 10**3.5, 1e3])
    conditions = next(event.body for event in seen.of("spectrum") if event.body.role == "asked")
    assert conditions.amplitude_V == 0.005
    assert 0.0 < abs(conditions.step_charge_C) < TARGET_C
    rest = next(event.body for event in seen.of("segment_end") if event.body.ordinal == -1)
    assert rest.duration_s == pytest.approx(3.0, abs=0.5)


@pytest.mark.long
def test_a_protocol_without_spectra_gets_the_usual_one(tmp_path: Path):
    text = """
name: plain
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
steps:
  - name: sodiation
    kind: constant_current
    current: -0.16 mA/cm2
    until: {capacity: 0.001 mAh/cm2}
"""
    seen, _ = run_asked(tmp_path / "r.h5", nth_sample((0, 5)), SpectrumRequest(), text)
    assert seen.result.completed
    assert len([event for event in seen.of("point") if event.body.segment < 0]) == 61
    rest = next(event.body for event in seen.of("segment_end") if event.body.ordinal == -1)
    assert 300.0 <= rest.duration_s <= 3600.0


def in_sweep(event: Event) -> bool:
    return event.kind == "point"


REFUSED = [
    (in_sweep, SpectrumRequest(), "being measured"),
    (nth_sample((SODIATION, 12)), SpectrumRequest(amplitude="30"), "amplitude"),
    (nth_sample((SODIATION, 13)), SpectrumRequest(amplitude="20 V"), "implausible"),
    (nth_sample((SODIATION, 14)), SpectrumRequest(amplitude="0.15 V"), "plate sodium"),
    (nth_sample((SODIATION, 15)), SpectrumRequest(start="32 MHz"), "1 MHz"),
    (nth_sample((SODIATION, 16)), SpectrumRequest(start="1 Hz", stop="1 kHz"), "not below"),
    (nth_sample((SODIATION, 17)), SpectrumRequest(rest="long"), "time"),
]


def test_what_makes_no_sense_is_refused_in_words(tmp_path: Path):
    answers: list[list[Answer]] = [[] for _ in REFUSED]
    with sessions() as made:
        asked = [asking(when, made, wish, to) for (when, wish, _), to in zip(REFUSED, answers, strict=True)]
        seen = seen_run(request(tmp_path / "r.h5"), *asked)
    for (_, _, words), to in zip(REFUSED, answers, strict=True):
        assert to, words
        assert not any(answer.accepted for answer in to)
        assert words in to[0].text
    assert not seen.of("asked")


def test_a_second_one_is_refused_until_the_first_is_measured(tmp_path: Path):
    seen, answers = run_asked(tmp_path / "r.h5", nth_sample((SODIATION, 12), (SODIATION, 13)))
    assert [answer.accepted for answer in answers] == [True, False]
    assert len(seen.of("asked")) == 1


TWO_SWEEPS = """
name: two
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
steps:
  - name: wide
    kind: constant_current
    current: -0.16 mA/cm2
    until: {time: 20 s}
    spectra_at: []
    spectrum: {from: 1 MHz, to: 100 Hz, points_per_decade: 2, amplitude: 30 mV, integration: 0.2 s}
  - name: narrow
    kind: constant_current
    current: -0.16 mA/cm2
    until: {time: 20 s}
    spectra_at: []
    spectrum: {from: 1 kHz, to: 100 Hz, points_per_decade: 2, amplitude: 30 mV, integration: 0.2 s}
"""


def test_a_wish_is_held_against_the_spectrum_of_the_present_step(tmp_path: Path):
    """What fits the protocol's first spectrum need not fit this step's own; it must not end the run."""
    seen, answers = run_asked(
        tmp_path / "r.h5", nth_sample((1, 3)), SpectrumRequest(stop="10 kHz"), TWO_SWEEPS
    )
    assert [answer.accepted for answer in answers] == [False]
    assert "not below" in answers[0].text
    assert seen.result.completed


def test_a_wish_that_makes_no_sense_any_more_is_dropped_with_a_note(tmp_path: Path):
    """It is asked for at the last reading of a step, and the next one has another spectrum."""

    def at_the_end(event: Event) -> bool:
        return event.kind == "segment_end" and event.body.step == 0

    seen, answers = run_asked(tmp_path / "r.h5", at_the_end, SpectrumRequest(stop="10 kHz"), TWO_SWEEPS)
    assert [answer.accepted for answer in answers] == [True]
    assert seen.result.completed
    assert not seen.of("asked")
    (note,) = seen.of("note")
    assert "cannot be measured in this step" in note.body.text
    assert seen.is_safe


def test_the_answer_says_how_long_it_takes_and_what_is_doubtful(tmp_path: Path):
    wish = SpectrumRequest(rest="1 min", amplitude="60 mV", stop="10 mHz")
    seen, answers = run_asked(tmp_path / "r.h5", nth_sample((SODIATION, 5)), wish)
    assert answers[0].accepted
    assert "about 4 min" in answers[0].text
    assert "may not be linear" in answers[0].text
    took_s = sum(event.body.duration_s for event in seen.of("segment_end") if event.body.ordinal < 0)
    assert took_s == pytest.approx(240, abs=60.0)


@pytest.mark.parametrize("state", [State.STARTING, State.PAUSED, State.STOPPING, State.ENDED])
def test_it_is_refused_where_no_run_goes_on(state: State):
    run_control = RunControl()
    run_control.state = state
    answer = run_control.ask(Verb.SPECTRUM, "a test")
    assert not answer.accepted
    assert answer.text


@pytest.mark.long
@given(places=st.sets(st.integers(2, 42), max_size=3))
@settings(
    max_examples=settings().max_examples // 12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_step_totals_are_those_of_a_run_without_any(
    tmp_path_factory: pytest.TempPathFactory, places: set[int]
):
    path = tmp_path_factory.mktemp("asked") / "r.h5"
    seen, answers = run_asked(path, nth_sample(*((SODIATION, n) for n in places)))
    run = open_run(path)
    assert seen.result.completed
    assert len(seen.of("asked")) == sum(answer.accepted for answer in answers)
    # A sweep moves up to some 0.5 uC by its residual current, a planned one as well as one asked for.
    assert run.steps[SODIATION].charge_C == pytest.approx(-TARGET_C, abs=1e-6 * (2 + len(seen.of("asked"))))
    active = sum(
        event.body.duration_s
        for event in seen.of("segment_end")
        if event.body.segment == "ConstantCurrent" and event.body.step == SODIATION
    )
    stretches = 1 + len(seen.of("asked"))
    assert active == pytest.approx(TARGET_C / CURRENT_A, abs=0.5 + 2.5 * stretches)  # each connects first
    states = [fold(list(read_journal(journal_path(path)))[:n]) for n in range(0, len(seen.events), 97)]
    assert all(state.finished <= later.finished for state, later in pairwise(states))


@few("kind", ["asked", pytest.param("spectrum", marks=pytest.mark.long), "point"], (2,))
def test_a_program_that_dies_in_it_measures_it_again(tmp_path: Path, kind: str):
    path = tmp_path / "r.h5"
    died = False

    def die(event: Event) -> None:
        nonlocal died
        about_asked = event.kind == "asked" or (event.kind == kind and event.body.segment < 0)
        if event.kind == kind and about_asked and not died:
            died = True
            raise Killed

    nothing_more = mock.patch.object(Session, "_way_out", lambda _self, ending: ending)
    with sessions() as made, nothing_more:
        look = asking(nth_sample((SODIATION, 40)), made, SOON, [])
        with pytest.raises(Killed):
            seen_run(request(path), look, die)
    made[0].storage.close()
    made[0].journal.close()
    made[0].bench.close()
    assert resume_it(path).completed
    run = open_run(path)
    assert [record.spectrum for record in run.spectra] == [1, 2, 3]
    assert [record.start.role for record in run.spectra] == ["spectrum", "asked", "spectrum"]
    assert run.steps[SODIATION].charge_C == pytest.approx(-TARGET_C, rel=1e-3)


def test_skipping_the_step_drops_it(tmp_path: Path):
    path = tmp_path / "r.h5"
    run_control = RunControl()

    def skip(event: Event) -> None:
        if event.kind == "segment" and event.body.ordinal == -2:
            run_control.ask(Verb.SKIP, "a test")

    with sessions() as made:
        look = asking(nth_sample((SODIATION, 12)), made, SpectrumRequest(rest="2 s"), [])
        seen = seen_run(request(path, bench=quiet_bench()), look, skip, run_control=run_control)
    assert seen.result.outcome == "skipped"
    assert fold(seen.events).asked is None
    assert [record.start.role for record in open_run(path).spectra] == ["spectrum"]


def test_a_held_voltage_goes_on_for_the_time_that_it_had_left(tmp_path: Path):
    text = """
name: held
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
steps:
  - {name: sodiation, kind: constant_current, current: -0.16 mA/cm2, until: {time: 30 s}}
  - {name: held, kind: constant_voltage, voltage: 0.9 V, current_limit: 1 mA/cm2, until: {time: 60 s}}
"""

    def when(event: Event) -> bool:
        return event.kind == "sample" and event.body.step == 1 and not asked and event.body.segment >= 0

    asked: list[bool] = []

    def once(event: Event) -> bool:
        return when(event) and not asked.append(True)

    seen, answers = run_asked(tmp_path / "r.h5", once, SpectrumRequest(rest="2 s", stop="100 Hz"), text)
    assert [answer.accepted for answer in answers] == [True]
    assert seen.result.completed
    ends = [event.body for event in seen.of("segment_end") if event.body.segment == "ConstantVoltage"]
    assert [data.outcome for data in ends] == ["aside", "step"]
    assert sum(data.duration_s for data in ends) == pytest.approx(60.0, abs=0.5)


HELD = """
name: held
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 1 s}
steps:
  - {name: sodiation, kind: constant_current, current: -0.16 mA/cm2, until: {time: 60 s}}
  - name: held
    kind: constant_voltage
    voltage: 0.3 V
    current_limit: 1 mA/cm2
    until: {current: 0.05 mA/cm2}
"""


@pytest.mark.long
def test_a_held_voltage_goes_on_in_the_middle_and_ends_by_its_taper(tmp_path: Path):
    """The current that flowed before and after it is in the step's charge, as the cell itself had it."""
    counts: list[float] = []

    def in_the_middle(event: Event) -> bool:
        if event.kind != "sample" or event.body.step != 1 or event.body.segment < 0:
            return False
        counts.append(event.body.current_A)
        return len(counts) == 20

    seen, answers = run_asked(
        tmp_path / "r.h5", in_the_middle, SpectrumRequest(rest="30 s", stop="1 kHz"), HELD
    )
    assert [answer.accepted for answer in answers] == [True]
    assert seen.result.completed
    run = open_run(tmp_path / "r.h5")
    (record,) = run.spectra
    assert record.step == 1
    assert record.whole
    ends = [event.body for event in seen.of("segment_end") if event.body.segment == "ConstantVoltage"]
    assert [data.outcome for data in ends] == ["aside", "step"]
    assert ends[-1].quantity == "current_below"
    assert abs(ends[-1].value) <= 0.05e-3 * 0.785
    held = [charge for event, charge, _ in seen.truths if getattr(event.body, "step", None) == 1]
    begun = next(c for e, c, _ in seen.truths if e.kind == "segment" and e.body.step.index == 1)
    assert run.steps[1].charge_C == pytest.approx(held[-1] - begun, rel=2e-5)
    assert abs(run.steps[1].charge_C) > 100e-6
    assert run.steps[1].finished
    off = [not polarized for event, _, polarized in seen.truths if event.kind in ("segment", "segment_end")]
    assert all(off)


def test_a_limit_that_trips_while_it_is_measured_ends_the_run(tmp_path: Path):
    """A cell that is open or held has no direction: both limits count."""
    text = TINY.replace("record:", "safety: {voltage_max: 1.5 V}\nrecord:")

    def late(event: Event) -> bool:
        return event.kind == "sample" and event.body.step == DESODIATION and event.body.voltage_V > 1.4

    seen, answers = run_asked(tmp_path / "r.h5", late, SOON, text)
    assert answers
    assert answers[0].accepted
    assert seen.result.outcome == "limit"
    assert seen.is_safe
    assert not open_run(tmp_path / "r.h5").completed
