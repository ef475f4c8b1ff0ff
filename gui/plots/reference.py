"""The mark at a state whose interface is 0 by definition."""

from collections.abc import Iterable

import pyqtgraph as pg

from solbench.fitting.verdicts import BY_DEFINITION
from solbench.gui.models.common.words import term
from solbench.gui.palette import Colors

_ROOM = 0.16  # of the largest value, below zero: for the text


def mark_reference(plot: pg.PlotWidget, places: Iterable[float], largest: float, colors: Colors) -> None:
    """Label each of these points at zero as not measured; `largest` is the largest of all values."""
    marked = [float(x) for x in places]
    for x in marked:
        label = pg.TextItem(term(BY_DEFINITION), color=colors.text, anchor=(0, 0))
        label.setPos(x, 0.0)
        plot.addItem(label, ignoreBounds=True)
    if marked:
        room = pg.ScatterPlotItem(marked[:1], [-_ROOM * largest], pen=None, brush=None)
        plot.addItem(room)
