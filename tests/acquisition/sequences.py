"""Random sequences of what people do to a bench: verbs within a moment, kills, resumes, other runs, a queue.

One bench with one cell in virtual time, and a lab that keeps what is true: how much charge each run has really moved,
and which cell a person has really mounted. Programs are killed as `kill -9` does it: nothing more is written or sent.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest import mock

from solbench.acquisition.bench.bench import Bench, Guarding, open_bench
from solbench.acquisition.bench.making_safe import SafetyAction, guard_path
from solbench.acquisition.control.bench_history import BenchHistory, history_key
from solbench.acquisition.control.duties import Process
from solbench.acquisition.control.messages import SpectrumRequest
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Answer, Verb
from solbench.acquisition.engine.engine import Engine
from solbench.acquisition.host.platform import boot_id, host_s
from solbench.acquisition.queue.queued_run import QueuedRun
from solbench.acquisition.queue.run_queue import Blocked, RunQueue
from solbench.acquisition.record.events import Event, Gap, RunEnd, Sample, SegmentEnd
from solbench.acquisition.record.journal import journal_path, read_journal
from solbench.acquisition.record.progress import fold
from solbench.acquisition.run import session as session_module
from solbench.acquisition.run import start as start_module
from solbench.acquisition.run.session import Session
from solbench.acquisition.run.start import Result, resume, start
from solbench.protocols.errors import BadInput
from solbench.simulators.bench import read_world
from tests.acquisition.runs import CURRENT_A, quiet_bench, request

CELLS = ("A1", "B2")
STEP_S = 6.0
PROTOCOL = """
name: sequence
build: half
conditions: {{temperature: unknown, stack_pressure: unknown, cell_id: {cell}}}
record: {{every: 1 s}}
steps:
  - {{name: one, kind: constant_current, current: -0.16 mA/cm2, until: {{time: 6 s}}}}
  - {{name: two, kind: rest, time: 4 s}}
  - {{name: three, kind: constant_current, current: 0.08 mA/cm2, until: {{time: 6 s}}}}
"""
CURRENTS_A = {0: -CURRENT_A, 2: 0.5 * CURRENT_A}
BEGINS_S = 1.8  # from the beginning of a segment until its current flows
EDGE_S = 0.1  # of one switching: what lies between command and acknowledgement
SPECTRUM = SpectrumRequest(rest="1 s", start="100 kHz", stop="10 kHz")
VERBS = (Verb.PAUSE, Verb.RESUME, Verb.SKIP, Verb.SPECTRUM, Verb.STOP)
OFTEN = (4, 3, 3, 2, 1)
ENOUGH = 14  # requests in one session: the outcomes of so many are remembered


class Killed(BaseException):
    """kill -9: nothing that is written for an ordinary end may be carried out."""


class Guardian:
    """Stands for the guardian's process, whose part the lab plays."""

    lease_s = 1e9

    def beat(self) -> None:
        """Hear that the engine lives."""

    def bye(self) -> None:
        """Hear that the cell is safe."""

    def nothing_was_on(self) -> None:
        """Hear that nothing was switched on."""


@dataclass
class Said:
    """One answer of a run, what the verb was, and which step was carried out (-1: none yet)."""

    verb: Verb
    answer: Answer
    step: int


@dataclass
class Talk:
    """What users say to one session of a run, at random events, and where its program is killed."""

    chance: random.Random
    run_control: RunControl
    kill_at: int | None
    driven: bool
    session: Session | None = None
    heard: list[Event] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    on_in_a_pause: list[str] = field(default_factory=list)

    def hear(self, event: Event) -> None:
        """Say something, or die."""
        self.heard.append(event)
        assert self.session is not None
        if event.kind == "paused":
            polarized = self.session.bench.truth.truth.polarized
            self.on_in_a_pause.extend([str(event.seq)] * polarized)
            choices = ((Verb.RESUME,), (Verb.RESUME, Verb.PAUSE), (Verb.SKIP, Verb.RESUME), (Verb.STOP,))
            many = len(self.said) > ENOUGH - 3
            self.say(choices[0] if many else self.chance.choices(choices, (6, 2, 2, 1))[0])
        elif event.kind != "end" and len(self.said) < ENOUGH - 5 and self.chance.random() < 0.12:
            self.say(self.chance.choices(VERBS, OFTEN, k=self.chance.randint(1, 4)))
        driven = isinstance(event.body, Sample) and self.session.progress.connected
        counted = sum(isinstance(one.body, Sample) for one in self.heard) if self.driven else len(self.heard)
        if self.kill_at is not None and counted >= self.kill_at and driven >= self.driven:
            raise Killed

    def say(self, verbs: Any) -> None:
        """Say verbs in one moment, before the engine can look."""
        for verb in verbs:
            if verb is Verb.SPECTRUM and self.session is not None:
                answer = self.session.ask_spectrum(SPECTRUM, "a test")
            else:
                answer = self.run_control.ask(verb, "a test")
            steps = [event.body.segment.step.index for event in self.heard if event.kind == "segment"]
            self.said.append(Said(verb, answer, steps[-1] if steps else -1))

    def untrue(self) -> list[str]:
        """Return what the run has said that is not so, of a session that was not killed."""
        found = [f"the cell was on in the pause {seq}" for seq in self.on_in_a_pause]
        told = {outcome.request: outcome for outcome in self.run_control.outcomes}
        done: dict[Verb, set[int]] = {verb: set() for verb in Verb}
        for said in self.said:
            number = said.answer.request
            if not number:
                continue
            if not said.answer.accepted:
                found.append(f"{said.verb} was refused and has a number")
            elif number not in told:
                found.append(f"nobody said what became of {said.verb} ({said.answer.text})")
            elif told[number].done:
                done[said.verb].add(number)
                if said.verb is Verb.SKIP and not told[number].text.startswith(f"step {said.step} ("):
                    found.append(f"a skip of step {said.step} has become: {told[number].text}")
        asked_for = [event for event in self.heard if getattr(event.body, "by", "user") != "program"]
        counted = {verb: sum(event.kind == kind for event in asked_for) for verb, kind in KINDS.items()}
        for verb, count in counted.items():
            if count != len(done[verb]):
                found.append(f"{verb}: {len(done[verb])} said to be done, {count} are in the journal")
        for event in (event for event in self.heard if event.kind == "skip"):
            named = f"step {event.body.step} ("
            if not any(outcome.done and outcome.text.startswith(named) for outcome in told.values()):
                found.append(f"nobody said that {named}...) was skipped")
        return found


KINDS = {Verb.PAUSE: "paused", Verb.RESUME: "resumed", Verb.SKIP: "skip", Verb.SPECTRUM: "asked"}


@dataclass
class Lab:
    """The bench, its runs, and what is true of them.

    `true_C`: charge of each run by the simulator; `mounted`: the cell that a person has put in; `owner`: the run that
    drove last; `left_on`: its program was killed and nobody has switched off since; `wrong`: what should not be.
    """

    folder: Path
    chance: random.Random
    mounted: str = ""
    owner: Path | None = None
    left_on: bool = False
    killed: bool = False
    cells: dict[Path, str] = field(default_factory=dict)
    true_C: dict[Path, float] = field(default_factory=dict)
    moments: list[tuple[float, float]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    asks_whether: str = ""

    def __post_init__(self) -> None:
        self.file = quiet_bench()
        self.key = history_key("", self.file.name)
        self.history = BenchHistory(self.key)
        self.queue = RunQueue()
        self.world = self.folder / "bench.world"
        self.sessions: list[Session] = []

    def opened(self, *given: Any, **named: Any) -> Bench:
        """Open the bench as `open_guarded` does: what a dead program left on is switched off first."""
        bench_file, cell, run_control, _run = given
        if self.left_on:
            self.make_safe("left alone", noted=self.chance.random() < 0.8)
        bench = open_bench(
            bench_file,
            cell,
            run_control.poll,
            world=self.world,
            guarding=Guarding(self.key, Guardian(), Guardian),  # type: ignore[arg-type]
        )
        self.moments.append((host_s(), bench.clock.now()))
        return replace(bench, at_host=self.at_host, close=lambda: self._closed(bench))

    def _closed(self, bench: Bench) -> None:
        self.moments.append((host_s(), bench.clock.now()))
        bench.close()

    def at_host(self, moment_s: float) -> float:
        """Return the bench's time at a moment of the host: virtual time passes only where somebody is at work."""
        return min(self.moments, key=lambda pair: abs(pair[0] - moment_s))[1]

    def charge_C(self) -> float:
        """Return what the cell has taken so far."""
        return read_world(self.world).charge_C if self.world.exists() else 0.0

    @contextmanager
    def owned(self, run: Path | None) -> Iterator[None]:
        """Let what flows meanwhile be the charge of a run."""
        before_C = self.charge_C()
        try:
            yield
        finally:
            if run is not None:
                self.true_C[run] = self.true_C.get(run, 0.0) + self.charge_C() - before_C

    def make_safe(self, why: str, noted: bool = True) -> None:
        """Switch off from outside after some time, and note it beside the run, or only in the bench's history."""
        waits_s = self.chance.choice((0.0, 0.5, 3.0, 60.0))
        with self.owned(self.owner if self.left_on else None):
            cell = (
                request(self.folder / "x.h5", PROTOCOL.format(cell="A1"))
                .record.build("half")
                .simulated_cell()
            )
            bench = open_bench(self.file, cell, lambda: None, world=self.world)
            try:
                bench.clock.sleep_until(bench.clock.now() + waits_s)
                bench.equipment.dc.force_off()
                moment_s = host_s()
                self.moments.append((moment_s, bench.clock.now()))
                bench.equipment.dc.make_safe(bench.clock)
            finally:
                bench.close()
        deed = SafetyAction(
            why, moment_s, verified=True, text=why, off_unix_s=_unix(moment_s), boot=boot_id()
        )
        self.history.made_safe(str(self.owner or ""), deed.off_unix_s, why)
        if noted and self.left_on and self.owner is not None:
            guard_path(self.owner).write_text(json.dumps(asdict(deed)))
        self.left_on = False

    def standby_by_hand(self) -> None:
        """Let somebody press STANDBY and tell nobody."""
        noted, self.history = self.history, BenchHistory("nobody")
        try:
            self.make_safe("STANDBY", noted=False)
        finally:
            self.history = noted

    def carry_out(self, run: Path, by: str, begin: Callable[[RunControl, Any], Result]) -> Result | None:
        """Let a program drive the bench, users talk to it, and perhaps kill it; None if it was killed or refused."""
        run_control = RunControl()
        driven = self.chance.random() < 0.6  # killed with the cell on, at one of its first readings
        kill_at = self.chance.randint(2, 12 if driven else 45) if self.chance.random() < 0.4 else None
        talk = Talk(self.chance, run_control, kill_at, driven)
        self.killed = False

        def made(session: Session, *arguments: Any) -> None:
            real_init(session, *arguments)
            talk.session = session
            if self.mounted != self.cells[run]:
                self.wrong.append(f"{by} drives {self.cells[run]} where {self.mounted} is mounted")

        def hear(event: Event) -> None:
            try:
                talk.hear(event)
            except Killed:
                self.killed = True
                raise

        real_init = Session.__init__
        try:
            with mock.patch.object(Session, "__init__", made):
                self._before(run)
                with self.owned(run):
                    result = begin(run_control, [hear])
        except Killed:
            self._bury(talk.session)
            self.left_on = read_world(self.world).polarized
            return None
        self.wrong += [f"{run.name}: {text}" for text in talk.untrue()]
        if read_world(self.world).polarized:
            self.wrong.append(f"{run.name}: the cell is on after the end")
        return result

    def _before(self, run: Path) -> None:
        """What the dead owner's cell takes until the next one comes is the owner's."""
        if self.left_on:
            self.make_safe("left alone", noted=self.chance.random() < 0.8)
        self.owner = run

    def _bury(self, session: Session | None) -> None:
        """Close the files of a program that was killed, as the system does."""
        if session is None:
            return
        for close in (
            lambda: session.storage.close() if session.storage is not None else None,
            lambda: session.journal.close(keep_reserve=True),
            session.bench.close,
        ):
            with suppress(Exception):
                close()

    def run_by_hand(self) -> None:
        """Mount a cell and run."""
        cell = self.chance.choice(CELLS)
        self.mounted = cell
        self._begin(cell, "a run by hand")

    def _begin(self, cell: str, by: str) -> tuple[Path, Result | None]:
        run = self.folder / f"{len(self.cells)}.h5"
        self.cells[run] = cell
        wanted = request(run, PROTOCOL.format(cell=cell), bench=self.file)
        result = self.carry_out(
            run, by, lambda control, listeners: start(wanted, control, listeners, opener=self.opened)
        )
        self._leave(result)
        return run, result

    def _leave(self, result: Result | None) -> None:
        """After a run that did not complete somebody may take the cell out, and tell nobody."""
        if (result is None or not result.completed) and self.chance.random() < 0.5:
            self.mounted = self.chance.choice(CELLS)

    def resume_one(self) -> None:
        """Resume a run without a look at the cell; where that is refused, look and say so."""
        broken = [run for run in self.cells if self.is_open(run)]
        if not broken:
            return
        run = self.chance.choice(broken)
        cell = self.cells[run]
        foreign = self.owner != run and self.owner is not None and self.cells[self.owner] != cell
        if not foreign:
            self.mounted = cell  # a person puts back what was taken out
        owner = self.owner
        try:
            result = self.carry_out(run, "a resume", partial_resume(run, None))
            if foreign:
                self.wrong.append(f"{run.name} was resumed without a question")
        except BadInput as refused:
            self.owner = owner
            if not foreign or "--mounted" not in str(refused):
                self.wrong.append(f"{run.name} was refused: {refused}")
            self.mounted = cell
            result = self.carry_out(run, "a resume with --mounted", partial_resume(run, cell))
        self._leave(result)

    def is_open(self, run: Path) -> bool:
        """Say whether a run has begun and not ended for good."""
        events = list(read_journal(journal_path(run))) if journal_path(run).exists() else []
        if not any(event.kind == "session" for event in events):
            return False
        return not (isinstance(events[-1].body, RunEnd) and events[-1].body.is_final)

    def use_queue(self) -> None:
        """Add runs, confirm the first most times, and start what may start."""
        for _ in range(self.chance.randint(0, 2)):
            self._add()
        if self.chance.random() < 0.7:
            self._confirm()
        if self.chance.random() < 0.2:  # somebody is quicker
            self.run_by_hand()
        for _ in range(self.chance.randint(1, 2)):
            self._next()

    def _add(self) -> None:
        cell = self.chance.choice(CELLS)
        output = self.folder / f"{len(self.cells)}-{self.chance.randint(0, 10**9)}.h5"
        row = QueuedRun(
            id=0,
            protocol="p",
            cell="nbh",
            bench="simulated",
            bench_name=self.file.name,
            changes=[],
            speed=None,
            output=str(output),
            cell_id=cell,
            protocol_name="sequence",
            cell_name="nbh",
            duration_s=16.0,
        )
        self.queue.add(row, PROTOCOL.format(cell=cell), "")

    def _confirm(self) -> None:
        """Mount the cell of the run that is next, and say so."""
        waiting = [row for row in self.queue.items() if row.state == "waiting"]
        if waiting:
            self.mounted = waiting[0].cell_id
            with suppress(Blocked):
                self.queue.confirm(waiting[0].id)

    def _next(self) -> None:
        """Start the next run of the queue; its program may be killed right after it has marked it."""
        try:
            row = self.queue.take_next()
        except Blocked:
            return
        if self.chance.random() < 0.2:
            self.queue.change(row.id, starter=Process(1, "", "another boot"))
            self.queue.release(row.id)
            return
        self._begin(row.cell_id, "the queue")
        self.queue.has_begun(row.id)

    def act(self) -> None:
        """Do the next thing."""
        acts = (self.run_by_hand, self.resume_one, self.use_queue, self._safe, self._press)
        act = self.chance.choices(acts, (2, 4, 4, 1, 1))[0]
        self.done.append(act.__name__)
        act()

    def _safe(self) -> None:
        if self.world.exists():
            self.make_safe("make-safe", noted=self.chance.random() < 0.7)

    def _press(self) -> None:
        if self.left_on:
            self.standby_by_hand()

    def judge(self) -> list[str]:
        """Return what is wrong with the records of all runs, after what is left on is switched off."""
        for run in self.cells:
            if journal_path(run).exists() and not (self.left_on and run == self.owner):
                self.wrong += [f"{run.name}: {text}" for text in self._wrong_record(run)]
        return self.wrong

    def _wrong_record(self, run: Path) -> Iterator[str]:
        events = list(read_journal(journal_path(run)))
        folded = fold(events)
        if folded.connected:  # until it is resumed nobody has counted what flowed after the kill
            return
        edges = sum(event.kind == "edge" for event in events)
        allowed_C = 1e-7 + CURRENT_A * EDGE_S * edges
        allowed_C += sum(event.body.uncertainty_C for event in events if isinstance(event.body, Gap))
        error_C = folded.ledger.charge_C - self.true_C.get(run, 0.0)
        if abs(error_C) > allowed_C:
            true_C = self.true_C.get(run, 0.0)
            yield f"charge {folded.ledger.charge_C:.3e} C, truly {true_C:.3e} C, +- {allowed_C:.1e} C"
        last = events[-1].body
        if isinstance(last, RunEnd) and last.completed:
            yield from _not_done(events, allowed_C)


def _not_done(events: list[Event], allowed_C: float) -> Iterator[str]:
    """Yield the steps of a completed run that were not carried out."""
    ends = [event.body for event in events if isinstance(event.body, SegmentEnd) and event.body.ordinal >= 0]
    for step in range(3):
        of_step = [end for end in ends if end.step == step]
        if not of_step or of_step[-1].outcome not in ("step", "segment", "done"):
            yield f"completed, but step {step} was not"
        elif step in CURRENTS_A:
            charge_C, driven_s = of_step[-1].step_charge_C, STEP_S - BEGINS_S * len(of_step)
            least_C, most_C = CURRENTS_A[step] * driven_s, CURRENTS_A[step] * STEP_S
            if not min(least_C, most_C) - allowed_C <= charge_C <= max(least_C, most_C) + allowed_C:
                yield f"completed, but step {step} has {charge_C:.3e} C, not {least_C:.3e} to {most_C:.3e} C"


def partial_resume(run: Path, mounted: str | None) -> Callable[[RunControl, Any], Result]:
    """Return how a run is resumed."""
    return lambda control, listeners: resume(run, control, listeners, mounted=mounted)


def _unix(moment_s: float) -> float:
    import time

    return time.time() - (host_s() - moment_s)


@contextmanager
def killable(lab: Lab) -> Iterator[None]:
    """Let a killed program carry out nothing of what it does at an ordinary end, and a resume take the lab's bench."""

    def unless_killed(owner: Any, name: str) -> Any:
        real = getattr(owner, name)

        def carried_out(*arguments: Any, **named: Any) -> Any:
            return (
                arguments[1]
                if name == "_way_out" and lab.killed
                else None
                if lab.killed
                else real(*arguments, **named)
            )

        return mock.patch.object(owner, name, carried_out)

    with ExitStack() as stack:
        for owner, name in (
            (Session, "_way_out"),
            (Engine, "try_switch_off"),
            (Engine, "_conclude"),
            (BenchHistory, "ended"),
        ):
            stack.enter_context(unless_killed(owner, name))
        stack.enter_context(mock.patch.object(start_module, "open_guarded", lab.opened))
        stack.enter_context(mock.patch.object(start_module, "_require_world"))
        stack.enter_context(mock.patch.object(session_module, "build_final"))
        stack.enter_context(mock.patch.object(start_module, "build_final"))
        yield


def played(folder: Path, seed: int, acts: int) -> Lab:
    """Play one sequence, and judge it."""
    lab = Lab(folder, random.Random(seed))
    with killable(lab):
        for _ in range(acts):
            lab.act()
        lab.judge()
    return lab
