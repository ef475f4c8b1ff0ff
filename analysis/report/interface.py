"""Figures of the interfacial resistance against capacity, and of the Kramers-Kronig residuals of the spectra."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from solbench.analysis.report.contents import Content
from solbench.analysis.report.numbers import with_error
from solbench.analysis.report.style import (
    BLUE,
    VERMILLION,
    Drawing,
    grid,
    in_threes,
    log_decades,
    numbered,
    width_in,
)
from solbench.analysis.report.voltages import CAPACITY
from solbench.fitting.elements import Array
from solbench.fitting.linear_kk import KramersKronig, kramers_kronig
from solbench.fitting.verdicts import BY_DEFINITION

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COVERAGE = 1.96
_LEAST_SPAN = 0.1  # of R_SSE: a smaller span would blow noise up to a trend
_MOST_STATES = 5
_LEAST_CAPACITY = 1e-3  # mAh/cm2 between the states of a cell that was not at rest


def resistances(contents: Sequence[Content]) -> list[Drawing]:
    """Draw the interfacial resistance against areal capacity where there are several states."""
    with_states = [c for c in contents if len(c.states) > 1 and c.spectra.has_interphase]

    def painter(group: tuple[Content, ...]) -> Callable[[Figure], None]:
        def draw(fig: Figure) -> None:
            [row] = grid(fig, len(group))
            for axes, content in zip(row, group, strict=True):
                axes.set_title(content.label)
                _resistance(axes, content)

        return draw

    caption = (
        "Bars are 95 % intervals of the joint fit. Filled: an arc is seen; open: no arc is seen, linear estimate, "
        "which may be below zero. Diamond: the reference, 0 by definition, from which the growth counts. The scales "
        "differ."
    )
    title = "Interfacial resistance over the states"
    return [
        Drawing(numbered("interface", i), title, caption, (width_in(len(group)), 3.6), group, painter(group))
        for i, group in enumerate(in_threes(with_states))
    ]


def _resistance(axes: Axes, content: Content) -> None:
    states = content.states
    x, words = _abscissa(content)
    y = np.array([state.r_interface_ohm for _, state in states])
    error = _COVERAGE * np.array([state.r_interface_stderr_ohm for _, state in states])
    reference = np.array([state.is_reference for _, state in states])
    known = np.isfinite(y) & np.isfinite(error) & (not content.withheld)
    seen = np.array([state.identified for _, state in states])
    axes.plot(x[known], y[known], "-", color=BLUE, lw=0.8, alpha=0.6)
    for chosen, fill in ((known & seen, BLUE), (known & ~seen & ~reference, "white")):
        if np.any(chosen):
            axes.errorbar(x[chosen], y[chosen], error[chosen], fmt="o", color=BLUE, mfc=fill, ms=6, capsize=4)
    if np.any(known & reference):
        axes.plot(x[reference], y[reference], "D", color=BLUE, mfc="white", ms=6)
        axes.annotate(
            BY_DEFINITION,
            (float(x[reference][0]), 0.0),
            xytext=(9, -7),
            textcoords="offset points",
            va="top",
            fontsize=8,
        )
    _span(axes, max(abs(state.r_sse_ohm) for _, state in states) * _LEAST_SPAN)
    growth = content.spectra.growth
    if content.withheld:
        axes.text(0.03, 0.95, "growth withheld", transform=axes.transAxes, va="top")
    elif growth is not None:
        text = f"growth {with_error(growth.value_ohm, growth.stderr_ohm, chr(0x3A9))}"
        axes.text(0.03, 0.95, text, transform=axes.transAxes, va="top")
    axes.set_xlabel(words)
    axes.set_ylabel("interfacial resistance / \u03a9")


def _abscissa(content: Content) -> tuple[Array, str]:
    """Return the areal capacity at each state; the time since the first one where hardly any charge flowed."""
    records = [record for record, _ in content.states]
    capacity = np.array([content.capacity_of(record) for record in records])
    if np.ptp(capacity) > _LEAST_CAPACITY:
        return capacity, CAPACITY
    return np.array([record.time_s - records[0].time_s for record in records]) / 3600.0, "time / h"


def _span(axes: Axes, least: float) -> None:
    low, high = axes.get_ylim()
    missing = max(0.0, least - (high - low)) / 2.0
    low, high = low - missing, high + missing
    axes.set_ylim(low - 0.08 * (high - low), high + 0.12 * (high - low))


def kramers_kronig_residuals(contents: Sequence[Content]) -> list[Drawing]:
    """Draw the Kramers-Kronig residuals of all spectra, a run a row and a state a panel."""
    groups = in_threes([c for c in contents if c.spectra.records])
    caption = (
        "(Z \u2212 Z_KK)/|Z| of each spectrum against its own linear Kramers-Kronig description: filled real part, "
        "open imaginary part. The dotted lines are the residual, which for a good spectrum is its noise. Slow drift is "
        "not seen by it."
    )

    def painter(group: tuple[Content, ...]) -> Callable[[Figure], None]:
        return lambda fig: _rows(fig, group)

    drawings = []
    for i, group in enumerate(groups):
        columns = min(_MOST_STATES, max(len(c.spectra.records) for c in group))
        size = (width_in(columns), 1.2 + 1.75 * len(group))
        title = "Kramers-Kronig residuals"
        drawings.append(Drawing(numbered("kramers-kronig", i), title, caption, size, group, painter(group)))
    return drawings


def _rows(fig: Figure, group: tuple[Content, ...]) -> None:
    columns = min(_MOST_STATES, max(len(content.spectra.records) for content in group))
    rows = grid(fig, columns, [1.0] * len(group), gaps_in=(0.12, 0.42))
    for row, content in zip(rows, group, strict=True):
        found = [
            (record, kramers_kronig(*content.spectra.spectrum(record)))
            for record in content.spectra.records[:columns]
        ]
        largest = max(float(np.max(np.abs(kk.residuals))) for _, kk in found)
        for place, axes in enumerate(row):
            if place >= len(found):
                axes.set_axis_off()
                continue
            record, kk = found[place]
            name = content.state_name(record)
            axes.set_title(f"{content.label}, {name}" if place == 0 else name, fontsize=9)
            _residual(axes, content.spectra.spectrum(record)[0], kk, largest)
            axes.tick_params(labelleft=place == 0, labelbottom=row is rows[-1])
            if place == 0:
                axes.set_ylabel("residual / %")
            if row is rows[-1]:
                axes.set_xlabel("frequency / Hz")


def _residual(axes: Axes, frequency_Hz: Array, kk: KramersKronig, largest: float) -> None:
    log_decades(axes)
    for part, colour, fill in ((kk.residuals.real, BLUE, BLUE), (kk.residuals.imag, VERMILLION, "none")):
        axes.plot(frequency_Hz, 100.0 * part, "o", color=colour, mfc=fill, ms=2.8, mew=0.7)
    for line in (kk.residual, -kk.residual):
        axes.axhline(100.0 * line, color="black", lw=0.8, ls=":")
    axes.set_ylim(-120.0 * largest, 120.0 * largest)
    axes.text(0.97, 0.04, f"{100 * kk.residual:.2f} %", transform=axes.transAxes, ha="right", fontsize=8)
