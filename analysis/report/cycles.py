"""The cycles of a run with their uncertainties: which charge over which, and how well each is known."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from solbench.acquisition.record.events import SegmentEnd, SessionStart, ZeroRead
from solbench.acquisition.record.folds import HELD, StepRecord
from solbench.acquisition.record.reader import Run
from solbench.analysis.cycling import (
    GAIN_RELATIVE,
    Charge,
    Efficiency,
    Half,
    Uncertain,
    coulombic_efficiency,
    has_efficiency,
    irreversible_charge,
    joined,
    pairs_of,
    retention,
)
from solbench.analysis.polarization import leakage_of
from solbench.drivers.keithley.ranges import RANGES_2400
from solbench.drivers.solartron.ranges import RANGES_1287
from solbench.drivers.srs.ranges import RANGES_EC301
from solbench.protocols.cells import SYMMETRIC_KINDS

_SUBTRACTED = 4.0  # the ledger subtracts a zero that is so many standard errors away from none
_LEAKAGE_S = 1e-10  # across clean leads, where no record says it
_UNREAD_ZERO = 0.001  # of the range: a zero that was not read
_TABLES = {"1287": RANGES_1287, "EC301": RANGES_EC301, "2400": RANGES_2400}


@dataclass(frozen=True)
class Cycle:
    """Two halves of a cycle; `second`, `efficiency`, `lost` are None where they do not apply.

    `retained` compares with the first cycle that is whole, by the second charge. Charges in C.
    """

    number: int
    first: Half
    second: Half | None
    first_charge: Charge
    second_charge: Charge | None
    efficiency: Efficiency | None
    lost: Uncertain | None
    retained: Uncertain | None


def direction(kind: str, current_A: float) -> str:
    """Return the field's word for a direction of current (positive charges the cell) in a kind of build."""
    if kind == "half":
        return "desodiation" if current_A > 0 else "sodiation"
    if kind in SYMMETRIC_KINDS:
        return "positive half-cycle" if current_A > 0 else "negative half-cycle"
    return "charge" if current_A > 0 else "discharge"


def changed_words(number: int) -> str:
    """Return what to say of a cycle that is left out, as another current or voltage was set on its way.

    >>> changed_words(3)
    'cycle 3 is left out: its current or its voltage was changed on the way, and its capacity is that of none'
    """
    return (
        f"cycle {number} is left out: its current or its voltage was changed on the way, and its capacity is that of "
        "none"
    )


def cycles_of(run: Run) -> list[Cycle]:
    """Return the cycles of a run; the Coulombic efficiency only where both halves ended by their own condition."""
    kind = run.header.cell.kind
    charges = charges_of(run)
    cycles = []
    for number, pair in enumerate(pairs_of(run.steps, kind), 1):
        first = _charge_of(pair.first, charges)
        second = _charge_of(pair.second, charges) if pair.second is not None else None
        whole = second is not None and pair.coulombic_efficiency is not None and has_efficiency(kind)
        begun = _with_begun(first, run) if number == 1 else first
        found = _efficiency(kind, begun, second) if whole and second is not None else None
        lost = irreversible_charge(begun, second) if whole and second is not None else None
        cycles.append(Cycle(number, pair.first, pair.second, first, second, found, lost, None))
    return _with_retention(cycles)


def charges_of(run: Run) -> dict[int, Charge]:
    """Return the charge of each step that held a current or a voltage by its index, with what limits its certainty."""
    zeros, ranges, leakage_A, full_scales_A = _zeros(run), run.ranges, _leakage_A(run), full_scales_of(run)
    edges = Counter(end.step for _, end in run.bodies(SegmentEnd) if end.segment in HELD)
    return {
        step.index: _charge(step, current_A, zeros, ranges, 2 * edges[step.index], leakage_A, full_scales_A)
        for step in run.steps
        if step.holds and (current_A := _mean_current_A(step))
    }


def full_scales_of(run: Run) -> dict[int, float]:
    """Return the full scale (A) of each current range of the instrument that drove the cell, by its number."""
    names = {name for _, session in run.bodies(SessionStart) for name in session.instruments}
    table = next((_TABLES[name] for name in _TABLES if name in names), RANGES_1287)
    return {number: one.full_scale_A for number, one in table.by_index.items()}


def _charge_of(half: Half, charges: dict[int, Charge]) -> Charge:
    """Return the charge of a half, that of spectra between its steps included."""
    of_steps = joined([charges[step.index] for step in half.held if step.index in charges])
    return replace(of_steps, charge_C=half.charge_C)


def _with_begun(first: Charge, run: Run) -> Charge:
    """Return the charge of the first half with what had passed of it before the run; its gain is another one's."""
    conditions, kind = run.header.conditions, run.header.cell.kind
    filling = {"half": -1.0, "full": 1.0}.get(kind, 0.0)
    if not conditions.begun_C or first.charge_C * filling <= 0.0:
        return first
    return replace(
        first,
        charge_C=first.charge_C + filling * conditions.begun_C,
        unwatched_C=math.hypot(first.unwatched_C, math.sqrt(2.0) * GAIN_RELATIVE * conditions.begun_C),
    )


def _mean_current_A(step: StepRecord) -> float:
    """Return the current (A) of a step: that which was set, or its mean."""
    if (current_A := step.mean_current_A) is not None:
        return current_A
    duration_s = step.end_s - step.start_s
    return step.charge_C / duration_s if duration_s > 0.0 else 0.0


def _efficiency(kind: str, first: Charge, second: Charge) -> Efficiency:
    words = f"{direction(kind, second.current_A)} over {direction(kind, first.current_A)}"
    return coulombic_efficiency(first, second, words)


def _with_retention(cycles: Sequence[Cycle]) -> list[Cycle]:
    whole = [cycle for cycle in cycles if cycle.efficiency is not None and cycle.second_charge is not None]
    charges = [cycle.second_charge for cycle in whole if cycle.second_charge is not None]
    if len(charges) < 2 or charges[0].charge_C == 0.0:
        return list(cycles)
    kept = dict(zip((cycle.number for cycle in whole), retention(charges), strict=True))
    return [Cycle(**{**vars(cycle), "retained": kept.get(cycle.number)}) for cycle in cycles]


def _charge(
    step: StepRecord,
    current_A: float,
    zeros: dict[int, float],
    ranges: dict[int, int],
    edges: int,
    leakage_A: float,
    full_scales_A: Mapping[int, float],
) -> Charge:
    number = ranges.get(step.index)
    unread = _UNREAD_ZERO * full_scales_A.get(number or 0, 10.0 * abs(current_A))
    stderr = math.hypot(zeros.get(number, unread) if number is not None else unread, leakage_A)
    unwatched_C = step.unwatched_uncertainty_C
    full_scale_A = full_scales_A.get(number or 0, 0.0)
    return Charge(
        step.charge_C, current_A, step.worst_gap_s, stderr, number, max(2, edges), unwatched_C, full_scale_A
    )


def _leakage_A(run: Run) -> float:
    """Return the current (A) that at most leaks past the cell, at the largest voltage between which it is cycled.

    The ammeter reads it with the cell's; a zero that is read at rest holds only some of it.
    """
    quantities = run.header.cell.quantities
    window = quantities.get("usual_window_V") or quantities.get("start_window_V")
    volts = max(map(abs, window.value)) if window is not None and isinstance(window.value, tuple) else 1.0
    known = leakage_of(run)
    return float(volts * (known.conductance_S + known.stderr_S if known is not None else _LEAKAGE_S))


def _zeros(run: Run) -> dict[int, float]:
    """Return what is not known of the zero (A) of each range that was read: joined by the number of readings."""
    reads: dict[int, list[ZeroRead]] = {}
    for _, zero in run.bodies(ZeroRead):
        reads.setdefault(zero.range, []).append(zero)
    return {number: _rest_of_zero(found) for number, found in reads.items()}


def _rest_of_zero(reads: Sequence[ZeroRead]) -> float:
    total = sum(read.readings for read in reads)
    mean = sum(read.mean_A * read.readings for read in reads) / total
    stderr: float = sum((read.stderr_A * read.readings) ** 2 for read in reads) ** 0.5 / total
    noise = sum(read.stderr_A**2 for read in reads) / len(reads)
    spread = sum((read.mean_A - mean) ** 2 for read in reads) / max(len(reads) - 1, 1)
    drift = max(spread - noise, 0.0) ** 0.5  # from one reading to the next
    left = 0.0 if abs(mean) > _SUBTRACTED * stderr else mean
    return math.hypot(stderr, left, drift)
