"""A parameter of the fits against capacity, cycle or number, with bars of 95 %."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg

from solbench.fitting.laws.arrhenius import INTERVAL
from solbench.gui.models.common.words import tr
from solbench.gui.models.fit.fit_trend import Trend
from solbench.gui.palette import Colors, ordered_color
from solbench.gui.plots.pens import line_pen
from solbench.gui.plots.reference import mark_reference
from solbench.gui.plots.single import SYMBOLS, SinglePlot


class TrendPlot(SinglePlot):
    """One curve per source; bars are of 95 %."""

    def __init__(self, colors: Colors) -> None:
        super().__init__(tr("Parameter over the spectra"), legend=True)
        self._shown: tuple[Sequence[Trend], str, str] = ((), "", "")
        self.set_colors(colors)

    def show_trends(self, trends: Sequence[Trend], x_name: str, y_name: str) -> None:
        """Draw the values of one parameter."""
        self._shown = (trends, x_name, y_name)
        self.redraw()

    def redraw(self) -> None:
        """Draw the values in the present colours."""
        trends, x_name, y_name = self._shown
        item = self.getPlotItem()
        item.clear()
        self.legend.clear()
        item.setLabel("bottom", x_name)
        has_bars = any(np.any(trend.stderr > 0.0) for trend in trends)
        item.setLabel("left", tr("{name}, bars 95 %", name=y_name) if has_bars else y_name)
        for place, trend in enumerate(trends):
            self._draw(trend, place, len(trends))
        self.legend.setVisible(len(trends) > 1)
        item.autoRange()

    def _draw(self, trend: Trend, place: int, count: int) -> None:
        color = ordered_color(self.colors, place, max(count, 2))
        bars = trend.stderr > 0.0
        if np.any(bars):
            self.addItem(
                pg.ErrorBarItem(
                    x=trend.x[bars],
                    y=trend.y[bars],
                    height=2 * INTERVAL * trend.stderr[bars],
                    beam=0.01 * max(float(np.ptp(trend.x)), 1e-9),
                    pen=line_pen(color),
                )
            )
        self.plot(
            trend.x,
            trend.y,
            pen=line_pen(color, width=1),
            symbol=SYMBOLS[place % len(SYMBOLS)],
            symbolSize=7,
            symbolPen=line_pen(color),
            symbolBrush=None,
            name=trend.name,
        )
        mark_reference(self, trend.x[trend.reference], float(np.abs(trend.y).max()), self.colors)
