"""`solbench pause | confirm | skip | stop | runs | attach`: speak to runs that have an engine process."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from solbench.acquisition.control.client import Client, NoEngine, wait_until_gone
from solbench.acquisition.control.messages import EventNews, Outcome, Reply, Status
from solbench.acquisition.control.registry import Entry, find
from solbench.acquisition.control.verbs import State, Verb
from solbench.acquisition.queue.standing import ending
from solbench.acquisition.record.events import RunEnd
from solbench.acquisition.record.journal import journal_path, read_last
from solbench.cli.output import COMPLETED, ENDED_OTHERWISE, JsonOption, errors_in_words, print_json, say
from solbench.cli.progress import clock_text

WAIT_S = 30.0  # for what becomes of a request: switching off and verifying takes seconds

RunName = Annotated[str | None, typer.Argument(metavar="[RUN]", help="Which run, if there is more than one.")]

WaitOption = Annotated[
    float, typer.Option("--wait", min=0.0, metavar="S", help="Wait so many seconds for the outcome.")
]
NoWait = Annotated[
    bool,
    typer.Option("--no-wait", help="Only say whether the request is accepted."),
]


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
    """Confirm what a run is waiting for (a step `prompt`), so that it goes on."""
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


def _show(message: Status | EventNews, json: bool) -> None:
    if json:
        print_json(message)
    elif isinstance(message, Status):
        voltage = f"{message.voltage_V:.4f} V" if message.voltage_V is not None else "no reading"
        current = f"{message.current_A * 1e6:.2f} uA" if message.current_A is not None else ""
        switched = "cell on " if message.connected else "cell off"
        place = f"{clock_text(message.time_s)}  {message.state:<8} {message.step:<12}"
        say(f"{place} {switched} {voltage} {current}")
