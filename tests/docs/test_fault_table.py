"""The tables of faults have the rows and columns of the registries; what they say comes from playing every cell."""

from __future__ import annotations

from docs import make_fault_table as maker

from tests.faults.phases import PHASES
from tests.faults.plans import SEGMENTS
from tests.faults.play import Cell, cells, play
from tests.faults.registry import FAULTS

TEXT = maker.PAGE.read_text(encoding="utf-8")


def test_the_rows_are_those_of_the_registries() -> None:
    cure = "run: python -m docs.make_fault_table"
    assert maker.rows_of(TEXT) == [(fault, phase) for fault in FAULTS for phase in PHASES], cure
    heads = {line for line in maker.between(TEXT).splitlines() if line.startswith("| |")}
    assert heads == {f"| | {' | '.join(SEGMENTS.values())} |"}, cure


def test_a_page_that_is_written_anew_is_read_as_it_was_written() -> None:
    came = dict.fromkeys(cells(), "continues")
    assert maker.between(maker.page(came)) == maker.table(came)


def test_a_cell_says_what_came_of_it() -> None:
    assert (
        maker.words(play(Cell("another port", "Rest", "holding")))
        == "fault, not verified off; `connection_lost`"
    )
    assert maker.words(play(Cell("lost answer", "Rest", "holding"))) == "continues"
    assert maker.words(play(Cell("power cycle", "ConstantCurrent", "cleanup"))) == "continues"
