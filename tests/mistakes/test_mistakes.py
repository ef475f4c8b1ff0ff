"""Mistakes of people at the bench: each is caught by the time that the table says; sound cells are left alone."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from tests.mistakes.drawn import KINDS, drawn
from tests.mistakes.play import STAGES, Mistake, Played, play, scenario_of, sound, sound_beside
from tests.mistakes.sound import Sound, alarms, mistake_of
from tests.mistakes.table import MISTAKES

SAMPLED, SEED = 4, 5
QUICK = ("pellet", "dc")  # the default tests have no time for cells that are charged
SOUND_CELLS, SOUND_SAMPLED, ALARMED_AT_MOST = 1000, 2, 0.01
TO_BE_CAUGHT_BEFORE_OR_DURING, TO_BE_CAUGHT = 175, 233  # of all in the table
DRAWN, DRAWN_CAUGHT, DRAWN_SAMPLED = 1000, 0.95, 5000


def parameters(chosen: list[Mistake]) -> list[Any]:
    return [pytest.param(mistake, id=str(mistake)) for mistake in chosen]


def sampled() -> list[Mistake]:
    quick = [mistake for mistake in MISTAKES if mistake.plan in QUICK and mistake.record == "nps"]
    return random.Random(SEED).sample(quick, SAMPLED)


def stage_of(mistake: Mistake, came: Played) -> str:
    return came.caught(sound_beside(mistake))[0]


def judge(mistake: Mistake) -> None:
    came = play(mistake)
    stage = stage_of(mistake, came)
    assert came.happened or stage == "before"
    assert STAGES.index(stage) <= STAGES.index(mistake.caught)


@pytest.mark.parametrize("mistake", parameters(sampled()))
def test_a_mistake_is_caught_in_time(mistake: Mistake) -> None:
    judge(mistake)


@pytest.mark.long
@pytest.mark.parametrize("mistake", parameters([mistake for mistake in MISTAKES if mistake.why]))
def test_what_has_a_reason_is_not_caught(mistake: Mistake) -> None:
    assert stage_of(mistake, play(mistake)) == "never", "say so in the table, and take the reason out"


@pytest.mark.long
@pytest.mark.parametrize("mistake", parameters([mistake for mistake in MISTAKES if not mistake.why]))
def test_every_mistake_is_caught_in_time(mistake: Mistake) -> None:
    judge(mistake)


@pytest.mark.long
def test_of_mistakes_with_other_numbers_as_many_are_caught() -> None:
    missed = []
    for seed in range(DRAWN):
        mistake = drawn(seed)
        if play(mistake, seed).caught(sound_beside(mistake))[0] == "never":
            missed.append(mistake.words)
    assert len(missed) <= (1.0 - DRAWN_CAUGHT) * DRAWN, missed


@pytest.mark.parametrize("seed", range(DRAWN_SAMPLED, DRAWN_SAMPLED + len(KINDS)))
def test_a_drawn_mistake_is_typed_as_a_person_might_or_true_of_a_cell(seed: int) -> None:
    mistake = drawn(seed)
    scenario_of(mistake)
    assert mistake.said or mistake.typed or mistake.truth
    assert drawn(seed) == mistake


def test_the_table_is_whole() -> None:
    assert len({mistake.words for mistake in MISTAKES}) == len(MISTAKES) >= 120
    assert [str(mistake) for mistake in MISTAKES if (mistake.caught == "never") != bool(mistake.why)] == []
    counts = Counter(mistake.caught for mistake in MISTAKES)
    assert counts["before"] + counts["during"] >= TO_BE_CAUGHT_BEFORE_OR_DURING
    assert len(MISTAKES) - counts["never"] >= TO_BE_CAUGHT


@pytest.mark.long
def test_the_experiments_are_sound_without_a_mistake() -> None:
    for plan, record in {(mistake.plan, mistake.record) for mistake in MISTAKES}:
        came = sound(plan, record)
        assert (came.stops, came.outcome) == ((), "completed"), (plan, record)
        assert [doubt for doubt in came.doubts if not doubt.startswith("no ")] == [], (plan, record)


def test_what_was_caught_is_judged_by_what_is_new() -> None:
    good = Played(frozenset({"warning a"}), doubts=("no growth",), drove=True)
    assert good.caught(good) == ("never", "")
    assert replace(good, findings=frozenset({"warning a", "error b"})).caught(good) == ("before", "error b")
    assert replace(good, stops=("alarm c",)).caught(good) == ("during", "alarm c")
    assert replace(good, stops=("alarm c",), drove=False).caught(good) == ("before", "alarm c")
    assert replace(good, doubts=("no growth", "spectrum look")).caught(good) == ("after", "spectrum look")


def quick_ones() -> list[int]:
    quick = [seed for seed in range(100) if mistake_of(Sound(seed)).plan in QUICK]
    return random.Random(SEED).sample(quick, SOUND_SAMPLED)


@pytest.mark.parametrize("seed", quick_ones())
def test_a_sound_cell_is_left_alone(seed: int) -> None:
    assert alarms(Sound(seed)) == []


@pytest.mark.long
def test_a_thousand_sound_cells_are_left_alone() -> None:
    alarmed = {seed: said for seed in range(SOUND_CELLS) if (said := alarms(Sound(seed)))}
    assert len(alarmed) < ALARMED_AT_MOST * SOUND_CELLS, alarmed
