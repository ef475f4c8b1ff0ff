"""Current against time of the DC polarizations, and what it tends to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from solbench.analysis.polarization import run_transients
from solbench.analysis.report.contents import Content
from solbench.analysis.report.numbers import engineering
from solbench.analysis.report.style import (
    BLUE,
    GREEN,
    VERMILLION,
    Drawing,
    grid,
    in_threes,
    numbered,
    thinned,
    width_in,
)
from solbench.fitting.dc_polarization import DcResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LOOKS = {"reduced": (VERMILLION, "-"), "pristine": (BLUE, "--")}
_OTHER = (GREEN, "-.")


def polarizations(contents: Sequence[Content]) -> list[Drawing]:
    """Draw the transients of one electrolyte in one panel, reduced and pristine together."""
    groups: dict[str, list[Content]] = {}
    for content in contents:
        if content.dc is not None:
            groups.setdefault(content.cell.name, []).append(content)
    firsts = [found[0] for found in groups.values()]
    caption = (
        "Magnitude of the current after each step of voltage, less the instrument's zero; the dotted line is the "
        "current that the first tends to, or the bound where it is not distinguishable from the zero. Readings below "
        "zero cannot be shown on this axis."
    )
    drawings = []
    for i, chosen in enumerate(in_threes(firsts)):
        cells = [groups[first.cell.name] for first in chosen]
        everyone = tuple(content for cell in cells for content in cell)
        title = "DC polarization: current against time"
        drawings.append(
            Drawing(
                numbered("polarization", i),
                title,
                caption,
                (width_in(len(cells)), 3.8),
                everyone,
                _painter(cells),
            )
        )
    return drawings


def _painter(cells: list[list[Content]]) -> Callable[[Figure], None]:
    def draw(fig: Figure) -> None:
        [row] = grid(fig, len(cells))
        for axes, cell in zip(row, cells, strict=True):
            axes.set_title(cell[0].cell.name)
            axes.set_yscale("log")
            for content in cell:
                _transient(axes, content, _LOOKS.get(build_words(content), _OTHER))
            axes.set_xlabel("time since the step / min")
            axes.set_ylabel("current / A")
            _room(axes)
            axes.legend(loc="upper right")

    return draw


def _transient(axes: Axes, content: Content, looks: tuple[str, str]) -> None:
    result = content.dc
    transients = run_transients(content.run)
    if result is None or not transients:
        return
    colour, line = looks
    for number, transient in enumerate(transients):
        time_s, current_A = transient.used()
        sign = 1.0 if transient.voltage_V > 0 else -1.0
        net = sign * (current_A - result.zero.offset_A)
        kept = net > 0.0
        minutes, shown = thinned(time_s[kept] / 60.0, net[kept], 800)
        label = f"{build_words(content)}, {_limit(result)}" if number == 0 else None
        axes.plot(minutes, shown, line, color=colour, lw=1.2 if number == 0 else 0.7, label=label)
    if result.current_A > 0:
        axes.axhline(result.current_A, color=colour, ls=":", lw=1.0)


def _limit(result: DcResult) -> str:
    sign = "<" if result.is_bound else "="
    return f"I$_\\infty$ {sign} {engineering(result.current_A, 'A')}"


def build_words(content: Content) -> str:
    """Return what was polarized: reduced or pristine electrolyte."""
    build = content.cell.build
    return {"dc_reduced": "reduced", "dc_pristine": "pristine"}.get(build, build)


def _room(axes: Axes) -> None:
    """Show whole decades, which are what the ticks name, and leave room for the legend."""
    low, high = (np.log10(limit) for limit in axes.get_ylim())
    bottom, top = np.floor(low), np.ceil(high)
    axes.set_ylim(10.0**bottom, 10.0 ** (top + 0.25 * (top - bottom)))
