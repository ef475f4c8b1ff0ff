"""`solbench make-safe`: the cell off, with, without and against engine and guardian."""

import contextlib
import os
import time
from dataclasses import asdict, dataclass, replace
from typing import Annotated, NoReturn

import typer

from solbench.acquisition.bench.bench import describe, required_addresses
from solbench.acquisition.bench.bench_file import load_bench
from solbench.acquisition.bench.bench_lock import BenchLock, BenchTaken, Holder, holders, this_holder
from solbench.acquisition.bench.connect import Description
from solbench.acquisition.bench.guarded import bench_key
from solbench.acquisition.bench.guardian_client import leave_guardian
from solbench.acquisition.bench.making_safe import (
    LockLost,
    SafetyAction,
    duties_at,
    keep_trying,
    make_safe,
    take_lock,
)
from solbench.acquisition.control.bench_history import BenchHistory
from solbench.acquisition.control.client import Client, NoEngine, wait_until_gone
from solbench.acquisition.control.duties import Duty, duties, left_on, read_duty, taken_up
from solbench.acquisition.control.registry import Entry, entries, means
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.errors import Fault
from solbench.acquisition.host.platform import kill
from solbench.cli.output import COMPLETED, ENDED_OTHERWISE, JsonOption, errors_in_words, print_json, say
from solbench.protocols.errors import BadInput

TRIES_S = 5.0
ASKED_FOR = "make-safe was requested"


@dataclass(frozen=True)
class Made:
    """What `make-safe --unfinished --json` prints: what was done at each bench."""

    actions: list[SafetyAction]


def command(
    run: Annotated[
        str | None,
        typer.Argument(metavar="[RUN]", help="The run whose cell it is, if there is more than one."),
    ] = None,
    bench: Annotated[
        str | None,
        typer.Option(
            "--bench",
            metavar="BENCH",
            help="The bench whose cell it is: a bench file, or 'simulated'. Default, where no bench is in use: "
            "your bench file, else the simulated bench.",
        ),
    ] = None,
    json: JsonOption = False,
    patience_s: Annotated[
        float, typer.Option("--patience", help="Seconds an engine is given to stop before it is killed.")
    ] = 5.0,
    pressed: Annotated[
        bool,
        typer.Option(
            "--pressed",
            help="The cell was switched off at the instrument (on a 1287 by STANDBY): read whether it is off.",
        ),
    ] = False,
    unfinished: Annotated[
        bool,
        typer.Option("--unfinished", help="Every cell whose program and guardian have died, on any bench."),
    ] = False,
) -> None:
    """Switch the cell of a bench off and verify it. A running engine is stopped first, by force if it must be.

    Without RUN and --bench: the bench that is in use or whose cell is not verified off; else the default of --bench.
    """
    with errors_in_words():
        pressed_s = time.time() if pressed else None
        if unfinished:
            _make_safe_all([duty for duty in left_on() if not duty.guardian.alive], json)
        in_process = [entry for entry in entries() if entry.alive and not entry.bench_key]
        named = [entry for entry in in_process if run is not None and means(run, entry.path, entry.run)]
        if named:
            _leave_simulated(named, patience_s)
        duty = None if bench is not None else _duty(run)
        if duty is not None:
            say(f"making {duty.bench} safe, with the cell of {duty.run}")
            target = Target.of(duty)
        else:
            bench_file, _ = load_bench(bench)
            if bench_file.kind == "simulated":
                on_it = [entry for entry in in_process if entry.bench == bench_file.name]
                _leave_simulated(on_it, patience_s)
            target = Target(
                bench_key(bench_file), bench_file.name, describe(bench_file, required_addresses(bench_file))
            )
        deed = _make_safe(target, patience_s, pressed_s)
        if json:
            print_json(deed)
        else:
            print(deed.text)
        raise typer.Exit(COMPLETED if deed.verified else ENDED_OTHERWISE)


@dataclass(frozen=True)
class Target:
    """The bench that is to be made safe."""

    key: str
    bench: str
    description: Description
    run: str = ""

    @classmethod
    def of(cls, duty: Duty) -> "Target":
        """Return the bench of a duty."""
        return cls(duty.bench_key, duty.bench, Description(**duty.description), duty.run)


def _duty(run: str | None) -> Duty | None:
    """Return the duty at the cell of a run, or the only one there is; None where no bench is in use.

    Raises BadInput where there are several, Fault where the bench in use is another user's.
    """
    found = duties()
    if run is not None:
        ids = {entry.path: entry.run for entry in entries()}
        found = [duty for duty in found if means(run, duty.run, ids.get(duty.run, ""))]
        if not found:
            raise BadInput(
                f"no cell of the run '{run}' is on as far as is known",
                "solbench runs lists what is; name the bench with --bench",
                field="RUN",
            )
    known = {duty.bench_key for duty in found}
    foreign = [] if run is not None else [one for one in holders() if _is_foreign(one, known)]
    if len(found) + len(foreign) > 1:
        listed = [f"{duty.run} on {duty.bench}" for duty in found]
        listed += [f"{one.bench}, in use by {one.as_words()}" for one in foreign]
        raise BadInput(
            "more than one bench is in use", f"Say which run is meant: {'; '.join(listed)}", field="RUN"
        )
    if foreign:
        raise Fault(
            f"{foreign[0].bench} is in use by {foreign[0].as_words()}, whom no command of yours can stop: ask them to, "
            "or switch it off at the instrument. Another bench is named with --bench. Nothing was switched or verified"
        )
    return found[0] if found else None


def _is_foreign(holder: Holder, known: set[str]) -> bool:
    """Say whether a run drives a bench of which this user's duties know nothing."""
    return holder.deed == "run" and holder.bench_key not in known


def _leave_simulated(engines: list[Entry], patience_s: float) -> NoReturn:
    """End engines that have their bench in their own process, and leave."""
    if not engines:
        raise BadInput(
            "no bench is in use, and none is named: nothing was switched or verified",
            "Name the bench file",
            field="--bench",
        )
    for entry in engines:
        _end_engine(entry, patience_s)
    if any(entry.alive for entry in engines):
        raise Fault("the engine could not be ended, and its simulated bench lives in its process")
    say("the simulated bench lived in its engine's process, which has ended; no cell is on without one")
    raise typer.Exit(COMPLETED)


def _make_safe_all(found: list[Duty], json: bool) -> NoReturn:
    """Make the bench of each duty safe and leave."""
    deeds = [_make_safe(Target.of(duty), 0.0, None) for duty in found]
    if json:
        print_json(Made(deeds))
    else:
        for duty, deed in zip(found, deeds, strict=True):
            print(f"{duty.run} on {duty.bench}: {deed.text}")
        if not deeds:
            print("no cell was left on")
    raise typer.Exit(COMPLETED if all(deed.verified for deed in deeds) else ENDED_OTHERWISE)


def _make_safe(target: Target, patience_s: float, pressed_s: float | None) -> SafetyAction:
    """End the engine on a bench, take the bench over from its guardian, and make it safe; raises Fault."""
    here = duties_at(target.description)
    keys = {target.key, *(duty.bench_key for duty in here)}
    for entry in entries():
        if entry.bench_key in keys and entry.alive:
            _end_engine(entry, patience_s)
    for duty in duties_at(target.description):
        if duty.watched:
            kill(duty.engine.pid)  # an engine that cannot be spoken to
    try:
        lock = take_lock(target.description, this_holder(target.key, target.bench, "make_safe", target.run))
    except BenchTaken as taken:
        raise Fault(
            f"{taken}, which this command cannot end; switch the cell off at the instrument if it must be off now"
        ) from taken
    try:
        return _with_lock(target, lock, pressed_s)
    except LockLost as lost:
        raise Fault(f"the bench is not verified off by this command: {lost}") from lost
    finally:
        lock.release()


def _with_lock(target: Target, lock: BenchLock, pressed_s: float | None) -> SafetyAction:
    """Switch off whatever is known to be on at the bench, as it is described now."""
    description = asdict(target.description)
    deed = None
    for left in duties_at(target.description):
        now = description if left.bench_key == target.key else left.description
        duty = replace(
            taken_up(left, os.getpid(), ASKED_FOR), description=now, pressed=pressed_s or left.pressed
        )
        duty, deed = keep_trying(duty, lock, TRIES_S)
        if deed is None:
            lock.release()
            return _left_to_guardian(duty)
    if deed is None:
        deed = make_safe(description, ASKED_FOR, TRIES_S)
        BenchHistory(target.key).made_safe("", deed.off_unix_s, ASKED_FOR, deed.off_host_s)
    return deed


def _left_to_guardian(duty: Duty) -> SafetyAction:
    """Leave a duty to a guardian, which goes on where this command ends; the lock must be free."""
    leave_guardian(duty)
    now = read_duty(duty.bench_key) or duty
    return SafetyAction(
        ASKED_FOR,
        off_host_s=None,
        verified=False,
        text=now.as_words(),
        tries=now.tries,
        pressed=now.pressed is not None,
    )


def _end_engine(entry: Entry, patience_s: float) -> None:
    say(f"stopping the engine of {entry.path} (process {entry.pid})")
    with contextlib.suppress(NoEngine), Client(entry, timeout_s=2.0) as client:
        client.verb(Verb.STOP, "make-safe")
    if not wait_until_gone(entry, patience_s):
        say("it does not stop: killing it; its guardian switches the cell off, too")
        kill(entry.pid)
        wait_until_gone(entry, 2.0)
