"""The electrochemical window: the onset that is told is that of the simulated cell, upwards and downwards."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from solbench.analysis.experiments.window import EXPERIMENT, Composite, notes_of, swept
from solbench.analysis.run_spectra import RunSpectra
from tests.analysis.experiments.draws import drawn, ran

QUICK = ("steps.spectrum.points_per_decade=3", "steps.spectrum.integration=0.1 s", "steps.rest.time=2 min")


@pytest.mark.parametrize(("shunt_ohm", "is_told"), [(20e3, True), (100e3, True), (2e6, False), (1e9, False)])
def test_a_background_that_exceeds_the_onset_itself_is_told(shunt_ohm: float, is_told: bool) -> None:
    """0.785 cm2 and 10 uA/cm2 are 7.85 uA, which 1.1 V of a sweep drive through 140 kohm."""
    samples = np.zeros(200, dtype=[("voltage_V", float), ("current_A", float)])
    samples["voltage_V"] = np.linspace(0.9, 3.0, 200)
    reaction_A = 7.85e-6 * np.exp((samples["voltage_V"] - 2.5) / 0.06)
    samples["current_A"] = samples["voltage_V"] / shunt_ohm + reaction_A
    composite = Composite(344.0, 0.785e-4, 0.01)
    notes = notes_of(swept(samples, composite), composite)
    assert any("half a short circuit" in note for note in notes) is is_told


@pytest.mark.long
@pytest.mark.parametrize("seed", range(8))
def test_the_onset_is_that_of_the_cell(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    way = draw.choice(("oxidation", "reduction"))
    true_V = draw.uniform(2.5, 2.8) if way == "oxidation" else draw.uniform(0.9, 1.4)
    cell = drawn("composite", **{f"{way}_onset": f"{true_V} V", f"{way}_slope": f"{draw.uniform(40, 80)} mV"})
    ends = ("from=2.1 V", "to=3.0 V") if way == "oxidation" else ("from=1.9 V", "to=0.7 V")
    found = EXPERIMENT.analyse(
        RunSpectra(ran(tmp_path / "a.h5", "electrochemical-window", cell, *QUICK, *ends, "rate=0.4 mV/s"))
    )
    assert found is not None
    [told] = found.numbers
    assert told.name == f"{way}_onset_V"
    assert told.low is not None
    assert told.high is not None
    assert told.low < true_V < told.high
    assert told.high - told.low < 0.03


@pytest.mark.long
def test_none_is_told_where_none_is_reached(tmp_path: Path) -> None:
    cell = drawn("composite", oxidation_onset="2.9 V")
    ends = ("from=2.1 V", "to=2.5 V", "rate=0.4 mV/s")
    found = EXPERIMENT.analyse(
        RunSpectra(ran(tmp_path / "a.h5", "electrochemical-window", cell, *QUICK, *ends))
    )
    assert found is not None
    assert found.numbers == ()
    assert found.verdict.startswith("no onset of oxidation up to 2.5")


@pytest.mark.long
def test_the_stairs_of_a_staircase_are_no_onset(tmp_path: Path) -> None:
    """The first current of each stair charges the double layer: some 30 uA/cm2 for a stair of 10 mV."""
    cell = drawn("composite", oxidation_onset="2.7 V")
    stairs = ("from=2.1 V", "to=3.0 V", "rate=0.4 mV/s", "steps.sweep.step=10 mV")
    found = EXPERIMENT.analyse(
        RunSpectra(ran(tmp_path / "a.h5", "electrochemical-window", cell, *QUICK, *stairs))
    )
    assert found is not None
    [told] = found.numbers
    assert told.low is not None
    assert told.high is not None
    assert told.low < 2.7 < told.high
