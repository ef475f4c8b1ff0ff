"""The point under the mouse in words, with its frequency or state; after a click, how far it is from that point."""

import math
from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt

from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.number_format import elapsed, with_prefix
from solbench.gui.palette import Colors
from solbench.gui.plots.axes import DecadeAxis, TimeAxis
from solbench.gui.plots.pens import line_pen

REACH = 40.0  # pixels from a point at which it is meant
RING = 11
_told: WeakKeyDictionary[object, Sequence[str]] = WeakKeyDictionary()

Drawn = pg.PlotDataItem | pg.PlotCurveItem


def tell(item: Drawn, texts: Sequence[str]) -> None:
    """Say what the cursor adds at each point of a curve, such as its frequency."""
    _told[item] = texts


class Cursor:
    """Follows the mouse over one plot. A click marks a point, from which differences count; another takes it back.

    `words` is what it says, "" where no point is near.
    """

    def __init__(self, plot: pg.PlotItem, colors: Colors) -> None:
        self._plot = plot
        self._colors = colors
        self._marked: tuple[float, float] | None = None
        self.words = ""
        self.marks = True  # a click marks a point
        self._shown: tuple[pg.TextItem, list[pg.ScatterPlotItem]] | None = None
        plot.scene().sigMouseMoved.connect(self._moved)
        plot.scene().sigMouseClicked.connect(self._clicked)

    def set_colors(self, colors: Colors) -> None:
        """Set the colours."""
        self._colors = colors
        if self._shown is not None:
            self._color(*self._shown)

    def _color(self, text: pg.TextItem, rings: list[pg.ScatterPlotItem]) -> None:
        text.setColor(self._colors.text)
        text.fill = pg.mkBrush(self._colors.base)
        for ring, color in zip(rings, (self._colors.text, self._colors.accent), strict=True):
            ring.setPen(line_pen(color, width=2))
            ring.setBrush(pg.mkBrush(None))

    def _parts(self) -> tuple[pg.TextItem, list[pg.ScatterPlotItem]]:
        """Return the text and the two rings, made when they are first needed: over most plots no mouse ever comes."""
        if self._shown is None:
            text = pg.TextItem("", anchor=(0, 0))
            text.setParentItem(self._plot.vb)
            text.setZValue(50)
            rings = [pg.ScatterPlotItem(symbol="o", size=RING) for _ in range(2)]
            for ring in rings:
                ring.setZValue(40)
            self._color(text, rings)
            self._shown = text, rings
        return self._shown

    def clear(self) -> None:
        """Show nothing, and forget the marked point: what was drawn is drawn anew."""
        self._marked, self.words = None, ""
        if self._shown is None:
            return
        text, rings = self._shown
        text.hide()
        for ring in rings:
            if ring.scene() is not None:
                self._plot.removeItem(ring)

    def at(self, position: QPointF) -> tuple[Drawn, int, float, float] | None:
        """Return the drawn point nearest to a place of the scene: its curve, number, x and y as drawn."""
        best, found = REACH, None
        box = self._plot.vb
        (x_low, x_high), (y_low, y_high) = box.viewRange()
        across = box.width() / max(x_high - x_low, 1e-300)
        down = box.height() / max(y_high - y_low, 1e-300)
        here = box.mapSceneToView(position)
        for item in self._plot.listDataItems():
            if isinstance(item, pg.ScatterPlotItem) or not item.isVisible():
                continue
            x, y = item.getData()
            if x is None or y is None or len(x) == 0:
                continue
            far = _distance(x, y, here, across, down)
            nearest = int(np.argmin(far))
            if far[nearest] < best:
                best, found = float(far[nearest]), (item, nearest, float(x[nearest]), float(y[nearest]))
        return found

    def _moved(self, position: QPointF) -> None:
        if not self._plot.vb.sceneBoundingRect().contains(position):
            self._show("")
            return
        found = self.at(position)
        if found is None:
            self._show("")
            return
        item, number, x, y = found
        name = item.name() or ""
        told = _told.get(item, ())
        parts = [name, told[number] if number < len(told) else "", *self._values(x, y)]
        words = "  ".join(part for part in parts if part)
        if self._marked is not None:
            words += "\n" + "  ".join(self._differences(x, y))
        self._ring(0, (x, y))
        self._show(words)

    def _clicked(self, click: "pg.MouseClickEvent") -> None:
        position = click.scenePos()
        if (
            not self.marks
            or click.button() != Qt.MouseButton.LeftButton
            or not self._plot.vb.sceneBoundingRect().contains(position)
        ):
            return
        found = self.at(position)
        if found is None:
            return
        place = found[2:]
        self._marked = None if self._marked == place else place
        self._ring(1, self._marked)
        self._moved(position)

    def _ring(self, which: int, place: tuple[float, float] | None) -> None:
        if place is None and self._shown is None:
            return
        ring = self._parts()[1][which]
        ring.setData([place[0]] if place else [], [place[1]] if place else [])
        if ring.scene() is None:
            self._plot.addItem(ring, ignoreBounds=True)

    def _show(self, words: str) -> None:
        self.words = words
        if not words and self._shown is None:
            return
        text, _rings = self._parts()
        text.setText(self._colors.numbers.localized(words))
        text.setVisible(bool(words))
        if not words:
            self._ring(0, None)
        text.setPos(4, 0)

    def _values(self, x: float, y: float) -> list[str]:
        return [self._written(side, value) for side, value in (("bottom", x), ("left", y))]

    def _differences(self, x: float, y: float) -> list[str]:
        assert self._marked is not None
        found = []
        for side, now, before in zip(("bottom", "left"), (x, y), self._marked, strict=True):
            axis = self._plot.getAxis(side)
            if isinstance(axis, DecadeAxis) or axis.logMode:
                found.append(f"× {10 ** (now - before):.4g}")
            else:
                found.append(f"Δ {self._written(side, now - before)}")
        return found

    def _written(self, side: str, value: float) -> str:
        axis = self._plot.getAxis(side)
        if isinstance(axis, DecadeAxis):
            return with_prefix(10.0**value, axis.unit)
        if axis.logMode:
            value = 10.0**value
        if isinstance(axis, TimeAxis):
            return f"{'−' if value < 0 else ''}{elapsed(abs(value))}"
        name = axis.labelText or ""
        if axis.labelUnits:
            return f"{name} {with_prefix(value, axis.labelUnits)}"
        what, _, unit = name.partition(" (")
        return f"{what} {value:.5g} {unit.partition(')')[0]}".strip()


def _distance(x: Array, y: Array, here: QPointF, across: float, down: float) -> Array:
    far = np.hypot((x - here.x()) * across, (y - here.y()) * down)
    return np.where(np.isfinite(far), far, math.inf)
