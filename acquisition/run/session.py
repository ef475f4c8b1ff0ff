"""One program's part of a run: the bench made ready, the plan carried out, the way out.

Whatever ends it, the cell is switched off first, the bench made safe and verified, and then the files finished.
"""

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from solbench.acquisition.bench.bench import Bench
from solbench.acquisition.bench.commissioning.standing import remarks
from solbench.acquisition.bench.guarded import forget_guard_file
from solbench.acquisition.control.idle import idle
from solbench.acquisition.control.messages import ChangeRequest, ManualRequest, SpectrumRequest
from solbench.acquisition.control.run_control import Pending
from solbench.acquisition.control.verbs import Answer, State, Verb
from solbench.acquisition.engine.actions import AskPerson, never
from solbench.acquisition.engine.attention import AttentionNeeded
from solbench.acquisition.engine.beside.gauges import GaugeWatch
from solbench.acquisition.engine.beside.wall_clock import WallClockWatch
from solbench.acquisition.engine.comparison import Comparison
from solbench.acquisition.engine.engine import Engine
from solbench.acquisition.engine.limits import RunEnding
from solbench.acquisition.engine.manual.requests import OFF_ALREADY, words_of
from solbench.acquisition.engine.switch import close_gap
from solbench.acquisition.errors import Fault, JournalDamaged, JournalFull, JournalGone, RunFileHeld
from solbench.acquisition.host.platform import host_s, remove
from solbench.acquisition.record.checkpoint import Checkpoint, checkpoint_path
from solbench.acquisition.record.events import (
    Alarm,
    CommissioningText,
    Event,
    HoldAsked,
    Instrument,
    Note,
    Paused,
    PausedBy,
    ProtocolChanged,
    Resumed,
    RunEnd,
    RunOutcome,
    SegmentEnd,
    SegmentStart,
    SessionStart,
    SpectrumAsked,
    StartCheck,
    StepSkipped,
)
from solbench.acquisition.record.final_file import build_final
from solbench.acquisition.record.hdf5 import why
from solbench.acquisition.record.progress import close_dangling_segment
from solbench.acquisition.record.storage_thread import Storage
from solbench.acquisition.run.disk_space import DiskWatch
from solbench.acquisition.run.guard_keeper import GuardKeeper
from solbench.acquisition.run.journal_keeper import JournalKeeper
from solbench.acquisition.run.ladder import Asleep, Ladder, Lost, can_be_mended
from solbench.acquisition.run.paused_cell import PausedCell
from solbench.acquisition.run.same_instruments import identity_of, require_same
from solbench.acquisition.run.setup import RunSetup
from solbench.acquisition.run.start_check import (
    Finding,
    cell_findings,
    failures,
    frequency_findings,
    journaled,
)
from solbench.acquisition.run.unwatched import count_gap
from solbench.drivers.clock import Interrupted, sleep
from solbench.drivers.errors import DriverError
from solbench.protocols.errors import BadInput, sentence
from solbench.protocols.kinds.manual import ByHand
from solbench.protocols.segments import StepRef

MAKE_SAFE_WITHIN_S, MAKE_SAFE_EVERY_S = 3.0, 0.5
_ENDLESS_S = math.inf
_PAUSED = State.PAUSED  # asked for at every look of the clock: an enum takes long to be asked for a member
UNKNOWN_S = 86_400.0  # for so long a current may have flowed where nobody can know
PAUSED_LOOK_S = 1.0  # of experiment time: as often a paused run looks for the user's answer


@dataclass(frozen=True)
class Result:
    """How a run ended: `outcome` is completed, skipped, cut_short, limit, interrupted or fault.

    `file_poisoned`: an HDF5 file could not be closed; the program must leave without closing it.
    `file_unfinished`: the run file is not what it will be; an alarm says why, and what to do.
    """

    run: Path
    outcome: RunOutcome
    reason: str
    alarms: tuple[str, ...] = ()
    file_poisoned: bool = False
    file_unfinished: bool = False

    @property
    def completed(self) -> bool:
        """Get whether the run ended by its own end conditions."""
        return self.outcome == "completed"


@dataclass(frozen=True)
class LeftBehind:
    """What an earlier session of the run left.

    `cut_bytes`: so much of the journal's end was broken; `off_s`: when a guardian switched off, by the bench's clock,
    None if none did; `checkpoint` vouches for the journal's beginning. `is_unknown`: for how long nobody has watched.
    """

    cut_bytes: int = 0
    off_s: float | None = None
    checkpoint: Checkpoint | None = None
    is_unknown: bool = False


class Session:
    """Carries out a run, or the rest of one."""

    def __init__(self, setup: RunSetup) -> None:
        self.setup = setup
        self.run = setup.run
        self.header = setup.header
        self.bench = setup.bench
        self.journal = setup.journal
        self.recorder = setup.recorder
        self.progress = setup.progress
        self.run_control = setup.run_control
        self.alarms: list[str] = []
        self.notes: list[str] = []
        self.storage: Storage | None = None
        self.searching_since = ""
        self._dc = setup.bench.equipment.dc
        self._dialogue = setup.bench.dialogue
        self._guard = GuardKeeper(setup.bench.guarding)
        self._disk = DiskWatch(setup.run.parent)
        self._keeper = JournalKeeper(setup.journal)
        self._limits = setup.limits
        self._gauges = GaugeWatch(setup.station.gauges, setup.recorder, setup.station.offset_s)
        self._wall_clock = WallClockWatch(setup.recorder, setup.station.now_s)
        self._ladder = Ladder(
            setup.bench,
            setup.station,
            setup.recorder,
            setup.run_control,
            self._limits,
            setup.protocol,
            setup.build,
            self.alarm,
            self._forget,
        )
        setup.recorder.listen(self._ladder.hear, SegmentStart)
        setup.recorder.listen(
            self._hear, SegmentStart, SegmentEnd, SpectrumAsked, HoldAsked, ProtocolChanged, Note
        )
        self._looked_s = host_s()
        self._stood_still_s = 0.0
        self._no_more_notes = False
        self._verified_safe = True
        self._spectrum_request = self._manual_request = self._change_request = 0
        self._found = ""  # what ended the run, without its cure
        self._file_unfinished = False
        self._is_journal_there = True
        self._is_settled = False  # verified off, and nothing is switched any more

    def carry_out(
        self, left: LeftBehind | None = None, watched: Callable[[], bool] = lambda: False
    ) -> Result:
        """Run the plan; whatever happens, the bench is made safe and the file is finished.

        `left` by an earlier session, None in the first; `watched` tells whether a viewer follows the run.
        """
        self.run_control.on_poll(self._look)
        ending = RunEnding("fault", "the program failed")
        try:
            ending = self._work(left, watched)
        except Interrupted as interruption:
            ending = RunEnding("interrupted", interruption.reason)
        except (DriverError, Fault, OSError) as error:
            ending = RunEnding("fault", str(error))
            self._found = error.what if isinstance(error, DriverError) else ""
        except JournalFull as error:
            ending = RunEnding("fault", str(error))
            self.alarms.append(str(error))
        except BadInput as error:  # another program took the bench while its guardian was gone
            ending = RunEnding("fault", str(error))
        except Exception as error:  # a mistake of ours: the caller gets it, and the journal says which
            ending = RunEnding("fault", f"the program failed: {str(error) or type(error).__name__}")
            raise
        finally:
            self.run_control.state = State.STOPPING
            with self.run_control.shield():
                ending = self._way_out(ending)
            self.run_control.on_poll(None)
            verified = "the cell is verified off" if self._verified_safe else "the cell is NOT VERIFIED OFF"
            how = f"{verified}, the run has ended: {ending.text}"
            self.run_control.end(how, verified=self._verified_safe)
        poisoned = self.storage is not None and self.storage.poisoned
        return Result(
            self.run, ending.outcome, ending.text, tuple(self.alarms), poisoned, self._file_unfinished
        )

    def ask_spectrum(self, request: SpectrumRequest, who: str) -> Answer:
        """Take the request for a spectrum, or refuse it with a reason; safe to call from any thread."""
        answer = self.run_control.ask(Verb.SPECTRUM, who)
        if answer.accepted:
            answer = self.setup.requests.ask(request, who)
        if answer.accepted:
            self._spectrum_request = self.run_control.promise()
            answer = replace(answer, request=self._spectrum_request)
        return answer

    def ask_manual(self, request: ManualRequest, who: str) -> Answer:
        """Take what is set by hand, or refuse it with a reason; safe to call from any thread."""
        answer = self.run_control.ask(Verb.MANUAL, who)
        if not answer.accepted:
            return answer
        before, promised = self._manual_request, self.run_control.promise()
        self._manual_request = promised  # first: the engine may be done with it before this thread goes on
        answer = self.setup.manual.ask(request, who)
        if not answer.accepted:
            self._manual_request = before
        follows = answer.accepted and answer.text != OFF_ALREADY and request.do != "finish"
        return replace(answer, request=promised) if follows else answer

    def ask_change(self, request: ChangeRequest, who: str) -> Answer:
        """Take a change of a step, or refuse it with a reason; safe to call from any thread."""
        answer = self.run_control.ask(Verb.CHANGE, who)
        if not answer.accepted:
            return answer
        changes, follows = self.setup.changes, bool(request.settings) and not request.only_check
        before, promised = self._change_request, self.run_control.promise() if follows else 0
        if follows:
            self._change_request = (
                promised  # first: the engine may be done with it before this thread goes on
            )
        answer = changes.ask(request, who)
        if not answer.accepted:
            self._change_request = before
        return replace(answer, request=promised) if answer.accepted else answer

    def alarm(self, alarm: Alarm) -> None:
        """Write an alarm into the journal and remember it for clients."""
        self.alarms.append(alarm.text)
        self.recorder.emit(self.setup.station.now_s(), alarm)

    def _forget(self, alarm: Alarm) -> None:
        """Take an alarm that has been overtaken from what clients see; it stays in the journal."""
        self.alarms = [text for text in self.alarms if text != alarm.text]

    def _work(self, left: LeftBehind | None, watched: Callable[[], bool]) -> RunEnding:
        setup = self.setup
        self._make_ready(left or LeftBehind(), watched)
        comparison = Comparison(setup.protocol, setup.build, self.progress)
        engine = Engine(
            setup.station,
            self.recorder,
            self._limits,
            self.run_control,
            setup.requests,
            comparison,
            self._gauges,
            setup.manual,
            self._prompt,
            setup.changes,
            self._wall_clock,
        )
        is_checked = left is not None
        while True:
            try:
                if not is_checked:
                    self._start_check()
                    is_checked = True
                self.run_control.begin()
                ending = engine.run(setup.changes.plan())
            except Asleep as asleep:
                self._mend(asleep)
            except Interrupted:
                self._interrupted()
            except DriverError as error:
                if not can_be_mended(error):
                    raise
                self._mend(error)
            except AttentionNeeded as need:
                self._pause(need.alarm.text, "program", need.alarm)
            else:
                self._settle()
                return self._named(ending)

    def _settle(self) -> None:
        """Have the cell verified off once the plan is done; what is lost of that is waited for like any answer."""
        try:
            self._is_settled = self._verify_off()
        except Interrupted:
            raise
        except Exception:  # noqa: BLE001 - whatever it was, the way out tries once more, and then the guardian
            return

    def _named(self, ending: RunEnding) -> RunEnding:
        if ending.outcome == "completed" and self.progress.skipped:
            names = ", ".join(str(index) for index in self.progress.skipped)
            return RunEnding("skipped", f"all steps done, but step {names} was skipped")
        return ending

    def _interrupted(self) -> None:
        """Act on what was asked: go on after a pause or a skipped step, else end the run by Interrupted."""
        pending = self.run_control.pop()
        if pending is None:  # a pause that was taken back
            self._set_up_again()
        elif pending.verb is Verb.PAUSE:
            alarm = Alarm(text=pending.reason, code=pending.code) if pending.by == "program" else None
            self._pause(pending.reason, pending.by, alarm, pending.request)
        elif pending.verb is Verb.SKIP:
            self._skip(pending)
            self._set_up_again()
        else:
            raise Interrupted(pending.reason)

    def _skip(self, asked: Pending) -> None:
        """Leave the step for which that was asked, unless it has ended by itself meanwhile."""
        step = self.run_control.step
        if asked.step is not None and asked.step != step:
            text = f"nothing was skipped: {_named_step(asked.step)} had ended by itself"
            self.run_control.settle(asked.request, text, done=False)
            return
        self._verify_off()
        skipped = StepSkipped(step=self.progress.step_index, reason=asked.reason)
        self.recorder.emit(self.setup.station.now_s(), skipped)
        left = _named_step(step) if step is not None else "the step"
        text = f"{left} was skipped; the run no longer counts as completed"
        self.run_control.settle(asked.request, text)

    def _hear(self, event: Event) -> None:
        """Follow which step is carried out, and what becomes of a requested spectrum."""
        body = event.body
        if isinstance(body, SegmentStart):
            self.run_control.step = body.segment.step
        elif isinstance(body, SpectrumAsked):
            began = "the step is suspended, the spectrum is measured; then the step continues"
            self.run_control.settle(self._spectrum_request, began)
        elif isinstance(body, ProtocolChanged):
            self.run_control.settle(self._change_request, f"changed: {body.words}")
        elif isinstance(body, HoldAsked):
            self.run_control.settle(
                self._manual_request, f"{words_of(body.segment)}: the cell is switched on"
            )
        elif isinstance(body, SegmentEnd) and (body.ordinal < 0 or body.segment == ByHand.__name__):
            if body.outcome != "aside" and not self.setup.manual.is_pending:
                self.run_control.settle(self._manual_request, f"the cell is off: {body.text}")
        elif isinstance(body, Note) and body.code in ("spectrum_refused", "spectrum_not_measured"):
            self.run_control.settle(self._spectrum_request, body.text, done=False)

    def _prompt(self, asked: AskPerson) -> bool:
        """Pause until a person has confirmed; return whether one has."""
        name = self.run_control.step.name if self.run_control.step is not None else ""
        text = (
            f"{sentence(asked.text)} The run waits at '{name}' with the cell off; confirm with solbench confirm, or "
            "with Resume in the window"
        )
        alarm = Alarm(text=text, code="prompt")
        waits_s = math.inf if asked.time_out_s is None else asked.time_out_s
        confirmed = self._pause(
            text, "program", alarm, waits_s=waits_s, goes_on=asked.goes_on, is_met=asked.is_met
        )
        self._forget(alarm)
        return confirmed

    def _pause(
        self,
        reason: str,
        by: PausedBy,
        alarm: Alarm | None = None,
        request: int = 0,
        *,
        waits_s: float | None = None,
        goes_on: bool = False,
        is_met: Callable[[], bool] = never,
    ) -> bool:
        """Wait with the cell verified off until a user resumes; return whether one did.

        A pause of the program ends uncompleted after as long as the protocol says, or `waits_s` (s): raises Fault then,
        unless it `goes_on`. It ends as by a user where what it waits for `is_met`. That for a full disk ends when there
        is room again; no other does, however full it is.
        """
        resumed = True
        if alarm is not None:
            self.run_control.begin_pause()
        self._verify_off()
        if alarm is not None:
            self.alarm(alarm)
        self.recorder.emit(self.setup.station.now_s(), Paused(reason=reason, by=by))
        self.run_control.settle(request, "paused: the cell is verified off")
        self._guard.replace()  # at once: with the old guardian the lock of the bench is gone, too
        is_full = self.journal.reserve_used or not self._disk.has_room()
        for_room = alarm is not None and alarm.code == "disk_full"
        if waits_s is None:
            waits_s = self.setup.protocol.interruptions.wait_for_user.value
        until_s = self.bench.clock.now() + (math.inf if by == "user" or for_room else waits_s)
        cell = self._paused_cell(keeps=not is_full)
        while self.run_control.state is State.PAUSED:
            if self.bench.clock.now() >= until_s:
                if goes_on:
                    resumed = False
                    self.run_control.begin()
                    break
                raise Fault(
                    f"{sentence(reason)} The run was paused, and no user resumed it within {waits_s / 3600.0:g} h"
                )
            self._wait_a_moment(until_s, cell)
            self._guard.replace()
            self._change_what_comes()
            if self.run_control.state is State.PAUSED and is_met():
                self.run_control.begin()
            elif for_room and self._disk.has_room():
                self.run_control.begin()
                if alarm is not None:
                    self._forget(alarm)
        cell.leave()
        if self.run_control.state is State.STOPPING:
            self.run_control.poll()
        self.journal.refill_reserve()
        if self.storage is not None:
            self.storage.rebuild()
        self._set_up_again()
        self.recorder.emit(self.setup.station.now_s(), Resumed())
        self.run_control.settle_resumed()
        return resumed

    def _change_what_comes(self) -> None:
        """Take up a change that is made in a pause: it counts from the segment with which the run goes on."""
        changes = self.setup.changes
        if changes.is_pending:
            self.recorder.emit(self.setup.station.now_s(), changes.taken_up(None))

    def _paused_cell(self, *, keeps: bool) -> PausedCell:
        station = self.setup.station
        return PausedCell(station, self.recorder, self.run_control, self.alarm, self._forget, keeps=keeps)

    def _wait_a_moment(self, until_s: float, cell: PausedCell) -> None:
        """Wait between two looks at the cell; virtual time passes only where there is an end to wait for.

        What is asked in the moment after a resume ends the pause, not the run, and has its turn then.
        """
        try:
            if math.isinf(until_s):
                idle(self.bench.clock, self.run_control)
            else:
                sleep(self.bench.clock, PAUSED_LOOK_S)
            cell.look()
            if cell.keeps:
                now_s = self.setup.station.now_s()
                self._gauges.look(now_s)
                self._wall_clock.look(now_s)
                if (pressure := self.setup.station.pressure) is not None:
                    pressure.tell()
                self._check_chamber()
        except Interrupted:
            if self.run_control.state is not State.RUNNING:
                raise

    def _check_chamber(self) -> None:
        """Hold the chamber in a pause, too, against what was ordered: its output is taken to zero, and it is told."""
        station = self.setup.station
        if station.chamber is None:
            return
        try:
            station.chamber.check(station.now_s())
        except AttentionNeeded as need:
            self.alarm(need.alarm)

    def _verify_off(self) -> bool:
        """Have the cell off and verified, whatever the engine could do on its way out: nothing waits with it on.

        Return whether that was the last thing that was done: bringing a bench back ends with a reading, for which some
        connect the cell.
        """
        try:
            with self.run_control.shield():
                self._dc.off()
                off_s = self.setup.station.now_s()
                self._dc.make_safe(self.bench.clock)
                close_gap(self.recorder, off_s)
        except DriverError as error:
            with self._searching():
                self._ladder.climb(error)
            return False
        return True

    def _set_up_again(self) -> None:
        """Set the instruments up: whatever was interrupted may have left them measuring, the generator on."""
        try:
            with self.run_control.shield():
                self._dc.initialise()
        except DriverError as error:
            if not can_be_mended(error):
                raise
            self._mend(error)

    def _mend(self, lost: Lost) -> None:
        """Bring the bench back; pause where the run may not continue by itself."""
        with self._searching():
            alarm = self._ladder.climb(lost)
        if alarm is not None:
            self._pause(alarm.text, "program", alarm)

    @contextmanager
    def _searching(self) -> Iterator[None]:
        """Let clients see that the instruments do not answer."""
        self.searching_since = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            yield
        finally:
            self.searching_since = ""

    def _look(self) -> None:
        """Renew the lease and look at guardian and disk; called by the clock. Raises Asleep."""
        guard, run_control = self._guard, self.run_control
        if guard.lease_s < _ENDLESS_S:
            guard.beat()
            now_s = host_s()
            stood_still_s, self._looked_s = now_s - self._looked_s, now_s
            if stood_still_s > guard.lease_s or self._stood_still_s:
                self._stand_up(stood_still_s)
        if run_control.state is not _PAUSED:
            if guard.missed:  # asked again until it is done: a skip may be before it
                text = f"{guard.missed}; the cell is off until it is resumed"
                run_control.interrupt(Verb.PAUSE, text, "guardian_lost")
            if self.journal.reserve_used or self._disk.is_low():
                text = "the disk is nearly full; free some space: the run continues by itself then"
                if not self.run.parent.is_dir():
                    text = (
                        f"the folder {self.run.parent} is gone; once it is back, the run continues by itself"
                    )
                run_control.interrupt(Verb.PAUSE, text, "disk_full")
        if not run_control.shielded:  # a full journal must not keep the cell from being switched off
            if self._keeper.is_time():
                self._keep_journal()
            if self._dialogue is not None and (words := self._dialogue.take_words()):
                self.recorder.emit(self.setup.station.now_s(), Note(text=words, code="dialogue"))
            storage = self.storage
            if self.notes or (storage is not None and storage.error is not None):
                self._write_notes()

    def _keep_journal(self) -> None:
        """Put the journal back where somebody took it from its place; pause where that cannot be done."""
        try:
            told = self._keeper.put_back()
        except JournalGone as error:
            if self.run_control.state is not State.PAUSED:
                self.run_control.interrupt(Verb.PAUSE, str(error), "journal_gone")
            return
        if told:
            self.alarm(Alarm(text=told, code="journal_gone"))

    def _keep_journal_at_last(self) -> None:
        """Put it back, or keep a copy of it elsewhere, before its last descriptor is closed."""
        try:
            told = self._keeper.put_back()
        except JournalGone:
            told = self._keeper.rescue()
        if told:
            self.alarms.append(told)

    def _stand_up(self, stood_still_s: float) -> None:
        """Raise Asleep, as soon as it may, when this process stood still (s) for longer than a lease lasts."""
        if self.run_control.state is not State.RUNNING or self.searching_since:
            self._stood_still_s = 0.0
            return
        if stood_still_s > self._guard.lease_s:
            self._stood_still_s = stood_still_s
        if self._stood_still_s and not self.run_control.shielded:
            stood_still_s, self._stood_still_s = self._stood_still_s, 0.0
            raise Asleep(stood_still_s)

    def _write_notes(self) -> None:
        """Write what users noted, and what the storage thread met."""
        if self.notes:
            self.recorder.emit(self.setup.station.now_s(), Note(text=self.notes.pop(0), code="user"))
        if self.storage is not None and self.storage.error is not None:
            text, self.storage.error = self.storage.error, None
            self.alarm(Alarm(text=text, code="storage"))

    def _write_last_words(self) -> None:
        """Write the notes that still wait, and that a requested spectrum will not come."""
        self._no_more_notes = True
        texts, self.notes = self.notes, []
        notes = [Note(text=text, code="user") for text in texts]
        if self.setup.requests.is_pending():
            self.setup.requests.forget()
            text = "the requested spectrum was not measured: the run ended before"
            notes.append(Note(text=text, code="spectrum_not_measured"))
        if self.setup.changes.is_pending:
            self.setup.changes.forget()
            text = "the steps were not changed: the run ended before"
            self.run_control.settle(self._change_request, text, done=False)
        try:
            for note in notes:
                self.recorder.emit(self.setup.station.now_s(), note)
        except JournalFull as error:
            self.alarms.append(str(error))

    def take_note(self, text: str) -> Answer:
        """Keep a user's note for the journal, or say that it comes too late; safe to call from any thread."""
        if self._no_more_notes or self.run_control.state is State.ENDED:
            return Answer(accepted=False, text="the run has ended; the note was not kept")
        self.notes.append(text)
        return Answer(accepted=True, text="note kept")

    def _make_ready(self, left: LeftBehind, watched: Callable[[], bool]) -> None:
        """Switch off first of all, close the gap that a dead program left, then set the instruments up."""
        was_on = self._may_be_on()
        try:
            self._ladder.reach(self._dc.off)
        except DriverError:
            if was_on and left.off_s is not None:  # whoever comes next must not count from then on
                self._count_left(left)
            raise
        gap_C = self._count_left(left) if was_on else 0.0
        # Behind the switch: a long journal takes time.
        self.storage = Storage(
            self.run, self.journal, self._guard.beat, watched, left.checkpoint, self.setup.told
        )
        self.recorder.listen(self.storage.take)
        self._end_interrupted_segment()
        instruments = self._ladder.reach(self._set_up_first)
        require_same(self.progress.instruments, {name: one.identity for name, one in instruments.items()})
        self._ladder.identities = {name: one.identity for name, one in instruments.items()}
        start = SessionStart(
            session=self.progress.sessions + 1,
            wall=datetime.now().astimezone().isoformat(),
            instruments=instruments,
            gap_charge_C=gap_C,
            by_guardian=left.off_s is not None,
            bytes_cut=left.cut_bytes,
            command_line=tuple(sys.argv[1:]),
            bench=self.setup.other_bench,
            usb=self.bench.devices or None,
            commissioning=_commissioning(self.bench),
            unit=self.bench.unit,
            not_commissioned=not self.bench.concludes,
        )
        self.recorder.emit(self.setup.station.now_s(), start)
        forget_guard_file(self.run)

    def _count_left(self, left: LeftBehind) -> float:
        """Count what flowed after a program that died, until the cell was switched off; return its charge (C)."""
        station, progress = self.setup.station, self.progress
        now_s = off_s = station.now_s()
        if left.off_s is not None:
            off_s = left.off_s - station.offset_s
        watched = progress.ledger.watched
        off_s = min(max(off_s, watched.time_s), now_s)  # as told by a time of day that was set since
        unknown_C = 0.0
        if left.is_unknown:
            capacity_C = self.setup.build.capacity_C
            unknown_C = capacity_C if capacity_C is not None else abs(watched.current_A) * UNKNOWN_S
        return count_gap(
            self.recorder, "program", watched, off_s, now_s, doubtful=True, unknown_C=unknown_C
        ).charge_C

    def _may_be_on(self) -> bool:
        """Say whether the session before may have left the cell on."""
        progress = self.progress
        return progress.connected or (bool(progress.ledger.watched.current_A) and progress.off_is_doubtful)

    def _set_up_first(self) -> dict[str, Instrument]:
        self._dc.initialise()
        return self._instruments()

    def _instruments(self) -> dict[str, Instrument]:
        instruments = self._dc.instruments
        settings = [one.settings_as_read_back() for one in instruments]
        return {
            one.name: Instrument(
                model=one.model,
                identity=identity_of(one),
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

    def _start_check(self) -> None:
        """Read the cell before anything is switched on; raises Fault with what is wrong."""
        setup, bench = self.setup, self.bench
        findings = cell_findings(self._dc, setup.build, setup.protocol.conditions)
        told = remarks(bench.file, datetime.now(UTC), self._ladder.identities)
        findings += [Finding("commissioning", passed=True, text=text, remark=True) for text in told]
        findings += frequency_findings(bench.equipment, setup.protocol, setup.build)
        self.recorder.emit(self.setup.station.now_s(), StartCheck(findings=journaled(findings)))
        if wrong := failures(findings):
            raise Fault(wrong)

    def _way_out(self, ending: RunEnding) -> RunEnding:
        """Make the bench safe, write the end, finish the file."""
        ending = self._made_safe(ending)
        self._write_last_words()
        self._write_end(ending)
        self._keep_journal_at_last()
        if self.storage is not None:
            self.storage.close()
        self._is_journal_there = self._keeper.is_well
        is_full = self.journal.reserve_used or not self._disk.has_room()  # else a resume makes it anew
        with suppress(OSError):
            self.journal.close(keep_reserve=is_full and ending.outcome in ("interrupted", "fault"))
        self.bench.close()
        self._finish_file(ending)
        return ending

    def _made_safe(self, ending: RunEnding) -> RunEnding:
        try:
            if not self._is_settled:
                self._make_safe()
        except Exception as error:  # noqa: BLE001 - whatever it was, the cell may still be on
            if self.header.replays and isinstance(error, Interrupted):
                return ending  # the dialogue is over, and there is no cell
            return self._made_safe_by_guardian(str(error), ending)
        self._count_until(self.setup.station.now_s())
        self._guard.bye()
        return ending

    def _make_safe(self) -> None:
        """Make the bench safe; what is lost on the way is tried again for a moment, before a guardian gets the port."""
        clock = self.bench.clock
        until_s = clock.now() + MAKE_SAFE_WITHIN_S
        first: DriverError | None = None  # which says why; those after it may only follow from it
        while True:
            try:
                self._dc.make_safe(clock)
            except DriverError as error:
                first = first or error
            else:
                return
            if clock.now() >= until_s:
                raise first
            sleep(clock, MAKE_SAFE_EVERY_S)
            with suppress(DriverError):
                self._dc.reconnect()

    def _made_safe_by_guardian(self, why: str, ending: RunEnding) -> RunEnding:
        """Let the guardian do what this process could not, for the reason `why`; it needs the port."""
        report = None
        if self._guard.is_there:
            self.bench.close()
            report = self._guard.act()
        if report is not None and report.off_host_s is not None:
            self._count_until(self.bench.at_host(report.off_host_s) - self.setup.station.offset_s)
            return RunEnding(
                "fault", f"{sentence(ending.text)} The guardian switched the cell off and verified it"
            )
        self._verified_safe = False
        said = sentence(why if report is None else report.text)
        return RunEnding("fault", f"NOT VERIFIED SAFE: {said} Before that: {self._found or ending.text}")

    def _count_until(self, off_s: float) -> None:
        """Count the charge until the cell was off (run's time, s)."""
        try:
            close_gap(self.recorder, off_s)
        except JournalFull as error:
            self.alarms.append(str(error))

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
            self.recorder.emit(self.setup.station.now_s(), end)
        except JournalFull as error:
            self.alarms.append(str(error))

    def _finish_file(self, ending: RunEnding) -> None:
        if not self._is_journal_there:  # an alarm says where it is
            self._file_unfinished = True
            return
        try:
            build_final(self.run, self.setup.told, self.journal.next_seq)
        except RunFileHeld as held:
            self._file_unfinished = True
            self.alarms.append(str(held))
        except JournalDamaged as damaged:
            self._file_unfinished = True
            self.alarms.append(str(damaged))
            return
        except Exception as error:  # noqa: BLE001 - the cell is off and the journal whole: say that, not a traceback
            self._file_unfinished = True
            self.alarms.append(
                f"the run file could not be finished ({why(error)}); the journal is complete: "
                f"solbench recover {self.run.name}"
            )
            if self.storage is not None:
                self.storage.poisoned = True
            return
        if ending.outcome not in ("interrupted", "fault"):  # nothing goes on from it
            with suppress(OSError):
                remove(checkpoint_path(self.run))


def _commissioning(bench: Bench) -> CommissioningText | None:
    found = bench.file.record
    return CommissioningText(name=found.name, text=found.text) if found is not None else None


def _named_step(step: StepRef) -> str:
    """Return a step by its number, as a summary counts, and its name."""
    cycle = f" of cycle {step.cycle}" if step.cycle is not None else ""
    return f"step {step.index} ({step.name}{cycle})"
