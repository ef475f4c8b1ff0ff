"""Loops that end before all their passes are made: decided between two segments, by what the journal holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from solbench.acquisition.record.events import Compared, LoopEnded
from solbench.acquisition.record.progress import Progress
from solbench.protocols.quantities.durations import format_duration
from solbench.protocols.segments import LoopEnd, Pass


def is_awaited(compared: Compared, passes: Sequence[Pass]) -> bool:
    """Say whether a comparison with the record shows a short circuit for which one of the loops around waits."""
    is_low = compared.low is not None and compared.seen < compared.low
    is_short = compared.code == "short_circuit" or (compared.code == "electrolyte_resistance" and is_low)
    return awaited_short(passes) is not None and is_short and compared.grade == "stop"


def awaited_short(passes: Sequence[Pass]) -> LoopEnd | None:
    """Return the end by a short circuit of the innermost loop around a segment that has one."""
    ends = [end for each in passes for end in each.ends if end.quantity == "short"]
    return ends[-1] if ends else None


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
            is_due = is_complete or end.quantity == "short"
            value = state.value(end, now_s, progress.asked_temperature_K) if is_due else None
            if value is not None and _is_met(end, value):
                yield _ended(each, end, value)
                break


def _is_met(end: LoopEnd, value: float) -> bool:
    if end.quantity == "short":
        return True  # it was seen, or there is no value
    return value >= end.value if end.quantity in ("voltage_above", "time") else value <= end.value


def _ended(each: Pass, end: LoopEnd, value: float) -> LoopEnded:
    return LoopEnded(
        path=each.path,
        instance=each.instance,
        passes=each.number,
        text=f"the loop ends after {each.number} of {each.of} passes: {_in_words(end, value)}",
        quantity=end.quantity,
        limit=end.value,
        value=value,
    )


def _in_words(end: LoopEnd, value: float) -> str:
    step = end.path.rpartition(".")[2]
    match end.quantity:
        case "part_below":
            return (
                f"the capacity of '{step}' is {100 * value:.4g} % of that of the first pass, below {end.text}"
            )
        case "charge_below":
            return f"the capacity of '{step}' is {value / 3.6:.4g} mAh, below {end.text}"
        case "voltage_below":
            return f"the cell was left at {value:.4f} V, below {end.text}"
        case "voltage_above":
            return f"the cell was left at {value:.4f} V, above {end.text}"
        case "time":
            return f"{format_duration(value)} have passed, {end.text} are allowed"
        case "short":
            return "a short circuit was seen"
        case "steady":
            return f"by its resistance the sample is {value:.2g} K from steady, within {end.text}"
