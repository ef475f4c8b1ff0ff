"""From a lost answer back to a run, rung by rung.

Asking again is the link's own rung. What that does not mend comes here: device clear and off; else the connection is
opened again, on whatever port the adapter is now; then the instruments are compared with what they were, verified off
and set up anew. Then the charge of the time without readings is counted, and it is decided whether the run may
continue by itself.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from solbench.acquisition.bench.bench import Bench
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import State
from solbench.acquisition.engine.limits import SafetyWatch
from solbench.acquisition.engine.station import IDLE_A, Station
from solbench.acquisition.record.charge_ledger import Watched
from solbench.acquisition.record.events import (
    Alarm,
    AlarmCode,
    Event,
    Gap,
    GapCause,
    Parameters,
    Reconnected,
    Rung,
    SegmentStart,
)
from solbench.acquisition.record.recorder import Recorder
from solbench.acquisition.run.unwatched import count_gap, step_charge_C
from solbench.drivers.clock import Interrupted
from solbench.drivers.errors import BadReply, DriverError, InstrumentError, NoReply, NotSafe, SettingsChanged
from solbench.drivers.roles import Reading
from solbench.protocols import Build, Protocol
from solbench.protocols.segments import Segment

REOPEN_EVERY_S = 1.0
ANSWERS_WITHIN_S = (
    2.0  # a switching off that is followed by an answer so soon was carried out when it was sent
)
REFUSALS = (
    3  # an instrument that has just been switched on may refuse once; one that goes on refuses for good
)


class Asleep(Interrupted):
    """The program stood still, with the whole PC or alone, and nobody watched the cell for `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the program stood still for {seconds:.0f} s")


Lost = DriverError | Asleep


def can_be_mended(error: DriverError) -> bool:
    """Say whether the ladder may help: a refusal is an answer, and what is not verified off was tried by all means."""
    return not isinstance(error, InstrumentError | NotSafe)


@dataclass
class Climb:
    """What one way up the ladder has found so far; `answered_s`: when the instruments first answered (run's time)."""

    cause: GapCause
    watched: Watched
    port: str
    rungs: Counter[Rung] = field(default_factory=Counter)
    refusals: int = 0
    answered_s: float | None = None
    others: dict[str, str] = field(default_factory=dict)
    changes: dict[str, str] = field(default_factory=dict)
    reading: Reading | None = None


class Ladder:
    """Brings a bench back whose answers were lost, off first.

    `hear` takes the run's events, `alarm` what is to be said.

    `identities`: how each instrument answered who it is when the session began. `forget` is told that an alarm has
    been overtaken.
    """

    def __init__(
        self,
        bench: Bench,
        station: Station,
        recorder: Recorder,
        run_control: RunControl,
        limits: SafetyWatch,
        protocol: Protocol,
        build: Build,
        alarm: Callable[[Alarm], None],
        forget: Callable[[Alarm], None],
    ) -> None:
        self._bench = bench
        self._station = station
        self._recorder = recorder
        self._run_control = run_control
        self._limits = limits
        self._protocol = protocol
        self._build = build
        self._alarm = alarm
        self._forget = forget
        self._segment: Segment | None = None
        self.identities: Mapping[str, str] = {}

    def hear(self, event: Event) -> None:
        """Remember which segment is carried out."""
        if isinstance(event.body, SegmentStart):
            self._segment = event.body.segment

    def climb(self, lost: Lost) -> Alarm | None:
        """Bring the bench back; return why a user must look before the run continues, None where none needs to.

        Raises the last DriverError when the bench's time for it is over, and Interrupted by a stop.
        """
        climb = Climb(_cause(lost), self._recorder.progress.ledger.watched, self._bench.port())
        try:
            with self._run_control.shield():
                self._clear(climb)
        except DriverError as error:
            self._find(climb, error)
        gap = self._count(climb)
        port = self._bench.port()
        found = Reconnected(
            cause=climb.cause, rungs=dict(climb.rungs), port=port if port != climb.port else ""
        )
        self._recorder.emit(self._station.now_s(), found)
        return self._why_not(climb, gap)

    def _clear(self, climb: Climb) -> None:
        climb.rungs["device_clear"] += 1
        self._bench.equipment.dc.force_off()
        self._set_up(climb)

    def _find(self, climb: Climb, error: DriverError) -> None:
        """Open the connection again and again."""
        clock, for_s = self._bench.clock, self._bench.reconnect_for_s
        search = f"It is looked for again for {_duration(for_s)}; the cell stays as it was until then."
        text = f"Check adapter, cables and power: {error} {search}"
        lost = Alarm(text=text, code="connection_lost", parameters={"reconnect_for_s": for_s})
        self._alarm(lost)
        until_s = clock.now() + for_s
        while True:
            try:
                with self._run_control.shield():
                    self._reopen(climb)
                break
            except DriverError as again:
                climb.refusals += isinstance(again, InstrumentError)
                if clock.now() > until_s or climb.refusals >= REFUSALS:
                    raise again from error
            self._wait()
        self._forget(lost)

    def _reopen(self, climb: Climb) -> None:
        climb.rungs["reopen"] += 1
        self._bench.equipment.dc.reconnect()
        self._set_up(climb)

    def _wait(self) -> None:
        """Wait between two attempts; only a stop ends that, a pause waits until the instruments are back."""
        if self._run_control.state is State.STOPPING:
            self._run_control.poll()
        clock = self._bench.clock
        slice_s = clock.slice_s if math.isfinite(clock.slice_s) else 0.0
        with self._run_control.shield():
            clock.sleep_until(clock.now() + max(REOPEN_EVERY_S, slice_s))

    def _set_up(self, climb: Climb) -> None:
        """Compare the instruments with what they were, verify that the cell is off, and set them up."""
        dc = self._bench.equipment.dc
        climb.rungs["set_up"] += 1
        climb.others = self._other_instruments(climb)
        try:
            dc.verify_settings()
        except SettingsChanged as changed:
            climb.changes |= changed.changes
        dc.make_safe(self._bench.clock)
        dc.initialise()
        self._verify_again(climb)
        dc.prepare_current(IDLE_A)
        climb.reading = self._station.measure()

    def _other_instruments(self, climb: Climb) -> dict[str, str]:
        """Ask the instruments who they are; return the answers that are not those of the session's beginning."""
        others = {}
        for one in self._bench.equipment.dc.instruments:
            answer = one.identity()
            if climb.answered_s is None:
                climb.answered_s = self._station.now_s()
            if answer != self.identities.get(one.name, answer) and one.identity() == answer:  # asked twice
                others[one.name] = answer
        return others

    def _verify_again(self, climb: Climb) -> None:
        """Read back what was set up; what only a segment sets may still be as it was found."""
        try:
            self._bench.equipment.dc.verify_settings()
        except SettingsChanged as still:
            if not still.changes.keys() <= climb.changes.keys():
                raise

    def _count(self, climb: Climb) -> Gap:
        """Write down how long nobody watched, and the charge of that time."""
        assert climb.answered_s is not None, "the instruments have answered"
        ledger = self._recorder.progress.ledger
        doubtful = climb.answered_s - ledger.time_s > ANSWERS_WITHIN_S
        now_s = self._station.now_s()
        return count_gap(
            self._recorder, climb.cause, climb.watched, climb.answered_s, now_s, doubtful=doubtful
        )

    def _why_not(self, climb: Climb, gap: Gap) -> Alarm | None:
        """Return the first reason for which a user must look."""
        rules, progress = self._protocol.interruptions, self._recorder.progress
        if climb.others:
            listed = "; ".join(f"{name}: {now}" for name, now in climb.others.items())
            return _look(
                "other_instruments",
                "Compare the instruments with those of the run; other ones answer now",
                listed,
                {f"identity_{name}": now for name, now in climb.others.items()},
            )
        if climb.changes:
            listed = "; ".join(f"{name}: {change}" for name, change in climb.changes.items())
            return _look(
                "settings_lost",
                "Look at bench and cell; an instrument was switched off or set by hand",
                listed,
                dict(climb.changes),
            )
        violation = self._limits.check(climb.reading, 0) if climb.reading is not None else None
        if violation is not None:
            return _look(
                "outside_window",
                "Look at the cell; its first reading afterwards is beyond a safety limit",
                violation.text,
                {"limit": violation.limit, "value": violation.value},
            )
        allowed_C = self._allowed_C(rules.unwatched_charge.value)
        if abs(gap.charge_C) > allowed_C:
            return _look(
                "unwatched_charge",
                "Decide whether the step may continue; more charge may have flowed unwatched than the protocol allows",
                f"{gap.unwatched_s:.0f} s, {gap.charge_C:.3g} C, allowed {allowed_C:.3g} C",
                {"unwatched_s": gap.unwatched_s, "charge_C": gap.charge_C, "allowed_C": allowed_C},
            )
        if progress.interruptions > rules.per_step:
            return _look(
                "interrupted_often",
                "Look at adapter and cables; this step has been interrupted more often than the protocol allows",
                f"{progress.interruptions} times, allowed {rules.per_step}",
                {"interruptions": progress.interruptions, "allowed": rules.per_step},
            )
        return None

    def _allowed_C(self, fraction: float) -> float:
        """Return how much charge may have flowed unwatched, in C."""
        progress, segment = self._recorder.progress, self._segment
        if segment is None:
            return math.inf
        passed_C = progress.ledger.charge_C - progress.step_start_C
        step_C = step_charge_C(self._protocol, self._build, segment, progress.step_start_C, passed_C)
        return math.inf if step_C is None else fraction * step_C


def _cause(lost: Lost) -> GapCause:
    match lost:
        case Asleep():
            return "asleep"
        case NoReply():
            return "no_reply"
        case BadReply():
            return "bad_reply"
        case SettingsChanged():
            return "settings"
        case _:
            return "connection"


def _look(code: AlarmCode, action: str, found: str, parameters: Parameters) -> Alarm:
    """Return the alarm that says what to do, then what was found."""
    text = f"{action} ({found}). The cell is off; resume the run when all is well."
    return Alarm(text=text, code=code, parameters=parameters)


def _duration(seconds: float) -> str:
    return f"{seconds / 60.0:g} min" if seconds >= 60.0 else f"{seconds:g} s"
