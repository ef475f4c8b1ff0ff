"""Figures of voltage: against areal capacity in half cells and full cells, dQ/dV, and against time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from solbench.acquisition.record.folds import StepRecord
from solbench.analysis.cycling import areal_capacity_mAh_cm2
from solbench.analysis.report.contents import Content
from solbench.analysis.report.cycles import Cycle, direction
from solbench.analysis.report.style import (
    BLUE,
    VERMILLION,
    Drawing,
    grid,
    in_threes,
    numbered,
    thinned,
    width_in,
)
from solbench.fitting.voltage_curves import differential_capacity

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CAPACITY = "areal capacity / mAh cm⁻²"
VOLTAGE = "voltage / V"
_LOOKS = {False: (BLUE, "-"), True: (VERMILLION, "--")}  # by whether the current is positive
_STEP_V = 0.01
_LEGEND = 0.36  # room above the curves


def half_cells(contents: Sequence[Content]) -> list[Drawing]:
    """Draw voltage against areal capacity of half cells, with the states at which spectra were taken."""
    return _panels(
        [c for c in contents if c.kind == "half" and c.cycles],
        "voltage",
        "Half cells: voltage against areal capacity",
        "Sodiation (solid) and desodiation (dashed), each counted from its own start; the points are the relaxed "
        "voltages at which the spectra were taken.",
        _half_cell,
    )


def full_cells(contents: Sequence[Content]) -> list[Drawing]:
    """Draw the first cycle of full cells."""
    return _panels(
        [c for c in contents if c.kind == "full" and c.cycles],
        "first-cycle",
        "Full cells: first cycle",
        "Charge (solid) and discharge (dashed), each counted from its own start.",
        _first_cycle,
    )


def differential(contents: Sequence[Content]) -> list[Drawing]:
    """Draw dQ/dV of the first cycle of half cells and full cells."""
    return _panels(
        [c for c in contents if c.kind in ("half", "full") and c.cycles and _currents(c.cycles[0])],
        "dq-dv",
        "Differential capacity of the first cycle",
        f"Steps of {1000 * _STEP_V:g} mV; the charge counts at the voltage at which it flowed. "
        "The capacity taken out is drawn downwards.",
        _differential,
    )


def symmetric(contents: Sequence[Content]) -> list[Drawing]:
    """Draw voltage against time of symmetric cells."""
    return _panels(
        [c for c in contents if c.kind == "symmetric" and len(c.run.samples)],
        "symmetric",
        "Symmetric cells: polarization over time",
        "A stable polarization does not prove a stable interface.",
        _against_time,
    )


def _panels(
    contents: Sequence[Content], name: str, title: str, caption: str, paint: Callable[[Axes, Content], None]
) -> list[Drawing]:
    def painter(group: tuple[Content, ...]) -> Callable[[Figure], None]:
        def draw(fig: Figure) -> None:
            [row] = grid(fig, len(group))
            for axes, content in zip(row, group, strict=True):
                axes.set_title(content.label)
                paint(axes, content)

        return draw

    return [
        Drawing(numbered(name, i), title, caption, (width_in(len(group)), 3.6), group, painter(group))
        for i, group in enumerate(in_threes(contents))
    ]


def _half_cell(axes: Axes, content: Content) -> None:
    _curves(axes, content)
    records = [record for record in content.run.spectra if record.start.fraction is not None]
    if records:
        capacities = [content.capacity_of(record) for record in records]
        volts = [record.start.dc_voltage_V for record in records]
        axes.plot(capacities, volts, "o", mfc="white", mec="black", ms=6, mew=1.2, label="spectrum (at rest)")
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + _LEGEND * (high - low))
    axes.legend(loc="upper left")


def _first_cycle(axes: Axes, content: Content) -> None:
    _curves(axes, content)
    axes.legend(loc="lower center")


def _curves(axes: Axes, content: Content) -> None:
    first = content.cycles[0]
    for half, charge in ((first.first, first.first_charge), (first.second, first.second_charge)):
        if half is None or charge is None:
            continue
        colour, line = _LOOKS[half.is_positive == (content.kind == "half")]
        capacity, voltage = thinned(*content.areal_curve(half))
        total = areal_capacity_mAh_cm2(charge.charge_C, content.area_m2)
        words = f"{direction(content.kind, charge.current_A)}, {total:.3g} mAh cm⁻²"
        axes.plot(capacity, voltage, line, color=colour, label=words)
    axes.set_xlabel(CAPACITY)
    axes.set_ylabel(VOLTAGE)
    axes.set_xlim(left=-0.02 * axes.get_xlim()[1])


def _differential(axes: Axes, content: Content) -> None:
    first = content.cycles[0]
    labelled: set[float] = set()
    for step, sign in _currents(first):
        found = differential_capacity(*content.watched_curve(step), step_V=_STEP_V)
        per_volt = found.charge_per_volt_C_V * areal_capacity_mAh_cm2(1.0, content.area_m2)
        current_A = step.current_A or 0.0
        colour, line = _LOOKS[(current_A > 0.0) == (content.kind == "half")]
        words = None if sign in labelled else direction(content.kind, current_A)
        labelled.add(sign)
        axes.plot(found.voltage_V, sign * per_volt, line, color=colour, lw=1.1, label=words)
    axes.axhline(0.0, color="black", lw=0.6)
    axes.set_xlabel(VOLTAGE)
    axes.set_ylabel("dQ/dV / mAh cm⁻² V⁻¹")
    axes.legend(loc="best")


def _currents(cycle: Cycle) -> list[tuple[StepRecord, float]]:
    """Return the constant currents of a cycle, with the sign of their half; the charge of a held voltage has no dV."""
    halves = ((cycle.first, 1.0), (cycle.second, -1.0))
    return [(step, sign) for half, sign in halves if half is not None for step in half.held if step.current_A]


def _against_time(axes: Axes, content: Content) -> None:
    samples = content.run.samples
    hours, voltage = thinned(samples["time_s"] / 3600.0, 1e3 * samples["voltage_V"])
    axes.plot(hours, voltage, color=BLUE, lw=0.9)
    axes.set_xlabel("time / h")
    axes.set_ylabel("voltage / mV")
    top = 1.1 * float(np.max(np.abs(voltage)))
    axes.set_ylim(-top, top)
