"""`solbench make-safe`: the cell off, with, without and against engine and guardian."""

import contextlib
import os
import time
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any, NoReturn

import typer

from solbench.acquisition.bench.bench import describe, required_addresses
from solbench.acquisition.bench.bench_file import load_bench
from solbench.acquisition.bench.guarded import bench_key
from solbench.acquisition.bench.guardian_client import leave_guardian
from solbench.acquisition.bench.making_safe import LockLost, SafetyAction, keep_trying, make_safe, take_lock
from solbench.acquisition.control.client import Client, NoEngine, wait_until_gone
from solbench.acquisition.control.duties import Duty, duties, left_on, read_duty, taken_up
from solbench.acquisition.control.registry import Entry, entries
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.errors import Fault
from solbench.acquisition.host.platform import FileLock, kill
from solbench.acquisition.record.journal import run_file
from solbench.cli import inputs
from solbench.cli.output import COMPLETED, ENDED_OTHERWISE, errors_in_words, print_json, say
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
    bench: inputs.BenchOption = None,
    json: inputs.JsonOption = False,
    patience_s: Annotated[
        float, typer.Option("--patience", help="Seconds an engine is given to stop before it is killed.")
    ] = 5.0,
    pressed: Annotated[
        bool,
        typer.Option(
            "--pressed", help="STANDBY was pressed at the instrument: look whether the cell is off."
        ),
    ] = False,
    unfinished: Annotated[
        bool,
        typer.Option("--unfinished", help="Every cell whose program and guardian have gone, on any bench."),
    ] = False,
) -> None:
    """Switch the cell of a bench off and verify it. A running engine is stopped first, by force if it must be.

    Without RUN and --bench: the bench that is in use or whose cell is not verified off; else your bench file's.
    """
    with errors_in_words():
        pressed_s = time.time() if pressed else None
        if unfinished:
            _make_safe_all([duty for duty in left_on() if not duty.guardian.alive], json)
        in_process = [entry for entry in entries() if entry.alive and not entry.bench_key]
        named = [entry for entry in in_process if run is not None and entry.path == _path(run)]
        if named:
            _leave_simulated(named, patience_s)
        duty = None if bench is not None else _duty(run)
        if duty is not None:
            say(f"making {duty.bench} safe, with the cell of {duty.run}")
            deed = _make_safe(duty.bench_key, duty.description, patience_s, pressed_s)
        else:
            bench_file, _ = load_bench(bench)
            if bench_file.kind == "simulated":
                on_it = [entry for entry in in_process if entry.bench == bench_file.name]
                _leave_simulated(on_it, patience_s)
            description = asdict(describe(bench_file, required_addresses(bench_file)))
            deed = _make_safe(bench_key(bench_file), description, patience_s, pressed_s)
        if json:
            print_json(deed)
        else:
            print(deed.text)
        raise typer.Exit(COMPLETED if deed.verified else ENDED_OTHERWISE)


def _duty(run: str | None) -> Duty | None:
    """Return the duty at the cell of a run, or the only one there is; None where there is none. Raises BadInput."""
    found = duties()
    if run is not None:
        found = [duty for duty in found if duty.run == _path(run)]
        if not found:
            raise BadInput(
                f"no cell of the run '{run}' is on as far as is known",
                "solbench runs lists what is; name the bench with --bench",
                field="RUN",
            )
    if len(found) > 1:
        listed = "; ".join(f"{duty.run} on {duty.bench}" for duty in found)
        raise BadInput("more than one bench is in use", f"Say which run is meant: {listed}", field="RUN")
    return found[0] if found else None


def _path(run: str) -> str:
    return str(run_file(run))


def _leave_simulated(engines: list[Entry], patience_s: float) -> NoReturn:
    """End engines that have their bench in their own process, and leave."""
    for entry in engines:
        _end_engine(entry, patience_s)
    say("the simulated bench lives in its engine's process; no cell is on without one")
    raise typer.Exit(COMPLETED)


def _make_safe_all(found: list[Duty], json: bool) -> NoReturn:
    """Make the bench of each duty safe and leave."""
    deeds = [_make_safe(duty.bench_key, duty.description, 0.0, None) for duty in found]
    if json:
        print_json(Made(deeds))
    else:
        for duty, deed in zip(found, deeds, strict=True):
            print(f"{duty.run} on {duty.bench}: {deed.text}")
        if not deeds:
            print("no cell was left on")
    raise typer.Exit(COMPLETED if all(deed.verified for deed in deeds) else ENDED_OTHERWISE)


def _make_safe(
    key: str, description: dict[str, Any], patience_s: float, pressed_s: float | None
) -> SafetyAction:
    """End the engine on a bench, take the bench over from its guardian, and make it safe; raises Fault."""
    for entry in entries():
        if entry.bench_key == key and entry.alive:
            _end_engine(entry, patience_s)
    duty = read_duty(key)
    if duty is not None and duty.watched:
        kill(duty.engine.pid)  # an engine that cannot be spoken to
    lock = take_lock(key)
    if lock is None:
        raise Fault("another program is making this bench safe; look at what it says, then try again")
    try:
        return _with_lock(key, lock, description, pressed_s)
    except LockLost as lost:
        raise Fault(f"the bench is not verified off by this command: {lost}") from lost
    finally:
        lock.release()


def _with_lock(
    key: str, lock: FileLock, description: dict[str, Any], pressed_s: float | None
) -> SafetyAction:
    left = read_duty(key)
    if left is None:
        return make_safe(description, ASKED_FOR, TRIES_S)
    duty = taken_up(left, os.getpid(), ASKED_FOR)
    duty = replace(duty, description=description, pressed=pressed_s or duty.pressed)
    duty, deed = keep_trying(duty, lock, TRIES_S)
    if deed is not None:
        return deed
    lock.release()
    leave_guardian(duty)  # it goes on where this command ends
    now = read_duty(key) or duty
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
