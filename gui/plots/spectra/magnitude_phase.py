"""Two plots with a common frequency axis: magnitude above, phase below."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QBrush, QPen

from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.words import tr
from solbench.gui.palette import Colors
from solbench.gui.plots.axes import DecadeAxis, axes_of, style_axes
from solbench.gui.plots.cursor import Cursor
from solbench.gui.plots.empty import Empty
from solbench.gui.plots.single import LEFT_WIDTH, plot_unknown
from solbench.gui.plots.view import View


class MagnitudePhasePlot(pg.GraphicsLayoutWidget):
    """A subclass calls `set_colors` when it is made, and draws everything in `redraw`."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setMinimumSize(180, 150)
        self.ci.layout.setContentsMargins(2, 8, 8, 2)  # room for a number at the upper end
        self.ci.layout.setSpacing(2)
        self.magnitude = self._plot(0, {"left": DecadeAxis("left", "Ω")})
        self.magnitude.setLabel("left", "|Z|")
        self.magnitude.getAxis("bottom").setStyle(showValues=False)
        self.phase = self._plot(1, {})
        self.phase.setLabel("left", tr("−phase (°)"))
        self.phase.setLabel("bottom", tr("frequency"))
        self.phase.setXLink(self.magnitude)
        self.empty = Empty(self.magnitude, tr("no spectrum yet"), ("left",)), Empty(self.phase, "")
        self.cursors: list[Cursor] = []

    def set_colors(self, colors: Colors) -> None:
        """Set the colours."""
        self.colors = colors
        self.setBackground(colors.base)
        for plot in (self.magnitude, self.phase):
            style_axes(plot, colors)
        for empty in self.empty:
            empty.set_colors(colors)
        if not self.cursors:
            self.cursors = [Cursor(plot, colors) for plot in (self.magnitude, self.phase)]
        for cursor in self.cursors:
            cursor.set_colors(colors)
        self.redraw()

    def redraw(self) -> None:
        """Draw everything in the present colours."""

    def clear_curves(self) -> None:
        """Remove everything except the axes."""
        self.magnitude.clear()
        self.phase.clear()

    def draw_line(
        self, frequency_Hz: Array, impedance_ohm: Array, pen: QPen, name: str | None = None
    ) -> None:
        """Draw a spectrum into both plots as a line."""
        for plot, values in self._values(impedance_ohm):
            plot.plot(np.log10(frequency_Hz), values, pen=pen, name=name)

    def draw_dots(
        self, frequency_Hz: Array, impedance_ohm: Array, pen: QPen, brush: QBrush, name: str | None = None
    ) -> None:
        """Draw a spectrum into both plots as points."""
        for plot, values in self._values(impedance_ohm):
            plot.plot(
                np.log10(frequency_Hz),
                values,
                pen=None,
                symbol="o",
                symbolSize=6,
                symbolPen=pen,
                symbolBrush=brush,
                name=name,
            )

    def draw_unknown(self, points: Array) -> None:
        """Draw points (columns.POINT) for which the bench is not known into both plots."""
        if len(points) == 0:
            return
        x = np.log10(points["frequency_Hz"])
        for plot, values in self._values(points["real_ohm"] + 1j * points["imaginary_ohm"]):
            plot_unknown(plot, x, values, self.colors)

    def _values(self, impedance_ohm: Array) -> tuple[tuple[pg.PlotItem, Array], ...]:
        phase = -np.degrees(np.angle(impedance_ohm))
        return (self.magnitude, np.log10(np.abs(impedance_ohm))), (self.phase, phase)

    def _plot(self, row: int, axes: dict[str, pg.AxisItem]) -> pg.PlotItem:
        axes = axes_of(**{"bottom": DecadeAxis("bottom", "Hz"), **axes})
        plot = self.addPlot(row=row, col=0, axisItems=axes, viewBox=View())
        plot.getAxis("left").setWidth(LEFT_WIDTH)
        plot.hideButtons()
        return plot
