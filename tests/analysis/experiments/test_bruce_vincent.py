"""The transference number of the simulated cell is told, and withheld where the current shows none."""

from __future__ import annotations

import random
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from solbench.acquisition.control.messages import ChangeRequest
from solbench.acquisition.record.events import Event
from solbench.acquisition.record.folds import StepRecord
from solbench.acquisition.record.reader import open_run
from solbench.analysis.experiments import bruce_vincent
from solbench.analysis.experiments.bruce_vincent import EXPERIMENT
from solbench.analysis.experiments.experiment import Found
from solbench.analysis.run_spectra import RunSpectra
from solbench.fitting.joint_fit import fit_states
from solbench.fitting.state_fit import StateFit
from solbench.protocols import load_cell
from tests.acquisition.asked import killed, sessions
from tests.acquisition.runs import quiet_bench, request, resume_it, run_it
from tests.analysis.cells import noisy
from tests.analysis.experiments.draws import drawn, ran

QUICK = (
    "record.every=10 s",
    "steps.rest.time=1 min",
    "steps.zero.time=1 min",
    "steps.before.integration=0.1 s",
    "steps.after.integration=0.1 s",
    "steps.before.points_per_decade=6",
    "steps.after.points_per_decade=6",
)

LIMIT = "steps.polarization.current_limit"
ONE = ("steps.before.points_per_decade=1", "steps.before.to=10 kHz")  # hardly a spectrum


def found_in(tmp_path: Path, share: float, settles_s: float, ohm: float, *settings: str) -> Found:
    cell = drawn(
        "metal",
        transference_number=share,
        concentration_time=f"{settles_s} s",
        charge_transfer_resistance=f"{ohm} ohm",
    )
    found = EXPERIMENT.analyse(
        RunSpectra(ran(tmp_path / "a.h5", "bruce-vincent", cell, "temperature=25 degC", *settings))
    )
    assert found is not None
    return found


@pytest.mark.parametrize("rest_V", [0.0, 4e-4])
@pytest.mark.parametrize("set_V", [1e-3, -2.2e-3, 3e-3, -10e-3])
def test_a_voltage_at_which_the_cell_rests_again_was_not_reached(rest_V: float, set_V: float) -> None:
    told = bruce_vincent._why_not_reached((rest_V, rest_V), set_V, is_free=True)
    assert "was not reached" in told
    assert not bruce_vincent._why_not_reached((rest_V, 0.99 * set_V), set_V, is_free=True)


def test_interfaces_of_which_a_spectrum_ends_far_above_the_arc_tell_no_number() -> None:
    f = np.geomspace(1e6, 30.0, 46)
    z = 300.0 + 40.0 / (1.0 + 2j * np.pi * f * 1e-5) + 1e5 / (1.0 + (2j * np.pi * f * 0.1) ** 0.85)
    [state] = fit_states([(f, noisy(z, 1e-3, 1))]).states
    step = cast("StepRecord", SimpleNamespace(changed=False, in_one_piece=True))
    assert "measure to lower frequencies" in bruce_vincent._why_not(step, (state, state))


def test_a_current_that_may_be_none_tells_no_number() -> None:
    time_s = np.arange(0.0, 3600.0, 2.0)
    noise_A = 1e-7 * np.random.default_rng(1).normal(size=len(time_s))
    parts = bruce_vincent._Parts(0.01, 300.0, 20.0, total_stderr_ohm=1.0)
    states = cast("tuple[StateFit, StateFit]", (SimpleNamespace(r_sse_ohm=300.0, r_arcs_ohm=20.0),) * 2)
    found = bruce_vincent._found("", time_s, noise_A, np.ones(len(time_s), bool), parts, states)
    assert found.numbers == ()
    assert found.verdict == "not told"
    assert "within its uncertainty none at all" in found.notes[0]


@pytest.mark.long
def test_a_current_that_its_uncertainty_does_not_tell_from_none_tells_no_number(tmp_path: Path) -> None:
    run = ran(
        tmp_path / "a.h5", "bruce-vincent", drawn("metal"), "temperature=25 degC", "time=20 min", *QUICK
    )
    [state, *_] = RunSpectra(run).fit.states
    time_s, draw = np.arange(2.0, 1200.0, 4.0), np.random.default_rng(3)
    parts = bruce_vincent._Parts(20e-6, state.r_sse_ohm, state.r_arcs_ohm, 5.0, 1.0)  # of the voltmeter
    current_A = np.full(len(time_s), 7e-12) + 1e-13 * draw.normal(size=len(time_s))
    free = np.ones(len(time_s), dtype=bool)
    found = bruce_vincent._found("", time_s, current_A, free, parts, (state, state))
    assert not found.numbers


@pytest.mark.parametrize("seed", range(12))
def test_a_limit_is_told_where_the_current_has_come_near_it(seed: int) -> None:
    """Diffusion between two electrodes, its first mode long over or hardly begun."""
    draw = np.random.default_rng(seed)
    time_s, limit_A = np.arange(2.0, 7200.0, 4.0), 1e-5
    tau_s = 7200.0 / (draw.uniform(5.0, 9.0) if seed % 2 else draw.uniform(0.05, 0.4))
    modes = np.arange(1.0, 20.0, 2.0)[:, None] ** 2
    fall = np.sum(np.exp(-modes * time_s / tau_s) / modes, axis=0)
    current_A = limit_A * (1.0 + draw.uniform(0.3, 3.0) * fall) + 1e-9 * draw.normal(size=len(time_s))
    found = bruce_vincent._limit_A(0.01, time_s, current_A)
    assert (found is not None) == bool(seed % 2)
    if found is not None:
        assert abs(found[0] - limit_A) < 2.0 * found[1] < 0.02 * limit_A


@pytest.mark.parametrize(
    ("share", "settles_s", "typed"),
    [
        (0.5, 600.0, "13 uA"),
        pytest.param(0.9, 60.0, "20 uA, 80 mV", marks=pytest.mark.long),
        pytest.param(0.9, 60.0, "2 uA", marks=pytest.mark.long),
        pytest.param(0.5, 300.0, "12 uA", marks=pytest.mark.long),
    ],
)
def test_a_current_that_a_limit_held_tells_none(
    tmp_path: Path, share: float, settles_s: float, typed: str
) -> None:
    """The voltage stays below the one that was set, by much or by little, and is as small as it should be."""
    limit, _, voltage = typed.partition(", ")
    few = ("time=20 min", f"voltage={voltage or '10 mV'}", f"{LIMIT}={limit}")
    found = found_in(tmp_path, share, settles_s, 20.0, *QUICK, *few)
    assert found.numbers == ()
    assert found.verdict == "not told"
    assert "the voltage was not reached" in found.notes[0]


@pytest.mark.long
@pytest.mark.parametrize("seed", range(12))
def test_a_limit_near_the_steady_current_spoils_no_number(tmp_path: Path, seed: int) -> None:
    """Far below it none is told, far above one always; in between it is withheld or holds the truth."""
    draw = random.Random(seed)
    true, ohm = draw.uniform(0.2, 0.9), draw.uniform(5.0, 150.0)
    limit_A = (
        draw.uniform(0.6, 1.6) * 0.01 / (load_cell("nps").build("metal").resistance_ohm / true + 2.0 * ohm)
    )
    typed = ("time=30 min", f"{LIMIT}={1e6 * limit_A:.4g} uA")
    found = found_in(tmp_path, true, draw.uniform(100.0, 400.0), ohm, *QUICK, *typed)
    if found.numbers:
        number = found.numbers[0]
        assert number.value is not None
        assert number.stderr is not None
        assert abs(number.value - true) < 2.5 * number.stderr


@pytest.mark.long
@pytest.mark.parametrize("seed", [0, *(pytest.param(one, marks=pytest.mark.long) for one in range(1, 8))])
def test_a_limit_just_above_the_steady_current_costs_no_number(tmp_path: Path, seed: int) -> None:
    """It holds the current at first; then the voltage is reached, and the current stays near the limit to the end."""
    draw = random.Random(100 + seed)
    true, ohm, share = draw.uniform(0.3, 0.9), draw.uniform(5.0, 100.0), draw.uniform(0.88, 0.99)
    limit_A = 0.01 / (load_cell("nps").build("metal").resistance_ohm / true + 2.0 * ohm) / share
    typed = ("time=30 min", f"{LIMIT}={1e6 * limit_A:.4g} uA")
    number = found_in(tmp_path, true, draw.uniform(60.0, 200.0), ohm, *QUICK, *typed).numbers[0]
    assert number.value is not None
    assert number.stderr is not None
    assert abs(number.value - true) < 2.5 * number.stderr
    assert number.stderr < 0.02


@pytest.mark.long
@pytest.mark.parametrize(("millivolt", "after_s"), [(15, 30.0), (11, 600.0), (9, 1000.0)])
def test_a_step_that_was_changed_on_its_way_tells_none(
    tmp_path: Path, millivolt: int, after_s: float
) -> None:
    whole = ("steps.polarization.unbroken=false", "time=20 min")
    wanted = request(tmp_path / "a.h5", "bruce-vincent", "nps", quiet_bench(), (*QUICK, *whole))
    begun_s: list[float] = []
    with sessions() as made:

        def hear(event: Event) -> None:
            if event.kind == "segment" and event.body.step.name == "polarization":
                begun_s.append(event.time_s)
            elif (
                len(begun_s) == 1
                and event.time_s > begun_s[0] + after_s
                and not made[0].setup.changes.is_pending
            ):
                made[0].ask_change(ChangeRequest(settings=[f"voltage={millivolt} mV"]), "a test")

        run_it(wanted, hear)
    run = open_run(tmp_path / "a.h5")
    [step] = [step for step in run.steps if step.kind == "constant_voltage"]
    assert (len(begun_s), step.changed, step.finished) == (2, True, True)
    found = EXPERIMENT.analyse(RunSpectra(run))
    assert found is not None
    assert found.numbers == ()
    assert found.notes[0].startswith("the step was changed on its way")


@pytest.mark.long
def test_a_current_that_has_not_settled_tells_none(tmp_path: Path) -> None:
    found = found_in(tmp_path, 0.3, 3000.0, 50.0, *QUICK, "time=10 min")
    assert found.verdict == "not told"
    assert found.numbers == ()
    assert found.notes[0].startswith("the current had not settled: below 0.")
    assert found.data.limit_A is None


@pytest.mark.long
@pytest.mark.parametrize("seed", range(8))
def test_the_transference_number_is_that_of_the_cell(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    true = draw.uniform(0.1, 1.0) if seed else 1.0
    found = found_in(tmp_path, true, 10.0 ** draw.uniform(2.0, 3.3), draw.uniform(5.0, 200.0))
    number = found.numbers[0]
    assert number.name == "transference_number"
    assert number.value is not None
    assert number.stderr is not None
    assert abs(number.value - true) < 2.5 * number.stderr
    assert number.stderr < 0.02
    assert any("single-ion conductor" in note for note in found.notes) == (seed == 0)


def test_what_was_interrupted_is_not_resumed(tmp_path: Path) -> None:
    """What had built up in the cell has partly gone: half of a transient and another half are none."""
    wanted = request(tmp_path / "a.h5", "bruce-vincent", "nps", quiet_bench(), (*QUICK, "time=10 min", *ONE))
    held = [0]

    def in_the_middle(event: Event) -> bool:
        held[0] += event.kind == "sample" and abs(event.body.voltage_V) > 9e-3
        return held[0] > 20

    killed(wanted, in_the_middle)
    result = resume_it(tmp_path / "a.h5")
    assert not result.completed
    assert "let the cell rest, and begin a new run" in result.reason
    assert EXPERIMENT.analyse(RunSpectra(open_run(tmp_path / "a.h5"))) is None
