"""Manual: the cell rests, and a person sets currents and voltages by hand, one after the other."""

from dataclasses import dataclass, field
from typing import Literal

from solbench.protocols import segments as seg
from solbench.protocols.cells import Build, CellState
from solbench.protocols.costs import Cost, SoFar, timed
from solbench.protocols.files import Fields
from solbench.protocols.findings import Findings, Rule
from solbench.protocols.kinds.fields import RecordRule, StepBase
from solbench.protocols.kinds.record import (
    Bounds,
    Here,
    Placed,
    Segments,
    StepKind,
    direct_current,
    no_findings,
    pair_leads,
)
from solbench.protocols.kinds.words import shown
from solbench.protocols.quantities.quantity import Time

NOT_LAST = Rule(
    "manual.not_last",
    "error",
    "each value set by hand becomes a step of its own after this one, so that no step of the protocol can follow it",
    "Move it to the end, out of any loop",
)


class Manual(StepBase):
    """The cell rests until a current or a voltage is set by hand (solbench hold), each a step of its own.

    It ends by hand (solbench finish), or when nothing was set for as long as `at_most`; the cell is off then. It is the
    last step of its protocol.
    """

    kind: Literal["manual"] = "manual"
    at_most: Time
    record: RecordRule | None = None


@dataclass(frozen=True)
class ByHand(seg.Segment):
    """Open circuit until something is set by hand; it ends where nothing is for `at_most_s`."""

    at_most_s: float
    record: seg.Record = field(default_factory=seg.Record)


def _plan(step: Manual, here: Here) -> Segments:
    yield ByHand(here.ref(), step.at_most.value, here.record(step.record))


def _check(_path: str, _step: Manual, _bounds: Bounds) -> Findings:
    yield from no_findings()


def _check_order(steps: Placed, _build: Build, _state: CellState) -> Findings:
    last = steps[-1][0] if steps else ""
    for path, step in steps:
        if isinstance(step, Manual) and (path != last or path.count(".steps") > 0):
            yield NOT_LAST.at(path)


def _cost(segment: ByHand, so_far: SoFar) -> Cost:
    """Nobody knows what will be set; left alone, it takes as long as it waits."""
    return timed(segment.at_most_s, segment.at_most_s + so_far.costs.connect_s, segment.record.every_s)


def _brief(step: Fields) -> str:
    return f"by hand, ends when nothing was set for {shown(step, 'at_most')}"


BY_HAND = seg.SegmentKind(
    ByHand, "by hand, cell off", holds=None, cost=_cost, refuses_spectrum="", resumed="repeated"
)

KIND = StepKind(
    name="manual",
    title="Manual",
    model=Manual,
    segments=(BY_HAND,),
    plan=_plan,
    check=_check,
    leads=pair_leads,
    needs=direct_current,
    brief=_brief,
    sentence=lambda step: f"currents and voltages set by hand, until none was for {step.at_most}",
    example="at_most: 10 min",
    check_order=_check_order,
)
