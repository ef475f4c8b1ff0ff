"""The same cell on benches of different makes: what a run tells of it is the same within its intervals."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import hypot
from pathlib import Path
from typing import Any

import pytest

from solbench.acquisition.bench.bench import open_bench
from solbench.acquisition.bench.bench_file import BenchFile, FoundRecord, simulated_unit
from solbench.acquisition.bench.commissioning.standing import steps_of
from solbench.acquisition.commission.itself import ByItself, part_description
from solbench.acquisition.commission.procedure import Plan, carry_out
from solbench.acquisition.record.reader import open_run
from solbench.analysis.summary import Summary, summarise
from tests.acquisition.runs import request, run_it, watched_benches
from tests.conformance.benches import simulated_file
from tests.conformance.test_runs import HOLDS

WITHIN = 3.0  # standard uncertainties
POINTS = (  # how points are taken with care
    "settling=1 cycles",
    "integration=2 cycles",
    "bands=[{below: 10 Hz, integration: 4 cycles, settling: 2 cycles}]",
    "settled_within=0.5 %",
    "repeat_points_above=2 %",
)
MAKES = ("ec301", "keithley2400", "keithley2400_1260")


def bench_of(model: str, errors: str = "typical") -> BenchFile:
    """A bench of this model, in which nothing but the drawn errors of its meters is between reading and truth."""
    made = simulated_file(model, None if model.startswith("keithley") else "we_re2")
    return made.model_copy(update={"simulation": {"unit": "ideal", "errors": errors}})


def told(folder: Path, protocol: str, cell: str, model: str, *settings: str) -> Summary:
    """Run, and sum up what was recorded."""
    return told_on(bench_of(model), folder / f"{model}.h5", protocol, cell, settings)


def told_on(
    bench: BenchFile, run: Path, protocol: str, cell: str, settings: Sequence[str], seed: int = 0
) -> Summary:
    """Run on a bench, and sum up what was recorded."""
    result = run_it(request(run, protocol, cell, bench, tuple(settings), seed))
    assert result.completed, result.reason
    return summarise(open_run(run))


@cache
def typical(model: str) -> BenchFile:
    """The unit that is typical of a make, commissioned."""
    if model == "solartron":
        return simulated_unit("typical", "typical")  # whose record ships
    file = bench_of(model).model_copy(update={"simulation": {"unit": "typical"}})
    bench = open_bench(file, part_description("1 kohm"), lambda: None)
    try:
        plan = Plan("A. Tester", applies=steps_of(file)[0])
        record = carry_out(bench, ByItself(bench, lambda text: None), plan, lambda kept: None)
    finally:
        bench.close()
    assert not record.not_passed
    return file.with_record(FoundRecord("r.json", record.text(), record))


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


def require_same(here: Summary, there: Summary, capacity: float) -> None:
    """Hold the capacities of two half cells (relative), and their growth within its errors, against each other."""
    for mine, theirs in zip(here.steps, there.steps, strict=True):
        assert mine.areal_capacity_mAh_cm2 == pytest.approx(theirs.areal_capacity_mAh_cm2, rel=capacity)
    assert here.r_interface_growth_ohm is not None
    assert there.r_interface_growth_ohm is not None
    stderr = hypot(here.r_interface_growth_stderr_ohm or 0.0, there.r_interface_growth_stderr_ohm or 0.0)
    assert abs(here.r_interface_growth_ohm - there.r_interface_growth_ohm) < WITHIN * stderr


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
@pytest.mark.parametrize("voltage", ["10.4 mV", "7.5 mV", "33.4 mV"])
def test_a_conductivity_is_by_the_voltage_that_stood(tmp_path: Path, voltage: str) -> None:
    """An EC301 sets whole millivolts: 10 mV for 10.4 mV are 4 %."""
    quick = (f"voltage={voltage}", "build=dc_reduced", "steps.polarization.baseline=2 min")
    found = told_on(bench_of("ec301", "none"), tmp_path / "a.h5", "dc-polarization", "nps", quick)
    assert found.electronic_conductivity_S_cm == pytest.approx(1e-7, rel=3e-3)


@pytest.mark.long
@pytest.mark.parametrize("cell", ["nps", "nbh"])
def test_a_half_cell_has_the_same_capacity_and_the_same_growth(tmp_path: Path, cell: str) -> None:
    here, there = (told(tmp_path, "half-cell", cell, one) for one in ("ec301", "solartron"))
    require_same(here, there, capacity=3e-3)


@pytest.mark.long
def test_a_pellet_has_the_same_conductivity_on_the_1260_alone(tmp_path: Path) -> None:
    alone = ("instruments=1260", "top=32 MHz")
    here, there = (
        told(tmp_path, "ionic-conductivity", "nbh", model, *alone)
        for model in ("keithley2400_1260", "solartron")
    )
    assert here.ionic_conductivity_S_cm == pytest.approx(there.ionic_conductivity_S_cm, rel=1e-3)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_typical_units_tell_the_same_growth_with_points_taken_with_care(tmp_path: Path, seed: int) -> None:
    of_sweep = [f"steps.sodiation.spectrum.{one}" for one in POINTS]
    here, there = (
        told_on(typical(model), tmp_path / f"{model}.h5", "half-cell", "nps", of_sweep, seed)
        for model in ("ec301", "solartron")
    )
    require_same(here, there, capacity=1e-3)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("model", ["ec301", "keithley2400_1260"])
def test_typical_units_tell_the_same_conductivities(tmp_path: Path, model: str, seed: int) -> None:
    of_sweep = [f"steps.spectrum.{one}" for one in POINTS]
    alone = ["instruments=1260", "top=32 MHz"] if model == "keithley2400_1260" else []
    (dc, ac), (dc_there, ac_there) = (
        (
            told_on(typical(one), tmp_path / f"{one}-dc.h5", "dc-polarization", "nbh", (), seed),
            told_on(
                typical(one), tmp_path / f"{one}-ac.h5", "ionic-conductivity", "nbh", of_sweep + alone, seed
            ),
        )
        for one in (model, "solartron")
    )
    assert ac.ionic_conductivity_S_cm == pytest.approx(ac_there.ionic_conductivity_S_cm, rel=3e-3)
    mine, theirs = dc.electronic_conductivity_S_cm, dc_there.electronic_conductivity_S_cm
    assert mine is not None
    assert theirs is not None
    stderr = hypot(
        dc.electronic_conductivity_stderr_S_cm or 0.0, dc_there.electronic_conductivity_stderr_S_cm or 0.0
    )
    assert abs(mine - theirs) < WITHIN * stderr
