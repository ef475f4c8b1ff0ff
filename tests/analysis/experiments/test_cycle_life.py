"""Formation and cycling: what is told of capacity and resistance is what the simulated cell truly has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from solbench.acquisition.record.events import Event
from solbench.acquisition.record.reader import open_run
from solbench.analysis.experiments import cycle_life
from solbench.analysis.experiments.cycle_life import EXPERIMENT
from solbench.analysis.run_spectra import RunSpectra
from solbench.protocols.quantities.quantity import Quantity
from tests.acquisition import runs
from tests.acquisition.runs import quiet_bench, request, seen_run

QUICK = ("record.every=60 s", "between=2", "temperature=25 degC")


@contextmanager
def cells() -> Iterator[list[Any]]:
    """Give the benches that are opened, to look at their cells while the run goes on."""
    opened: list[Any] = []
    real = runs.watched_benches

    @contextmanager
    def watched(on_open: Any) -> Iterator[None]:
        def both(bench: Any) -> None:
            opened.append(bench)
            on_open(bench)

        with real(both):
            yield

    with mock.patch.object(runs, "watched_benches", watched):
        yield opened


@pytest.mark.long
@pytest.mark.parametrize(("name", "blocks"), [("nbh", 3), ("nps", 3), ("nps", 8)])
def test_retention_and_growth_are_those_of_the_cell(tmp_path: Path, name: str, blocks: int) -> None:
    with cells() as opened:
        grown: list[float] = []

        def look(event: Event) -> None:
            if event.kind == "spectrum":
                cell = opened[-1].truth.cell
                grown.append(cell.interface_resistance_ohm + cell.charge_transfer_resistance_ohm)

        seldom = {"max_unwatched": Quantity("60 s", 60.0, "time")}
        bench = quiet_bench(unit="typical").model_copy(update=seldom)
        settings = (*QUICK, f"steps.blocks.count={blocks}")
        seen = seen_run(request(tmp_path / "a.h5", "formation-and-cycling", name, bench, settings), look)
    found = EXPERIMENT.analyse(RunSpectra(open_run(tmp_path / "a.h5")))
    assert found is not None
    numbers = {one.name: one for one in found.numbers}
    given = [
        seen.true_charge_C("segment_end", event.body.ordinal)
        - seen.true_charge_C("segment", event.body.ordinal)
        for event in seen.of("segment")
        if event.body.segment.step.name == "discharge"
    ]
    cycling = given[2:]
    kept, growth = numbers["retention"], numbers["resistance_growth_ohm"]
    assert kept.low is not None
    assert kept.high is not None
    assert kept.low < cycling[-1] / cycling[0] < kept.high
    assert growth.low is not None
    assert growth.high is not None
    assert growth.low < grown[-1] - grown[0] < growth.high
    assert growth.high - growth.low < 1.0
    below = [charge / cycling[0] < 0.8 for charge in cycling]
    assert ("cycles_to_80_percent" in numbers) == below[-1]
    if below[-1]:
        ends = numbers["cycles_to_80_percent"]
        assert ends.low is not None
        assert ends.high is None or ends.low <= below.index(True) + 1 <= ends.high


@pytest.mark.parametrize(
    ("kept", "cycle"),
    [
        ([1.0, 0.9, 0.85], None),
        ([1.0, 0.9, 0.79], 3),
        ([1.0, 0.7, 0.9], None),
        ([1.0, 0.7, 0.9, 0.75, 0.7], 4),
    ],
)
def test_a_capacity_that_comes_back_is_not_lost(kept: list[float], cycle: int | None) -> None:
    assert cycle_life._ends(kept, 0.8) == cycle
