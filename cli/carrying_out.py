"""What the commands that carry out a run share: who listens to it, how it is told how it ended, and with which code."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import typer

from solbench.acquisition.bench.bench_file import BenchFile
from solbench.acquisition.errors import AcquisitionError
from solbench.acquisition.host.keep_awake import kept_awake
from solbench.acquisition.host.platform import as_typed
from solbench.acquisition.record.recorder import Listener
from solbench.acquisition.run.pack import pack_behind
from solbench.acquisition.run.start import Result
from solbench.cli.detach import EndedAlready, start_detached
from solbench.cli.event_lines import EventLines
from solbench.cli.output import COMPLETED, ENDED_OTHERWISE, print_json, say
from solbench.cli.progress import Progress


@dataclass(frozen=True)
class Detached:
    """What `--detach --json` prints; no process where the run has ended already."""

    run: str
    id: str | None
    pid: int | None
    log: str


def leave_to_itself(path: Path, json: bool) -> None:
    """Start the same command in a process of its own and say how to reach it."""
    arguments = [argument for argument in sys.argv[1:] if argument not in ("--detach", "--json")]
    named = any(argument in ("-o", "--output") or argument.startswith("--output=") for argument in arguments)
    if arguments[0] in ("run", "manual") and not named:
        arguments += ["-o", str(path)]
    log = str(path.with_suffix(".log"))
    try:
        entry = start_detached(arguments, path)
    except EndedAlready as ended:
        if json:
            print_json(Detached(str(path), None, None, log))
        say(f"solbench: {ended}")
        raise typer.Exit(ended.code) from None
    if json:
        print_json(Detached(str(path), entry.run, entry.pid, log))
    else:
        print(f"{path} runs in process {entry.pid}; solbench attach, pause, stop reach it")
    raise typer.Exit(COMPLETED)


@contextmanager
def awake(run: Path, bench: BenchFile) -> Iterator[None]:
    """Keep the PC from going to sleep during a run; where nothing can, tell the user of a real cell."""
    with kept_awake(f"the run {run.name} is running") as way:
        if not way.works and not bench.is_simulated:
            say(f"solbench: {way.text}")
        yield


@contextmanager
def listening(area_m2: float, events: bool, more: Sequence[Listener] = ()) -> Iterator[list[Listener]]:
    """Give who listens to the events of a run: progress for people, and lines on stdout where requested."""
    if not events:
        yield [Progress(area_m2), *more]
        return
    lines = EventLines()
    try:
        yield [Progress(area_m2), lines, *more]
    finally:
        lines.close()


def shown_path(path: Path) -> str:
    """Return a path as it is typed from the present folder."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def finish(result: Result, wall_s: float, json: bool, events: bool) -> None:
    """Print the result of a run and leave with its exit code."""
    leave(result, show(result, wall_s, json, events))


def show(result: Result, wall_s: float, json: bool, events: bool = False) -> bool:
    """Print the result of a run (with `events`, stdout stays lines of JSON); return whether no conclusion is withheld.

    Raises typer.Exit where its file cannot be read.
    """
    from solbench.acquisition.record.reader import open_run
    from solbench.analysis.summary import earlier_sessions_s, summarise
    from solbench.analysis.summary_text import as_text
    from solbench.analysis.withheld import words as withheld_words
    from solbench.cli.kept_summary import in_words, keep, place_of

    for alarm in result.alarms:
        say(f"solbench: {alarm}")
    place = place_of(result.run)
    try:
        found = open_run(result.run)
        summary = summarise(found)
        if found.end is not None:
            keep(place, result.run, in_words(summary, found.header.run))
        summary = replace(summary, wall_s=round(earlier_sessions_s(found) + wall_s, 3))
    except (AcquisitionError, OSError) as error:
        say(f"solbench: {result.outcome}: {result.reason}; the run file cannot be read ({error})")
        raise typer.Exit(ENDED_OTHERWISE) from None
    if json:
        print_json(summary)
    elif events:
        say(as_text(summary, whole=False))
    else:
        print(as_text(summary, whole=False), flush=True)
    if not result.completed:
        say(f"solbench: not completed: {result.reason}")
        say(f"solbench: the data are in {result.run}")
    if result.outcome in ("interrupted", "fault"):
        say(f"solbench: to continue where it ended: solbench resume {as_typed(shown_path(result.run))}")
    for why in summary.withheld:
        say(f"solbench: {withheld_words(why)}")
    return not (summary.withheld or summary.damage)


def leave(result: Result, told: bool) -> NoReturn:
    """Pack the journal of a completed run, and leave with its exit code; `told`: it withholds no conclusion."""
    if result.completed and not (result.file_unfinished or result.file_poisoned):
        pack_behind(result.run)
    whole = result.completed and not result.file_unfinished and told
    code = COMPLETED if whole else ENDED_OTHERWISE
    if (
        result.file_poisoned
    ):  # closing an HDF5 file that failed can take the interpreter down: leave without it
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    raise typer.Exit(code)
