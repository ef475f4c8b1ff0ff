"""Steps of the voltage: the diffusion of an electrode is told, and withheld where a step does not show it."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.linalg import solve_banded

from solbench.analysis.experiments.titrations import pitt
from solbench.analysis.experiments.titrations.pitt import EXPERIMENT
from solbench.analysis.experiments.titrations.titration import TitrationStep
from solbench.analysis.run_spectra import RunSpectra
from solbench.protocols import load_cell
from tests.analysis.experiments.draws import drawn, ran
from tests.tiers import few

STEP = TitrationStep(0.0, 0.50, 0.52)
LAYERS, STEPS = 80, 1500


def relaxing(diffusion_s: float, ratio: float, whole_s: float, share: float = 1.0) -> pitt._Readings:
    """The current into a layer behind a resistance, by finite differences of the law of diffusion.

    In units of 1 V, 1 C/V and `diffusion_s`: the resistance of diffusion is `diffusion_s`, that of the rest 1/`ratio`
    of it. A `share` of the voltage is that of the surface, and the rest that of the whole layer.
    """
    rest_ohm, width, step_s = diffusion_s / ratio, 1.0 / LAYERS, whole_s / STEPS
    across = LAYERS / diffusion_s  # conductance between two layers
    into = 1.0 / (rest_ohm + 0.5 * share / across)
    diagonal = np.full(LAYERS, width / step_s + 2.0 * across)
    diagonal[0] += into * share - across
    diagonal[-1] -= across
    bands = np.zeros((3, LAYERS))
    bands[0, 1:] = bands[2, :-1] = -across
    bands[1] = diagonal
    filled, times_s, currents = np.zeros(LAYERS), [], []
    for number in range(1, STEPS):
        right = width / step_s * filled
        # the whole layer as it was before: it moves little in so short a time
        driven = 1.0 - (1.0 - share) * float(np.mean(filled))
        right[0] += into * driven
        filled = solve_banded((1, 1), bands, right)
        times_s.append(number * step_s)
        currents.append(into * (driven - share * filled[0]))
    return pitt._Readings(np.array(times_s), np.array(currents))


@few("seed", range(3), 1)
def test_the_time_of_diffusion_is_found_behind_any_resistance(seed: int) -> None:
    draw = random.Random(seed)
    true_s, ratio = 10.0 ** draw.uniform(2.7, 3.3), 10.0 ** draw.uniform(-0.3, 1.0)
    readings = relaxing(true_s, ratio, 6.0 * true_s)
    noise_A = 1e-3 * readings.current_A[0] * np.random.default_rng(seed).normal(size=len(readings.time_s))
    told = pitt._told(STEP, replace(readings, current_A=readings.current_A + noise_A), plateau=False)
    assert told.time_s is not None, told.why
    assert told.stderr_s is not None
    assert abs(told.time_s - true_s) < 1.96 * told.stderr_s
    assert told.time_s == pytest.approx(true_s, rel=0.1)


@few("seed", range(3), 1)
def test_the_time_of_diffusion_is_found_where_the_surface_has_but_a_share_of_the_voltage(seed: int) -> None:
    draw = random.Random(seed)
    true_s, ratio = 10.0 ** draw.uniform(2.7, 3.3), 10.0 ** draw.uniform(0.0, 1.0)
    readings = relaxing(true_s, ratio, 6.0 * true_s, draw.uniform(0.25, 0.8))
    noise_A = 1e-3 * readings.current_A[0] * np.random.default_rng(seed).normal(size=len(readings.time_s))
    told = pitt._told(STEP, replace(readings, current_A=readings.current_A + noise_A), plateau=False)
    assert told.time_s is not None, told.why
    assert told.stderr_s is not None
    assert abs(told.time_s - true_s) < 1.96 * told.stderr_s
    assert told.time_s == pytest.approx(true_s, rel=0.1)


@pytest.mark.parametrize("stored", [12, 20])
def test_a_step_of_which_the_fit_has_too_few_readings_left_says_that(stored: int) -> None:
    """The first ones are left out of the fit: of 20 that are stored it has 19."""
    whole = relaxing(1000.0, 3.0, 6000.0)
    times_s = np.linspace(0.0, whole.time_s[-1], stored)
    few_A = np.interp(times_s, whole.time_s, whole.current_A)
    told = pitt._told(STEP, pitt._Readings(times_s, few_A), plateau=False)
    assert (told.time_s, told.why) == (None, "too few readings are stored")


def test_none_is_told_where_a_step_does_not_show_it() -> None:
    slow = relaxing(1000.0, 0.01, 30_000.0)

    def why(step: TitrationStep = STEP, readings: pitt._Readings = slow, *, plateau: bool = False) -> str:
        return pitt._told(step, readings, plateau=plateau).why

    assert why() in ("what limits the current is not diffusion", "the step does not tell it")
    assert why(plateau=True) == "plateau: no D"
    assert why(replace(STEP, why="the step was cut")) == "the step was cut"
    rises = replace(slow, current_A=1.0 + np.sin(slow.time_s / 500.0))
    assert why(readings=rises) == "the current does not follow diffusion"


@pytest.mark.long
@pytest.mark.parametrize("coefficient", ["4e-11 cm2/s", "1e-10 cm2/s", "3e-10 cm2/s"])
def test_the_whole_protocol_tells_the_diffusion_coefficient_of_the_cell(
    tmp_path: Path, coefficient: str
) -> None:
    materials = dict(load_cell("nps").simulation["materials"])
    carbon = {**materials["hard carbon"], "diffusion_coefficient": coefficient}
    cell = drawn("materials", **{"hard carbon": carbon})  # type: ignore[arg-type]
    quick = ("voltages={from: 0.1 V, to: 0.4 V, step: 20 mV}", "steps.filling.current=-C/2")
    found = EXPERIMENT.analyse(RunSpectra(ran(tmp_path / "a.h5", "pitt", cell, *quick)))
    assert found is not None
    number = found.numbers[0]
    assert number.name == "diffusion_coefficient_cm2_s"
    assert number.low is not None
    assert number.high is not None
    assert number.low < float(coefficient.split()[0]) < number.high
    assert number.high < 2.5 * number.low


@pytest.mark.long
def test_a_step_that_its_current_limit_held_back_tells_none(tmp_path: Path) -> None:
    """Fitted all the same, they would tell 2e-10 cm2/s of the 1e-10 of the cell."""
    materials = dict(load_cell("nps").simulation["materials"])
    carbon = {**materials["hard carbon"], "diffusion_coefficient": "1e-10 cm2/s"}
    cell = drawn("materials", **{"hard carbon": carbon})  # type: ignore[arg-type]
    quick = ("voltages={from: 0.1 V, to: 0.3 V, step: 20 mV}", "steps.filling.current=-C/2")
    limited = "steps.titration.steps.step.current_limit=15 uA"
    found = EXPERIMENT.analyse(RunSpectra(ran(tmp_path / "a.h5", "pitt", cell, *quick, limited)))
    assert found is not None
    assert found.numbers[0].value is None
    assert "left out: the current limit kept it from its voltage" in found.notes[0]


@pytest.mark.long
@pytest.mark.parametrize("seed", range(6))
def test_small_steps_behind_the_filling_tell_it_while_the_hysteresis_turns(tmp_path: Path, seed: int) -> None:
    """Fitted as if all of the voltage were that of the surface, they would tell twice the coefficient."""
    draw = random.Random(seed)
    coefficient, width = 10.0 ** draw.uniform(-10.2, -9.6), draw.uniform(0.08, 0.2)
    step_mV = (2, 5, 10)[seed % 3]
    carbon = {
        **load_cell("nps").simulation["materials"]["hard carbon"],
        "diffusion_coefficient": f"{coefficient:.3g} cm2/s",
        "hysteresis_width": width,
    }
    cell = drawn("materials", **{"hard carbon": carbon})
    voltages = f"voltages={{from: 0.1 V, to: {100 + 8 * step_mV} mV, step: {step_mV} mV}}"
    quick = (voltages, "steps.filling.current=-C/2", "steps.before.time=1 h")
    found = EXPERIMENT.analyse(RunSpectra(ran(tmp_path / "a.h5", "pitt", cell, *quick, seed=seed)))
    assert found is not None
    number = found.numbers[0]
    assert number.low is not None
    assert number.high is not None
    assert number.low < coefficient < number.high
