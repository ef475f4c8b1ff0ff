"""Impedance against frequency, as far as it has been measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solbench.gui.models.common.words import tr
from solbench.gui.palette import Colors, ordered_color
from solbench.gui.plots.pens import line_pen
from solbench.gui.plots.spectra.gradual import Gradual, Same
from solbench.gui.plots.spectra.magnitude_phase import MagnitudePhasePlot

if TYPE_CHECKING:
    from solbench.gui.models.run.spectrum import SpectrumTrack


class BodePlot(MagnitudePhasePlot):
    """Shows spectra in a sequential colour scale."""

    def __init__(self, colors: Colors) -> None:
        super().__init__(tr("Bode plot"))
        self._tracks: list[SpectrumTrack] = []
        self._curves = Gradual(self, [self.magnitude, self.phase], self._draw)
        self.set_colors(colors)

    def show_spectra(self, tracks: list[SpectrumTrack]) -> None:
        """Draw spectra, the newest last and on top."""
        self._tracks = list(tracks)
        self.redraw()

    def redraw(self) -> None:
        """Draw the spectra in the present colours."""
        self._curves.show([self._key(place) for place in range(len(self._tracks))])

    def finish_drawing(self) -> None:
        """Draw at once what is still to be drawn."""
        self._curves.finish()

    def _key(self, place: int) -> tuple[object, ...]:
        """Return what the curve of a spectrum depends on; the numbers of points change as a whole."""
        color = ordered_color(self.colors, place, max(len(self._tracks), 2))
        return color, self.colors.name, Same(self._tracks[place].points)

    def _draw(self, place: int) -> None:
        track = self._tracks[place]
        self.draw_unknown(track.points[~track.is_known])
        points = track.points[track.is_known]
        if len(points):
            pen = line_pen(ordered_color(self.colors, place, max(len(self._tracks), 2)), width=1)
            self.draw_line(points["frequency_Hz"], points["real_ohm"] + 1j * points["imaginary_ohm"], pen)
