"""Loop: the same steps several times.

Where steps stand, and how often they are passed, is structure: what walks through the steps of a protocol
knows loops. Everything else about a loop is in its record, as for every kind of step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, field_validator

from solbench.protocols.kinds.fields import StepBase, Steps, unique_names
from solbench.protocols.kinds.record import Here, Segments, StepKind, any_leads, direct_current, no_findings
from solbench.protocols.kinds.words import shown
from solbench.protocols.model import Count

if TYPE_CHECKING:
    AnyStep = StepBase  # the registry makes the union of all kinds and completes the model with it


class Loop(StepBase):
    """The same steps `count` times."""

    kind: Literal["loop"] = "loop"
    count: Count
    steps: Annotated[tuple[AnyStep, ...], Field(min_length=1)]

    @field_validator("steps")
    @classmethod
    def _names_differ(cls, steps: Steps) -> Steps:
        return unique_names(steps)


def _plan(step: Loop, here: Here) -> Segments:
    for cycle in range(1, step.count + 1):
        yield from here.inside(step.steps, cycle)


KIND = StepKind(
    name="loop",
    title="Loop",
    model=Loop,
    segments=(),
    plan=_plan,
    check=no_findings,
    leads=any_leads,
    needs=direct_current,
    brief=lambda step: f"{shown(step, 'count')} times",
    sentence=lambda step: f"{step.count} times",
    example="""
count: 2
steps: [{name: rest, kind: rest, time: 10 min}]
""",
)
