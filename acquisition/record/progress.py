"""How far a run is: a fold over its journal, never stored apart.

The engine applies every event that it has written to the same fold, so a run that was killed and one that
was not arrive at the same state.
"""

import math
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from solbench.acquisition.errors import UNEXPECTED_EXIT
from solbench.acquisition.record.beside.settling import Settling
from solbench.acquisition.record.charge_ledger import Ledger, Turns
from solbench.acquisition.record.events import (
    IN_DOUBT,
    SEARCHING,
    Alarm,
    BenchText,
    Body,
    CheckLine,
    CommissioningText,
    Compared,
    ComparisonCode,
    Edge,
    Event,
    Gap,
    HoldAsked,
    Instrument,
    LoopEnded,
    Point,
    ProtocolChanged,
    Reconnected,
    Resumed,
    RunEnd,
    Sample,
    SegmentEnd,
    SegmentStart,
    SessionStart,
    SpectrumAsked,
    StartCheck,
    StepSkipped,
    SwitchIntent,
    WallClock,
    ZeroRead,
)
from solbench.drivers.links.usb_identity import UsbIdentity
from solbench.protocols.kinds.registry import continued, holding
from solbench.protocols.segments import (
    Condition,
    ConstantVoltage,
    CyclicScan,
    LinearScan,
    LoopEnd,
    Pass,
    Prompt,
    Segment,
    Sweep,
)

CONTINUED = continued()
ROOM_K = 298.15
HELD = holding()
SHOWN_BY_SHORT: frozenset[ComparisonCode] = frozenset({"electrolyte_resistance", "short_circuit"})
ACCEPTABLE: tuple[ComparisonCode, ...] = (
    "electrolyte_resistance",
    "sodium_plated",
    "no_voltage",
    "electronic_resistance",
)
OF_A_SEGMENT = (Point, SwitchIntent, Edge, ZeroRead)


@dataclass(frozen=True)
class Zero:
    """What the ammeter shows on one range without current: mean and its standard error, in A, of n readings."""

    mean_A: float
    stderr_A: float
    readings: int

    @property
    def correction_A(self) -> float:
        """Get what to subtract, in A: nothing as long as the zero is not distinguishable from none.

        A mean within four standard errors would only add its own noise to every charge.
        """
        return self.mean_A if abs(self.mean_A) > 4.0 * self.stderr_A else 0.0


@dataclass(frozen=True)
class PendingSwitch:
    """A switching that was begun at `time_s` (s) and is not acknowledged yet."""

    time_s: float
    intent: SwitchIntent


@dataclass
class LoopState:
    """What a loop that may end early has shown so far.

    `began_s` in s; charges (C, magnitudes) of its steps by path, in the first pass and in the newest; lowest and
    highest voltage (V) at which a step of the pass of this `number` has left the cell; `shorted`: what has shown a
    short circuit, in SI, None as long as nothing has. `settling` follows the resistance in the spectra of its passes.
    """

    began_s: float
    number: int = 0
    first_C: dict[str, float] = field(default_factory=dict)
    newest_C: dict[str, float] = field(default_factory=dict)
    lowest_V: float = math.inf
    highest_V: float = -math.inf
    shorted: float | None = None
    settling: Settling = field(default_factory=Settling)

    def begin(self, number: int) -> None:
        """Take the beginning of a segment in a pass."""
        if number != self.number:
            self.number, self.lowest_V, self.highest_V = number, math.inf, -math.inf

    def take(self, path: str, end: SegmentEnd, left_V: float | None) -> None:
        """Take the end of a segment of the step at `path`, which left the cell at a voltage (V)."""
        charge_C = abs(end.step_charge_C)
        self.newest_C[path] = charge_C
        if self.number == 1:
            self.first_C[path] = charge_C
        if left_V is not None:
            self.lowest_V, self.highest_V = min(self.lowest_V, left_V), max(self.highest_V, left_V)
        if end.quantity == "short":
            self.shorted = end.value

    def value(self, end: LoopEnd, now_s: float, temperature_K: float | None) -> float | None:
        """Return the value of what may end the loop, in SI; None where there is none yet.

        `temperature_K`: of the cell, as it was asked for; None: that of a room.
        """
        match end.quantity:
            case "part_below":
                first_C = self.first_C.get(end.path, 0.0)
                newest_C = self.newest_C.get(end.path)
                return None if newest_C is None or not first_C else newest_C / first_C
            case "charge_below":
                return self.newest_C.get(end.path)
            case "voltage_below":
                return self.lowest_V
            case "voltage_above":
                return self.highest_V
            case "time":
                return now_s - self.began_s
            case "short":
                return self.shorted
            case "steady":
                left = self.settling.left
                return None if left is None else left * (temperature_K or ROOM_K) ** 2 / end.slope_K
            case _:
                assert_never(end.quantity)


@dataclass
class Progress:
    """State of a run after some events.

    `finished` counts the segments of the plan that are done or left out; `ordinal` is the one in progress;
    charges in C (net, positive charges the cell), times in s of experiment time since the start of the run.
    Segments of an on-demand spectrum, and of what is set by hand, are not of the plan: their ordinals are below
    zero. `asked` is the one that is not carried out yet, `asked_count` counts both, `holds` what was set by hand,
    `last_spectrum` is the highest number that a spectrum has; `rested_s` is how long the present rest had lasted
    when it was suspended for one. `interruptions`
    counts those of the present step since a user last looked. `continued_until_s` is
    when the segment before ended, if its time counts on. `segment_last_s` is the last moment at which the segment
    is known to have run. `off_is_doubtful`: a switching off that is written down may not have reached the instrument.
    `driven`: the cell is connected, and its current or voltage has been set. `driven_ordinal`: the newest segment of
    the plan in which that was so, or may have been.
    `instruments` are those of the last session, `bench` that of the last resume that named one, `usb` the devices at
    its ports, `commissioning` the record in use there. `ended_by`: the end of a segment that ended the run as well.
    `turns` follows the charge that flows one way; `stopped` are the comparisons with the record that paused the run,
    `accepted` those of them that a user has seen and let go on, or a loop
    has waited for. `open_V` is the voltage of the cell when it was last
    read at rest, None once it was driven. `passes` are those of the series, and of the loops with an
    end, around the segment that was begun last, `loops` what each has shown, by its instance; `loops_over` those that
    have met their end.
    `left_V`: the newest voltage (V). `asked_temperature_K`: to which the cell was last to be brought, by a
    person or by the chamber; `condition`: what was last asked of the chamber. `swept_limit_A`: the current (A) up to
    which the newest segment lets the voltage move, None where it does not move it; `held_limit_A`: up to which it
    holds one, 0 where it holds none; `is_stepped`: whether a voltage was what was set last. `changes` are those of the
    protocol.
    `wall` is the newest moment of which the time of day (s since 1970, the second number) is known.
    """

    finished: int = 0
    ordinal: int | None = None
    segment: str = ""
    attempts: dict[int, int] = field(default_factory=dict)
    segment_start_s: float = 0.0
    segment_last_s: float = 0.0
    step_index: int | None = None
    step_start_C: float = 0.0
    step_active_s: float = 0.0
    continued_until_s: float | None = None
    closed_step: int | None = None
    skipped: list[int] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    turns: Turns = field(default_factory=Turns)
    stopped: set[ComparisonCode] = field(default_factory=set)
    accepted: set[ComparisonCode] = field(default_factory=set)
    open_V: float | None = None
    pending_switch: PendingSwitch | None = None
    zeros: dict[int, Zero] = field(default_factory=dict)
    spectra: int = 0
    last_spectrum: int = 0
    asked: SpectrumAsked | HoldAsked | None = None
    asked_count: int = 0
    holds: int = 0
    rested_s: float = 0.0
    interruptions: int = 0
    off_is_doubtful: bool = False
    driven: bool = False
    driven_ordinal: int | None = None
    instruments: Mapping[str, Instrument] = field(default_factory=dict)
    bench: BenchText | None = None
    usb: Mapping[str, UsbIdentity] = field(default_factory=dict)
    commissioning: CommissioningText | None = None
    ended_by: SegmentEnd | None = None
    passes: tuple[Pass, ...] = ()
    step_path: str = ""
    loops: dict[int, LoopState] = field(default_factory=dict)
    loops_over: set[int] = field(default_factory=set)
    left_V: float | None = None
    asked_temperature_K: float | None = None
    condition: Condition | None = None
    swept_limit_A: float | None = None
    held_limit_A: float = 0.0
    is_stepped: bool = False
    changes: list[ProtocolChanged] = field(default_factory=list)
    sessions: int = 0
    samples: int = 0
    last_s: float = 0.0
    wall: tuple[float, float] | None = None
    end: RunEnd | None = None

    @property
    def spectra_asked(self) -> int:
        """Get how many spectra were requested on the way."""
        return self.asked_count - self.holds

    @property
    def connected(self) -> bool:
        """Get whether the cell is connected, or was about to be and nothing was written about it since."""
        return self.ledger.connected or self.pending_switch is not None

    def apply(self, event: Event) -> None:
        """Take one event."""
        body = event.body
        if isinstance(body, Sample):
            time_s = event.time_s
            self._sample(time_s, body)
            if time_s > self.last_s:
                self.last_s = time_s
            if time_s > self.segment_last_s:
                self.segment_last_s = time_s
        else:
            self._apply_rare(event)

    def _apply_rare(self, event: Event) -> None:
        """Take an event that is no sample."""
        was_driven = self.driven
        match event.body:
            case SwitchIntent() as intent:
                self.pending_switch = PendingSwitch(event.time_s, intent)
                self._drive(intent)
            case Edge() as edge:
                self._edge(event.time_s, edge)
            case SegmentStart() as start:
                self._segment(event.time_s, start)
            case Point() as point:
                self.ledger.watch(event.time_s)
                for loop in self.loops.values():
                    loop.settling.add(point)
            case Gap() as gap:
                self.interruptions += gap.cause not in IN_DOUBT
                self._gap(gap)
            case Resumed():
                self.interruptions = 0
                self._accept()
            case Compared(grade="stop", code=code) if code in ACCEPTABLE:
                self.stopped.add(code)
            case SegmentEnd() as end:
                self._segment_end(event.time_s, end)
            case LoopEnded(instance=instance, quantity=quantity):
                self.loops_over.add(instance)
                if quantity == "short":  # it was waited for: what follows from it stops nothing
                    self.accepted |= SHOWN_BY_SHORT
            case ZeroRead() as zero:
                self.zeros[zero.range] = Zero(zero.mean_A, zero.stderr_A, zero.readings)
            case SessionStart():
                self.sessions += 1
                self.interruptions = 0
                self._accept()
                self.end = None
                self.off_is_doubtful = False
                self.instruments = event.body.instruments
                self.bench = event.body.bench or self.bench
                self.commissioning = event.body.commissioning or (
                    None if event.body.bench else self.commissioning
                )
                self.usb = event.body.usb or ({} if event.body.bench else self.usb)
                with suppress(ValueError):
                    self.wall = event.time_s, datetime.fromisoformat(event.body.wall).timestamp()
            case WallClock(unix_s=unix_s):
                self.wall = event.time_s, unix_s
            case StartCheck(findings=findings):
                self.open_V = next(
                    (_checked_V(line) for line in findings if line.code == "voltage_in_window"), None
                )
            case StepSkipped(step=step):
                self._skip(step)
            case ProtocolChanged() as changed:
                self.changes.append(changed)
                if changed.goes_on_at > changed.ordinal:
                    self.finished = changed.goes_on_at
            case SpectrumAsked() | HoldAsked() as asked:
                self.asked = asked
                self.asked_count += 1
                self.holds += isinstance(asked, HoldAsked)
            case RunEnd() as run_end:
                self.end = run_end
                self.off_is_doubtful = not run_end.verified_safe
            case Alarm(code=code) if code in SEARCHING:
                self.off_is_doubtful = True
            case Reconnected():
                self.off_is_doubtful = False
            case _:  # says nothing about how far the run is
                pass
        self.last_s = max(self.last_s, event.time_s)
        if isinstance(event.body, OF_A_SEGMENT) and not self._was_idle(event.body, was_driven):
            self.segment_last_s = max(self.segment_last_s, event.time_s)

    @staticmethod
    def _was_idle(body: Body, was_driven: bool) -> bool:
        """Say whether nobody watched a cell that was connected and not driven yet: that is no time of its step."""
        return isinstance(body, Edge) and body.gap and not body.connected and not was_driven

    def step_charge_at(self, time_s: float) -> float:
        """Return the net charge (C) of the present step at `time_s`."""
        return self.ledger.charge_at(time_s) - self.step_start_C

    @property
    def unread_limit_A(self) -> float:
        """Get the current (A) up to which one may flow that a step of the voltage has made and no reading shows yet."""
        pending = self.pending_switch
        is_sent = pending is not None and pending.intent.action == "voltage"
        return self.held_limit_A if is_sent or (self.is_stepped and self.ledger.is_unread) else 0.0

    def _accept(self) -> None:
        """Take what paused the run for seen by a user, who has let it go on."""
        self.accepted |= self.stopped
        self.stopped.clear()

    def _sample(self, time_s: float, sample: Sample) -> None:
        self.samples += 1
        ledger = self.ledger
        if not sample.paused:
            self.left_V = sample.voltage_V
        if ledger.connected:
            ledger.stand_at(time_s, sample.charge_C, sample.current_A)
            self.open_V = None
            return
        if time_s >= ledger.time_s:  # the reading that ended a segment is written behind the edge
            self.open_V = sample.voltage_V
        ledger.watch(time_s)

    def _edge(self, time_s: float, edge: Edge) -> None:
        self.pending_switch = None
        ledger = self.ledger
        ledger.charge_C = edge.charge_C
        ledger.time_s = time_s
        ledger.connected = edge.connected
        self.driven = edge.connected and edge.action in ("current", "voltage")
        self._drive(edge)
        counts_only = edge.connected and edge.action == "voltage" and edge.voltage_V is None and not edge.gap
        if not counts_only:  # a charge between two readings, which were both taken
            ledger.current_A = None
            self.is_stepped = edge.action == "voltage"
        ledger.expected_A = edge.expected_A
        self.turns.add(edge.charge_C)
        if edge.connected:
            self.open_V = None
        if edge.connected or edge.gap:
            ledger.watch(time_s)

    def _drive(self, switching: SwitchIntent | Edge) -> None:
        """Remember the segment of the plan that sets a current or a voltage; switched on without one, a cell rests."""
        is_set = switching.action in ("current", "voltage") or switching.expected_A != 0.0
        if switching.connected and is_set and self.ordinal is not None and self.ordinal >= 0:
            self.driven_ordinal = self.ordinal

    def _segment(self, time_s: float, start: SegmentStart) -> None:
        ordinal, segment = start.ordinal, start.segment
        self.ordinal = ordinal
        self.segment = start.name
        self.held_limit_A = _held_limit_A(segment)
        self.segment_start_s = self.segment_last_s = time_s
        self.ledger.watch(time_s)
        if isinstance(segment, Sweep):
            self.last_spectrum = max(self.last_spectrum, segment.spectrum)
        if ordinal < 0:
            self.attempts[ordinal] = start.attempt
            if start.name in HELD:  # a step of its own
                self._begin_step(segment.step.index)
            return
        self.finished = ordinal  # segments between were left out because their step had ended
        if ordinal not in self.attempts:
            self.rested_s = 0.0
        asked = {number: attempt for number, attempt in self.attempts.items() if number < 0}
        self.attempts = asked | {ordinal: start.attempt}
        self._begin_step(segment.step.index)
        self.left_V, self.step_path = None, segment.step.path
        self._pass(time_s, segment.step.passes)
        if isinstance(segment, Prompt) and segment.temperature_K is not None:
            self.asked_temperature_K = segment.temperature_K
        if isinstance(segment, Condition):
            self.condition = segment
        self.swept_limit_A = segment.current_limit_A if isinstance(segment, LinearScan | CyclicScan) else None

    def _begin_step(self, index: int) -> None:
        if index != self.step_index:
            self.step_index = index
            self.step_start_C = self.ledger.charge_C
            self.step_active_s = 0.0
            self.interruptions = 0

    def _pass(self, time_s: float, passes: tuple[Pass, ...]) -> None:
        """Follow the loops around a segment that begins."""
        self.passes = passes
        kept = {each.instance: self.loops.get(each.instance) or LoopState(time_s) for each in passes}
        self.loops = kept
        for each in passes:
            kept[each.instance].begin(each.number)

    def _gap(self, gap: Gap) -> None:
        """Count the time of the step, too, in which its current went on after it had been called interrupted."""
        if self.ordinal is None and self.continued_until_s is not None and gap.charge_C:
            until_s = gap.since_s + gap.unwatched_s
            self.step_active_s += max(0.0, until_s - self.continued_until_s)

    def _segment_end(self, time_s: float, end: SegmentEnd) -> None:
        self.continued_until_s = time_s if end.segment in CONTINUED else None
        if end.segment in CONTINUED:
            self.step_active_s += end.duration_s
        self.ordinal, self.segment = None, ""
        if end.ordinal < 0:
            if (end.segment == "Sweep" or end.segment in HELD) and end.outcome != "interrupted":
                self.asked = None
            if end.outcome == "limit" and end.segment in HELD:
                self.ended_by = end
            return
        if end.segment == "Rest":
            self.rested_s = self.rested_s + end.duration_s if end.outcome == "aside" else 0.0
        if end.outcome in ("interrupted", "repeat", "aside"):
            return
        for state in self.loops.values():
            state.take(self.step_path, end, self.left_V)
        self.finished = max(self.finished, end.ordinal + 1)
        if end.outcome in ("limit", "cut_short"):
            self.ended_by = end
        if end.outcome == "step":
            self.closed_step = self.step_index
        if end.segment == "Sweep":
            self.spectra += 1

    def _skip(self, step: int | None) -> None:
        self.closed_step = step
        if step is not None:
            self.skipped.append(step)
        self.asked = None


def _checked_V(line: CheckLine) -> float | None:
    voltage_V = (line.parameters or {}).get("voltage_V")
    return voltage_V if isinstance(voltage_V, float) else None


def fold(events: Iterable[Event]) -> Progress:
    """Return the state of a run after `events`."""
    progress = Progress()
    for event in events:
        progress.apply(event)
    return progress


def close_dangling_segment(progress: Progress, ordinal: int) -> SegmentEnd:
    """Return the end that the segment `ordinal`, in which `progress` stopped, never got."""
    assert progress.step_index is not None, "a segment has begun, so a step has"
    return SegmentEnd(
        ordinal=ordinal,
        attempt=progress.attempts[ordinal],
        segment=progress.segment,
        step=progress.step_index,
        outcome="interrupted",
        text=UNEXPECTED_EXIT,
        quantity="",
        limit=None,
        value=None,
        duration_s=progress.segment_last_s - progress.segment_start_s,
        step_charge_C=progress.ledger.charge_C - progress.step_start_C,
        worst_gap_s=0.0,
        missed_readings=0,
    )


def _held_limit_A(segment: Segment) -> float:
    """Return the current (A) up to which a segment holds a voltage, 0 where it holds none."""
    if isinstance(segment, ConstantVoltage):
        return segment.current_limit_A
    return segment.direct.limit_A if isinstance(segment, Sweep) and segment.direct is not None else 0.0
