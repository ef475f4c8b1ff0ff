"""`solbench summary`: the results of a run file."""

from pathlib import Path
from typing import Annotated

import typer

from solbench.acquisition.record.beside.paths import run_file
from solbench.acquisition.record.beside.tags import tags_of
from solbench.cli.arguments import RunArgument
from solbench.cli.kept_summary import KeptSummary, in_words, keep, kept, place_of
from solbench.cli.output import COMPLETED, ENDED_OTHERWISE, JsonOption, errors_in_words, say


def command(
    run: RunArgument,
    json: JsonOption = False,
    all_of_it: Annotated[
        bool, typer.Option("--all", help="Show every step and cycle of a long run.")
    ] = False,
    as_recorded: Annotated[
        bool,
        typer.Option(
            "--as-recorded", help="Leave the corrections out: show what follows from what was first recorded."
        ),
    ] = False,
) -> None:
    """Show how RUN ended and what it found; exit code 1 if a conclusion is withheld, or its journal is damaged."""
    with errors_in_words():
        path = run_file(run)
        place = None if as_recorded else place_of(path)
        found = kept(place) or _worked_out(run, path, place, as_recorded=as_recorded)
        found = found.with_tags(tags_of(path, found.run_id))
        if found.simulated:
            say("SIMULATION: this run was made on the simulated bench.")
        print(found.json if json else found.whole if all_of_it else found.short, flush=True)
        raise typer.Exit(ENDED_OTHERWISE if found.is_withheld else COMPLETED)


def _worked_out(named: Path, path: Path, place: Path | None, *, as_recorded: bool) -> KeptSummary:
    """Return the summary of a run as it was `named`, and keep it where it is final; raises what reading it raises."""
    from solbench.acquisition.record.reader import open_run  # takes a moment to load, as what follows does
    from solbench.analysis.summary import summarise
    from solbench.cli.inputs import run_path
    from solbench.cli.progress import told

    with told() as bar:
        run = open_run(run_path(named), bar)
    words = in_words(summarise(run.as_recorded() if as_recorded else run), run.header.run)
    if run.end is not None:
        keep(place, path, words)
    return words
