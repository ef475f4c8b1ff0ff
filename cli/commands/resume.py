"""`solbench resume`: continue an interrupted run from its journal."""

import time
from pathlib import Path
from typing import Annotated

import typer

from solbench.acquisition.bench.bench_file import load_bench, parse_bench
from solbench.acquisition.control.registry import entries, means
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.queue.standing import ending
from solbench.acquisition.record.events import RunEnd
from solbench.acquisition.record.journal import journal_path, read_header, read_last
from solbench.acquisition.run.start import OtherBench, resume
from solbench.cli import arguments, inputs
from solbench.cli.carrying_out import awake, finish, leave_to_itself, listening
from solbench.cli.commands import verbs
from solbench.cli.noticing import noticing
from solbench.cli.output import JsonOption, errors_in_words, say
from solbench.cli.progress import told
from solbench.cli.stopping import safe_stop
from solbench.protocols.errors import BadInput


def command(
    run: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="Which run, if there is more than one.")
    ] = None,
    bench: Annotated[
        str | None,
        typer.Option(
            "--bench",
            metavar="BENCH",
            help="Another bench file, if adapter or address have changed.",
        ),
    ] = None,
    mounted: Annotated[
        str | None,
        typer.Option(
            "--mounted",
            metavar="CELL",
            help="The run's cell is mounted again: needed if another one was mounted last.",
        ),
    ] = None,
    clock_was_wrong: Annotated[
        bool,
        typer.Option(
            "--clock-was-wrong",
            help="The PC's clock was fast when the run was recorded: go on at its last record.",
        ),
    ] = False,
    speed: Annotated[float | None, typer.Option(min=1e-3, help="Pace a simulated run.")] = None,
    json: JsonOption = False,
    events: arguments.EventsOption = False,
    no_wait: verbs.NoWait = False,
    detach: Annotated[bool, typer.Option("--detach", help="Run in a separate process.")] = False,
    dialogue: arguments.DialogueOption = False,
    notify: arguments.NotifyOption = False,
) -> None:
    """Continue a paused run, or an interrupted one from its journal alone."""
    with errors_in_words():
        if run is None or any(entry.alive and means(run, entry.path, entry.run) for entry in entries()):
            if bench is not None:
                raise BadInput(
                    "a run that is running keeps its bench",
                    "Stop it first, then resume it there",
                    field="--bench",
                )
            verbs.say_verb(run, Verb.RESUME, json, 0.0 if no_wait else verbs.WAIT_S)
        path = inputs.run_path(Path(run or ""))
        header = read_header(journal_path(path))
        notices = [] if _is_final(path) else noticing(path, notify)
        if detach and not _is_final(path):
            leave_to_itself(path, json)
        if header.simulated:
            say("SIMULATION: no instrument is connected; the numbers come from the simulated bench.")
        if _is_final(path):
            say(f"nothing is left to run: {ending(path).text}; only its run file is verified")
        run_control = RunControl()
        began = time.monotonic()
        area_m2 = header.cell.required("area_m2")
        other = OtherBench(*load_bench(bench), bench) if bench is not None else None
        file = other.file if other else parse_bench(header.bench.text, f"bench in {path.name}")
        with (
            safe_stop(run_control),
            awake(path, file),
            listening(area_m2, events, notices) as listeners,
            told() as bar,
        ):
            result = resume(
                path,
                run_control,
                listeners,
                speed,
                published=True,
                other=other,
                mounted=mounted,
                told=bar,
                dialogue=dialogue,
                clock_was_wrong=clock_was_wrong,
            )
        finish(result, time.monotonic() - began, json, events)


def _is_final(run: Path) -> bool:
    """Say whether there is nothing left to run: then only the file is built, and that is waited for."""
    last = read_last(journal_path(run))
    is_over = last is not None and isinstance(last.body, RunEnd) and last.body.is_final
    return is_over and ending(run).kind != "damaged"
