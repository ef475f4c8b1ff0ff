"""Curves of several runs, or states, in one plot: distinguished by colour, dash or symbol, and by name."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from solbench.gui.models.common.curves import Curve
from solbench.gui.palette import Colors, ordered_color
from solbench.gui.plots.single import SYMBOLS, SinglePlot

_DASHES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
)
NAMED = 8  # more names than this would hide the curves


class OverlayPlot(SinglePlot):
    """Draws the given curves; the first one names the axes."""

    def __init__(self, colors: Colors, name: str, equal_axes: bool = False) -> None:
        super().__init__(name, legend=True, without="the chosen runs have nothing of this kind")
        self._curves: list[Curve] = []
        self.getPlotItem().setAspectLocked(equal_axes)
        self.set_colors(colors)

    def set_colors(self, colors: Colors) -> None:
        """Set the colours."""
        self.legend.setBrush(pg.mkBrush(colors.panel))
        self.legend.setPen(pg.mkPen(colors.line))
        super().set_colors(colors)

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """Draw curves; each label appears once in the legend."""
        self._curves = list(curves)
        self.redraw()

    def redraw(self) -> None:
        """Draw the curves in the present look."""
        item, curves = self.getPlotItem(), self._curves
        item.clear()
        self.legend.clear()
        self.legend.setVisible(False)
        if not curves:
            return
        item.setLabel("bottom", curves[0].x_name)
        item.setLabel("left", curves[0].y_name)
        for curve in curves:
            self._draw(curve)
        for x, y, text in dict.fromkeys(note for curve in curves for note in curve.notes):
            words = pg.TextItem(text, color=self.colors.text, anchor=(0, 0))
            words.setPos(x, y)
            item.addItem(words, ignoreBounds=True)
        self.legend.setVisible(len(self.legend.items) > 1)
        item.autoRange()

    def _draw(self, curve: Curve) -> None:
        color = ordered_color(self.colors, curve.place, max(curve.count, 2))
        style = _DASHES[curve.place % len(_DASHES)] if not curve.points else Qt.PenStyle.SolidLine
        symbol = SYMBOLS[curve.place % len(SYMBOLS)] if curve.points else None
        drawn = pg.PlotDataItem(
            np.asarray(curve.x, np.float64),
            np.asarray(curve.y, np.float64),
            pen=pg.mkPen(color, width=1, style=style),
            symbol=symbol,
            symbolSize=6,
            symbolPen=pg.mkPen(color),
            symbolBrush=None,
            name=curve.name or None,
        )
        self.getPlotItem().addItem(drawn)
        self.legend.removeItem(drawn)  # where it appears with its full name
        label = curve.label or curve.name
        known = [entry.text for _sample, entry in self.legend.items]
        if label and label not in known and len(known) < NAMED:
            self.legend.addItem(drawn, label)
