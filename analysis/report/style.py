"""The look of all figures: type, colours that everyone tells apart, the frame of panels, the mark of a simulation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from solbench.acquisition.record.reader import Run
from solbench.analysis.report.contents import Content
from solbench.analysis.report.numbers import superscript
from solbench.fitting.elements import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axes._secondary_axes import SecondaryAxis
    from matplotlib.figure import Figure

# Okabe and Ito, those with contrast enough on white; neighbours differ in lightness, and always in marker too.
BLUE, VERMILLION, GREEN, BLACK = "#0072B2", "#D55E00", "#009E73", "#000000"
SERIES = ((BLUE, "o", "-"), (VERMILLION, "s", "--"), (GREEN, "^", "-."), (BLACK, "D", ":"))
STATE_MARKERS = "os^DvP*X"
SETTINGS: dict[str, str | float | bool | list[str]] = {
    "svg.fonttype": "none",  # text stays text: smaller, faster, can be searched and copied
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.titley": 1.0,  # else each draw searches for a place
    "axes.linewidth": 0.8,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e3e3e3",
    "grid.linewidth": 0.6,
    "legend.fontsize": 8.0,
    "legend.frameon": True,
    "legend.framealpha": 0.85,
    "legend.edgecolor": "none",
    "lines.linewidth": 1.5,
    "lines.markersize": 4.5,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "axes.unicode_minus": True,
    "axes.formatter.useoffset": False,
}
Colour = tuple[float, float, float, float]

LEFT_IN, RIGHT_IN, BOTTOM_IN, TOP_IN = 0.75, 0.2, 0.55, 0.55
SECOND_AXIS_IN = 0.75  # room for a scale on the right
_FEW_TIMES, _DECADES = 3.0, 30.0  # highest over lowest value
_MOST_VERTICES = 1200  # more than pixels across: a curve loses nothing that can be seen


@dataclass(frozen=True)
class Drawing:
    """A figure to be drawn: file name, title and caption; `paint` draws into an empty figure of `size_in`."""

    name: str
    title: str
    caption: str
    size_in: tuple[float, float]
    contents: tuple[Content, ...]
    paint: Callable[[Figure], None]

    @property
    def mark(self) -> str:
        """Get the words that mark a figure of simulated runs, empty where all were measured."""
        simulated = [content for content in self.contents if content.run.simulated]
        marks = dict.fromkeys(content.run.mark for content in simulated)
        if len(simulated) == len(self.contents) and len(marks) == 1:
            return next(iter(marks))
        named = [f"{content.label} (unit {content.run.unit})" for content in simulated]
        return f"SIMULATED: {', '.join(named)}" if named else ""


def width_in(columns: int) -> float:
    """Return the width (inch) of a figure with so many panels side by side."""
    return {1: 5.4, 2: 8.4}.get(columns, 10.8)


def grid(
    fig: Figure,
    columns: int,
    heights: Sequence[float] = (1.0,),
    gaps_in: tuple[float, float] = (0.72, 0.62),
    right_in: float = RIGHT_IN,
) -> list[list[Axes]]:
    """Place panels with fixed margins in inches, rows of relative `heights`; returns them by row.

    `right_in`: room for a second axis to the right of each.
    """
    width, height = (float(side) for side in fig.get_size_inches())
    beside = gaps_in[0] + right_in - RIGHT_IN
    across = (width - LEFT_IN - right_in - beside * (columns - 1)) / columns
    upright = (height - TOP_IN - BOTTOM_IN - gaps_in[1] * (len(heights) - 1)) / sum(heights)
    rows, top = [], height - TOP_IN
    for share in heights:
        tall = share * upright
        top -= tall
        lefts = [LEFT_IN + column * (across + beside) for column in range(columns)]
        rows.append([fig.add_axes((x / width, top / height, across / width, tall / height)) for x in lefts])
        top -= gaps_in[1]
    return rows


def second_scale(axes: Axes, factor: float, shift: float) -> SecondaryAxis:
    """Add a scale on the right that shows factor times the value on the left, plus shift."""

    def there(value: ArrayLike) -> Array:
        return np.asarray(value, float) * factor + shift

    def back(value: ArrayLike) -> Array:
        return (np.asarray(value, float) - shift) / factor

    return axes.secondary_yaxis("right", functions=(there, back))


def log_decades(axes: Axes) -> None:
    """Make the x axis logarithmic, in decades named without mathematical type, which is slow to set."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(numticks=5))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"10{superscript(round(np.log10(value)))}"))


def log_values(axes: Axes) -> None:
    """Make the y axis of what is drawn logarithmic, with plain numbers that stand apart; linear for less than a factor
    of three.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    low, high = axes.dataLim.intervaly
    if not 0.0 < _FEW_TIMES * low < high:
        return
    axes.set_yscale("log")
    steps = (1.0, 2.0, 5.0) if high < _DECADES * low else (1.0,)
    axes.yaxis.set_major_locator(LogLocator(subs=steps, numticks=8))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(
        FuncFormatter(
            lambda value, _: f"{value:g}" if len(steps) > 1 else f"10{superscript(round(np.log10(value)))}"
        )
    )


def state_colours(count: int) -> list[Colour]:
    """Return colours for ordered states: viridis without its pale end."""
    import matplotlib

    return [matplotlib.colormaps["viridis"](x) for x in np.linspace(0.0, 0.76, max(count, 2))][:count]


def thinned(x: Array, y: Array, most: int = _MOST_VERTICES) -> tuple[Array, Array]:
    """Return a curve with fewer vertices: of each stretch the first, lowest, highest and last reading."""
    if len(x) <= 2 * most:
        return x, y
    edges = np.linspace(0, len(x), most // 4 + 1).astype(int)
    kept = {0, len(x) - 1}
    for start, stop in pairwise(edges):
        part = y[start:stop]
        kept |= {start, stop - 1, start + int(np.argmin(part)), start + int(np.argmax(part))}
    chosen = np.array(sorted(kept))
    return x[chosen], y[chosen]


def course(run: Run, field: str, most: int = _MOST_VERTICES) -> tuple[Array, Array]:
    """Return the times (s) of a run and a column of its samples, read in parts, with as few vertices as can be seen."""
    parts = []
    for each in run.sample_blocks("time_s", field):
        share = max(8, round(most * len(each) / run.sample_count))
        parts.append(thinned(each["time_s"], each[field], share))
    x, y = (np.concatenate([part[place] for part in parts] or [np.empty(0)]) for place in (0, 1))
    return x, y


def in_threes(contents: Sequence[Content]) -> list[tuple[Content, ...]]:
    """Return the contents three at a time: as many panels as can be read side by side."""
    return [tuple(contents[i : i + 3]) for i in range(0, len(contents), 3)]


def numbered(name: str, place: int) -> str:
    """Return the name of the first, second, ... figure of a kind."""
    return name if place == 0 else f"{name}-{place + 1}"
