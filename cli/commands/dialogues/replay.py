"""`solbench replay`: carry the run of a recorded dialogue out again; the instruments are the file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.run.replay import recorded, replay
from solbench.acquisition.run.start import require_free
from solbench.cli import arguments, inputs
from solbench.cli.carrying_out import listening
from solbench.cli.output import COMPLETED, ENDED_OTHERWISE, JsonOption, errors_in_words, print_json, say
from solbench.cli.progress import told
from solbench.cli.stopping import safe_stop


@dataclass(frozen=True)
class Shown:
    """What `replay --json` prints.

    `run`: the new run file; `outcome` of it; `is_same`: whether the program did nothing else than was recorded;
    `over`: why the dialogue ended before the run, or where the program did something else; `lines`: that were played.
    """

    run: str
    outcome: str
    is_same: bool
    over: str
    lines: int


def command(
    dialogue: Annotated[
        Path, typer.Argument(metavar="DIALOGUE", help="What --dialogue recorded beside a run (.dialogue).")
    ],
    output: arguments.RunFileOption = None,
    speed: Annotated[
        float | None, typer.Option(min=1e-3, help="Pace it: N experiment seconds per second.")
    ] = None,
    json: JsonOption = False,
    events: arguments.EventsOption = False,
) -> None:
    """Replay DIALOGUE through drivers, engine and window; no instrument is opened, nothing is sent."""
    with errors_in_words():
        _, protocol, record = recorded(dialogue)
        path = inputs.output_path(output, protocol, record)
        require_free(path)
        say(f"REPLAY: no instrument is connected; what {dialogue.name} recorded is said again.")
        run_control = RunControl()
        area_m2 = record.build(protocol.build).area_m2
        with (
            safe_stop(run_control),
            listening(area_m2, events) as listeners,
            told("building the run file") as bar,
        ):
            found = replay(dialogue, path, run_control, listeners, speed=speed, published=True, told=bar)
        result = found.result
        if json:
            print_json(Shown(str(result.run), result.outcome, found.is_same, found.over, found.lines))
        elif not found.over:
            print(f"the same as recorded, in all {found.lines} lines; {result.outcome}: {result.run}")
        if found.over:
            say(f"solbench: {found.over}.")
            say(f"solbench: the run up to there is in {result.run}")
        raise typer.Exit(ENDED_OTHERWISE if found.over else COMPLETED)
