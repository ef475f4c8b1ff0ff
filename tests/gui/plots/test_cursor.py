"""What the point under the mouse says, and the distance between two."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from solbench.gui.models.common.curves import Curve
from solbench.gui.palette import LIGHT
from solbench.gui.plots.cursor import tell
from solbench.gui.plots.overlay import OverlayPlot

X, Y = np.array([1.0, 2.0, 4.0]), np.array([10.0, 1000.0, 10.0])


@pytest.fixture
def plot(qtbot):
    made = OverlayPlot(LIGHT, "a plot")
    qtbot.addWidget(made)
    made.resize(500, 300)
    made.show()
    made.show_curves([Curve("a", "x (h)", "y (Ω)", X, Y, at=("1 Hz", "2 Hz", "4 Hz"))])
    return made


def move_to(plot, x, y):
    place = plot.getPlotItem().vb.mapViewToScene(QPointF(x, y))
    plot.scene().sigMouseMoved.emit(place)
    return place


def click(plot, x, y):
    place = move_to(plot, x, y)

    class Click:
        def scenePos(self):
            return place

        def button(self):
            return Qt.MouseButton.LeftButton

    plot.scene().sigMouseClicked.emit(Click())


def test_point_says_its_values_and_what_it_was_told(plot):
    move_to(plot, 2.0, 1000.0)
    assert plot.pointer.words == "a  2 Hz  x 2 h  y 1000 Ω"
    move_to(plot, 3.0, 900.0)  # far from every point
    assert plot.pointer.words == ""


def test_second_point_says_how_far_it_is_from_the_one_that_was_clicked(plot):
    click(plot, 1.0, 10.0)
    move_to(plot, 4.0, 10.0)
    assert plot.pointer.words.endswith("Δ x 3 h  Δ y 0 Ω")
    click(plot, 1.0, 10.0)  # takes it back
    move_to(plot, 4.0, 10.0)
    assert "Δ" not in plot.pointer.words


def test_on_logarithmic_axes_values_are_values_and_distances_are_factors(plot):
    plot.set_log(x=False, y=True)
    click(plot, 1.0, 1.0)
    move_to(plot, 2.0, 3.0)
    assert plot.pointer.words == "a  2 Hz  x 2 h  y 1000 Ω\nΔ x 1 h  × 100"


def test_a_curve_that_is_not_told_anything_says_its_values(plot):
    drawn = plot.getPlotItem().plot([3.0], [500.0], symbol="o")
    tell(drawn, [])
    move_to(plot, 3.0, 500.0)
    assert plot.pointer.words == "x 3 h  y 500 Ω"
