"""A spectrum with its fit against frequency, and the frequency window as a band that can be dragged."""

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QColor

from solbench.analysis.fit_settings import USUAL, FitSettings
from solbench.gui.models.common.arrays import Array
from solbench.gui.models.fit.fit_spectra import Spectrum
from solbench.gui.palette import Colors
from solbench.gui.plots.spectra.fits import DENSE
from solbench.gui.plots.spectra.magnitude_phase import MagnitudePhasePlot

BAND_OPACITY = 28


class FitBodePlot(MagnitudePhasePlot):
    """The band over both plots is the fitted frequency window."""

    window_dragged = Signal(float, float)

    def __init__(self, colors: Colors) -> None:
        super().__init__("Magnitude and phase with the fit")
        self._spectrum: Spectrum | None = None
        self._settings = USUAL
        self.bands: list[pg.LinearRegionItem] = []
        self.set_colors(colors)

    def show_spectrum(self, spectrum: Spectrum | None, settings: FitSettings = USUAL) -> None:
        """Draw a spectrum, its fit, and the window."""
        another = spectrum is not self._spectrum
        self._spectrum, self._settings = spectrum, settings
        self.redraw()
        if another and spectrum is not None:
            for plot in (self.magnitude, self.phase):
                plot.vb.autoRange(padding=0.04)

    def redraw(self) -> None:
        """Draw the spectrum in the present colours."""
        self.clear_curves()
        self.bands = []
        spectrum, settings = self._spectrum, self._settings
        if spectrum is None:
            return
        f = spectrum.frequency_Hz
        ends = max(settings.from_Hz, float(f.min())), min(settings.to_Hz, float(f.max()))
        self._band(_logs(*ends), _logs(float(f.min()), float(f.max())))
        inside = settings.inside(f)
        self._dots(f[inside], spectrum.impedance_ohm[inside], self.colors.voltage, "measured")
        self._dots(f[~inside], spectrum.impedance_ohm[~inside], self.colors.faint, "left out")
        self.draw_unknown(spectrum.unknown)
        dense = np.geomspace(*spectrum.fitted_range_Hz, DENSE)
        model = spectrum.fitted(dense)
        if model is not None:
            self.draw_line(dense, model, pg.mkPen(self.colors.current, width=1), "fit")

    def _dots(self, frequency_Hz: Array, z: Array, color: str, name: str) -> None:
        if len(frequency_Hz) == 0:
            return
        self.draw_dots(frequency_Hz, z, pg.mkPen(color, width=1), name)

    def _band(self, ends: tuple[float, float], bounds: tuple[float, float]) -> None:
        """Show the window in both plots; dragged in one, it moves in the other at once."""
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
                with QSignalBlocker(band):
                    band.setRegion(moved.getRegion())

    def _dragged(self, band: pg.LinearRegionItem) -> None:
        low, high = band.getRegion()
        self.window_dragged.emit(10.0**low, 10.0**high)


def _logs(low: float, high: float) -> tuple[float, float]:
    return math.log10(low), math.log10(high)
