"""The transference number of the simulated cell is told, and withheld where the current shows none."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from solbench.acquisition.record.events import Event
from solbench.acquisition.record.reader import open_run
from solbench.analysis.experiments import bruce_vincent
from solbench.analysis.experiments.bruce_vincent import EXPERIMENT
from solbench.analysis.experiments.experiment import Found
from solbench.analysis.run_spectra import RunSpectra
from tests.acquisition.asked import killed
from tests.acquisition.runs import quiet_bench, request, resume_it
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
    "typed",
    ["voltage=80 mV", pytest.param("steps.polarization.current_limit=2 uA", marks=pytest.mark.long)],
)
def test_a_current_that_a_limit_held_tells_none(tmp_path: Path, typed: str) -> None:
    """The voltage stays below the one that was set, and is as small as it should be."""
    few = ("time=10 min", "steps.polarization.current_limit=20 uA")
    found = found_in(tmp_path, 0.9, 60.0, 20.0, *QUICK, *few, typed)
    assert found.numbers == ()
    assert found.verdict == "not told"
    assert "the voltage was not reached" in found.notes[0]


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
