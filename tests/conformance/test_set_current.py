"""A set current that does not flow for a while: its charge is told with an uncertainty that holds it, on every make."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import pytest

from solbench.acquisition.record.folds import StepRecord
from solbench.acquisition.record.reader import open_run
from solbench.acquisition.run.start import Result
from solbench.protocols.cells import CellRecord
from solbench.simulators.clock import Agenda, Alarm
from solbench.simulators.electronics.power_stage import CURRENT, PowerStage
from tests.acquisition.runs import request, run_it, watched_benches
from tests.analysis.experiments.draws import drawn
from tests.conformance.benches import simulated_file

DRIVEN = """
name: driven
build: {build}
conditions: {{temperature: unknown, stack_pressure: unknown}}
interruptions: {{wait_for_user: 1 min}}
record: {{every: {every} s}}
steps:
  - {{name: driven, kind: constant_current, current: {current_uA:.4g} uA, until: {{time: 60 s}}}}
"""
MODELS = ("solartron", "ec301", "keithley2400")
DRIVE = PowerStage._drive_current
ACTS_S = 0.1  # what an instrument does with a command and a relay with its coil


class Window(NamedTuple):
    """For how long (s) another current flows than the set one, so many times as large, from a moment on.

    `after_s`: behind the setting; None: from it on.
    """

    after_s: float
    for_s: float
    factor: float


class Astray:
    """The current source of a simulated bench: in a window it drives another current than it was set to."""

    def __init__(self, bench: Any, window: Window) -> None:
        self._stage, self._bus, self._window = bench.truth._power_stage, bench.truth._bus, window
        self.factor = 1.0
        self.has_begun = False

    def set_anew(self, time_s: float) -> None:
        """Take it that a current is being set now (s)."""
        if self.has_begun:
            return
        self.has_begun = True
        window = self._window
        if window.after_s == 0.0:
            self.factor = window.factor
        begin = Alarm(lambda: self._change(begin, window.factor), time_s + window.after_s)
        end = Alarm(lambda: self._change(end, 1.0), time_s + window.after_s + window.for_s)
        self._bus._agenda = Agenda([*self._bus._agenda._alarms, begin, end])

    def _change(self, alarm: Alarm, factor: float) -> None:
        self._stage.advance(alarm.due_s)
        alarm.set(math.inf)
        self.factor = factor
        self._stage.update()


class Found(NamedTuple):
    """What was recorded, and what is true (C)."""

    result: Result
    step: StepRecord
    true_C: float

    @property
    def told_C(self) -> float:
        return sum(gap.uncertainty_C for gap in self.step.doubtful)

    @property
    def off_C(self) -> float:
        return abs(self.step.charge_C - self.true_C)


def driven_run(
    path: Path, model: str, cell: CellRecord | str, window: Window, latency_s: float, **words: Any
) -> Found:
    """Carry DRIVEN out on a bus of this latency (s) while the current is another one in the window."""
    sources: list[Astray] = []
    benches: list[Any] = []

    def opened(bench: Any) -> None:
        benches.append(bench)
        sources.append(Astray(bench, window))

    def drive(stage: PowerStage, level_A: float) -> None:
        DRIVE(stage, level_A)
        if sources and stage.kind == CURRENT and sources[-1].factor != 1.0:
            stage._value *= sources[-1].factor
            stage._see(stage.cell.voltage(stage._value))

    def look(event: Any) -> None:
        if event.kind == "switch" and event.body.action == "current" and event.body.expected_A:
            sources[-1].set_anew(benches[-1].truth._power_stage.time_s)

    bench = simulated_file(model, None if model.startswith("keithley") else "we_re2")
    slow = bench.model_copy(update={"simulation": {**bench.simulation, "latency_s": latency_s}})
    with watched_benches(opened), mock.patch.object(PowerStage, "_drive_current", drive):
        result = run_it(request(path, DRIVEN.format(**words), cell, slow), look)
    (step,) = open_run(path).steps
    return Found(result, step, float(benches[-1].truth.truth.charge_C))


def drawn_run(path: Path, model: str, seed: int, way: str) -> tuple[Found, float]:
    """Carry a drawn step out; return with it how much charge (C) nobody can be held to."""
    draw = random.Random(f"{model} {seed} {way}")
    cells: list[tuple[str, CellRecord | str]] = [
        ("metal", drawn("metal")),
        ("half", "nbh"),
        ("symmetric", "nps"),
    ]
    build, cell = draw.choice(cells)
    current_uA = (
        -draw.uniform(20.0, 300.0) if build == "half" else draw.choice([-1, 1]) * draw.uniform(20, 300)
    )
    factor = draw.choice([0.0, draw.uniform(0.0, 0.9), draw.uniform(1.1, 1.5)])
    latency_s = draw.choice([1e-3, 0.02, 0.1])
    after_s = {"late": 0.0, "gone": 10.0 ** draw.uniform(-1.5, 1.3), "sound": math.inf}[way]
    window = Window(after_s, 10.0 ** draw.uniform(0.5, 1.5), factor)
    words = {"build": build, "every": draw.choice([0.5, 1, 2, 5]), "current_uA": current_uA}
    return driven_run(path, model, cell, window, latency_s, **words), abs(1e-6 * current_uA) * ACTS_S


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("way", ["late", "gone"])
@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(one, marks=pytest.mark.long) for one in range(2, 20))])
def test_a_set_current_that_is_another_one_for_a_while_is_told(
    tmp_path: Path, model: str, way: str, seed: int
) -> None:
    """It comes late, or is gone and comes back, or stays away until the step pauses."""
    found, switching_C = drawn_run(tmp_path / "a.h5", model, seed, way)
    assert found.told_C > 0.0
    assert found.off_C <= found.told_C + switching_C


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("seed", [0, *(pytest.param(one, marks=pytest.mark.long) for one in range(1, 10))])
def test_nothing_is_in_doubt_of_a_set_current_that_flows(tmp_path: Path, model: str, seed: int) -> None:
    found, switching_C = drawn_run(tmp_path / "a.h5", model, seed, "sound")
    assert found.result.completed
    assert list(found.step.doubtful) == []
    assert found.off_C <= switching_C
