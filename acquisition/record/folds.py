"""The steps of a run, put together from its segments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from solbench.acquisition.record.journal import Event
from solbench.protocols.kinds.registry import holding

HELD = holding()


@dataclass
class StepRecord:
    """One executed step.

    Times in s since the start of the run; `charge_C` the net charge of the step (positive charges the cell);
    `ending` the fields of the deciding segment's end (`outcome`, `text`, `quantity`, `limit`, `value`).
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
    ending: dict[str, Any] = field(default_factory=dict)
    worst_gap_s: float = 0.0
    missed_readings: int = 0
    interruptions: int = 0

    @property
    def finished(self) -> bool:
        """Get whether the step ended by a condition of its own."""
        return self.ending.get("outcome") in ("segment", "step", "done")


@dataclass
class SpectrumRecord:
    """One attempt at a spectrum: the conditions as journaled, and whether it is whole."""

    spectrum: int
    step: int
    segment: int
    attempt: int
    time_s: float
    conditions: dict[str, Any]
    whole: bool = False

    def is_of(self, segment: int, attempt: int) -> bool:
        """Say whether this is of that attempt: one interrupted before its first point has no record of its own."""
        return (self.segment, self.attempt) == (segment, attempt)


class StepFold:
    """Puts the steps together event by event; `records` are those begun so far, in order."""

    def __init__(self) -> None:
        self._steps: dict[int, StepRecord] = {}

    def add(self, event: Event) -> None:
        """Take one event."""
        if event.kind == "segment":
            _begin(self._steps, event)
        elif event.kind == "segment_end":
            _finish(self._steps[event.data["step"]], event)

    @property
    def records(self) -> list[StepRecord]:
        """Get the steps in order."""
        return list(self._steps.values())


class SpectrumFold:
    """Puts the spectra together event by event; `records` are all attempts so far, in order."""

    def __init__(self) -> None:
        self.records: list[SpectrumRecord] = []
        self._attempt = self._step = 0

    def add(self, event: Event) -> None:
        """Take one event."""
        data, records = event.data, self.records
        if event.kind == "segment":
            self._attempt, self._step = data["attempt"], data["step"]["index"]
        elif event.kind == "spectrum":
            place = (data["spectrum"], self._step, data["segment"], self._attempt)
            records.append(SpectrumRecord(*place, event.time_s, data))
        elif event.kind == "segment_end" and records and records[-1].is_of(data["ordinal"], data["attempt"]):
            records[-1].whole = data["outcome"] == "done"


def steps_of(events: Iterable[Event]) -> list[StepRecord]:
    """Return the steps of a run in order."""
    fold = StepFold()
    for event in events:
        fold.add(event)
    return fold.records


def spectra_of(events: Iterable[Event]) -> list[SpectrumRecord]:
    """Return every attempt at a spectrum in order; interrupted ones are not whole."""
    fold = SpectrumFold()
    for event in events:
        fold.add(event)
    return fold.records


def _begin(steps: dict[int, StepRecord], event: Event) -> None:
    step = event.data["step"]
    record = steps.get(step["index"])
    if record is None:
        record = StepRecord(**step, start_s=event.time_s)
        steps[step["index"]] = record
    current = event.data["parameters"].get("current_A")
    if current is not None:
        record.current_A = current


def _finish(step: StepRecord, event: Event) -> None:
    data = event.data
    step.end_s = event.time_s
    step.charge_C = data["step_charge_C"]
    step.interruptions += data["outcome"] == "interrupted"
    if data["ordinal"] < 0 and data["outcome"] != "limit":
        return  # a spectrum that was asked for says nothing about how its step went
    # Current decides how a step with spectra on the way ended, not the sweep that follows its last mark.
    if (
        data["segment"] in HELD
        or step.ending.get("segment") not in HELD
        or data["outcome"] in ("interrupted", "limit")
    ):
        step.ending = {
            name: data[name] for name in ("segment", "outcome", "text", "quantity", "limit", "value")
        }
    if data["segment"] != "Sweep":
        step.worst_gap_s = max(step.worst_gap_s, data["worst_gap_s"])
        step.missed_readings += data["missed_readings"]
