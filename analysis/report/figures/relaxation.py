"""Distributions of relaxation times over the states of a cell and over temperature, and what becomes of their peaks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solbench.analysis.report.contents import Content
from solbench.analysis.report.numbers import engineering, superscript, with_error
from solbench.analysis.report.style import (
    SERIES,
    STATE_MARKERS,
    Drawing,
    grid,
    log_decades,
    numbered,
    state_colours,
)
from solbench.analysis.report.tables import Table
from solbench.analysis.views.distributions import VIEW, State, axis_of, followed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROWS = 2  # cells in a figure
_CAPTION = (
    f"Distribution of relaxation times ({VIEW}): Tikhonov regularization with non-negativity, bands and bars of 95 %. "
    "Hatched: time constants that the measured frequencies do not show. Beside it resistance and time constant of "
    "the arc behind each named peak; a peak is named if it is there at a tenth and at ten times the regularization, "
    "lies inside the window and is larger than its uncertainty."
)
_ROOM = 1.25  # above the highest named peak


@dataclass(frozen=True)
class Series:
    """The states of one cell, or the pellets of one electrolyte; `contents` are the runs that they are from."""

    title: str
    states: tuple[State, ...]
    contents: tuple[Content, ...]


def distributions(contents: Sequence[Content]) -> list[Drawing]:
    """Draw the distributions, two cells in a figure, each with its peaks beside it."""
    found = series_of(contents)
    groups = [found[start : start + _ROWS] for start in range(0, len(found), _ROWS)]
    drawings = []
    for place, group in enumerate(groups):
        everyone = tuple(dict.fromkeys(content for one in group for content in one.contents))
        size = (10.8, 0.7 + 3.2 * len(group))
        title = "Distribution of relaxation times"
        drawings.append(Drawing(numbered("drt", place), title, _CAPTION, size, everyone, _painter(group)))
    return drawings


def series_of(contents: Sequence[Content]) -> list[Series]:
    """Return what is drawn together: the states of a run; of pellets the runs of one electrolyte."""
    found: list[Series] = []
    pellets: dict[str, list[Content]] = {}
    for content in contents:
        if not content.distributions:
            continue
        if content.kind == "pellet":
            pellets.setdefault(content.cell.name, []).append(content)
        else:
            found.append(Series(content.label, tuple(content.distributions), (content,)))
    for name, own in pellets.items():
        states = [state for content in own for state in content.distributions]
        known = all(state.temperature_K is not None for state in states)
        if known:
            states.sort(key=lambda state: state.temperature_K or 0.0)
        found.append(Series(f"{name}, pellet{'s' * (len(own) > 1)}", tuple(states), tuple(own)))
    return found


def table(contents: Sequence[Content]) -> Table | None:
    """Make the table of named peaks, a row each."""
    rows = [
        (
            series.title,
            f"process {number}",
            series.states[place].label,
            with_error(peak.resistance_ohm, peak.resistance_stderr_ohm),
            engineering(peak.tau_s, "s"),
            engineering(peak.capacitance_F, "F"),
        )
        for series in series_of(contents)
        for number, track in enumerate(followed(series.states), 1)
        for place, peak in track
    ]
    unnamed = [
        f"{series.title}, {state.label}: {state.drt.unnamed_words}."
        for series in series_of(contents)
        for state in series.states
        if state.drt.reason
    ]
    head = ("cell", "peak", "state", "resistance / Ω", "time constant", "capacitance")
    note = " ".join(
        [f"{VIEW.capitalize()}. Peaks within 0.7 decades in the next state are one process.", *unnamed]
    )
    return Table("Peaks of the distributions of relaxation times", head, tuple(rows), note) if rows else None


def _painter(group: Sequence[Series]) -> Callable[[Figure], None]:
    def draw(fig: Figure) -> None:
        rows = grid(fig, 3, [1.0] * len(group), gaps_in=(0.72, 0.75))
        for row, series in zip(rows, group, strict=True):
            draw_series(row, series.title, series.states)

    return draw


def draw_series(row: Sequence[Axes], title: str, states: Sequence[State]) -> None:
    """Draw the distributions of several states into the first of three panels, their peaks into the others."""
    from matplotlib.ticker import MaxNLocator

    curves, sizes, times = row
    curves.set_title(title)
    draw_distributions(curves, states)
    name, x = axis_of(states)
    for number, track in enumerate(followed(states)):
        colour, marker, line = SERIES[number % len(SERIES)]
        at = [x[place] for place, _ in track]
        size = [peak.resistance_ohm for _, peak in track]
        error = [1.96 * peak.resistance_stderr_ohm for _, peak in track]
        name_of = f"process {number + 1}"
        sizes.errorbar(
            at, size, error, fmt=marker, ls=line, color=colour, ms=5, lw=1.0, capsize=3, label=name_of
        )
        times.plot(at, [peak.tau_s for _, peak in track], line, marker=marker, color=colour, ms=5, lw=1.0)
    for axes, words in ((sizes, "resistance of the peak / Ω"), (times, "time constant / s")):
        axes.set_xlabel(name)
        axes.set_ylabel(words)
        if axes.lines:
            axes.set_yscale("log")
            _whole_decades(axes)
            axes.xaxis.set_major_locator(MaxNLocator(4))
        else:
            axes.text(0.5, 0.5, "no peak is named", transform=axes.transAxes, ha="center", color="0.4")
            axes.set_xticks([])
            axes.set_yticks([])
    if len(followed(states)) > 1:
        sizes.legend(loc="best")


def draw_distributions(axes: Axes, states: Sequence[State]) -> None:
    """Draw distributions with their bands; the scale is that of the named peaks."""
    shown = [state for state in states if state.drt.tau_s]
    log_decades(axes)
    for state, colour, marker in zip(
        shown, state_colours(len(shown)), STATE_MARKERS * (1 + len(shown) // len(STATE_MARKERS)), strict=False
    ):
        drt = state.drt
        if drt.named or len(shown) == 1:  # the band of a tail would hide the others
            axes.fill_between(drt.tau_s, drt.low_ohm, drt.high_ohm, color=colour, alpha=0.2, lw=0)
        axes.plot(drt.tau_s, drt.gamma_ohm, "-", color=colour, lw=1.3, label=state.label)
        tops = np.array([peak.tau_s for peak in drt.named])
        heights = np.interp(tops, drt.tau_s, drt.gamma_ohm)
        axes.plot(tops, heights, marker, color=colour, ms=5, mec="white", mew=0.6)
    axes.set_xlabel("time constant / s")
    axes.set_ylabel("γ(ln τ) / Ω")
    if not shown:
        return
    axes.set_xlim(min(s.drt.tau_s[0] for s in shown), max(s.drt.tau_s[-1] for s in shown))
    axes.set_ylim(0.0, _ROOM * _highest(shown))
    _hatch(axes, shown)
    if len(shown) > 1:
        axes.legend(loc="upper right", ncols=2 if len(shown) > 3 else 1)


def _highest(states: Sequence[State]) -> float:
    """Return the height (ohm) of the highest named peak; where none is, that inside the window."""
    found = []
    for state in states:
        drt = state.drt
        tau, gamma = np.array(drt.tau_s), np.array(drt.high_ohm)
        named = [gamma[(tau >= peak.from_s) & (tau <= peak.to_s)].max() for peak in drt.named]
        inside = (tau >= drt.window_s[0]) & (tau <= drt.window_s[1])
        found.append((bool(named), max(named) if named else float(gamma[inside].max())))
    some = any(is_named for is_named, _ in found)
    return max([height for is_named, height in found if is_named or not some], default=1.0) or 1.0


def _hatch(axes: Axes, states: Sequence[State]) -> None:
    """Hatch what no spectrum shows."""
    low, high = axes.get_xlim()
    begin = min(state.drt.window_s[0] for state in states)
    end = max(state.drt.window_s[1] for state in states)
    for left, right in ((low, begin), (end, high)):
        axes.axvspan(
            left, right, facecolor="white", edgecolor="0.6", hatch="////", lw=0, alpha=0.75, zorder=3
        )


def _whole_decades(axes: Axes) -> None:
    """Let an axis show whole decades, and name them without mathematical type, which is slow to set."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    low, high = (float(np.log10(limit)) for limit in axes.get_ylim())
    axes.set_ylim(10.0 ** np.floor(low), 10.0 ** np.ceil(high))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"10{superscript(round(np.log10(value)))}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
