"""A log-off is held up while a run drives a cell."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from solbench.acquisition.control.registry import Entry
from solbench.gui.window.log_off import hold_up


@dataclass
class End:
    """Qt makes none for tests: what it lets a program ask and do at the end of a session."""

    asks: bool
    goes_on: bool = False

    def allowsInteraction(self) -> bool:
        return self.asks

    def cancel(self) -> None:
        self.goes_on = True


def entry(cell: str, bench_key: str = "ab12") -> Entry:
    return Entry("0147", "a.h5", 1, "1", 1, "t", "a bench", bench_key, "half-cell", cell, "now", "0")


@pytest.mark.parametrize(("cells", "named"), [(["nbh"], "nbh is"), (["nbh", "nps"], "half-cell on nps are")])
def test_a_run_on_a_bench_holds_it_up_and_is_named(cells: list[str], named: str) -> None:
    end = End(asks=True)
    text = hold_up(end, [entry(cell) for cell in cells])
    assert end.goes_on
    assert named in text
    assert "Stop first" in text


@pytest.mark.parametrize(
    ("asks", "live"), [(True, []), (True, [entry("nbh", bench_key="")]), (False, [entry("nbh")])]
)
def test_nothing_that_no_cell_hangs_on_does_and_nobody_is_asked_where_nobody_may_be(
    asks: bool, live: list[Entry]
) -> None:
    end = End(asks)
    assert hold_up(end, live) == ""
    assert not end.goes_on
