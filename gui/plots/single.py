"""The common base of plots with one pair of axes."""

import pyqtgraph as pg

from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.words import tr
from solbench.gui.palette import Colors
from solbench.gui.plots.axes import axes_of, style_axes
from solbench.gui.plots.cursor import Cursor
from solbench.gui.plots.empty import Empty
from solbench.gui.plots.legend import FROM_EDGE, LegendKeeper
from solbench.gui.plots.pens import line_pen
from solbench.gui.plots.view import View

SYMBOLS = ("o", "s", "t1", "d", "star", "+", "t", "t2", "t3")
"""Signs of points that differ at six pixels; "x" is that of points that no fit uses."""
LEFT_OUT = tr("left out")
UNKNOWN = tr("bench not known")  # the name of points that no fit uses
LEFT_WIDTH = 62  # pixels of the axis, so that plots above each other are aligned


def plot_unknown(plot: pg.PlotItem, x: Array, y: Array, colors: Colors) -> None:
    """Draw points for which the bench is not known: the same in every plot."""
    plot.plot(
        x,
        y,
        pen=None,
        symbol="x",
        symbolSize=8,
        symbolPen=line_pen(colors.faint),
        symbolBrush=None,
        antialias=True,
        name=UNKNOWN,
    )


class SinglePlot(pg.PlotWidget):
    """Axes with their names, colours, and a legend on request.

    With `unit` both axes have that SI unit and its prefixes; without, their names include the unit. `without` is
    the text in the middle while there are no data. A subclass calls `set_colors` when it is made, and draws
    everything in `redraw`.
    """

    def __init__(
        self,
        name: str,
        left: str = "",
        bottom: str = "",
        unit: str = "",
        legend: bool = False,
        without: str = tr("nothing to show yet"),
    ) -> None:
        super().__init__(viewBox=View(), axisItems=axes_of())
        self.setAccessibleName(name)
        self.setMinimumSize(180, 150)
        item = self.getPlotItem()
        item.hideButtons()
        item.layout.setContentsMargins(1, 8, 1, 1)  # room for half a number at the upper end
        item.setLabel("left", left, units=unit or None)
        item.setLabel("bottom", bottom, units=unit or None)
        item.getAxis("left").setWidth(LEFT_WIDTH)
        for side in ("left", "bottom"):
            item.getAxis(side).enableAutoSIPrefix(bool(unit))
        self._legend = item.addLegend(offset=(-FROM_EDGE[0], FROM_EDGE[1])) if legend else None
        self.legend_keeper = LegendKeeper(item, self._legend) if self._legend is not None else None
        self.empty = Empty(item, without)
        self.pointer: Cursor | None = None

    @property
    def legend(self) -> pg.LegendItem:
        """Get the legend; the plot must have been made with one."""
        assert self._legend is not None
        return self._legend

    def set_colors(self, colors: Colors) -> None:
        """Set the colours."""
        self.colors = colors
        self.setBackground(colors.base)
        style_axes(self.getPlotItem(), colors)
        if self._legend is not None:
            self._legend.setLabelTextColor(colors.text)
        self.empty.set_colors(colors)
        if self.pointer is None:
            self.pointer = Cursor(self.getPlotItem(), colors)
        self.pointer.set_colors(colors)
        self.redraw()

    def redraw(self) -> None:
        """Draw everything in the present colours."""
