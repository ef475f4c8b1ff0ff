"""A spectrum with its fit in the complex plane, and the residuals of the fit against frequency."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QBrush, QPen

from solbench.analysis.fit_settings import USUAL, FitSettings
from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.number_format import frequency
from solbench.gui.models.common.words import tr
from solbench.gui.models.fit.fit_spectra import Spectrum
from solbench.gui.palette import Colors
from solbench.gui.plots.axes import DecadeAxis, axes_of, style_axes
from solbench.gui.plots.cursor import tell
from solbench.gui.plots.empty import Empty
from solbench.gui.plots.pens import line_pen
from solbench.gui.plots.picking import Picker
from solbench.gui.plots.single import LEFT_OUT, LEFT_WIDTH, SinglePlot, plot_unknown
from solbench.gui.plots.view import View

DENSE = 300
AXIS_HEIGHT = 24  # pixels, with or without numbers
START = tr("start values")


class FitPlot(SinglePlot):
    """Measured points and the fitted line, equal scales; the ends of the window can be dragged along the points.

    Points that are left out are hollow. While points are picked, `picked` gives the places of those that were.
    """

    window_dragged = Signal(float, float)
    picked = Signal(list)

    def __init__(self, colors: Colors) -> None:
        super().__init__(
            tr("Spectrum and fit"), "−Z″", "Z′", unit="Ω", legend=True, without=tr("no spectrum")
        )
        self._spectrum: Spectrum | None = None
        self._settings = USUAL
        self.getPlotItem().setAspectLocked(True)
        self.ends: list[pg.TargetItem] = []
        self.picker = Picker(self.getPlotItem(), self._points, self.picked.emit)
        self.start = pg.PlotCurveItem(name=START)
        self._start: Array | None = None
        self.set_colors(colors)

    def show_start(self, curve: Array | None) -> None:
        """Draw where the search would start (ohm), dashed; None: nothing."""
        self._start = curve
        self._draw_start()

    def _draw_start(self) -> None:
        if self._start is not None:
            self.start.setData(self._start.real, -self._start.imag)
        put_start(self.getPlotItem(), self.start, self.colors, self._start is not None)

    def pick(self, on: bool) -> None:
        """Begin or end picking points; meanwhile nothing else answers to the mouse."""
        self.picker.turn(on)
        if self.pointer is not None:
            self.pointer.marks = not on
        self.redraw()

    def _points(self) -> tuple[Array, Array]:
        if self._spectrum is None:
            return np.empty(0), np.empty(0)
        return self._spectrum.impedance_ohm.real, -self._spectrum.impedance_ohm.imag

    def show_spectrum(self, spectrum: Spectrum | None, settings: FitSettings = USUAL) -> None:
        """Draw a spectrum and its fit; points that are left out or outside the window are hollow and faint."""
        another = spectrum is not self._spectrum
        self._spectrum, self._settings = spectrum, settings
        self.redraw()
        if another and spectrum is not None:
            self._place(spectrum.impedance_ohm)

    def redraw(self) -> None:
        """Draw the spectrum in the present colours."""
        item, spectrum = self.getPlotItem(), self._spectrum
        item.clear()
        self.legend.clear()
        self.ends = []
        if spectrum is None:
            return
        zero = line_pen(self.colors.line, width=1)
        item.addItem(pg.InfiniteLine(0.0, angle=0, pen=zero), ignoreBounds=True)
        inside = self._settings.inside(spectrum.frequency_Hz)
        z = spectrum.impedance_ohm
        self._dots(spectrum.frequency_Hz[inside], z[inside], tr("measured"))
        out_Hz, out = spectrum.frequency_Hz[~inside], z[~inside]
        kept = spectrum.kept_out
        out = np.append(out, kept["real_ohm"] + 1j * kept["imaginary_ohm"])
        if len(out):
            self._dots(np.append(out_Hz, kept["frequency_Hz"]), out, LEFT_OUT)
        if len(spectrum.unknown):
            plot_unknown(item, spectrum.unknown["real_ohm"], -spectrum.unknown["imaginary_ohm"], self.colors)
        model = spectrum.fitted(np.geomspace(*spectrum.fitted_range_Hz, DENSE))
        if model is not None:
            item.plot(model.real, -model.imag, pen=line_pen(self.colors.current, width=1), name=tr("fit"))
        self._draw_start()
        self._mark_ends(spectrum, inside)

    def _dots(self, frequency_Hz: Array, z: Array, name: str) -> None:
        pen, brush = looks_of_points(self.colors, name)
        dots = self.getPlotItem().plot(
            z.real, -z.imag, pen=None, symbol="o", symbolSize=7, symbolPen=pen, symbolBrush=brush, name=name
        )
        tell(dots, [frequency(float(value)) for value in frequency_Hz])

    def _mark_ends(self, spectrum: Spectrum, inside: Array) -> None:
        """Put a handle labelled with its frequency at each end of the window."""
        places = np.flatnonzero(inside)
        if len(places) < 2 or self.picker.on:
            return
        f, z = spectrum.frequency_Hz, spectrum.impedance_ohm
        both = places[np.argmax(f[places])], places[np.argmin(f[places])]
        left = min(both, key=lambda place: float(z[place].real))
        for place in both:
            end = pg.TargetItem(
                (float(z[place].real), -float(z[place].imag)),
                size=15,
                symbol="d",
                pen=line_pen(self.colors.accent, width=2),
                hoverPen=line_pen(self.colors.text, width=2),
                brush=pg.mkBrush(None),
                label=frequency(float(f[place])),
                # beside the curve, not on it
                labelOpts={"color": self.colors.text, "anchor": (place == left, 0.5), "offset": (0, -4)},
            )
            end.setToolTip(
                tr("Drag along the points: only the frequencies between the two diamonds are fitted")
            )
            end.sigPositionChangeFinished.connect(self._dragged)
            self.addItem(end, ignoreBounds=True)
            self.ends.append(end)

    def _dragged(self, _end: object) -> None:
        """Take the measured points nearest to the handles on the screen."""
        spectrum = self._spectrum
        if spectrum is None:
            return
        z, f = spectrum.impedance_ohm, spectrum.frequency_Hz
        chosen = []
        for end in self.ends:
            place = end.pos()
            chosen.append(float(f[np.argmin(np.hypot(z.real - place.x(), -z.imag - place.y()))]))
        self.window_dragged.emit(min(chosen), max(chosen))

    def _place(self, z: Array) -> None:
        """Leave out the inductive tail, which would compress everything else."""
        shown = z[z.imag <= 0.0] if np.count_nonzero(z.imag <= 0.0) > 1 else z
        up = -shown.imag
        self.getPlotItem().vb.setRange(
            xRange=(float(shown.real.min()), float(shown.real.max())),
            yRange=(min(float(up.min()), 0.0), float(up.max())),
            padding=0.12,
        )


def put_start(plot: pg.PlotItem, line: pg.PlotCurveItem, colors: Colors, wanted: bool) -> None:
    """Put the dashed curve at the start values into a plot, or take it out."""
    line.setPen(line_pen(colors.text, width=1.5, style=Qt.PenStyle.DashLine))
    if wanted and line.scene() is None:
        plot.addItem(line, ignoreBounds=True)
    elif not wanted and line.scene() is not None:
        plot.removeItem(line)


def looks_of_points(colors: Colors, name: str) -> tuple[QPen, QBrush]:
    """Return pen and brush of measured points, full, or of those that are left out, hollow and faint."""
    if name == LEFT_OUT:
        return line_pen(colors.faint, width=1), pg.mkBrush(None)
    return line_pen(colors.voltage, width=1), pg.mkBrush(colors.voltage)


class ResidualPlot(pg.GraphicsLayoutWidget):
    """The residuals of the fit beside those of the Kramers-Kronig test, in % of |Z| against frequency."""

    def __init__(self, colors: Colors) -> None:
        super().__init__()
        self.setAccessibleName(tr("Residuals of the fit and of the Kramers-Kronig test"))
        self.setMinimumSize(180, 110)
        self.ci.layout.setContentsMargins(2, 2, 8, 2)
        self._shown: tuple[Spectrum | None, FitSettings] = (None, USUAL)
        self.of_fit, self.of_kk = self._plot(0), self._plot(1)
        self.of_fit.setLabel("left", tr("residual (%)"))
        self.of_kk.setXLink(self.of_fit)
        self.of_kk.setYLink(self.of_fit)
        self.empty = Empty(self.of_fit, tr("no residuals")), Empty(self.of_kk, tr("no residuals"))
        self.set_colors(colors)

    def set_colors(self, colors: Colors) -> None:
        """Set the colours."""
        self.colors = colors
        self.setBackground(colors.base)
        for plot in (self.of_fit, self.of_kk):
            style_axes(plot, colors)
        for empty in self.empty:
            empty.set_colors(colors)
        self.show_spectrum(*self._shown)

    def show_spectrum(self, spectrum: Spectrum | None, settings: FitSettings = USUAL) -> None:
        """Draw both residuals of a spectrum on one scale."""
        self._shown = (spectrum, settings)
        self.of_fit.clear()
        self.of_kk.clear()
        if spectrum is None:
            return
        largest = 0.0
        kk, left = spectrum.kk_residuals(settings), spectrum.residuals
        if kk is not None:
            largest = self._draw(self.of_kk, *kk)
        if left is not None:
            known = np.isfinite(left)
            largest = max(largest, self._draw(self.of_fit, spectrum.frequency_Hz[known], left[known]))
        for plot, what, there in (
            (self.of_fit, tr("fit"), left is not None),
            (self.of_kk, tr("Kramers-Kronig"), kk is not None),
        ):
            words = tr("{what}: ○ real, □ imaginary", what=what) if there else f"{what}: –"
            plot.setTitle(words, color=self.colors.text, size="8pt")
        x, reach = np.log10(spectrum.frequency_Hz), 100.0 * max(largest, 1e-6)
        self.of_fit.vb.setRange(xRange=(x.min(), x.max()), yRange=(-reach, reach), padding=0.08)

    def _draw(self, plot: pg.PlotItem, frequency_Hz: Array, left: Array) -> float:
        """Draw real and imaginary part; return the largest residual."""
        zero = pg.InfiniteLine(0.0, angle=0, pen=line_pen(self.colors.line))
        plot.addItem(zero, ignoreBounds=True)
        for part, name, symbol, color in (
            (left.real, tr("real"), "o", self.colors.voltage),
            (left.imag, tr("imaginary"), "s", self.colors.current),
        ):
            plot.plot(
                np.log10(frequency_Hz),
                100.0 * part,
                pen=line_pen(color, width=1),
                symbol=symbol,
                symbolSize=5,
                symbolPen=line_pen(color),
                symbolBrush=None,
                name=name,
            )
        return max(float(np.abs(left.real).max()), float(np.abs(left.imag).max()))

    def _plot(self, column: int) -> pg.PlotItem:
        axes = axes_of(bottom=DecadeAxis("bottom", "Hz"))
        plot = self.addPlot(row=0, col=column, axisItems=axes, viewBox=View())
        plot.hideButtons()
        plot.getAxis("left").setWidth(LEFT_WIDTH if column == 0 else 34)
        plot.getAxis("left").enableAutoSIPrefix(enable=False)
        plot.getAxis("bottom").setHeight(AXIS_HEIGHT)  # linked axes agree only where both plots are as high
        return plot
