"""Curves of several runs, or states, in one plot: distinguished by colour and by dash or symbol, and by name."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.curves import Curve
from solbench.gui.models.common.words import tr
from solbench.gui.palette import Colors, distinct_color, ordered_color
from solbench.gui.plots.cursor import tell
from solbench.gui.plots.pens import line_pen
from solbench.gui.plots.reference import mark_reference
from solbench.gui.plots.saving import SIGN_SIZE, Key, Sign
from solbench.gui.plots.single import SYMBOLS, SinglePlot

DASHES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
    Qt.PenStyle.DashDotDotLine,
)
"""As many as have no divisor in common with the colours: a colour comes back with another dash, forty times."""
NOTHING, WAITS = tr("the chosen runs have nothing of this kind"), tr("reading…")
PALE = 0.6  # of the way to grey: the first state of a run beside its last
FAR = 20.0  # a curve that many times larger than the middle one does not decide what is in view


class OverlayPlot(SinglePlot):
    """Draws the given curves; the first one names the axes. `hidden` are the names of those that are left out."""

    def __init__(self, colors: Colors, name: str, equal_axes: bool = False) -> None:
        super().__init__(name, without=NOTHING)
        self.curves: list[Curve] = []
        self.hidden: frozenset[str] = frozenset()
        self.log_x = self.log_y = False
        self._equal = equal_axes
        self._right: pg.ViewBox | None = None
        self.getPlotItem().setAspectLocked(equal_axes)
        self.set_colors(colors)

    @property
    def shown(self) -> list[Curve]:
        """Get the curves that are drawn."""
        return [curve for curve in self.curves if curve.name not in self.hidden]

    def show_curves(self, curves: Sequence[Curve], *, waits: bool = False) -> None:
        """Draw curves; `waits`: there will be others, so that nothing is said of what the runs do not have."""
        self.empty.say(WAITS if waits else NOTHING)
        self.curves = list(curves)
        self.redraw()

    def hide_curves(self, names: frozenset[str]) -> None:
        """Leave out the curves of these names."""
        if names != self.hidden:
            self.hidden = names
            self.redraw()

    def set_log(self, *, x: bool, y: bool) -> None:
        """Draw on logarithmic axes, or not; values that have no logarithm are left out."""
        self.log_x, self.log_y = x, y
        self.getPlotItem().setLogMode(x=x, y=y)
        self.getPlotItem().getAxis("right").setLogMode(x=False, y=False)
        self.redraw()

    def legend_entries(self) -> list[Key]:
        """Return the legend: the pen, the sign and the name of each curve that is drawn."""
        shown = self.shown
        if len(shown) < 2:
            return []
        return [Key(self.pen_of(curve), curve.name, self.sign_of(curve)) for curve in shown if curve.name]

    def pen_of(self, curve: Curve) -> QPen:
        """Return the pen of a curve: runs have colours of their own, states of one run are in order."""
        if curve.label and curve.count > 1:
            color = shade(distinct_color(self.colors, curve.place), curve.state, curve.states)
        else:
            color = ordered_color(self.colors, curve.place, max(curve.count, 2))
        dash = DASHES[(curve.place + 2 * curve.right) % len(DASHES)]
        return line_pen(color, width=1, style=Qt.PenStyle.SolidLine if curve.points else dash)

    def sign_of(self, curve: Curve) -> Sign | None:
        """Return the sign of a curve's points, None for a line: nine hollow ones, then the same filled."""
        if not curve.points:
            return None
        turn, place = divmod(curve.place, len(SYMBOLS))
        return Sign(SYMBOLS[place], filled=bool(turn % 2))

    def redraw(self) -> None:
        """Draw the curves in the present look."""
        item, curves = self.getPlotItem(), self.shown
        item.clear()
        self._clear_right(any(curve.right for curve in curves))
        if not curves:
            return
        item.setLabel("bottom", curves[0].x_name)
        item.setLabel("left", next((curve.y_name for curve in curves if not curve.right), ""))
        for curve in curves:
            self._draw(curve)
        if not (self.log_x or self.log_y):  # where there is no zero
            self._mark_references(curves)
        item.vb.autoRange()
        self._look_at_most(curves)
        if self._right is not None:
            self._right.autoRange()

    def _mark_references(self, curves: Sequence[Curve]) -> None:
        """Label what is zero by definition, with room below."""
        marked = [curve for curve in curves if curve.references]
        if marked:
            places = dict.fromkeys(x for curve in marked for x in curve.references)
            largest = max(float(np.nanmax(np.abs(curve.y))) for curve in marked)
            mark_reference(self, places, largest, self.colors)

    def _look_at_most(self, curves: Sequence[Curve]) -> None:
        """Leave curves that would squeeze all others out of view: "Show all" has them in."""
        if not self._equal or len(curves) < 2:
            return
        sizes = [max(_span(curve.x), _span(curve.y)) for curve in curves]
        limit = FAR * float(np.median(sizes))
        near = [curve for curve, size in zip(curves, sizes, strict=True) if size <= limit]
        if len(near) < len(curves) and near:
            low, high = _ends([curve.x for curve in near]), _ends([curve.y for curve in near])
            self.getPlotItem().vb.setRange(xRange=low, yRange=high, padding=0.1)

    def _draw(self, curve: Curve) -> None:
        pen, sign = self.pen_of(curve), self.sign_of(curve)
        drawn = pg.PlotDataItem(
            np.asarray(curve.x, np.float64),
            np.asarray(curve.y, np.float64),
            pen=pen,
            symbol=sign.symbol if sign is not None else None,
            symbolSize=SIGN_SIZE,
            symbolPen=line_pen(pen.color()),
            symbolBrush=pen.color() if sign is not None and sign.filled else None,
            name=curve.name or None,
        )
        if curve.at:
            tell(drawn, curve.at)
        if curve.right and self._right is not None:
            drawn.setLogMode(self.log_x, False)  # noqa: FBT003
            self._right.addItem(drawn)
            self.getPlotItem().getAxis("right").setLabel(curve.y_name)
        else:
            self.getPlotItem().addItem(drawn)

    def _clear_right(self, wanted: bool) -> None:
        """Make the second axis when it is first wanted; it has the same x."""
        item = self.getPlotItem()
        if self._right is None and wanted:
            self._right = pg.ViewBox(enableMenu=False)
            item.scene().addItem(self._right)
            item.getAxis("right").linkToView(self._right)
            item.getAxis("right").enableAutoSIPrefix(enable=False)
            self._right.setXLink(item.vb)
            item.vb.sigResized.connect(self._place_right)
        if self._right is not None:
            self._right.clear()
            self._place_right()
        item.showAxis("right", show=wanted)

    def _place_right(self) -> None:
        if self._right is not None:
            self._right.setGeometry(self.getPlotItem().vb.sceneBoundingRect())


def shade(color: str, state: int, states: int) -> str:
    """Return the colour of a run for one of its states: from pale to full, as the run goes on."""
    if states < 2:
        return color
    own = QColor(color)
    share = PALE * (1.0 - state / (states - 1))
    grey = 0.62
    mixed = [(1.0 - share) * part + share * grey for part in (own.redF(), own.greenF(), own.blueF())]
    return QColor.fromRgbF(*mixed).name()


def _span(values: Array) -> float:
    finite = values[np.isfinite(values)]
    return float(np.ptp(finite)) if len(finite) else 0.0


def _ends(parts: Sequence[Array]) -> tuple[float, float]:
    values = np.concatenate(parts)
    values = values[np.isfinite(values)]
    return float(values.min()), float(values.max())
