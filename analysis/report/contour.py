"""The accuracy contour of a commissioned bench, with the spectra of the cell in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from solbench.acquisition.bench.commissioning.record import ContourPoint, parse_record
from solbench.analysis.report.contents import Content
from solbench.analysis.report.style import (
    Drawing,
    grid,
    in_threes,
    log_decades,
    numbered,
    state_colours,
    width_in,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CAPTION = (
    "Between the grey areas a measurement means something: above lies more than open leads show, below less than "
    "shorted ones, by the commissioning of the bench; to the sides it did not measure. Points are the spectra, before "
    "any fit; crosses are those that no fit uses."
)


def accuracy_contours(contents: Sequence[Content]) -> list[Drawing]:
    """Draw the modulus of each spectrum within the contour of its bench, three runs in a figure."""
    known = [one for one in contents if contour_of(one) and one.run.spectra]
    title = "Accuracy contour of the bench, and the spectra in it"
    return [
        Drawing(
            numbered("contour", place), title, CAPTION, (width_in(len(group)), 3.6), group, _painter(group)
        )
        for place, group in enumerate(in_threes(known))
    ]


def contour_of(content: Content) -> tuple[ContourPoint, ...]:
    """Return the contour of a run's bench, empty where it was not commissioned so far."""
    found = content.run.commissioning
    return parse_record(found.text, found.name).values.contour if found is not None else ()


def _painter(group: tuple[Content, ...]) -> Callable[[Figure], None]:
    def paint(fig: Figure) -> None:
        [row] = grid(fig, len(group))
        for axes, content in zip(row, group, strict=True):
            _panel(axes, content)
        row[0].set_ylabel("|Z| / Ω")

    return paint


def _panel(axes: Axes, content: Content) -> None:
    contour = contour_of(content)
    frequency_Hz = np.array([one.frequency_Hz for one in contour])
    low_ohm = np.array([one.smallest_ohm for one in contour])
    high_ohm = np.array([one.largest_ohm for one in contour])
    axes.set_yscale("log")
    axes.fill_between(frequency_Hz, high_ohm, 1e14, color="0.85", lw=0)
    axes.fill_between(frequency_Hz, 1e-9, low_ohm, color="0.85", lw=0)
    points = [content.run.points_of(record) for record in content.run.spectra]
    sizes_ohm = [np.hypot(own["real_ohm"], own["imaginary_ohm"]) for own in points]
    for own, size_ohm, colour in zip(points, sizes_ohm, state_colours(len(points)), strict=True):
        known = own["untrusted"] == 0
        axes.plot(own["frequency_Hz"][known], size_ohm[known], ".", color=colour, ms=4)
        axes.plot(own["frequency_Hz"][~known], size_ohm[~known], "x", color=colour, ms=4, mew=0.7, alpha=0.6)
    log_decades(axes)
    # Every point is in it, also one that no fit uses: whether any lies beyond the contour is the question.
    seen_Hz = np.concatenate([frequency_Hz, *(own["frequency_Hz"] for own in points)])
    seen_ohm = np.concatenate([low_ohm[low_ohm > 0.0], high_ohm, *sizes_ohm])
    for edge_Hz, end_Hz in ((frequency_Hz[0], seen_Hz.min()), (frequency_Hz[-1], seen_Hz.max())):
        if edge_Hz != end_Hz:
            axes.axvspan(edge_Hz, end_Hz, color="0.85", lw=0)
    axes.set_xlim(float(seen_Hz.min()), float(seen_Hz.max()))
    axes.set_ylim(float(seen_ohm.min()) / 3.0, 3.0 * float(seen_ohm.max()))
    axes.set_xlabel("frequency / Hz")
    axes.set_title(content.label)
