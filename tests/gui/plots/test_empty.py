"""A plot without data says so, and has no numbers at its axes."""

import numpy as np
import pytest

from solbench.acquisition.record.columns import POINT
from solbench.gui.models.common.curves import Curve
from solbench.gui.models.common.trace import Trace
from solbench.gui.models.run.capacity import CapacityCurve
from solbench.gui.models.run.spectrum import SpectrumTrack
from solbench.gui.palette import DARK, LIGHT
from solbench.gui.plots.overlay import OverlayPlot
from solbench.gui.plots.spectra.bode import BodePlot
from solbench.gui.plots.spectra.nyquist import NyquistPlot
from solbench.gui.plots.traces.curves import CapacityPlot, CyclePlot, InterfacePlot
from solbench.gui.plots.traces.time_plot import TimePlot


def spectrum():
    points = np.zeros(2, POINT)
    points["frequency_Hz"], points["real_ohm"], points["imaginary_ohm"] = [10, 1], [100, 150], [-20, -40]
    track = SpectrumTrack(0, 0, 0.0, "fresh")
    track.points = points
    return track


def shown(qtbot, plot):
    qtbot.addWidget(plot)
    plot.resize(420, 300)
    plot.show()
    plot.grab()
    return plot


def numbers(item, side):
    return item.getAxis(side).style["showValues"]


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (NyquistPlot, "no spectrum yet"),
        (CapacityPlot, "no step of constant current yet"),
        (CyclePlot, "no cycle yet"),
    ],
)
def test_without_data_a_word_stands_in_place_of_numbers(qtbot, kind, word):
    plot = shown(qtbot, kind(LIGHT))
    assert plot.empty.words.isVisible()
    assert plot.empty.words.text == word
    assert not numbers(plot.getPlotItem(), "left")
    assert not numbers(plot.getPlotItem(), "bottom")


def test_the_first_spectrum_brings_the_numbers(qtbot):
    plot = shown(qtbot, NyquistPlot(LIGHT))
    plot.show_spectra([spectrum()])
    plot.grab()
    assert not plot.empty.words.isVisible()
    assert numbers(plot.getPlotItem(), "left")
    plot.show_spectra([])
    plot.grab()
    assert plot.empty.words.isVisible()


def test_magnitude_and_phase_have_one_word_and_one_axis_of_frequency(qtbot):
    plot = shown(qtbot, BodePlot(LIGHT))
    assert [empty.words.text for empty in plot.empty] == ["no spectrum yet", ""]
    assert not any(numbers(item, "left") for item in (plot.magnitude, plot.phase))
    plot.show_spectra([spectrum()])
    plot.grab()
    assert numbers(plot.magnitude, "left")
    assert numbers(plot.phase, "bottom")
    assert not numbers(plot.magnitude, "bottom")


def test_the_capacity_comes_with_its_first_points(qtbot):
    plot = shown(qtbot, CapacityPlot(LIGHT))
    curve = CapacityCurve(0, 1e-4, 0.0, 1e-4)
    plot.show_curves([curve])
    plot.grab()
    assert plot.empty.shown


def test_the_interface_says_why_in_its_title(qtbot):
    plot = shown(qtbot, InterfacePlot(LIGHT))
    assert not numbers(plot.getPlotItem(), "left")
    assert plot.getPlotItem().titleLabel.text == "appears with the first complete spectrum"


def test_the_word_follows_the_look(qtbot):
    plot = shown(qtbot, CyclePlot(LIGHT))
    plot.set_colors(DARK)
    assert plot.empty.words.opts["color"] == DARK.faint


def test_data_of_another_run_below_count_as_data(qtbot):
    plot = shown(qtbot, OverlayPlot(LIGHT, "overlay"))
    assert plot.empty.shown
    plot.show_curves([Curve("a", "x", "y", [0.0, 1.0], [0.0, 1.0])])
    plot.grab()
    assert not plot.empty.shown


def test_the_traces_have_numbers_from_the_first_reading_on(qtbot):
    plot = shown(qtbot, TimePlot(LIGHT))
    assert plot.empty[0].words.isVisible()
    assert not any(numbers(item, "left") for item in (plot.voltage, plot.current))
    trace = Trace(2)
    trace.append(np.array([1.0, 2.0]), np.array([2.4, 2.3]), np.array([1e-4, 1e-4]))
    plot.show_trace(trace, None, 0.0)
    plot.grab()
    assert not plot.empty[0].shown
    assert numbers(plot.voltage, "left")
    assert numbers(plot.current, "bottom")
