"""Pause, stop and skip in each part of a spectrum that somebody asked for, and of a planned one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Answer, Verb
from solbench.acquisition.record.events import Event
from solbench.acquisition.record.progress import fold
from solbench.acquisition.record.reader import open_run
from solbench.drivers.errors import BusError
from solbench.drivers.roles import ImpedancePoint
from solbench.drivers.solartron.pair import Pair
from tests.acquisition.asked import DESODIATION, SODIATION, SOON, asking, nth_sample, run_asked, sessions
from tests.acquisition.runs import request, resume_it, seen_run
from tests.tiers import few

TARGET_C = 0.002e-3 * 3600 * 0.785  # of TINY's sodiation


def part(kind: str, ordinal: int, nth: int = 1) -> Callable[[Event], bool]:
    """Say yes at the n-th event of a kind in the segment `ordinal` of what was asked for."""
    met: list[Event] = []

    def when(event: Event) -> bool:
        if (
            event.kind == kind
            and getattr(event.body, "ordinal", getattr(event.body, "segment", None)) == ordinal
        ):
            met.append(event)
            return len(met) == nth
        return False

    return when


PARTS = {
    "taken": lambda: lambda event: event.kind == "asked",
    "set aside": lambda: lambda event: event.kind == "segment_end" and event.body.outcome == "aside",
    "rest begins": lambda: part("segment", -1),
    "rest": lambda: part("sample", -1, 2),
    "between": lambda: part("segment_end", -1),
    "sweep begins": lambda: part("segment", -2),
    "probing": lambda: part("sample", -2, 2),
    "held": lambda: part("spectrum", -2),
    "point": lambda: part("point", -2, 4),
    "measured": lambda: part("segment_end", -2),
}


def by_turns(first: int) -> list[Any]:
    """Every sixth part; those between are long tests."""
    return [
        place if number % 6 == first else pytest.param(place, marks=pytest.mark.long)
        for number, place in enumerate(PARTS)
    ]


@pytest.mark.parametrize("place", by_turns(0))
def test_a_pause_in_any_part_of_it_leaves_the_cell_off_and_it_is_measured_after_that(
    tmp_path: Path, place: str
):
    path, run_control, here = tmp_path / "r.h5", RunControl(), PARTS[place]()
    polarized: list[bool] = []

    def pause(event: Event) -> None:
        if here(event):
            run_control.ask(Verb.PAUSE, "a test")
        if event.kind in ("paused", "resumed"):
            polarized.append(made[0].bench.truth.truth.polarized)
        if event.kind == "paused":
            run_control.ask(Verb.RESUME, "a test")

    with sessions() as made:
        look = asking(nth_sample((SODIATION, 12)), made, SOON, [])
        seen = seen_run(request(path), look, pause, run_control=run_control)
    assert seen.result.completed
    assert polarized == [False, False]
    run = open_run(path)
    assert [record.start.role for record in run.spectra] == ["spectrum", "asked", "spectrum"]
    assert [len(run.points_of(record)) for record in run.spectra] == [9, 9, 9]
    assert run.steps[SODIATION].charge_C == pytest.approx(-TARGET_C, abs=3e-6)
    truth = [charge for event, charge, _ in seen.truths if getattr(event.body, "step", None) == SODIATION][-1]
    assert truth == pytest.approx(-TARGET_C, abs=3e-6)


@pytest.mark.parametrize("place", by_turns(1))
def test_a_stop_in_any_part_of_it_is_no_completed_run_and_resume_goes_on_with_it(tmp_path: Path, place: str):
    path, run_control, here = tmp_path / "r.h5", RunControl(), PARTS[place]()

    def stop(event: Event) -> None:
        if here(event):
            run_control.ask(Verb.STOP, "a test")

    with sessions() as made:
        look = asking(nth_sample((SODIATION, 12)), made, SOON, [])
        seen = seen_run(request(path), look, stop, run_control=run_control)
    assert seen.result.outcome == "interrupted"
    assert seen.is_safe
    stopped = open_run(path)
    assert not stopped.completed
    assert not stopped.steps[SODIATION].finished
    assert resume_it(path).completed
    run = open_run(path)
    assert [record.start.role for record in run.spectra] == ["spectrum", "asked", "spectrum"]
    assert run.steps[SODIATION].charge_C == pytest.approx(-TARGET_C, abs=3e-6)
    assert run.steps[SODIATION].finished


@pytest.mark.parametrize("place", by_turns(2))
def test_a_skip_in_any_part_of_it_leaves_the_step(tmp_path: Path, place: str):
    run_control, here = RunControl(), PARTS[place]()

    def skip(event: Event) -> None:
        if here(event):
            run_control.ask(Verb.SKIP, "a test")

    with sessions() as made:
        look = asking(nth_sample((SODIATION, 12)), made, SOON, [])
        seen = seen_run(request(tmp_path / "r.h5"), look, skip, run_control=run_control)
    assert seen.result.outcome == "skipped"
    assert not seen.result.completed
    assert fold(seen.events).asked is None
    assert seen.is_safe
    steps = [event.body.step for event in seen.of("segment_end")]
    assert steps[-1] == DESODIATION


@few(("kind", "nth"), [("sample", 2), ("sample", 14), ("spectrum", 1), ("point", 4)], (1, 3))
def test_a_skip_in_a_planned_spectrum_leaves_no_generator_on_for_the_next_step(
    tmp_path: Path, kind: str, nth: int
):
    run_control, here = RunControl(), part(kind, 1, nth)

    def skip(event: Event) -> None:
        if here(event):
            run_control.ask(Verb.SKIP, "a test")

    seen = seen_run(request(tmp_path / "r.h5"), skip, run_control=run_control)
    assert len(seen.of("skip")) == 1
    assert seen.result.outcome == "skipped"
    assert seen.is_safe


def test_an_adapter_that_is_lost_while_it_is_measured_is_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """And what is asked for while nothing can be reached is measured when it can be."""
    path, broke = tmp_path / "r.h5", []
    answers: list[Answer] = []
    real = Pair.measure_impedance

    def breaks(self: Pair, *arguments: float) -> ImpedancePoint:
        if made[0].progress.ordinal == -2 and len(broke) < 2:
            broke.append(True)
            raise BusError("1260", "?FR", OSError("the adapter is gone"))
        return real(self, *arguments)

    def again(event: Event) -> None:
        if event.kind == "alarm":
            answers.append(made[0].ask_spectrum(SOON, "a test"))

    monkeypatch.setattr(Pair, "measure_impedance", breaks)
    with sessions() as made:
        look = asking(nth_sample((SODIATION, 12)), made, SOON, [])
        seen = seen_run(request(path), look, again)
    assert seen.result.completed
    assert len(broke) == 2
    assert not any(answer.accepted for answer in answers)
    run = open_run(path)
    assert [record.start.role for record in run.spectra] == ["spectrum", "asked", "spectrum"]
    assert run.steps[SODIATION].charge_C == pytest.approx(-TARGET_C, abs=3e-6)


@pytest.mark.long
def test_one_that_is_asked_for_too_late_is_noted_and_the_run_is_completed(tmp_path: Path):
    def last(event: Event) -> bool:
        return event.kind == "segment_end" and event.body.step == DESODIATION

    seen, answers = run_asked(tmp_path / "r.h5", last)
    assert [answer.accepted for answer in answers] == [True]
    assert seen.result.completed
    assert [note.body.text for note in seen.of("note")] == [
        "the requested spectrum was not measured: the run ended before"
    ]
