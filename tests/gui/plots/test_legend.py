"""A legend stands where it covers the fewest points, and follows them."""

import numpy as np
import pytest

from solbench.gui.palette import LIGHT
from solbench.gui.plots.legend import CORNERS
from solbench.gui.plots.single import SinglePlot
from tests.tiers import few


@pytest.fixture
def plot(qtbot):
    made = SinglePlot("test", legend=True)
    qtbot.addWidget(made)
    made.resize(500, 400)
    made.set_colors(LIGHT)
    made.show()
    made.getPlotItem().vb.setRange(xRange=(0.0, 1.0), yRange=(0.0, 1.0), padding=0.0)
    return made


@few("free", CORNERS, 2)
def test_the_legend_goes_to_the_corner_without_points(plot, free):
    others = np.array([corner for corner in CORNERS if corner != free], float)
    x, y = others[:, 0], 1.0 - others[:, 1]
    plot.plot(0.05 + 0.9 * x, 0.05 + 0.9 * y, name="a curve")
    plot.legend_keeper.look()
    assert plot.legend_keeper.corner == free
    middle = plot.legend.mapRectToParent(plot.legend.boundingRect()).center()
    assert (middle.x() > 250, middle.y() > 200) == free


def test_a_legend_stays_while_no_corner_is_better(plot):
    plot.plot(np.linspace(0.0, 1.0, 50), np.full(50, 0.5), name="a curve")
    plot.legend_keeper.look()
    assert plot.legend_keeper.corner == CORNERS[0]
