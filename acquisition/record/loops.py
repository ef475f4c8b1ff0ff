"""Loops that end before all their passes are made: decided between two segments, by what the journal holds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from solbench.acquisition.record.events import ComparisonCode, LoopEnded
from solbench.acquisition.record.progress import LoopState, Progress
from solbench.protocols.quantities.durations import format_duration
from solbench.protocols.segments import LoopEnd, Pass

EXPECTED: tuple[ComparisonCode, ...] = ("short_circuit", "electrolyte_resistance", "voltage_jumped")
"""What a short circuit looks like to the comparisons with the record of the cell."""


def waits_for_short(passes: Sequence[Pass]) -> bool:
    """Say whether one of the loops around a segment ends at a short circuit."""
    return any(end.quantity == "short" for each in passes for end in each.ends)


def loops_ended(progress: Progress, coming: Sequence[Pass], now_s: float) -> Iterator[LoopEnded]:
    """Yield the loops that have met their end before a segment in the passes `coming` begins, at `now_s` (s).

    A pass is complete where what comes is not in it; a short circuit waits for no pass to be.
    """
    stays = {(each.instance, each.number) for each in coming}
    for each in reversed(progress.passes):
        state = progress.loops.get(each.instance)
        if state is None or each.instance in progress.loops_over:
            continue
        is_complete = (each.instance, each.number) not in stays
        for end in each.ends:
            value = state.value(end, now_s) if is_complete or end.quantity == "short" else None
            if value is not None and _is_met(end, value):
                yield _ended(each, end, value, state)
                break


def _is_met(end: LoopEnd, value: float) -> bool:
    return value >= end.value if end.quantity in ("voltage_above", "time") else value <= end.value


def _ended(each: Pass, end: LoopEnd, value: float, state: LoopState) -> LoopEnded:
    return LoopEnded(
        path=each.path,
        instance=each.instance,
        passes=each.number,
        text=_in_words(each, end, value, state),
        quantity=end.quantity,
        limit=end.value,
        value=value,
    )


def _in_words(each: Pass, end: LoopEnd, value: float, state: LoopState) -> str:
    step = end.path.rpartition(".")[2]
    match end.quantity:
        case "part_below":
            what = (
                f"the capacity of '{step}' is {100 * value:.4g} % of that of the first pass, below {end.text}"
            )
        case "charge_below":
            what = f"the capacity of '{step}' is {value / 3.6:.4g} mAh, below {end.text}"
        case "voltage_below":
            what = f"the cell was left at {value:.4f} V, below {end.text}"
        case "voltage_above":
            what = f"the cell was left at {value:.4f} V, above {end.text}"
        case "time":
            what = f"{format_duration(value)} have passed, {end.text} are allowed"
        case "short":
            ohm = state.shorted_ohm if state.shorted_ohm is not None else math.nan
            what = (
                f"a short circuit: {ohm:.3g} ohm, where the electrolyte alone has {end.value / 0.7:.3g} ohm"
            )
    return f"the loop ends after {each.number} of {each.of} passes: {what}"
