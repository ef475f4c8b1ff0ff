"""Faint curves of an earlier run under those of a plot, labelled as such when the plot is saved as values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from solbench.gui.models.common.curves import Curve
from solbench.gui.models.common.trace import CURRENT, VOLTAGE
from solbench.gui.models.common.words import tr
from solbench.gui.palette import Colors
from solbench.gui.plots.pens import line_pen
from solbench.gui.plots.traces.time_plot import TimePlot, draw_broken

if TYPE_CHECKING:
    from solbench.gui.models.run.run import RunModel

BELOW = -20


class OverlayCurves:
    """Curves under a plot that clears itself before it draws; `widens`: whether they count in its range."""

    def __init__(self, plot: pg.PlotWidget, colors: Colors, widens: bool = True) -> None:
        self._plot = plot.getPlotItem()
        self._widens = widens
        self._colors = colors
        self._curves: list[Curve] = []
        self._items: list[pg.PlotDataItem] = []

    def set_colors(self, colors: Colors) -> None:
        """Set the colours."""
        self._colors = colors
        self.show_curves(self._curves)

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """Draw these curves in place of the previous ones."""
        self._curves = list(curves)
        for item in self._items:
            if item.scene() is not None:
                self._plot.removeItem(item)
        self._items = [self._item(curve) for curve in curves]
        self.put_back()

    def put_back(self) -> None:
        """Restore the curves that the plot has cleared."""
        for item in self._items:
            if item.scene() is None:
                self._plot.addItem(item, ignoreBounds=not self._widens)

    def _item(self, curve: Curve) -> pg.PlotDataItem:
        pen = line_pen(self._colors.faint, width=1, style=Qt.PenStyle.DotLine)
        item = pg.PlotDataItem(
            np.asarray(curve.x, np.float64),
            np.asarray(curve.y, np.float64),
            pen=pen,
            symbol="o" if curve.points else None,
            symbolSize=3,
            symbolPen=line_pen(self._colors.faint),
            symbolBrush=None,
            name=tr("earlier run {name}", name=curve.name).strip(),
        )
        item.setZValue(BELOW)
        return item


class OverlayTraces:
    """Voltage and current of an earlier run under a time plot, both runs from their own start."""

    def __init__(self, plot: TimePlot, colors: Colors) -> None:
        self._plot = plot
        self._run: RunModel | None = None
        self._items = {column: pg.PlotCurveItem(name=tr("earlier run")) for column in (VOLTAGE, CURRENT)}
        for column, item in self._items.items():
            item.setZValue(BELOW)
            (plot.voltage if column == VOLTAGE else plot.current).addItem(item, ignoreBounds=True)
        plot.voltage.vb.sigXRangeChanged.connect(lambda *_: self._draw())
        self.set_colors(colors)

    def set_colors(self, colors: Colors) -> None:
        """Set the colours."""
        for item in self._items.values():
            item.setPen(line_pen(colors.faint, width=1, style=Qt.PenStyle.DotLine))

    def show_run(self, run: RunModel | None) -> None:
        """Draw a run, or none."""
        self._run = run
        self._draw()

    def _draw(self) -> None:
        x_from, x_to = self._plot.voltage.vb.viewRange()[0]
        pixels = max(int(self._plot.voltage.vb.width()), 100)
        for column, item in self._items.items():
            x, y = np.empty(0), np.empty(0)
            if self._run is not None and len(self._run.trace):
                x, y = self._run.trace.view(column, x_from, x_to, pixels)
            draw_broken(item, x, y)
        if self._run is not None:
            self._run.trace.ask_for(x_from, x_to, pixels)
