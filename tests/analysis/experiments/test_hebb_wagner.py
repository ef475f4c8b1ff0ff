"""Hebb and Wagner: the conductivity between two voltages is the mean of that of the simulated cell."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from solbench.acquisition.record.reader import open_run
from solbench.analysis.experiments.hebb_wagner import EXPERIMENT, Steady, differences
from solbench.analysis.run_spectra import RunSpectra
from solbench.analysis.summary import summarise
from tests.acquisition.runs import quiet_bench, request, seen_run
from tests.analysis.experiments.draws import drawn

VOLTAGES = "voltages=[0.2 V, 1.0 V, 2.0 V, 2.3 V]"


def test_the_mean_between_two_voltages_is_exact_however_the_conductivity_changes() -> None:
    thermal_V, per_m = 0.02569, 6.37

    def current_A(voltage_V: float) -> float:
        return 1e-8 * voltage_V + 1e-7 * thermal_V * (1.0 - math.exp(-voltage_V / thermal_V))

    steady = [Steady(voltage_V, current_A(voltage_V), 0.0) for voltage_V in (0.05, 0.4, 1.0)]
    steady.insert(2, Steady(0.7, 1.0, 0.0, settled=False))
    for one in differences(steady, per_m, 0.0):
        voltages_V = np.linspace(one.low_V, one.high_V, 20001)
        mean = np.trapezoid(1e-8 + 1e-7 * np.exp(-voltages_V / thermal_V), voltages_V) / (
            one.high_V - one.low_V
        )
        assert one.value_S_cm == pytest.approx(per_m * mean / 100.0, rel=1e-6)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_the_cell_is_within_the_intervals(tmp_path: Path, seed: int) -> None:
    draw = np.random.default_rng(seed)
    electrons, holes = 10.0 ** draw.uniform(-9.0, -7.5, 2)
    cell = drawn("hebb_wagner", electron_conductivity=f"{electrons} S/cm", hole_conductivity=f"{holes} S/cm")
    path = tmp_path / "a.h5"
    seen = seen_run(request(path, "hebb-wagner", cell, quiet_bench(), (VOLTAGES,), seed))
    run = open_run(path)
    found = EXPERIMENT.analyse(RunSpectra(run))
    assert found is not None
    assert len(found.data.between) == 4
    for one in found.data.between:
        voltages_V = np.linspace(one.low_V, one.high_V, 2001)
        true = [seen.bench.truth.cell.electronic_conductivity_S_m(float(each)) / 100.0 for each in voltages_V]
        mean = np.trapezoid(true, voltages_V) / (one.high_V - one.low_V)
        assert abs(one.value_S_cm - mean) < 2.5 * one.stderr_S_cm
    assert summarise(run).electronic_conductivity_S_cm is None, "it is no one number"
