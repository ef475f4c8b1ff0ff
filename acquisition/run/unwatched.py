"""How much charge a step is to carry, against which the charge of a time without readings is held."""

from __future__ import annotations

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
