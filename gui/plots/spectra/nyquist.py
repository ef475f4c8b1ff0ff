"""Impedance in the complex plane: always equal scales, -Z'' up, decades of frequency labelled.

Points for which the bench is not known are faint crosses beside the curve.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.number_format import frequency
from solbench.gui.models.common.words import tr
from solbench.gui.palette import Colors, ordered_color
from solbench.gui.plots.cursor import tell
from solbench.gui.plots.pens import line_pen
from solbench.gui.plots.single import SYMBOLS, SinglePlot, plot_unknown
from solbench.gui.plots.spectra.gradual import MARKED, Gradual, Same

if TYPE_CHECKING:
    from solbench.gui.models.run.spectrum import SpectrumTrack

HEADROOM = 0.1
GROUND_ALPHA = 190  # of 255: labels of decades stay readable where curves run behind them


class NyquistPlot(SinglePlot):
    """Shows spectra in a sequential colour scale, each with its own symbol."""

    def __init__(self, colors: Colors) -> None:
        super().__init__(tr("Nyquist plot"), "−Z″", "Z′", unit="Ω", without=tr("no spectrum yet"))
        self.hide_inductive = True
        self.show_all = False
        self._tracks: list[SpectrumTrack] = []
        self._marks: list[pg.TextItem] = []
        zero = [pg.InfiniteLine(0.0, angle=angle) for angle in (0, 90)]
        for line in zero:
            self.getPlotItem().addItem(line, ignoreBounds=True)
        self._zero = zero
        self._curves = Gradual(self, [self.getPlotItem()], self._draw)
        self.getPlotItem().setAspectLocked(True)
        self.getPlotItem().vb.sigRangeChanged.connect(lambda *_: self._thin_marks())
        self.set_colors(colors)

    def show_spectra(self, tracks: list[SpectrumTrack]) -> None:
        """Draw spectra, the newest last and on top."""
        self._tracks = list(tracks)
        self.redraw()

    def redraw(self) -> None:
        """Draw the spectra in the present colours."""
        for line in self._zero:
            line.setPen(line_pen(self.colors.line, width=1))
        self._curves.show([self._key(place) for place in range(len(self._tracks))])
        self._mark_newest()
        self._place()
        self._thin_marks()

    def _place(self) -> None:
        """Zoom to the newest spectrum, or to all; a fresh electrode's would shrink the others to dots."""
        shown = [self._shown(track) for track in self._tracks]
        shown = [spectrum for spectrum in shown if len(spectrum[0]) > 1]
        if not shown:
            return
        if not self.show_all:
            shown = shown[-1:]
        real = np.concatenate([spectrum[0] for spectrum in shown])
        up = np.concatenate([spectrum[1] for spectrum in shown])
        left, right = min(float(real.min()), 0.0) if self.show_all else float(real.min()), float(real.max())
        low, high = min(float(up.min()), 0.0), float(up.max())
        high += HEADROOM * (high - low)  # for the label of the decade at the top
        self.getPlotItem().vb.setRange(xRange=(left, right), yRange=(low, high), padding=0.15)

    def finish_drawing(self) -> None:
        """Draw at once what is still to be drawn."""
        self._curves.finish()

    def _key(self, place: int) -> tuple[object, ...]:
        """Return what the curve of a spectrum depends on; the numbers of points and of a fit change as a whole."""
        track, count = self._tracks[place], len(self._tracks)
        color = ordered_color(self.colors, place, max(count, 2))
        marked = count - place <= MARKED
        return (
            color,
            self.colors.name,
            marked,
            self.hide_inductive,
            track.label,
            Same(track.points),
            Same(track.fitted_ohm),
        )

    def _draw(self, place: int) -> None:
        track = self._tracks[place]
        seen = track.points["imaginary_ohm"] <= 0.0 if self.hide_inductive else True
        unknown = track.points[~track.is_known & seen]
        if len(unknown):
            plot_unknown(self.getPlotItem(), unknown["real_ohm"], -unknown["imaginary_ohm"], self.colors)
        real, up, frequency_Hz = self._shown(track)
        if len(real) == 0:
            return
        count = len(self._tracks)
        color, marked = ordered_color(self.colors, place, max(count, 2)), count - place <= MARKED
        if marked and track.fitted_ohm is not None and len(track.fitted_ohm) == len(track.points):
            fitted = track.fitted_ohm[self._is_shown(track)]
            self.plot(fitted.real, -fitted.imag, pen=line_pen(color, width=1), antialias=True)
        drawn = self.plot(
            real,
            up,
            pen=line_pen(color, width=1) if track.fitted_ohm is None or not marked else None,
            symbol=SYMBOLS[place % len(SYMBOLS)] if marked else None,
            symbolSize=6,
            symbolPen=line_pen(color),
            symbolBrush=None,
            antialias=True,
            name=track.label,
        )
        tell(drawn, [frequency(float(value)) for value in frequency_Hz])

    def _shown(self, track: SpectrumTrack) -> tuple[Array, Array, Array]:
        points = track.points[self._is_shown(track)]
        return points["real_ohm"], -points["imaginary_ohm"], points["frequency_Hz"]

    def _is_shown(self, track: SpectrumTrack) -> Array:
        """Return of each point whether it is on the curve."""
        if self.hide_inductive:
            return np.asarray(track.is_known & (track.points["imaginary_ohm"] <= 0.0))
        return track.is_known

    def _mark_newest(self) -> None:
        for label in self._marks:
            self.removeItem(label)
        self._marks.clear()
        if self._tracks:
            self._mark_decades(*self._shown(self._tracks[-1]))

    def _mark_decades(self, real: Array, up: Array, frequency_Hz: Array) -> None:
        """Write the frequency at the point of each whole decade."""
        ground = QColor(self.colors.base)
        ground.setAlpha(GROUND_ALPHA)
        for x, y, value in zip(real, up, frequency_Hz, strict=True):
            if abs(math.log10(value) - round(math.log10(value))) > 0.01:
                continue
            text = self.colors.numbers.localized(frequency(float(value)))
            label = pg.TextItem(text, color=self.colors.text, anchor=(0.5, 1.3), fill=ground)
            label.setPos(x, y)
            label.setZValue(1.0)  # above all curves
            self.addItem(label, ignoreBounds=True)
            self._marks.append(label)

    def _thin_marks(self) -> None:
        """Hide decade labels that would overlap others at the present zoom."""
        box = self.getPlotItem().vb
        kept: list[QRectF] = []
        for label in self._marks:
            place = box.mapViewToScene(label.pos())
            size = label.textItem.boundingRect()
            above = place.y() - 1.3 * size.height() >= box.sceneBoundingRect().top()
            label.setAnchor((0.5, 1.3 if above else -0.3))
            top = place.y() - size.height() if above else place.y()
            rect = QRectF(place.x() - size.width() / 2, top, size.width(), size.height())
            free = not any(rect.intersects(other) for other in kept)
            label.setVisible(free)
            if free:
                kept.append(rect)
