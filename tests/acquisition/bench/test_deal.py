"""What is dealt can be played on the cell for which it is dealt, and the same number deals the same."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from solbench.acquisition.bench.bench_file import SIMULATED
from solbench.acquisition.bench.deal import SOUND_SHARE, deal
from solbench.acquisition.bench.scenario import dump_scenario, parse_scenario
from solbench.acquisition.bench.truth import true_cell, truly
from solbench.protocols import Build, load_cell, shipped_cells
from solbench.simulators.bench import SimulatedBench
from tests.tiers import few

BUILDS = [load_cell(name).build(build) for name in shipped_cells() for build in load_cell(name).builds]
DURATION_S = 7200.0


@pytest.mark.parametrize("deals", [1, pytest.param(40, marks=pytest.mark.long)])
@few("build", BUILDS, range(0, len(BUILDS), 4), ids=lambda build: f"{build.record} {build.name}")
def test_what_is_dealt_can_be_played(build: Build, deals: int) -> None:
    for seed in random.Random(build.name).sample(range(10**6), deals):
        scenario = deal(seed, build, DURATION_S)
        assert deal(seed, build, DURATION_S) == scenario
        assert parse_scenario(dump_scenario(scenario), "s.yaml") == scenario
        there = true_cell(scenario, build.simulated_cell())
        settings = {"positive_terminal": SIMULATED.positive_terminal}
        bench = SimulatedBench(there, settings=settings, seed=seed, truly=truly(scenario, there))
        bench.clock.sleep_until(DURATION_S)
        assert abs(bench.truth.cell_voltage_V) < 15.0


def test_some_deals_are_sound_and_the_others_of_many_kinds() -> None:
    build = load_cell("nps").build("half")
    names = [deal(seed, build, DURATION_S).name for seed in range(600)]
    assert len(set(names)) >= 16
    assert names.count("nothing is wrong") / 600 == pytest.approx(SOUND_SHARE, abs=0.05)


def test_no_other_cell_is_dealt_where_no_shipped_one_has_such_a_build() -> None:
    build = replace(load_cell("nps").build("half"), record="own", reduced=True)
    names = [deal(seed, build, DURATION_S).name for seed in range(200)]
    assert "the area is another one" in names
    assert not any("the cell is one of" in name for name in names)
