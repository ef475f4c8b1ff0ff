"""`solbench tag`: words by which runs are found again, added to runs and removed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from solbench.acquisition.record.beside.tags import TagChange, change_tags, has_all, read_changes, read_tag
from solbench.acquisition.record.reader import outline_of
from solbench.cli import inputs
from solbench.cli.output import (
    COMPLETED,
    ENDED_OTHERWISE,
    JsonOption,
    errors_in_words,
    print_json,
    say,
)

Runs = Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run files (.h5), or their names.")]
Add = Annotated[
    list[str] | None,
    typer.Option(
        "--add",
        metavar="TAG",
        help="Add this tag to the runs; may be repeated. No comma, at most 60 characters.",
    ),
]
Remove = Annotated[
    list[str] | None, typer.Option("--remove", metavar="TAG", help="Remove this tag; may be repeated.")
]
Who = Annotated[str, typer.Option("--who", metavar="NAME", help="Who does it. Default: your user name.")]


@dataclass(frozen=True)
class TaggedRun:
    """The tags of a run, and how it got them."""

    run: str
    tags: tuple[str, ...]
    changes: tuple[TagChange, ...]


@dataclass(frozen=True)
class Tagged:
    """What `--json` prints."""

    runs: list[TaggedRun]


def command(
    runs: Runs, add: Add = None, remove: Remove = None, who: Who = "", json: JsonOption = False
) -> None:
    """Add tags to RUN..., remove some, or list them; runs in progress and old ones can have them, too.

    Tags are kept beside the run: what was recorded stays as it is. Tags that differ only in capitals are the same.
    Exit code 1 if a tag to be removed was on none of the runs.
    """
    with errors_in_words():
        for option, texts in (("--add", add), ("--remove", remove)):
            for text in texts or ():
                read_tag(text, option)  # all is looked at before anything is written
        known = {path: outline_of(path).header.run for path in map(inputs.run_path, runs)}
        had = [tag for path, run in known.items() for each in read_changes(path, run) for tag in each.added]
        found: list[TaggedRun] = []
        for path, run in known.items():
            tags = change_tags(path, run, add or (), remove or (), who)
            found.append(TaggedRun(str(path), tags, read_changes(path, run)))
        missing = [tag for tag in remove or () if not has_all(had, (read_tag(tag, "--remove"),))]
        if json:
            print_json(Tagged(found))
        else:
            for one in found:
                print(f"{Path(one.run).name}: {', '.join(one.tags) or 'no tags'}")
        for tag in missing:
            say(f"solbench: no run that was named has had the tag '{tag}'")
        raise typer.Exit(ENDED_OTHERWISE if missing else COMPLETED)
