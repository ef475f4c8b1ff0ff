"""Curves of many runs are told apart, also by who does not see all colours, on the screen and in pictures."""

from dataclasses import replace
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtGui import QFont

from solbench.gui.models.common.curves import Curve
from solbench.gui.models.common.numbers import Numbers
from solbench.gui.palette import CONTRAST, DARK, LIGHT
from solbench.gui.plots.overlay import OverlayPlot
from solbench.gui.plots.paper import Paper, _drawn, _settings, panels_of
from solbench.gui.plots.saving import EDGE, _key_width, _keys, _lines_of
from tests.gui.test_palette import relative
from tests.tiers import few

X = np.linspace(0.0, 1.0, 9)
# How three kinds of eyes see linear red, green and blue: Machado, Oliveira, Fernandes, 2009, severity 1.
EYES = {
    "all cones": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = TO_XYZ.sum(axis=1)
DIFFERENT = 10.0  # in CIELAB 1976, of which 2.3 can just be noticed


def cielab(color, eye):
    xyz = TO_XYZ @ np.clip(np.asarray(EYES[eye]) @ relative(color), 0.0, 1.0) / WHITE
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16.0 / 116.0)
    return np.array([116.0 * f[1] - 16.0, 500.0 * (f[0] - f[1]), 200.0 * (f[1] - f[2])])


def runs(count, points=False, name="run {}"):
    return [
        Curve(name.format(n), "x", "y", X, X + n, n, count, points=points, label=f"run {n}")
        for n in range(count)
    ]


@pytest.fixture
def plot(qtbot):
    made = OverlayPlot(LIGHT, "test")
    qtbot.addWidget(made)
    made.resize(420, 300)
    return made


@pytest.mark.parametrize("points", [False, True])
@few("colors", [LIGHT, DARK, CONTRAST], (0, 2), ids=lambda colors: colors.name)
def test_two_of_twelve_runs_differ_by_more_than_a_colour_or_by_one_that_all_eyes_see(plot, colors, points):
    plot.set_colors(colors)
    plot.show_curves(runs(12, points))
    signs = [plot.sign_of(curve) if points else plot.pen_of(curve).style() for curve in plot.shown]
    pens = [plot.pen_of(curve).color().name() for curve in plot.shown]
    for one, other in combinations(range(12), 2):
        if signs[one] == signs[other]:
            for eye in EYES:
                far = np.linalg.norm(cielab(pens[one], eye) - cielab(pens[other], eye))
                assert far > DIFFERENT, (one, other, eye)


def test_no_two_of_forty_runs_are_drawn_alike(plot):
    for points in (False, True):
        plot.show_curves(runs(40, points))
        looks = {
            (plot.pen_of(curve).color().name(), plot.pen_of(curve).style(), plot.sign_of(curve))
            for curve in plot.shown
        }
        assert len(looks) == 40


@pytest.mark.parametrize("name", ["run {}", "x" * 60 + "-{:02d}-" + "y" * 36, "{:02d}" + "z" * 98])
@few("count", [2, 6, 12, 20], (1,))
def test_the_legend_of_a_picture_has_every_run_and_is_no_wider_than_the_plot(plot, count, name):
    plot.setFont(QFont("DejaVu Sans", 9))
    plot.show_curves(runs(count, name=name))
    keys = _keys(plot)
    assert len({key.name for key in keys}) == count
    for line in _lines_of(plot):
        assert sum(_key_width(plot, key) for key in line) <= plot.width() - 2 * EDGE


@few("width", ["single", "double"], 1)
def test_the_legend_for_a_paper_leaves_the_curves_their_room(plot, width):
    plot.show_curves(runs(12, name="a" * 70 + "-{:02d}-" + "b" * 20))
    with mpl.rc_context(_settings(Paper(width))):
        figure = _drawn(panels_of(plot, dark=False), Paper(width), "")
        figure.draw_without_rendering()
    (legend,) = figure.legends
    whole, inside = figure.bbox, legend.get_window_extent()
    assert whole.x0 <= inside.x0 < inside.x1 <= whole.x1
    assert len({text.get_text() for text in legend.get_texts()}) == 12
    assert figure.axes[0].get_position().height * figure.get_figheight() > 1.5  # inches


def test_what_is_zero_by_definition_is_labelled_within_the_axes_and_not_on_logarithmic_ones(qtbot):
    plot = OverlayPlot(LIGHT, "R interface")
    qtbot.addWidget(plot)
    curve = Curve(
        "", "mAh/cm²", "Ω", np.array([0.0, 1.0]), np.array([0.0, 36.0]), points=True, references=(0.0,)
    )
    plot.show_curves([curve])

    def labels():
        return [item for item in plot.getPlotItem().items if isinstance(item, pg.TextItem)]

    (label,) = labels()
    assert label.pos().y() == 0.0
    assert plot.getPlotItem().vb.viewRange()[1][0] < -0.05 * 36.0  # room for it
    plot.set_log(x=False, y=True)
    assert labels() == []


def test_nothing_is_said_of_runs_that_are_still_being_read(qtbot):
    plot = OverlayPlot(LIGHT, "V")
    qtbot.addWidget(plot)
    plot.show_curves([], waits=True)
    assert plot.empty.words.text == "reading…"
    plot.show_curves([])
    assert plot.empty.words.text == "the chosen runs have nothing of this kind"


def test_both_axes_write_numbers_in_the_habit_of_the_user(qtbot):
    plot = OverlayPlot(replace(LIGHT, numbers=Numbers("comma")), "two axes")
    qtbot.addWidget(plot)
    plot.show_curves([Curve("a", "x", "y", X, X), Curve("b", "x", "z", X, X, right=True)])
    for side in ("left", "right"):
        assert plot.getPlotItem().getAxis(side).tickStrings([0.5, 1.25], 1.0, 0.05) == ["0,50", "1,25"]
