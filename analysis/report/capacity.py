"""Capacity and Coulombic efficiency against the number of the cycle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from solbench.analysis.cycling import MAH_CM2_IN_C_M2, areal_capacity_mAh_cm2
from solbench.analysis.report.contents import Content
from solbench.analysis.report.style import SECOND_AXIS_IN, SERIES, Drawing, grid, second_scale
from solbench.fitting.elements import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_NINES = 5  # 99.999 %: no ammeter tells more
_TICKS = (0.0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999)
_FEW = 60  # more cycles are drawn without a mark for each


def against_cycle(contents: Sequence[Content]) -> list[Drawing]:
    """Draw capacities above and Coulombic efficiency below, all full cells in one figure, four in each."""
    full = [c for c in contents if c.kind == "full" and c.cycles]
    caption = (
        "Above: capacity of the charge (open) and the discharge (filled). Below: Coulombic efficiency, discharge over "
        "charge, of the cycles whose halves both ended by their own condition; bars are standard uncertainties. Its "
        "scale is by what is missing from 100 %, so that 99 and 99.99 % stand apart; a triangle is 100 % or above."
    )
    drawings = []
    for place in range(0, len(full), len(SERIES)):
        group = tuple(full[place : place + len(SERIES)])
        name = "capacity" if place == 0 else f"capacity-{place // len(SERIES) + 1}"
        title = "Full cells: capacity and Coulombic efficiency against cycle"
        drawings.append(Drawing(name, title, caption, (7.2, 5.4), group, lambda fig, g=group: _draw(fig, g)))  # type: ignore[misc]
    return drawings


def _draw(fig: Figure, group: tuple[Content, ...]) -> None:
    from matplotlib.ticker import MaxNLocator

    [[above], [below]] = grid(fig, 1, (1.2, 1.0), gaps_in=(0.7, 0.3), right_in=SECOND_AXIS_IN)
    for content, looks in zip(group, SERIES, strict=False):
        _capacities(above, content, looks)
        _efficiencies(below, content, looks)
    above.set_ylabel("capacity / mAh cm⁻²")
    above.set_ylim(0.0, 1.25 * above.get_ylim()[1])
    above.tick_params(labelbottom=False)
    above.legend(loc="upper right", ncols=len(group))
    _per_gram(above, group)
    below.set_ylabel("Coulombic efficiency / %", labelpad=1.0)
    below.tick_params(axis="y", labelsize=7.5)
    _efficiency_scale(below, group)
    below.set_xlabel("cycle")
    most = max(cycle.number for content in group for cycle in content.cycles)
    for axes in (above, below):
        axes.set_xlim(0.5 - 0.01 * most, most + 0.5 + 0.01 * most)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _per_gram(axes: Axes, group: tuple[Content, ...]) -> None:
    """Add the capacity per gram on the right, where all cells have one areal mass of active material."""
    masses = [(content.active_mass_kg or 0.0) / content.area_m2 for content in group]
    if min(masses) <= 0.0 or max(masses) > 1.01 * min(masses):
        return
    factor = MAH_CM2_IN_C_M2 / 3600.0 / masses[0]
    second = second_scale(axes, factor, 0.0)
    second.set_ylabel("capacity / mAh g\u207b\u00b9")


def _capacities(axes: Axes, content: Content, looks: tuple[str, str, str]) -> None:
    colour, marker, line = looks
    shown = marker if len(content.cycles) <= _FEW else ""
    for second, fill in ((False, "white"), (True, colour)):
        steps = [(c.number, c.second if second else c.first) for c in content.cycles]
        points = [(n, areal_capacity_mAh_cm2(s.charge_C, content.area_m2)) for n, s in steps if s is not None]
        words = f"{content.label}, {'discharge' if second else 'charge'}"
        x, y = zip(*points, strict=True) if points else ((), ())
        width = 1.2 if second else 0.8
        axes.plot(x, y, line, marker=shown, color=colour, mfc=fill, ms=5, lw=width, label=words)


def _efficiencies(axes: Axes, content: Content, looks: tuple[str, str, str]) -> None:
    colour, marker, line = looks
    found = [(cycle.number, cycle.efficiency) for cycle in content.cycles if cycle.efficiency is not None]
    if not found:
        return
    x = np.array([number for number, _ in found])
    value = np.array([efficiency.value for _, efficiency in found])
    stderr = np.array([efficiency.stderr for _, efficiency in found])
    y = nines(value)
    axes.plot(x, y, line, marker=marker if len(found) <= _FEW else "", color=colour, ms=5, lw=1.0)
    over = value >= 1.0
    if over.any():
        axes.plot(x[over], y[over], "^", color=colour, ms=6, clip_on=False)
    if len(found) <= _FEW:
        ends = np.abs([nines(value - stderr) - y, nines(value + stderr) - y])
        axes.errorbar(x, y, ends, fmt="none", color=colour, capsize=3, lw=1.0)


def nines(efficiency: Array) -> Array:
    """Place efficiencies by how little is missing to one: 0.9 at 1, 0.99 at 2, one and above at `_MOST_NINES`.

    >>> nines(np.array([0.5, 0.9, 0.999, 1.001])).round(6).tolist()
    [0.30103, 1.0, 3.0, 5.0]
    """
    missing = np.clip(1.0 - np.asarray(efficiency, float), 10.0**-_MOST_NINES, 10.0)
    return np.asarray(-np.log10(missing))


def _efficiency_scale(axes: Axes, group: tuple[Content, ...]) -> None:
    known = [c.efficiency.value for content in group for c in content.cycles if c.efficiency is not None]
    low, high = nines(np.array([min(known, default=0.0), max(known, default=1.0)]))
    places = nines(np.array(_TICKS))
    shown = places <= max(high + 1.0, 1.0)
    axes.set_yticks(places[shown], [f"{100 * value:.7g}" for value in np.array(_TICKS)[shown]])
    axes.set_ylim(min(low, 0.0) - 0.1, min(max(high + 0.5, 1.0), _MOST_NINES) + 0.1)
