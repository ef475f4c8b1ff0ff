from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from solbench.gui.models.common.settings import Settings
from solbench.gui.models.context import Context
from solbench.gui.models.tour import LIVE, PACE_S, STOPS, Tour
from tests.gui.models.fakes import FakeJobs
from tests.records import body


class Bench:
    """A tour with a clock that the test moves, and the screens that it asked for."""

    def __init__(self, folder: Path) -> None:
        self.context = Context(Settings(folder / "desktop.json"))
        self.context.jobs = FakeJobs()
        self.now_s = 0.0
        self.shown: list[str] = []
        self.context.show.subscribe(self.shown.append)
        self.tour = Tour(self.context, lambda: self.now_s)

    def wait(self, seconds: float) -> None:
        self.now_s += seconds
        self.tour.tick()

    def at_start_page(self) -> None:
        self.tour.begin()
        while self.tour.stop is not None and self.tour.stop.screen != "start":
            self.tour.next()


def run(completed: bool | None, reason: str = "") -> Any:
    end = None if completed is None else body("end", completed=completed, reason=reason)
    return SimpleNamespace(
        end=end,
        title="half-cell on nps",
        path=Path("/data/a.h5"),
        simulated=True,
        spectra=SimpleNamespace(shown=[1] * 5),
    )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_begin_chooses_everything_and_passes_through_the_screens_by_itself(bench: Bench) -> None:
    bench.tour.begin()
    context = bench.context
    chosen = (context.bench.value, context.cell.value, context.protocol.value, context.speed.value)
    assert chosen == ("simulated", "nps", "half-cell", 3600.0)
    for _ in range(5):
        bench.wait(PACE_S + 0.1)
    assert bench.shown == ["connect", "cell", "protocol"]
    bench.tour.next()
    assert bench.shown[-1] == "start"


@pytest.mark.parametrize("own_pace", ["back", "elsewhere"])
def test_it_carries_nobody_away_who_goes_at_an_own_pace(bench: Bench, own_pace: str) -> None:
    bench.tour.begin()
    bench.wait(PACE_S + 0.1)
    if own_pace == "back":
        bench.tour.back()
    else:
        bench.tour.went("queue")
    here = bench.tour.number
    bench.wait(100 * PACE_S)
    assert bench.tour.number == here
    bench.tour.next()
    assert bench.tour.number == here + 1


def test_a_start_leads_to_the_run_and_its_end_to_the_data(bench: Bench) -> None:
    bench.at_start_page()
    assert bench.tour.stop is not None
    assert bench.tour.stop.go_on == ""
    bench.context.run.set(run(None))
    bench.context.follow("id")
    assert bench.tour.stop == STOPS[LIVE]
    bench.wait(1.0)
    assert bench.tour.stop == STOPS[LIVE]
    bench.context.run.set(run(True))
    bench.wait(0.1)
    assert bench.tour.stop.text.startswith("Finished: half-cell on nps, with 5 spectra.")
    assert bench.tour.stop.go_on == "Next"
    bench.tour.next()
    assert bench.shown[-1] == "data"
    assert bench.context.chosen.value == (Path("/data/a.h5"),)
    for _ in range(3):
        bench.tour.next()
    assert bench.tour.stop is None


def test_the_end_of_an_earlier_run_is_not_taken_for_that_of_the_tour(bench: Bench) -> None:
    bench.context.run.set(run(True))
    bench.at_start_page()
    bench.context.follow("id")
    bench.wait(1.0)
    assert bench.tour.stop == STOPS[LIVE]


def test_a_run_that_ended_early_is_told_of(bench: Bench) -> None:
    bench.at_start_page()
    bench.context.follow("id")
    bench.context.run.set(run(False, "stopped by the desktop"))
    bench.wait(0.1)
    assert bench.tour.stop is not None
    assert "stopped by the desktop" in bench.tour.stop.text


def test_a_run_that_begins_elsewhere_does_not_move_the_tour(bench: Bench) -> None:
    bench.tour.begin()
    bench.context.follow("id")
    assert bench.tour.number == 1


def test_leaving_gives_back_what_was_chosen_before(bench: Bench) -> None:
    context = bench.context
    context.bench.set("/my/bench.yaml")
    context.cell.set("/my/cell.yaml")
    context.protocol.set("full-cell")
    bench.tour.begin()
    bench.tour.begin()
    bench.tour.leave()
    assert bench.tour.stop is None
    assert (context.bench.value, context.cell.value) == ("/my/bench.yaml", "/my/cell.yaml")
    assert context.protocol.value == "full-cell"


def test_unsaved_work_is_not_lost(bench: Bench) -> None:
    bench.context.unsaved.add("the protocol")
    bench.context.protocol.set("/drafts/protocol.yaml")
    bench.tour.begin()
    assert bench.tour.stop is None
    assert "the protocol on the screen is not saved" in bench.tour.problem
    assert bench.context.protocol.value == "/drafts/protocol.yaml"
    assert bench.shown == []


def test_an_offer_can_be_turned_down(bench: Bench) -> None:
    bench.tour.offer()
    bench.tour.leave()
    assert not bench.tour.offered
    assert bench.context.bench.value is None
