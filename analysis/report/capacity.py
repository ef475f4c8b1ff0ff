"""Capacity and Coulombic efficiency against the number of the cycle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from solbench.analysis.cycling import areal_capacity_mAh_cm2
from solbench.analysis.report.contents import Content
from solbench.analysis.report.style import SERIES, Drawing, grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_FEW = 60  # more cycles are drawn without a mark for each


def against_cycle(contents: Sequence[Content]) -> list[Drawing]:
    """Draw capacities above and Coulombic efficiency below, all full cells in one figure, four in each."""
    full = [c for c in contents if c.kind == "full" and c.cycles]
    caption = (
        "Above: capacity of the charge (open) and the discharge (filled). Below: Coulombic efficiency, discharge over "
        "charge, of the cycles whose halves both ended by their own condition; bars are standard uncertainties."
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

    [[above], [below]] = grid(fig, 1, (1.2, 1.0), gaps_in=(0.7, 0.3))
    for content, looks in zip(group, SERIES, strict=False):
        _capacities(above, content, looks)
        _efficiencies(below, content, looks)
    above.set_ylabel("capacity / mAh cm⁻²")
    above.set_ylim(0.0, 1.25 * above.get_ylim()[1])
    above.tick_params(labelbottom=False)
    above.legend(loc="upper right", ncols=len(group))
    below.set_ylabel("Coulombic efficiency / %")
    below.set_ylim(0.0, 108.0)
    below.set_xlabel("cycle")
    most = max(cycle.number for content in group for cycle in content.cycles)
    for axes in (above, below):
        axes.set_xlim(0.5 - 0.01 * most, most + 0.5 + 0.01 * most)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))


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
    x = [number for number, _ in found]
    y = [100.0 * efficiency.value for _, efficiency in found]
    if len(found) > _FEW:
        axes.plot(x, y, line, color=colour, lw=1.0, label=content.label)
        return
    error = [100.0 * efficiency.stderr for _, efficiency in found]
    axes.errorbar(
        x, y, error, fmt=marker, ls=line, color=colour, ms=5, lw=1.0, capsize=3, label=content.label
    )
