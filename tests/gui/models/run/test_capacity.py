import numpy as np
import pytest

from solbench.acquisition.record.columns import SAMPLE
from solbench.gui.models.run.capacity import CURVES_SHOWN, DONE_POINTS, OLD_POINTS, CapacityCurve, thin_older
from solbench.gui.models.run.step_traces import StepTraces
from solbench.protocols.segments import ConstantCurrent, StepRef
from tests.records import record


def _samples(start, end, current_A=-1e-3):
    rows = np.zeros(end - start, SAMPLE)
    rows["current_A"] = current_A
    rows["charge_C"] = np.arange(start, end) * 1e-3
    rows["voltage_V"] = np.sin(np.arange(start, end) / 1000)
    return rows


def _curve(count, step=0, at_once=700):
    curve = CapacityCurve(step, -1e-3, 0.0, 1e-4)
    for start in range(0, count, at_once):
        curve.add(_samples(start, min(start + at_once, count)))
    return curve


@pytest.mark.parametrize("at_once", [1, 7, 700, 50_000])
def test_points_are_samples_evenly_chosen_and_end_with_the_newest(at_once):
    curve = _curve(5_000, at_once=at_once)
    capacity, voltage = curve.points
    numbers = capacity * 1e-4 * 36000 / 1e-3
    assert numbers == pytest.approx(np.round(numbers), abs=1e-2)
    assert numbers[-1] == pytest.approx(4999, rel=1e-9)
    assert voltage == pytest.approx(np.sin(np.round(numbers) / 1000), abs=1e-6)
    steps = np.diff(np.round(numbers[:-1]))
    assert (steps == steps[0]).all()
    assert len(numbers) <= 1501


@pytest.mark.parametrize("steps", [300, pytest.param(2000, marks=pytest.mark.long)])
def test_curves_of_a_thousand_cycles_take_little_and_keep_their_ends(steps):
    curves = []
    for step in range(steps):
        curves.append(_curve(3_000, step))
        thin_older(curves, CURVES_SHOWN)
    lengths = [len(curve.points[0]) for curve in curves]
    assert max(lengths[-CURVES_SHOWN:-1]) <= DONE_POINTS + 1
    assert max(lengths[:-CURVES_SHOWN]) <= OLD_POINTS + 1
    assert sum(curve._kept.nbytes for curve in curves) < 2.0e6
    assert all(curve.points[0][-1] == pytest.approx(2.999 / 1e-4 / 36000) for curve in curves)


def test_a_curve_goes_on_by_a_current_that_was_changed_to_a_much_smaller_one():
    traces = StepTraces(lambda _blocks: None)
    step = StepRef(0, "down", "constant_current", "steps.down")
    for current_A, first, last in ((-1e-3, 0, 20), (-5e-5, 20, 30)):
        begun = record("segment", ordinal=0, segment=ConstantCurrent(step, current_A, ()))
        traces.take_event(begun, 1e-4)
        traces.take_samples(_samples(first, last, current_A))
    [curve] = traces.curves
    assert curve.points[0][-1] == pytest.approx(29e-3 / 1e-4 / 36000)


def test_rest_and_spectra_within_a_step_are_no_part_of_its_curve():
    curve = _curve(10)
    version = curve.version
    curve.add(_samples(10, 20, current_A=1e-7))
    assert (len(curve.points[0]), curve.version) == (11, version)
