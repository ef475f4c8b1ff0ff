"""Stripping and plating on simulated cells: what is told holds the truth of the cell, for any cell that is drawn."""

from __future__ import annotations

import itertools
import math
import random
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest

from solbench.acquisition.control.messages import ChangeRequest
from solbench.acquisition.control.verbs import Answer
from solbench.acquisition.engine.station import Station
from solbench.acquisition.record.events import Event
from solbench.acquisition.record.reader import Run, open_run
from solbench.analysis.batch import fit_job, job_of_run
from solbench.analysis.experiments.critical_current import EXPERIMENT, Passage, bracket, rises_ever_faster
from solbench.analysis.experiments.experiment import Found
from solbench.analysis.run_spectra import RunSpectra
from solbench.analysis.summary import summarise
from solbench.analysis.summary_text import as_text
from solbench.analysis.views.symmetric import half_cycles_of
from solbench.drivers.roles import Reading
from solbench.protocols import load_cell
from tests.acquisition.asked import sessions
from tests.acquisition.runs import quiet_bench, request, run_it
from tests.analysis.experiments.draws import drawn, ran

SOFT_FROM = 0.7
QUICK = (
    "steps.before.to=10 Hz",
    "steps.after.to=10 Hz",
    "steps.before.points_per_decade=5",
    "steps.after.points_per_decade=5",
    "steps.before.integration=0.1 s",
    "steps.after.integration=0.1 s",
    "record.every=60 s",
)


def onset(critical: float, short: float, hours: float = 0.0, capacity: float = 0.0) -> float:
    """The current (mA/cm2) of which a half-cycle just makes a soft short: (j/jc - 1) q is `SOFT_FROM` of `short`."""
    if capacity:
        return critical * (1.0 + SOFT_FROM * short / capacity)
    return 0.5 * critical * (1.0 + math.sqrt(1.0 + 4.0 * SOFT_FROM * short / hours / critical))


def run_of(tmp_path: Path, critical: float, short: float, *settings: str, soft_ohm: float = 150.0) -> Run:
    cell = drawn(
        "metal",
        critical_current_density=f"{critical} mA/cm2",
        short_charge=f"{short} mAh/cm2",
        soft_short_resistance=f"{soft_ohm} ohm",
    )
    return ran(tmp_path / f"{critical}-{soft_ohm}.h5", "critical-current-density", cell, *QUICK, *settings)


def found_of(run: Run) -> Found:
    found = EXPERIMENT.analyse(RunSpectra(run))
    assert found is not None
    return found


def check_holds(found: Found, true: float, step: float) -> None:
    number = found.numbers[0]
    assert number.low is not None
    assert number.high is not None
    assert number.low < true <= number.high, (found.verdict, true)
    assert number.high - number.low < 1.1 * step + 0.08 * number.high, "the interval is that of the step"


def test_the_interval_holds_the_current_that_truly_shorts_this_cell_in_this_time(tmp_path: Path) -> None:
    """What the short does pauses nothing: neither that 0.36 V are gone at once, nor the spectrum of 19 ohm."""
    series = "currents={from: 0.4 mA/cm2, to: 1.4 mA/cm2, step: 0.4 mA/cm2}"
    run = run_of(tmp_path, 1.0, 0.1, series, soft_ohm=20.0)
    found = found_of(run)
    check_holds(found, onset(1.0, 0.1, hours=1.0), 0.4)
    assert "at constant time (1 h each)" in found.verdict
    assert any("confirmed by spectrum 2" in note for note in found.notes)
    before, after = summarise(run).spectra
    assert before.verdict == "good"
    assert before.r_sse_ohm == pytest.approx(load_cell("nps").build("metal").resistance_ohm, rel=0.03)
    assert after.r_sse_ohm is None, "what is short-circuited is no electrolyte any more"
    assert summarise(run).withheld == ()
    result = fit_job(job_of_run(run, run.path, joint=True))
    assert [(one.index, one.r_sse_ohm) for one in result.spectra] == [
        (1, pytest.approx(before.r_sse_ohm, rel=1e-6))
    ]
    assert "spectrum 2 is left out: it was taken after a short circuit" in result.notes[0]


@pytest.mark.long
@pytest.mark.parametrize("seed", range(25))
def test_any_cell_at_constant_time_or_capacity(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    critical, short = draw.uniform(0.2, 1.0), draw.uniform(0.05, 0.4)
    step = draw.choice([0.05, 0.1, 0.2])
    series = f"currents={{from: {step} mA/cm2, to: 3 mA/cm2, step: {step} mA/cm2}}"
    settings, true = [series], onset(critical, short, hours=1.0)
    if seed % 2:
        for name in ("plating", "stripping"):
            until = f"steps.currents.steps.{name}.until"
            settings += [f"{until}.time=null", f"{until}.capacity=0.3 mAh/cm2"]
        true = onset(critical, short, capacity=0.3)
    found = found_of(run_of(tmp_path, critical, short, *settings, soft_ohm=draw.uniform(20, 200)))
    check_holds(found, true, step)


def readings_after_the_short(tmp_path: Path, seed: int) -> list[float]:
    """Carry a drawn cell to its short; return how long after it (s) each reading of the cell, still on, was begun.

    When it shorts and whether it is on is the simulator's own account, at the beginning of every reading.
    """
    draw = random.Random(seed)
    critical, short = draw.uniform(0.2, 1.0), draw.uniform(0.05, 0.4)
    cell = drawn(
        "metal",
        critical_current_density=f"{critical} mA/cm2",
        short_charge=f"{short} mAh/cm2",
        soft_short_resistance=f"{draw.uniform(20, 150)} ohm",
    )
    series = "currents={from: 0.3 mA/cm2, to: 3 mA/cm2, step: 0.3 mA/cm2}"
    seen: list[tuple[float, bool]] = []
    measure = Station.measure
    with sessions() as made:

        def heard(station: Station, **how: Any) -> Reading:
            bench = made[0].bench.truth
            seen.append((station.now_s(), bench.truth.cell.short != "none" and bench.truth.polarized))
            return measure(station, **how)

        with mock.patch.object(Station, "measure", heard):
            ran(tmp_path / "a.h5", "critical-current-density", cell, *QUICK, series, seed=seed)
    first = next(place for place, (_, is_short) in enumerate(seen) if is_short)
    on = list(itertools.takewhile(lambda one: one[1], seen[first:]))
    return [time_s - on[0][0] for time_s, _ in on]


@pytest.mark.long
@pytest.mark.parametrize("seed", range(25))
def test_a_cell_that_shorts_is_off_within_two_readings(tmp_path: Path, seed: int) -> None:
    assert len(readings_after_the_short(tmp_path, seed)) <= 2


@pytest.mark.long
def test_a_soft_short_that_stays_above_the_electrolyte_is_told_as_such(tmp_path: Path) -> None:
    """900 ohm beside 390 leave 272, which is above 0.7 x 344: it is a sudden drop, and no short circuit."""
    series = "currents=[0.2 mA/cm2, 0.4 mA/cm2, 0.6 mA/cm2]"
    found = found_of(run_of(tmp_path, 0.31, 0.1, series, soft_ohm=700.0))
    assert "between 0.2 and 0.4" in found.verdict
    assert any(note.startswith("soft short at 0.4 mA/cm2") for note in found.notes)


@pytest.mark.long
def test_a_run_without_a_short_circuit_gives_a_bound_and_says_so(tmp_path: Path) -> None:
    cell = drawn("metal", critical_current_density="5 mA/cm2", sodium="0.35 mAh/cm2")
    settings = ("currents=[0.1 mA/cm2, 0.3 mA/cm2]", *QUICK)
    run = ran(tmp_path / "a.h5", "critical-current-density", cell, *settings)
    found = EXPERIMENT.analyse(RunSpectra(run))
    assert found is not None
    assert found.numbers[0].value is None
    assert found.numbers[0].high is None
    assert found.verdict.startswith("above 0.3 mA/cm2: no short circuit was seen")
    assert any(note.startswith("loss of contact at 0.3 mA/cm2") for note in found.notes)
    summary = summarise(run)
    assert summary.experiments[0].name == "critical_current_density"
    assert summary.coulombic_efficiency[0] is None, "between two electrodes of sodium it has no meaning"
    assert "no short circuit was seen" in as_text(summary)


def passage(current: float, state: str) -> Passage:
    return Passage(current, 0.1, 3600.0, 1.0, state, False, 100.0, "time")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([(1, "good"), (-1, "good"), (2, "good"), (-2, "short")], (1, 2)),
        ([(1, "short")], (None, 1)),
        ([(1, "good"), (2, "cut")], (1, None)),
        ([(1, "good"), (2, "soft"), (-2, "good"), (3, "short")], (1, 2)),
        ([(2, "good"), (1, "short")], (None, 1)),
        ([], (None, None)),
    ],
)
def test_what_brackets_it(
    states: list[tuple[float, str]], expected: tuple[float | None, float | None]
) -> None:
    assert bracket([passage(*one) for one in states]) == expected


def test_noise_and_relaxation_are_no_loss_of_contact() -> None:
    noise, time_s = np.random.default_rng(0), np.arange(0.0, 3600.0, 10.0)
    for tau_s in (60.0, 600.0, 3600.0):
        for _ in range(20):
            voltage_V = 0.1 + 0.05 * (1 - np.exp(-time_s / tau_s)) + noise.normal(0.0, 2e-4, len(time_s))
            assert not rises_ever_faster(time_s, voltage_V)


HALVES = """
name: halves
build: metal
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 10 s}
steps:
  - {name: zero, kind: rest, time: 60 s}
  - {name: one, kind: constant_current, current: 0.1 mA/cm2, until: {time: 10 min}}
  - {name: two, kind: constant_current, current: -0.1 mA/cm2, until: {time: 10 min}}
  - {name: three, kind: constant_current, current: 0.2 mA/cm2, until: {time: 10 min}}
  - {name: four, kind: constant_current, current: -0.2 mA/cm2, until: {time: 10 min}}
"""


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(one, marks=pytest.mark.long) for one in range(2, 10))])
def test_another_current_on_the_way_of_a_half_cycle_is_no_short_circuit(tmp_path: Path, seed: int) -> None:
    """The voltage drops with it, and over the new current the old voltage is another resistance."""
    draw = random.Random(seed)
    times = draw.uniform(0.3, 0.65) if seed % 2 else draw.uniform(1.3, 1.9)
    at_s = 60.0 + 1200.0 + draw.uniform(30.0, 570.0)
    truths: dict[int, tuple[float, float]] = {}
    answers: list[Answer] = []
    with sessions() as made:

        def look(event: Event) -> None:
            truth = made[0].bench.truth.truth
            if event.kind == "sample" and truth.polarized:
                truths[event.body.step] = truth.cell_voltage_V, truth.cell_current_A
            if event.time_s > at_s and not answers:
                wish = ChangeRequest(settings=[f"current={0.2 * times:.4f} mA/cm2"])
                answers.append(made[0].ask_change(wish, "a test"))

        cell = drawn("metal", critical_current_density="2 mA/cm2")
        run_it(request(tmp_path / "a.h5", HALVES, cell, quiet_bench()), look)
    run = open_run(tmp_path / "a.h5")
    assert answers[0].accepted, answers[0].text
    assert run.steps[3].changed
    found = found_of(run)
    assert [one.state for one in found.data.passages] == ["good", "good", "cut", "good"]
    assert "no short circuit was seen" in found.verdict
    for place, half in enumerate(half_cycles_of(run), 1):
        volts, amperes = truths[place]
        assert half.drop is None
        assert half.current_A == pytest.approx(amperes, rel=2e-3)
        assert half.end_V == pytest.approx(abs(volts), rel=5e-3)
        assert half.polarization_V / abs(half.current_A) == pytest.approx(volts / amperes, rel=0.05)
