"""Names inside plots lie beside each other, never one upon another."""

from itertools import combinations

import numpy as np

from solbench.acquisition.record.columns import POINT
from solbench.gui.models.common.trace import Trace
from solbench.gui.models.run.run import Limit
from solbench.gui.models.run.spectrum import SpectrumTrack
from solbench.gui.palette import LIGHT
from solbench.gui.plots.spectra.nyquist import NyquistPlot
from solbench.gui.plots.traces.time_plot import TimePlot


def overlaps(items):
    rects = [item.mapRectToScene(item.boundingRect()) for item in items if item.isVisible()]
    return [pair for pair in combinations(rects, 2) if pair[0].intersects(pair[1])]


def names_of(plot):
    return [line.label.textItem for line in plot._limits if line.isVisible()]


def test_limits_close_to_each_other_have_their_names_side_by_side(qtbot):
    plot = TimePlot(LIGHT)
    qtbot.addWidget(plot)
    plot.resize(900, 320)
    plot.show()
    trace = Trace(2)
    trace.append(np.arange(100.0), np.linspace(0.0, 2.5, 100), np.zeros(100))
    plot.show_limits(
        [
            Limit(2.1, "safety limit", True),
            Limit(2.05, "step ends at 2.05 V", False),
            Limit(2.0, "cut short at 2.0 V", False),
            Limit(0.5, "far away", False),
        ]
    )
    plot.show_trace(trace, None, 0.0)
    plot.grab()  # names are placed when they are painted
    assert len(names_of(plot)) == 4
    assert overlaps(names_of(plot)) == []


def test_decades_close_to_each_other_are_named_as_far_as_there_is_room(qtbot):
    plot = NyquistPlot(LIGHT)
    qtbot.addWidget(plot)
    plot.resize(420, 260)
    plot.show()
    points = np.zeros(61, POINT)
    points["frequency_Hz"] = np.logspace(6, 0, 61)
    z = 300 + 100 / (1 + 1j * points["frequency_Hz"] / 3e4)
    points["real_ohm"], points["imaginary_ohm"] = z.real, z.imag
    plot.show_spectra([SpectrumTrack(1, 1, 0, points=points, whole=True)])
    plot.grab()
    shown = [mark for mark in plot._marks if mark.isVisible()]
    assert 2 <= len(shown) < len(plot._marks) == 7
    assert overlaps([mark.textItem for mark in shown]) == []
    plot.getPlotItem().vb.setRange(xRange=(395, 401), yRange=(0, 4))
    plot.grab()
    assert overlaps([mark.textItem for mark in plot._marks if mark.isVisible()]) == []
