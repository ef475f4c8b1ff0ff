"""`solbench pause | confirm | skip | stop | runs | attach`: speak to runs that have an engine process."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from solbench.acquisition.control.client import Client, NoEngine, wait_until_gone
from solbench.acquisition.control.duties import Duty, left_on
from solbench.acquisition.control.messages import EventNews, Outcome, Reply, Status
from solbench.acquisition.control.registry import SHORTEST_ID, Entry, entries, find
from solbench.acquisition.control.verbs import State, Verb
from solbench.acquisition.queue.standing import ending
from solbench.acquisition.record.beside.tags import has_all, read_tag, tags_of
from solbench.acquisition.record.events import RunEnd
from solbench.acquisition.record.journal import journal_path, read_last
from solbench.analysis.listing.columns import COLUMNS, read_columns
from solbench.cli.output import COMPLETED, ENDED_OTHERWISE, JsonOption, errors_in_words, print_json, say
from solbench.cli.progress import clock_text

WAIT_S = 30.0  # for what becomes of a request: switching off and verifying takes seconds

RunName = Annotated[str | None, typer.Argument(metavar="[RUN]", help="Which run, if there is more than one.")]

WaitOption = Annotated[
    float, typer.Option("--wait", min=0.0, metavar="S", help="Wait so many seconds for what becomes of it.")
]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Only say whether it is accepted.")]


@dataclass(frozen=True)
class ListedRun:
    """A run that has an engine process, or whose engine died ("dead") or does not answer ("silent")."""

    run: str
    path: str
    pid: int
    protocol: str
    cell: str
    bench: str
    started: str
    state: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class LiveRun(ListedRun):
    """A run whose engine answers, with its status: experiment time in s."""

    samples: int
    time_s: float
    step: str
    alarms: list[str]


@dataclass(frozen=True)
class LeftOn:
    """A cell that is not verified off and that no program drives: what its guardian has tried, and what to do.

    `since`: ISO 8601; `pressed`: whether a person said that it was switched off by hand.
    """

    run: str
    bench: str
    guardian_pid: int
    guardian_alive: bool
    since: str
    tries: int
    problem: str
    by_hand: str
    pressed: bool
    text: str


@dataclass(frozen=True)
class Runs:
    """What `runs --json` prints; `files`: the runs of the folder, where one is listed."""

    runs: list[ListedRun]
    guardians: list[LeftOn]
    files: list[dict[str, object]]


@dataclass(frozen=True)
class Answered:
    """What `--json` prints of an answer to a verb; `run` is the run file.

    `outcome`: what became of what was accepted, null where nobody waited for it or nothing was to follow; `done`
    whether it has been done, null where that is not known.
    """

    run: str
    accepted: bool
    text: str
    state: str
    outcome: str | None = None
    done: bool | None = None


def pause(
    run: RunName = None, json: JsonOption = False, wait_s: WaitOption = WAIT_S, no_wait: NoWait = False
) -> None:
    """Pause a run: the cell is switched off until it is resumed."""
    say_verb(run, Verb.PAUSE, json, 0.0 if no_wait else wait_s)


def confirm(
    run: RunName = None, json: JsonOption = False, wait_s: WaitOption = WAIT_S, no_wait: NoWait = False
) -> None:
    """Confirm what a run waits for (a step `prompt`): it goes on."""
    say_verb(run, Verb.RESUME, json, 0.0 if no_wait else wait_s)


def skip(
    run: RunName = None, json: JsonOption = False, wait_s: WaitOption = WAIT_S, no_wait: NoWait = False
) -> None:
    """Leave the present step of a run and continue with the next one."""
    say_verb(run, Verb.SKIP, json, 0.0 if no_wait else wait_s)


def stop(
    run: RunName = None,
    json: JsonOption = False,
    wait_s: Annotated[
        float, typer.Option("--wait", help="Wait so many seconds for the engine to end.")
    ] = 30.0,
) -> None:
    """End a run safely now: the cell off, the file finished."""
    with errors_in_words():
        entry = find(run)
        accepted = ask(entry, lambda client: client.verb(Verb.STOP), json, wait_s)
        if not wait_until_gone(entry, wait_s):
            say(
                f"solbench: the engine (process {entry.pid}) has not ended yet; solbench make-safe works without it"
            )
            accepted = False
        raise typer.Exit(COMPLETED if accepted else ENDED_OTHERWISE)


def runs(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[FOLDER]", help="List the runs of this folder, finished ones too."),
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option(
            "--tag", metavar="TAG", help="Only runs with this tag; may be repeated: with all of them."
        ),
    ] = None,
    columns: Annotated[
        str | None, typer.Option("--columns", metavar="NAME,...", help=f"Of the list: {', '.join(COLUMNS)}.")
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print the list as a table for spreadsheets.")] = False,
    json: JsonOption = False,
) -> None:
    """List the runs that have an engine process, those whose engine died, and cells that are not verified off.

    With FOLDER, --tag, --columns or --csv: the runs of a folder (the present one), the newest first.
    """
    with errors_in_words():
        wanted = [read_tag(one, "--tag") for one in tag or ()]
        found = [one for one in map(_described, entries()) if not wanted or has_all(one.tags, wanted)]
        not_off = [_left_on(duty) for duty in left_on()]
        listing = None
        if folder is not None or wanted or columns is not None or csv:
            from solbench.cli.listing import Listing

            listing = Listing(
                (folder or Path()).absolute(), wanted, read_columns(columns) if columns is not None else ()
            )
        if json:
            print_json(Runs(found, not_off, listing.rows() if listing is not None else []))
            return
        if listing is not None:
            for cell in not_off:
                say(f"NOT OFF   {cell.text}")
            if listing.lines or csv:
                print(listing.as_csv() if csv else listing.as_text())
            else:
                print("no runs")
            return
        for cell in not_off:
            print(f"NOT OFF   {cell.text}")
        for item in found:
            about = f"{item.protocol} on {item.cell}  {item.path}  bench {item.bench}"
            about += f"  [{', '.join(item.tags)}]" if item.tags else ""
            print(f"{item.state:<9} {about}  id {item.run[:SHORTEST_ID]}  process {item.pid}")
        if not found and not not_off:
            print("no runs")


def attach(run: RunName = None, json: JsonOption = False) -> None:
    """Follow a run until it ends; Ctrl-C only detaches."""
    with errors_in_words():
        entry = find(run)
        say(f"attached to {entry.path}; Ctrl-C detaches, the run continues")
        try:
            with Client(entry) as client:
                for message in client.news():
                    _show(message, json)
        except KeyboardInterrupt:
            say("detached; the run continues")


def say_verb(run: str | None, verb: Verb, json: bool, wait_s: float) -> None:
    """Say a verb to a live run, wait so long for what becomes of it (s), and leave with that."""
    with errors_in_words():
        done = ask(find(run), lambda client: client.verb(verb), json, wait_s)
        raise typer.Exit(COMPLETED if done else ENDED_OTHERWISE)


def ask(entry: Entry, request: Callable[[Client], Reply], json: bool, wait_s: float) -> bool:
    """Make a request of a run and print the answer and what becomes of it within `wait_s` (s, 0: do not wait).

    Returns whether it was done, or accepted where nobody waits.
    """
    with Client(entry) as client:
        reply = request(client)
        if not reply.accepted or not reply.request or not wait_s:
            _show_answer(entry, reply, None, json)
            return reply.accepted
        if not json:
            print(f"{entry.path}: {reply.text}", flush=True)
        outcome = _awaited(client, entry, reply, wait_s)
    _show_answer(entry, reply, outcome, json)
    return outcome.done


def _awaited(client: Client, entry: Entry, reply: Reply, wait_s: float) -> Outcome:
    """Wait for what becomes of a request; of a run that has ended its journal tells."""
    try:
        outcome = client.outcome(reply, wait_s)
        if outcome is None:
            now = client.status()
            search = f"; the instruments have been looked for since {now.searching_since}"
            why = search if now.searching_since else ""
            text = f"accepted, but not done within {wait_s:g} s{why}"
            return Outcome(request=reply.request, done=False, text=text)
    except NoEngine:
        return _ended(entry, reply)
    return outcome


def _ended(entry: Entry, reply: Reply) -> Outcome:
    """Say what became of a request whose run has ended meanwhile, by the journal."""
    path = Path(entry.path)
    last = read_last(journal_path(path))
    verified = last is not None and isinstance(last.body, RunEnd) and last.body.verified_safe
    off = "the cell is verified off" if verified else "it is not known whether the cell is off"
    asked_to_end = reply.state in (State.STOPPING, State.ENDED)
    said = f"{off}, the run has ended" if asked_to_end else f"not done: the run ended before; {off}"
    text = f"{said} ({ending(path).text})"
    return Outcome(request=reply.request, done=asked_to_end and verified, text=text)


def _show_answer(entry: Entry, reply: Reply, outcome: Outcome | None, json: bool) -> None:
    """Print what the engine of a run answered, or what became of that."""
    if json:
        told = (outcome.text, outcome.done) if outcome is not None else (None, None)
        print_json(Answered(entry.path, reply.accepted, reply.text, reply.state, *told))
    else:
        print(f"{entry.path}: {outcome.text if outcome is not None else reply.text}")


def _described(entry: Entry) -> ListedRun:
    known = (entry.run, entry.path, entry.pid, entry.protocol, entry.cell, entry.bench, entry.started)
    tags = tags_of(Path(entry.path), entry.run)
    if not entry.alive:
        return ListedRun(*known, state="dead", tags=tags)
    try:
        with Client(entry, timeout_s=2.0) as client:
            now = client.status()
    except NoEngine:
        return ListedRun(*known, state="silent", tags=tags)
    return LiveRun(
        *known, now.state, tags, samples=now.samples, time_s=now.time_s, step=now.step, alarms=now.alarms
    )


def _left_on(duty: Duty) -> LeftOn:
    return LeftOn(
        duty.run,
        duty.bench,
        duty.guardian.pid,
        duty.guardian.alive,
        duty.since,
        duty.tries,
        duty.problem,
        duty.by_hand,
        duty.pressed is not None,
        duty.as_words(),
    )


def _show(message: Status | EventNews, json: bool) -> None:
    if json:
        print_json(message)
    elif isinstance(message, Status):
        voltage = f"{message.voltage_V:.4f} V" if message.voltage_V is not None else "no reading"
        current = f"{message.current_A * 1e6:.2f} uA" if message.current_A is not None else ""
        switched = "cell on " if message.connected else "cell off"
        place = f"{clock_text(message.time_s)}  {message.state:<8} {message.step:<12}"
        say(f"{place} {switched} {voltage} {current}")
