"""The preview of a protocol: voltage and current over time, from the simulated bench."""

import pyqtgraph as pg
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QWidget

from solbench.gui.models.common.words import tr
from solbench.gui.models.protocol.preview import Curve
from solbench.gui.palette import LIGHT, Colors
from solbench.gui.plots.axes import axes_of, write_numbers
from solbench.gui.plots.pens import line_pen
from solbench.gui.plots.view import View


class PreviewPlot(pg.GraphicsLayoutWidget):
    """Two plots, one above the other, with a common time axis; spectra as marks on the voltage."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Preview: voltage and current over time"))
        self.setMinimumSize(240, 130)
        self.voltage = self.addPlot(row=0, col=0, axisItems=axes_of(), viewBox=View())
        self.current = self.addPlot(row=1, col=0, axisItems=axes_of(), viewBox=View())
        self.current.setXLink(self.voltage)
        self.voltage.getAxis("bottom").setStyle(showValues=False)
        layout = self.ci.layout
        layout.setRowStretchFactor(0, 3)
        layout.setRowStretchFactor(1, 2)
        self.ci.setContentsMargins(2, 2, 6, 2)
        self.ci.setSpacing(0)
        for plot, text in ((self.voltage, "V (V)"), (self.current, tr("I (mA)"))):
            plot.hideButtons()
            plot.setMenuEnabled(False)
            plot.setMouseEnabled(x=False, y=False)
            plot.getAxis("left").setWidth(52)
            plot.getAxis("left").enableAutoSIPrefix(enable=False)
            plot.getAxis("left").setLabel(text)
        self.current.getAxis("bottom").enableAutoSIPrefix(enable=False)
        self.current.getAxis("bottom").setLabel(tr("time (h)"))
        self._voltage_line = self.voltage.plot([], [])
        self._current_line = self.current.plot([], [])
        self._marks = pg.ScatterPlotItem(symbol="t", size=9)
        self.voltage.addItem(self._marks)
        self.look(LIGHT)

    def look(self, colors: Colors) -> None:
        """Set the colours."""
        self.setBackground(colors.base)
        self._voltage_line.setPen(line_pen(colors.voltage, width=1))
        self._current_line.setPen(line_pen(colors.current, width=1))
        self._marks.setBrush(QColor(colors.text))
        self._marks.setPen(None)
        font = QFont()
        font.setPointSizeF(max(font.pointSizeF() - 1.5, 7))
        for plot in (self.voltage, self.current):
            write_numbers(plot, colors.numbers)
            for side in ("left", "bottom"):
                axis = plot.getAxis(side)
                axis.setPen(colors.faint)
                axis.setTextPen(colors.text)
                axis.setStyle(tickFont=font)
                axis.label.setFont(font)

    def show_curve(self, curve: Curve | None) -> None:
        """Draw a curve, or nothing."""
        if curve is None or not len(curve.time_s):
            self._voltage_line.setData([], [])
            self._current_line.setData([], [])
            self._marks.setData([], [])
            return
        hours = curve.time_s / 3600
        self._voltage_line.setData(hours, curve.voltage_V)
        self._current_line.setData(hours, curve.current_A * 1e3)
        at = curve.time_s.searchsorted(curve.spectra_s).clip(0, len(hours) - 1)
        self._marks.setData([time / 3600 for time in curve.spectra_s], curve.voltage_V[at])
        self.voltage.autoRange()
        self.current.autoRange()
