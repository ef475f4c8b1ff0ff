"""A spectrum with its fit in the complex plane, and what the fit leaves over against frequency."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg

from gui.models.fitting import Spectrum
from gui.palette import Colors
from gui.plots.axes import DecadeAxis
from gui.plots.time_plot import style_axes

DENSE = 300


class FitPlot(pg.PlotWidget):
    """Measured points and the fitted line, equal scales."""

    def __init__(self, colors: Colors) -> None:
        super().__init__()
        self.setAccessibleName("Spectrum and fit")
        self.setMinimumSize(180, 150)
        self._spectrum: Spectrum | None = None
        item = self.getPlotItem()
        item.setAspectLocked(True)
        item.hideButtons()
        item.setLabel("left", "−Z″", units="Ω")
        item.setLabel("bottom", "Z′", units="Ω")
        item.getAxis("left").setWidth(62)
        self.legend = item.addLegend(offset=(-12, 8))
        self.set_colors(colors)

    def set_colors(self, colors: Colors) -> None:
        """Change the look."""
        self.colors = colors
        self.setBackground(colors.base)
        style_axes(self.getPlotItem(), colors)
        self.legend.setLabelTextColor(colors.text)
        self.show_spectrum(self._spectrum)

    def show_spectrum(self, spectrum: Spectrum | None) -> None:
        """Draw a spectrum and its fit."""
        self._spectrum = spectrum
        item = self.getPlotItem()
        item.clear()
        self.legend.clear()
        if spectrum is None:
            return
        zero = pg.mkPen(self.colors.line, width=1)
        item.addItem(pg.InfiniteLine(0.0, angle=0, pen=zero), ignoreBounds=True)
        z, pen = spectrum.impedance_ohm, pg.mkPen(self.colors.voltage)
        item.plot(
            z.real,
            -z.imag,
            pen=None,
            symbol="o",
            symbolSize=7,
            symbolPen=pen,
            symbolBrush=None,
            name="measured",
        )
        f = spectrum.frequency_Hz
        model = spectrum.fitted(np.geomspace(f.min(), f.max(), DENSE))
        if model is not None:
            item.plot(model.real, -model.imag, pen=pg.mkPen(self.colors.current, width=1), name="fit")
        self._place(z)

    def _place(self, z: np.ndarray) -> None:
        """Leave out the inductive tail, which would squeeze everything else."""
        shown = z[z.imag <= 0.0] if np.count_nonzero(z.imag <= 0.0) > 1 else z
        up = -shown.imag
        self.getPlotItem().vb.setRange(
            xRange=(float(shown.real.min()), float(shown.real.max())),
            yRange=(min(float(up.min()), 0.0), float(up.max())),
            padding=0.12,
        )


class ResidualPlot(pg.PlotWidget):
    """Residuals of real and imaginary part, in % of |Z|, against frequency."""

    def __init__(self, colors: Colors) -> None:
        super().__init__(axisItems={"bottom": DecadeAxis("bottom", "Hz")})
        self.setAccessibleName("Residuals of the fit")
        self.setMinimumSize(180, 110)
        self._spectrum: Spectrum | None = None
        item = self.getPlotItem()
        item.hideButtons()
        item.setLabel("left", "residual (%)")
        item.setLabel("bottom", "frequency")
        item.getAxis("left").setWidth(62)
        item.getAxis("left").enableAutoSIPrefix(False)
        self.legend = item.addLegend(offset=(-12, 4), colCount=2)
        self.set_colors(colors)

    def set_colors(self, colors: Colors) -> None:
        """Change the look."""
        self.colors = colors
        self.setBackground(colors.base)
        style_axes(self.getPlotItem(), colors)
        self.legend.setLabelTextColor(colors.text)
        self.show_spectrum(self._spectrum)

    def show_spectrum(self, spectrum: Spectrum | None) -> None:
        """Draw what the fit of a spectrum leaves over."""
        self._spectrum = spectrum
        item = self.getPlotItem()
        item.clear()
        self.legend.clear()
        left = spectrum.residuals if spectrum is not None else None
        if spectrum is None or left is None:
            return
        item.addItem(pg.InfiniteLine(0.0, angle=0, pen=pg.mkPen(self.colors.line)), ignoreBounds=True)
        x = np.log10(spectrum.frequency_Hz)
        for part, name, symbol, color in (
            (left.real, "real", "o", self.colors.voltage),
            (left.imag, "imaginary", "s", self.colors.current),
        ):
            item.plot(
                x,
                100.0 * part,
                pen=pg.mkPen(color, width=1),
                symbol=symbol,
                symbolSize=5,
                symbolPen=pg.mkPen(color),
                symbolBrush=None,
                name=name,
            )
        largest = 100.0 * max(float(np.abs(left.real).max()), float(np.abs(left.imag).max()), 1e-6)
        item.vb.setRange(xRange=(x.min(), x.max()), yRange=(-largest, 2.0 * largest), padding=0.04)
