"""Formation and long cycling: what the first cycles cost, how much capacity stays, and what grows meanwhile."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from solbench.analysis.cycling import MAH_CM2_IN_C_M2, Uncertain, areal_capacity_mAh_cm2, retention
from solbench.analysis.experiments.experiment import Experiment, Found, Number, Shown, number
from solbench.analysis.report.cycles import Cycle, changed_words, cycles_of
from solbench.analysis.report.style import SERIES, grid
from solbench.analysis.run_spectra import RunSpectra
from solbench.fitting.laws.arrhenius import INTERVAL

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEAST_CYCLES, LEAST_SPECTRA = 3, 2
MOST_CURRENTS = 2  # formation, and cycling; more are a rate capability
ENDS_AT = 0.8
_LAST = 10
_CM2 = 1e4


@dataclass(frozen=True)
class Resistance:
    """The resistance (ohm) of a state: electrolyte and all arcs, after `cycle` whole cycles."""

    cycle: int
    ohm: float
    stderr_ohm: float


@dataclass(frozen=True)
class Life:
    """All whole cycles, those at the current of most of them with what each retains of the first, and the spectra.

    `mixed`: those whose current was changed on its way, so that their capacity is that of none.
    """

    cycles: tuple[Cycle, ...]
    cycling: tuple[Cycle, ...]
    kept: tuple[Uncertain, ...]
    resistances: tuple[Resistance, ...]
    area_m2: float
    mixed: tuple[int, ...] = ()


def analyse(spectra: RunSpectra) -> Found[Life] | None:
    """Find it in a run on a half or full cell that was cycled with spectra in between, or after slower cycles."""
    run = spectra.run
    if run.header.cell.kind not in ("half", "full"):
        return None
    whole = [cycle for cycle in cycles_of(run) if cycle.efficiency is not None]
    by_current: dict[float, list[Cycle]] = {}
    mixed = tuple(cycle.number for cycle in whole if cycle.second is not None and cycle.second.changed)
    for cycle in (cycle for cycle in whole if cycle.number not in mixed):
        by_current.setdefault(_rounded(_current_A(cycle)), []).append(cycle)
    if not by_current or len(by_current) > MOST_CURRENTS:
        return None
    cycling = max(by_current.values(), key=len)
    if len(cycling) < LEAST_CYCLES or any(
        len(own) == len(cycling) for own in by_current.values() if own != cycling
    ):
        return None
    resistances = tuple(_resistances(spectra, whole))
    if len(resistances) < LEAST_SPECTRA and len(by_current) == 1:
        return None
    charges = [cycle.second_charge for cycle in cycling if cycle.second_charge is not None]
    if charges[0].charge_C == 0.0:
        return None
    life = Life(
        tuple(whole),
        tuple(cycling),
        tuple(retention(charges)),
        resistances,
        run.header.cell.required("area_m2"),
        mixed,
    )
    return Found(tuple(_numbers(life)), tuple(_notes(life)), life, _verdict(life))


def _current_A(cycle: Cycle) -> float:
    return abs(cycle.second_charge.current_A) if cycle.second_charge is not None else 0.0


def _rounded(current_A: float) -> float:
    """Return a current to two digits: those of one C-rate are one."""
    return float(f"{current_A:.1e}")


def _resistances(spectra: RunSpectra, whole: Sequence[Cycle]) -> Iterator[Resistance]:
    if spectra.fit is None:
        return
    ends_s = [cycle.second.steps[-1].end_s for cycle in whole if cycle.second is not None]
    for record, state in zip(spectra.records, spectra.fit.states, strict=True):
        # by itself: what a state shares with others leaves open how the sum divides, but not the sum
        found = spectra.alone[record.spectrum]
        known = math.isfinite(found.r_total_ohm) and math.isfinite(found.r_total_stderr_ohm)
        if state.verdict != "wrong" and not state.fresh and known:
            after = sum(end_s < record.time_s for end_s in ends_s)
            yield Resistance(after, found.r_total_ohm, found.r_total_stderr_ohm)


def _ends(kept: Sequence[float], level: float) -> int | None:
    """Return how many cycles were made when the capacity had fallen below a level, for good; None where it has not."""
    below = len(kept)
    while below > 0 and kept[below - 1] < level:
        below -= 1
    return below + 1 if below < len(kept) else None


def _numbers(life: Life) -> Iterator[Number]:
    first, cycling = life.cycles[0], life.cycling
    assert first.efficiency is not None
    efficiency = first.efficiency
    yield number(
        "first_cycle_efficiency", "efficiency of the first cycle", efficiency.value, efficiency.stderr, ""
    )
    charge = cycling[0].second_charge
    assert charge is not None
    capacity = areal_capacity_mAh_cm2(charge.charge_C, life.area_m2)
    stderr = areal_capacity_mAh_cm2(charge.stderr_C(), life.area_m2)
    yield number("capacity_mAh_cm2", f"capacity of cycle {cycling[0].number}", capacity, stderr, "mAh/cm2")
    last = life.kept[-1]
    title = f"capacity of cycle {cycling[-1].number} over cycle {cycling[0].number}"
    yield number("retention", title, last.value, last.stderr, "")
    late = [cycle.efficiency for cycle in cycling[-_LAST:] if cycle.efficiency is not None]
    mean = sum(one.value for one in late) / len(late)
    common = sum(one.stderr for one in late) / len(late)  # the zero of the ammeter is the same in all
    yield number("mean_efficiency", f"mean efficiency of the last {len(late)} cycles", mean, common, "")
    values = [one.value for one in life.kept]
    if (ends := _ends(values, ENDS_AT)) is not None:
        low = _ends([one.value - INTERVAL * one.stderr for one in life.kept], ENDS_AT)
        high = _ends([one.value + INTERVAL * one.stderr for one in life.kept], ENDS_AT)
        title = f"cycles until the capacity is below {ENDS_AT:.0%}"
        yield Number("cycles_to_80_percent", title, float(ends), None, low, high, "")
    if len(life.resistances) >= LEAST_SPECTRA:
        one, other = life.resistances[0], life.resistances[-1]
        error = math.hypot(one.stderr_ohm, other.stderr_ohm)
        title = f"growth of the resistance over {other.cycle - one.cycle} cycles"
        yield number("resistance_growth_ohm", title, other.ohm - one.ohm, error, "ohm")


def _verdict(life: Life) -> str:
    ends = _ends([one.value for one in life.kept], ENDS_AT)
    if ends is None:
        return f"above {ENDS_AT:.0%} of the capacity for all of {len(life.cycling)} cycles"
    return f"below {ENDS_AT:.0%} of the capacity at cycle {life.cycling[ends - 1].number}"


def _notes(life: Life) -> Iterator[str]:
    yield from (changed_words(number) for number in life.mixed)
    slower = [cycle for cycle in life.cycles if cycle not in life.cycling and cycle.number not in life.mixed]
    if slower:
        lost = (
            sum(cycle.lost.value for cycle in slower if cycle.lost is not None)
            / life.area_m2
            / MAH_CM2_IN_C_M2
        )
        yield (
            f"{len(slower)} cycles of formation, in which {abs(lost):.3g} mAh/cm2 were lost; the retention begins "
            "after them"
        )
    else:
        yield "no slower cycles before: the retention includes what formation costs"
    counts = Counter(one.cycle for one in life.resistances)
    if not counts:
        yield "no spectra: what grows meanwhile is not known"


def paint(fig: Figure, shown: Sequence[Shown[Life]]) -> None:
    """Draw capacity and efficiency of each cycle, and below them the resistance."""
    with_spectra = any(one.found.data.resistances for one in shown)
    rows = grid(fig, 1, (1.0, 0.7, 0.7) if with_spectra else (1.0, 0.7))
    for (colour, marker, _), one in zip(SERIES, shown, strict=False):
        life = one.found.data
        numbers = [cycle.number for cycle in life.cycles]
        charges = [cycle.second_charge.charge_C if cycle.second_charge else math.nan for cycle in life.cycles]
        levels = [areal_capacity_mAh_cm2(charge_C, life.area_m2) for charge_C in charges]
        rows[0][0].plot(numbers, levels, marker, color=colour, ms=3, label=one.label)
        reference = areal_capacity_mAh_cm2(charges[life.cycles.index(life.cycling[0])], life.area_m2)
        rows[0][0].axhline(ENDS_AT * reference, color=colour, lw=0.7, ls=":")
        efficiencies = [
            100.0 * cycle.efficiency.value if cycle.efficiency else math.nan for cycle in life.cycles
        ]
        rows[1][0].plot(numbers, efficiencies, marker, color=colour, ms=3)
        if with_spectra:
            at = [each.cycle for each in life.resistances]
            ohm = [each.ohm for each in life.resistances]
            rows[2][0].errorbar(
                at, ohm, [each.stderr_ohm for each in life.resistances], fmt=marker, color=colour, ms=4
            )
    rows[0][0].set_ylim(bottom=0.0)
    rows[0][0].set_ylabel("capacity / mAh cm⁻²")
    rows[0][0].legend(loc="best")
    rows[1][0].set_ylabel("efficiency / %")
    if with_spectra:
        rows[2][0].set_ylabel("resistance / Ω")
    for [axes] in rows:
        axes.set_xlabel("cycle")


EXPERIMENT = Experiment(
    name="cycle_life",
    title="Formation and cycling",
    protocols=("formation-and-cycling",),
    analyse=analyse,
    caption=(
        "Capacity that each whole cycle gave back (dotted: 80 % of the first after formation), its Coulombic "
        "efficiency, and the resistance of electrolyte and arcs in the spectra between them."
    ),
    size_in=(5.8, 6.2),
    paint=paint,
)
