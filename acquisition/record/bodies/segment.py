"""Records of the segments of a plan: beginning, end, and how the cell was switched in between."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from solbench.acquisition.record.codec import OMITTED
from solbench.protocols.segments import (
    ConstantCurrent,
    ConstantVoltage,
    LoopQuantity,
    Rest,
    Segment,
    StepRef,
    Sweep,
)

SegmentOutcome = Literal["segment", "step", "cut_short", "done", "interrupted", "repeat", "aside", "limit"]
EndQuantity = Literal[
    "",
    "charge",
    "voltage_below",
    "voltage_above",
    "current_below",
    "current_above",
    "time",
    "slope",
    "steady",
    "kk_residual",
    "safety",
    "short",
]
SwitchAction = Literal["on", "off", "current", "voltage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentStart:
    """A segment begins.

    `ordinal`: place in the plan; below zero for a spectrum on demand and for what is set by hand
    `attempt`: counts from 1
    `segment`: its kind
    `step`: which it belongs to: `index`, `name`, `kind`, `path`, `cycle`
    `parameters`: the rest of it, in SI
    """

    kind: ClassVar[Literal["segment"]] = "segment"
    when: ClassVar[str] = "a segment begins"
    ordinal: int
    attempt: int
    segment: Segment

    @property
    def step(self) -> StepRef:
        """Get the step that the segment belongs to."""
        return self.segment.step

    @property
    def name(self) -> str:
        """Get the kind of the segment, as the journal has it."""
        return type(self.segment).__name__


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchIntent:
    """The cell is about to be switched on, or driven otherwise.

    `action`: on, current or voltage
    `connected`: whether it is connected from then on
    `expected_A`: what is to flow
    """

    kind: ClassVar[Literal["switch"]] = "switch"
    when: ClassVar[str] = "before switching on or changing what is driven"
    action: SwitchAction
    connected: bool
    expected_A: float
    voltage_V: float | None = field(default=None, metadata=OMITTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """The cell was switched, on or off, or is driven otherwise; time is the moment at which it acted.

    `charge_C`: net charge of the run at that moment
    `commanded_s`, `acknowledged_s`: around the message that did it
    `gap`: true where it was inferred after a program died
    """

    kind: ClassVar[Literal["edge"]] = "edge"
    when: ClassVar[str] = "after switching"
    action: SwitchAction
    connected: bool
    expected_A: float
    voltage_V: float | None = field(default=None, metadata=OMITTED)
    charge_C: float
    commanded_s: float | None = field(default=None, metadata=OMITTED)
    acknowledged_s: float | None = field(default=None, metadata=OMITTED)
    gap: bool = field(default=False, metadata=OMITTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpectrumAsked:
    """The present segment is suspended for an on-demand spectrum.

    `by`: who requested it
    `step`: index of the step
    `rest`: the segment before the sweep, in SI, null where the cell rests already
    `sweep`: the segment, in SI
    """

    kind: ClassVar[Literal["asked"]] = "asked"
    when: ClassVar[str] = "a spectrum is requested"
    by: str
    step: int
    rest: Rest | None
    sweep: Sweep


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldAsked:
    """A current or a voltage is set by hand; the segment that waits for that is suspended meanwhile.

    `by`: who set it
    `constant_current`, `constant_voltage`: the segment with the step that it is, in SI; the other one is null
    `then_finish`: whether the manual step ends with it
    """

    kind: ClassVar[Literal["hold"]] = "hold"
    when: ClassVar[str] = "something is set by hand"
    by: str
    constant_current: ConstantCurrent | None
    constant_voltage: ConstantVoltage | None
    then_finish: bool = field(default=False, metadata=OMITTED)

    @property
    def segment(self) -> ConstantCurrent | ConstantVoltage:
        """Get what is held; raises ValueError where nothing is."""
        held = self.constant_current or self.constant_voltage
        if held is None:
            raise ValueError("a hold without a current and without a voltage")
        return held


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentEnd:
    """A segment ended.

    `segment`: its kind
    `step`: index of the step
    `outcome`: segment, step, cut_short (of an end condition), done, repeat, aside (suspended), limit, interrupted
    `quantity`: which decided
    `limit`, `value`: of that quantity, in SI
    `step_charge_C`: net charge of the step so far
    `worst_gap_s`: longest time between two readings, or in what holds a current or a voltage behind the last one
    `missed_readings`: that were due and not made
    """

    kind: ClassVar[Literal["segment_end"]] = "segment_end"
    when: ClassVar[str] = "a segment ends"
    ordinal: int
    attempt: int
    segment: str
    step: int
    outcome: SegmentOutcome
    text: str
    quantity: EndQuantity
    limit: float | None
    value: float | None
    duration_s: float
    step_charge_C: float
    worst_gap_s: float
    missed_readings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopEnded:
    """A loop ends before all its passes are made; what is left of it in the plan is left out.

    `path`: the loop's
    `instance`: which of the loops in the plan
    `passes`: that were made, the last of them perhaps in part
    `quantity`: which decided
    `limit`, `value`: of that quantity, in SI
    """

    kind: ClassVar[Literal["loop_end"]] = "loop_end"
    when: ClassVar[str] = "a loop has met what ends it"
    path: str
    instance: int
    passes: int
    text: str
    quantity: LoopQuantity
    limit: float
    value: float
