"""One program's part of a run: the bench made ready, the plan carried out, the way out.

Whatever ends it, the cell is switched off first, the bench made safe and verified, and then the files finished.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from solbench.acquisition.bench.bench import Bench
from solbench.acquisition.bench.guardian_client import GuardianGone, GuardLink
from solbench.acquisition.control.idle import idle
from solbench.acquisition.control.messages import SpectrumRequest
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Answer, State, Verb
from solbench.acquisition.engine.engine import Engine
from solbench.acquisition.engine.limits import RunEnding, SafetyWatch
from solbench.acquisition.engine.on_demand import SpectrumRequests
from solbench.acquisition.engine.station import Station
from solbench.acquisition.engine.switch import close_gap
from solbench.acquisition.errors import Fault, JournalFull
from solbench.acquisition.record.disk_space import DiskWatch
from solbench.acquisition.record.events import (
    Alarm,
    Event,
    Header,
    Instrument,
    Note,
    Paused,
    PausedBy,
    Resumed,
    RunEnd,
    RunOutcome,
    SessionStart,
    StartCheck,
    StepSkipped,
)
from solbench.acquisition.record.final_file import build_final
from solbench.acquisition.record.journal import Journal
from solbench.acquisition.record.progress import Progress, close_dangling_segment
from solbench.acquisition.record.recorder import Listener, Recorder
from solbench.acquisition.record.storage_thread import Storage
from solbench.acquisition.run.reconnection import Reconnection
from solbench.acquisition.run.start_check import cell_findings, failures, journaled
from solbench.drivers.clock import Interrupted
from solbench.drivers.errors import BusError, DriverError
from solbench.protocols import Build, Protocol, limits_for, plan
from solbench.protocols.errors import BadInput, sentence


@dataclass(frozen=True)
class Result:
    """How a run ended: `outcome` is completed, skipped, cut_short, limit, interrupted or fault.

    `file_poisoned`: an HDF5 file could not be closed; the program must leave without closing it.
    """

    run: Path
    outcome: RunOutcome
    reason: str
    alarms: tuple[str, ...] = ()
    file_poisoned: bool = False

    @property
    def completed(self) -> bool:
        """Get whether the run ended by its own end conditions."""
        return self.outcome == "completed"


@dataclass
class Session:
    """Carries out a run, or the rest of one. `off_host_s`: when a guardian switched off, in the host's time."""

    run: Path
    journal: Journal
    progress: Progress
    bench: Bench
    run_control: RunControl
    listeners: Sequence[Listener]
    header: Header
    alarms: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        guarding = self.bench.guarding
        self.guard: GuardLink | None = guarding.guard if guarding is not None else None
        self.storage: Storage | None = None
        self.watched: Callable[[], bool] = lambda: False
        self.recorder = Recorder(self.journal, self.progress, (*self.listeners, self._to_storage))
        self.station = Station(
            equipment=self.bench.equipment,
            clock=self.bench.clock,
            progress=self.progress,
            watch=self.bench.watch,
            offset_s=offset_s(self.bench, self.header),
            settle_s=self.bench.settle_s,
            direction_check_s=self.bench.direction_check_s,
        )
        self.disk = DiskWatch(self.run.parent)
        self.notes: list[str] = []
        self.asking: SpectrumRequests | None = None
        self._restart_guard, self._guard_gone = False, ""
        self._no_more_notes = False
        self._verified_safe = True
        self.searching_since = ""

    def carry_out(
        self,
        protocol: Protocol,
        build: Build,
        first: bool,
        cut_bytes: int = 0,
        off_host_s: float | None = None,
    ) -> Result:
        """Run the plan; whatever happens, the bench is made safe and the file is finished."""
        self.run_control.on_poll(self._look)
        ending = RunEnding("fault", "the program failed")
        try:
            ending = self._work(protocol, build, first, cut_bytes, off_host_s)
        except Interrupted as interruption:
            ending = RunEnding("interrupted", interruption.reason)
        except (DriverError, Fault, OSError) as error:
            ending = RunEnding("fault", str(error))
        except JournalFull as error:
            ending = RunEnding("fault", str(error))
            self.alarms.append(str(error))
        except BadInput as error:  # the bench was taken by somebody else while its guardian was gone
            ending = RunEnding("fault", str(error))
        except (
            Exception
        ) as error:  # a mistake of ours: it goes on to whoever called, and the journal says which
            ending = RunEnding("fault", f"the program failed: {str(error) or type(error).__name__}")
            raise
        finally:
            self.run_control.state = State.STOPPING
            with self.run_control.shield():
                ending = self._way_out(ending)
            self.run_control.on_poll(None)
            self.run_control.state = State.ENDED
        poisoned = self.storage is not None and self.storage.poisoned
        return Result(self.run, ending.outcome, ending.text, tuple(self.alarms), poisoned)

    def ask_spectrum(self, wish: SpectrumRequest, who: str) -> Answer:
        """Take the wish for a spectrum, or refuse it in words; safe to call from any thread."""
        answer = self.run_control.ask(Verb.SPECTRUM, who)
        if not answer.accepted or self.asking is None:
            return answer
        return self.asking.ask(wish, who)

    def alarm(self, alarm: Alarm) -> None:
        """Write an alarm into the journal and remember it for clients."""
        self.alarms.append(alarm.text)
        self.recorder.emit(self.station.now_s(), alarm)

    def _work(
        self, protocol: Protocol, build: Build, first: bool, cut_bytes: int, off_host_s: float | None
    ) -> RunEnding:
        with self.run_control.shield():
            self._make_ready(cut_bytes, off_host_s)
        if first:
            self._start_check(build)
        limits = limits_for(protocol.safety, build)
        self.station.voltage_limits_V = (limits.voltage_min_V, limits.voltage_max_V)
        self.asking = SpectrumRequests(protocol, build, self.progress)
        self.station.wanted = self.asking.wanted
        engine = Engine(self.station, self.recorder, SafetyWatch(limits), self.run_control, self.asking)
        if self.run_control.state is State.STARTING:
            self.run_control.state = State.RUNNING
        while True:
            try:
                ending = engine.run(plan(protocol, build))
            except Interrupted:
                self._interrupted()
            except BusError as error:
                self._reconnect(error)
            else:
                return self._named(ending)

    def _named(self, ending: RunEnding) -> RunEnding:
        if ending.outcome == "completed" and self.progress.skipped:
            names = ", ".join(str(index) for index in self.progress.skipped)
            return RunEnding("skipped", f"all steps done, but step {names} was skipped")
        return ending

    def _interrupted(self) -> None:
        """Act on what was asked: go on after a pause or a skipped step, else end the run by Interrupted."""
        verb, reason, by = self.run_control.pop() or (Verb.STOP, "interrupted", "user")
        if verb is Verb.PAUSE:
            self._pause(reason, by)
        elif verb is Verb.SKIP:
            self.recorder.emit(
                self.station.now_s(), StepSkipped(step=self.progress.step_index, reason=reason)
            )
            self._set_up_anew()
        else:
            raise Interrupted(reason)

    def _pause(self, reason: str, by: PausedBy) -> None:
        """Wait with the cell off until somebody resumes; the disk's own pause ends when there is room again."""
        self.run_control.state = State.PAUSED
        self.recorder.emit(self.station.now_s(), Paused(reason=reason, by=by))
        self._renew_guard()  # at once: with the old guardian the lock of the bench is gone, too
        for_room = self.journal.reserve_used or not self.disk.has_room()
        while self.run_control.state is State.PAUSED:
            idle(self.bench.clock, self.run_control)
            self._renew_guard()
            if for_room and self.disk.has_room():
                self.run_control.state = State.RUNNING
        self.journal.refill_reserve()
        if self.storage is not None:
            self.storage.rebuild()
        self._set_up_anew()
        self.recorder.emit(self.station.now_s(), Resumed())

    def _set_up_anew(self) -> None:
        """Set the instruments up: whatever was interrupted may have left them measuring, the generator on."""
        try:
            with self.run_control.shield():
                self.bench.equipment.dc.initialise()
        except BusError as error:
            self._reconnect(error)

    def _reconnect(self, error: BusError) -> None:
        self.searching_since = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            Reconnection(self.bench, self.station, self.recorder, self.run_control, self.alarm).carry_out(
                error
            )
        finally:
            self.searching_since = ""

    def _look(self) -> None:
        """Renew the lease and look at guardian and disk; called by the clock."""
        self._beat()
        paused = self.run_control.state is State.PAUSED
        if not paused and self._restart_guard:  # asked again until it is done: a skip may be before it
            self.run_control.interrupt(Verb.PAUSE, f"{self._guard_gone}; the cell is off until it is resumed")
        if not paused and (self.journal.reserve_used or self.disk.is_low()):
            self.run_control.interrupt(
                Verb.PAUSE, "the disk is nearly full; the run goes on when there is space again"
            )
        if (
            not self.run_control.shielded
        ):  # a journal that takes no more must not keep the cell from being switched off
            self._write_notes()

    def _write_notes(self) -> None:
        """Write what users noted, and what the storage thread met."""
        if self.notes:
            self.recorder.emit(self.station.now_s(), Note(text=self.notes.pop(0), code="user"))
        if self.storage is not None and self.storage.error is not None:
            text, self.storage.error = self.storage.error, None
            self.alarm(Alarm(text=text, code="storage"))

    def _write_last_words(self) -> None:
        """Write the notes that still wait, and that a spectrum which was asked for will not come."""
        self._no_more_notes = True
        texts, self.notes = self.notes, []
        notes = [Note(text=text, code="user") for text in texts]
        if self.asking is not None and self.asking.wanted():
            self.asking.forget()
            text = "a spectrum that was asked for was not measured: the run ended before"
            notes.append(Note(text=text, code="spectrum_not_measured"))
        try:
            for note in notes:
                self.recorder.emit(self.station.now_s(), note)
        except JournalFull as error:
            self.alarms.append(str(error))

    def take_note(self, text: str) -> Answer:
        """Keep a user's note for the journal, or say that it comes too late; safe to call from any thread."""
        if self._no_more_notes or self.run_control.state is State.ENDED:
            return Answer(False, "the run has ended; the note was not kept")
        self.notes.append(text)
        return Answer(True, "note kept")

    def _beat(self) -> None:
        """Renew the lease; without a guardian the run is to pause, and a pause gets a new one."""
        if self.guard is not None:
            try:
                self.guard.beat()
            except GuardianGone as gone:
                self.guard = None
                self._restart_guard, self._guard_gone = True, str(gone)

    def _renew_guard(self) -> None:
        if self._restart_guard and self.bench.guarding is not None:
            self.guard = self.bench.guarding.start()
            self._restart_guard = False

    def _make_ready(self, cut_bytes: int, off_host_s: float | None) -> None:
        """Switch off first of all, close the gap that a dead program left, then set the instruments up."""
        bench = self.bench.equipment.dc
        bench.off()
        off_s = self.station.now_s()
        # Behind the switch: a long journal takes time.
        self.storage = Storage(self.run, self.journal, self._beat, lambda: self.watched())
        if off_host_s is not None:
            off_s = self.bench.at_host(off_host_s) - self.station.offset_s
        gap_C = close_gap(self.recorder, off_s)
        bench.initialise()
        self._end_interrupted_segment()
        start = SessionStart(
            session=self.progress.sessions + 1,
            wall=datetime.now().astimezone().isoformat(),
            instruments=self._instruments(),
            gap_charge_C=gap_C,
            by_guardian=off_host_s is not None,
            bytes_cut=cut_bytes,
            command_line=tuple(sys.argv[1:]),
        )
        self.recorder.emit(self.station.now_s(), start)

    def _instruments(self) -> dict[str, Instrument]:
        instruments = self.bench.equipment.dc.instruments
        settings = [one.settings_as_read_back() for one in instruments]
        return {
            one.name: Instrument(
                model=one.model,
                identity=one.identity(),
                address=self.bench.addresses[one.name],
                settings=settings_of_one,
            )
            for one, settings_of_one in zip(instruments, settings, strict=True)
        }

    def _end_interrupted_segment(self) -> None:
        """Write the end of a segment that a dead program did not write."""
        progress = self.progress
        if progress.ordinal is None:
            return
        self.recorder.emit(progress.last_s, close_dangling_segment(progress, progress.ordinal))

    def _start_check(self, build: Build) -> None:
        """Read the cell before anything is switched on; raises Fault with what is wrong."""
        findings = cell_findings(self.bench.equipment.dc, build)
        self.recorder.emit(self.station.now_s(), StartCheck(findings=journaled(findings)))
        if wrong := failures(findings):
            raise Fault(wrong)

    def _way_out(self, ending: RunEnding) -> RunEnding:
        """Make the bench safe, write the end, finish the file."""
        ending = self._made_safe(ending)
        self._write_last_words()
        self._write_end(ending)
        if self.storage is not None:
            self.storage.close()
        with suppress(OSError):
            self.journal.close(keep_reserve=ending.outcome in ("interrupted", "fault"))
        self.bench.close()
        self._finish_file()
        return ending

    def _made_safe(self, ending: RunEnding) -> RunEnding:
        try:
            self.bench.equipment.dc.make_safe(self.bench.clock)
        except Exception as error:  # noqa: BLE001 - whatever it was, the cell may still be on
            self._verified_safe = False
            return RunEnding(
                "fault", f"{sentence(ending.text)} NOT VERIFIED SAFE: {error}{self._left_to_guardian()}"
            )
        try:
            close_gap(self.recorder, self.station.now_s())
        except JournalFull as error:
            self.alarms.append(str(error))
        if self.guard is not None:
            self.guard.bye()
        return ending

    def _left_to_guardian(self) -> str:
        """Let the guardian try what this process could not; return what it says. It needs the port."""
        if self.guard is None:
            return ""
        self.bench.close()
        return f" The guardian tried after that: {self.guard.act()}"

    def _write_end(self, ending: RunEnding) -> None:
        end = RunEnd(
            completed=ending.outcome == "completed",
            outcome=ending.outcome,
            reason=ending.text,
            quantity=ending.quantity,
            limit=ending.limit,
            value=ending.value,
            verified_safe=self._verified_safe,
        )
        try:
            self.recorder.emit(self.station.now_s(), end)
        except JournalFull as error:
            self.alarms.append(str(error))

    def _finish_file(self) -> None:
        try:
            build_final(self.run)
        except Exception as error:  # noqa: BLE001 - the cell is off and the journal whole: say that, not a traceback
            self.alarms.append(
                f"the run file could not be finished ({error}); the journal is whole: solbench recover {self.run.name}"
            )
            if self.storage is not None:
                self.storage.poisoned = True

    def _to_storage(self, event: Event) -> None:
        if self.storage is not None:
            self.storage.take(event)


def offset_s(bench: Bench, header: Header) -> float:
    """Return what to subtract from the bench's clock to get the run's time, in s."""
    if bench.time_base == header.time_base:
        return header.clock_start_s
    return bench.clock.now() - (time.time() - header.unix_s)  # another boot: only the wall clock went on
