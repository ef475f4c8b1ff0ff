"""A capacity belongs to the current at which all of it flowed: a step that was changed on its way has none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from solbench.acquisition.control.messages import ChangeRequest
from solbench.acquisition.control.verbs import Answer
from solbench.acquisition.record.reader import Run, open_run
from solbench.analysis.experiments import cycle_life, rate_capability
from solbench.analysis.report.cycles import cycles_of
from solbench.analysis.run_spectra import RunSpectra
from solbench.protocols.quantities.quantity import Quantity
from tests.acquisition.asked import sessions
from tests.acquisition.runs import quiet_bench, request, seen_run

AREA_CM2 = 0.785
HEAD = """
name: rates
build: full
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 60 s}
steps:
  - {name: zero, kind: rest, time: 10 min}
"""
CHARGE = "{name: charge-N, kind: constant_current, current: C/5, until: {voltage: 3.4 V}, cut_short: {capacity: 200 %}}"
DISCHARGE = (
    "{name: discharge-N, kind: constant_current, current: -RATE, until: {voltage: 1.7 V}, "
    "cut_short: {capacity: 200 %}}"
)


def cycle_at(rate: str, number: int = 1) -> list[str]:
    return [step.replace("-N", f"-{number}").replace("RATE", rate) for step in (CHARGE, DISCHARGE)]


def changed_in(path: Path, text: str, cycle: int, after_s: float, current: str) -> tuple[Run, list[float]]:
    """Change the current of a discharge on its way; return the run, and what truly flowed in each (C)."""
    begun_s: list[float] = []
    true_C: list[float] = []
    answers: list[Answer] = []
    step = [-1]

    def look(event: Any) -> None:
        charge_C = made[0].bench.truth.truth.charge_C
        if event.kind == "segment" and event.body.step.name.startswith("discharge"):
            if event.body.step.index != step[0]:
                begun_s.append(event.time_s)
                true_C.append(-charge_C)
            step[0] = event.body.step.index
        if event.kind == "segment_end" and event.body.step == step[0] and event.body.outcome != "aside":
            true_C[-1] += charge_C
        if len(begun_s) == cycle and event.time_s > begun_s[-1] + after_s and not answers:
            answers.append(made[0].ask_change(ChangeRequest(settings=[f"current={current}"]), "a test"))

    bench = quiet_bench().model_copy(update={"max_unwatched": Quantity("60 s", 60.0, "time")})
    with sessions() as made:
        seen = seen_run(request(path, text, "nbh", bench), look)
    assert answers[0].accepted, answers[0].text
    assert seen.result is not None
    assert seen.result.completed, seen.result.reason
    return open_run(path), true_C


@pytest.mark.long
def test_a_capacity_of_two_currents_is_that_of_none(tmp_path: Path) -> None:
    rates = ("C/10", "C/5", "C/2", "C/10")
    steps = [step for number, rate in enumerate(rates, 1) for step in cycle_at(rate, number)]
    text = HEAD + "".join(f"  - {step}\n" for step in steps)
    run, true_C = changed_in(tmp_path / "a.h5", text, 4, 3600.0, "-C/2")
    last = [step for step in run.steps if step.name == "discharge-4"][-1]
    assert last.changed
    tenth_A = 0.1 * 0.64e-3 * AREA_CM2
    slow_s = last.set_s - last.start_s
    took_s = slow_s + (abs(true_C[3]) - tenth_A * slow_s) / (5.0 * tenth_A)
    assert last.mean_current_A == pytest.approx(true_C[3] / took_s, rel=3e-3)
    found = rate_capability.EXPERIMENT.analyse(RunSpectra(run))
    assert found is not None
    told = {one.name: one.value for one in found.numbers}
    assert [name for name in told if name.startswith("capacity")] == [
        "capacity_at_0.064_mA_cm2",
        "capacity_at_0.128_mA_cm2",
        "capacity_at_0.32_mA_cm2",
    ]
    areal = [abs(charge_C) / 3.6 / AREA_CM2 for charge_C in true_C]
    assert list(told.values())[:3] == pytest.approx(areal[:3], rel=1e-3)
    assert "recovered" not in told
    assert found.notes[0].startswith("cycle 4 is left out: its current or its voltage was changed on the way")
    efficiency = cycles_of(run)[3].efficiency
    assert efficiency is not None
    assert 0.9 < efficiency.value < 1.01


@pytest.mark.long
def test_the_cycles_of_one_current_are_counted_without_one_that_was_changed(tmp_path: Path) -> None:
    """Every later one has the other current: there are two, and the one between belongs to neither."""
    steps = ", ".join(cycle_at("C/2"))
    text = HEAD + f"  - {{name: cycling, kind: loop, count: 6, steps: [{steps}]}}\n"
    run, _ = changed_in(tmp_path / "a.h5", text, 2, 1800.0, "-C/5")
    life = cycle_life.EXPERIMENT.analyse(RunSpectra(run))
    assert life is not None
    assert [cycle.number for cycle in life.data.cycling] == [3, 4, 5, 6]
    assert life.data.mixed == (2,)
    assert "cycle 2 is left out" in life.notes[0]
