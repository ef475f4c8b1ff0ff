"""How far a run is: a fold over its journal, never stored apart.

The engine applies every event that it has written to the same fold, so a run that was killed and one that
was not arrive at the same state.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from solbench.acquisition.record.charge_ledger import Ledger
from solbench.acquisition.record.journal import Event
from solbench.protocols.kinds.registry import continued

SWITCH_OFF = "off"
CONTINUED = continued()


@dataclass(frozen=True)
class Zero:
    """What the ammeter shows on one range without current: mean and its standard error, in A, of n readings."""

    mean_A: float
    stderr_A: float
    readings: int

    @property
    def correction_A(self) -> float:
        """Get what to subtract, in A: nothing as long as the zero cannot be told from none.

        A mean within four standard errors would only add its own noise to every charge.
        """
        return self.mean_A if abs(self.mean_A) > 4.0 * self.stderr_A else 0.0


@dataclass
class Progress:
    """State of a run after some events.

    `finished` counts the segments of the plan that are done or left out; `ordinal` is the one in progress;
    charges in C (net, positive charges the cell), times in s of experiment time since the start of the run.
    Segments of a spectrum that was asked for are not of the plan: their ordinals are below zero. `asked` is the
    event of the one that is not measured yet, `asked_count` counts them, `last_spectrum` is the highest number that
    a spectrum has; `rested_s` is how long the present rest had lasted when it was set aside for one.
    """

    finished: int = 0
    ordinal: int | None = None
    segment: str = ""
    attempts: dict[int, int] = field(default_factory=dict)
    segment_start_s: float = 0.0
    step_index: int | None = None
    step_start_C: float = 0.0
    step_active_s: float = 0.0
    closed_step: int | None = None
    skipped: list[int] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    pending_switch: Event | None = None
    zeros: dict[int, Zero] = field(default_factory=dict)
    spectra: int = 0
    last_spectrum: int = 0
    asked: Event | None = None
    asked_count: int = 0
    rested_s: float = 0.0
    sessions: int = 0
    samples: int = 0
    last_s: float = 0.0
    end: Event | None = None

    def apply(self, event: Event) -> None:
        """Take one event."""
        if event.kind == "sample":
            self._sample(event)
        else:
            handler = _HANDLERS.get(event.kind)
            if handler is not None:
                handler(self, event)
        self.last_s = max(self.last_s, event.time_s)

    def step_charge_at(self, time_s: float) -> float:
        """Return the net charge (C) of the present step at `time_s`."""
        return self.ledger.charge_at(time_s) - self.step_start_C

    def _sample(self, event: Event) -> None:
        self.samples += 1
        ledger = self.ledger
        if ledger.connected:
            ledger.charge_C = event.data["charge_C"]
            ledger.time_s = event.time_s
            ledger.current_A = event.data["current_A"]

    def _switch(self, event: Event) -> None:
        self.pending_switch = event

    def _edge(self, event: Event) -> None:
        self.pending_switch = None
        ledger = self.ledger
        ledger.charge_C = event.data["charge_C"]
        ledger.time_s = event.time_s
        ledger.connected = event.data["connected"]
        ledger.current_A = None
        ledger.expected_A = event.data["expected_A"]

    def _segment(self, event: Event) -> None:
        data: dict[str, Any] = event.data
        ordinal = data["ordinal"]
        self.ordinal = ordinal
        self.segment = data["segment"]
        self.segment_start_s = event.time_s
        self.last_spectrum = max(self.last_spectrum, data["parameters"].get("spectrum", 0))
        if ordinal < 0:
            self.attempts[ordinal] = data["attempt"]
            return
        self.finished = ordinal  # segments between were left out because their step had ended
        if ordinal not in self.attempts:
            self.rested_s = 0.0
        asked = {number: attempt for number, attempt in self.attempts.items() if number < 0}
        self.attempts = asked | {ordinal: data["attempt"]}
        if data["step"]["index"] != self.step_index:
            self.step_index = data["step"]["index"]
            self.step_start_C = self.ledger.charge_C
            self.step_active_s = 0.0

    def _segment_end(self, event: Event) -> None:
        data = event.data
        outcome = data["outcome"]
        if data["segment"] in CONTINUED:
            self.step_active_s += data["duration_s"]
        self.ordinal, self.segment = None, ""
        if data["ordinal"] < 0:
            if data["segment"] == "Sweep" and outcome != "interrupted":
                self.asked = None
            return
        if data["segment"] == "Rest":
            self.rested_s = self.rested_s + data["duration_s"] if outcome == "aside" else 0.0
        if outcome in ("interrupted", "repeat", "aside"):
            return
        self.finished = data["ordinal"] + 1
        if outcome == "step":
            self.closed_step = self.step_index
        if data["segment"] == "Sweep":
            self.spectra += 1

    def _zero(self, event: Event) -> None:
        data = event.data
        self.zeros[data["range"]] = Zero(data["mean_A"], data["stderr_A"], data["readings"])

    def _session(self, _event: Event) -> None:
        self.sessions += 1
        self.end = None

    def _skip(self, event: Event) -> None:
        self.closed_step = event.data["step"]
        self.skipped.append(event.data["step"])
        self.asked = None

    def _asked(self, event: Event) -> None:
        self.asked = event
        self.asked_count += 1

    def _end(self, event: Event) -> None:
        self.end = event


_HANDLERS = {
    "switch": Progress._switch,
    "edge": Progress._edge,
    "segment": Progress._segment,
    "segment_end": Progress._segment_end,
    "zero": Progress._zero,
    "session": Progress._session,
    "skip": Progress._skip,
    "asked": Progress._asked,
    "end": Progress._end,
}


def fold(events: Iterable[Event]) -> Progress:
    """Return the state of a run after `events`."""
    progress = Progress()
    for event in events:
        progress.apply(event)
    return progress
