"""Impedance against frequency: magnitude above, phase below, one frequency axis."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QWidget

from gui.models.spectrum import SpectrumTrack
from gui.palette import Colors, ordered_color
from gui.plots.axes import DecadeAxis
from gui.plots.time_plot import style_axes


class BodePlot(pg.GraphicsLayoutWidget):
    """Shows spectra in an ordered scale of colours."""

    def __init__(self, colors: Colors, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Bode plot")
        self.setMinimumSize(180, 150)
        self.ci.layout.setContentsMargins(2, 2, 8, 2)
        self.ci.layout.setSpacing(2)
        self._tracks: list[SpectrumTrack] = []
        self.magnitude = self._plot(0, {"left": DecadeAxis("left", "Ω")})
        self.magnitude.setLabel("left", "|Z|")
        self.magnitude.getAxis("bottom").setStyle(showValues=False)
        self.phase = self._plot(1, {})
        self.phase.setLabel("left", "−phase (°)")
        self.phase.setLabel("bottom", "frequency")
        self.phase.setXLink(self.magnitude)
        self.set_colors(colors)

    def set_colors(self, colors: Colors) -> None:
        """Change the look."""
        self._colors = colors
        self.setBackground(colors.base)
        for plot in (self.magnitude, self.phase):
            style_axes(plot, colors)
        self.show_spectra(self._tracks)

    def show_spectra(self, tracks: list[SpectrumTrack]) -> None:
        """Draw spectra, the newest last and on top."""
        self._tracks = list(tracks)
        self.magnitude.clear()
        self.phase.clear()
        for place, track in enumerate(self._tracks):
            points = track.points
            if len(points) == 0:
                continue
            pen = pg.mkPen(ordered_color(self._colors, place, max(len(self._tracks), 2)), width=1)
            z = points["real_ohm"] + 1j * points["imaginary_ohm"]
            x = np.log10(points["frequency_Hz"])
            self.magnitude.plot(x, np.log10(np.abs(z)), pen=pen)
            self.phase.plot(x, -np.degrees(np.angle(z)), pen=pen)

    def _plot(self, row: int, axes: dict[str, pg.AxisItem]) -> pg.PlotItem:
        plot = self.addPlot(row=row, col=0, axisItems={"bottom": DecadeAxis("bottom", "Hz"), **axes})
        plot.getAxis("left").setWidth(58)
        plot.hideButtons()
        return plot
