"""`solbench runs`: list the runs that have an engine process, and those of a folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from solbench.acquisition.control.duties import Duty, left_on
from solbench.acquisition.control.registry import SHORTEST_ID, Entry, entries
from solbench.acquisition.record.beside.tags import has_all, read_tag, tags_of
from solbench.analysis.listing.columns import COLUMNS, read_columns
from solbench.cli.output import JsonOption, errors_in_words, print_json, say


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


def command(
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


def _described(entry: Entry) -> ListedRun:
    known = (entry.run, entry.path, entry.pid, entry.protocol, entry.cell, entry.bench, entry.started)
    tags = tags_of(Path(entry.path), entry.run)
    if not entry.alive:
        return ListedRun(*known, state="dead", tags=tags)
    from solbench.acquisition.control.client import Client, NoEngine  # takes a moment to load

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
