"""Rare orders of things: a full disk while a note waits, a registry that takes nothing, a guardian that was stopped."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from threading import Timer
from typing import Any
from unittest import mock

import pytest

from solbench.acquisition.bench import guardian
from solbench.acquisition.bench.bench import Guarding
from solbench.acquisition.bench.bench_file import BenchFile
from solbench.acquisition.bench.guardian import Assignment
from solbench.acquisition.bench.guardian_client import GuardianGone
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Answer, Verb
from solbench.acquisition.errors import JournalFull
from solbench.acquisition.host.platform import host_s
from solbench.acquisition.queue.run_queue import RunQueue
from solbench.acquisition.record import journal as journal_module
from solbench.acquisition.record.events import Event, Note
from solbench.acquisition.record.journal import Journal, read_journal
from solbench.acquisition.record.live_file import LiveFile
from solbench.acquisition.record.progress import fold
from solbench.acquisition.record.storage_thread import TICK_EVENTS, Storage
from solbench.acquisition.run import session
from solbench.acquisition.run.guard_keeper import GuardKeeper
from solbench.acquisition.run.session import Session
from solbench.acquisition.run.start import start
from solbench.drivers.clock import Clock
from solbench.drivers.errors import BusError, OutOfOrder
from solbench.drivers.keithley.keithley2400 import Keithley2400
from solbench.drivers.roles import Reading, SafetyReport
from solbench.drivers.solartron.pair import Pair
from solbench.protocols import parse_protocol
from solbench.simulators.bench import read_world
from tests.acquisition.runs import (
    SHORT,
    Seen,
    quiet_bench,
    request,
    resume_it,
    run_it,
    seen_run,
    watched_benches,
)
from tests.conformance.benches import simulated_file
from tests.tiers import few


def test_a_note_that_the_disk_does_not_take_keeps_nobody_from_switching_off(tmp_path, monkeypatch):
    """From the first point of a spectrum every record fails, and users have written notes."""
    monkeypatch.setattr(session.DiskWatch, "is_low", lambda self: False)
    sessions: list[Session] = []
    real_init, real_append = Session.__init__, Journal.append
    full = []

    def append(self, time_s, body):
        if full:
            raise JournalFull(self.path, OSError(28, "no space left"))
        event = real_append(self, time_s, body)
        if body.kind == "point":
            full.append(True)
            sessions[0].notes += ["a note"] * 10_000
        return event

    monkeypatch.setattr(
        Session, "__init__", lambda self, setup: (real_init(self, setup), sessions.append(self))[0]
    )
    monkeypatch.setattr(Journal, "append", append)
    seen = seen_run(request(tmp_path / "a.h5", SHORT))
    assert full
    assert seen.result.outcome == "fault"
    assert seen.is_safe
    assert "NOT VERIFIED" not in seen.result.reason


def test_an_unknown_error_while_making_safe_is_said_to_be_unverified(tmp_path, monkeypatch):
    def broken(self, clock=None):
        raise ZeroDivisionError("a mistake of ours")

    monkeypatch.setattr(Pair, "make_safe", broken)
    seen = seen_run(request(tmp_path / "a.h5", SHORT))
    assert seen.result.outcome == "fault"
    assert "NOT VERIFIED SAFE: a mistake of ours" in seen.result.reason
    (end,) = (event for event in read_journal(tmp_path / "a.journal") if event.kind == "end")
    assert end.body.completed is False


def test_a_registry_that_takes_nothing_refuses_the_run_and_leaves_no_file(tmp_path, monkeypatch):
    (tmp_path / "state").write_text("a file where a folder should be")
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path / "state"))
    (tmp_path / "runs").mkdir()
    with pytest.raises(FileExistsError):
        start(request(tmp_path / "runs" / "a.h5", SHORT), RunControl(), published=True)
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_live_file_that_is_given_up_is_an_alarm_and_the_storage_thread_lives_on(tmp_path, monkeypatch):
    monkeypatch.setattr(LiveFile, "append", lambda self, events: 1 / 0)
    monkeypatch.setattr("solbench.acquisition.record.storage_thread.FLUSH_S", 0.0)
    seen = seen_run(request(tmp_path / "a.h5"))
    assert seen.result.completed
    assert [event.body.code for event in seen.of("alarm")] == ["storage"]
    assert "division by zero" in seen.of("alarm")[0].body.text


def test_a_live_file_of_a_long_journal_renews_the_lease_while_it_is_made(tmp_path, monkeypatch):
    monkeypatch.setattr(journal_module, "RESERVE_BYTES", 10)
    journal = Journal.create(tmp_path / "a.journal")
    for n in range(2 * TICK_EVENTS + 1):
        journal.append(float(n), Note(text="x"))
    ticks = []
    Storage(tmp_path / "a.h5", journal, lambda: ticks.append(1)).close()
    journal.close()
    assert len(ticks) == 3


def test_the_cell_is_switched_off_before_a_long_journal_is_read(tmp_path, monkeypatch):
    """A program died with the cell on and no guardian: the next one must not make a live file first."""
    run = tmp_path / "a.h5"
    run_control = RunControl()

    def die(event):
        if event.kind == "sample" and event.body.current_A < -1e-5:
            raise RuntimeError("killed")

    def no_way_out(self, ending):
        self.storage.close()
        self.journal.close(keep_reserve=True)
        self.bench.close()
        return ending

    with monkeypatch.context() as patched:
        patched.setattr(Session, "_way_out", no_way_out)
        patched.setattr("solbench.acquisition.engine.engine.Engine.try_switch_off", lambda self: None)
        with pytest.raises(RuntimeError, match="killed"):
            start(request(run, SHORT), run_control, [die])
    order = []
    real_off, real_live = Pair.off, LiveFile.__init__
    monkeypatch.setattr(Pair, "off", lambda self: (order.append("off"), real_off(self))[1])
    monkeypatch.setattr(
        LiveFile, "__init__", lambda self, *a: (order.append("live file"), real_live(self, *a))[1]
    )
    assert resume_it(run).completed
    assert order.index("off") < order.index("live file")


def _watched(monkeypatch, sent: bytes, first_beat_s: float) -> str | bytes:
    """Let a guardian read `sent` from its pipe, which stays open."""
    assignment = Assignment({}, "key", "bench", os.getpid(), "a.h5", "a.journal", "user")
    reading, writing = os.pipe()
    os.write(writing, sent)
    kept = os.dup(0)
    os.dup2(reading, 0)
    try:
        return guardian.watch(replace(assignment, first_beat_s=first_beat_s))
    finally:
        os.dup2(kept, 0)
        for descriptor in (kept, reading, writing):
            os.close(descriptor)


def test_a_guardian_that_was_stopped_itself_reads_the_beats_that_wait(monkeypatch):
    """Its deadline has passed while it stood still; the engine went on beating, and then said goodbye."""
    beats = b"beat %.6f\nbeat %.6f\n" % (host_s() - 5.0, host_s() + 60.0)
    assert _watched(monkeypatch, beats + b"bye\n", first_beat_s=-10.0) == b"bye"


def test_a_guardian_acts_when_nothing_waits_behind_the_deadline(monkeypatch):
    why = _watched(monkeypatch, b"beat %.6f\n" % (host_s() - 1.0), first_beat_s=-10.0)
    assert why is not None
    assert "did not answer" in why


def test_a_pause_while_a_lost_adapter_is_looked_for_is_a_pause_and_no_end(tmp_path, monkeypatch):
    """The bus fails in the first rest and comes back at the second try; in between somebody pauses, then resumes."""
    run_control = RunControl()
    real_measure, real_reconnect, real_verify = Pair.measure, Pair.reconnect, Pair.verify_settings
    readings, tries = [], []

    def measure(self, fast=False):
        readings.append(1)
        if len(readings) == 7:
            raise BusError("1287", "RU", OSError("cable out"))
        return real_measure(self, fast=fast)

    def reconnect(self):
        tries.append(1)
        if len(tries) == 1:
            assert run_control.ask(Verb.PAUSE, "paused by a test").accepted
            raise BusError("1287", "PW0", OSError("cable out"))
        real_reconnect(self)

    def verify_settings(self):
        if not tries:
            raise BusError("1287", "?PO", OSError("cable out"))
        real_verify(self)

    def go_on(event):
        if event.kind == "paused":
            kinds.append("paused")
            Timer(0.2, run_control.ask, (Verb.RESUME, "resumed by a test")).start()

    kinds: list[str] = []
    monkeypatch.setattr(Pair, "measure", measure)
    monkeypatch.setattr(Pair, "reconnect", reconnect)
    monkeypatch.setattr(Pair, "verify_settings", verify_settings)
    bench = quiet_bench().model_copy(
        update={"reconnect_for": BenchFile.model_fields["reconnect_for"].default}
    )
    seen = seen_run(request(tmp_path / "a.h5", SHORT, bench=bench), go_on, run_control=run_control)
    assert (kinds, len(tries)) == (["paused"], 2)
    assert seen.result.completed


def test_a_bus_that_fails_when_a_pause_ends_is_tried_again(tmp_path, monkeypatch):
    run_control = RunControl()
    real = Pair.initialise
    calls: list[str] = []
    asked: list[Answer] = []

    def initialise(self):
        calls.append("initialise")
        if len(calls) in (2, 3):  # the first one makes the run ready, the next are after the pause
            raise BusError("1287", "PO1", OSError("cable out"))
        real(self)

    def drive(event):
        if event.kind == "point" and not asked:
            asked.append(run_control.ask(Verb.PAUSE, "paused by a test"))
        if event.kind == "paused":
            Timer(0.1, run_control.ask, (Verb.RESUME, "resumed by a test")).start()

    monkeypatch.setattr(Pair, "initialise", initialise)
    bench = quiet_bench().model_copy(
        update={"reconnect_for": BenchFile.model_fields["reconnect_for"].default}
    )
    seen = seen_run(request(tmp_path / "a.h5", SHORT, bench=bench), drive, run_control=run_control)
    assert seen.result.completed
    kinds = [event.kind for event in seen.events if event.kind in ("paused", "reconnected", "resumed")]
    assert kinds == ["paused", "reconnected", "resumed"]
    assert len(calls) == 4


@few("verb", [Verb.PAUSE, Verb.SKIP], 1)
def test_a_switch_off_that_fails_as_a_step_is_left_is_done_before_anything_waits(tmp_path, monkeypatch, verb):
    """The cable is out for one message: a pause that began then would leave the current on for hours."""
    run_control = RunControl()
    real, failed, on = Pair.off, list[str](), list[bool]()
    asked: list[Answer] = []
    benches: list[Any] = []

    def off(self):
        if asked and not failed:
            failed.append("off")
            raise BusError("1287", "PW0", OSError("cable out"))
        return real(self)

    def drive(event):
        if event.kind == "sample" and event.body.current_A < -1e-5 and not asked:
            asked.append(run_control.ask(verb, "a test"))
        if event.kind in ("paused", "skip"):
            on.append(benches[0].truth.truth.polarized)
            run_control.ask(Verb.RESUME, "a test")

    monkeypatch.setattr(Pair, "off", off)
    with watched_benches(benches.append):
        result = run_it(request(tmp_path / "a.h5"), drive, run_control=run_control)
    assert (failed, on) == (["off"], [False])
    assert result.outcome == ("completed" if verb is Verb.PAUSE else "skipped")
    ends = [event for event in read_journal(tmp_path / "a.journal") if event.kind == "end"]
    folded = fold(read_journal(tmp_path / "a.journal"))
    assert len(ends) == 1
    assert folded.ledger.charge_C == pytest.approx(benches[0].truth.truth.charge_C, abs=1e-6)


def test_a_bench_that_was_brought_back_at_the_end_is_verified_off_behind_its_last_reading(
    tmp_path, monkeypatch
):
    """A 2400 connects a cell that is off for each reading: one that is still busy switches it off later."""
    done: list[str] = []
    read, make_safe = Keithley2400.measure, Keithley2400.make_safe

    def reads(self: Keithley2400, fast: bool = False) -> Reading:
        done.append("read")
        return read(self, fast)

    def makes_safe(self: Keithley2400, clock: Clock | None = None) -> SafetyReport:
        report = make_safe(self, clock)
        done.append("verified off")
        return report

    monkeypatch.setattr(Keithley2400, "measure", reads)
    monkeypatch.setattr(Keithley2400, "make_safe", makes_safe)
    seen = Seen()

    def look(event: Event) -> None:
        seen.events.append(event)
        if event.kind == "segment_end":  # the only one: next comes the verdict that the cell is off
            seen.bench.truth.faults.drop_replies("2400", 4)

    rests = "{name: rest, build: half, conditions: {temperature: unknown, stack_pressure: unknown}, steps: [STEP]}"
    wanted = request(
        tmp_path / "a.h5",
        parse_protocol(rests.replace("STEP", "{name: rest, kind: rest, time: 2 s}"), "rests"),
        bench=simulated_file("keithley2400", None),
    )
    with watched_benches(lambda bench: setattr(seen, "bench", bench)):
        assert run_it(wanted, look).completed
    assert seen.of("reconnected")
    assert done[-1] == "verified off"
    assert not seen.truth.polarized


def test_notes_that_wait_at_the_end_are_written_and_later_ones_refused(tmp_path, monkeypatch):
    sessions: list[Session] = []
    real_init = Session.__init__
    monkeypatch.setattr(
        Session, "__init__", lambda self, setup: (real_init(self, setup), sessions.append(self))[0]
    )
    answers = []

    def write(event):
        if event.kind == "segment_end" and event.body.outcome != "aside" and not answers:
            answers.extend(sessions[0].take_note(f"note {n}") for n in range(300))
        elif event.kind == "end":
            answers.append(sessions[0].take_note("too late"))

    seen = seen_run(request(tmp_path / "a.h5", SHORT), write)
    notes = [event.body.text for event in read_journal(tmp_path / "a.journal") if event.kind == "note"]
    assert notes == [f"note {n}" for n in range(300)]
    assert [answer.accepted for answer in answers] == [True] * 300 + [False]
    assert "ended" in answers[-1].text
    assert seen.result.completed


class DyingGuard:
    """A guardian that is there until it is told to be gone."""

    lease_s = 60.0

    def __init__(self) -> None:
        self.dead = False

    def beat(self) -> None:
        if self.dead:
            raise GuardianGone

    def bye(self) -> None:
        assert not self.dead


def guarded_run(path, run_control: RunControl, *listeners) -> tuple[Seen, list[DyingGuard]]:
    """Run with a guardian, and with another one whenever that is gone."""
    guards = [DyingGuard()]

    def another() -> DyingGuard:
        guards.append(DyingGuard())
        return guards[-1]

    def make_ready(self: Session, *arguments) -> None:
        self._guard = GuardKeeper(Guarding("", guards[0], another))
        real(self, *arguments)

    real = Session._make_ready
    with mock.patch.object(Session, "_make_ready", make_ready):
        seen = seen_run(
            request(path), *(partial(look, guards) for look in listeners), run_control=run_control
        )
    return seen, guards


def test_a_guardian_that_dies_as_a_step_is_skipped_is_missed_all_the_same(tmp_path):
    run_control = RunControl()

    def look(guards, event) -> None:
        if event.kind == "sample" and event.body.step == 1 and not guards[0].dead:
            run_control.ask(Verb.SKIP, "a test")  # and before the clock looks
            guards[0].dead = True
        if event.kind == "paused":
            run_control.ask(Verb.RESUME, "a test")

    seen, guards = guarded_run(tmp_path / "a.h5", run_control, look)
    assert seen.result.outcome == "skipped"
    assert len(guards) == 2
    (paused,) = seen.of("paused")
    assert paused.body.reason == "the guardian process is gone; the cell is off until it is resumed"
    (skipped,) = seen.of("skip")
    assert skipped.seq < paused.seq


def test_a_guardian_that_dies_in_a_pause_is_replaced_and_the_pause_goes_on(tmp_path):
    run_control = RunControl()

    def look(guards, event) -> None:
        if event.kind == "sample" and event.body.step == 1 and not run_control.requested and len(guards) == 1:
            run_control.ask(Verb.PAUSE, "a test")
        if event.kind == "paused":
            guards[0].dead = True
            Timer(0.3, run_control.ask, (Verb.RESUME, "a test")).start()

    seen, guards = guarded_run(tmp_path / "a.h5", run_control, look)
    assert seen.result.completed
    assert len(guards) == 2
    assert len(seen.of("paused")) == 1


def test_a_mistake_of_the_program_is_in_the_journal_and_the_cell_off(tmp_path, monkeypatch):
    def broken(self, *arguments):
        raise OutOfOrder("a mistake of ours")

    monkeypatch.setattr(Pair, "measure_impedance", broken)
    with pytest.raises(OutOfOrder):
        run_it(request(tmp_path / "a.h5", SHORT))
    (end,) = (event for event in read_journal(tmp_path / "a.journal") if event.kind == "end")
    assert end.body.outcome == "fault"
    assert end.body.reason == "the program failed: a mistake of ours"
    assert not read_world(tmp_path / "a.world").polarized


def test_a_damaged_queue_hinders_no_run(tmp_path, monkeypatch):
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path / "state"))
    queue = RunQueue()
    queue.path.write_text("{", encoding="utf-8")
    assert start(request(tmp_path / "a.h5", SHORT), RunControl(), published=True).completed
    assert queue.path.read_text(encoding="utf-8") == "{"


def test_a_pause_that_is_taken_back_at_once_leaves_a_run_that_completes(tmp_path):
    run_control = RunControl()
    answers: list[bool] = []

    def look(event) -> None:
        if event.kind == "sample" and event.body.segment == 0 and len(answers) < 6:
            answers.append(run_control.ask(Verb.PAUSE, "a test").accepted)
            answers.append(run_control.ask(Verb.RESUME, "a test").accepted)

    seen = seen_run(request(tmp_path / "a.h5"), look, run_control=run_control)
    assert answers == [True] * 6
    assert seen.result.completed
    assert seen.of("paused") == []


def test_a_pause_that_is_asked_for_as_a_step_is_left_begins_after_it(tmp_path):
    run_control = RunControl()
    asked: list[bool] = []

    def look(event) -> None:
        if event.kind == "sample" and event.body.segment == 0 and not asked:
            asked.append(run_control.ask(Verb.SKIP, "a test").accepted)
            asked.append(run_control.ask(Verb.PAUSE, "a test").accepted)
        if event.kind == "paused":
            asked.append(run_control.ask(Verb.RESUME, "a test").accepted)

    seen = seen_run(request(tmp_path / "a.h5"), look, run_control=run_control)
    assert asked == [True] * 3
    assert seen.result.outcome == "skipped"
    assert [event.kind for event in seen.events if event.kind in ("skip", "paused")] == ["skip", "paused"]


def test_a_pause_that_follows_a_resume_in_the_same_moment_is_a_second_pause_and_no_end(tmp_path):
    run_control = RunControl()
    pauses: list[str] = []

    def resumed_and_paused() -> None:
        run_control.ask(Verb.RESUME, "a test")
        run_control.ask(Verb.PAUSE, "again")

    def look(event) -> None:
        if event.kind == "sample" and event.body.segment == 0 and not pauses:
            pauses.append("asked")
            run_control.ask(Verb.PAUSE, "a test")
        if event.kind == "paused":
            pauses.append(event.body.reason)
            then = resumed_and_paused if len(pauses) == 2 else partial(run_control.ask, Verb.RESUME, "a test")
            Timer(0.02, then).start()  # while it waits for the user

    paced = replace(request(tmp_path / "a.h5", TWO_RESTS), speed=500.0)  # its clock looks as it waits
    seen = seen_run(paced, look, run_control=run_control)
    assert pauses == ["asked", "a test", "again"]
    assert seen.result.completed
    assert [event.kind for event in seen.events if event.kind in ("paused", "resumed")] == [
        "paused",
        "resumed",
    ] * 2


TWO_RESTS = """
name: two-rests
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 1 s}
steps:
  - {name: first, kind: rest, time: 5 s}
  - {name: second, kind: rest, time: 60 s}
"""


def test_a_skip_is_of_the_step_for_which_it_was_asked_and_names_it(tmp_path):
    """Asked for as a step ends by itself, it must not hit the next one."""
    run_control = RunControl()
    answers: list[Answer] = []

    def look(event) -> None:
        ended = event.kind == "segment_end" and not answers
        begun = event.kind == "sample" and event.body.step == 1 and len(answers) == 1
        if ended or begun:
            answers.append(run_control.ask(Verb.SKIP, "a test"))

    seen = seen_run(request(tmp_path / "a.h5", TWO_RESTS), look, run_control=run_control)
    skipped = [event.body.step for event in seen.of("skip")]
    told = {outcome.request: outcome for outcome in run_control.outcomes}
    first, second = (told[answer.request] for answer in answers)
    assert skipped == [1]
    assert (first.done, first.text) == (False, "nothing was skipped: step 0 (first) had ended by itself")
    assert second.done
    assert second.text == "step 1 (second) was skipped; the run no longer counts as completed"
    assert seen.result.outcome == "skipped"
