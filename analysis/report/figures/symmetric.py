"""Symmetric cells: voltage against time, polarization and area resistance of each half-cycle, sudden drops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from solbench.analysis.report.contents import Content
from solbench.analysis.report.numbers import DASH, duration, plain, with_error
from solbench.analysis.report.style import (
    BLACK,
    BLUE,
    VERMILLION,
    Drawing,
    course,
    grid,
    in_threes,
    numbered,
    width_in,
)
from solbench.analysis.report.tables import Table, few_of, with_remarks
from solbench.analysis.views.symmetric import DROP, Drop, HalfCycle, half_cycles_of
from solbench.protocols.cells import SYMMETRIC_KINDS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_CM2 = 1e4
_HEIGHTS = (1.2, 1.0)


def drawings(contents: Sequence[Content]) -> list[Drawing]:
    """Draw voltage against time, and below it the area resistance of each half-cycle."""
    caption = (
        "Above: voltage against time. Below: area resistance of each half-cycle: change of the voltage (mean of the "
        "second half) over that of the current density at the reversal before it, in which an offset cancels; the line "
        "is that of the electrolyte by the spectra. Crosses mark a sudden drop "
        f"to below {100 * DROP:.0f} %. A stable polarization does not prove a stable interface."
    )
    found = [c for c in contents if c.kind in SYMMETRIC_KINDS and c.run.sample_count]
    title = "Symmetric cells: polarization"
    return [
        Drawing(numbered("symmetric", i), title, caption, (width_in(len(group)), 5.4), group, _painter(group))
        for i, group in enumerate(in_threes(found))
    ]


def _painter(group: tuple[Content, ...]) -> Callable[[Figure], None]:
    def draw(fig: Figure) -> None:
        above, below = grid(fig, len(group), _HEIGHTS)
        for top, bottom, content in zip(above, below, group, strict=True):
            top.set_title(content.label)
            _against_time(top, content)
            _resistances(bottom, content)

    return draw


def _against_time(axes: Axes, content: Content) -> None:
    time_s, voltage_V = course(content.run, "voltage_V")
    voltage = 1e3 * voltage_V
    axes.plot(time_s / 3600.0, voltage, color=BLUE, lw=0.9)
    axes.set_xlabel("time / h")
    axes.set_ylabel("voltage / mV")
    top = 1.1 * float(np.max(np.abs(voltage))) or 1.0
    axes.set_ylim(-top, top)


def _resistances(axes: Axes, content: Content) -> None:
    found = half_cycles_of(content.run)
    for sign, colour, marker, words in ((1, BLUE, "o", "positive"), (-1, VERMILLION, "s", "negative")):
        own = [one for one in found if one.current_A * sign > 0]
        x, y = [one.number for one in own], [_areal(content, one) for one in own]
        axes.plot(x, y, marker, color=colour, ms=3.5, mfc="none", label=f"{words} current")
    fallen = [one for one in found if one.drop is not None]
    axes.plot(
        [one.number for one in fallen], [_areal(content, one) for one in fallen], "x", color=BLACK, ms=7
    )
    fit = content.spectra.fit
    if fit is not None:
        level = fit.states[0].r_sse_ohm * content.area_m2 * _CM2
        axes.axhline(level, color=BLACK, lw=0.8, ls=":", label="electrolyte")
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, 0.0), high + 0.3 * (high - min(low, 0.0)))
    axes.set_xlabel("half-cycle")
    axes.set_ylabel("area resistance / Ω cm²")
    axes.legend(loc="upper right", ncols=3, columnspacing=0.8, handletextpad=0.3)


def _areal(content: Content, one: HalfCycle) -> float:
    return one.resistance_ohm * content.area_m2 * _CM2


def cells(contents: Sequence[Content]) -> Table | None:
    """Make the table of symmetric cells: how the polarization went, and what the first and last spectrum say."""
    found = [one for one in contents if one.kind in SYMMETRIC_KINDS and half_cycles_of(one.run)]
    rows = [_cell(content) for content in found]
    head = (
        "cell",
        "half-cycles",
        "current / mA cm⁻²",
        "polarization, first / mV",
        "last / mV",
        "area resistance, first / Ω cm²",
        "largest / Ω cm²",
        "last / Ω cm²",
        "R_SSE / Ω cm²",
        "interfacial, each electrode, first spectrum / Ω cm²",
        "last spectrum / Ω cm²",
        "sudden drops",
    )
    note = (
        "Polarization: mean of the second half of a half-cycle, in the direction of the current. Interfacial: half of "
        "what all arcs of a spectrum have beyond R_SSE, each electrode taken as the same. A sudden drop to below "
        f"{100 * DROP:.0f} % within two readings, later than 5 s after a reversal, or from one half-cycle to the next "
        "of the same direction: a soft short, until a spectrum shows otherwise."
    )
    return Table("Symmetric cells", head, tuple(rows), with_remarks(note, found)) if rows else None


def _cell(content: Content) -> tuple[str, ...]:
    found = half_cycles_of(content.run)
    areal = [_areal(content, one) for one in found]
    area_cm2 = content.area_m2 * _CM2
    fit = content.spectra.fit
    drops = [one for one in found if one.drop is not None]
    shown = "; ".join(
        f"half-cycle {one.number}: {drop_words(one.drop)}" for one in drops[:3] if one.drop is not None
    )
    more = f"; and {len(drops) - 3} more" if len(drops) > 3 else ""
    return (
        content.label,
        str(len(found)),
        plain(1e3 * abs(found[0].current_A) / area_cm2, 3),
        plain(1e3 * found[0].polarization_V, 4),
        plain(1e3 * found[-1].polarization_V, 4),
        plain(areal[0], 4),
        plain(max(areal), 4),
        plain(areal[-1], 4),
        with_error(fit.states[0].r_sse_ohm * area_cm2, fit.states[0].r_sse_stderr_ohm * area_cm2)
        if fit
        else DASH,
        *(_electrode(content, place) for place in (0, -1)),
        f"{shown}{more}" or "none",
    )


def _electrode(content: Content, place: int) -> str:
    """Print half of the resistance of a spectrum beyond the electrolyte's (ohm cm2)."""
    fit = content.spectra.fit
    if fit is None or content.withheld or fit.states[place].verdict == "wrong":
        return DASH
    state = fit.states[place]
    arcs = sum(value for name, value in state.fit.values.items() if name.startswith("R"))
    return plain(0.5 * (arcs - state.r_sse_ohm) * content.area_m2 * _CM2, 3)


def drop_words(drop: Drop) -> str:
    """Say what fell, and when.

    >>> drop_words(Drop(0.05, 0.01, 1200.0)), drop_words(Drop(0.05, 0.02))
    ('50 to 10\xa0mV after 20\xa0min', '50 to 20\xa0mV from the one before')
    """
    when = "from the one before" if drop.after_s is None else f"after {duration(drop.after_s)}"
    return f"{plain(1e3 * drop.before_V, 3)} to {plain(1e3 * drop.after_V, 3)}\u00a0mV {when}"


def half_cycles(contents: Sequence[Content]) -> Table | None:
    """Make the table of half-cycles; of many those that tell most."""
    rows = [
        (
            content.label,
            str(one.number),
            plain(1e3 * one.current_A / content.area_m2 / _CM2, 3),
            plain(1e3 * one.polarization_V, 4),
            plain(1e3 * one.end_V, 4),
            plain(_areal(content, one), 4),
            drop_words(one.drop) if one.drop is not None else DASH,
        )
        for content in contents
        if content.kind in SYMMETRIC_KINDS
        for one in few_of(half_cycles_of(content.run))
    ]
    head = (
        "cell",
        "half-cycle",
        "current / mA cm⁻²",
        "polarization / mV",
        "at its end / mV",
        "area resistance / Ω cm²",
        "sudden drop",
    )
    return Table("Half-cycles of symmetric cells", head, tuple(rows)) if rows else None
