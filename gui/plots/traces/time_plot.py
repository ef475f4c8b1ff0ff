"""Voltage and current against time: two plots with one time axis, drawn from the trace's pyramid."""

from __future__ import annotations

import math
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.number_format import clock, elapsed, with_prefix
from solbench.gui.models.common.trace import CURRENT, VOLTAGE, Trace
from solbench.gui.models.common.words import tr
from solbench.gui.palette import Colors
from solbench.gui.plots.axes import TimeAxis, axes_of, style_axes
from solbench.gui.plots.cursor import Cursor
from solbench.gui.plots.described import DescribedCurve
from solbench.gui.plots.empty import Empty
from solbench.gui.plots.pens import line_pen
from solbench.gui.plots.view import View

if TYPE_CHECKING:
    from solbench.gui.models.run.ends import Limit

EDGE = 0.1  # the view jumps by this fraction of its width when the trace reaches its edge
NAME_HEIGHT = 18  # pixels of a limit's name
MARKS = 100
MARK_WIDTH = 12  # pixels between starts of steps; closer ones would hide the curve
BEHIND = -10  # starts of steps, under the curve: a step ends where the voltage dips for a moment
SMALLEST_V, SMALLEST_A = 2e-3, 2e-9


def draw_broken(curve: pg.PlotCurveItem, x: Array, y: Array) -> None:
    """Draw a curve, broken where a value is not a number; without such a one the faster way is taken."""
    whole = not np.isnan(y).any()
    curve.setData(x, y, connect="all" if whole else "finite", skipFiniteCheck=whole)


class Drawn(NamedTuple):
    """What a trace was drawn from, and where its curves end: time in s, V, A."""

    edition: int
    pixels: int
    has_head: bool
    last_s: float  # of the samples
    end_s: float
    values: tuple[float, float]


class TimePlot(pg.GraphicsLayoutWidget):
    """Follows a trace. Modes: `all` (the whole run), `follow` (the newest part), `step`, `hold`."""

    mode_changed = Signal(str)
    readout = Signal(str)

    def __init__(self, colors: Colors, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Voltage and current against time"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, 160)
        self.ci.layout.setContentsMargins(2, 8, 8, 2)  # room for half a number at the upper end
        self.ci.layout.setSpacing(2)
        self._trace = Trace(2)
        self._head: tuple[float, float, float] | None = None
        self.mode = "all"
        self._begun: datetime | None = None
        self._step_start_s = 0.0
        self._setting = False
        self._limits: list[pg.InfiniteLine] = []
        self._limits_shown: list[Limit] | None = None
        self._marks: dict[tuple[float, str], pg.InfiniteLine] = {}
        self._y_ranges: dict[int, tuple[float, float]] = {}
        self._drawn: Drawn | None = None
        self.voltage = self._plot(0, "V", "V", bottom=False)
        self.current = self._plot(1, "I", "A", bottom=True)
        self.empty = Empty(self.voltage, tr("no reading yet"), ("left",)), Empty(self.current, "")
        self._reading = pg.TextItem(tr("reading older samples; bars show what they span"), anchor=(1, 0))
        self._reading.setParentItem(self.voltage.vb)
        self._reading.hide()
        self.current.setXLink(self.voltage)
        self.ci.layout.setRowStretchFactor(0, 3)
        self.ci.layout.setRowStretchFactor(1, 2)
        self._curves = {
            column: DescribedCurve(partial(self._describe, column)) for column in (VOLTAGE, CURRENT)
        }
        for column, plot in ((VOLTAGE, self.voltage), (CURRENT, self.current)):
            plot.addItem(self._curves[column], ignoreBounds=True)
        self.voltage.vb.sigXRangeChanged.connect(self._range_changed)
        self.voltage.vb.sigRangeChangedManually.connect(self._moved_by_hand)
        self.current.vb.sigRangeChangedManually.connect(self._moved_by_hand)
        self.scene().sigMouseMoved.connect(self._hover)
        self.cursors = [Cursor(plot, colors) for plot in (self.voltage, self.current)]
        self.set_colors(colors)

    def set_mode(self, mode: str) -> None:
        """Set the display mode: all, follow, step or hold."""
        self.mode = mode
        self.mode_changed.emit(mode)  # of the same mode, too: the button that was clicked stays down
        self.redraw()

    def show_trace(self, trace: Trace, head: tuple[float, float, float] | None, step_start_s: float) -> None:
        """Draw a trace; `head` is the newest reading (s, V, A) if it is not in the file yet."""
        if trace is not self._trace:
            self._y_ranges.clear()
        if trace is not self._trace or step_start_s != self._step_start_s:
            self._drawn = None
        self._trace, self._head, self._step_start_s = trace, head, step_start_s
        if not self._looks_the_same():
            self.redraw()

    def show_clock(self, begun: datetime | None) -> None:
        """Show the time of day for a run that started at `begun`; None: the time since its start."""
        if begun == self._begun:
            return
        self._begun = begun
        for plot in (self.voltage, self.current):
            axis = plot.getAxis("bottom")
            if isinstance(axis, TimeAxis):
                axis.show_clock(begun)

    def show_limits(self, limits: list[Limit]) -> None:
        """Draw limits and ends by voltage as dashed lines with their names."""
        if limits == self._limits_shown:
            return
        self._limits_shown, self._drawn = limits, None
        for line in self._limits:
            self.voltage.removeItem(line)
        self._limits = [self._limit_line(limit) for limit in limits]
        for line in self._limits:
            self.voltage.addItem(line, ignoreBounds=True)

    def show_marks(self, marks: list[tuple[float, str]]) -> None:
        """Draw the starts of steps as thin lines; the newest hundred of them."""
        newest = dict.fromkeys(marks[-MARKS:])
        for mark in self._marks.keys() - newest.keys():
            self.voltage.removeItem(self._marks.pop(mark))
        for mark in newest.keys() - self._marks.keys():
            self._marks[mark] = self._mark_line(*mark)
            self._drawn = None

    def _mark_line(self, time_s: float, name: str) -> pg.InfiniteLine:
        line = pg.InfiniteLine(time_s, angle=90, pen=line_pen(self._colors.line, width=1))
        line.setToolTip(name)
        line.setZValue(BEHIND)
        self.voltage.addItem(line, ignoreBounds=True)
        return line

    def set_colors(self, colors: Colors) -> None:
        """Set the colours."""
        self._colors = colors
        self.setBackground(colors.base)
        for column, color in ((VOLTAGE, colors.voltage), (CURRENT, colors.current)):
            style = Qt.PenStyle.SolidLine
            self._curves[column].setPen(line_pen(color, width=1, style=style))
        for plot in (self.voltage, self.current):
            style_axes(plot, colors)
        for empty in self.empty:
            empty.set_colors(colors)
        for cursor in self.cursors:
            cursor.set_colors(colors)
        self._reading.setColor(colors.text)
        for line in self._marks.values():
            line.setPen(line_pen(colors.line, width=1))
        shown, self._limits_shown = self._limits_shown, None
        if shown is not None:
            self.show_limits(shown)

    def redraw(self) -> None:
        """Draw the visible part; of a run without readings nothing, not what was on show before."""
        if len(self._trace) == 0:
            self._drawn = None
            for curve in self._curves.values():
                curve.setData(np.empty(0), np.empty(0))
            return
        self._place()
        self._draw()

    def _draw(self) -> None:
        x_from, x_to = self.voltage.vb.viewRange()[0]
        pixels = self._pixels
        end_s, values = self._newest_s, list[float]()
        for column, plot in ((VOLTAGE, self.voltage), (CURRENT, self.current)):
            x, y = self._trace.view(column, x_from, x_to, pixels)
            if (
                self._head is not None
                and self._head[0] > self._trace.last_s
                and not self._trace.ends_in_break
            ):
                x, y = np.append(x, self._head[0]), np.append(y, self._head[1 + column])
            draw_broken(self._curves[column], x, y)
            values.append(float(y[-1]) if len(y) else math.nan)
            self._fit_y(column, plot, x_from, x_to)
        self._reading.setVisible(self._trace.ask_for(x_from, x_to, pixels))
        self._reading.setPos(self.voltage.vb.width() - 2, 0)
        self._drawn = Drawn(
            self._trace.edition,
            pixels,
            self._head is not None,
            self._trace.last_s,
            end_s,
            (values[0], values[1]),
        )
        self._show_what_fits()

    @property
    def _pixels(self) -> int:
        return max(int(self.voltage.vb.width()), 100)

    @property
    def _newest_s(self) -> float:
        """Get the time (s) of the newest reading, whether it is in the file or not."""
        return max(self._trace.last_s, self._head[0] if self._head is not None else 0.0)

    def _looks_the_same(self) -> bool:
        """Say whether nothing that is new lies a pixel from where the curves ended when they were drawn last."""
        drawn, trace = self._drawn, self._trace
        if drawn is None or (drawn.edition, drawn.pixels, drawn.has_head) != (
            trace.edition,
            self._pixels,
            self._head is not None,
        ):
            return False
        x_from, x_to = self.voltage.vb.viewRange()[0]
        if not self._newest_s - drawn.end_s < (x_to - x_from) / drawn.pixels:
            return False
        for column, plot in ((VOLTAGE, self.voltage), (CURRENT, self.current)):
            new = [*(trace.extremes(column, math.nextafter(drawn.last_s, math.inf), math.inf) or ())]
            new += [self._head[1 + column]] if self._head is not None else []
            low, high = plot.vb.viewRange()[1]
            pixel = (high - low) / max(plot.vb.height(), 1.0)
            if not all(abs(value - drawn.values[column]) < pixel for value in new):
                return False
        return True

    def _describe(self, column: int) -> str:
        """Describe the displayed points, unless they are the samples."""
        x_from, x_to = self.voltage.vb.viewRange()[0]
        return self._trace.described(column, x_from, x_to, self._pixels)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space follows or holds, A shows all."""
        if event.key() == Qt.Key.Key_Space:
            self.set_mode("hold" if self.mode == "follow" else "follow")
        elif event.key() == Qt.Key.Key_A:
            self.set_mode("all")
        else:
            super().keyPressEvent(event)

    def _plot(self, row: int, name: str, unit: str, bottom: bool) -> pg.PlotItem:
        view = View()
        view.show_all = lambda: self.set_mode("all")
        plot = self.addPlot(row=row, col=0, axisItems=axes_of(bottom=TimeAxis("bottom")), viewBox=view)
        plot.setLabel("left", name, units=unit)
        plot.getAxis("left").setWidth(74)
        plot.getAxis("bottom").setStyle(showValues=bottom)
        plot.vb.setMouseEnabled(x=True, y=False)
        plot.vb.disableAutoRange()
        plot.hideButtons()
        return plot

    def _place(self) -> None:
        """Move the view according to the mode; it jumps ahead so that not every sample redraws the axis."""
        newest = self._newest_s
        x_from, x_to = self.voltage.vb.viewRange()[0]
        width = x_to - x_from
        if self.mode in ("all", "step"):
            start = self._step_start_s if self.mode == "step" else self._trace.first_s
            length = max(newest - start, 1.0)
            if x_from != start or not newest <= x_to <= start + length * (1 + 3 * EDGE):
                self._set_x(start, start + length * (1 + EDGE))
        elif self.mode == "follow" and not x_from + 0.3 * width < newest <= x_to:
            self._set_x(newest - width * (1 - EDGE), newest + width * EDGE)

    def _set_x(self, x_from: float, x_to: float) -> None:
        self._setting = True
        self.voltage.vb.setXRange(x_from, x_to, padding=0)
        self._setting = False

    def _fit_y(self, column: int, plot: pg.PlotItem, x_from: float, x_to: float) -> None:
        """Keep the y range until the data leave it, or fill less than half of it."""
        extremes = self._trace.extremes(column, x_from, x_to)
        if extremes is None:
            return
        low, high = extremes
        if self._head is not None and self.mode != "hold":
            low, high = min(low, self._head[1 + column]), max(high, self._head[1 + column])
        middle, span = (low + high) / 2, max(high - low, SMALLEST_V if column == VOLTAGE else SMALLEST_A)
        now = self._y_ranges.get(column)
        inside = now is not None and now[0] <= low and high <= now[1]
        if now is None or not inside or span < 0.5 * (now[1] - now[0]):
            self._y_ranges[column] = (middle - 0.6 * span, middle + 0.6 * span)
            plot.vb.setYRange(*self._y_ranges[column], padding=0)

    def _show_what_fits(self) -> None:
        """Hide limits outside the view, whose names would extend into it."""
        low, high = self.voltage.vb.viewRange()[1]
        pixel = max(self.voltage.vb.height(), 1.0) / (high - low)
        last, beside = -math.inf, 0
        for line in sorted(self._limits, key=pg.InfiniteLine.value):
            line.setVisible(bool(low < line.value() < high))
            beside = beside + 1 if (line.value() - last) * pixel < NAME_HEIGHT else 0
            line.label.setPosition(0.12 + 0.3 * (beside % 3))  # so that names do not overlap
            last = line.value()
        x_from, x_to = self.voltage.vb.viewRange()[0]
        inside = sum(bool(x_from <= time_s <= x_to) for time_s, _ in self._marks)
        few = inside * MARK_WIDTH < self.voltage.vb.width()
        for (time_s, _), mark in self._marks.items():
            mark.setVisible(few and bool(x_from <= time_s <= x_to))  # Qt takes no boolean of numpy

    def _range_changed(self) -> None:
        """Draw another part; if the user moved the view, a signal of its own follows."""
        if not self._setting and len(self._trace):
            self._draw()

    def _moved_by_hand(self, *_: object) -> None:
        if self.mode != "hold":
            self.mode = "hold"
            self.mode_changed.emit("hold")

    def _limit_line(self, limit: Limit) -> pg.InfiniteLine:
        color = self._colors.alarm if limit.safety else self._colors.warning
        below = limit.voltage_V > 0
        return pg.InfiniteLine(
            limit.voltage_V,
            angle=0,
            pen=line_pen(color, width=1, style=Qt.PenStyle.DashLine),
            label=limit.text,
            labelOpts={
                "color": color,
                "position": 0.12,
                "anchors": [(0, 0), (0, 0)] if below else [(0, 1)] * 2,
            },
        )

    def _hover(self, position: QPointF) -> None:
        for plot in (self.voltage, self.current):
            if plot.sceneBoundingRect().contains(position) and len(self._trace):
                self.readout.emit(self._values_at(plot.vb.mapSceneToView(position).x()))
                return

    def _values_at(self, time_s: float) -> str:
        """Return the sample nearest to a time, as text."""
        found = self._trace.nearest(time_s)
        if found is None:
            return ""
        sample_s, values = found
        current = with_prefix(values[CURRENT], "A", floor=1e-9)
        when = elapsed(sample_s) if self._begun is None else clock(self._begun, sample_s)
        return f"{when}   {values[VOLTAGE]:.4f} V   {current}"
