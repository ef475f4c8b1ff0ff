"""Curves of several runs, or states, in one plot: told apart by colour, dash or symbol, and by name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from gui.models.curves import Curve
from gui.palette import Colors, ordered_color
from gui.plots.time_plot import style_axes

_DASHES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
)
_SYMBOLS = ("o", "s", "t1", "d", "star", "p", "h", "+")
NAMED = 8  # more names than that hide the curves


class OverlayPlot(pg.PlotWidget):
    """Draws what it is given; the axes are named by the first curve."""

    def __init__(self, colors: Colors, name: str, equal_axes: bool = False) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setMinimumSize(180, 150)
        self._curves: list[Curve] = []
        item = self.getPlotItem()
        item.hideButtons()
        item.setAspectLocked(equal_axes)
        item.getAxis("left").setWidth(62)
        for side in ("left", "bottom"):
            item.getAxis(side).enableAutoSIPrefix(False)
        self.legend = item.addLegend(offset=(-12, 8))
        self.set_colors(colors)

    def set_colors(self, colors: Colors) -> None:
        """Change the look."""
        self.colors = colors
        self.setBackground(colors.base)
        style_axes(self.getPlotItem(), colors)
        self.legend.setLabelTextColor(colors.text)
        self.legend.setBrush(pg.mkBrush(colors.panel))
        self.legend.setPen(pg.mkPen(colors.line))
        self.show_curves(self._curves)

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """Draw curves; each label stands in the legend once."""
        self._curves = list(curves)
        item = self.getPlotItem()
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
        symbol = _SYMBOLS[curve.place % len(_SYMBOLS)] if curve.points else None
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
        self.legend.removeItem(drawn)  # where it stands by its whole name
        label = curve.label or curve.name
        known = [entry.text for _sample, entry in self.legend.items]
        if label and label not in known and len(known) < NAMED:
            self.legend.addItem(drawn, label)
