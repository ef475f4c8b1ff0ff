"""From a lost answer back to a run, rung by rung.

Asking again is the link's own rung. What that does not mend comes here: off, behind a device clear where half a
message stands in its way (some units are reset by one, so it is not sent without need); else the connection is
opened again, on whatever port the adapter is now. A session that has just begun asks its first questions anew then.
A later one compares the instruments with what they were, verifies them off and sets them up anew; the charge of the
time without readings is counted, and it is decided whether the run may continue by itself.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from solbench.acquisition.bench.bench import Bench
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import State
from solbench.acquisition.engine.attention import AttentionNeeded
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
from solbench.acquisition.run.same_instruments import identity_of
from solbench.acquisition.run.unwatched import count_gap, step_charge_C
from solbench.drivers.clock import Interrupted
from solbench.drivers.errors import BadReply, DriverError, InstrumentError, NoReply, NotSafe, SettingsChanged
from solbench.drivers.roles import Reading
from solbench.protocols import Build, Protocol
from solbench.protocols.segments import Segment

T = TypeVar("T")

REOPEN_EVERY_S = 1.0
FIRST_ANSWER_WITHIN_S = 10.0  # whoever begins a run waits for it, and an address may be wrong
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
    """Say whether the ladder may help: a refusal is an answer, and so is a current that flows with the cell off."""
    if isinstance(error, NotSafe):  # an answer that was lost on the way to it is its cause
        return isinstance(error.__cause__, DriverError) and can_be_mended(error.__cause__)
    return not isinstance(error, InstrumentError)


@dataclass
class Climb:
    """What one way up the ladder has found so far; `answered_s`: when the instruments first answered (run's time)."""

    cause: GapCause
    watched: Watched
    port: str
    rungs: Counter[Rung] = field(default_factory=Counter)
    answered_s: float | None = None
    others: dict[str, str] = field(default_factory=dict)
    changes: dict[str, str] = field(default_factory=dict)
    reading: Reading | None = None
    doubt: Alarm | None = None


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

    def reach(self, ask: Callable[[], T]) -> T:
        """Return what `ask` does, again from its beginning, a rung further up, where an answer is lost.

        For what comes before anything is known of the bench: `ask` may only ask, and switch off. A bench that has not
        answered at all in this session is not waited for as long as one that was lost. Raises the last DriverError when
        that time is over, a refusal at once, and Interrupted by a stop.
        """
        try:
            with self._run_control.shield():
                return ask()
        except DriverError as error:
            if not can_be_mended(error):
                raise
            lost = error
        port, rungs = self._bench.port(), Counter[Rung]()
        found = self._persist(ask, rungs)
        self._tell_found(_cause(lost), rungs, port)
        return found

    def climb(self, lost: Lost) -> Alarm | None:
        """Bring the bench back; return why a user must look before the run continues, None where none needs to.

        Raises the last DriverError when the bench's time for it is over, and Interrupted by a stop.
        """
        climb = Climb(_cause(lost), self._recorder.progress.ledger.watched, self._bench.port())
        try:
            self._persist(lambda: self._set_up(climb), climb.rungs)
        except DriverError:
            if climb.answered_s is not None:
                self._count(climb)
            raise
        gap = self._count(climb)
        self._tell_found(climb.cause, climb.rungs, climb.port)
        return self._why_not(climb, gap)

    def _tell_found(self, cause: GapCause, rungs: Counter[Rung], before: str) -> None:
        """Write down that the instruments answer again, and where the adapter is, if it was at the port `before`."""
        port = self._bench.port()
        found = Reconnected(cause=cause, rungs=dict(rungs), port=port if port != before else "")
        self._recorder.emit(self._station.now_s(), found)

    def _persist(self, deed: Callable[[], T], rungs: Counter[Rung]) -> T:
        """Do something behind an off; where that fails, open the connection again for it."""
        is_off = False
        try:
            with self._run_control.shield():
                rungs["device_clear"] += 1
                is_off = self._bench.equipment.dc.force_off().at_s is not None
                return deed()
        except DriverError as error:
            return self._find(deed, rungs, error, is_off=is_off)

    def _find(self, deed: Callable[[], T], rungs: Counter[Rung], error: DriverError, *, is_off: bool) -> T:
        """Open the connection again and again, until something can be done.

        `is_off`: the instrument that switches the cell has taken the command.
        """
        clock = self._bench.clock
        for_s = self._bench.reconnect_for_s
        error = self._by_its_error(error)
        if not self.identities:
            for_s = min(for_s, FIRST_ANSWER_WITHIN_S)
        busy, busy_s = self._busy()
        left_s = busy_s - clock.now()
        held = left_s > 0.0 and is_off and isinstance(error, NoReply | NotSafe)
        lost = _measuring(busy, left_s) if held else _searching(error, for_s)
        self._alarm(lost)
        until_s, refusals = clock.now() + max(left_s, 0.0) + for_s, 0
        while True:
            try:
                with self._run_control.shield():
                    rungs["reopen"] += 1
                    self._bench.equipment.dc.reconnect()
                    found = deed()
                break
            except DriverError as lost_again:
                again = self._by_its_error(lost_again)
                refusals += isinstance(again, InstrumentError)
                if clock.now() > until_s or refusals >= REFUSALS:
                    raise again from error
                if held and clock.now() > busy_s:  # so it is silent for another reason
                    held = False
                    self._forget(lost)
                    lost = _searching(again, for_s)
                    self._alarm(lost)
            self._wait()
        self._forget(lost)
        return found

    def _busy(self) -> tuple[str, float]:
        """Return which instrument may be measuring for the longest time yet, and until when (the clock's time, s)."""
        instruments = self._bench.equipment.dc.instruments
        busiest = max(instruments, key=lambda one: one.measuring_until_s)
        return busiest.name, busiest.measuring_until_s

    def _by_its_error(self, error: DriverError) -> DriverError:
        """Return a silence as the refusal that it was, where the instrument still answers which error it has."""
        if not isinstance(error, NoReply):
            return error
        for one in self._bench.equipment.dc.instruments:
            if one.name == error.instrument:
                with suppress(DriverError), self._run_control.shield():
                    if code := one.last_error():
                        return InstrumentError(code, "no answer to it", error.command, one.name)
        return error

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
        try:
            dc.make_safe(self._bench.clock)
        except DriverError as error:
            if not can_be_mended(error):  # they answer, and the cell is not off yet
                climb.answered_s = None
            raise
        dc.initialise()
        self._verify_again(climb)
        dc.prepare_current(IDLE_A)
        self._station.confirmation.forget(driven=False)  # what was read before the gap, or in another one
        try:
            climb.reading, climb.doubt = self._station.measure(), None
        except AttentionNeeded as need:
            climb.doubt = need.alarm

    def _other_instruments(self, climb: Climb) -> dict[str, str]:
        """Ask the instruments who they are; return the answers that are not those of the session's beginning."""
        others = {}
        for one in self._bench.equipment.dc.instruments:
            known = self.identities.get(one.name, "")
            answer = identity_of(one, known)
            if climb.answered_s is None:
                climb.answered_s = self._station.now_s()
            if known and answer != known:
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
                "Look at bench and cell; an instrument was switched off, set by hand, or reset by a device clear",
                listed,
                dict(climb.changes),
            )
        if climb.doubt is not None:
            return climb.doubt
        violation = self._limits.check(climb.reading) if climb.reading is not None else None
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


def _reason(error: DriverError) -> BaseException | None:
    """Return why a cell could not be verified off, None where it is seen to be on; any other error is its own."""
    return error.__cause__ if isinstance(error, NotSafe) else error


def _measuring(instrument: str, left_s: float) -> Alarm:
    """Return the alarm that an instrument takes no command before its measurement is over, in `left_s` (s) at most."""
    text = (
        f"Wait: the {instrument} is measuring until {left_s:.0f} s from now at the latest, and takes no command "
        "meanwhile. The cell was switched off; the run goes on after that"
    )
    return Alarm(text=text, code="measuring", parameters={"instrument": instrument, "left_s": left_s})


def _searching(error: DriverError, for_s: float) -> Alarm:
    """Return the alarm that the bench is tried again for `for_s` (s), by what it does not do as it should."""
    search = f"It is tried again for {_duration(for_s)}; the cell stays as it was until then."
    code: AlarmCode
    match _reason(error):
        case BadReply():
            code, cure = "reply_refused", "Check cables and adapter, and that no other program uses the bus"
        case InstrumentError():
            code, cure = "command_refused", "Look at the instrument, which does not take a command"
        case DriverError():
            code, cure = "connection_lost", "Check adapter, cables and power"
        case _:
            code, cure = "not_verified_off", "Look at the instrument"
    return Alarm(text=f"{cure}: {error} {search}", code=code, parameters={"reconnect_for_s": for_s})


def _look(code: AlarmCode, action: str, found: str, parameters: Parameters) -> Alarm:
    """Return the alarm that says what to do, then what was found."""
    text = f"{action} ({found}). The cell is off; resume the run when all is well."
    return Alarm(text=text, code=code, parameters=parameters)


def _duration(seconds: float) -> str:
    return f"{seconds / 60.0:g} min" if seconds >= 60.0 else f"{seconds:g} s"
