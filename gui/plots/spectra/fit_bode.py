"""A spectrum with its fit against frequency, and the frequency window as a band that can be dragged."""

import math
from functools import partial

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QColor

from solbench.analysis.fit_settings import USUAL, FitSettings
from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.words import tr
from solbench.gui.models.fit.fit_spectra import Spectrum
from solbench.gui.palette import Colors
from solbench.gui.plots.pens import line_pen
from solbench.gui.plots.picking import Picker
from solbench.gui.plots.single import LEFT_OUT
from solbench.gui.plots.spectra.fits import DENSE, START, looks_of_points, put_start
from solbench.gui.plots.spectra.magnitude_phase import MagnitudePhasePlot

BAND_OPACITY = 28


class FitBodePlot(MagnitudePhasePlot):
    """The band over both plots is the fitted frequency window; points that are left out are hollow."""

    window_dragged = Signal(float, float)
    picked = Signal(list)

    def __init__(self, colors: Colors) -> None:
        super().__init__(tr("Magnitude and phase with the fit"))
        self._spectrum: Spectrum | None = None
        self._settings = USUAL
        self.bands: list[pg.LinearRegionItem] = []
        self.pickers = [
            Picker(plot, partial(self._points, which), self.picked.emit)
            for which, plot in enumerate((self.magnitude, self.phase))
        ]
        self.start = pg.PlotCurveItem(name=START), pg.PlotCurveItem(name=START)
        self._start: tuple[Array, Array] | None = None
        self.set_colors(colors)

    def show_start(self, frequency_Hz: Array, curve: Array | None) -> None:
        """Draw where the search would start (ohm), dashed; None: nothing."""
        self._start = (frequency_Hz, curve) if curve is not None else None
        self._draw_start()

    def _draw_start(self) -> None:
        for which, (plot, line) in enumerate(zip((self.magnitude, self.phase), self.start, strict=True)):
            if self._start is not None:
                line.setData(np.log10(self._start[0]), self._values(self._start[1])[which][1])
            put_start(plot, line, self.colors, self._start is not None)

    def pick(self, on: bool) -> None:
        """Begin or end picking points; meanwhile nothing else answers to the mouse."""
        for picker, cursor in zip(self.pickers, self.cursors, strict=True):
            picker.turn(on)
            cursor.marks = not on
        self.redraw()

    def _points(self, which: int) -> tuple[Array, Array]:
        if self._spectrum is None:
            return np.empty(0), np.empty(0)
        z = self._spectrum.impedance_ohm
        return np.log10(self._spectrum.frequency_Hz), self._values(z)[which][1]

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
        z, kept = spectrum.impedance_ohm, spectrum.kept_out
        self._dots(f[inside], z[inside], tr("measured"))
        out = np.append(z[~inside], kept["real_ohm"] + 1j * kept["imaginary_ohm"])
        self._dots(np.append(f[~inside], kept["frequency_Hz"]), out, LEFT_OUT)
        self.draw_unknown(spectrum.unknown)
        dense = np.geomspace(*spectrum.fitted_range_Hz, DENSE)
        model = spectrum.fitted(dense)
        if model is not None:
            self.draw_line(dense, model, line_pen(self.colors.current, width=1), tr("fit"))
        self._draw_start()

    def _dots(self, frequency_Hz: Array, z: Array, name: str) -> None:
        if len(frequency_Hz):
            self.draw_dots(frequency_Hz, z, *looks_of_points(self.colors, name), name)

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
                pen=line_pen(color, width=2),
                hoverPen=line_pen(self.colors.text, width=3),
                movable=not self.pickers[0].on,
            )
            band.setZValue(-10)
            band.setToolTip(tr("Drag an edge: only the frequencies between the two edges are fitted"))
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
