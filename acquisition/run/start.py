"""From a request to a finished run file: files first, then the bench, then the plan, and always the way out."""

import hashlib
import os
import sys
import typing
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from solbench.acquisition.bench.bench import Bench, of_world, wired_for
from solbench.acquisition.bench.bench_file import BenchFile, FoundRecord, dump_bench, parse_bench
from solbench.acquisition.bench.commissioning.record import parse_record
from solbench.acquisition.bench.devices import followed
from solbench.acquisition.bench.dialogue.dialogue import Dialogue
from solbench.acquisition.bench.dialogue.file import About
from solbench.acquisition.bench.guarded import open_guarded
from solbench.acquisition.control.messages import ManualRequest
from solbench.acquisition.control.published_run import PublishedRun
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.errors import OutputExists, RunFileError
from solbench.acquisition.host.platform import remove
from solbench.acquisition.record.beside.packed import packed_path
from solbench.acquisition.record.beside.tags import change_tags, tags_path
from solbench.acquisition.record.checkpoint import reopen
from solbench.acquisition.record.correcting.cell_text import cell_text, conditions_text
from solbench.acquisition.record.correcting.corrections import corrections_path
from solbench.acquisition.record.events import (
    FORMAT,
    BenchText,
    Header,
    Program,
    ProtocolText,
    RunEnd,
)
from solbench.acquisition.record.final_file import build_final, waiting_path
from solbench.acquisition.record.journal import (
    Journal,
    Told,
    journal_path,
    read_header,
    read_last,
    reserve_path,
    untold,
)
from solbench.acquisition.record.progress import Progress
from solbench.acquisition.record.recorder import Listener
from solbench.acquisition.run.dialogue import OtherBench, about, about_later, dialogue_path, recorder_of
from solbench.acquisition.run.driving import (
    drive,
    history_of,
    note_beginning,
    off_from_outside,
    require_mounted,
)
from solbench.acquisition.run.same_instruments import identity_of, require_same
from solbench.acquisition.run.session import LeftBehind, Result, Session
from solbench.acquisition.run.setup import began_at_s, is_same_clock, set_up
from solbench.acquisition.run.status import StatusSource
from solbench.protocols import (
    Build,
    CellRecord,
    Protocol,
    check_bench,
    dump_protocol,
    measures_alone,
    parse_cell,
    parse_protocol,
    raise_errors,
)
from solbench.protocols.cells import dump_cell
from solbench.protocols.errors import BadInput

if TYPE_CHECKING:  # few runs have one
    from solbench.acquisition.bench.scenario import Scenario

__all__ = ["OtherBench", "Request", "Result", "require_free", "resume", "start", "truth_path", "world_path"]


COMMAND = "the command line"


@dataclass(frozen=True)
class Request:
    """What to run, on which bench, and where it is kept.

    `scenario`: what is truly on a simulated bench; it is kept beside the run and is no part of it. `dialogue`: whether
    what is said on the wires is recorded beside the run, also where the bench file does not ask for it. `replays`: the
    name of the dialogue that this run replays, "" of any other. `by_hand`: what is held first in its
    manual step. `tags`: with which it begins.
    """

    protocol: Protocol
    record: CellRecord
    bench: BenchFile
    bench_text: str
    run: Path
    seed: int = 0
    speed: float | None = None
    settings: tuple[str, ...] = ()
    scenario: "Scenario | None" = None
    dialogue: bool = False
    replays: str = ""
    by_hand: ManualRequest | None = None
    tags: tuple[str, ...] = ()


def world_path(run: Path) -> Path:
    """Return where a simulated bench keeps its world beside the run file `run`."""
    return run.with_suffix(".world")


def truth_path(run: Path) -> Path:
    """Return where the scenario of a run is kept beside the run file `run`, if it has one."""
    return run.with_suffix(".truth.yaml")


def require_free(run: Path) -> None:
    """Raise OutputExists, or OSError when the folder cannot be written; nothing is left behind."""
    beside = (
        journal_path(run),
        packed_path(journal_path(run)),
        reserve_path(run),
        world_path(run),
        truth_path(run),
        waiting_path(run),
        dialogue_path(run),
        corrections_path(run),
        tags_path(run),
    )
    for path in (run, *beside):
        if path.exists():
            raise OutputExists(str(path))
    if not os.access(run.parent, os.W_OK):
        raise PermissionError(13, os.strerror(13), str(run.parent))


class Opener(typing.Protocol):
    """Opens the bench of a run, as `open_guarded` does."""

    def __call__(
        self,
        bench: BenchFile,
        cell: dict[str, Any],
        run_control: RunControl,
        run: Path,
        *,
        seed: int,
        speed: float | None,
        world: Path | None,
        scenario: "Scenario | None",
        dialogue: Dialogue | None,
    ) -> Bench:
        """Return the open bench; raises BadInput and Fault."""
        ...


@dataclass(frozen=True)
class Played:
    """A bench that a dialogue stands for: its file, and what opens it."""

    file: BenchFile
    opener: Opener


def start(
    request: Request,
    run_control: RunControl,
    listeners: Sequence[Listener] = (),
    published: bool = False,
    opener: Opener = open_guarded,
    told: Told = untold,
) -> Result:
    """Carry out a new run; returns how it ended. Raises OutputExists, BadInput and Fault before anything is on.

    `published`: others may find the run in the registry and speak to it over its control channel. `opener` opens
    the bench; `told` hears how far the file at the end is.
    """
    lacking = check_bench(request.protocol, request.bench.name, request.bench.abilities)
    raise_errors(lacking, request.protocol.name, request.record.name)
    require_free(request.run)
    _require_simulated(request)
    build = request.record.build(request.protocol.build)
    cell = mounted_cell(request.protocol, build)
    with ExitStack() as stay, ExitStack() as undo:
        journal = Journal.create(
            journal_path(request.run)
        )  # first: it fails where another program was faster
        undo.callback(_discard, journal, request.run)
        world = world_path(request.run)
        dialogue = None
        if (request.dialogue or request.bench.dialogue) and not request.replays:
            dialogue = recorder_of(request.run, request.bench, about_request(request), run_control)
            undo.callback(dialogue.drop)
        if request.scenario is not None:
            from solbench.acquisition.bench.scenario import dump_scenario

            truth_path(request.run).write_text(dump_scenario(request.scenario), encoding="utf-8")
        bench = opener(
            wired_for(request.bench, measures_alone(request.protocol)),
            cell,
            run_control,
            request.run,
            seed=request.seed,
            speed=request.speed,
            world=world,
            scenario=request.scenario,
            dialogue=dialogue,
        )
        undo.callback(_let_go, bench)
        header = _header(request, build, bench)
        setup = set_up(
            request.run,
            header,
            request.protocol,
            build,
            bench=bench,
            journal=journal,
            progress=Progress(),
            offset_s=header.clock_start_s,
            run_control=run_control,
            listeners=listeners,
            told=told,
        )
        if request.by_hand is not None:
            setup.manual.preset(request.by_hand, COMMAND)
        session = Session(setup)
        history = history_of(bench, published)
        note_beginning(history, header, request.run)
        if request.tags:
            change_tags(request.run, header.run, request.tags)
        setup.recorder.emit(0.0, header)
        watched = stay.enter_context(_published(session, published))
        undo.pop_all()
        return drive(history, header.run, lambda: session.carry_out(watched=watched))


def about_request(request: Request) -> About:
    """Return what the dialogue of a new run is of."""
    protocol, record = request.protocol, request.record
    texts = {"protocol": dump_protocol(protocol), "cell": dump_cell(record), "bench": request.bench_text}
    names = {"protocol": protocol.name, "cell": record.name}
    return about(texts, names, request.bench, request.seed, request.settings)


def _discard(journal: Journal, run: Path) -> None:
    """Take back the files of a run that never began."""
    with suppress(OSError):
        journal.close()
    for path in (journal.path, world_path(run), truth_path(run), tags_path(run)):
        remove(path)


def resume(
    run: Path,
    run_control: RunControl,
    listeners: Sequence[Listener] = (),
    speed: float | None = None,
    published: bool = False,
    other: OtherBench | None = None,
    mounted: str | None = None,
    told: Told = untold,
    dialogue: bool = False,
    clock_was_wrong: bool = False,
    played: Played | None = None,
) -> Result:
    """Continue a run that was interrupted, from its journal alone, or on `other`, another bench file than before.

    `mounted` is a user's word that the run's cell, by its id or the name of its record, is mounted now;
    `clock_was_wrong` that the PC's clock was before another boot, so that it is not known for how long nobody watched.

    A run that has ended by its own conditions or by a limit only gets its final file (again). Raises BadInput where the
    other bench cannot carry the run out, where other instruments answer on it, or where another cell may be mounted.
    `told` hears of a long reading. `dialogue`: whether what is said on the wires is recorded beside the run, also where
    the bench file does not ask for it. `played`: the bench that a dialogue stands for.
    """
    path = journal_path(run)
    header = read_header(path)
    packed = None if path.exists() else read_last(path)
    if packed is not None and isinstance(packed.body, RunEnd):  # as only that of a completed run is
        build_final(run, told)
        return Result(run, packed.body.outcome, packed.body.reason)
    protocol = parse_protocol(header.protocol.text, f"protocol in {path.name}")
    record = parse_cell(header.cell.text, f"cell in {path.name}")
    build = record.build(protocol.build)
    cell = mounted_cell(protocol, build)
    with ExitStack() as stay, ExitStack() as undo:
        past = reopen(path, told)  # with its lock: no other program writes what is folded now
        journal, progress = past.journal, past.progress
        undo.callback(journal.close, keep_reserve=True)
        remove(waiting_path(run))  # it is finished as it was then
        if progress.end is not None and progress.end.is_final:
            undo.pop_all()
            journal.close()
            build_final(run, told)
            return Result(run, progress.end.outcome, progress.end.reason)
        if other is not None:
            _require_fit(other, header, protocol)
        if played is not None:
            before = bench_file = played.file
        else:
            before = parse_bench((progress.bench or header.bench).text, f"bench in {path.name}")
            before = of_world(before.with_record(_kept_record(progress)), world_path(run))
            here = followed(before, progress.usb)
            if other is None and here is not before:  # an adapter has another name: as if that had been typed
                other = OtherBench(here, dump_bench(here), here.name)
            bench_file = other.file if other is not None else before
            bench_file = wired_for(bench_file, measures_alone(protocol))
            _require_world(bench_file, run)
        recorder = None
        if (dialogue or bench_file.dialogue) and played is None:
            of = about_later(header, bench_file, other, progress.sessions + 1, journal.next_seq)
            recorder = recorder_of(run, bench_file, of, run_control)
            undo.callback(recorder.drop)
        bench = (played.opener if played is not None else open_guarded)(
            bench_file,
            cell,
            run_control,
            run,
            seed=header.seed,
            speed=speed,
            world=world_path(run),
            scenario=_kept_scenario(bench_file, run),
            dialogue=recorder,
        )
        undo.callback(_let_go, bench)
        history = history_of(bench, published)
        # The lock is ours: a guardian has finished.
        off_host_s = off_from_outside(run, header.run, history)
        off_s = None if off_host_s is None else bench.at_host(off_host_s)
        last_s = max(progress.last_s, progress.ledger.time_s)
        began_s = began_at_s(bench, header, last_s, progress.wall, clock_was_wrong=clock_was_wrong)
        is_unknown = clock_was_wrong and not is_same_clock(bench, header)
        if is_unknown and off_s is not None:  # by whose clock that was told is not known either
            off_s = began_s + last_s
        found = began_s, off_s, past.cut_bytes
        if bench.dialogue is not None:
            was = bench.dialogue.before(*found)
            found = was.offset_s, was.off_s, was.cut_bytes
        offset_s, off_s, cut_bytes = found
        require_mounted(header, bench, before, mounted)
        if other is not None:  # before anything is sent that switches: somebody else's cell may be there
            now = {one.name: identity_of(one) for one in bench.equipment.dc.instruments}
            require_same(progress.instruments, now, other.name)
        setup = set_up(
            run,
            header,
            protocol,
            build,
            bench=bench,
            journal=journal,
            progress=progress,
            offset_s=offset_s,
            run_control=run_control,
            listeners=listeners,
            other_bench=BenchText(name=other.file.name, text=other.text) if other is not None else None,
            told=told,
        )
        session = Session(setup)
        left = LeftBehind(cut_bytes, off_s, past.checkpoint, is_unknown)
        note_beginning(history, header, run)
        watched = stay.enter_context(_published(session, published))
        undo.pop_all()
        return drive(history, header.run, lambda: session.carry_out(left, watched))


def _require_fit(other: OtherBench, header: Header, protocol: Protocol) -> None:
    """Raise BadInput unless a run can be continued on another bench."""
    if header.simulated != other.file.is_simulated:
        was, is_now = ("simulated", "real") if header.simulated else ("real", "simulated")
        raise BadInput(
            f"the run was begun on a {was} bench, and this one is {is_now}",
            "Name a bench of the kind on which it was begun",
            file=other.name,
            field="--bench",
        )
    lacking = check_bench(protocol, other.file.name, other.file.abilities)
    raise_errors(lacking, protocol.name, other.name)


def _require_world(bench: BenchFile, run: Path) -> None:
    """Raise RunFileError when the simulated cell of an interrupted run is gone: a fresh one is not that cell."""
    if bench.kind == "simulated" and not world_path(run).exists():
        raise RunFileError(
            f"{world_path(run).name} is missing: the simulated cell of this run is gone, so it cannot continue. What "
            f"was recorded is complete: solbench recover {run.name}"
        )


def _require_simulated(request: Request) -> None:
    """Raise BadInput for a scenario of a bench whose cell is not in this process."""
    if request.scenario is not None and request.bench.kind != "simulated":
        raise BadInput(
            "a scenario is played by the simulated bench of this program alone",
            "Leave it out; a served bench takes it from solbench simulate --scenario",
            file=request.bench.source,
            field="--scenario",
        )


def _kept_scenario(bench: BenchFile, run: Path) -> "Scenario | None":
    """Return the scenario with which a run on the simulated bench began; raises BadInput."""
    path = truth_path(run)
    if bench.kind != "simulated" or not path.exists():
        return None
    from solbench.acquisition.bench.scenario import load_scenario

    return load_scenario(path)


def _kept_record(progress: Progress) -> FoundRecord | None:
    """Return the commissioning record with which a run began: it goes on with the same one, whatever its age."""
    kept = progress.commissioning
    return FoundRecord(kept.name, kept.text, parse_record(kept.text, kept.name)) if kept is not None else None


def _let_go(bench: Bench) -> None:
    """Close a bench on which nothing was switched on."""
    bench.close()
    if bench.guarding is not None:
        bench.guarding.guard.nothing_was_on()


@contextmanager
def _published(session: Session, wanted: bool) -> Iterator[Callable[[], bool]]:
    """Let others find the run and speak to it while it is running; give whether a viewer follows it."""
    if not wanted:
        yield lambda: False
        return
    reporter = StatusSource(session)
    key = session.bench.guarding.key if session.bench.guarding is not None else ""
    publication = PublishedRun.open(
        session.run,
        session.header,
        key,
        session.run_control,
        reporter.status,
        session.take_note,
        session.ask_spectrum,
        session.ask_manual,
        session.ask_change,
    )
    session.recorder.listen(publication.take, samples=False)
    try:
        yield publication.watched
    finally:
        publication.close()


def _header(request: Request, build: Build, bench: Bench) -> Header:
    protocol_text = dump_protocol(request.protocol)
    now = datetime.now().astimezone()
    return Header(
        format=FORMAT,
        run=str(uuid.uuid4()),
        started=now.isoformat(),
        unix_s=now.timestamp(),
        simulated=bench.simulated,
        clock_start_s=bench.clock.now(),
        time_base=bench.time_base,
        seed=request.seed,
        program=_program(),
        protocol=ProtocolText(
            name=request.protocol.name,
            text=protocol_text,
            sha256=hashlib.sha256(protocol_text.encode()).hexdigest(),
            settings=request.settings,
        ),
        cell=cell_text(request.record, build),
        temperature_K=request.protocol.conditions.temperature_K,
        conditions=conditions_text(request.protocol.conditions, build),
        bench=BenchText(name=request.bench.name, text=request.bench_text),
        replays=request.replays,
    )


def mounted_cell(protocol: Protocol, build: Build) -> dict[str, Any]:
    """Describe the cell as a protocol says that it is (SI), for a simulator."""
    conditions = protocol.conditions
    return build.simulated_cell(conditions.temperature_K, conditions.passed_C(build))


@cache  # what is installed is looked for in files
def _program() -> Program:
    libraries = ("pyvisa", "numpy", "h5py", "pydantic")
    return Program(
        name="solbench",
        version=_version("solbench"),
        python=sys.version.split()[0],
        libraries={name: _version(name) for name in libraries},
    )


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "unknown"
