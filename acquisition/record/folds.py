"""The steps of a run, put together from its segments."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from solbench.acquisition.record.beside.set_conditions import AS_TYPED, ConditionsFold, SetConditions
from solbench.acquisition.record.events import (
    IN_DOUBT,
    CurrentLimited,
    Event,
    Gap,
    ProtocolChanged,
    SegmentEnd,
    SegmentStart,
    SpectrumStart,
    of_kinds,
)
from solbench.protocols.kinds.registry import holding
from solbench.protocols.segments import ConstantCurrent, ConstantVoltage, Pass, Segment

HELD = holding()


@dataclass
class StepRecord:
    """One executed step.

    Times in s since the start of the run; `charge_C` the net charge of the step (positive charges the cell);
    `current_A` is that which was set, None where none was; `holds` says whether a current or a voltage was held;
    `end` is that of the deciding segment, None as long as there is none; `gaps` are the times without readings;
    `passes` are those of the series around it, `conditions` what a person had set before it began;
    `suspended` counts how often it was left, for a spectrum or a change, and gone on with; `changed`: another
    current or voltage was set on its way, `set_s` when the last one was, `current_A` that one, and `least_A` the
    smallest; `flowed_C`, `flowed_s`: what its constant currents moved either way, and how long they took for it;
    `limited` counts how often a voltage came to its current limit; `in_progress`: a segment of it has begun and not
    ended, and `charge_C` and `end_s` are those of the ones before; `at_current`: the newest segment holds a current.
    """

    index: int
    name: str
    kind: str
    path: str
    cycle: int | None
    start_s: float
    end_s: float = 0.0
    charge_C: float = 0.0
    current_A: float | None = None
    holds: bool = False
    end: SegmentEnd | None = None
    worst_gap_s: float = 0.0
    missed_readings: int = 0
    interruptions: int = 0
    suspended: int = 0
    changed: bool = False
    set_s: float = 0.0
    least_A: float = 0.0
    flowed_C: float = 0.0
    flowed_s: float = 0.0
    limited: int = 0
    gaps: list[Gap] = field(default_factory=list)
    in_progress: bool = False
    at_current: bool = False
    passes: tuple[Pass, ...] = ()
    conditions: SetConditions = AS_TYPED

    @property
    def unwatched_s(self) -> float:
        """Get for how long nobody watched the cell in this step, in s."""
        return sum(gap.unwatched_s for gap in self.unwatched)

    @property
    def unwatched_C(self) -> float:
        """Get the charge (C) that is assumed to have flowed meanwhile; it is part of the step's charge."""
        return sum(gap.charge_C for gap in self.unwatched)

    @property
    def unwatched(self) -> list[Gap]:
        """Get the times in which nobody watched the cell."""
        return [gap for gap in self.gaps if gap.cause not in IN_DOUBT]

    @property
    def doubtful(self) -> list[Gap]:
        """Get the times in which the cell was read, and the readings are in doubt."""
        return [gap for gap in self.gaps if gap.cause in IN_DOUBT]

    @property
    def unwatched_uncertainty_C(self) -> float:
        """Get the uncertainty (C) of all gaps together, as one cause may have acted in all."""
        return sum(gap.uncertainty_C for gap in self.gaps)

    @property
    def finished(self) -> bool:
        """Get whether the step ended by a condition of its own."""
        return self.end is not None and self.end.outcome in ("segment", "step", "done")

    @property
    def mean_current_A(self) -> float | None:
        """Get the current (A) that was set; where it was changed, the mean of what flowed, by the way of its charge.

        Of a current that was reversed it is the mean of the magnitudes: that of both ways was nobody's.
        """
        if not self.changed or not self.flowed_s:
            return self.current_A
        return math.copysign(self.flowed_C / self.flowed_s, self.charge_C or self.current_A or 0.0)

    def reach(self, charge_C: float) -> None:
        """Take the net charge of the step up to now (C), the newest part of which flowed in the newest segment."""
        if self.at_current and self.current_A:
            moved_C = abs(charge_C - self.charge_C)
            self.flowed_C += moved_C
            self.flowed_s += moved_C / abs(self.current_A)
        self.charge_C = charge_C

    @property
    def in_one_piece(self) -> bool:
        """Get whether it ended by a condition of its own, and the cell was never switched off or unwatched in it."""
        return self.finished and not self.interruptions and not self.suspended and not self.gaps


@dataclass
class SpectrumRecord:
    """One attempt at a spectrum: how it was measured, what a person had set before, and whether it is whole."""

    step: int
    attempt: int
    time_s: float
    start: SpectrumStart
    whole: bool = False
    conditions: SetConditions = AS_TYPED

    @property
    def spectrum(self) -> int:
        """Get its number, from 1."""
        return self.start.spectrum

    @property
    def segment(self) -> int:
        """Get the ordinal of its segment."""
        return self.start.segment

    def is_of(self, segment: int, attempt: int) -> bool:
        """Say whether this is of that attempt: one interrupted before its first point has no record of its own."""
        return (self.segment, self.attempt) == (segment, attempt)


class StepFold:
    """Puts the steps together event by event, of `KINDS`; `records` are those begun so far, in order."""

    KINDS = (SegmentStart, Gap, CurrentLimited, ProtocolChanged, SegmentEnd)

    def __init__(self) -> None:
        self._steps: dict[int, StepRecord] = {}
        self._present: StepRecord | None = None
        self._set: dict[int, tuple[int, float]] = {}  # by the index of the step: what its last segment held
        self._touched: set[int | None] = set()  # steps that were under way when the protocol was changed
        self._conditions = ConditionsFold()

    def add(self, event: Event) -> None:
        """Take one event."""
        body = event.body
        self._conditions.add(event)
        if isinstance(body, SegmentStart):
            self._begin(event.time_s, body)
        elif isinstance(body, Gap) and body.step in self._steps:
            self._steps[body.step].gaps.append(body)
        elif isinstance(body, CurrentLimited) and self._present is not None:
            self._present.limited += 1
        elif isinstance(body, ProtocolChanged):
            self._touched.add(body.step)
        elif isinstance(body, SegmentEnd) and body.step in self._steps:
            _finish(self._steps[body.step], event.time_s, body)

    @property
    def records(self) -> list[StepRecord]:
        """Get the steps in order."""
        return list(self._steps.values())

    def _begin(self, time_s: float, start: SegmentStart) -> None:
        step = start.step
        record = self._steps.get(step.index)
        if record is None:
            record = StepRecord(step.index, step.name, step.kind, step.path, step.cycle, time_s)
            record.passes, record.conditions = step.passes, self._conditions.now
            self._steps[step.index] = record
            record.set_s = time_s
        self._present = record
        record.in_progress = True
        record.holds |= start.name in HELD
        value = _set(start.segment)
        if value is not None and start.ordinal >= 0:
            ordinal, before = self._set.get(step.index, (start.ordinal, value))
            if value != before and (ordinal == start.ordinal or step.index in self._touched):
                record.changed, record.set_s = True, time_s
            self._set[step.index] = start.ordinal, value
        record.at_current = isinstance(start.segment, ConstantCurrent)
        if isinstance(start.segment, ConstantCurrent):
            record.current_A = start.segment.current_A
            record.least_A = min(abs(record.current_A), record.least_A or math.inf)


class SpectrumFold:
    """Puts the spectra together event by event, of `KINDS`; `records` are all attempts so far, in order."""

    KINDS = (SegmentStart, SpectrumStart, SegmentEnd)

    def __init__(self) -> None:
        self.records: list[SpectrumRecord] = []
        self._attempt = self._step = 0
        self._conditions = ConditionsFold()

    def add(self, event: Event) -> None:
        """Take one event."""
        body, records = event.body, self.records
        self._conditions.add(event)
        if isinstance(body, SegmentStart):
            self._attempt, self._step = body.attempt, body.step.index
        elif isinstance(body, SpectrumStart):
            now = self._conditions.now
            records.append(SpectrumRecord(self._step, self._attempt, event.time_s, body, conditions=now))
        elif isinstance(body, SegmentEnd) and records and records[-1].is_of(body.ordinal, body.attempt):
            records[-1].whole = body.outcome == "done"


def steps_of(events: Iterable[Event]) -> list[StepRecord]:
    """Return the steps of a run in order."""
    fold = StepFold()
    for event in of_kinds(events, StepFold.KINDS):
        fold.add(event)
    return fold.records


def spectra_of(events: Iterable[Event]) -> list[SpectrumRecord]:
    """Return every attempt at a spectrum in order; interrupted ones are not whole."""
    fold = SpectrumFold()
    for event in of_kinds(events, SpectrumFold.KINDS):
        fold.add(event)
    return fold.records


def _set(segment: Segment) -> float | None:
    """Return the current (A) or the voltage (V) that a segment holds, None where it holds none."""
    if isinstance(segment, ConstantCurrent):
        return segment.current_A
    return segment.voltage_V if isinstance(segment, ConstantVoltage) else None


def _finish(step: StepRecord, time_s: float, end: SegmentEnd) -> None:
    step.end_s = time_s
    step.in_progress = False
    step.reach(end.step_charge_C)
    step.interruptions += end.outcome == "interrupted"
    step.suspended += end.outcome == "aside"
    if end.ordinal < 0 and end.outcome != "limit" and end.segment not in HELD:
        return  # an on-demand spectrum says nothing about how its step went
    # Current decides how a step with spectra on the way ended, not the sweep that follows its last mark.
    if (
        end.segment in HELD
        or step.end is None
        or step.end.segment not in HELD
        or end.outcome in ("interrupted", "limit")
    ):
        step.end = end
    if end.segment != "Sweep":
        step.worst_gap_s = max(step.worst_gap_s, end.worst_gap_s)
        step.missed_readings += end.missed_readings
