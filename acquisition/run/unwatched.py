"""The charge of a time without readings: how much may have flowed, and how much a step is to carry."""

from __future__ import annotations

from solbench.acquisition.engine.switch import close_gap
from solbench.acquisition.record.charge_ledger import Watched
from solbench.acquisition.record.events import Edge, Gap, GapCause
from solbench.acquisition.record.recorder import Recorder
from solbench.protocols import Build, Protocol
from solbench.protocols.check import walk
from solbench.protocols.costs import Costs, SoFar
from solbench.protocols.kinds.registry import kind_of_segment
from solbench.protocols.plan import step_segments
from solbench.protocols.segments import Segment

PLANNED = Costs(unknown_s=0.0)  # a current that nothing ends by charge or time has no charge that is planned


def step_charge_C(
    protocol: Protocol, build: Build, segment: Segment, before_C: float, passed_C: float
) -> float | None:
    """Return the charge (C) that the step of `segment` carries by the plan, or has carried if that is more.

    `before_C` is the run's net charge when the step began, `passed_C` that of the step so far. Where a step holds
    neither a current nor a voltage until a condition fires, its charge is a side effect: the cell's capacity stands
    in, None where the cell has none.
    """
    step = next(step for path, step in walk(protocol.steps) if path == segment.step.path)
    capacity_C = build.capacity_C
    parts = tuple(step_segments(protocol, build, step))
    if all(kind_of_segment(part).holds is None for part in parts):
        return capacity_C
    planned_C = driven_s = 0.0
    for part in parts:
        cost = kind_of_segment(part).cost(part, SoFar(PLANNED, driven_s, before_C, capacity_C))
        planned_C += abs(cost.current_A) * cost.driven_s
        driven_s += cost.driven_s
    return max(min(planned_C, capacity_C or planned_C), abs(passed_C))


def count_gap(
    recorder: Recorder,
    cause: GapCause,
    watched: Watched,
    off_s: float,
    now_s: float,
    *,
    doubtful: bool,
    unknown_C: float = 0.0,
) -> Gap:
    """Write down that nobody has watched the cell since `watched`, and what is assumed to have flowed until `off_s`.

    A switching off that was written down meanwhile counts from when it was sent, unless it is `doubtful` whether it
    ever arrived. Where the voltage may have moved on by itself, or has made a step that nobody has read, the current
    may have been any up to the segment's limit. Times are the run's, in s; `unknown_C` may have flowed (C) where it is
    not known for how long that was.
    """
    progress = recorder.progress
    ledger = progress.ledger
    stepped_A = progress.unread_limit_A
    if progress.connected:
        close_gap(recorder, off_s)
    elif watched.current_A and doubtful:
        charge_C = watched.charge_C + watched.current_A * (off_s - watched.time_s)
        edge = Edge(action="off", connected=False, expected_A=0.0, charge_C=charge_C, gap=True)
        recorder.emit(off_s, edge)
    elif watched.current_A:
        off_s = ledger.time_s
    gap_C = ledger.charge_C - watched.charge_C
    unwatched_s = off_s - watched.time_s
    swept_C = abs(progress.swept_limit_A or 0.0) * unwatched_s
    gap = Gap(
        cause=cause,
        step=progress.step_index,
        since_s=watched.time_s,
        unwatched_s=unwatched_s,
        charge_C=gap_C,
        uncertainty_C=max(abs(gap_C) + stepped_A * unwatched_s, swept_C, unknown_C),
    )
    recorder.emit(now_s, gap)
    return gap
