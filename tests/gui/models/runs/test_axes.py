from pathlib import Path

import numpy as np
import pytest

from solbench.acquisition.record.reader import open_run
from solbench.gui.models.live.replay import whole_run
from solbench.gui.models.run.run import RunModel
from solbench.gui.models.runs import axes
from solbench.gui.models.runs.axes import QUANTITIES, Choice, curves_against, fitting, samples_of


@pytest.fixture(scope="module")
def run(finished: Path) -> RunModel:
    return whole_run(finished)


def read(run: RunModel) -> dict[Path, np.ndarray]:
    return {run.path: samples_of(run.path, run.traces.samples)}


def test_samples_are_those_of_the_file_and_charges_of_a_step_begin_with_it(
    run: RunModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = open_run(run.path).samples
    table = samples_of(run.path, len(truth))
    for name in truth.dtype.names:
        assert np.array_equal(table[name], truth[name])
    for step in np.unique(truth["step"]):
        of_step = truth["step"] == step
        assert table["step_C"][of_step] == pytest.approx(
            truth["charge_C"][of_step] - truth["charge_C"][of_step][0]
        )
    monkeypatch.setattr(axes, "CHUNK", 7)
    monkeypatch.setattr(axes, "MOST_SAMPLES", 5)
    every = -(-len(truth) // 5)
    some = samples_of(run.path, len(truth))
    assert np.array_equal(some["time_s"], truth["time_s"][::every])
    assert some["step_C"] == pytest.approx(table["step_C"][::every])


def test_every_two_that_fit_are_drawn_with_their_units_and_as_long_as_each_other(run: RunModel) -> None:
    samples = read(run)
    for x in QUANTITIES:
        for y in fitting(x.key):
            for curve in curves_against(Choice(x.key, y.key), [run], samples):
                assert len(curve.x) == len(curve.y) > 0
                assert (curve.x_name, curve.y_name) == (x.label(""), y.label(""))


def test_per_area_divides_currents_and_multiplies_resistances(run: RunModel) -> None:
    area_cm2 = run.area_m2 * 1e4
    current, resistance = Choice("time", "current", per="cm²"), Choice("real", "imaginary", per="cm²")
    for choice, factor in ((current, 1 / area_cm2), (resistance, area_cm2)):
        whole = curves_against(Choice(choice.x, choice.y), [run], read(run))[0]
        scaled = curves_against(choice, [run], read(run))[0]
        assert scaled.y == pytest.approx(whole.y * factor)
        assert "cm²" in scaled.y_name


def test_impedance_is_turned_into_admittance_and_capacitance(run: RunModel) -> None:
    track = run.spectra.shown[0]
    points = track.points[track.is_known]
    z = points["real_ohm"] + 1j * points["imaginary_ohm"]
    (curve, *_) = curves_against(Choice("frequency", "capacitance"), [run], {})
    assert curve.y == pytest.approx((1 / z).imag / (2 * np.pi * points["frequency_Hz"]))
    assert curve.at[0].endswith("Hz")


def test_two_runs_and_a_second_axis_are_told_apart_by_name(run: RunModel) -> None:
    other = whole_run(run.path)
    curves = curves_against(Choice("time", "voltage", "current"), [run, other], read(run))
    assert [curve.right for curve in curves] == [False, True, False, True]
    assert {curve.name for curve in curves} == {"a V", "a I, positive: charging"}
