"""`solbench summary`: the results of a run file."""

from typing import Annotated

import typer

from solbench.acquisition.record.reader import open_run
from solbench.cli import inputs
from solbench.cli.output import COMPLETED, ENDED_OTHERWISE, JsonOption, errors_in_words, print_json, say
from solbench.cli.progress import told


def command(
    run: inputs.RunArgument,
    json: JsonOption = False,
    all_of_it: Annotated[
        bool, typer.Option("--all", help="Show every step and cycle of a long run.")
    ] = False,
    as_recorded: Annotated[
        bool,
        typer.Option(
            "--as-recorded", help="Leave the corrections out: what follows from what was typed first."
        ),
    ] = False,
) -> None:
    """Show how RUN ended and what it found; exit code 1 if a conclusion is withheld."""
    from solbench.analysis.summary import summarise
    from solbench.analysis.summary_text import as_text

    with errors_in_words():
        with told() as bar:
            found = open_run(inputs.run_path(run), bar)
        if as_recorded:
            found = found.as_recorded()
        if found.simulated:
            say("SIMULATION: this run was made on the simulated bench.")
        summary = summarise(found)
        if json:
            print_json(summary)
        else:
            print(as_text(summary, all_of_it))
        raise typer.Exit(ENDED_OTHERWISE if summary.withheld else COMPLETED)
