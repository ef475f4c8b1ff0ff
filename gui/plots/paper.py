"""What a plot shows, drawn for a paper: as wide as a column, type and lines of one size, no title, by Matplotlib.

Only what is simulated carries a mark, and no look takes it away.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.curves import told_apart
from solbench.gui.models.common.words import tr
from solbench.gui.plots.axes import DecadeAxis, TimeAxis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Width = Literal["single", "double"]
Dash = str | tuple[float, tuple[float, ...]]
WIDTHS_MM = {"single": 85.0, "double": 174.0}
"""One column and two, as most journals have them."""
ENDINGS = (".pdf", ".svg", ".png")
DPI = 600
_MM_AN_INCH, _POINTS_AN_INCH = 25.4, 72.0
_FAMILIES = ("Arial", "Helvetica", "Liberation Sans")
_INSIDE, _SHORT_NAME = 6, 24  # entries of a legend, letters of a name; of more it stands below
_COLUMNS = 4
_SIGN_LETTERS = 8  # room of the piece of line before a name
_LETTER = 0.64  # width of a letter over the size of the type
_SHORT_SPAN = 12.0
_TALL = 0.75  # height of a panel over its width, of a single column
_DASHES: dict[Qt.PenStyle, Dash] = {
    Qt.PenStyle.DashLine: "--",
    Qt.PenStyle.DotLine: ":",
    Qt.PenStyle.DashDotLine: "-.",
    Qt.PenStyle.DashDotDotLine: (0.0, (5.0, 1.5, 1.0, 1.5, 1.0, 1.5)),
}
_SYMBOLS = {
    "o": "o",
    "s": "s",
    "t1": "^",
    "t": "v",
    "d": "D",
    "star": "*",
    "t2": ">",
    "t3": "<",
    "+": "+",
    "x": "x",
}
_PREFIXES = {-12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G"}
_TIMES = ((2 * 86400.0, 86400.0, "d"), (2 * 3600.0, 3600.0, "h"), (300.0, 60.0, "min"), (0.0, 1.0, "s"))


@dataclass(frozen=True)
class Paper:
    """How a picture for a paper looks: its width, the size of the type and of the lines (points), and its legend."""

    width: Width = "single"
    type_pt: float = 8.0
    line_pt: float = 1.0
    legend: bool = True
    colors: bool = True

    @property
    def width_in(self) -> float:
        """Get the width in inches."""
        return WIDTHS_MM[self.width] / _MM_AN_INCH


@dataclass(frozen=True, eq=False)
class Line:
    """A curve as it is drawn; values in the units of its axes before any prefix."""

    name: str
    x: Array
    y: Array
    color: str
    dash: Dash | None
    symbol: str | None
    full: bool


@dataclass(frozen=True)
class Scale:
    """An axis: its name, its ends, what values are divided by, and whether it is logarithmic."""

    name: str
    ends: tuple[float, float]
    unit: float = 1.0
    log: bool = False


@dataclass(frozen=True, eq=False)
class Panel:
    """A plot: axes, curves, those of a second axis at the right, words at places, and whether its axes are equal."""

    x: Scale
    y: Scale
    lines: tuple[Line, ...]
    right: tuple[Scale, tuple[Line, ...]] | None
    words: tuple[tuple[float, float, str], ...]
    equal: bool


def panels_of(widget: pg.GraphicsView, dark: bool) -> list[Panel]:
    """Return the plots of a widget from above down, as they are drawn now; `dark`: on a dark ground."""
    return [panel for plot in plots_of(widget) if (panel := _panel(plot, dark)).lines]


@runtime_checkable
class DrawsByAndBy(Protocol):
    """A plot that may have drawn a part of its curves only."""

    def finish_drawing(self) -> None:
        """Draw at once what is still to be drawn."""


def draw_whole(widget: pg.GraphicsView) -> None:
    """Draw what is still to be drawn: a picture, and a table of values, hold all or they lie."""
    if isinstance(widget, DrawsByAndBy):
        widget.finish_drawing()


def plots_of(widget: pg.GraphicsView) -> list[pg.PlotItem]:
    """Return the plots of a widget, drawn to their ends."""
    draw_whole(widget)
    if isinstance(widget, pg.PlotWidget):
        return [widget.getPlotItem()]
    if isinstance(widget, pg.GraphicsLayoutWidget):
        return [item for item in widget.ci.items if isinstance(item, pg.PlotItem)]
    return []


def right_view(plot: pg.PlotItem) -> pg.ViewBox | None:
    """Return the view of the second axis of a plot, None where it has none."""
    axis = plot.getAxis("right")
    view = axis.linkedView() if axis.isVisible() else None
    return view if view is not None and view is not plot.vb else None


def mark_in(words: str) -> str:
    """Return what of the words above a picture marks something simulated, "" where nothing does.

    >>> mark_in("SIMULATED, unit typical  half-cell on nps"), mark_in("half-cell on nps")
    ('SIMULATED, unit typical', '')
    """
    found = re.search(r"SIMULATED(?:, unit \S+)?", words)
    return found[0] if found else ""


def as_figure(panels: list[Panel], paper: Paper, mark: str, ending: str, dots_an_inch: int = DPI) -> bytes:
    """Draw panels below each other and return the file of an ending (.pdf, .svg, .png)."""
    import matplotlib

    with matplotlib.rc_context(_settings(paper)):
        stream = io.BytesIO()
        save: Any = _drawn(panels, paper, mark).savefig
        save(stream, format=ending.lstrip("."), dpi=dots_an_inch)
        return stream.getvalue()


def _settings(paper: Paper) -> Any:
    """Return the settings of Matplotlib for a picture."""
    return {
        "font.size": paper.type_pt,
        "axes.labelsize": paper.type_pt,
        "xtick.labelsize": paper.type_pt,
        "ytick.labelsize": paper.type_pt,
        "legend.fontsize": paper.type_pt - 1.0,
        "axes.linewidth": 0.8 * paper.line_pt,
        "xtick.major.width": 0.8 * paper.line_pt,
        "ytick.major.width": 0.8 * paper.line_pt,
        "xtick.direction": "in",
        "ytick.direction": "in",
        "lines.linewidth": paper.line_pt,
        "lines.markersize": 3.0 + paper.line_pt,
        "font.family": _family(),
        "pdf.fonttype": 42,  # journals want type that can be edited
        "svg.fonttype": "path",
        "legend.frameon": False,
    }


def _family() -> str:
    """Return the first typeface of those that journals ask for that is installed, else Matplotlib's own."""
    from matplotlib.font_manager import fontManager

    installed = {font.name for font in fontManager.ttflist}
    return next((name for name in _FAMILIES if name in installed), "DejaVu Sans")


def _drawn(panels: list[Panel], paper: Paper, mark: str) -> Figure:
    from matplotlib.figure import Figure

    heights = [_height(panel, paper) for panel in panels] or [1.0]
    figure = Figure(layout="constrained")
    all_axes: Any = figure.subplots(max(len(panels), 1), 1, squeeze=False, height_ratios=heights)
    named: dict[str, Any] = {}
    for axes, panel in zip(all_axes[:, 0], panels, strict=False):
        named = {**_draw(axes, panel, paper), **named}
    lines = 0
    longest = max(map(len, named), default=0)
    if paper.legend and 1 < len(named) <= _INSIDE and longest <= _SHORT_NAME:
        all_axes[0, 0].legend(handles=list(named.values()), loc="best", handlelength=1.8)
    elif paper.legend and len(named) > 1:
        across = _shorten(named, paper)
        lines = math.ceil(len(named) / across)
        figure.legend(
            handles=list(named.values()), loc="outside lower center", ncols=across, handlelength=1.8
        )
    figure.set_size_inches(paper.width_in, sum(heights) + lines * 1.5 * paper.type_pt / _POINTS_AN_INCH)
    if mark:  # in a line of its own, so that it hides nothing and nothing hides it
        figure.suptitle(mark, x=0.99, ha="right", size=paper.type_pt - 1.0, weight="bold", color="#8f3e00")
    return figure


def _shorten(named: dict[str, Any], paper: Paper) -> int:
    """Shorten names that are wider than the figure; return how many stand beside each other in the legend."""
    letters = paper.width_in * _POINTS_AN_INCH / (_LETTER * (paper.type_pt - 1.0))
    for name, short in zip(named, told_apart(list(named), int(letters) - _SIGN_LETTERS), strict=True):
        named[name].set_label(short)
    longest = max(len(str(each.get_label())) for each in named.values())
    return max(min(int(letters / (longest + _SIGN_LETTERS)), _COLUMNS), 1)


def _height(panel: Panel, paper: Paper) -> float:
    """Return the height of a panel in inches; equal axes have that of their ranges, within reason."""
    usual = _TALL * WIDTHS_MM["single"] / _MM_AN_INCH * (1.25 if paper.width == "double" else 1.0)
    if not panel.equal:
        return usual
    (left, right), (low, high) = panel.x.ends, panel.y.ends
    wanted = 0.82 * paper.width_in * (high - low) / max(right - left, 1e-300) + 0.5
    return min(max(wanted, 0.7 * usual), 1.6 * usual)


def _draw(axes: Axes, panel: Panel, paper: Paper) -> dict[str, Any]:
    """Draw a panel; return what a legend shows, by name."""
    handles = [_plot(axes, line, panel.x, panel.y, paper) for line in panel.lines]
    _set_scales(axes, panel.x, panel.y)
    if panel.right is not None:
        scale, lines = panel.right
        beside: Any = axes.twinx()
        handles += [_plot(beside, line, panel.x, scale, paper) for line in lines]
        _set_scales(beside, panel.x, scale)
    for x, y, text in panel.words:
        axes.annotate(
            text, (x / panel.x.unit, y / panel.y.unit), size=paper.type_pt - 1.5, annotation_clip=True
        )
    if panel.equal:
        axes.set_aspect("equal", adjustable="datalim")
    return {name: each for each in handles if not (name := str(each.get_label())).startswith("_")}


def _plot(axes: Any, line: Line, x: Scale, y: Scale, paper: Paper) -> Any:
    color = line.color if paper.colors else "black"
    (drawn,) = axes.plot(
        line.x / x.unit,
        line.y / y.unit,
        linestyle=line.dash or "none",
        marker=line.symbol or "none",
        color=color,
        markerfacecolor=color if line.full else "none",
        markeredgewidth=0.8 * paper.line_pt,
        label=line.name or "_",
    )
    return drawn


def _set_scales(axes: Any, x: Scale, y: Scale) -> None:
    from matplotlib.ticker import MaxNLocator, NullLocator, ScalarFormatter

    for scale, put, limit, name in (
        (x, axes.set_xscale, axes.set_xlim, axes.set_xlabel),
        (y, axes.set_yscale, axes.set_ylim, axes.set_ylabel),
    ):
        low, high = (end / scale.unit for end in scale.ends)
        if scale.log:
            put("log")
        limit(low, high, auto=True)  # equal axes may widen one of them
        name(scale.name)
        if scale.log and high < _SHORT_SPAN * low:  # of a part of a decade a power of ten says nothing
            axis = axes.xaxis if put == axes.set_xscale else axes.yaxis
            axis.set_major_locator(MaxNLocator(5))
            axis.set_minor_locator(NullLocator())
            axis.set_major_formatter(ScalarFormatter())


def _panel(plot: pg.PlotItem, dark: bool) -> Panel:
    x_range, y_range = plot.vb.viewRange()
    x, y = _scale(plot.getAxis("bottom"), x_range), _scale(plot.getAxis("left"), y_range)
    lines = tuple(_lines(plot.items, plot.getAxis("bottom"), plot.getAxis("left"), dark))
    words = tuple(_words(plot, x, y))
    right, view = None, right_view(plot)
    if view is not None:
        axis = plot.getAxis("right")
        own = tuple(_lines(view.addedItems, plot.getAxis("bottom"), axis, dark))
        right = (_scale(axis, view.viewRange()[1]), own) if own else None
    return Panel(x, y, lines, right, words, plot.vb.state["aspectLocked"] is not False)


def _scale(axis: pg.AxisItem, ends: list[float]) -> Scale:
    """Return an axis as it is told on paper: decades as values, SI units with a prefix, times in one unit."""
    low, high = float(ends[0]), float(ends[1])
    name, unit = axis.labelText or "", axis.labelUnits or ""
    if isinstance(axis, DecadeAxis):
        label = f"{name or ('frequency' if axis.unit == 'Hz' else '')} ({axis.unit})".strip()
        return Scale(label, (10.0**low, 10.0**high), log=True)
    if isinstance(axis, TimeAxis):
        seconds, word = next((s, word) for least, s, word in _TIMES if high - low >= least)
        return Scale(tr("time ({unit})", unit=word), (low, high), seconds)
    if axis.logMode:
        return Scale(name, (10.0**low, 10.0**high), log=True)
    if unit:
        power = 3 * math.floor(math.log10(max(abs(low), abs(high), 1e-300)) / 3.0 + 1e-9)
        power = min(max(power, -12), 9)
        return Scale(f"{name} ({_PREFIXES[power]}{unit})", (low, high), 10.0**power)
    return Scale(name, (low, high))


def _lines(items: list[Any], across: pg.AxisItem, up: pg.AxisItem, dark: bool) -> Iterator[Line]:
    for item in items:
        if not isinstance(item, pg.PlotDataItem | pg.PlotCurveItem) or not item.isVisible():
            continue
        data = item.getOriginalDataset() if isinstance(item, pg.PlotDataItem) else item.getData()
        if data[0] is None or data[1] is None or len(data[0]) == 0:
            continue
        x, y = (
            10.0 ** np.asarray(values, float) if isinstance(axis, DecadeAxis) else np.asarray(values, float)
            for axis, values in ((across, data[0]), (up, data[1]))
        )
        pen, symbol = item.opts.get("pen"), item.opts.get("symbol")
        pen = pen if isinstance(pen, QPen) and pen.style() != Qt.PenStyle.NoPen else None
        edge = item.opts.get("symbolPen")
        ink = pen.color() if pen is not None else edge.color() if isinstance(edge, QPen) else QColor("black")
        brush: Any = item.opts.get("symbolBrush")
        full = brush is not None and pg.mkBrush(brush).style() != Qt.BrushStyle.NoBrush
        yield Line(
            item.name() or "",
            x,
            y,
            _on_white(ink, dark),
            None if pen is None else _DASHES.get(pen.style(), "-"),
            _SYMBOLS.get(symbol, "o") if isinstance(symbol, str) else None,
            full,
        )


def _on_white(color: QColor, dark: bool) -> str:
    """Return a colour for white paper; that of a dark look is darkened until it can be read."""
    shown = QColor(color)
    while dark and shown.lightnessF() > 0.45:
        shown = shown.darker(115)
    return shown.name()


def _words(plot: pg.PlotItem, x: Scale, y: Scale) -> Iterator[tuple[float, float, str]]:
    for item in plot.items:
        if isinstance(item, pg.TextItem) and item.isVisible():
            place = item.pos()
            at = [10.0**value if scale.log else value for value, scale in ((place.x(), x), (place.y(), y))]
            yield at[0], at[1], item.toPlainText()
