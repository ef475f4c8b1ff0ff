"""Ends that can never be met, found in the segments that are carried out."""

from collections.abc import Sequence
from dataclasses import replace

from solbench.protocols.findings import Findings, Rule
from solbench.protocols.segments import End, Quantity

FIELDS: dict[Quantity, str] = {
    "charge": "capacity",
    "voltage_below": "voltage",
    "voltage_above": "voltage",
    "current_below": "current",
    "time": "time",
}
"""Where people write what a segment has as a quantity."""

NEVER_REACHED = Rule(
    "constant_current.never_reached",
    "error",
    "'{end}'{detail} can never be reached: cut_short '{cut}'{cut_detail} ends the run first",
    "Move one of the two",
)


def never_reached(path: str, kind: str, ends: Sequence[End], current_A: float | None = None) -> Findings:
    """Yield each end of a step of this kind that one under `cut_short` always comes before.

    At a constant current (A) a charge is a time, and the other way round.
    """
    rule = replace(NEVER_REACHED, code=f"{kind}.never_reached")
    cuts = [end for end in ends if end.outcome == "cut_short"]
    for end in ends:
        cut = next(
            (cut for cut in cuts if end.outcome != "cut_short" and _is_first(cut, end, current_A)), None
        )
        if cut is not None:
            mixed = cut.quantity != end.quantity
            detail = _duration(end, current_A) if mixed else ""
            cut_detail = _duration(cut, current_A) if mixed else ""
            field = f"{path}.until.{FIELDS[end.quantity]}"
            yield rule.at(field, end=end.text, cut=cut.text, detail=detail, cut_detail=cut_detail)


def _is_first(cut: End, end: End, current_A: float | None) -> bool:
    if cut.quantity == end.quantity:
        return cut.value >= end.value if cut.quantity.endswith("_below") else cut.value <= end.value
    cut_s, end_s = time_of(cut, current_A), time_of(end, current_A)
    return cut_s is not None and end_s is not None and cut_s <= end_s


def time_of(end: End, current_A: float | None) -> float | None:
    """Return when an end is met at a constant current (A), in s; None where that is not known."""
    if end.quantity == "time":
        return end.value
    return end.value / abs(current_A) if end.quantity == "charge" and current_A else None


def _duration(end: End, current_A: float | None) -> str:
    time_s = time_of(end, current_A)
    return f" ({time_s / 3600:.3g} h)" if end.quantity == "charge" and time_s is not None else ""
