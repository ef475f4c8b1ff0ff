"""Sweeps that turn further and further: what does not come back is what the simulated cell has decomposed."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from solbench.acquisition.record.reader import open_run
from solbench.analysis.experiments import stepwise_cv
from solbench.analysis.experiments.stepwise_cv import EXPERIMENT, Turned
from solbench.analysis.experiments.window import Sweep
from solbench.analysis.run_spectra import RunSpectra
from tests.acquisition.runs import quiet_bench, request, seen_run
from tests.analysis.experiments.draws import drawn

DOWN = ("start=[1.9 V]", "turns={from: 1.6 V, to: 0.7 V, step: 0.1 V}")


@pytest.mark.long
@pytest.mark.parametrize("seed", range(6))
def test_onset_and_irreversible_charge_are_those_of_the_cell(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    way = ("oxidation", "reduction")[seed % 2]
    true_V = draw.uniform(2.5, 2.8) if way == "oxidation" else draw.uniform(0.9, 1.3)
    slope = {f"{way}_onset": f"{true_V} V", f"{way}_slope": f"{draw.uniform(40, 80)} mV"}
    cell = drawn("composite", oxidizable_charge=f"{10 ** draw.uniform(-1.5, 0)} mAh/cm2", **slope)
    bench = quiet_bench(unit=draw.choice(["ideal", "typical"]))
    ends = ("rate=0.4 mV/s", *(DOWN if way == "reduction" else ()))
    seen = seen_run(request(tmp_path / "a.h5", "stepwise-cv", cell, bench, ends, seed))
    found = EXPERIMENT.analyse(RunSpectra(open_run(tmp_path / "a.h5")))
    assert found is not None
    onset, charge = found.numbers
    assert onset.name == f"{way}_onset_V"
    assert onset.low is not None
    assert onset.high is not None
    assert onset.low < true_V < onset.high < onset.low + 0.03
    truth = seen.bench.truth.cell
    true_C = truth.oxidized_C if way == "oxidation" else truth.reduced_C
    assert charge.low is not None
    assert charge.high is not None
    assert charge.low < true_C / 0.785 / 3.6 < charge.high


def turned(turn_V: float, net_C_m2: float, onset_V: float | None = None) -> Turned:
    sweep = Sweep(np.array([]), np.array([]), onset_V, "oxidation", 0.0, 1e-3)
    return Turned(turn_V, net_C_m2, 0.01, sweep)


@pytest.mark.parametrize(
    ("nets", "words"),
    [
        ([0.01, 0.02, -0.01], "no irreversible oxidation up to 2.5 V"),
        ([0.01, 0.02, 1.0], "irreversible oxidation sets in between 2.4 and 2.5 V"),
        ([0.3, 0.5, 2.9], "no irreversible oxidation up to 2.5 V"),
    ],
)
def test_what_decomposes_stands_out_of_what_the_first_sweep_did(nets: list[float], words: str) -> None:
    sweeps = [turned(2.3 + 0.1 * place, net) for place, net in enumerate(nets)]
    assert stepwise_cv._verdict(sweeps) == words
    [charge] = stepwise_cv._numbers(sweeps)
    assert charge.value == pytest.approx(sum(nets) / 36000.0)
    assert charge.stderr == pytest.approx(0.03 / 36000.0), "one ammeter and one area: errors add up"
