"""The kinds of step: one file, one record each, and the registry of all."""

from solbench.protocols.kinds.fields import RestRule, Spectrum, StepBase
from solbench.protocols.kinds.loop import Loop
from solbench.protocols.kinds.record import StepKind
from solbench.protocols.kinds.registry import (
    SEGMENT_KINDS,
    STEP_KINDS,
    AnyStep,
    kind_of,
    kind_of_segment,
)

__all__ = [
    "SEGMENT_KINDS",
    "STEP_KINDS",
    "AnyStep",
    "Loop",
    "RestRule",
    "Spectrum",
    "StepBase",
    "StepKind",
    "kind_of",
    "kind_of_segment",
]
