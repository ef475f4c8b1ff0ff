"""Rate capability: the capacity that a cell gives back at each current, against that at the slowest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from solbench.analysis.cycling import areal_capacity_mAh_cm2
from solbench.analysis.experiments.experiment import Experiment, Found, Shown, number
from solbench.analysis.report.cycles import Cycle, changed_words, cycles_of
from solbench.analysis.report.style import SERIES
from solbench.analysis.run_spectra import RunSpectra

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEAST_RATES = 3
_SAME = 1.02  # currents whose ratio is less are one
_CM2 = 1e4
_RECOVERED = 0.97  # of the first capacity at the slowest current


@dataclass(frozen=True)
class AtRate:
    """What a cycle gave back: the current density (mA/cm2) and the areal capacity (mAh/cm2) with its uncertainty."""

    cycle: int
    current_mA_cm2: float
    capacity_mAh_cm2: float
    stderr_mAh_cm2: float


def analyse(spectra: RunSpectra) -> Found[tuple[AtRate, ...]] | None:
    """Find it in a run on a half or a full cell whose whole cycles have three currents or more."""
    run = spectra.run
    if run.header.cell.kind not in ("half", "full"):
        return None
    area_m2 = run.header.cell.required("area_m2")
    whole = [cycle for cycle in cycles_of(run) if cycle.efficiency is not None]
    mixed = [cycle.number for cycle in whole if cycle.second is not None and cycle.second.changed]
    found = tuple(
        one for cycle in whole if cycle.number not in mixed and (one := _at_rate(cycle, area_m2)) is not None
    )
    rates: dict[float, list[AtRate]] = {}
    for one in found:
        known = next((rate for rate in rates if 1 / _SAME < one.current_mA_cm2 / rate < _SAME), None)
        rates.setdefault(known if known is not None else one.current_mA_cm2, []).append(one)
    if len(rates) < LEAST_RATES:
        return None
    slowest = rates[min(rates)]
    reference = slowest[0]
    numbers, notes = [], [changed_words(number) for number in mixed]
    for rate in sorted(rates):
        last = rates[rate][-1]  # the first cycle at a new current still carries the one before
        title = f"capacity at {rate:.3g} mA/cm2"
        value, stderr = last.capacity_mAh_cm2, last.stderr_mAh_cm2
        numbers.append(number(f"capacity_at_{rate:.3g}_mA_cm2", title, value, stderr, "mAh/cm2"))
    fastest = rates[max(rates)][-1]
    kept = fastest.capacity_mAh_cm2 / reference.capacity_mAh_cm2
    error = (
        kept
        * (
            (fastest.stderr_mAh_cm2 / fastest.capacity_mAh_cm2) ** 2
            + (reference.stderr_mAh_cm2 / reference.capacity_mAh_cm2) ** 2
        )
        ** 0.5
        if fastest.capacity_mAh_cm2
        else reference.stderr_mAh_cm2 / reference.capacity_mAh_cm2
    )
    title = "capacity at the fastest current over that at the slowest"
    numbers.append(number("fastest_over_slowest", title, kept, error, ""))
    if len(slowest) > 1 and slowest[-1].cycle > fastest.cycle:
        back = slowest[-1].capacity_mAh_cm2 / slowest[0].capacity_mAh_cm2
        numbers.append(number("recovered", "recovered at the slowest current", back, error, ""))
        if back < _RECOVERED:
            lost = 100.0 * (1.0 - back)
            notes.append(
                f"{lost:.1f} % of the capacity is lost for good: not all of the decrease is due to the rate"
            )
    else:
        notes.append("no slow cycle after the fast ones: what is lost for good cannot be told from the rate")
    return Found(tuple(numbers), tuple(notes), found)


def _at_rate(cycle: Cycle, area_m2: float) -> AtRate | None:
    charge = cycle.second_charge
    if charge is None or not charge.current_A:
        return None
    current_mA_cm2 = 1e3 * abs(charge.current_A) / (area_m2 * _CM2)
    capacity = abs(areal_capacity_mAh_cm2(charge.charge_C, area_m2))
    return AtRate(cycle.number, current_mA_cm2, capacity, areal_capacity_mAh_cm2(charge.stderr_C(), area_m2))


def paint(figure: Figure, shown: Sequence[Shown[tuple[AtRate, ...]]]) -> None:
    """Draw the capacities against the cycle, with the currents written at them."""
    axes = figure.add_axes((0.13, 0.14, 0.83, 0.75))
    for place, one in enumerate(shown):
        colour, marker, _ = SERIES[place % len(SERIES)]
        cycles = [each.cycle for each in one.found.data]
        level = [each.capacity_mAh_cm2 for each in one.found.data]
        axes.plot(cycles, level, marker, color=colour, label=one.label)
        before = 0.0
        for each in one.found.data:
            if not 1 / _SAME < each.current_mA_cm2 / (before or 1e-12) < _SAME:
                text = f"{each.current_mA_cm2:.3g}"
                axes.annotate(
                    text, (each.cycle, each.capacity_mAh_cm2), (0, 6), textcoords="offset points", fontsize=7
                )
            before = each.current_mA_cm2
    top = max(each.capacity_mAh_cm2 for one in shown for each in one.found.data)
    axes.set_ylim(0.0, 1.25 * top)
    axes.set_xlabel("cycle")
    axes.set_ylabel("capacity / mAh cm⁻²")
    axes.legend(loc="best")


EXPERIMENT = Experiment(
    name="rate_capability",
    title="Rate capability",
    protocols=("rate-capability",),
    analyse=analyse,
    caption="Capacity that each whole cycle gave back; the numbers at the points are current densities in mA/cm².",
    size_in=(5.8, 4.0),
    paint=paint,
)
