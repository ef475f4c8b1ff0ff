"""The same cell on benches of different makes: what a run tells of it is the same within its intervals."""

from __future__ import annotations

from math import hypot
from pathlib import Path
from typing import Any

import pytest

from solbench.acquisition.bench.bench_file import BenchFile
from solbench.acquisition.record.reader import open_run
from solbench.analysis.summary import Summary, summarise
from tests.acquisition.runs import request, run_it, watched_benches
from tests.conformance.benches import simulated_file
from tests.conformance.test_runs import HOLDS

WITHIN = 3.0  # standard uncertainties
MAKES = ("ec301", "keithley2400", "keithley2400_1260")


def bench_of(model: str, errors: str = "typical") -> BenchFile:
    """A bench of this model, in which nothing but the drawn errors of its meters is between reading and truth."""
    made = simulated_file(model, None if model.startswith("keithley") else "we_re2")
    return made.model_copy(update={"simulation": {"unit": "ideal", "errors": errors}})


def told(folder: Path, protocol: str, cell: str, model: str, *settings: str) -> Summary:
    """Run, and sum up what was recorded."""
    result = run_it(request(folder / f"{model}.h5", protocol, cell, bench_of(model), settings))
    assert result.completed, result.reason
    return summarise(open_run(folder / f"{model}.h5"))


@pytest.mark.parametrize("model", MAKES)
def test_the_charge_of_each_step_is_the_one_that_went_through_the_cell(tmp_path: Path, model: str) -> None:
    truths: dict[str, float] = {}
    steps: list[str] = []
    simulated: list[Any] = []
    zeros: set[int] = set()

    def look(event: Any) -> None:
        if event.kind == "zero":
            zeros.add(event.body.range)
        if event.kind == "segment":
            steps.append(event.body.step.name)
        if event.kind in ("segment", "segment_end"):
            truth = simulated[0].truth
            assert not truth.polarized
            sign = 1.0 if event.kind == "segment_end" else -1.0
            truths[steps[-1]] = truths.get(steps[-1], 0.0) + sign * truth.charge_C

    wanted = request(tmp_path / "a.h5", HOLDS, "nbh", bench_of(model, "none"))
    with watched_benches(lambda bench: simulated.append(bench.truth)):
        result = run_it(wanted, look)
    assert result.completed, result.reason
    recorded = {step.name: step.charge_C for step in open_run(tmp_path / "a.h5").steps}
    for step in ("down", "up", "hold"):
        assert recorded[step] == pytest.approx(truths[step], rel=1e-3, abs=2e-6), step
    assert recorded["down"] == pytest.approx(-0.002e-3 * 3600 * 0.785, rel=1e-3)
    assert abs(truths["before"]) < 1e-8
    assert truths["up"] > 0.0
    if model.startswith("keithley"):  # it reads a cell at rest on its smallest range, and has no other's zero
        assert zeros == {7}
    else:
        assert zeros


@pytest.mark.long
@pytest.mark.parametrize("model", MAKES)
def test_the_electronic_conductivity_is_the_same(tmp_path: Path, model: str) -> None:
    here, there = (told(tmp_path, "dc-polarization", "nbh", one) for one in (model, "solartron"))
    mine, theirs = here.electronic_conductivity_S_cm, there.electronic_conductivity_S_cm
    assert mine is not None
    assert theirs is not None
    assert mine == pytest.approx(5e-10, rel=0.03)
    stderr = hypot(
        here.electronic_conductivity_stderr_S_cm or 0.0, there.electronic_conductivity_stderr_S_cm or 0.0
    )
    assert abs(mine - theirs) < WITHIN * stderr


@pytest.mark.long
@pytest.mark.parametrize("cell", ["nps", "nbh"])
def test_a_half_cell_has_the_same_capacity_and_the_same_growth(tmp_path: Path, cell: str) -> None:
    here, there = (told(tmp_path, "half-cell", cell, one) for one in ("ec301", "solartron"))
    for mine, theirs in zip(here.steps, there.steps, strict=True):
        assert mine.areal_capacity_mAh_cm2 == pytest.approx(theirs.areal_capacity_mAh_cm2, rel=3e-3)
    assert here.r_interface_growth_ohm is not None
    assert there.r_interface_growth_ohm is not None
    stderr = hypot(here.r_interface_growth_stderr_ohm or 0.0, there.r_interface_growth_stderr_ohm or 0.0)
    assert abs(here.r_interface_growth_ohm - there.r_interface_growth_ohm) < WITHIN * stderr


@pytest.mark.long
def test_a_pellet_has_the_same_conductivity_on_the_1260_alone(tmp_path: Path) -> None:
    alone = ("instruments=1260", "top=32 MHz")
    here, there = (
        told(tmp_path, "ionic-conductivity", "nbh", model, *alone)
        for model in ("keithley2400_1260", "solartron")
    )
    assert here.ionic_conductivity_S_cm == pytest.approx(there.ionic_conductivity_S_cm, rel=1e-3)
