"""Distributions of relaxation times with the band and the peaks of one of them, and the peaks over the states."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor

from solbench.analysis.views.distributions import PlainDistribution, State, axis_of, followed
from solbench.fitting.drt.peaks import Peak
from solbench.fitting.laws.arrhenius import INTERVAL
from solbench.gui.models.common.number_format import with_prefix
from solbench.gui.models.common.words import tr
from solbench.gui.models.fit.fit_rows import with_error
from solbench.gui.palette import Colors, ordered_color
from solbench.gui.plots.axes import DecadeAxis
from solbench.gui.plots.pens import line_pen
from solbench.gui.plots.single import SYMBOLS, SinglePlot

BAND_OPACITY = 70
ROOM = 1.3  # above the highest named peak, for its name


class RelaxationPlot(SinglePlot):
    """All distributions in a sequential colour scale; the chosen one thick, with its band and its peaks named."""

    def __init__(self, colors: Colors) -> None:
        super().__init__(
            tr("Distribution of relaxation times"),
            tr("γ(ln τ) (Ω)"),
            tr("time constant"),
            without=tr("no distribution yet"),
        )
        self.getPlotItem().setAxisItems({"bottom": DecadeAxis("bottom", "s")})
        self._states: Sequence[State] = ()
        self._chosen: PlainDistribution | None = None
        self.names: list[pg.TextItem] = []
        self.edges: list[pg.LinearRegionItem] = []
        self.set_colors(colors)

    def show_states(self, states: Sequence[State], chosen: PlainDistribution | None) -> None:
        """Draw distributions, the chosen one on top; one without any values is left out."""
        self._states = [state for state in states if state.drt.tau_s]
        self._chosen = chosen if chosen is not None and chosen.tau_s else None
        self.redraw()

    def redraw(self) -> None:
        """Draw the distributions in the present colours."""
        item = self.getPlotItem()
        item.clear()
        item.setLabel("bottom", tr("time constant"))
        self.names, self.edges = [], []
        for place, state in enumerate(self._states):
            if state.drt is not self._chosen:
                pen = line_pen(ordered_color(self.colors, place, max(len(self._states), 2)), width=1)
                item.plot(np.log10(state.drt.tau_s), np.array(state.drt.gamma_ohm), pen=pen, name=state.label)
        if self._chosen is not None:
            self._draw_chosen(self._chosen)
            self._place(self._chosen)

    def _draw_chosen(self, drt: PlainDistribution) -> None:
        item, x = self.getPlotItem(), np.log10(drt.tau_s)
        faint = QColor(self.colors.voltage)
        faint.setAlpha(BAND_OPACITY)
        thin = line_pen(faint, width=1)
        low, high = (item.plot(x, np.array(y), pen=thin) for y in (drt.low_ohm, drt.high_ohm))
        item.addItem(pg.FillBetweenItem(low, high, brush=pg.mkBrush(faint)))
        item.plot(x, np.array(drt.gamma_ohm), pen=line_pen(self.colors.voltage, width=2), name=tr("chosen"))
        for peak in drt.peaks:
            height = float(np.interp(np.log10(peak.tau_s), x, drt.gamma_ohm))
            if peak.named:
                self._name(peak, height)

    def _name(self, peak: Peak, height: float) -> None:
        words = (
            f"{with_error(peak.resistance_ohm, peak.resistance_stderr_ohm, 'Ω')}\n{with_prefix(peak.tau_s, 's', 2)}, "
            f"{with_prefix(peak.capacitance_F, 'F', 2)}"
        )
        label = pg.TextItem(self.colors.numbers.localized(words), color=self.colors.text, anchor=(0.5, 1.0))
        label.setPos(float(np.log10(peak.tau_s)), height)
        self.addItem(label, ignoreBounds=True)
        self.names.append(label)

    def _place(self, drt: PlainDistribution) -> None:
        """Hatch what the measured frequencies do not show, and leave it out of the scale."""
        x, height = np.log10(drt.tau_s), np.array(drt.high_ohm)
        low, high = np.log10(drt.window_s)
        brush = QBrush(QColor(self.colors.line), Qt.BrushStyle.BDiagPattern)
        for ends in ((float(x[0]), float(low)), (float(high), float(x[-1]))):
            edge = pg.LinearRegionItem(ends, movable=False, brush=brush, pen=line_pen(self.colors.line))
            edge.setZValue(10)
            edge.setToolTip(tr("The measured frequencies do not show these time constants"))
            self.addItem(edge, ignoreBounds=True)
            self.edges.append(edge)
        within = (x >= low) & (x <= high)
        named = [height[(x >= np.log10(p.from_s)) & (x <= np.log10(p.to_s))].max() for p in drt.named]
        top = ROOM * max(named or [float(height[within].max())])
        self.getPlotItem().vb.setRange(xRange=(float(x[0]), float(x[-1])), yRange=(0.0, top), padding=0.0)


class PeaksPlot(SinglePlot):
    """The resistances of the named peaks over the states, each process followed; bars are of 95 %."""

    def __init__(self, colors: Colors) -> None:
        super().__init__(
            tr("Peaks over the spectra, bars of 95 %"),
            tr("R of the peak"),
            legend=True,
            without=tr("no peak is named"),
        )
        self.getPlotItem().setAxisItems({"left": DecadeAxis("left", "Ω")})
        self._states: Sequence[State] = ()
        self.set_colors(colors)

    def show_states(self, states: Sequence[State]) -> None:
        """Draw the peaks of these states against what tells them apart."""
        self._states = states
        self.redraw()

    def redraw(self) -> None:
        """Draw the peaks in the present colours."""
        item = self.getPlotItem()
        item.clear()
        self.legend.clear()
        name, x = axis_of(self._states) if self._states else ("", [])
        item.setLabel("bottom", name)
        item.setLabel("left", tr("R of the peak"))
        tracks = followed(self._states)
        for place, track in enumerate(tracks):
            color = ordered_color(self.colors, place, max(len(tracks), 2))
            at = np.array([x[state] for state, _ in track])
            size, error = np.array([(p.resistance_ohm, p.resistance_stderr_ohm) for _, p in track]).T
            share = INTERVAL * error / size
            ends = np.log10(1.0 + share), -np.log10(1.0 - share)  # a named one is twice its standard error
            beam = 0.01 * max(float(np.ptp(x)), 1e-9)
            self.addItem(
                pg.ErrorBarItem(
                    x=at, y=np.log10(size), top=ends[0], bottom=ends[1], beam=beam, pen=line_pen(color)
                )
            )
            self.plot(
                at,
                np.log10(size),
                pen=line_pen(color, width=1),
                symbol=SYMBOLS[place % len(SYMBOLS)],
                symbolSize=7,
                symbolPen=line_pen(color),
                symbolBrush=None,
                name=with_prefix(track[-1][1].tau_s, "s", 2),
            )
        self.legend.setVisible(bool(tracks))
        item.autoRange()
