"""Modulus and phase of the spectra against frequency, with the fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from solbench.analysis.report.contents import Content
from solbench.analysis.report.nyquist import looks_of
from solbench.analysis.report.style import (
    Drawing,
    grid,
    in_threes,
    log_decades,
    log_values,
    numbered,
    width_in,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_CAPTION = "Modulus and phase of the spectra; points are measured, lines the fit."
_DENSE = 120


def spectra(contents: Sequence[Content]) -> list[Drawing]:
    """Draw modulus above and phase below, three runs in a figure."""
    found = [content for content in contents if content.states]
    return [
        Drawing(
            numbered("bode", place),
            "Modulus and phase of the impedance",
            _CAPTION,
            (width_in(len(group)), 4.6),
            group,
            _painter(group),
        )
        for place, group in enumerate(in_threes(found))
    ]


def _painter(group: tuple[Content, ...]) -> Callable[[Figure], None]:
    def draw(fig: Figure) -> None:
        above, below = grid(fig, len(group), (1.0, 1.0), gaps_in=(0.72, 0.25))
        for top, bottom, content in zip(above, below, group, strict=True):
            top.set_title(content.label)
            _bode(top, bottom, content)

    return draw


def _bode(above: Axes, below: Axes, content: Content) -> None:
    for axes in (above, below):
        log_decades(axes)
    for (record, state), colour, marker in looks_of(content):
        fit = state.fit
        dense = np.geomspace(fit.frequency_Hz.min(), fit.frequency_Hz.max(), _DENSE)
        model = fit.model(dense)
        for axes, measured in (
            (above, np.abs(fit.impedance_ohm)),
            (below, -np.degrees(np.angle(fit.impedance_ohm))),
        ):
            axes.plot(fit.frequency_Hz, measured, marker, color=colour, mfc="none", mew=0.7, ms=3.0)
        above.lines[-1].set_label(content.state_name(record))
        above.plot(dense, np.abs(model), "-", color=colour, lw=0.9)
        below.plot(dense, -np.degrees(np.angle(model)), "-", color=colour, lw=0.9)
    log_values(above)
    above.tick_params(labelbottom=False)
    above.set_ylabel("|Z| / Ω")
    below.set_ylabel("−phase / °")
    below.set_xlabel("frequency / Hz")
    if len(content.states) > 1:
        above.legend(loc="best", ncols=2 if len(content.states) > 3 else 1)
