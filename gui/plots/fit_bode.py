"""A spectrum with its fit against frequency, and the window of frequencies as a band that can be dragged."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Signal
from PySide6.QtGui import QColor

from analysis.fit_settings import USUAL, FitSettings
from gui.models.fit_spectra import Spectrum
from gui.palette import Colors
from gui.plots.axes import DecadeAxis
from gui.plots.fits import DENSE
from gui.plots.time_plot import style_axes

BAND_OPACITY = 28


class FitBodePlot(pg.GraphicsLayoutWidget):
    """Magnitude above, phase below, one frequency axis; the band over both is what is fitted."""

    window_dragged = Signal(float, float)

    def __init__(self, colors: Colors) -> None:
        super().__init__()
        self.setAccessibleName("Magnitude and phase with the fit")
        self.setMinimumSize(180, 150)
        self.ci.layout.setContentsMargins(2, 2, 8, 2)
        self.ci.layout.setSpacing(2)
        self._spectrum: Spectrum | None = None
        self._settings = USUAL
        self.magnitude = self._plot(0, {"left": DecadeAxis("left", "Ω")})
        self.magnitude.setLabel("left", "|Z|")
        self.magnitude.getAxis("bottom").setStyle(showValues=False)
        self.phase = self._plot(1, {})
        self.phase.setLabel("left", "−phase (°)")
        self.phase.setLabel("bottom", "frequency")
        self.phase.setXLink(self.magnitude)
        self.bands: list[pg.LinearRegionItem] = []
        self.set_colors(colors)

    def set_colors(self, colors: Colors) -> None:
        """Change the look."""
        self.colors = colors
        self.setBackground(colors.base)
        for plot in (self.magnitude, self.phase):
            style_axes(plot, colors)
        self.show_spectrum(self._spectrum, self._settings)

    def show_spectrum(self, spectrum: Spectrum | None, settings: FitSettings = USUAL) -> None:
        """Draw a spectrum, its fit, and the window."""
        another = spectrum is not self._spectrum
        self._spectrum, self._settings = spectrum, settings
        self.magnitude.clear()
        self.phase.clear()
        self.bands = []
        if spectrum is None:
            return
        f = spectrum.frequency_Hz
        ends = max(settings.from_Hz, float(f.min())), min(settings.to_Hz, float(f.max()))
        self._band(np.log10(ends), (float(np.log10(f.min())), float(np.log10(f.max()))))
        inside = settings.inside(f)
        self._draw(f[inside], spectrum.impedance_ohm[inside], self.colors.voltage, "o", "measured")
        self._draw(f[~inside], spectrum.impedance_ohm[~inside], self.colors.faint, "o", "left out")
        dense = np.geomspace(*spectrum.fitted_range_Hz, DENSE)
        model = spectrum.fitted(dense)
        if model is not None:
            self._draw(dense, model, self.colors.current, None, "fit")
        if another:
            for plot in (self.magnitude, self.phase):
                plot.vb.autoRange(padding=0.04)

    def _draw(
        self, frequency_Hz: np.ndarray, z: np.ndarray, color: str, symbol: str | None, name: str
    ) -> None:
        if len(frequency_Hz) == 0:
            return
        x, pen = np.log10(frequency_Hz), pg.mkPen(color, width=1)
        looks = {"symbolSize": 6, "symbolPen": pen, "symbolBrush": None, "name": name}
        for plot, y in (
            (self.magnitude, np.log10(np.abs(z))),
            (self.phase, -np.degrees(np.angle(z))),
        ):
            plot.plot(x, y, pen=None if symbol else pen, symbol=symbol, **looks)

    def _band(self, ends: np.ndarray, bounds: tuple[float, float]) -> None:
        """Lay the window over both plots; dragged in one, it moves in the other at once."""
        color = QColor(self.colors.accent)
        faint = QColor(color)
        faint.setAlpha(BAND_OPACITY)
        for plot in (self.magnitude, self.phase):
            band = pg.LinearRegionItem(
                ends,
                bounds=bounds,
                brush=pg.mkBrush(faint),
                hoverBrush=pg.mkBrush(faint),
                pen=pg.mkPen(color, width=2),
                hoverPen=pg.mkPen(self.colors.text, width=3),
            )
            band.setZValue(-10)
            band.setToolTip("Drag an edge: only the frequencies between the two edges are fitted")
            band.sigRegionChanged.connect(self._together)
            band.sigRegionChangeFinished.connect(self._dragged)
            plot.addItem(band, ignoreBounds=True)
            self.bands.append(band)

    def _together(self, moved: pg.LinearRegionItem) -> None:
        for band in self.bands:
            if band is not moved:
                band.blockSignals(True)
                band.setRegion(moved.getRegion())
                band.blockSignals(False)

    def _dragged(self, band: pg.LinearRegionItem) -> None:
        low, high = band.getRegion()
        self.window_dragged.emit(10.0**low, 10.0**high)

    def _plot(self, row: int, axes: dict[str, pg.AxisItem]) -> pg.PlotItem:
        plot = self.addPlot(row=row, col=0, axisItems={"bottom": DecadeAxis("bottom", "Hz"), **axes})
        plot.getAxis("left").setWidth(62)
        plot.hideButtons()
        return plot
