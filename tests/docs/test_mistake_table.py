"""The tables of mistakes have the rows of the table that is played, and say when each is caught."""

from __future__ import annotations

from docs import make_mistake_table as maker

from tests.mistakes.play import STAGES
from tests.mistakes.table import MISTAKES

TEXT = maker.PAGE.read_text(encoding="utf-8")


def test_the_rows_are_those_that_are_played() -> None:
    cure = "run: python -m docs.make_mistake_table"
    rows = maker.rows_of(TEXT)
    assert [words for words, _ in rows] == [mistake.words.casefold() for mistake in MISTAKES], cure
    for (words, stage), mistake in zip(rows, MISTAKES, strict=True):
        assert STAGES.index(stage) <= STAGES.index(mistake.caught), words  # type: ignore[arg-type]


def test_what_is_never_caught_has_its_reason_on_the_page() -> None:
    for mistake in MISTAKES:
        if mistake.caught == "never":
            assert mistake.why in TEXT, mistake.words


def test_a_page_that_is_written_anew_is_read_as_it_was_written() -> None:
    came = {mistake.words: ("during", "alarm settings_lost") for mistake in MISTAKES}
    assert maker.between(maker.page(came)) == maker.table(came)
    assert {stage for _, stage in maker.rows_of(maker.page(came))} == {"during"}
